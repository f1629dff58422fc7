"""Proposing a title and taking the proposal back; telling what is in demand."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from services.reader.desk.holds.model import Hold, HoldState
from services.reader.desk.patrons.queries import lock_patron, own_or_staff, patron_ever
from services.reader.discovery.ondemand import using
from services.reader.discovery.suggestions import queries, rules
from services.reader.discovery.suggestions.model import Suggestion, TitleDemand
from shared.database import uuid7
from shared.events.reader import DemandUnmet, SuggestionSubmitted, SuggestionWithdrawn
from shared.states import step
from shared.work import Work

NUMBER = "JY"


async def submit(work: Work, *, card: str, wish: rules.Proposal, instance_id: str = "", offer: str = "") -> Suggestion:
    """A reader proposes a title; staff may write down what a reader says. An `offer` is decided by its use, so those who buy are not asked."""
    own_or_staff(work.actor, card)
    wish = wish.tidy()
    patron = await lock_patron(work.session, card)  # one reader's proposals come one after the other
    if other := await queries.same(work.session, patron.id, wish.key):
        raise rules.Already(title=other.title, number=other.no)
    if (n := await queries.open_count(work.session, patron.id)) >= rules.OPEN_MAX:
        raise rules.TooMany(n=n, limit=rules.OPEN_MAX)
    made = Suggestion(
        id=uuid7(), no=await work.number(NUMBER), patron_id=patron.id, card=patron.card, key=wish.key, steps=[],
        placed_at=work.now, placed_by=work.actor.id, instance_id=instance_id, case_no=offer, **wish.model_dump(),
    )
    rules.add_step(made, "submitted", work.now)
    work.session.add(made)
    await work.session.flush()
    if offer:
        return made
    work.emit(SuggestionSubmitted(number=made.no, card=patron.card, instance_id=instance_id, **wish.model_dump()))
    return made


async def withdraw(work: Work, *, number: str) -> Suggestion:
    """The reader does not need it any more; only one's own is found, and only while nothing was decided."""
    work.actor.require("patron", *rules.STAFF)
    where = [Suggestion.no == number]
    if work.actor.kind == "patron":  # who asked with a card that was replaced since is the same person
        patron = await patron_ever(work.session, work.actor.card)
        where.append(Suggestion.patron_id == (patron.id if patron else None))
    wish = await work.lock(Suggestion, *where, what=number)
    if (wish.state, "withdraw") not in rules.LIFE:
        raise rules.TooLate
    wish.state, wish.ended_at = step(rules.LIFE, wish.state, "withdraw"), work.now
    rules.add_step(wish, "withdrawn", work.now)
    if rules.on_offer(wish):
        await using.take_back(work, number=wish.case_no, card=wish.card, wish=wish.no)
    else:
        work.emit(SuggestionWithdrawn(number=wish.no, card=wish.card, title=wish.title))
    return wish


async def tell_demand(work: Work) -> int:
    """What too many wait for, once and again when it grows; run every night."""
    waits = select(Hold.id).where(Hold.instance_id == TitleDemand.instance_id, Hold.state == HoldState.waiting).exists()
    await work.session.execute(delete(TitleDemand).where(~waits))
    found = await queries.demanded(work.session)
    for row in found:
        work.emit(DemandUnmet(
            instance_id=row.instance_id, title=row.title, author=row.responsibility, publisher=row.publisher,
            year=str(row.year or ""), isbn=next(iter(row.isbns or ()), ""), holds=row.holds, copies=row.copies,
        ))
        told = insert(TitleDemand).values(instance_id=row.instance_id, holds=row.holds, copies=row.copies, told_at=work.now)
        await work.session.execute(told.on_conflict_do_update(
            index_elements=["instance_id"], set_={"holds": row.holds, "copies": row.copies, "told_at": work.now},
        ))
    return len(found)
