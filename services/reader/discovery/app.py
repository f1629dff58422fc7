"""Discovery's part of the department's table of contents."""

from __future__ import annotations

from datetime import datetime

from services.reader.discovery.account import api as account_api
from services.reader.discovery.account import pages as account_pages
from services.reader.discovery.catalogue import api as catalogue_api
from services.reader.discovery.catalogue import handlers as catalogue_handlers
from services.reader.discovery.catalogue import outputs as catalogue_outputs
from services.reader.discovery.catalogue import pages as catalogue_pages
from services.reader.discovery.catalogue.api import palette_hits
from services.reader.discovery.lists import handlers as lists_handlers
from services.reader.discovery.lists import pages as lists_pages
from services.reader.discovery.ondemand import handlers as on_demand_handlers
from services.reader.discovery.ondemand import pages as on_demand_pages
from services.reader.discovery.shelves.register import shelf_ranges
from services.reader.discovery.suggestions import api as suggestions_api
from services.reader.discovery.suggestions import commands as suggestions
from services.reader.discovery.suggestions import following as suggestions_following
from services.reader.discovery.suggestions import handlers as suggestions_handlers
from services.reader.discovery.suggestions import pages as suggestions_pages
from shared.i18n import N_
from shared.messaging.handlers import Handlers
from shared.schedules import Scheduled
from shared.web.pages import Area, Entry
from shared.work import Work


async def tell_demand(work: Work, _due: datetime) -> None:
    """What too many wait for is told to those who buy."""
    await suggestions.tell_demand(work)


async def keep_promises(work: Work, _due: datetime) -> None:
    """Whoever asked for a title that has come waits first in line."""
    await suggestions_following.keep_promises(work)


areas = [
    Area(N_("检索与我的借阅"), [
        Entry(
            N_("馆藏检索"), "/reader/catalogue", "search", ("*",), "", ("RDR-LED-FRD-01", "RDR-DSK-BAS-02"),
            N_("按题名、拼音、ISBN、索书号找书，看在架情况"),
        ),
        Entry(
            N_("我的图书馆"), "/reader/my", "books", ("patron",), "", ("RDR-DSK-BAS-02",),
            N_("在借、续借、预约与欠费"),
        ),
        Entry(
            N_("委托借书"), "/reader/my-consents", "users", ("patron",), "", ("RDR-DSK-BAS-02",),
            N_("请人代借：同意、期限、撤回"),
        ),
        Entry(
            N_("我的书单"), "/reader/my/lists", "list-details", ("patron",), "", ("RDR-LED-FRD-01",),
            N_("收集、备注、分享、导出引文"),
        ),
        Entry(
            N_("我的荐购"), "/reader/my/suggestions", "bulb", ("patron",), "", ("RES-ACQ-02",),
            N_("本馆没有的书：荐购、查重、答复、到馆"),
        ),
        Entry(
            N_("我的传阅"), "/reader/routing/mine", "inbox", ("staff", "patron"), "", ("RDR-CIR-ACJ-02",),
            N_("传阅到我的报刊：签收、传下一站"),
        ),
        on_demand_pages.ENTRY, shelf_ranges.entry(),
    ]),
]
registers = [shelf_ranges]
# Covers, feeds and references before the pages: `new.atom` is not the number of a record.
routers = [
    catalogue_api.router, catalogue_outputs.router, catalogue_pages.router, account_api.router,
    suggestions_api.router, suggestions_pages.router, account_pages.router, lists_pages.router, lists_pages.open_router,
    on_demand_pages.router,
]
# After the desk's: a copy that is withdrawn is withdrawn before the title asks whether it has any left.
handlers = Handlers().include(lists_handlers.handlers, catalogue_handlers.handlers, suggestions_handlers.handlers, on_demand_handlers.handlers)
schedules = [
    Scheduled("reader.suggestions.demand", "30 2 * * *", tell_demand),
    Scheduled("reader.suggestions.holds", "*/5 * * * *", keep_promises),
]
extra = [palette_hits]
