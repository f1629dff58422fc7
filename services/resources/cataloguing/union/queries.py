"""Questions about the union catalogue: its settings, who may contribute, what could be, what was, month by month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.resources.cataloguing.copying.model import CopyHit, Target
from services.resources.cataloguing.items.model import Item, ItemLife
from services.resources.cataloguing.proofing.queries import bounds
from services.resources.cataloguing.records.model import Instance, RecordState
from services.resources.cataloguing.union.model import (
    Act,
    Certificate,
    Contribution,
    ContributionState,
    Format,
    Level,
    Outcome,
    UnionAnswer,
    UnionLine,
    UnionSettings,
)
from services.resources.cataloguing.versions.model import Origin, RecordVersion, VersionState
from shared.settings import LOCAL

MONTHS = 12
GONE = (ItemLife.withdrawn, ItemLife.lost, ItemLife.replaced)


async def settings_of(session: AsyncSession) -> UnionSettings:
    """The settings; the row comes with the first look."""
    found = await session.get(UnionSettings, 1)
    if found is None:
        found = UnionSettings(id=1, open=False, name="", code="", target="", url="", inside=False, account="", format=Format.marcxml, every_hours=24, seconds=20)
    return found


async def line_of(session: AsyncSession) -> UnionLine:
    """How the line is."""
    return await session.get(UnionLine, 1) or UnionLine(id=1, failures=0, failure="", params={})


async def certified(session: AsyncSession, person: str, dialect: str, on: date) -> bool:
    """Whether somebody holds a certificate for such records on a day."""
    query = select(exists().where(
        Certificate.person == person, Certificate.scope == dialect, Certificate.level != Level.trainee,
        Certificate.issued_on <= on, Certificate.valid_until >= on,
    ))
    return bool(await session.scalar(query))


async def theirs(session: AsyncSession, record: str, target: str) -> bool:
    """Whether it was copied from the union catalogue."""
    query = select(exists().where(CopyHit.record == record, CopyHit.target == target, CopyHit.taken_at.is_not(None)))
    return bool(await session.scalar(query))


def _candidates(settings: UnionSettings, on: date) -> Select[Any]:
    made_here = exists().where(RecordVersion.instance_id == Instance.id, RecordVersion.origin == Origin.new)
    copied = exists().where(CopyHit.record == Instance.number, CopyHit.target == settings.target, CopyHit.taken_at.is_not(None))
    holder = exists().where(
        Certificate.person == Instance.created_by, Certificate.scope == Instance.dialect, Certificate.level != Level.trainee,
        Certificate.issued_on <= on, Certificate.valid_until >= on,
    )
    proposed = exists().where(Contribution.instance_id == Instance.id)
    return select(Instance).where(
        Instance.state == RecordState.released, Instance.merged_into.is_(None), made_here, holder, ~copied, ~proposed
    )


async def candidates(
    session: AsyncSession, settings: UnionSettings, on: date, *, limit: int, offset: int
) -> tuple[Sequence[Instance], int]:
    """Released records made here by certified cataloguers that nobody has proposed, and how many there are."""
    query = _candidates(settings, on)
    total = await session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = await session.scalars(query.order_by(Instance.created_at, Instance.number).limit(limit).offset(offset))
    return rows.all(), total


async def by_state(session: AsyncSession) -> dict[str, int]:
    """State → how many contributions."""
    rows = await session.execute(select(Contribution.state, func.count()).group_by(Contribution.state))
    return {row[0]: row[1] for row in rows}


async def outdated(session: AsyncSession, limit: int) -> list[tuple[Contribution, bool]]:
    """Taken in and no longer as we have it: changed here since it was sent, or (True) without a copy left; locked.

    Writing their number into the record is no change. A withdrawal somebody gave up is not proposed again.
    """
    changed = exists().where(
        RecordVersion.instance_id == Contribution.instance_id, RecordVersion.no > Contribution.sent_version, RecordVersion.origin != Origin.union,
        RecordVersion.state.in_((VersionState.live, VersionState.former)),
    )
    had = exists().where(Item.instance_id == Contribution.instance_id)
    has = exists().where(Item.instance_id == Contribution.instance_id, Item.life.not_in(GONE))
    gone = had & ~has
    query = select(Contribution, gone).where(
        Contribution.state == ContributionState.accepted, Contribution.noted, (gone & (Contribution.act != Act.remove)) | (~gone & changed),
    ).order_by(Contribution.answered_at, Contribution.no).limit(limit).with_for_update(of=Contribution, skip_locked=True)
    return [(row[0], bool(row[1])) for row in await session.execute(query.execution_options(populate_existing=True))]


async def answers(session: AsyncSession, contribution: UUID) -> Sequence[UnionAnswer]:
    """What was answered to one contribution, the newest first."""
    query = select(UnionAnswer).where(UnionAnswer.contribution_id == contribution).order_by(UnionAnswer.at.desc(), UnionAnswer.id)
    return (await session.scalars(query.limit(50))).all()


@dataclass(frozen=True, slots=True)
class Month:
    """One month in numbers."""

    month: str
    downloads: int = 0
    uploads: int = 0
    changes: int = 0
    withdrawals: int = 0
    duplicates: int = 0
    errors: int = 0


# A counter is an outcome, and which kind of sending it answers.
OUTCOMES: dict[str, tuple[Outcome, tuple[Act, ...]]] = {
    "uploads": (Outcome.accepted, (Act.create,)), "changes": (Outcome.accepted, (Act.change,)), "withdrawals": (Outcome.accepted, (Act.remove,)),
    "duplicates": (Outcome.duplicate, tuple(Act)), "errors": (Outcome.returned, tuple(Act)),
}


async def months(session: AsyncSession, settings: UnionSettings, today: date) -> list[Month]:
    """The last twelve months, the newest first; months in which nothing happened too."""
    first = date(today.year - 1, today.month, 1)
    since = bounds(first)[1]
    found: dict[str, dict[str, int]] = {}
    for name, query in (
        ("downloads", select(_month(CopyHit.taken_at), func.count()).where(CopyHit.target == settings.target, CopyHit.taken_at >= since)),
        *((name, select(_month(UnionAnswer.at), func.count()).where(UnionAnswer.outcome == one, UnionAnswer.act.in_(acts), UnionAnswer.at >= since))
          for name, (one, acts) in OUTCOMES.items()),
    ):
        for month, n in await session.execute(query.group_by(_month(CopyHit.taken_at if name == "downloads" else UnionAnswer.at))):
            found.setdefault(month, {})[name] = n
    names = [f"{today.year - (today.month <= back):04d}-{(today.month - back - 1) % 12 + 1:02d}" for back in range(MONTHS)]
    return [Month(name, **found.get(name, {})) for name in names]


def _month(column: Any) -> Any:
    # A literal, not a parameter: GROUP BY must see the very same expression.
    return func.to_char(func.timezone(literal_column(f"'{LOCAL.key}'"), column), literal_column("'YYYY-MM'"))


@dataclass(frozen=True, slots=True)
class Row:
    """One thing a number of a month is made of."""

    record: str
    title: str
    at: datetime | None
    no: str = ""
    control_no: str = ""
    said: str = ""


async def rows(
    session: AsyncSession, settings: UnionSettings, month: date, what: str, *, limit: int, offset: int
) -> tuple[list[Row], int]:
    """What a number of a month is made of, the newest first, and how many."""
    begins, ends = bounds(month)
    if what == "downloads":
        copied = select(CopyHit.record, CopyHit.title, CopyHit.taken_at).where(
            CopyHit.target == settings.target, CopyHit.taken_at >= begins, CopyHit.taken_at < ends
        )
        total = await session.scalar(select(func.count()).select_from(copied.subquery())) or 0
        found = await session.execute(copied.order_by(CopyHit.taken_at.desc(), CopyHit.id).limit(limit).offset(offset))
    else:
        said = select(UnionAnswer.record, UnionAnswer.title, UnionAnswer.at, UnionAnswer.no, UnionAnswer.control_no, UnionAnswer.said).where(
            UnionAnswer.outcome == OUTCOMES[what][0], UnionAnswer.act.in_(OUTCOMES[what][1]), UnionAnswer.at >= begins, UnionAnswer.at < ends
        )
        total = await session.scalar(select(func.count()).select_from(said.subquery())) or 0
        found = await session.execute(said.order_by(UnionAnswer.at.desc(), UnionAnswer.id).limit(limit).offset(offset))
    return [Row(*one) for one in found], total


async def targets(session: AsyncSession) -> list[tuple[str, str]]:
    """Code and name of every target one could download from."""
    return [(row[0], row[1]) for row in await session.execute(select(Target.no, Target.name).order_by(Target.no))]


async def waiting_states(session: AsyncSession) -> int:
    """How many would go with the next sending."""
    query = select(func.count()).select_from(Contribution).where(
        Contribution.state.in_((ContributionState.queued, ContributionState.fixed))
    )
    return await session.scalar(query) or 0
