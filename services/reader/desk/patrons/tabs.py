"""The tabs of one patron's pages, the same on each of them."""

from __future__ import annotations

from typing import Any

from services.reader.desk.patrons.model import Patron
from shared.i18n import N_, _

TABS = (
    ("", N_("借阅与费用")), ("/record", N_("资料")), ("/cards", N_("证件")), ("/notes", N_("备注")),
    ("/history", N_("历史")),
)


def tabs(patron: Patron, active: str = "") -> list[dict[str, Any]]:
    """What the tab bar needs."""
    return [
        {
            "label": _(label), "url": f"/reader/patrons/{patron.card}{end}", "active": end == active,
            **({"count": patron.notes} if end == "/notes" and patron.notes else {}),
        }
        for end, label in TABS
    ]
