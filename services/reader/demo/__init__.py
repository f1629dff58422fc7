"""The demonstration of Reader Services: two weeks at the desk, then a few cases for every room.

Everything goes through the real commands. A room that has rows already is left alone, so a second start
adds nothing; a room whose story the day does not allow (a closed day, too few books) is named in the log
and the others go on.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from sqlalchemy import literal, select

from services.reader.demo import (
    accounts,
    backissues,
    cards,
    counter,
    discs,
    fetching,
    fortnight,
    leaving,
    money,
    offline,
    orientation,
    papers,
    routing,
    serials,
    transfers,
    violations,
    wishes,
)
from services.reader.demo.supply import Supply
from services.reader.desk.campus.model import CardFile
from services.reader.desk.cash.model import Deposit
from services.reader.desk.clearance.model import Clearance
from services.reader.desk.consents.model import Consent
from services.reader.desk.counter.model import Sitting
from services.reader.desk.discs.model import DiscCheck
from services.reader.desk.dropbox.model import DropRun
from services.reader.desk.holds.model import Errand
from services.reader.desk.inhouse.model import HouseUse
from services.reader.desk.items.model import FormerBarcode
from services.reader.desk.losses.model import Loss
from services.reader.desk.notices.model import Wording
from services.reader.desk.offline.model import Device
from services.reader.desk.passes.model import PassList
from services.reader.desk.patrons.model import Note
from services.reader.desk.policies.model import RuleSet
from services.reader.desk.privacy.model import LinkCut
from services.reader.desk.transfers.model import Transfer
from services.reader.desk.violations.model import Violation
from services.reader.discovery.lists.model import ReadingList
from services.reader.discovery.suggestions.model import Suggestion
from services.reader.rooms.backissues.model import BackBundle
from services.reader.rooms.routing.model import RoutingList
from services.reader.rooms.serials.model import SerialPattern
from shared.refusals import Refusal
from shared.service import Kit

log = structlog.get_logger()
# What tells that a room has been filled, and who fills it. What was received is counted and banked afterwards.
ROOMS: tuple[tuple[Any, Callable[[Supply], Awaitable[None]]], ...] = (
    (Loss, money.losses), (Deposit, money.count_and_bank), (LinkCut, cards.long_forgotten), (Note, cards.notes), (CardFile, cards.files),
    (Consent, cards.consents), (FormerBarcode, counter.labels), (Errand, fetching.seed),
    (DropRun, counter.drop_box), (HouseUse, counter.reading), (Device, offline.seed), (RuleSet, papers.rules),
    (Wording, papers.wording), (ReadingList, accounts.seed), (Sitting, counter.sitting),
    (Clearance, leaving.seed), (PassList, orientation.seed), (DiscCheck, discs.seed), (Transfer, transfers.seed),
    (Violation, violations.seed), (Suggestion, wishes.seed), (SerialPattern, serials.seed),
    (RoutingList, routing.seed),
    (BackBundle, backissues.seed),
)


async def seed(kit: Kit) -> bool:
    """Load the demonstration, or what is missing of it; whether that is all of it."""
    complete = True
    await fortnight.seed(kit)
    supply = Supply(kit)
    if not await supply.look():
        log.warning("too few books or patrons for the rooms of the demonstration")
        return False
    for model, fill in ROOMS:
        async with kit.sessions() as session:
            if await session.scalar(select(literal(1)).select_from(model).limit(1)):
                continue
        try:
            await fill(supply)
        except Refusal as refusal:
            log.warning("a room of the demonstration stays as it is", room=model.__tablename__, why=str(refusal))
            complete = False
    return complete
