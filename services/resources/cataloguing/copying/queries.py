"""Questions of copy cataloguing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import cast, func, select
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from services.resources.cataloguing.copying.model import CopyHit, CopySearch, Target
from services.resources.cataloguing.records.model import Instance, InstanceKey, RecordState
from services.resources.cataloguing.records.queries import IS_TODAY, TODAY, Today
from services.resources.cataloguing.records.rules import marked, same_work, sure
from shared.refusals import NotFound


async def targets(session: AsyncSession) -> Sequence[Target]:
    """Where we may look, by code."""
    return (await session.scalars(select(Target).where(Target.active).order_by(Target.no))).all()


async def search_of(session: AsyncSession, key: UUID, actor: str) -> CopySearch:
    """One's own search."""
    found = await session.get(CopySearch, key)
    if found is None or found.created_by != actor:
        raise NotFound(key)
    return found


async def hits(session: AsyncSession, search: UUID, *, limit: int, offset: int) -> Sequence[CopyHit]:
    """A page of the merged list."""
    query = select(CopyHit).where(CopyHit.search_id == search).order_by(CopyHit.place).limit(limit).offset(offset)
    return (await session.scalars(query)).all()


async def hit_of(session: AsyncSession, key: UUID, actor: str) -> CopyHit:
    """A record one's own search found, with its bytes."""
    query = (
        select(CopyHit).join(CopySearch, CopySearch.id == CopyHit.search_id)
        .where(CopyHit.id == key, CopySearch.created_by == actor).options(undefer(CopyHit.raw))
    )
    found = (await session.scalars(query)).one_or_none()
    if found is None:
        raise NotFound(key)
    return found


async def recent(session: AsyncSession, actor: str, limit: int = 8) -> Sequence[CopySearch]:
    """One's own last searches."""
    query = select(CopySearch).where(CopySearch.created_by == actor).order_by(CopySearch.created_at.desc()).limit(limit)
    return (await session.scalars(query)).all()


async def held(session: AsyncSession, found: Iterable[CopyHit]) -> dict[UUID, tuple[str, bool]]:
    """Hit → our record of the same work, and whether title and edition agree or only the number."""
    found = list(found)
    keys = {key for hit in found for key in sure(hit.keys)}
    by_key: dict[str, list[tuple[str, str]]] = {}
    if keys:
        for key, number, title in await session.execute(
            select(InstanceKey.key, TODAY[0], Instance.title).join(Instance, Instance.id == InstanceKey.instance_id)
            .outerjoin(Today, IS_TODAY).where(InstanceKey.key.in_(keys))
        ):
            by_key.setdefault(key, []).append((number, title))
    by_number = await _same_numbers(session, {isbn for hit in found for isbn in hit.isbns})
    known: dict[UUID, tuple[str, bool]] = {}
    for hit in found:
        same = [number for key in hit.keys for number, title in by_key.get(key, ()) if same_work(hit.title, title)]
        near = [by_number[isbn] for isbn in hit.isbns if isbn in by_number]
        if same:
            known[hit.id] = (same[0], True)
        elif near:
            known[hit.id] = (near[0], False)
    return known


async def _same_numbers(session: AsyncSession, isbns: set[str]) -> dict[str, str]:
    wanted = sorted(isbn for isbn in isbns if isbn.isalnum())
    if not wanted:
        return {}
    asked = " | ".join(f"'{marked('n', isbn.lower())}'" for isbn in wanted)
    rows = await session.execute(
        select(TODAY[0], Instance.projection["isbns"]).outerjoin(Today, IS_TODAY)
        .where(Instance.search.op("@@")(cast(asked, TSQUERY))).order_by(TODAY[0]).limit(500)
    )
    return {number["isbn13"]: row[0] for row in rows for number in row[1] or () if number["isbn13"] in isbns}


async def taken_since(session: AsyncSession, since: datetime) -> list[tuple[str, str, int]]:
    """Target, its name, how many records were taken over from it."""
    rows = await session.execute(
        select(CopyHit.target, func.max(CopyHit.target_name), func.count()).where(CopyHit.taken_at >= since)
        .group_by(CopyHit.target).order_by(func.count().desc(), CopyHit.target)
    )
    return [(row[0], row[1], row[2]) for row in rows]


async def drafts(session: AsyncSession) -> int:
    """How many records wait for a second reader."""
    query = select(func.count()).select_from(Instance).where(Instance.state == RecordState.draft)
    return await session.scalar(query) or 0
