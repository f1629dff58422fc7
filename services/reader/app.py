"""Reader Services's table of contents: rooms, what it heeds, what it does by the clock."""

from __future__ import annotations

from shared.i18n import N_
from shared.service import Service
from shared.web.rooms import rooms_router

service = Service(
    name="reader", title=N_("读者服务部"), title_en="Reader Services",
    routers=[rooms_router("reader")],
)
