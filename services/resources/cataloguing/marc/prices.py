"""Prices as cataloguers write them: `CNY68.00`, `￥66.00（全三册）`, `CNY赠90.00`, `23.50元`."""

from __future__ import annotations

import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal

_AMOUNT = re.compile(r"([0-9][0-9,]*(?:\.[0-9]+)?)")
_YUAN = re.compile(r"CNY|RMB|¥|[0-9]\s*元|^元")
_FOREIGN = re.compile(r"USD|US\$|\$|EUR|€|GBP|£|JPY|HKD|HK\$|TWD|NT\$|DKK|DM|FF|日元|美元|港元")


def price_fen(text: str, *, local: bool = False) -> int | None:
    """The amount in fen when the text names yuan; `local` takes a bare number for yuan too."""
    plain = unicodedata.normalize("NFKC", text).upper().replace("￥", "¥")
    match = _AMOUNT.search(plain)
    if match is None or _FOREIGN.search(plain):
        return None
    if not _YUAN.search(plain) and not (local and plain.strip() == match[1]):
        return None
    yuan = Decimal(match[1].replace(",", ""))
    if yuan >= 10_000_000:
        return None
    return int((yuan * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))
