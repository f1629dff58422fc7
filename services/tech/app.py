"""Technology and Logistics's table of contents: rooms, what it heeds, what it does by the clock."""

from __future__ import annotations

from shared.i18n import N_
from shared.service import Service
from shared.web.rooms import rooms_router

service = Service(
    name="tech", title=N_("技术与后勤保障部"), title_en="Technology and Logistics",
    routers=[rooms_router("tech")],
)
