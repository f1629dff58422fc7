"""Putting titles on the list and moving them on."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from services.resources.acquiring.desiderata import queries, rules
from services.resources.acquiring.desiderata.model import Desideratum, Origin, TitleState
from shared.database import uuid7
from shared.states import step
from shared.work import Work

NUMBER = "DG"


async def want(
    work: Work, *, title: str, origin: Origin, origin_no: str = "", author: str = "", publisher: str = "",
    year: str = "", isbn: str = "", price_cents: int = 0, copies: int = 1, note: str = "", again: bool = False,
) -> Desideratum:
    """One more title that should come; `again`: although it is on its way already (more copies)."""
    isbn = rules.clean_isbn(isbn)
    if not again and (other := await queries.on_its_way(work.session, isbn)):
        raise rules.AlreadyWanted(title=other.title, number=other.no, state=TitleState(other.state).text)
    wish = Desideratum(
        id=uuid7(), no=await work.number(NUMBER), state=TitleState.wanted, title=title.strip(), author=author.strip(),
        publisher=publisher.strip(), year=year.strip(), isbn=isbn, price_cents=price_cents, copies=copies,
        note=note.strip(), origin=origin, origin_no=origin_no, correlation=work.correlation,
        created_by=work.actor.id, created_at=work.now, moved_at=work.now,
    )
    work.session.add(wish)
    await work.session.flush()
    work.emit(rules.progressed(wish), correlation=wish.correlation)
    return wish


async def move(
    work: Work, number: str, action: str, *, order_no: str | None = None, instance_id: UUID | None = None,
    reason: str = "",
) -> Desideratum:
    """A step of `rules.LIFE`: order, release, receive, catalogue, shelve, cancel, want; refused where it is impossible."""
    wish = await work.lock(Desideratum, Desideratum.no == number, what=number)
    wish.state = step(rules.LIFE, TitleState(wish.state), action)
    wish.order_no = wish.order_no if order_no is None else order_no
    wish.instance_id = instance_id or wish.instance_id
    wish.cancel_reason, wish.moved_at = reason, work.now
    work.emit(rules.progressed(wish), correlation=wish.correlation)
    return wish


async def move_all(
    work: Work, numbers: Sequence[str], action: str, *, order_no: str | None = None, instance_id: UUID | None = None, reason: str = "",
) -> list[Desideratum]:
    """The same step for many titles, in two statements; a title that cannot take it stays as it is."""
    if not numbers:
        return []
    found = await work.session.scalars(
        select(Desideratum).where(Desideratum.no.in_(list(numbers))).order_by(Desideratum.no).with_for_update()
        .execution_options(populate_existing=True)
    )
    moved = [wish for wish in found if (TitleState(wish.state), action) in rules.LIFE]
    for wish in moved:
        wish.state = step(rules.LIFE, TitleState(wish.state), action)
        wish.order_no = wish.order_no if order_no is None else order_no
        wish.instance_id = instance_id or wish.instance_id
        wish.cancel_reason, wish.moved_at = reason, work.now
        work.emit(rules.progressed(wish), correlation=wish.correlation)
    return moved
