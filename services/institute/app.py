"""The Research Institute's table of contents: rooms, what it heeds, what it does by the clock."""

from __future__ import annotations

from services.institute.graduates.affairs import handlers as affairs_handlers
from services.institute.graduates.affairs.register import leavings
from services.institute.novelty.desk.register import commissions
from shared import names
from shared.i18n import N_
from shared.messaging.handlers import Handlers
from shared.service import Service
from shared.web.pages import Area
from shared.web.register import search_router
from shared.web.rooms import rooms_router

registers = [commissions, leavings]

service = Service(
    name="institute",
    title=N_("研究所"),
    title_en="Research Institute",
    areas=[Area(N_("科技查新"), [commissions.entry()]), Area(N_("研究生事务"), [leavings.entry()])],
    routers=[rooms_router("institute"), search_router("institute", registers)],
    registers=registers,
    handlers=Handlers().include(names.handlers, affairs_handlers.handlers),
    demo="services.institute.demo:seed", copies=[names.copy],
)
