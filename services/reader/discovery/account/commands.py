"""What patrons do for themselves beyond the desk's own commands."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import select

from services.reader.desk.circulation import commands as circulation
from services.reader.desk.circulation.model import Loan
from services.reader.desk.circulation.rules import RenewalRefused
from services.reader.desk.items.queries import lock_item
from services.reader.desk.patrons.model import Patron
from services.reader.discovery.account.queries import own_patron
from shared.work import Work


@dataclass(slots=True)
class Renewals:
    """What became of each loan."""

    done: list[Loan] = field(default_factory=list)
    refused: list[tuple[str, RenewalRefused]] = field(default_factory=list)


async def renew_all(work: Work) -> Renewals:
    """Renew every loan that may run longer; a refusal of one is no obstacle to the others."""
    patron = await own_patron(work)
    barcodes = sorted(await work.session.scalars(
        select(Loan.barcode).where(Loan.patron_id == patron.id, Loan.returned_at.is_(None))
    ))
    # All items first, in one order, then the patron: a desk that lends meanwhile waits but never crosses us.
    for barcode in barcodes:
        await lock_item(work.session, barcode)
    result = Renewals()
    for barcode in barcodes:
        try:
            loan, _patron = await circulation.renew(work, barcode=barcode)
        except RenewalRefused as refusal:  # refused before anything was changed
            result.refused.append((barcode, refusal))
        else:
            result.done.append(loan)
    return result


async def keep_history(work: Work, *, keep: bool) -> Patron:
    """Say whether returned books may be shown; only their patron can say so, and can take it back."""
    patron = await own_patron(work)
    found = await work.lock(Patron, Patron.id == patron.id)
    found.keep_history = keep
    return found
