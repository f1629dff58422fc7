"""Reads of lists, slips and stations."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.patrons.model import CardNumber, CardState, Patron
from services.reader.desk.patrons.rules import standing
from services.reader.rooms.routing import rules
from services.reader.rooms.routing.model import (
    RoutingList,
    RoutingSlip,
    RoutingStation,
    RoutingStep,
    RoutingVersion,
    SlipState,
    StepState,
    Who,
)
from services.reader.rooms.serials.model import IssueState, SerialIssue, SerialTitle, Shelf
from shared.web.register import people
from shared.web.register.tables import person_name
from shared.work import Work

OPEN = (SlipState.running, SlipState.returning)
Row = tuple[RoutingSlip, SerialIssue, SerialTitle]
VIEWS = ("running", "late", "returning", "ended")


async def list_by_number(session: AsyncSession, number: str, *, lock: bool = False) -> tuple[RoutingList, SerialTitle]:
    """The list and its title, or `UnknownList`."""
    query = select(RoutingList, SerialTitle).join(SerialTitle, SerialTitle.id == RoutingList.title_id).where(RoutingList.number == number)
    if lock:
        query = query.with_for_update(of=RoutingList).execution_options(populate_existing=True)
    found = (await session.execute(query)).first()
    if found is None:
        raise rules.UnknownList(number)
    return found[0], found[1]


async def lists(
    session: AsyncSession, *, q: str = "", title_id: UUID | None = None, stopped: bool = False, limit: int | None = None, offset: int = 0,
) -> tuple[list[tuple[RoutingList, SerialTitle, int]], int]:
    """Lists with their titles and the number of stations, by title."""
    where: list[Any] = [RoutingList.active.is_(not stopped)]
    if q:
        where.append(or_(
            RoutingList.number == q.upper(), RoutingList.name.contains(q, autoescape=True), SerialTitle.title.contains(q, autoescape=True),
            SerialTitle.number == q.upper(),
        ))
    if title_id is not None:
        where.append(RoutingList.title_id == title_id)
    count = select(func.count()).select_from(RoutingStation).join(RoutingVersion, RoutingVersion.id == RoutingStation.version_id).where(
        RoutingVersion.list_id == RoutingList.id, RoutingVersion.version == RoutingList.version,
    ).correlate(RoutingList).scalar_subquery()
    query = select(RoutingList, SerialTitle, count).join(SerialTitle, SerialTitle.id == RoutingList.title_id).where(*where)
    total = await session.scalar(select(func.count()).select_from(query.subquery()))
    found = await session.execute(query.order_by(SerialTitle.title, RoutingList.copy_no, RoutingList.number).limit(limit).offset(offset))
    return [(row[0], row[1], row[2]) for row in found], int(total or 0)


async def in_force(session: AsyncSession, title_ids: Iterable[UUID]) -> dict[UUID, list[RoutingList]]:
    """The lists of these titles, the first copy first."""
    found: dict[UUID, list[RoutingList]] = {}
    query = select(RoutingList).where(RoutingList.title_id.in_(set(title_ids)), RoutingList.active).order_by(RoutingList.copy_no)
    for one in await session.scalars(query):
        found.setdefault(one.title_id, []).append(one)
    return found


async def version_of(session: AsyncSession, list_id: UUID, version: int) -> RoutingVersion:
    """One version of a list."""
    return (await session.scalars(
        select(RoutingVersion).where(RoutingVersion.list_id == list_id, RoutingVersion.version == version)
    )).one()


async def versions_of(session: AsyncSession, list_id: UUID) -> Sequence[RoutingVersion]:
    """Every version, the latest first."""
    return (await session.scalars(
        select(RoutingVersion).where(RoutingVersion.list_id == list_id).order_by(RoutingVersion.version.desc())
    )).all()


async def stations_of(session: AsyncSession, list_id: UUID, version: int) -> Sequence[RoutingStation]:
    """The stations of a version in their order."""
    return (await session.scalars(
        select(RoutingStation).join(RoutingVersion, RoutingVersion.id == RoutingStation.version_id)
        .where(RoutingVersion.list_id == list_id, RoutingVersion.version == version).order_by(RoutingStation.position)
    )).all()


async def stations_held(session: AsyncSession, who: str) -> Sequence[RoutingStation]:
    """A person's stations on the lists in force."""
    return (await session.scalars(
        select(RoutingStation).join(RoutingVersion, RoutingVersion.id == RoutingStation.version_id)
        .join(RoutingList, and_(RoutingList.id == RoutingVersion.list_id, RoutingList.version == RoutingVersion.version))
        .where(RoutingStation.who == who, RoutingStation.kind == Who.staff, RoutingList.active)
        .order_by(RoutingStation.id).with_for_update(of=RoutingStation)
    )).all()


def _slips() -> Any:
    return select(RoutingSlip, SerialIssue, SerialTitle).join(SerialIssue, SerialIssue.id == RoutingSlip.issue_id).join(
        SerialTitle, SerialTitle.id == SerialIssue.title_id
    )


async def slip_by_number(session: AsyncSession, number: str, *, lock: bool = False) -> tuple[Row, list[RoutingStep]]:
    """The slip with issue, title and stations, or `UnknownSlip`."""
    query = _slips().where(RoutingSlip.number == number)
    if lock:
        query = query.with_for_update(of=RoutingSlip).execution_options(populate_existing=True)
    found = (await session.execute(query)).first()
    if found is None:
        raise rules.UnknownSlip(number)
    return (found[0], found[1], found[2]), list(await steps_of(session, found[0].id))


async def steps_of(session: AsyncSession, slip_id: UUID) -> Sequence[RoutingStep]:
    """The stations of a slip in their order."""
    query = select(RoutingStep).where(RoutingStep.slip_id == slip_id).order_by(RoutingStep.position)
    return (await session.scalars(query.execution_options(populate_existing=True))).all()


def _view(view: str, today: date) -> list[Any]:
    if view == "late":
        return [RoutingSlip.state.in_(OPEN), RoutingSlip.due_on < today]
    if view == "returning":
        return [RoutingSlip.state == SlipState.returning]
    if view == "ended":
        return [RoutingSlip.state.not_in(OPEN)]
    return [RoutingSlip.state == SlipState.running]


async def slips(
    session: AsyncSession, view: str, today: date, *, q: str = "", limit: int | None = None, offset: int = 0
) -> tuple[list[Row], int]:
    """Slips of a view, the longest overdue first; what has ended, the latest first."""
    where = _view(view, today)
    if q:
        where.append(or_(
            RoutingSlip.number == q.upper(), SerialTitle.title.contains(q, autoescape=True), SerialTitle.number == q.upper(),
            SerialIssue.label.contains(q, autoescape=True),
        ))
    query = _slips().where(*where)
    total = await session.scalar(select(func.count()).select_from(query.with_only_columns(RoutingSlip.id).subquery()))
    order = (RoutingSlip.ended_at.desc(),) if view == "ended" else (RoutingSlip.due_on, RoutingSlip.number)
    return [(row[0], row[1], row[2]) for row in await session.execute(query.order_by(*order).limit(limit).offset(offset))], int(total or 0)


async def counts(session: AsyncSession, today: date) -> dict[str, int]:
    """How many slips stand in which view."""
    row = (await session.execute(
        select(*(func.count().filter(and_(*_view(view, today))) for view in VIEWS)).select_from(RoutingSlip)
    )).one()
    return dict(zip(VIEWS, (int(n) for n in row), strict=True))


async def slips_of(session: AsyncSession, issue_ids: Sequence[UUID], *, lock: bool = False) -> list[RoutingSlip]:
    """Open slips of these issues."""
    query = select(RoutingSlip).where(RoutingSlip.issue_id.in_(issue_ids), RoutingSlip.state.in_(OPEN)).order_by(RoutingSlip.id)
    return list(await session.scalars(query.with_for_update() if lock else query))


async def heres(session: AsyncSession, slip_ids: Sequence[UUID]) -> dict[UUID, RoutingStep]:
    """The station at which each of these slips is."""
    found = await session.scalars(
        select(RoutingStep).where(RoutingStep.slip_id.in_(slip_ids), RoutingStep.state.in_(rules.HERE))
    )
    return {one.slip_id: one for one in found}


async def own_numbers(work: Work) -> set[str]:
    """The numbers the actor has or had: a reader's card may have been issued anew since a list named it."""
    own = {work.actor.id}
    if work.actor.kind == "patron":
        holder = select(CardNumber.patron_id).where(CardNumber.number == work.actor.id).scalar_subquery()
        own |= set(await work.session.scalars(select(CardNumber.number).where(CardNumber.patron_id == holder)))
    return own


async def of_person(session: AsyncSession, own: Collection[str], *, limit: int | None = None, offset: int = 0) -> tuple[list[tuple[Row, RoutingStep]], int]:
    """A person's own stations on open slips: what is with them first, then what is still to come."""
    query = _slips().add_columns(RoutingStep).join(RoutingStep, RoutingStep.slip_id == RoutingSlip.id).where(
        RoutingStep.who.in_(own), RoutingSlip.state == SlipState.running, RoutingStep.state.in_((*rules.HERE, StepState.waiting)),
    )
    total = await session.scalar(select(func.count()).select_from(query.with_only_columns(RoutingStep.id).subquery()))
    query = query.order_by(RoutingStep.state == StepState.waiting, RoutingSlip.due_on, RoutingSlip.number).limit(limit).offset(offset)
    return [((row[0], row[1], row[2]), row[3]) for row in await session.execute(query)], int(total or 0)


async def overdue(session: AsyncSession, today: date, limit: int) -> list[Row]:
    """Kept beyond the term and not told of today, locked."""
    query = _slips().where(
        RoutingSlip.state.in_(OPEN), RoutingSlip.due_on < today, or_(RoutingSlip.told_on.is_(None), RoutingSlip.told_on < RoutingSlip.due_on),
    ).order_by(RoutingSlip.id).limit(limit).with_for_update(of=RoutingSlip, skip_locked=True)
    return [(row[0], row[1], row[2]) for row in await session.execute(query)]


async def newer_on_rack(session: AsyncSession, issue: SerialIssue) -> int:
    """How many newer issues of the title stand or will stand on its rack."""
    return int(await session.scalar(select(func.count()).where(
        SerialIssue.title_id == issue.title_id, SerialIssue.state == IssueState.arrived,
        SerialIssue.shelf.in_((Shelf.none, Shelf.displayed)), SerialIssue.issued_on > issue.issued_on,
    )) or 0)


async def dead_cards(session: AsyncSession, cards: Sequence[str], today: date) -> set[str]:
    """Which of these cards no longer belong to an active reader."""
    if not cards:
        return set()
    rows = await session.execute(
        select(CardNumber.number, Patron).join(Patron, Patron.id == CardNumber.patron_id).where(CardNumber.number.in_(cards))
    )
    found = {number: standing(patron, today) for number, patron in rows}
    return {card for card in cards if found.get(card) in (None, CardState.closed, CardState.expired)}


async def is_colleague(session: AsyncSession, number: str) -> bool:
    """Whether we know a member of staff by this number."""
    return bool(await session.scalar(select(exists().where(person_name.c.id == number, person_name.c.kind == "staff"))))


async def names(work: Work, stations: Iterable[RoutingStation | RoutingStep]) -> dict[str, str]:
    """What stations are called: offices by their name, people by theirs."""
    stations = list(stations)
    found = await people.names(work, [one.who for one in stations if one.kind is Who.staff])
    cards = [one.who for one in stations if one.kind is Who.patron and one.who]
    if cards:
        found |= dict((await work.session.execute(
            select(CardNumber.number, Patron.name).join(Patron, Patron.id == CardNumber.patron_id).where(CardNumber.number.in_(cards))
        )).tuples().all())
    return found


async def is_reader(session: AsyncSession, card: str) -> bool:
    """Whether somebody bears this card."""
    return bool(await session.scalar(select(exists().where(Patron.card == card, Patron.state != CardState.closed))))


async def slips_awaiting(session: AsyncSession, who: str) -> list[str]:
    """Slips under way on which a colleague's turn is now or still to come."""
    return list(await session.scalars(
        select(RoutingSlip.number).join(RoutingStep, RoutingStep.slip_id == RoutingSlip.id).where(
            RoutingStep.who == who, RoutingStep.kind == Who.staff, RoutingSlip.state == SlipState.running,
            RoutingStep.state.in_((*rules.HERE, StepState.waiting)),
        ).order_by(RoutingSlip.number)
    ))


async def copies_routed(session: AsyncSession, issue_id: UUID) -> set[int]:
    """Copies of an issue that have gone round or are under way."""
    return set(await session.scalars(
        select(RoutingSlip.copy_no).where(RoutingSlip.issue_id == issue_id, RoutingSlip.state.not_in((SlipState.void, SlipState.lost)))
    ))


async def routed(session: AsyncSession, issue_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many copies of these issues go round."""
    found = await session.execute(
        select(RoutingSlip.issue_id, func.count()).where(RoutingSlip.issue_id.in_(issue_ids), RoutingSlip.state.in_(OPEN)).group_by(RoutingSlip.issue_id)
    )
    return {row[0]: row[1] for row in found}
