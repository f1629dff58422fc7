"""What waits to be read, what was found, and how good each cataloguer's work is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from services.resources.cataloguing.proofing import rules
from services.resources.cataloguing.proofing.model import DefectCode, Proof, SampleLine
from services.resources.cataloguing.records.model import Instance, RecordState
from services.resources.cataloguing.versions.model import RecordVersion, VersionState
from shared.settings import LOCAL


@dataclass(frozen=True, slots=True)
class Waiting:
    """A record somebody must read."""

    number: str
    title: str
    draft: bool
    maker: str
    since: datetime
    reason: str


def _waiting() -> object:
    # Who last wrote the draft; one taken over from elsewhere has no version yet.
    last = (
        select(RecordVersion.made_by, RecordVersion.reason, RecordVersion.instance_id)
        .where(RecordVersion.state == VersionState.live).subquery()
    )
    drafts = (
        select(
            Instance.number, Instance.title, literal(True).label("draft"),
            func.coalesce(last.c.made_by, Instance.created_by).label("maker"), Instance.updated_at.label("since"),
            func.coalesce(last.c.reason, "").label("reason"),
        ).outerjoin(last, last.c.instance_id == Instance.id).where(Instance.state == RecordState.draft)
    )
    corrections = (
        select(
            Instance.number, RecordVersion.title, literal(False).label("draft"), RecordVersion.made_by.label("maker"),
            RecordVersion.made_at.label("since"), RecordVersion.reason,
        ).join(Instance, Instance.id == RecordVersion.instance_id).where(RecordVersion.state == VersionState.pending)
    )
    return union_all(drafts, corrections).subquery()


async def waiting(session: AsyncSession, *, limit: int, offset: int) -> tuple[list[Waiting], int]:
    """What waits, the oldest first, and how much."""
    every = _waiting()
    total = await session.scalar(select(func.count()).select_from(every)) or 0  # type: ignore[arg-type]
    rows = await session.execute(
        select(every).order_by(every.c.since, every.c.number).limit(limit).offset(offset)  # type: ignore[call-overload, attr-defined]
    )
    return [Waiting(*row) for row in rows], total


async def last_proofs(session: AsyncSession, cataloguer: str) -> Sequence[Proof]:
    """The readings a rate is taken from."""
    query = select(Proof).where(Proof.cataloguer == cataloguer).order_by(Proof.at.desc(), Proof.id).limit(rules.ENOUGH)
    return (await session.scalars(query)).all()


async def of_record(session: AsyncSession, instance_id: UUID, limit: int = 10) -> Sequence[Proof]:
    """Readings of a record, the newest first."""
    query = select(Proof).where(Proof.instance_id == instance_id).order_by(Proof.at.desc(), Proof.id).limit(limit)
    return (await session.scalars(query)).all()


async def codes(session: AsyncSession) -> Sequence[DefectCode]:
    """Defects a proofreader may name."""
    return (await session.scalars(select(DefectCode).where(DefectCode.active).order_by(DefectCode.no))).all()


def bounds(month: date) -> tuple[datetime, datetime]:
    """Where a month begins and ends."""
    return (
        datetime.combine(month, time.min, LOCAL), datetime.combine(rules.next_month(month), time.min, LOCAL),
    )


@dataclass(frozen=True, slots=True)
class Work:
    """What one cataloguer's month came to."""

    cataloguer: str
    read: int
    returned: int
    month_rate: float | None
    last_rate: float | None
    last_read: int
    trusted: bool


async def month_work(session: AsyncSession, month: date) -> list[Work]:
    """Each cataloguer whose work was read that month, the worst first."""
    begins, ends = bounds(month)
    rows = (await session.execute(
        select(
            Proof.cataloguer, func.count(), func.count().filter(Proof.outcome == "returned"), func.sum(Proof.penalty)
        ).where(Proof.at >= begins, Proof.at < ends).group_by(Proof.cataloguer)
    )).all()
    found = []
    for cataloguer, read, returned, weight in rows:
        last = await last_proofs(session, cataloguer)
        found.append(Work(
            cataloguer, read, returned, weight / (rules.WHOLE * read), rules.error_rate(last), len(last),
            rules.may_release(last),
        ))
    return sorted(found, key=lambda one: (-(one.month_rate or 0), one.cataloguer))


async def sample(session: AsyncSession, month: date) -> list[tuple[SampleLine, Proof | None]]:
    """The month's sample with what was found."""
    rows = await session.execute(
        select(SampleLine, Proof).outerjoin(Proof, Proof.id == SampleLine.proof_id)
        .where(SampleLine.month == month).order_by(SampleLine.cataloguer, SampleLine.number)
    )
    return [(row[0], row[1]) for row in rows]


async def sample_line(session: AsyncSession, month: date, number: str) -> SampleLine | None:
    """A line of it."""
    query = select(SampleLine).where(SampleLine.month == month, SampleLine.number == number)
    return (await session.scalars(query)).one_or_none()
