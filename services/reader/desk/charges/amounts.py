"""Yuan as people type it."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from shared.i18n import N_
from shared.refusals import Invalid

MOST_FEN = 10_000_000


def fen(text: str, name: str) -> int | None:
    """`12.50` → 1250; None for nothing. Half a fen, a negative sum or a fortune is a slip of the hand."""
    text = text.strip().lstrip("¥￥").replace(",", "")
    if not text:
        return None
    try:
        value = int((Decimal(text) * 100).to_integral_exact())
        exact = value == Decimal(text) * 100
    except (InvalidOperation, ValueError, OverflowError) as error:
        raise Invalid({name: N_("请填金额，如 12.50")}) from error
    if not exact or value < 0:
        raise Invalid({name: N_("请填金额，如 12.50")})
    if value > MOST_FEN:
        raise Invalid({name: N_("金额过大，请核对")})
    return value
