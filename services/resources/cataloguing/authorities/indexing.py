"""The headings of records, kept at every save; and which authorities they may be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from services.resources.cataloguing.authorities.model import (
    Authority,
    AuthorityChangeLine,
    AuthorityForm,
    AuthoritySettings,
    AuthorityState,
    HeadingUse,
    Kind,
)
from services.resources.cataloguing.authorities.rules import Match, judge
from services.resources.cataloguing.marc import headings
from services.resources.cataloguing.marc.headings import Heading
from services.resources.cataloguing.marc.record import Record
from shared.work import Work

__all__ = ["also", "candidates", "forget", "headings_of", "index", "link_on_save", "linked"]
# What of a record's other names goes into its searches and its facts.
MOST_NAMES = 60
_CANDIDATES = text("""
SELECT a.n, u.id, u.no, u.kind, u.state, u.heading, u.parts, f.established, f.marks = a.marks AS same
FROM jsonb_to_recordset(:asked) AS a (n int, kind text, bare text, marks jsonb)
JOIN authority_form f ON f.bare = a.bare AND f.kind = a.kind AND (f.marks @> a.marks OR a.marks @> f.marks)
JOIN authority u ON u.id = f.authority_id
ORDER BY a.n, f.established DESC, u.no
""").bindparams(bindparam("asked", type_=JSONB))


def headings_of(marc: Record) -> list[tuple[int, Heading]]:
    """The headings of a record with the place of their fields."""
    return [(n, found) for n, field in enumerate(marc.fields) if (found := headings.read(field, marc.dialect)) is not None]


async def index(work: Work, records: Mapping[UUID, Record], *, new: bool = False) -> None:
    """What these records say now stands in the index; `new` ones had nothing there."""
    if not new:
        await work.session.execute(delete(HeadingUse).where(HeadingUse.instance_id.in_(list(records))))
    found = [(key, marc.fields[n].tag, one) for key, marc in records.items() for n, one in headings_of(marc)]
    known = await _numbered(work.session, {one.link for _key, _tag, one in found if one.link})
    rows = [
        {
            "instance_id": key, "tag": tag, "kind": Kind(one.kind), "text": one.text[:500], "parts": [list(pair) for pair in one.parts],
            "bare": one.bare, "marks": one.marks, "authority_id": known.get(one.link),
        }
        for key, tag, one in found if one.bare
    ]
    if rows:
        await work.session.execute(insert(HeadingUse), rows)


async def _numbered(session: AsyncSession, numbers: Iterable[str]) -> dict[str, UUID]:
    """Authorities by number; one that was merged leads to the other."""
    if not (wanted := list(numbers)):
        return {}
    into = aliased(Authority)
    rows = await session.execute(
        select(Authority.no, Authority.id, into.id).outerjoin(into, into.id == Authority.merged_into).where(Authority.no.in_(wanted))
    )
    return {no: other or own for no, own, other in rows}


async def also(session: AsyncSession, marc: Record) -> list[str]:
    """The variant names of the verified authorities a record is linked to."""
    numbers = {one.link for _n, one in headings_of(marc) if one.link}
    known = set((await _numbered(session, numbers)).values())
    if not known:
        return []
    query = (
        select(AuthorityForm.text).join(Authority, Authority.id == AuthorityForm.authority_id)
        .where(AuthorityForm.authority_id.in_(known), ~AuthorityForm.established, Authority.state == AuthorityState.verified)
        .order_by(AuthorityForm.authority_id, AuthorityForm.id).limit(MOST_NAMES)
    )
    return list(dict.fromkeys(await session.scalars(query)))


async def forget(work: Work, instance_id: UUID) -> None:
    """A record that goes away leaves no headings."""
    for table in (HeadingUse, AuthorityChangeLine):
        await work.session.execute(delete(table).where(table.instance_id == instance_id))


async def candidates(session: AsyncSession, asked: Sequence[tuple[str, str, list[str]]]) -> list[list[Match]]:
    """For each (kind, bare, marks) the authorities it may be."""
    found: list[list[Match]] = [[] for _one in asked]
    if asked:
        rows: Any = await session.execute(_CANDIDATES, {"asked": [
            {"n": n, "kind": str(kind), "bare": bare, "marks": marks} for n, (kind, bare, marks) in enumerate(asked)
        ]})
        for n, *rest in rows:
            found[n].append(Match(*rest))
    return found


async def link_on_save(session: AsyncSession) -> bool:
    """The setting."""
    kept = await session.get(AuthoritySettings, 1)
    return kept is None or kept.link_on_save


async def linked(work: Work, marc: Record) -> Record:
    """The record with the headings linked that match exactly one verified authority, if the library wants that."""
    found = [(n, one) for n, one in headings_of(marc) if not one.link]
    if not found or not await link_on_save(work.session):
        return marc
    told = await candidates(work.session, [(one.kind, one.bare, one.marks) for _n, one in found])
    fields = list(marc.fields)
    for (n, one), matches in zip(found, told, strict=True):
        verdict = judge(matches)
        if verdict.what == "exact" and verdict.match is not None and verdict.match.state == "verified":
            fields[n] = headings.established(fields[n], one.kind, one.parts, verdict.match.no, marc.dialect)
    return marc.with_fields(fields)
