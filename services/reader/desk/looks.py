"""Reads of what is a person's own: noted once a view, masked where it leaves the house in a file."""

from __future__ import annotations

from collections.abc import Mapping

from services.reader.desk import HEAD
from shared.i18n import N_
from shared.veil import masked_card, masked_name, said_why
from shared.work import Work

__all__ = ["LOOKS", "export", "look", "masked_card", "masked_name"]

# What was looked at, as the log of looks calls it.
LOOKS: Mapping[str, str] = {
    "read-loan-history": N_("借阅史"), "read-contact": N_("联系方式"), "read-charges": N_("费用"),
    "read-letter": N_("信件原文"), "export-masked": N_("导出（已遮盖）"), "export-full": N_("导出（完整）"),
}


def look(work: Work, what: str, card: str, **more: object) -> None:
    """A colleague looks at something of this patron's; whoever looks at their own is no news."""
    if work.actor.kind != "patron":
        work.note(what, "patron", card, **more)


def export(work: Work, subject: str, number: str, *, rows: int, full: bool, reason: str = "") -> None:
    """Rows about persons leave as a file: masked for whoever may see the list, complete for a head with a reason."""
    if not full:
        work.note("export-masked", subject, number, rows=rows)
        return
    work.actor.require(*HEAD)
    work.note("export-full", subject, number, rows=rows, reason=said_why(reason))
