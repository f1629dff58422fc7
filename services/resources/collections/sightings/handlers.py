"""What the desk tells of items that move through its hands."""

from __future__ import annotations

from services.resources.collections.sightings.commands import rename, saw
from services.resources.collections.sightings.model import Whereabouts
from shared.events.reader import (
    HoldReady,
    ItemArrived,
    ItemBarcodeReplaced,
    ItemLent,
    ItemLostInTransit,
    ItemRecovered,
    ItemReturned,
    ItemSent,
    ItemShelved,
    ItemTransferred,
    ItemUsedInHouse,
    LoanUndone,
    ReturnUndone,
    TransferClosed,
    TransferSent,
)
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()
# What the desk does next with an item that came back; all else stays in its hands for a while.
NEXT = {"shelve": Whereabouts.home, "hold_shelf": Whereabouts.hold}


@handlers.on(ItemLent, read_model=True)
async def note_on_item_lent(work: Work, event: ItemLent) -> None:
    """A gap on the shelf is a loan."""
    saw(work, [event.barcode], Whereabouts.loan)


@handlers.on(ReturnUndone, read_model=True)
async def note_on_return_undone(work: Work, event: ReturnUndone) -> None:
    """The loan goes on."""
    saw(work, [event.barcode], Whereabouts.loan)


@handlers.on(ItemReturned, read_model=True)
async def note_on_item_returned(work: Work, event: ItemReturned) -> None:
    """It is in the house again, on its shelf or in somebody's hands."""
    saw(work, [event.barcode], NEXT.get(event.next, Whereabouts.desk))


@handlers.on(ItemRecovered, read_model=True)
async def note_on_item_recovered(work: Work, event: ItemRecovered) -> None:
    """It was found: whoever brought it to the desk no longer has it."""
    saw(work, [event.barcode], Whereabouts.desk)


@handlers.on(LoanUndone, read_model=True)
async def note_on_loan_undone(work: Work, event: LoanUndone) -> None:
    """It never left."""
    saw(work, [event.barcode], Whereabouts.home)


@handlers.on(ItemShelved, read_model=True)
async def note_on_item_shelved(work: Work, event: ItemShelved) -> None:
    """It stands on its shelf."""
    saw(work, [event.barcode], Whereabouts.home)


@handlers.on(ItemUsedInHouse, read_model=True)
async def note_on_item_used(work: Work, event: ItemUsedInHouse) -> None:
    """Somebody read it in the house."""
    saw(work, [event.barcode], Whereabouts.home)


@handlers.on(HoldReady, read_model=True)
async def note_on_hold_ready(work: Work, event: HoldReady) -> None:
    """It waits for whoever asked."""
    saw(work, [event.barcode], Whereabouts.hold)


@handlers.on(ItemSent, read_model=True)
async def note_on_item_sent(work: Work, event: ItemSent) -> None:
    """It is in a box for another point."""
    saw(work, [event.barcode], Whereabouts.transit)


@handlers.on(ItemArrived, read_model=True)
async def note_on_item_arrived(work: Work, event: ItemArrived) -> None:
    """It is out of the box; where it goes is told next."""
    saw(work, [event.barcode], Whereabouts.desk)


@handlers.on(ItemLostInTransit, read_model=True)
async def note_on_item_lost_in_transit(work: Work, event: ItemLostInTransit) -> None:
    """It never came."""
    saw(work, [event.barcode], Whereabouts.missing)


@handlers.on(TransferSent, read_model=True)
async def note_on_transfer_sent(work: Work, event: TransferSent) -> None:
    """A whole list is on its way."""
    saw(work, event.barcodes, Whereabouts.transit)


@handlers.on(ItemTransferred, read_model=True)
async def note_on_item_transferred(work: Work, event: ItemTransferred) -> None:
    """It is at its new place; shelving is told next."""
    saw(work, [event.barcode], Whereabouts.desk)


@handlers.on(TransferClosed, read_model=True)
async def note_on_transfer_closed(work: Work, event: TransferClosed) -> None:
    """What of a list did not come is looked for."""
    saw(work, event.missing_barcodes, Whereabouts.missing)


@handlers.on(ItemBarcodeReplaced, read_model=True)
async def rename_on_item_barcode_replaced(work: Work, event: ItemBarcodeReplaced) -> None:
    """The line follows the label."""
    await rename(work, event.former, event.barcode)
