"""Reads of what is loose, of bundles, and of batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, and_, case, extract, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.items.queries import find_item
from services.reader.rooms.backissues import rules
from services.reader.rooms.backissues.model import (
    BackBundle,
    BackBundleIssue,
    BackKeeping,
    BindingBatch,
    BindingLine,
    BundleState,
    Outcome,
)
from services.reader.rooms.serials.model import (
    IssueState,
    SerialIssue,
    SerialTitle,
    Shelf,
    TitleKind,
)
from services.reader.rooms.serials.queries import rows
from shared.refusals import NotFound

Row = tuple[BackBundle, SerialTitle]
IN_BUNDLE = select(BackBundleIssue.id).where(BackBundleIssue.issue_id == SerialIssue.id).exists()
LOOSE = and_(SerialIssue.state == IssueState.arrived, SerialIssue.shelf == Shelf.down, ~IN_BUNDLE)


@dataclass(frozen=True, slots=True)
class Pile:
    """What lies loose of a title and year."""

    title: SerialTitle
    year: int
    count: int
    copies: int
    first: date
    last: date
    missing: int


async def piles(session: AsyncSession, *, q: str = "", kind: str = "", limit: int | None = None, offset: int = 0) -> tuple[list[Pile], int]:
    """Loose issues by title and year, the oldest pile first; `missing` are the year's gaps."""
    year = extract("year", SerialIssue.issued_on).cast(Integer).label("year")
    where: list[Any] = []
    if q:
        where.append(or_(SerialTitle.title.contains(q, autoescape=True), SerialTitle.title_en.icontains(q, autoescape=True), SerialTitle.number == q.upper()))
    if kind in set(TitleKind):
        where.append(SerialTitle.kind == TitleKind(kind))
    loose = rows(select(
        SerialIssue.title_id, year, func.count().label("n"), func.sum(SerialIssue.arrived).cast(Integer).label("copies"),
        func.min(SerialIssue.issued_on).label("first"), func.max(SerialIssue.issued_on).label("last"),
    ).select_from(SerialIssue)).where(LOOSE, *where).group_by(SerialIssue.title_id, year).subquery()
    gaps = select(func.count()).where(
        SerialIssue.title_id == loose.c.title_id, extract("year", SerialIssue.issued_on) == loose.c.year,
        SerialIssue.state.in_((IssueState.missing, IssueState.unavailable)),
    ).scalar_subquery()
    found = await session.execute(
        select(SerialTitle, loose.c.year, loose.c.n, loose.c.copies, loose.c.first, loose.c.last, gaps)
        .join(loose, loose.c.title_id == SerialTitle.id).order_by(loose.c.first, SerialTitle.number).limit(limit).offset(offset)
    )
    total = await session.scalar(select(func.count()).select_from(loose))
    return [Pile(*row) for row in found], int(total or 0)


async def span(session: AsyncSession, title_id: UUID, from_on: date, to_on: date, *, lock: bool = False) -> Sequence[SerialIssue]:
    """Issues of a title between two cover dates."""
    query = select(SerialIssue).where(SerialIssue.title_id == title_id, SerialIssue.issued_on.between(from_on, to_on))
    if lock:
        query = query.order_by(SerialIssue.id).with_for_update().execution_options(populate_existing=True)
    else:
        query = query.order_by(SerialIssue.issued_on, SerialIssue.slot)
    return (await session.scalars(query)).all()


async def volumes_of(session: AsyncSession, title_id: UUID) -> list[tuple[int, date, date]]:
    """Volumes with the span of their covers, the latest first."""
    found = await session.execute(
        select(SerialIssue.volume, func.min(SerialIssue.issued_on), func.max(SerialIssue.issued_on))
        .where(SerialIssue.title_id == title_id, SerialIssue.volume.is_not(None)).group_by(SerialIssue.volume)
        .order_by(SerialIssue.volume.desc())
    )
    return [(volume, first, last) for volume, first, last in found if volume is not None]


async def bundled(session: AsyncSession, issues: Sequence[SerialIssue]) -> dict[UUID, UUID]:
    """Which of these lie in which bundle."""
    found = await session.execute(
        select(BackBundleIssue.issue_id, BackBundleIssue.bundle_id).where(BackBundleIssue.issue_id.in_([one.id for one in issues]))
    )
    return {row[0]: row[1] for row in found}


async def collation(session: AsyncSession, bundle: BackBundle, today: date) -> rules.Collation:
    """What lies in the bundle, and what its span lacks now."""
    issues = await span(session, bundle.title_id, bundle.from_on, bundle.to_on)
    where = await bundled(session, issues)
    inside = {issue for issue, owner in where.items() if owner == bundle.id}
    return rules.collate(issues, inside, set(where) - inside, today)


async def bundle_by_number(session: AsyncSession, number: str, *, lock: bool = False) -> Row:
    """The bundle with its title, or `UnknownBundle`."""
    query = select(BackBundle, SerialTitle).join(SerialTitle, SerialTitle.id == BackBundle.title_id).where(BackBundle.number == number)
    if lock:
        query = query.with_for_update(of=BackBundle).execution_options(populate_existing=True)
    found = (await session.execute(query)).first()
    if found is None:
        raise rules.UnknownBundle(number)
    return found[0], found[1]


async def lock_bundles(session: AsyncSession, numbers: Sequence[str]) -> list[Row]:
    """These bundles in one order, locked."""
    found = await session.execute(
        select(BackBundle, SerialTitle).join(SerialTitle, SerialTitle.id == BackBundle.title_id).where(BackBundle.number.in_(numbers))
        .order_by(BackBundle.number).with_for_update(of=BackBundle).execution_options(populate_existing=True)
    )
    return [(bundle, title) for bundle, title in found]


async def count_in(session: AsyncSession, bundle: BackBundle) -> int:
    """How many issues lie in it."""
    return int(await session.scalar(select(func.count()).where(BackBundleIssue.bundle_id == bundle.id)) or 0)


def _past(today: date) -> Any:
    """Stored beyond its term: the year of the last cover plus the years of the title or its kind."""
    years = func.coalesce(BackKeeping.years, case(rules.KEPT, value=SerialTitle.kind, else_=0))
    return and_(BackBundle.state == BundleState.stored, years > 0, BackBundle.to_on + func.make_interval(years.cast(Integer)) < today)


def _found(q: str, on: date | None) -> list[Any]:
    where: list[Any] = []
    if q:
        where.append(or_(
            BackBundle.number == q.upper(), BackBundle.barcode == q.upper(), SerialTitle.number == q.upper(),
            SerialTitle.title.contains(q, autoescape=True), SerialTitle.title_en.icontains(q, autoescape=True),
            BackBundle.call_number.startswith(q, autoescape=True), BackBundle.place.contains(q, autoescape=True),
        ))
    if on is not None:
        where.append(BackBundle.id.in_(
            select(BackBundleIssue.bundle_id).join(SerialIssue, SerialIssue.id == BackBundleIssue.issue_id).where(SerialIssue.issued_on == on)
        ))
    return where


def _joined(query: Any) -> Any:
    return query.join(SerialTitle, SerialTitle.id == BackBundle.title_id).outerjoin(BackKeeping, BackKeeping.title_id == BackBundle.title_id)


async def bundles(
    session: AsyncSession, view: str, today: date, *, q: str = "", on: date | None = None, limit: int | None = None, offset: int = 0
) -> tuple[list[tuple[BackBundle, SerialTitle, int]], int]:
    """Bundles with how many issues lie in each; `view` is a state, `past` for those beyond their term, or all."""
    where = _found(q, on)
    if view == "past":
        where.append(_past(today))
    elif view in set(BundleState):
        where.append(BackBundle.state == BundleState(view))
    n = select(func.count()).where(BackBundleIssue.bundle_id == BackBundle.id).scalar_subquery()
    found = await session.execute(
        _joined(select(BackBundle, SerialTitle, n)).where(*where).order_by(SerialTitle.title, BackBundle.from_on, BackBundle.number).limit(limit).offset(offset)
    )
    total = await session.scalar(_joined(select(func.count(BackBundle.id))).where(*where))
    return [(bundle, title, int(count)) for bundle, title, count in found], int(total or 0)


async def counts(session: AsyncSession, today: date) -> dict[str, int]:
    """How many bundles stand where, and how many are past their term."""
    found = await session.execute(select(BackBundle.state, func.count()).group_by(BackBundle.state))
    past = await session.scalar(_joined(select(func.count(BackBundle.id))).where(_past(today)))
    return {**dict.fromkeys((one.value for one in BundleState), 0), **{state.value: int(n) for state, n in found}, "past": int(past or 0)}


async def keeping_of(session: AsyncSession, title_id: UUID) -> BackKeeping | None:
    """The title's own term, if somebody set one."""
    return await session.scalar(select(BackKeeping).where(BackKeeping.title_id == title_id))


async def batch_by_number(session: AsyncSession, number: str) -> BindingBatch:
    """The batch, or `NotFound`."""
    found = await session.scalar(select(BindingBatch).where(BindingBatch.number == number))
    if found is None:
        raise NotFound(number)
    return found


async def lines_of(session: AsyncSession, batch: BindingBatch) -> list[tuple[BindingLine, BackBundle, SerialTitle]]:
    """What went in the batch."""
    found = await session.execute(
        select(BindingLine, BackBundle, SerialTitle).join(BackBundle, BackBundle.id == BindingLine.bundle_id)
        .join(SerialTitle, SerialTitle.id == BackBundle.title_id).where(BindingLine.batch_id == batch.id).order_by(BackBundle.number)
    )
    return [(line, bundle, title) for line, bundle, title in found]


async def batches_of(session: AsyncSession, bundle: BackBundle) -> list[tuple[BindingLine, BindingBatch]]:
    """The journeys of a bundle, the latest first."""
    found = await session.execute(
        select(BindingLine, BindingBatch).join(BindingBatch, BindingBatch.id == BindingLine.batch_id)
        .where(BindingLine.bundle_id == bundle.id).order_by(BindingBatch.number.desc())
    )
    return [(line, batch) for line, batch in found]


async def batches(session: AsyncSession, *, limit: int | None = None, offset: int = 0) -> tuple[list[tuple[BindingBatch, dict[str, int]]], int]:
    """Batches, the latest first, with what came of their bundles."""
    tallies = [func.count().filter(BindingLine.outcome == outcome) for outcome in Outcome]
    found = await session.execute(
        select(BindingBatch, *tallies).join(BindingLine, BindingLine.batch_id == BindingBatch.id).group_by(BindingBatch.id)
        .order_by(BindingBatch.number.desc()).limit(limit).offset(offset)
    )
    total = await session.scalar(select(func.count()).select_from(BindingBatch))
    return [(row[0], dict(zip([one.value for one in Outcome], row[1:], strict=True))) for row in found], int(total or 0)


async def barcode_taken(session: AsyncSession, barcode: str) -> bool:
    """Whether an item or another volume bears it."""
    volume = await session.scalar(select(BackBundle.id).where(BackBundle.barcode == barcode))
    return volume is not None or await find_item(session, barcode) is not None
