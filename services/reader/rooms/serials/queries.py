"""Reads of titles and their issues."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.rooms.serials import rules
from services.reader.rooms.serials.model import (
    Claim,
    IssueState,
    SerialHandover,
    SerialIssue,
    SerialPattern,
    SerialTitle,
    TitleKind,
    TitleState,
)
from services.reader.rooms.serials.patterns import Pattern, from_json
from shared.refusals import NotFound

S = IssueState
Row = tuple[SerialIssue, SerialTitle]


async def title_by_number(session: AsyncSession, number: str, *, lock: bool = False) -> SerialTitle:
    """The title, or `UnknownTitle`."""
    query = select(SerialTitle).where(SerialTitle.number == number)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = await session.scalar(query)
    if found is None:
        raise rules.UnknownTitle(number)
    return found


async def titles(
    session: AsyncSession, *, q: str = "", kind: str = "", state: str = "", room: str = "", loose: bool = False,
    limit: int | None = None, offset: int = 0,
) -> tuple[Sequence[SerialTitle], int]:
    """Titles in the order of the racks; `loose` are those in force that nobody gave a pattern yet."""
    where: list[Any] = []
    if q:
        where.append(or_(
            SerialTitle.number == q.upper(), SerialTitle.title.contains(q, autoescape=True),
            SerialTitle.title_en.icontains(q, autoescape=True), SerialTitle.issn == (rules.issn(q) or q.upper()),
            SerialTitle.post_code == q, SerialTitle.cn == q.upper(),
        ))
    if kind in set(TitleKind):
        where.append(SerialTitle.kind == TitleKind(kind))
    if state in set(TitleState):
        where.append(SerialTitle.state == TitleState(state))
    if room:
        where.append(SerialTitle.room == room)
    if loose:
        where += [SerialTitle.state == TitleState.active, ~_patterned()]
    found = await session.scalars(
        select(SerialTitle).where(*where).order_by(SerialTitle.room, SerialTitle.rack_key, SerialTitle.title, SerialTitle.number)
        .limit(limit).offset(offset)
    )
    total = await session.scalar(select(func.count()).select_from(SerialTitle).where(*where))
    return found.all(), int(total or 0)


def _patterned() -> Any:
    return select(SerialPattern.id).where(SerialPattern.title_id == SerialTitle.id, SerialPattern.active).exists()


async def loose_count(session: AsyncSession) -> int:
    """How many titles in force have no pattern."""
    return int(await session.scalar(
        select(func.count()).select_from(SerialTitle).where(SerialTitle.state == TitleState.active, ~_patterned())
    ) or 0)


async def rooms(session: AsyncSession) -> Sequence[str]:
    """Rooms in which titles stand."""
    return (await session.scalars(select(SerialTitle.room).where(SerialTitle.room != "").distinct().order_by(SerialTitle.room))).all()


async def pattern_of(session: AsyncSession, title_id: UUID) -> tuple[SerialPattern, Pattern] | None:
    """The version in force, read."""
    found = await session.scalar(select(SerialPattern).where(SerialPattern.title_id == title_id, SerialPattern.active))
    return (found, from_json(found.rule)) if found is not None else None


async def versions(session: AsyncSession, title_id: UUID) -> Sequence[SerialPattern]:
    """Every version, the latest first."""
    return (await session.scalars(
        select(SerialPattern).where(SerialPattern.title_id == title_id).order_by(SerialPattern.version.desc())
    )).all()


def rows(query: Any) -> Any:
    """Issues with their titles."""
    return query.join(SerialTitle, SerialTitle.id == SerialIssue.title_id)


RACKS = (SerialTitle.room, SerialTitle.rack_key, SerialTitle.title, SerialIssue.issued_on, SerialIssue.slot)


async def awaited(session: AsyncSession, on: date, *, room: str = "", q: str = "") -> list[Row]:
    """What the day's delivery may hold: due by then and not here, in the order of the racks; gaps are not among it."""
    query = rows(select(SerialIssue, SerialTitle)).where(
        SerialIssue.state == S.expected, SerialIssue.due_on <= on, SerialTitle.state != TitleState.ceased
    )
    if room:
        query = query.where(SerialTitle.room == room)
    if q:
        query = query.where(SerialTitle.title.contains(q, autoescape=True) | (SerialTitle.number == q.upper()))
    return [(issue, title) for issue, title in await session.execute(query.order_by(*RACKS))]


async def came(session: AsyncSession, on: date, *, room: str = "") -> list[Row]:
    """What arrived on a day, the latest on top."""
    query = rows(select(SerialIssue, SerialTitle)).where(SerialIssue.arrived_on == on)
    if room:
        query = query.where(SerialTitle.room == room)
    query = query.order_by(SerialIssue.arrived_at.desc(), *RACKS)
    return [(issue, title) for issue, title in await session.execute(query)]


async def titles_called(session: AsyncSession, code: rules.Scanned) -> Sequence[SerialTitle]:
    """Titles that answer to a scan, those in force first."""
    if code.issn:
        where: Any = SerialTitle.issn == code.issn
    else:
        where = or_(SerialTitle.number == code.other.upper(), SerialTitle.post_code == code.other, SerialTitle.cn == code.other.upper())
    query = select(SerialTitle).where(where).order_by(SerialTitle.state != TitleState.active, SerialTitle.number)
    return (await session.scalars(query)).all()


async def open_issues(session: AsyncSession, title_ids: Sequence[UUID]) -> Sequence[SerialIssue]:
    """Issues of these titles that may yet come, the gaps included."""
    return (await session.scalars(
        select(SerialIssue).where(SerialIssue.title_id.in_(title_ids), SerialIssue.state.in_((S.expected, S.missing)))
        .order_by(SerialIssue.issued_on, SerialIssue.slot)
    )).all()


async def lock_issues(session: AsyncSession, ids: Sequence[UUID]) -> list[Row]:
    """These issues, locked in one order, with their titles."""
    query = rows(select(SerialIssue, SerialTitle)).where(SerialIssue.id.in_(ids)).order_by(SerialIssue.id)
    query = query.with_for_update(of=SerialIssue).execution_options(populate_existing=True)
    return [(issue, title) for issue, title in await session.execute(query)]


async def issue_by_id(session: AsyncSession, key: UUID) -> Row:
    """The issue with its title, or `NoSuchIssue`."""
    found = (await session.execute(rows(select(SerialIssue, SerialTitle)).where(SerialIssue.id == key))).first()
    if found is None:
        raise rules.NoSuchIssue
    return found[0], found[1]


async def issues_of(session: AsyncSession, title_id: UUID, year: int) -> Sequence[SerialIssue]:
    """The card of a year, in order of the covers."""
    return (await session.scalars(
        select(SerialIssue).where(
            SerialIssue.title_id == title_id, SerialIssue.issued_on >= date(year, 1, 1), SerialIssue.issued_on <= date(year, 12, 31),
        ).order_by(SerialIssue.issued_on, SerialIssue.slot)
    )).all()


async def years_of(session: AsyncSession, title_id: UUID) -> list[int]:
    """Years of which there are issues, the latest first."""
    year = func.extract("year", SerialIssue.issued_on)
    found = await session.scalars(select(year).where(SerialIssue.title_id == title_id).distinct().order_by(year.desc()))
    return [int(one) for one in found]


GAPS: dict[str, Any] = {
    "open": SerialIssue.state == S.missing,
    "asked": (SerialIssue.state == S.missing) & SerialIssue.claim.in_((Claim.claimed, Claim.promised)),
    "coming": (SerialIssue.state == S.expected) & (SerialIssue.claim == Claim.sent),
    "refused": (SerialIssue.state == S.unavailable),
}


async def gaps(
    session: AsyncSession, view: str, *, q: str = "", limit: int | None = None, offset: int = 0
) -> tuple[list[Row], int]:
    """Missing issues, the longest awaited first."""
    where = [GAPS.get(view, GAPS["open"])]
    if q:
        where.append(SerialTitle.title.contains(q, autoescape=True) | (SerialTitle.number == q.upper()))
    query = rows(select(SerialIssue, SerialTitle)).where(*where).order_by(SerialIssue.due_on, SerialTitle.title, SerialIssue.slot)
    total = await session.scalar(rows(select(func.count(SerialIssue.id))).where(*where))
    return [(i, t) for i, t in await session.execute(query.limit(limit).offset(offset))], int(total or 0)


async def gap_counts(session: AsyncSession) -> dict[str, int]:
    """How many gaps stand where."""
    row = (await session.execute(select(*(func.count().filter(where) for where in GAPS.values())).select_from(SerialIssue))).one()
    return dict(zip(GAPS, row, strict=True))


async def open_gaps(session: AsyncSession, title_id: UUID) -> int:
    """How many issues of a title are missing."""
    return int(await session.scalar(
        select(func.count()).where(SerialIssue.title_id == title_id, SerialIssue.state == S.missing)
    ) or 0)


async def overdue(session: AsyncSession, today: date, limit: int) -> list[Row]:
    """Awaited beyond their tolerance, locked; what another process works on is left to it."""
    query = rows(select(SerialIssue, SerialTitle)).where(
        SerialIssue.state == S.expected, SerialIssue.late_on < today, SerialTitle.state != TitleState.ceased
    ).order_by(SerialIssue.id).limit(limit).with_for_update(of=SerialIssue, skip_locked=True)
    return [(issue, title) for issue, title in await session.execute(query)]


async def handover_of(session: AsyncSession, on: date, room: str) -> SerialHandover | None:
    """The handover of a day in a room."""
    return await session.scalar(select(SerialHandover).where(SerialHandover.on == on, SerialHandover.room == room))


async def handover_by_number(session: AsyncSession, number: str) -> SerialHandover:
    """One handover, or `NotFound`."""
    found = await session.scalar(select(SerialHandover).where(SerialHandover.number == number))
    if found is None:
        raise NotFound(number)
    return found


async def handovers(session: AsyncSession, *, limit: int, offset: int = 0) -> tuple[Sequence[SerialHandover], int]:
    """Handovers, the latest first."""
    found = await session.scalars(
        select(SerialHandover).order_by(SerialHandover.on.desc(), SerialHandover.number.desc()).limit(limit).offset(offset)
    )
    return found.all(), int(await session.scalar(select(func.count()).select_from(SerialHandover)) or 0)


async def day_counts(session: AsyncSession, on: date, room: str) -> dict[str, int]:
    """The day in figures: expected that day, arrived, awaited from before, missing now, damaged copies, not stamped."""
    here = [SerialTitle.room == room] if room else []
    arrived = SerialIssue.arrived_on == on
    row = (await session.execute(rows(select(
        func.count().filter(SerialIssue.due_on == on, SerialIssue.state != S.skipped),
        func.count().filter(arrived),
        func.count().filter(SerialIssue.state == S.expected, SerialIssue.due_on <= on),
        func.count().filter(SerialIssue.state == S.missing),
        func.coalesce(func.sum(SerialIssue.damaged).filter(arrived), 0),
        func.count().filter(arrived, SerialIssue.stamped_at.is_(None)),
    ).select_from(SerialIssue)).where(
        (SerialIssue.due_on == on) | arrived | SerialIssue.state.in_((S.missing, S.expected)), *here
    ))).one()
    return dict(zip(("expected", "arrived", "late", "missing", "damaged", "unstamped"), (int(n) for n in row), strict=True))



async def patterned(session: AsyncSession, ids: Sequence[UUID]) -> set[UUID]:
    """Which of these have a pattern."""
    return set(await session.scalars(select(SerialPattern.title_id).where(SerialPattern.title_id.in_(ids), SerialPattern.active)))


async def title_called(session: AsyncSession, number: str) -> SerialTitle | None:
    """The title with this number, if there is one."""
    return await session.scalar(select(SerialTitle).where(SerialTitle.number == number)) if number else None


async def continued_by(session: AsyncSession, number: str) -> Sequence[SerialTitle]:
    """Titles that go on where this one ended."""
    return (await session.scalars(select(SerialTitle).where(SerialTitle.continues == number).order_by(SerialTitle.number))).all()
