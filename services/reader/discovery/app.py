"""Discovery's part of the department's table of contents."""

from __future__ import annotations

from services.reader.discovery.account import api as account_api
from services.reader.discovery.account import pages as account_pages
from services.reader.discovery.catalogue import api as catalogue_api
from services.reader.discovery.catalogue import handlers as catalogue_handlers
from services.reader.discovery.catalogue import outputs as catalogue_outputs
from services.reader.discovery.catalogue import pages as catalogue_pages
from services.reader.discovery.catalogue.api import palette_hits
from services.reader.discovery.lists import handlers as lists_handlers
from services.reader.discovery.lists import pages as lists_pages
from services.reader.discovery.shelves.register import shelf_ranges
from shared.i18n import N_
from shared.messaging.handlers import Handlers
from shared.web.pages import Area, Entry

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
        shelf_ranges.entry(),
    ]),
]
registers = [shelf_ranges]
# Covers, feeds and references before the pages: `new.atom` is not the number of a record.
routers = [
    catalogue_api.router, catalogue_outputs.router, catalogue_pages.router, account_api.router,
    account_pages.router, lists_pages.router, lists_pages.open_router,
]
# After the desk's: a copy that is withdrawn is withdrawn before the title asks whether it has any left.
handlers = Handlers().include(lists_handlers.handlers, catalogue_handlers.handlers)
extra = [palette_hits]
