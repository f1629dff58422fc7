"""Cutting links, and a patron's word on keeping them."""

from __future__ import annotations

from datetime import datetime, time
from uuid import UUID

from sqlalchemy import func, or_, select, text, update

from services.reader.desk.circulation.model import Loan
from services.reader.desk.counter.model import Line, Sitting
from services.reader.desk.patrons.model import Patron
from services.reader.desk.privacy import rules
from services.reader.desk.privacy.model import LinkCut
from services.reader.desk.signing import commands as signing
from shared.events.reader import LoanLinksCut
from shared.settings import LOCAL
from shared.work import Work

BATCH = 5000


async def cut(work: Work, *, patron_id: UUID | None = None) -> LinkCut:
    """Part loans from people: returned long ago, nothing owed, no wish to keep them.

    Kind of patron, college and class stay with the loan, for counting. Each run leaves a proof.
    """
    work.actor.require("RDR-LED", "head-reader", "patron")
    day = rules.until(work.today)
    before = datetime.combine(day, time(), LOCAL)
    where = [
        Loan.patron_id == Patron.id, Loan.returned_at < before, Patron.debt_fen <= 0,
        Patron.keeps_history.is_(False), *([Patron.id == patron_id] if patron_id else []),
    ]
    count = 0
    while True:
        batch = select(Loan.id).join(Patron, Patron.id == Loan.patron_id).where(*where[1:]).limit(BATCH)
        done = (await work.session.execute(
            update(Loan).where(where[0], Loan.id.in_(batch.scalar_subquery())).values(
                patron_id=None, card=None,
                category=func.coalesce(func.nullif(Loan.category, ""), Patron.category),
                college=func.coalesce(func.nullif(Loan.college, ""), Patron.college),
                class_name=func.coalesce(func.nullif(Loan.class_name, ""), Patron.class_name),
            ).returning(Loan.id).execution_options(synchronize_session=False)
        )).all()
        count += len(done)
        if len(done) < BATCH:
            break
    proof = LinkCut(at=work.now, until=day, count=count, patron_id=patron_id)
    if patron_id is None:
        proof.lines = await _forget_counter(work, before)
    work.session.add(proof)
    if count:
        work.emit(LoanLinksCut(count=count, until=day))
    return proof


async def _forget_counter(work: Work, before: datetime) -> int:
    """The counter's own notes of who stood there with what are of no use after so long."""
    lines = (await work.session.execute(
        update(Line).where(Line.at < before, Line.card != "").values(card="").returning(text("1"))
        .execution_options(synchronize_session=False)
    )).all()
    await work.session.execute(
        update(Sitting).where(
            Sitting.started_at < before, or_(Sitting.patron_id.is_not(None), Sitting.seen_id.is_not(None))
        ).values(patron_id=None, seen_id=None).execution_options(synchronize_session=False)
    )
    await signing.forget(work, before)
    return len(lines)


async def keep_history(work: Work, *, patron: Patron, keep: bool) -> LinkCut | None:
    """The patron's own choice; switching it off cuts what is old enough at once."""
    if work.actor.kind != "patron":
        work.actor.require("patron")
    found = await work.lock(Patron, Patron.id == patron.id)
    found.keeps_history = keep
    await work.session.flush()
    return None if keep else await cut(work, patron_id=found.id)
