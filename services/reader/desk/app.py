"""The desk's part of the department's table of contents: doors, what it heeds, what it does by the clock."""

from __future__ import annotations

from datetime import datetime

from services.reader.desk.books import api as books_api
from services.reader.desk.books import pages as books_pages
from services.reader.desk.calendar import pages as calendar_pages
from services.reader.desk.campus import pages as campus_pages
from services.reader.desk.campus import runner as campus_runner
from services.reader.desk.cards import api as cards_api
from services.reader.desk.cards import pages as cards_pages
from services.reader.desk.cash import api as cash_api
from services.reader.desk.cash import handlers as cash_handlers
from services.reader.desk.cash import pages as cash_pages
from services.reader.desk.charges import api as charges_api
from services.reader.desk.charges import pages as charges_pages
from services.reader.desk.circulation import api as circulation_api
from services.reader.desk.circulation import asking_back, losing
from services.reader.desk.circulation import pages as circulation_pages
from services.reader.desk.circulation import placing_pages as circulation_placing
from services.reader.desk.clearance import api as clearance_api
from services.reader.desk.clearance import colleges as clearance_colleges
from services.reader.desk.clearance import commands as clearance
from services.reader.desk.clearance import handlers as clearance_handlers
from services.reader.desk.clearance import pages as clearance_pages
from services.reader.desk.condition import api as condition_api
from services.reader.desk.condition import handlers as condition_handlers
from services.reader.desk.condition import pages as condition_pages
from services.reader.desk.consents import api as consents_api
from services.reader.desk.consents import pages as consents_pages
from services.reader.desk.consortium import api as consortium_api
from services.reader.desk.consortium import card_pages as consortium_card_pages
from services.reader.desk.consortium import file_pages as consortium_file_pages
from services.reader.desk.consortium import handlers as consortium_handlers
from services.reader.desk.consortium import holding as consortium_holding
from services.reader.desk.consortium import pages as consortium_pages
from services.reader.desk.consortium import settlement_api as consortium_settlement_api
from services.reader.desk.consortium import settlement_pages as consortium_settlement_pages
from services.reader.desk.counter import pages as counter_pages
from services.reader.desk.counter import second_pages as counter_second
from services.reader.desk.discs import api as discs_api
from services.reader.desk.discs import handlers as discs_handlers
from services.reader.desk.discs import pages as discs_pages
from services.reader.desk.dropbox import api as dropbox_api
from services.reader.desk.dropbox import pages as dropbox_pages
from services.reader.desk.finding import (
    find_items,
    find_lists,
    find_patrons,
    find_receipts,
    find_slips,
)
from services.reader.desk.handover import api as handover_api
from services.reader.desk.handover import handlers as handover_handlers
from services.reader.desk.handover import pages as handover_pages
from services.reader.desk.holds import api as holds_api
from services.reader.desk.holds import commands as holds
from services.reader.desk.holds import handlers as holds_handlers
from services.reader.desk.holds import pages as holds_pages
from services.reader.desk.inhouse import api as inhouse_api
from services.reader.desk.inhouse import pages as inhouse_pages
from services.reader.desk.items import api as items_api
from services.reader.desk.items import handlers as items_handlers
from services.reader.desk.losses import api as losses_api
from services.reader.desk.losses import handlers as losses_handlers
from services.reader.desk.losses import pages as losses_pages
from services.reader.desk.merging import handlers as merging_handlers
from services.reader.desk.missing import handlers as missing_handlers
from services.reader.desk.notices import api as notices_api
from services.reader.desk.notices import commands as notices
from services.reader.desk.notices import mine as notices_mine
from services.reader.desk.notices import pages as notices_pages
from services.reader.desk.notices import setting as notices_setting
from services.reader.desk.notices.sender import Sender
from services.reader.desk.offline import api as offline_api
from services.reader.desk.offline import pages as offline_pages
from services.reader.desk.passes import api as passes_api
from services.reader.desk.passes import pages as passes_pages
from services.reader.desk.patrons import api as patrons_api
from services.reader.desk.patrons import pages as patrons_pages
from services.reader.desk.policies import api as policies_api
from services.reader.desk.policies import commands as policies
from services.reader.desk.policies import pages as policies_pages
from services.reader.desk.privacy import commands as privacy
from services.reader.desk.privacy import pages as privacy_pages
from services.reader.desk.privacy import runner as privacy_runner
from services.reader.desk.processing import api as processing_api
from services.reader.desk.processing import handlers as processing_handlers
from services.reader.desk.processing import pages as processing_pages
from services.reader.desk.pulls import api as pulls_api
from services.reader.desk.pulls import handlers as pulls_handlers
from services.reader.desk.pulls import pages as pulls_pages
from services.reader.desk.selfcheck import pages as selfcheck_pages
from services.reader.desk.signing import api as signing_api
from services.reader.desk.signing import commands as signing
from services.reader.desk.signing import pages as signing_pages
from services.reader.desk.transfers import api as transfers_api
from services.reader.desk.transfers import handlers as transfers_handlers
from services.reader.desk.transfers import pages as transfers_pages
from services.reader.desk.transit import pages as transit_pages
from services.reader.desk.violations import commands as violations
from services.reader.desk.violations import handlers as violations_handlers
from services.reader.desk.violations import mine as violations_mine
from services.reader.desk.violations.register import violations as violations_register
from services.reader.desk.whatif import api as whatif_api
from services.reader.desk.whatif import pages as whatif_pages
from services.reader.rooms.service_points import pages as service_points_pages
from shared import names
from shared.messaging.handlers import Handlers
from shared.schedules import Scheduled
from shared.work import Work


async def remind(work: Work, _due: datetime) -> None:
    """Patrons hear of due dates in the morning."""
    await asking_back.remind(work)


async def lose_overdue(work: Work, _due: datetime) -> None:
    """What has been overdue for half a year counts as lost."""
    await losing.lose_overdue(work)


async def expire_holds(work: Work, _due: datetime) -> None:
    """What nobody fetched is free for the next before the doors open."""
    await holds.expire(work)


async def retire_rules(work: Work, _due: datetime) -> None:
    """Versions of the rules that a newer one has replaced are closed."""
    await policies.retire_superseded(work)


async def warn_of_pickups(work: Work, _due: datetime) -> None:
    """One day is left to fetch what stands ready."""
    await notices.warn_of_pickups(work)


async def forget_letters(work: Work, _due: datetime) -> None:
    """What told somebody of a title half a year ago is gone."""
    await notices.forget(work)


async def check_clearances(work: Work, _due: datetime) -> None:
    """Whoever has settled everything may go; whoever borrowed again may not."""
    await clearance.check_all(work)


async def tell_colleges(work: Work, _due: datetime) -> None:
    """Colleges help with what their leavers have still open."""
    await clearance_colleges.tell_due(work)


async def lapse_sign_offs(work: Work, _due: datetime) -> None:
    """The patron has gone home: what no head answered, or no clerk used, is over."""
    await signing.lapse(work)


async def forget_loans(work: Work, _due: datetime) -> None:
    """Returned long ago, nothing owed: whose it was is nobody's business any more; the job does it batch by batch."""
    await privacy.begin(work)


async def forget_violations(work: Work, _due: datetime) -> None:
    """Two years after its end a violation is forgotten."""
    await violations.forget(work)


async def close_cards(work: Work, _due: datetime) -> None:
    """The cards of those who have left."""
    await clearance.close_due(work)


async def call_home(work: Work, _due: datetime) -> None:
    """Our books that nobody fetches at another library come home."""
    await consortium_holding.call_home(work)


sender = Sender()
finders = [find_patrons, find_items, find_slips, find_receipts, find_lists]
routers = [
    # `patrons/new` before `patrons/{card}`.
    patrons_pages.router, circulation_api.router, circulation_pages.router, circulation_pages.open_router, circulation_placing.router, circulation_placing.ITEM,
    items_api.router, counter_pages.router, counter_second.router, signing_api.router, signing_pages.router, calendar_pages.router,
    discs_api.router, discs_pages.router, dropbox_api.router, dropbox_pages.router, inhouse_api.router, inhouse_pages.router,
    consents_api.router, consents_pages.router, consents_pages.my_router,
    offline_api.router, offline_pages.router, selfcheck_pages.router,
    holds_api.router, holds_pages.router, transit_pages.router, service_points_pages.router,
    patrons_api.router, cards_api.router, cards_pages.router, campus_pages.router,
    passes_api.router, passes_pages.router, passes_pages.patron_router,
    clearance_api.router, clearance_pages.router, privacy_pages.router,
    notices_api.router, notices_pages.router, notices_setting.router, notices_mine.router, violations_mine.router, violations_mine.api,
    charges_api.router, charges_pages.router, losses_api.router, losses_pages.router,
    cash_api.router, cash_pages.router, books_api.router, books_pages.router,
    condition_api.router, condition_pages.router, processing_api.router, processing_pages.router,
    consortium_api.router, consortium_settlement_api.router, consortium_pages.router, consortium_card_pages.router,
    consortium_settlement_pages.router, consortium_file_pages.router,
    handover_api.router, handover_pages.router, transfers_api.router, transfers_pages.router, pulls_api.router, pulls_pages.router,
    whatif_pages.router, whatif_api.router, policies_pages.router, policies_api.router,
]
# The order matters where one fact concerns several rooms: labels see the item as it was, then items, then who waits for them.
handlers = Handlers().include(
    names.handlers, merging_handlers.handlers, processing_handlers.handlers, items_handlers.handlers, discs_handlers.handlers, condition_handlers.handlers, holds_handlers.handlers,
    clearance_handlers.handlers, losses_handlers.handlers, missing_handlers.handlers, pulls_handlers.handlers, cash_handlers.handlers,
    consortium_handlers.handlers, violations_handlers.handlers, handover_handlers.handlers, transfers_handlers.handlers,
)
registers = [violations_register]
schedules = [
    Scheduled("reader.clearance.check", "* * * * *", check_clearances),
    Scheduled("reader.sign-offs.lapse", "*/5 * * * *", lapse_sign_offs),
    Scheduled("reader.rules.retire", "15 0 * * *", retire_rules),
    Scheduled("reader.clearance.close", "20 0 * * *", close_cards),
    Scheduled("reader.loan-links.cut", "40 2 * * *", forget_loans),
    Scheduled("reader.notices.forget", "20 3 * * *", forget_letters),
    Scheduled("reader.violations.forget", "50 2 * * *", forget_violations),
    Scheduled("reader.loans.lose", "0 6 * * *", lose_overdue),
    Scheduled("reader.holds.expire", "30 7 * * *", expire_holds),
    Scheduled("reader.union.call-home", "*/10 * * * *", call_home),
    Scheduled("reader.loans.remind", "0 8 * * *", remind),
    Scheduled("reader.clearance.colleges", "10 8 * * *", tell_colleges),
    Scheduled("reader.notices.pickups", "5 8 * * *", warn_of_pickups),
]
on_start = [sender.start, campus_runner.begin, privacy_runner.start]
on_stop = [sender.stop, campus_runner.end, privacy_runner.stop]
