"""Questions about authorities, the headings of records, and changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import cast, func, or_, select, text
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from services.resources.cataloguing.authorities import rules
from services.resources.cataloguing.authorities.model import (
    Authority,
    AuthorityChange,
    AuthorityChangeLine,
    AuthorityForm,
    AuthorityRelation,
    AuthorityVersion,
    HeadingUse,
    LineState,
)
from services.resources.cataloguing.records.model import Instance
from shared import search
from shared.refusals import NotFound

COUNT_LIMIT = 10_000


async def by_no(session: AsyncSession, no: str) -> Authority:
    """One authority, or `NotFound`."""
    found = (await session.scalars(select(Authority).where(Authority.no == no.strip().upper()))).one_or_none()
    if found is None:
        raise NotFound(no)
    return found


async def today(session: AsyncSession, one: Authority) -> Authority:
    """The one it is part of today; itself, if it was never merged."""
    return (await session.get(Authority, one.merged_into) or one) if one.merged_into else one


async def find(
    session: AsyncSession, q: str, *, kind: str = "", state: str = "", job: str = "", limit: int, offset: int = 0
) -> tuple[Sequence[Authority], int]:
    """A page of authorities one of whose forms begins with or has what was typed; those out of use only when asked for."""
    query = select(Authority)
    typed = q.strip()
    if typed:
        asked = search.query(typed)
        hit: Any = (Authority.no == typed.upper()) | (Authority.source_no == typed)
        if asked:
            hit = hit | Authority.search.op("@@")(cast(asked, TSQUERY))
        query = query.where(hit)
    if kind:
        query = query.where(Authority.kind == kind)
    if state:
        query = query.where(Authority.state == state)
    elif not typed:
        query = query.where(Authority.state.in_(rules.LIVE))
    if job:
        query = query.where(Authority.job == job)
    total = await session.scalar(select(func.count()).select_from(query.with_only_columns(Authority.id).limit(COUNT_LIMIT).subquery())) or 0
    order: list[Any] = [Authority.sort, Authority.no]
    if typed:
        order.insert(0, (Authority.sort == rules.sort_of(typed)).desc())
    return (await session.scalars(query.order_by(*order).limit(limit).offset(offset))).all(), total


async def forms(session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, list[AuthorityForm]]:
    """The forms of some authorities, the established one first."""
    found: dict[UUID, list[AuthorityForm]] = {}
    rows = await session.scalars(
        select(AuthorityForm).where(AuthorityForm.authority_id.in_(list(ids))).order_by(AuthorityForm.established.desc(), AuthorityForm.id)
    )
    for row in rows:
        found.setdefault(row.authority_id, []).append(row)
    return found


async def told(session: AsyncSession, one: Authority) -> rules.Told:
    """What an authority says; one out of use, what it said last."""
    version = (await session.scalars(
        select(AuthorityVersion).where(AuthorityVersion.authority_id == one.id).options(undefer(AuthorityVersion.told))
        .order_by(AuthorityVersion.no.desc()).limit(1)
    )).one()
    return rules.Told.read(version.told)


async def last_verified(session: AsyncSession, one: Authority) -> AuthorityVersion | None:
    """The last version two people agreed on before what waits now."""
    return (await session.scalars(
        select(AuthorityVersion).where(AuthorityVersion.authority_id == one.id, AuthorityVersion.act.in_(rules.AGREED))
        .options(undefer(AuthorityVersion.told)).order_by(AuthorityVersion.no.desc()).limit(1)
    )).one_or_none()


async def versions(session: AsyncSession, one: Authority, *, limit: int = 20) -> Sequence[AuthorityVersion]:
    """What happened to it, the newest first."""
    query = select(AuthorityVersion).where(AuthorityVersion.authority_id == one.id).options(undefer(AuthorityVersion.told))
    return (await session.scalars(query.order_by(AuthorityVersion.no.desc()).limit(limit))).all()


async def relations(session: AsyncSession, one: Authority) -> list[tuple[str, str, Authority | None]]:
    """See-also in both directions: (sort seen from here, text, the other one if it is ours)."""
    found: dict[tuple[str, str], tuple[str, str, Authority | None]] = {}
    own = await session.execute(
        select(AuthorityRelation, Authority).outerjoin(Authority, Authority.id == AuthorityRelation.other_id)
        .where(AuthorityRelation.authority_id == one.id).order_by(AuthorityRelation.id)
    )
    for row, other in own:
        found[row.sort, row.text] = (row.sort.text, other.heading if other else row.text, other)
    theirs = await session.execute(
        select(AuthorityRelation, Authority).join(Authority, Authority.id == AuthorityRelation.authority_id)
        .where(AuthorityRelation.other_id == one.id).order_by(AuthorityRelation.id)
    )
    for row, other in theirs:
        back = rules.BACK[row.sort]
        found.setdefault((back, other.heading), (back.text, other.heading, other))
    return list(found.values())


def _linked(ids: Iterable[UUID]) -> Any:
    return (
        select(HeadingUse.authority_id, func.count(func.distinct(HeadingUse.instance_id)).label("n")).join(Instance, Instance.id == HeadingUse.instance_id)
        .where(HeadingUse.authority_id.in_(list(ids)), Instance.merged_into.is_(None)).group_by(HeadingUse.authority_id)
    )


async def counts(session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many records are linked to each."""
    return {row[0]: row[1] for row in await session.execute(_linked(ids))}


async def works(session: AsyncSession, one: Authority, *, limit: int, offset: int = 0) -> list[tuple[Instance, str, str]]:
    """Records linked to it: (record, tag, how the heading reads there)."""
    return [(row[0], row[1], row[2]) for row in await session.execute(
        select(Instance, func.min(HeadingUse.tag), func.min(HeadingUse.text)).join(HeadingUse, HeadingUse.instance_id == Instance.id)
        .where(HeadingUse.authority_id == one.id, Instance.merged_into.is_(None)).group_by(Instance.id)
        .order_by(Instance.sort_title, Instance.id).limit(limit).offset(offset)
    )]


class Open(NamedTuple):
    """A heading no authority controls yet: how it reads, in how many records, and what it may be."""

    kind: str
    bare: str
    marks: list[str]
    text: str
    records: int
    what: str
    no: str
    heading: str
    state: str
    verdict: str = ""


# A heading's candidates, counted: one with the very same dates goes before one that only does not contradict (`rules.judge`).
_JUDGED = """
judged AS (
    SELECT o.*, m.*, CASE WHEN m.owners IS NULL OR m.owners = 0 THEN 'unknown' WHEN m.sure = 1 AND m.same = 1 THEN 'exact'
        WHEN m.owners > 1 THEN 'ambiguous' WHEN m.own THEN 'exact' ELSE 'variant' END AS what
    FROM open o LEFT JOIN LATERAL (
        SELECT count(DISTINCT f.authority_id) AS owners, bool_or(f.established) AS own,
            count(DISTINCT f.authority_id) FILTER (WHERE f.established AND f.marks = o.marks) AS sure,
            count(DISTINCT f.authority_id) FILTER (WHERE f.marks = o.marks) AS same,
            (array_agg(f.authority_id ORDER BY (f.established AND f.marks = o.marks) DESC, f.established DESC, f.id))[1] AS best
        FROM authority_form f WHERE f.bare = o.bare AND f.kind = o.kind AND (f.marks @> o.marks OR o.marks @> f.marks)
    ) m ON true
)"""
_OPEN = """
WITH open AS (
    SELECT h.kind, h.bare, h.marks, min(h.text) AS text, count(DISTINCT h.instance_id) AS records
    FROM heading_use h JOIN instance i ON i.id = h.instance_id
    WHERE h.authority_id IS NULL AND i.merged_into IS NULL AND (:kind = '' OR h.kind = :kind) AND (:q = '' OR h.bare LIKE :begins)
    GROUP BY h.kind, h.bare, h.marks
), """ + _JUDGED
_PAGE = text(_OPEN + """
SELECT j.kind, j.bare, j.marks, j.text, j.records, j.what, coalesce(u.no, ''), coalesce(u.heading, ''), coalesce(u.state, '')
FROM judged j LEFT JOIN authority u ON u.id = j.best
WHERE :what = '' OR j.what = :what
ORDER BY j.records DESC, j.bare, j.kind, j.marks LIMIT :limit OFFSET :offset
""")
_SUMS = text(_OPEN + " SELECT kind, what, count(*) FROM judged GROUP BY kind, what")
EXACT = text(_OPEN + """
SELECT DISTINCT h.instance_id FROM judged j JOIN authority u ON u.id = j.best AND u.state = 'verified'
JOIN heading_use h ON h.kind = j.kind AND h.bare = j.bare AND h.marks = j.marks AND h.authority_id IS NULL
JOIN instance i ON i.id = h.instance_id AND i.merged_into IS NULL
WHERE j.what = 'exact'
""")


def _asked(kind: str, q: str) -> dict[str, str]:
    begins = search.fold(q).strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return {"kind": kind, "q": begins, "begins": f"{begins}%"}


ALL = _asked("", "")


async def open_headings(session: AsyncSession, *, kind: str = "", what: str = "", q: str = "", limit: int, offset: int = 0) -> list[Open]:
    """A page of the headings that are not linked, the most frequent first."""
    rows = await session.execute(_PAGE, {**_asked(kind, q), "what": what, "limit": limit, "offset": offset})
    return [Open(*row) for row in rows]


async def sums(session: AsyncSession, *, kind: str = "", q: str = "") -> Mapping[tuple[str, str], int]:
    """How many of them of each kind and verdict."""
    return {(row[0], row[1]): row[2] for row in await session.execute(_SUMS, _asked(kind, q))}


async def records_with(session: AsyncSession, kind: str, bare: str, marks: list[str], *, limit: int) -> tuple[list[Instance], int]:
    """Records that write a heading, without a link, and how many."""
    where = (
        HeadingUse.kind == kind, HeadingUse.bare == bare, HeadingUse.marks == marks, HeadingUse.authority_id.is_(None), Instance.merged_into.is_(None),
    )
    query = select(Instance).where(Instance.id.in_(select(HeadingUse.instance_id).join(Instance, Instance.id == HeadingUse.instance_id).where(*where)))
    total = await session.scalar(select(func.count()).select_from(query.with_only_columns(Instance.id).subquery())) or 0
    return list(await session.scalars(query.order_by(Instance.sort_title, Instance.id).limit(limit))), total


async def change_of(session: AsyncSession, no: str) -> AuthorityChange:
    """One change, or `NotFound`."""
    query = select(AuthorityChange).where(AuthorityChange.no == no).options(undefer(AuthorityChange.snapshot))
    found = (await session.scalars(query)).one_or_none()
    if found is None:
        raise NotFound(no)
    return found


async def changes(session: AsyncSession, *, of: UUID | None = None, limit: int, offset: int = 0) -> tuple[Sequence[AuthorityChange], int]:
    """Changes, the newest first."""
    query = select(AuthorityChange)
    if of is not None:
        query = query.where(or_(AuthorityChange.authority_id == of, AuthorityChange.gone_id == of))
    total = await session.scalar(select(func.count()).select_from(query.subquery())) or 0
    return (await session.scalars(query.order_by(AuthorityChange.asked_at.desc(), AuthorityChange.id.desc()).limit(limit).offset(offset))).all(), total


async def lines(session: AsyncSession, change: AuthorityChange, *, state: str = "", limit: int, offset: int = 0) -> tuple[list[tuple[AuthorityChangeLine, Instance]], int]:
    """What became of each record."""
    query = select(AuthorityChangeLine, Instance).join(Instance, Instance.id == AuthorityChangeLine.instance_id).where(AuthorityChangeLine.change_id == change.id)
    if state in set(LineState):
        query = query.where(AuthorityChangeLine.state == state)
    total = await session.scalar(select(func.count()).select_from(query.with_only_columns(AuthorityChangeLine.id).subquery())) or 0
    rows = await session.execute(query.order_by(AuthorityChangeLine.id).limit(limit).offset(offset))
    return [(row[0], row[1]) for row in rows], total


async def line_counts(session: AsyncSession, change: AuthorityChange) -> dict[LineState, int]:
    """How many records in each state."""
    rows = await session.execute(
        select(AuthorityChangeLine.state, func.count()).where(AuthorityChangeLine.change_id == change.id).group_by(AuthorityChangeLine.state)
    )
    return {row[0]: row[1] for row in rows}


async def of_change(session: AsyncSession, change: AuthorityChange) -> list[Authority]:
    """The authority of a change, and the one that became part of it."""
    keys = [key for key in (change.authority_id, change.gone_id) if key]
    rows = {one.id: one for one in await session.scalars(select(Authority).where(Authority.id.in_(keys)))}
    return [rows[key] for key in keys]


async def _example(session: AsyncSession, kind: str, bare: str, marks: list[str]) -> HeadingUse | None:
    query = select(HeadingUse).where(
        HeadingUse.kind == kind, HeadingUse.bare == bare, HeadingUse.marks == marks, HeadingUse.authority_id.is_(None)
    ).order_by(HeadingUse.text, HeadingUse.id).limit(1)
    return (await session.scalars(query)).one_or_none()


async def reads(session: AsyncSession, kind: str, bare: str, marks: list[str]) -> str:
    """How records write an unlinked heading; empty when none does any more."""
    found = await _example(session, kind, bare, marks)
    return found.text if found else ""


async def parts_of(session: AsyncSession, kind: str, bare: str, marks: list[str]) -> list[list[str]] | None:
    """Its parts."""
    found = await _example(session, kind, bare, marks)
    return found.parts if found else None


async def of_record(session: AsyncSession, instance_id: UUID) -> list[tuple[HeadingUse, Authority | None]]:
    """The headings of a record, and what controls each."""
    rows = await session.execute(
        select(HeadingUse, Authority).outerjoin(Authority, Authority.id == HeadingUse.authority_id)
        .where(HeadingUse.instance_id == instance_id).order_by(HeadingUse.tag, HeadingUse.id).limit(60)
    )
    return [(row[0], row[1]) for row in rows]
