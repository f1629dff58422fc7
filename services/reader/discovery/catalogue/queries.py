"""The search of the catalogue: one statement finds, ranks, pages and counts.

How it stays fast on a large catalogue: the index yields matches, at most `CAP` of them are taken
(titles that begin with what was typed always among them), and only those are ranked and counted. When
there were more, the page says "about". An order by title or year is then read off that column's index,
so it is true for the whole set all the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.discovery.catalogue.asking import Asked, Sort
from services.reader.discovery.catalogue.model import CatalogueMoved, CatalogueRecord
from services.reader.discovery.catalogue.numbers import beyond
from services.reader.discovery.catalogue.statement import (
    CAP,
    SHOWN,
    WALKS,
    bound,
    conditions,
    statement,
    walked,
)
from shared.i18n import pick


@dataclass(slots=True)
class Found:
    """A page of results; `capped` when more match than the `looked` at, and `total` is an estimate."""

    ids: list[str] = field(default_factory=list)
    total: int = 0
    looked: int = 0
    capped: bool = False
    facets: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)


async def search(session: AsyncSession, asked: Asked) -> Found:
    """The page of results asked for, with the facets of the whole found set."""
    terms = asked.terms
    if asked.q:
        if terms.barcode and (instance := await _by_barcode(session, terms.barcode)):
            return Found(ids=[instance], total=1, looked=1)
        if terms.hopeless or not (terms.tsquery or terms.calls or terms.within):
            return Found()
    where, values = conditions(asked, terms)
    order = asked.order
    ranked = bool(terms.tsquery) and order is Sort.relevance
    prefixed = ranked and bool(terms.whole_title)
    values |= {"cap": CAP + 1, "size": asked.size, "skip": (asked.page - 1) * asked.size}
    if ranked:
        values["whole"] = terms.whole_title
    if prefixed:
        values["whole_end"] = beyond(terms.whole_title)
    rows = await session.execute(
        bound(statement(where, ranked=ranked, prefixed=prefixed, walks=terms.alone and len(where) == 2, order=order), values)
    )
    found = Found()
    for facet, value, n, zh, en in rows:
        if facet == "page":
            found.ids.append(value)
        elif facet == "total":
            found.total = found.looked = n
        elif value:
            found.facets.setdefault(facet, []).append((value, n))
            if facet == "location":
                found.places[value] = pick(zh, en) or value
    found.capped = found.total > CAP
    if found.capped:
        found.looked = CAP
        found.total = await _estimate(session, where, values)
        if order in WALKS:
            found.ids = await _walk(session, asked, where, values)
    for counts in found.facets.values():
        counts.sort(key=lambda pair: (-pair[1], pair[0]))
    return found


async def _walk(
    session: AsyncSession, asked: Asked, where: Sequence[str], values: Mapping[str, Any]
) -> list[str]:
    """The page in the order of an index: matches are dense, so it is full after a short walk."""
    plain = walked(where)
    if asked.order is Sort.shelf:
        plain.append("r.call_key > ''")
    sql = (
        f"SELECT instance_id FROM catalogue_record r WHERE {' AND '.join(plain)} "
        f"ORDER BY {WALKS[asked.order]} LIMIT :size OFFSET :skip"
    )
    return list(await session.scalars(bound(sql, values)))


async def _estimate(session: AsyncSession, where: Sequence[str], values: Mapping[str, Any]) -> int:
    """How many the planner expects, to two places: it keeps statistics of the words."""
    sql = f"EXPLAIN (FORMAT JSON) SELECT 1 FROM catalogue_record r WHERE {' AND '.join(where)}"
    plan = await session.scalar(bound(sql, values))
    rows = int(plan[0]["Plan"]["Plan Rows"])
    return max(round(rows, 2 - len(str(rows))), CAP)


async def _by_barcode(session: AsyncSession, barcode: str) -> str | None:
    sql = f"""SELECT r.instance_id FROM item b JOIN catalogue_record r ON r.instance_id = b.instance_id
        WHERE b.barcode = :barcode AND b.stock <> 'withdrawn' AND {SHOWN}"""
    found: str | None = await session.scalar(text(sql), {"barcode": barcode})
    return found


async def records(session: AsyncSession, ids: Sequence[str]) -> list[CatalogueRecord]:
    """These records, in this order."""
    found = await session.scalars(select(CatalogueRecord).where(CatalogueRecord.instance_id.in_(ids)))
    by_id = {record.instance_id: record for record in found}
    return [by_id[key] for key in ids if key in by_id]


async def record_by_number(session: AsyncSession, number: str) -> CatalogueRecord | None:
    """A record patrons may see."""
    return await session.scalar(
        select(CatalogueRecord).where(
            CatalogueRecord.number == number, CatalogueRecord.suppressed.is_(False),
            CatalogueRecord.emptied.is_(False),
        )
    )


async def moved_to(session: AsyncSession, number: str) -> str | None:
    """The number under which the work that had this one is found today."""
    found: str | None = await session.scalar(
        select(CatalogueRecord.number)
        .join(CatalogueMoved, CatalogueRecord.instance_id == func.title_now(CatalogueMoved.instance_id))
        .where(
            CatalogueMoved.number == number, CatalogueRecord.suppressed.is_(False),
            CatalogueRecord.emptied.is_(False),
        )
    )
    return found


async def numbers_of(session: AsyncSession, ids: Sequence[str]) -> dict[str, str]:
    """Where each title can be looked at: instance → number, for those patrons may see."""
    rows = await session.execute(
        select(CatalogueRecord.instance_id, CatalogueRecord.number).where(
            CatalogueRecord.instance_id.in_(ids), CatalogueRecord.suppressed.is_(False),
            CatalogueRecord.emptied.is_(False),
        )
    )
    return dict(rows.all())


async def by_class(session: AsyncSession) -> dict[str, int]:
    """How many records each main class holds."""
    sql = f"SELECT clc_main, count(*) FROM catalogue_record r WHERE {SHOWN} GROUP BY clc_main"
    return {letter: n for letter, n in await session.execute(text(sql)) if letter}


async def newest(session: AsyncSession, limit: int = 12) -> Sequence[CatalogueRecord]:
    """The youngest books among what came in last: a whole delivery arrives at one moment."""
    arrived = (
        select(CatalogueRecord.instance_id)
        .where(CatalogueRecord.suppressed.is_(False), CatalogueRecord.emptied.is_(False))
        .order_by(CatalogueRecord.added_at.desc(), CatalogueRecord.instance_id).limit(200)
    )
    return (await session.scalars(
        select(CatalogueRecord).where(CatalogueRecord.instance_id.in_(arrived))
        .order_by(CatalogueRecord.year.desc().nulls_last(), CatalogueRecord.sort_title).limit(limit)
    )).all()


async def arrivals(session: AsyncSession, letter: str = "", limit: int = 50) -> Sequence[CatalogueRecord]:
    """What came in last, of one main class or of all."""
    wanted = (
        select(CatalogueRecord)
        .where(CatalogueRecord.suppressed.is_(False), CatalogueRecord.emptied.is_(False))
        .order_by(CatalogueRecord.added_at.desc(), CatalogueRecord.instance_id).limit(limit)
    )
    return (await session.scalars(wanted.where(CatalogueRecord.clc_main == letter) if letter else wanted)).all()


async def neighbours(session: AsyncSession, record: CatalogueRecord, each: int = 4) -> list[CatalogueRecord]:
    """What stands left and right of the book on the shelf, itself in the middle."""
    if not record.call_key:
        return []
    key, columns = (record.call_key, record.instance_id), (CatalogueRecord.call_key, CatalogueRecord.instance_id)
    shown = (CatalogueRecord.suppressed.is_(False), CatalogueRecord.emptied.is_(False), CatalogueRecord.call_key > "")
    left = await session.scalars(
        select(CatalogueRecord).where(*shown, tuple_(*columns) < key)
        .order_by(columns[0].desc(), columns[1].desc()).limit(each)
    )
    right = await session.scalars(
        select(CatalogueRecord).where(*shown, tuple_(*columns) > key).order_by(*columns).limit(each)
    )
    return [*reversed(left.all()), record, *right.all()]
