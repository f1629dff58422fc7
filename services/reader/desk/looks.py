"""Reads of what is a person's own: noted once a view, masked where it leaves the house in a file."""

from __future__ import annotations

from collections.abc import Mapping

from services.reader.desk import HEAD
from shared.i18n import N_
from shared.refusals import Invalid
from shared.work import Work

# What was looked at, as the log of looks calls it.
LOOKS: Mapping[str, str] = {
    "read-loan-history": N_("借阅史"), "read-contact": N_("联系方式"), "read-charges": N_("费用"),
    "read-letter": N_("信件原文"), "export-masked": N_("导出（已遮盖）"), "export-full": N_("导出（完整）"),
}
LEAST_REASON = 4


def look(work: Work, what: str, card: str, **more: object) -> None:
    """A colleague looks at something of this patron's; whoever looks at their own is no news."""
    if work.actor.kind != "patron":
        work.note(what, "patron", card, **more)


def masked_name(name: str) -> str:
    """张雨桐 → 张**: enough to recognise on a list."""
    return name[:1] + "*" * max(len(name) - 1, 1) if name else ""


def masked_card(card: str) -> str:
    """Only the last four signs."""
    return f"••{card[-4:]}" if len(card) > 4 else "••••"


def export(work: Work, subject: str, number: str, *, rows: int, full: bool, reason: str = "") -> None:
    """Rows about persons leave as a file: masked for whoever may see the list, complete for a head with a reason."""
    if not full:
        work.note("export-masked", subject, number, rows=rows)
        return
    work.actor.require(*HEAD)
    if len(reason.strip()) < LEAST_REASON:
        raise Invalid({"reason": N_("请写明为什么需要完整数据（至少 4 个字）")})
    work.note("export-full", subject, number, rows=rows, reason=reason.strip()[:200])
