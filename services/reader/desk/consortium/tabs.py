"""What every screen of the room shares: its tabs, and money as it is typed."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Annotated

from fastapi import Form

from shared.i18n import N_, _
from shared.refusals import Invalid

HOME = "/reader/union"
TITLE = N_("联合共享体")
Text = Annotated[str, Form(max_length=200)]


def tabs(here: str) -> list[dict[str, object]]:
    """The lists of the room."""
    return [
        {"label": _(label), "url": f"{HOME}{path}", "active": here == path}
        for path, label in (
            ("", N_("还书与转运箱")), ("/cards", N_("联合证")), ("/settlements", N_("月度结算")),
            ("/files", N_("成员馆文件")), ("/statistics", N_("流通统计")), ("/members", N_("成员馆")),
        )
    ]


def fen_of(text: str, field: str) -> int | None:
    """Yuan as typed, in fen, None when nothing was typed; a correction may be negative."""
    if not text.strip():
        return None
    try:
        fen = int((Decimal(text.strip().lstrip("¥").replace(",", "")) * 100).to_integral_exact())
    except (InvalidOperation, ValueError, OverflowError) as error:
        raise Invalid({field: N_("请填金额，如 12.50")}) from error
    if abs(fen) > 100_000_000:
        raise Invalid({field: N_("金额过大，请核对")})
    return fen
