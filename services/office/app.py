"""General Office's table of contents: rooms, what it heeds, what it does by the clock."""

from __future__ import annotations

from shared.i18n import N_
from shared.service import Service
from shared.web.rooms import rooms_router

service = Service(
    name="office", title=N_("办公室"), title_en="General Office",
    routers=[rooms_router("office")],
)
