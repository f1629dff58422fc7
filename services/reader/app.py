"""Reader Services's table of contents: the desk, and what patrons find."""

from __future__ import annotations

from services.reader.desk import app as desk
from services.reader.desk import screens
from services.reader.desk.circulation import ledger as lending
from services.reader.desk.items import copied as items
from services.reader.discovery import app as discovery
from services.reader.discovery.catalogue import copied as catalogue
from services.reader.rooms import app as rooms
from shared import names
from shared.i18n import N_
from shared.messaging.handlers import Handlers
from shared.service import Service
from shared.web.register import search_router
from shared.web.rooms import rooms_router

service = Service(
    name="reader", title=N_("读者服务部"), title_en="Reader Services",
    areas=[*screens.areas, *rooms.areas, *discovery.areas],
    routers=[
        rooms_router("reader"), search_router("reader", [*desk.registers, *discovery.registers], [*discovery.extra, *desk.finders, *rooms.finders]),
        *desk.routers, *rooms.routers, *discovery.routers,
    ],
    handlers=Handlers().include(desk.handlers, rooms.handlers, discovery.handlers),
    registers=[*desk.registers, *discovery.registers], schedules=[*desk.schedules, *rooms.schedules, *discovery.schedules], on_start=desk.on_start, on_stop=desk.on_stop, demo="services.reader.demo:seed",
    ledgers=[lending.ledger], copies=[items.copy, catalogue.copy, names.copy],
)
