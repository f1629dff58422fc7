"""Research Institute's table of contents: rooms, what it heeds, what it does by the clock."""

from __future__ import annotations

from shared.i18n import N_
from shared.service import Service
from shared.web.rooms import rooms_router

service = Service(
    name="institute", title=N_("研究所"), title_en="Research Institute",
    routers=[rooms_router("institute")],
)
