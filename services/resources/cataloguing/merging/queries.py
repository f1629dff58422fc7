"""What waits to be looked at, what was merged, and what a merge would touch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from services.resources.cataloguing.items.model import Item
from services.resources.cataloguing.items.rules import GONE
from services.resources.cataloguing.merging import rules
from services.resources.cataloguing.merging.model import (
    Likeness,
    Merge,
    MergeSettings,
    MergeState,
    Verdict,
)
from services.resources.cataloguing.records.model import Instance
from services.resources.cataloguing.versions.queries import open_of
from services.resources.collections.sightings.model import Sighting, Whereabouts
from shared.refusals import NotFound

_GROUPS = text("""
SELECT group_id, max(score) AS score, count(*) OVER () AS total FROM likeness WHERE verdict = 'open'
GROUP BY group_id ORDER BY max(score) DESC, group_id LIMIT :limit OFFSET :offset
""")
WHOLE = (undefer(Merge.marc), undefer(Merge.before), undefer(Merge.moved))


@dataclass(slots=True)
class Group:
    """Records that hang together by open pairs, with the pairs, the likeliest first."""

    key: UUID
    score: int
    pairs: list[Likeness] = field(default_factory=list)
    records: list[Instance] = field(default_factory=list)

    def record(self, one: UUID) -> Instance:
        """A member."""
        return next(record for record in self.records if record.id == one)


async def groups(session: AsyncSession, *, limit: int, offset: int) -> tuple[list[Group], int]:
    """A page of the work list, and how many groups there are."""
    rows = (await session.execute(_GROUPS, {"limit": limit, "offset": offset})).all()
    found = {row.group_id: Group(row.group_id, row.score) for row in rows}
    await _fill(session, found)
    return list(found.values()), rows[0].total if rows else 0


async def group_of(session: AsyncSession, record: Instance) -> Group:
    """The group a record is in; empty when nothing looks like it any more."""
    key = await session.scalar(
        select(Likeness.group_id).where(
            or_(Likeness.a_id == record.id, Likeness.b_id == record.id), Likeness.verdict == Verdict.open
        ).limit(1)
    )
    found = Group(key or record.id, 0)
    await _fill(session, {found.key: found})
    found.score = max((pair.score for pair in found.pairs), default=0)
    return found


async def _fill(session: AsyncSession, found: dict[UUID, Group]) -> None:
    pairs = (await session.scalars(
        select(Likeness).where(Likeness.group_id.in_(list(found)), Likeness.verdict == Verdict.open)
        .order_by(Likeness.score.desc(), Likeness.a_id, Likeness.b_id)
    )).all()
    ids = {one for pair in pairs for one in (pair.a_id, pair.b_id)}
    records = {one.id: one for one in await session.scalars(select(Instance).where(Instance.id.in_(ids)).order_by(Instance.number))}
    for pair in pairs:
        group = found[pair.group_id]
        group.pairs.append(pair)
    for group in found.values():
        members = {one for pair in group.pairs for one in (pair.a_id, pair.b_id)}
        group.records = [record for key, record in records.items() if key in members]


async def decided(session: AsyncSession, *, limit: int, offset: int) -> tuple[Sequence[tuple[Likeness, Instance, Instance]], int]:
    """Pairs somebody said no to, the latest first."""
    where = Likeness.verdict == Verdict.distinct
    total = await session.scalar(select(func.count()).where(where)) or 0
    rows = (await session.scalars(
        select(Likeness).where(where).order_by(Likeness.decided_at.desc(), Likeness.id).limit(limit).offset(offset)
    )).all()
    known = {one.id: one for one in await session.scalars(
        select(Instance).where(Instance.id.in_({key for row in rows for key in (row.a_id, row.b_id)}))
    )}
    return [(row, known[row.a_id], known[row.b_id]) for row in rows], total


async def merges(
    session: AsyncSession, states: Sequence[MergeState], *, limit: int, offset: int
) -> tuple[list[tuple[Merge, Instance, Instance]], int]:
    """Merges in these states, the latest first, each with the record that goes and the one that stays."""
    total = await session.scalar(select(func.count()).where(Merge.state.in_(states))) or 0
    rows = (await session.scalars(
        select(Merge).where(Merge.state.in_(states)).order_by(Merge.asked_at.desc(), Merge.id).limit(limit).offset(offset)
    )).all()
    known = {one.id: one for one in await session.scalars(
        select(Instance).where(Instance.id.in_({key for row in rows for key in (row.gone_id, row.into_id)}))
    )}
    return [(row, known[row.gone_id], known[row.into_id]) for row in rows], total


async def counts(session: AsyncSession) -> dict[str, int]:
    """How much is on each tab that is work."""
    waiting = await session.scalar(select(func.count()).where(Merge.state == MergeState.proposed)) or 0
    return {"open": await session.scalar(
        select(func.count(Likeness.group_id.distinct())).where(Likeness.verdict == Verdict.open)
    ) or 0, "proposed": waiting}


async def merge_of(session: AsyncSession, no: str) -> Merge:
    """A merge with what it says, by its number."""
    found = await session.scalar(select(Merge).where(Merge.no == no.strip().upper()).options(*WHOLE))
    if found is None:
        raise NotFound(no)
    return found


async def into_this(session: AsyncSession, instance_id: UUID) -> Sequence[tuple[Merge, Instance]]:
    """What became part of a record and still is."""
    rows = await session.execute(
        select(Merge, Instance).join(Instance, Instance.id == Merge.gone_id)
        .where(Merge.into_id == instance_id, Merge.state == MergeState.done).order_by(Merge.asked_at.desc(), Merge.id)
    )
    return [(row[0], row[1]) for row in rows]


async def of_gone(session: AsyncSession, instance_id: UUID) -> Merge | None:
    """The merge that made a shell of a record."""
    return await session.scalar(select(Merge).where(Merge.gone_id == instance_id, Merge.state == MergeState.done))


async def side(session: AsyncSession, record: Instance, *, but: UUID | None = None) -> rules.Side:
    """A record as the question sees it; `but` is the merge that is being decided itself."""
    opened = await open_of(session, record.id)
    waits = await session.scalar(
        select(Merge.no).where(
            or_(Merge.into_id == record.id, Merge.gone_id == record.id), Merge.state == MergeState.proposed,
            *([Merge.id != but] if but else []),
        ).limit(1)
    )
    return rules.Side(
        record.number, record.state.value, record.material, record.merged_into is not None,
        opened.made_by if opened else "", opened.no if opened else 0, waits or "",
    )


async def load(session: AsyncSession, instance_id: UUID) -> tuple[int, int]:
    """How many items a record has, and how many of them are with patrons."""
    row = (await session.execute(
        select(func.count(), func.count(Sighting.barcode)).select_from(Item)
        .outerjoin(Sighting, (Sighting.barcode == Item.barcode) & (Sighting.place == Whereabouts.loan)).where(Item.instance_id == instance_id, Item.life.not_in(GONE))
    )).one()
    return row[0], row[1]


async def settings(session: AsyncSession) -> MergeSettings:
    """The one row, or what it would say."""
    return await session.get(MergeSettings, 1) or MergeSettings(id=1, most_items=rules.MOST_ITEMS, looked_at=None)
