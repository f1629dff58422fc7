"""补证: another card for the same person."""

from __future__ import annotations

from sqlalchemy import update

from services.reader.desk import DESK
from services.reader.desk.charges import commands as charges
from services.reader.desk.charges.model import Kind
from services.reader.desk.circulation.model import Loan
from services.reader.desk.holds.model import Hold
from services.reader.desk.patrons import commands as patrons
from services.reader.desk.patrons import rules
from services.reader.desk.patrons.model import Document, Patron
from services.reader.desk.patrons.queries import lock_patron
from shared.events.reader import CardReissued
from shared.work import Work


async def reissue(
    work: Work, *, card: str, new_card: str, chip: str | None, document: Document, last4: str
) -> tuple[Patron, int]:
    """Another number and chip after a look at a document; returns the patron and the fee in fen.

    Loans, holds and charges are the person's and stay. Postings of the ledger keep the number they
    were made under, as a voucher must.
    """
    work.actor.require(*DESK)
    patron = await lock_patron(work.session, card)
    old, chip = patron.card, (chip or "").strip().upper() or None
    if new_card == old:
        raise rules.CardTaken(card=new_card)
    patrons.check_identity(work, patron, purpose="reissue", document=document, last4=last4)
    fee = rules.reissue(patron, card=new_card, chip=None if chip == new_card else chip)
    await patrons.settle_numbers(work, new_card, chip)
    for table in (Loan, Hold):
        await work.session.execute(
            update(table).where(table.patron_id == patron.id).values(card=new_card)
            .execution_options(synchronize_session=False)
        )
    if fee:
        charges.post_charge(
            work, patron_id=patron.id, card=new_card, kind=Kind.card, amount_fen=fee, reason=f"{old} → {new_card}"
        )
    work.emit(CardReissued(
        old_card=old, card=new_card, category=patron.category.value, state=patron.state.value, fee_cents=fee
    ))
    return patron, fee
