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

from sqlalchemy import TextClause, bindparam, func, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.discovery.catalogue.asking import Asked, Sort, Terms
from services.reader.discovery.catalogue.model import CatalogueMoved, CatalogueRecord
from services.reader.discovery.catalogue.numbers import beyond
from shared.i18n import pick

CAP = 2000
SHOWN = "NOT r.suppressed AND NOT r.emptied"
# A copy somebody can fetch from the shelf and borrow now; the desk's index serves exactly this.
FREE = "i.circulation = 'available' AND i.condition = 'sound' AND i.stock = 'in_stock' AND i.use = 'loan'"
COPY = "SELECT 1 FROM item i WHERE i.instance_id = r.instance_id AND i.stock <> 'withdrawn'"
RANK = "ts_rank('{0.05, 0.2, 0.6, 1.0}', r.search, CAST(:tsquery AS tsquery))"

ORDERS: dict[Sort, str] = {
    Sort.relevance: "rank DESC, year DESC NULLS LAST, instance_id",
    Sort.newest: "year DESC NULLS LAST, instance_id",
    Sort.titles: "sort_title, instance_id",
    Sort.shelf: "call_key = '', call_key, instance_id",
    Sort.added: "added_at DESC, instance_id",
}
# Orders an index can be walked in, for when there are more matches than are looked at.
WALKS: dict[Sort, str] = {
    Sort.newest: ORDERS[Sort.newest], Sort.titles: ORDERS[Sort.titles], Sort.shelf: "call_key, instance_id",
    Sort.added: ORDERS[Sort.added],
}
FILTERS: dict[str, str] = {
    "material": "r.material = :material", "language": "r.language = :language", "clc": "r.clc_main = :clc",
    "decade": "r.year >= :decade AND r.year < :decade + 10", "years": "r.year BETWEEN :year_low AND :year_high",
    "location": f"EXISTS ({COPY} AND i.location = :location)",
    "free": f"EXISTS (SELECT 1 FROM item i WHERE i.instance_id = r.instance_id AND {FREE})",
}
# Literally there: the title as it is folded for lists, the rest as it was written.
PHRASE = (
    "(position(:phrase{n} IN r.sort_title) > 0 OR position(:phrase{n} IN lower(concat_ws(' ; ', r.title, r.title_rest, "
    "r.responsibility, r.other_titles::text, r.authors::text, r.subjects::text, r.series::text, r.publisher))) > 0)"
)


@dataclass(slots=True)
class Found:
    """A page of results; `capped` when more match than the `looked` at, and `total` is an estimate."""

    ids: list[str] = field(default_factory=list)
    total: int = 0
    looked: int = 0
    capped: bool = False
    facets: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)


def _conditions(asked: Asked, terms: Terms) -> tuple[list[str], dict[str, Any]]:
    """What a record must meet, as SQL, and the values."""
    ways, values = [], dict[str, Any]()
    if terms.tsquery:
        ways.append("r.search @@ CAST(:tsquery AS tsquery)")
        values["tsquery"] = terms.tsquery
    if terms.calls:
        ways.append("(r.call_key >= :call_low AND r.call_key < :call_high)")
        values["call_low"], values["call_high"] = terms.calls
    where = [SHOWN]
    if ways:
        where.append(f"({' OR '.join(ways)})")
    if terms.within:
        where.append("r.call_key >= :within_low AND r.call_key < :within_high")
        values["within_low"], values["within_high"] = terms.within
    for n, phrase in enumerate(terms.phrases):
        where.append(PHRASE.format(n=n))
        values[f"phrase{n}"] = phrase
    for name, value in asked.chosen.items():
        where.append(FILTERS[name])
        if name == "years":
            low, _dash, high = value.partition("-")
            values |= {"year_low": int(low or 0), "year_high": int(high or 9999)}
        elif name != "free":
            values[name] = int(value) if name == "decade" else value
    return where, values


def _statement(where: Sequence[str], *, ranked: bool, prefixed: bool, order: Sort) -> str:
    columns = (
        "r.instance_id, r.clc_main, r.material, r.language, r.year, r.sort_title, r.call_key, r.added_at, "
        + (
            f"{RANK} + CASE WHEN r.sort_title = :whole THEN 4 WHEN starts_with(r.sort_title, :whole) THEN 1 "
            "ELSE 0 END AS rank" if ranked else "0 AS rank"
        )
    )
    base = f"SELECT {columns} FROM catalogue_record r WHERE {' AND '.join(where)}"
    found = f"({base} LIMIT :cap)"
    if prefixed:
        begins = "r.sort_title >= :whole AND r.sort_title < :whole_end"
        found = f"({base} AND {begins} ORDER BY r.sort_title LIMIT 300) UNION {found}"
    return f"""
        WITH found AS MATERIALIZED ({found}),
        copies AS MATERIALIZED (
            SELECT f.instance_id, c.location, bool_or(c.free) AS free, min(c.zh) AS zh, min(c.en) AS en
            FROM found f CROSS JOIN LATERAL (
                SELECT i.location, {FREE} AS free, i.location_name AS zh, i.location_name_en AS en
                FROM item i WHERE i.instance_id = f.instance_id AND i.stock <> 'withdrawn'
                OFFSET 0  -- some lookups in the index, never a walk through every copy of the library
            ) AS c GROUP BY f.instance_id, c.location
        ),
        page AS (SELECT instance_id FROM found ORDER BY {ORDERS[order]} LIMIT :size OFFSET :skip)
        SELECT 'page' AS facet, instance_id AS value, 0 AS n, '' AS zh, '' AS en FROM page
        UNION ALL SELECT 'total', '', count(*), '', '' FROM found
        UNION ALL (
            SELECT CASE WHEN GROUPING(material) = 0 THEN 'material' WHEN GROUPING(language) = 0 THEN 'language'
                        WHEN GROUPING(clc_main) = 0 THEN 'clc' ELSE 'decade' END,
                   coalesce(material, language, clc_main, (year / 10 * 10)::text, ''), count(*), '', ''
            FROM found GROUP BY GROUPING SETS ((material), (language), (clc_main), (year / 10 * 10)))
        UNION ALL SELECT 'location', location, count(*), min(zh), min(en) FROM copies GROUP BY location
        UNION ALL SELECT 'free', '1', count(DISTINCT instance_id), '', '' FROM copies WHERE free
    """


def _sql(sql: str, values: Mapping[str, Any]) -> TextClause:
    """The statement with those of the values it names.

    The words asked for stand in the statement itself (quoted; they are letters and operators of ours):
    a plan made for any words at all would read the whole table for the rare ones.
    """
    return text(sql).bindparams(*(
        bindparam(name, value, literal_execute=name == "tsquery")
        for name, value in values.items() if f":{name}" in sql
    ))


async def search(session: AsyncSession, asked: Asked) -> Found:
    """The page of results asked for, with the facets of the whole found set."""
    terms = asked.terms
    if asked.q:
        if terms.barcode and (instance := await _by_barcode(session, terms.barcode)):
            return Found(ids=[instance], total=1, looked=1)
        if terms.hopeless or not (terms.tsquery or terms.calls or terms.within):
            return Found()
    where, values = _conditions(asked, terms)
    order = asked.order
    ranked = bool(terms.tsquery) and order is Sort.relevance
    prefixed = ranked and bool(terms.whole_title)
    values |= {"cap": CAP + 1, "size": asked.size, "skip": (asked.page - 1) * asked.size}
    if ranked:
        values["whole"] = terms.whole_title
    if prefixed:
        values["whole_end"] = beyond(terms.whole_title)
    rows = await session.execute(
        _sql(_statement(where, ranked=ranked, prefixed=prefixed, order=order), values)
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
    # `IS TRUE` keeps the planner from collecting every match first.
    plain = [part if "@@" not in part else f"{part} IS TRUE" for part in where]
    if asked.order is Sort.shelf:
        plain.append("r.call_key > ''")
    sql = (
        f"SELECT instance_id FROM catalogue_record r WHERE {' AND '.join(plain)} "
        f"ORDER BY {WALKS[asked.order]} LIMIT :size OFFSET :skip"
    )
    return list(await session.scalars(_sql(sql, values)))


async def _estimate(session: AsyncSession, where: Sequence[str], values: Mapping[str, Any]) -> int:
    """How many the planner expects, to two places: it keeps statistics of the words."""
    sql = f"EXPLAIN (FORMAT JSON) SELECT 1 FROM catalogue_record r WHERE {' AND '.join(where)}"
    plan = await session.scalar(_sql(sql, values))
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
