"""General Office's table of contents: rooms, what it heeds, what it does by the clock."""

from __future__ import annotations

from services.office.money.budgets import copied as budgets_copied
from services.office.money.budgets import handlers as budget_handlers
from services.office.money.budgets import ledger as budgets_ledger
from services.office.money.budgets import register as budgets
from services.office.money.carryover import register as carryover
from services.office.money.contracts import handlers as contract_handlers
from services.office.money.contracts import register as contracts
from services.office.money.expenditure import handlers as expenditure_handlers
from services.office.money.expenditure import pages as expenditure_pages
from services.office.money.expenditure import register as expenditure
from services.office.money.reconciliation import register as reconciliation
from services.office.money.supplies import pages as supplies_pages
from services.office.money.supplies import register as supplies
from services.office.money.terms import pages as terms_pages
from services.office.money.terms import register as terms
from services.office.people.calendar import pages as calendar_pages
from services.office.people.ledger import api as ledger_api
from services.office.people.ledger import handlers as ledger_handlers
from services.office.people.ledger import pages as ledger_pages
from services.office.people.obligations import api as obligations_api
from services.office.people.obligations import pages as obligations_pages
from services.office.people.obligations.commands import roll, warn_today
from services.office.people.personnel import ledger as staff_ledger
from services.office.people.personnel import register as personnel
from services.office.people.post_duties import api as post_duties_api
from services.office.people.post_duties import ledger as posts_ledger
from services.office.people.post_duties import pages as post_duties_pages
from services.office.people.tasks import register as tasks
from shared.i18n import N_
from shared.messaging.handlers import Handlers
from shared.schedules import Scheduled
from shared.service import Kit, Service
from shared.web.pages import Area
from shared.web.register import search_router
from shared.web.rooms import rooms_router

REGISTERS = (personnel.REGISTER, tasks.REGISTER, *supplies.REGISTERS, *budgets.REGISTERS, *terms.REGISTERS, *carryover.REGISTERS, *contracts.REGISTERS, *expenditure.REGISTERS, *reconciliation.REGISTERS)
AREAS = [
    Area(N_("人员与职责"), [
        obligations_pages.ENTRY, tasks.ENTRY, *post_duties_pages.ENTRIES, ledger_pages.ENTRY,
        personnel.REGISTER.entry(), calendar_pages.ENTRY,
    ]),
    Area(N_("经费与物资"), [
        budgets.REGISTER.entry(), budgets.CHANGES.entry(), budgets.RESERVATIONS.entry(), budgets.LEDGER.entry(),
        budgets.REPORTS.entry(), terms.REGISTER.entry(), budgets.FUNDS.entry(),
        carryover.REGISTER.entry(), contracts.REGISTER.entry(), expenditure.REGISTER.entry(), expenditure.SUSPENSE.entry(),
        reconciliation.AGREEMENT.entry(), reconciliation.DIFFERENCE.entry(),
        supplies.REQUISITIONS.entry(), supplies.ITEMS.entry(), supplies.PURCHASES.entry(),
        supplies.MOVES.entry(), supplies_pages.ENTRY,
    ]),
]


async def _catch_up(kit: Kit) -> None:
    """What fell due while the department was down is opened before anybody looks."""
    async with kit.works.open() as work:
        await roll(work, work.now)


service = Service(
    name="office", title=N_("办公室"), title_en="General Office", areas=AREAS,
    routers=[
        rooms_router("office"), search_router("office", REGISTERS), post_duties_api.router, ledger_api.router, obligations_api.router,
        post_duties_pages.router, obligations_pages.router, ledger_pages.router, calendar_pages.router,
        supplies_pages.router, expenditure_pages.router, terms_pages.router,
    ],
    registers=REGISTERS,
    handlers=Handlers().include(ledger_handlers.handlers, expenditure_handlers.handlers, budget_handlers.handlers, contract_handlers.handlers),
    schedules=[Scheduled("obligations", "5 0 * * *", roll), Scheduled("obligations-warn", "0 16 * * *", warn_today),
               Scheduled("contracts", "20 6 * * *", contracts.remind_all)],
    demo="services.office.demo:seed", on_start=[_catch_up],
    ledgers=[staff_ledger.ledger, posts_ledger.ledger, budgets_ledger.ledger], copies=[budgets_copied.copy],
)
