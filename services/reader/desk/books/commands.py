"""Noting that a receipt was printed."""

from __future__ import annotations

from sqlalchemy import func, select, text

from services.reader.desk import DESK
from services.reader.desk.books.model import ReceiptPrint
from services.reader.desk.charges.queries import receipt_lines
from shared.refusals import NotFound
from shared.work import Work

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('receipt-print:' || :receipt))")


async def note_print(work: Work, *, receipt: str) -> ReceiptPrint:
    """One more printing; two desks that print at once hold the original and a copy, never two originals."""
    work.actor.require(*DESK)
    if not await receipt_lines(work.session, receipt):
        raise NotFound(receipt)
    await work.session.execute(_ONE_AT_A_TIME, {"receipt": receipt})
    last = await work.session.scalar(
        select(func.max(ReceiptPrint.copy)).where(ReceiptPrint.receipt == receipt)
    )
    made = ReceiptPrint(receipt=receipt, copy=(last or 0) + 1, at=work.now, by=work.actor.id)
    work.session.add(made)
    await work.session.flush()
    if made.copy > 1:
        work.note("reprint", "receipt", receipt, copy=made.copy)
    return made
