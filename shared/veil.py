"""What leaves the house in a file says who somebody is only as far as it must.

A column of a list says which kind of personal data it holds; an export shows such a column veiled. Whole data go out
only to whoever may have them, who says why, and the trail keeps both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from shared.i18n import N_
from shared.refusals import Invalid

LEAST_REASON = 4


def masked_name(name: str) -> str:
    """张雨桐 → 张**: enough to recognise on a list."""
    return name[:1] + "*" * max(len(name) - 1, 1) if name else ""


def masked_card(card: str) -> str:
    """Only the last four signs."""
    return f"••{card[-4:]}" if len(card) > 4 else "••••"


def masked_mail(address: str) -> str:
    """li.ming@example.org → l***@example.org."""
    name, at, domain = address.partition("@")
    return f"{name[:1]}***{at}{domain}" if at else masked_card(address)


def masked_way(way: str) -> str:
    """A phone number or an address, whichever somebody gave."""
    return masked_mail(way) if "@" in way else masked_card(way)


def _all(_value: str) -> str:
    return "••••"


KINDS: Mapping[str, Callable[[str], str]] = {
    "name": masked_name, "card": masked_card, "phone": masked_card, "mail": masked_mail, "contact": masked_way,
    "address": lambda address: address[:3] + "•••" if len(address) > 6 else "•••", "identity": _all, "account": masked_card,
}


def veiled(kind: str, value: Any) -> Any:
    """A cell as it may leave the house; nothing stays nothing."""
    return KINDS[kind](str(value)) if kind and value not in (None, "") else value


def said_why(reason: str) -> str:
    """The reason for whole data, or a refusal that asks for one."""
    if len(reason.strip()) < LEAST_REASON:
        raise Invalid({"reason": N_("请写明为什么需要完整数据（至少 4 个字）")})
    return reason.strip()[:200]
