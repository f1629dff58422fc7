"""Reader Services's table of contents: rooms, what it heeds, what it does by the clock."""

from __future__ import annotations

from datetime import datetime

from services.reader.desk.charges import api as charges_api
from services.reader.desk.circulation import api as circulation_api
from services.reader.desk.circulation import commands as circulation
from services.reader.desk.condition import api as condition_api
from services.reader.desk.condition import handlers as condition_handlers
from services.reader.desk.holds import api as holds_api
from services.reader.desk.holds import commands as holds
from services.reader.desk.holds import handlers as holds_handlers
from services.reader.desk.items import api as items_api
from services.reader.desk.items import handlers as items_handlers
from services.reader.desk.patrons import api as patrons_api
from shared.i18n import N_
from shared.messaging.handlers import Handlers
from shared.schedules import Scheduled
from shared.service import Service
from shared.web.rooms import rooms_router
from shared.work import Work


async def remind(work: Work, _due: datetime) -> None:
    """Patrons hear of due dates in the morning."""
    await circulation.remind(work)


async def expire_holds(work: Work, _due: datetime) -> None:
    """What nobody fetched is free for the next before the doors open."""
    await holds.expire(work)


service = Service(
    name="reader", title=N_("读者服务部"), title_en="Reader Services",
    routers=[
        rooms_router("reader"), circulation_api.router, holds_api.router, charges_api.router,
        condition_api.router, items_api.router, patrons_api.router,
    ],
    # The order matters where one fact concerns several rooms: items first, then who waits for them.
    handlers=Handlers().include(
        items_handlers.handlers, condition_handlers.handlers, holds_handlers.handlers
    ),
    schedules=[
        Scheduled("reader.holds.expire", "30 7 * * *", expire_holds),
        Scheduled("reader.loans.remind", "0 8 * * *", remind),
    ],
)
