"""Technology and Logistics' table of contents: rooms, what it heeds, what it does by the clock."""

from __future__ import annotations

from services.tech.support.helpdesk import api as helpdesk_api
from services.tech.support.helpdesk.opening import confirm_old
from services.tech.support.helpdesk.register import orders
from services.tech.support.patrols import api as patrols_api
from services.tech.support.patrols import handlers as patrols_handlers
from services.tech.support.patrols import pages as patrols_pages
from services.tech.support.patrols.commands import settle_days
from services.tech.support.patrols.register import days
from services.tech.systems.backups.register import plans, runs
from services.tech.systems.backups.register import watch as watch_backups
from shared import names
from shared.i18n import N_
from shared.messaging.handlers import Handlers
from shared.schedules import Scheduled
from shared.sealing.handlers import witness
from shared.service import Service
from shared.web.pages import Area, Entry
from shared.web.register import search_router
from shared.web.rooms import rooms_router

registers = [orders, days, plans, runs]

service = Service(
    name="tech",
    title=N_("技术与后勤保障部"),
    title_en="Technology and Logistics",
    areas=[
        Area(N_("维修与求助"), [orders.entry()]),
        Area(
            N_("巡视"),
            [
                Entry(
                    N_("巡视"), "/tech/patrols", "walk", ("TEC", "head-tech", "director"),
                    serves=("TEC-LOG-03", "TEC-EQP-04"), help=N_("按路线打点，每日不少于两小时"),
                ),
                days.entry(),
            ],
        ),
        Area(N_("系统与网络"), [plans.entry(), runs.entry()]),
    ],
    routers=[
        rooms_router("tech"), search_router("tech", registers), helpdesk_api.router, patrols_api.router,
        patrols_pages.router,
    ],
    registers=registers,
    handlers=Handlers().include(names.handlers, patrols_handlers.handlers, witness("gateway")),
    schedules=[
        Scheduled("tech.patrol.settle", "10 0 * * *", settle_days),
        Scheduled("tech.fault.confirm", "30 1 * * *", confirm_old),
        Scheduled("tech.backups.watch", "0 8 * * *", watch_backups),
    ],
    demo="services.tech.demo:seed", copies=[names.copy],
)
