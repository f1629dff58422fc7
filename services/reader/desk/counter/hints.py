"""What a line tells beside its outcome: the discs of a book, the check of a disc, a barcode given up."""

from __future__ import annotations

from typing import Any

from services.reader.desk.circulation.commands import Returned
from services.reader.desk.circulation.model import Loan
from services.reader.desk.counter.model import Line, Outcome
from services.reader.desk.discs.model import KIND
from services.reader.desk.discs.queries import discs_of
from services.reader.desk.items.model import Item
from services.reader.desk.items.rules import availability, word
from shared.work import Work


def of_check(back: Returned) -> dict[str, Any]:
    """The check a returned disc waits for: the row asks for it at once."""
    if back.check is None:
        return {}
    payer = back.loan is not None or back.check.loan_id is not None
    return {"check": back.check.number, "expected": back.check.expected, "payer": payer}


def of_barcode(line: Line, scanned: str) -> dict[str, Any]:
    """A barcode the item bore before was scanned: the label on the book is an old one."""
    return {"former": scanned} if line.code != scanned else {}


async def of_discs(work: Work, line: Line) -> dict[str, Any]:
    """At lending the discs that belong to the book; at return those its patron still has."""
    if line.loan_id is None or line.outcome not in {Outcome.lent, Outcome.returned, Outcome.kept}:
        return {}
    loan = await work.session.get(Loan, line.loan_id)
    book = await work.session.get(Item, loan.item_id) if loan else None
    if loan is None or book is None or book.kind == KIND:
        return {}
    found = await discs_of(work.session, book)
    if line.outcome is Outcome.lent:
        return {"discs": [
            {"barcode": one.barcode, "free": availability(one)[0], "state": word(one).label} for one in found
        ]} if found else {}
    still = [one.barcode for one in found if loan.patron_id and one.patron_id == loan.patron_id]
    return {"discs_out": still} if still else {}
