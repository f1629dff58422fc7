"""The desk's facts that are uses."""

from __future__ import annotations

from services.resources.collections.usage.commands import count
from services.resources.collections.usage.model import UseKind
from shared.events.reader import HoldEnded, HoldPlaced, ItemLent, ItemUsedInHouse, LoanUndone
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()
# How a hold ends that no copy ever came for.
UNMET = "lapsed"


@handlers.on(ItemLent, read_model=True)
async def count_on_item_lent(work: Work, event: ItemLent) -> None:
    """One loan; renewals are none."""
    count(work, UseKind.loan, barcode=event.barcode)


@handlers.on(LoanUndone, read_model=True)
async def take_back_on_loan_undone(work: Work, event: LoanUndone) -> None:
    """It never left."""
    count(work, UseKind.loan, barcode=event.barcode, n=-1)


@handlers.on(ItemUsedInHouse, read_model=True)
async def count_on_item_used(work: Work, event: ItemUsedInHouse) -> None:
    """Somebody read it here."""
    count(work, UseKind.in_house, barcode=event.barcode)


@handlers.on(HoldPlaced, read_model=True)
async def count_on_hold_placed(work: Work, event: HoldPlaced) -> None:
    """Somebody asked for the title."""
    count(work, UseKind.hold, instance_id=event.instance_id)


@handlers.on(HoldEnded, read_model=True)
async def count_on_hold_ended(work: Work, event: HoldEnded) -> None:
    """The asking was in vain."""
    if event.how == UNMET:
        count(work, UseKind.unmet, instance_id=event.instance_id)
