"""What the desk tells of items that leave the house and come back."""

from __future__ import annotations

from services.resources.cataloguing.merging import commands
from shared.events.reader import (
    ItemBarcodeReplaced,
    ItemLent,
    ItemReturned,
    LoanUndone,
    ReturnUndone,
)
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(ItemLent, read_model=True)
async def note_on_item_lent(work: Work, event: ItemLent) -> None:
    """A patron has it."""
    await commands.note_lent(work, event.barcode, lent=True)


@handlers.on(ReturnUndone, read_model=True)
async def note_on_return_undone(work: Work, event: ReturnUndone) -> None:
    """A patron has it after all."""
    await commands.note_lent(work, event.barcode, lent=True)


@handlers.on(ItemReturned, read_model=True)
async def note_on_item_returned(work: Work, event: ItemReturned) -> None:
    """The house has it."""
    await commands.note_lent(work, event.barcode, lent=False)


@handlers.on(LoanUndone, read_model=True)
async def note_on_loan_undone(work: Work, event: LoanUndone) -> None:
    """It never left."""
    await commands.note_lent(work, event.barcode, lent=False)


@handlers.on(ItemBarcodeReplaced, read_model=True)
async def rename_on_item_barcode_replaced(work: Work, event: ItemBarcodeReplaced) -> None:
    """It is lent under its new label."""
    await commands.rename_lent(work, event.former, event.barcode)
