"""The desk's part of the department's table of contents: doors, what it heeds, what it does by the clock."""

from __future__ import annotations

from datetime import datetime

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
from services.reader.desk.clearance import api as clearance_api
from services.reader.desk.clearance import commands as clearance
from services.reader.desk.clearance import handlers as clearance_handlers
from services.reader.desk.clearance import pages as clearance_pages
from services.reader.desk.condition import api as condition_api
from services.reader.desk.condition import handlers as condition_handlers
from services.reader.desk.condition import pages as condition_pages
from services.reader.desk.consents import api as consents_api
from services.reader.desk.consents import pages as consents_pages
from services.reader.desk.consortium import pages as consortium_pages
from services.reader.desk.counter import pages as counter_pages
from services.reader.desk.counter import second_pages as counter_second
from services.reader.desk.dropbox import api as dropbox_api
from services.reader.desk.dropbox import pages as dropbox_pages
from services.reader.desk.finding import find_items, find_patrons, find_receipts, find_slips
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
from services.reader.desk.notices import api as notices_api
from services.reader.desk.notices import commands as notices
from services.reader.desk.notices import mine as notices_mine
from services.reader.desk.notices import pages as notices_pages
from services.reader.desk.notices import setting as notices_setting
from services.reader.desk.notices.sender import Sender
from services.reader.desk.offline import api as offline_api
from services.reader.desk.offline import pages as offline_pages
from services.reader.desk.patrons import api as patrons_api
from services.reader.desk.patrons import pages as patrons_pages
from services.reader.desk.policies import api as policies_api
from services.reader.desk.policies import commands as policies
from services.reader.desk.policies import pages as policies_pages
from services.reader.desk.privacy import commands as privacy
from services.reader.desk.privacy import pages as privacy_pages
from services.reader.desk.processing import handlers as processing_handlers
from services.reader.desk.processing import pages as processing_pages
from services.reader.desk.selfcheck import pages as selfcheck_pages
from services.reader.desk.signing import api as signing_api
from services.reader.desk.signing import commands as signing
from services.reader.desk.signing import pages as signing_pages
from services.reader.desk.transit import pages as transit_pages
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


async def lapse_sign_offs(work: Work, _due: datetime) -> None:
    """The patron has gone home: what no head answered, or no clerk used, is over."""
    await signing.lapse(work)


async def forget_loans(work: Work, _due: datetime) -> None:
    """Returned long ago, nothing owed: whose it was is nobody's business any more."""
    await privacy.cut(work)


async def close_cards(work: Work, _due: datetime) -> None:
    """The cards of those who have left."""
    await clearance.close_due(work)


sender = Sender()
finders = [find_patrons, find_items, find_slips, find_receipts]
routers = [
    # `patrons/new` before `patrons/{card}`.
    patrons_pages.router, circulation_api.router, circulation_pages.router, circulation_pages.open_router,
    items_api.router, counter_pages.router, counter_second.router, signing_api.router, signing_pages.router, calendar_pages.router,
    dropbox_api.router, dropbox_pages.router, inhouse_api.router, inhouse_pages.router,
    consents_api.router, consents_pages.router, consents_pages.my_router,
    offline_api.router, offline_pages.router, selfcheck_pages.router,
    holds_api.router, holds_pages.router, transit_pages.router, service_points_pages.router,
    patrons_api.router, cards_api.router, cards_pages.router, campus_pages.router,
    clearance_api.router, clearance_pages.router, privacy_pages.router,
    notices_api.router, notices_pages.router, notices_setting.router, notices_mine.router,
    charges_api.router, charges_pages.router, losses_api.router, losses_pages.router,
    cash_api.router, cash_pages.router,
    condition_api.router, condition_pages.router, processing_pages.router, consortium_pages.router,
    whatif_pages.router, whatif_api.router, policies_pages.router, policies_api.router,
]
# The order matters where one fact concerns several rooms: labels see the item as it was, then items, then who waits for them.
handlers = Handlers().include(
    names.handlers, processing_handlers.handlers, items_handlers.handlers, condition_handlers.handlers, holds_handlers.handlers,
    clearance_handlers.handlers, losses_handlers.handlers, cash_handlers.handlers,
)
schedules = [
    Scheduled("reader.clearance.check", "* * * * *", check_clearances),
    Scheduled("reader.sign-offs.lapse", "*/5 * * * *", lapse_sign_offs),
    Scheduled("reader.rules.retire", "15 0 * * *", retire_rules),
    Scheduled("reader.clearance.close", "20 0 * * *", close_cards),
    Scheduled("reader.loan-links.cut", "40 2 * * *", forget_loans),
    Scheduled("reader.notices.forget", "20 3 * * *", forget_letters),
    Scheduled("reader.loans.lose", "0 6 * * *", lose_overdue),
    Scheduled("reader.holds.expire", "30 7 * * *", expire_holds),
    Scheduled("reader.loans.remind", "0 8 * * *", remind),
    Scheduled("reader.notices.pickups", "5 8 * * *", warn_of_pickups),
]
on_start = [sender.start, campus_runner.begin]
on_stop = [sender.stop, campus_runner.end]
