"""Resource Development's table of contents: rooms, what it heeds, what it does by the clock."""

from __future__ import annotations

from shared.i18n import N_
from shared.service import Service
from shared.web.rooms import rooms_router

service = Service(
    name="resources", title=N_("资源建设部"), title_en="Resource Development",
    routers=[rooms_router("resources")],
)
