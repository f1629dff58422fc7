"""Reader Services's table of contents: rooms, what it heeds, what it does by the clock."""

from __future__ import annotations

from datetime import datetime

from services.reader.demo import seed
from services.reader.desk import DESK, HEAD
from services.reader.desk.calendar import pages as calendar_pages
from services.reader.desk.campus import pages as campus_pages
from services.reader.desk.campus import runner as campus_runner
from services.reader.desk.cards import api as cards_api
from services.reader.desk.cards import pages as cards_pages
from services.reader.desk.charges import api as charges_api
from services.reader.desk.charges import pages as charges_pages
from services.reader.desk.circulation import api as circulation_api
from services.reader.desk.circulation import commands as circulation
from services.reader.desk.circulation import pages as circulation_pages
from services.reader.desk.clearance import api as clearance_api
from services.reader.desk.clearance import commands as clearance
from services.reader.desk.clearance import handlers as clearance_handlers
from services.reader.desk.clearance import pages as clearance_pages
from services.reader.desk.condition import api as condition_api
from services.reader.desk.condition import handlers as condition_handlers
from services.reader.desk.condition import pages as condition_pages
from services.reader.desk.consortium import pages as consortium_pages
from services.reader.desk.counter import pages as counter_pages
from services.reader.desk.finding import find_items, find_patrons, find_slips
from services.reader.desk.holds import api as holds_api
from services.reader.desk.holds import commands as holds
from services.reader.desk.holds import handlers as holds_handlers
from services.reader.desk.holds import pages as holds_pages
from services.reader.desk.items import api as items_api
from services.reader.desk.items import handlers as items_handlers
from services.reader.desk.notices import api as notices_api
from services.reader.desk.notices import commands as notices
from services.reader.desk.notices import mine as notices_mine
from services.reader.desk.notices import pages as notices_pages
from services.reader.desk.notices import setting as notices_setting
from services.reader.desk.notices.sender import Sender
from services.reader.desk.patrons import api as patrons_api
from services.reader.desk.patrons import pages as patrons_pages
from services.reader.desk.privacy import commands as privacy
from services.reader.desk.privacy import pages as privacy_pages
from services.reader.discovery import app as discovery
from shared import names
from shared.i18n import N_
from shared.messaging.handlers import Handlers
from shared.schedules import Scheduled
from shared.service import Service
from shared.web.pages import Area, Entry
from shared.web.register import search_router
from shared.web.rooms import rooms_router
from shared.work import Work


async def remind(work: Work, _due: datetime) -> None:
    """Patrons hear of due dates in the morning."""
    await circulation.remind(work)


async def expire_holds(work: Work, _due: datetime) -> None:
    """What nobody fetched is free for the next before the doors open."""
    await holds.expire(work)


async def warn_of_pickups(work: Work, _due: datetime) -> None:
    """One day is left to fetch what stands ready."""
    await notices.warn_of_pickups(work)


async def forget_letters(work: Work, _due: datetime) -> None:
    """What told somebody of a title half a year ago is gone."""
    await notices.forget(work)


sender = Sender()


async def check_clearances(work: Work, _due: datetime) -> None:
    """Whoever has settled everything may go; whoever borrowed again may not."""
    await clearance.check_all(work)


async def forget_loans(work: Work, _due: datetime) -> None:
    """Returned long ago, nothing owed: whose it was is nobody's business any more."""
    await privacy.cut(work)


async def close_cards(work: Work, _due: datetime) -> None:
    """The cards of those who have left."""
    await clearance.close_due(work)


WORKSHOP_TOO = (*DESK, "RES-DIG", "director")

service = Service(
    name="reader", title=N_("读者服务部"), title_en="Reader Services",
    areas=[
        Area(N_("借还台"), [
            Entry(
                N_("借还台"), "/reader/desk", "scan", DESK, "",
                ("RDR-DSK-BAS-02", "RDR-LED-FRD-03", "RDR-CIR-OTH-05"), N_("扫描借书、还书、续借"),
            ),
            Entry(
                N_("预约架"), "/reader/holds", "bookmark", DESK, "", ("RDR-LED-FRD-01",),
                N_("到馆待取、到期下架"),
            ),
            Entry(
                N_("超期催还"), "/reader/overdue", "clock-exclamation", DESK, "", ("RDR-LED-FRD-01",),
                N_("超期最久的在前"),
            ),
            Entry(
                N_("读者通知"), "/reader/notices", "mail", DESK, "", ("RDR-LED-FRD-01", "RDR-DSK-BAS-02"),
                N_("催还、预约到书等通知的发送记录与文案"),
            ),
            Entry(
                N_("读者与证件"), "/reader/patrons", "users", DESK, "",
                ("RDR-DSK-BAS-04", "RDR-LED-FRD-03"), N_("办证、挂失解挂、借阅与欠费"),
            ),
            Entry(
                N_("校园卡导入"), "/reader/card-files", "upload", HEAD, "", ("RDR-LED-FRD-03",),
                N_("卡务中心的名单，先核对再导入"),
            ),
            Entry(
                N_("离校清理"), "/reader/clearances", "school", DESK, "", ("RDR-DSK-BAS-04",),
                N_("离校读者的在借、预约与欠费"),
            ),
            Entry(
                N_("隐私与查看记录"), "/reader/privacy", "shield-lock", HEAD, "", ("RDR-LED-FRD-03",),
                N_("谁看过谁的借阅史，断开了多少"),
            ),
            Entry(
                N_("收费"), "/reader/charges", "coin-yuan", DESK, "",
                ("RDR-DSK-BAS-04", "RDR-LED-FRD-03"), N_("逾期费、赔偿、收据与减免"),
            ),
            Entry(
                N_("联合共享体"), "/reader/union", "building-community", DESK, "", ("RDR-LED-FRD-04",),
                N_("他馆图书、转运箱、联合证与月度结算"),
            ),
        ]),
        Area(N_("书况"), [
            Entry(
                N_("破损与修补"), "/reader/damage", "heart-broken", WORKSHOP_TOO, "",
                ("RDR-DSK-BAS-05", "RDR-LED-FRD-05", "RDR-CIR-OTH-05"), N_("破损单、前台修补、送工场"),
            ),
            Entry(
                N_("回验"), "/reader/inspections", "clipboard-check", WORKSHOP_TOO, "reader.inspection",
                ("RDR-DSK-BAS-05", "RDR-LED-FRD-05"), N_("修好的书由第二人验过再上架"),
            ),
            Entry(
                N_("单册状态"), "/reader/items", "barcode", ("staff",), "", ("RDR-LED-FRD-01",),
                N_("一册书在哪里、为什么借不到"),
            ),
            Entry(
                N_("闭馆日"), "/reader/closed-days", "calendar-event", DESK, "", ("RDR-LED-FRD-03",),
                N_("应还日顺延，闭馆不计费"),
            ),
        ]),
        *discovery.areas,
    ],
    routers=[
        rooms_router("reader"), search_router("reader", [], [*discovery.extra, find_patrons, find_items, find_slips]),
        circulation_api.router, holds_api.router, charges_api.router, condition_api.router,
        items_api.router, patrons_api.router, counter_pages.router, patrons_pages.router,
        circulation_pages.router, circulation_pages.open_router, holds_pages.router, condition_pages.router, charges_pages.router,
        calendar_pages.router, notices_api.router, notices_pages.router, notices_setting.router, notices_mine.router,
        cards_pages.router, cards_api.router, campus_pages.router, privacy_pages.router, clearance_pages.router, clearance_api.router,
        consortium_pages.router, *discovery.routers,
    ],
    # The order matters where one fact concerns several rooms: items first, then who waits for them.
    handlers=Handlers().include(
        names.handlers, items_handlers.handlers, condition_handlers.handlers, holds_handlers.handlers,
        clearance_handlers.handlers, discovery.handlers,
    ),
    schedules=[
        Scheduled("reader.holds.expire", "30 7 * * *", expire_holds),
        Scheduled("reader.clearance.check", "* * * * *", check_clearances),
        Scheduled("reader.clearance.close", "20 0 * * *", close_cards),
        Scheduled("reader.loan-links.cut", "40 2 * * *", forget_loans),
        Scheduled("reader.loans.remind", "0 8 * * *", remind),
        Scheduled("reader.notices.pickups", "5 8 * * *", warn_of_pickups),
        Scheduled("reader.notices.forget", "20 3 * * *", forget_letters),
    ],
    on_start=[sender.start, campus_runner.begin], on_stop=[sender.stop, campus_runner.end],
    demo=seed,
)
