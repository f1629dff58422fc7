"""What the catalogue teaches the desk."""

from __future__ import annotations

from services.reader.desk.items import commands
from shared.events.resources import (
    ItemCatalogued,
    ItemDigitised,
    ItemDigitising,
    ItemRebound,
    ItemRelocated,
    ItemToBindery,
    ItemWithdrawn,
    RecordChanged,
    WeedingProposed,
)
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(ItemCatalogued, read_model=True)
async def take_up_on_item_catalogued(work: Work, event: ItemCatalogued) -> None:
    """The item can be lent from now on; what is still in process can be waited for."""
    await commands.take_up(work, event)


@handlers.on(ItemRelocated, read_model=True)
async def follow_on_item_relocated(work: Work, event: ItemRelocated) -> None:
    """The desk sends people to the right shelf."""
    await commands.relocate(work, event)


@handlers.on(RecordChanged, read_model=True)
async def retitle_on_record_changed(work: Work, event: RecordChanged) -> None:
    """The desk reads out the corrected title."""
    await commands.retitle(work, instance_id=event.instance_id, title=event.title)


@handlers.on(WeedingProposed)
async def hold_back_on_weeding_proposed(work: Work, event: WeedingProposed) -> None:
    """A candidate is not lent while others decide about it."""
    await commands.learn_stock(work, barcode=event.barcode, action="propose")


@handlers.on(ItemWithdrawn)
async def withdraw_on_item_withdrawn(work: Work, event: ItemWithdrawn) -> None:
    """The item is gone for good."""
    await commands.learn_stock(work, barcode=event.barcode, action="withdraw")


@handlers.on(ItemToBindery)
async def give_on_item_to_bindery(work: Work, event: ItemToBindery) -> None:
    """A single book goes to be bound; a hold waits for it."""
    await commands.give_to_workshop(work, barcode=event.barcode, action="bind")


@handlers.on(ItemRebound)
async def take_back_on_item_rebound(work: Work, event: ItemRebound) -> None:
    """It is ours again and waits for its shelf."""
    await commands.take_from_workshop(work, barcode=event.barcode, action="bound")


@handlers.on(ItemDigitising)
async def give_on_item_digitising(work: Work, event: ItemDigitising) -> None:
    """The workshop has the item, so nobody can fetch it from the shelf."""
    await commands.give_to_workshop(work, barcode=event.barcode, action="scan")


@handlers.on(ItemDigitised)
async def take_back_on_item_digitised(work: Work, event: ItemDigitised) -> None:
    """It is ours again and waits for its shelf."""
    await commands.take_from_workshop(work, barcode=event.barcode, action="scanned")
