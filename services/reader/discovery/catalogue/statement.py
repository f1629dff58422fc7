"""The statement of a search: what a record must meet, and how the matches are found, ranked, paged and counted. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import TextClause, bindparam, text

from services.reader.discovery.catalogue.asking import Asked, Sort, Terms

CAP = 1000
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


def conditions(asked: Asked, terms: Terms) -> tuple[list[str], dict[str, Any]]:
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


def walked(where: Sequence[str]) -> list[str]:
    """The conditions for a walk along another index: `IS TRUE` keeps the planner from collecting every match first."""
    return [part if "@@" not in part else f"{part} IS TRUE" for part in where]


def statement(where: Sequence[str], *, ranked: bool, prefixed: bool, walks: bool, order: Sort) -> str:
    """Find, rank, page and count. `prefixed`: titles that begin with what was typed come first, found by a walk of the
    titles when nothing else narrows the question (`walks`).
    """
    columns = (
        "r.instance_id, r.clc_main, r.material, r.language, r.year, r.sort_title, r.call_key, r.added_at, "
        + (
            f"{RANK} + CASE WHEN r.sort_title = :whole THEN 4 WHEN starts_with(r.sort_title, :whole) THEN 1 "
            "ELSE 0 END AS rank" if ranked else "0 AS rank"
        )
    )
    base = f"SELECT {columns} FROM catalogue_record r WHERE"
    meets = " AND ".join(where)
    matches = f"({base} {meets} LIMIT :cap)"
    if prefixed:
        begins = "r.sort_title >= :whole AND r.sort_title < :whole_end"
        matches = (
            f"({base} {' AND '.join(walked(where)) if walks else meets} AND {begins} ORDER BY r.sort_title LIMIT :cap) "
            f"UNION ALL ({base} {meets} AND NOT ({begins}) LIMIT :cap)"
        )
    # Copies are told apart by the title's place among the found: a number groups faster than its long key.
    return f"""
        WITH found AS MATERIALIZED (SELECT row_number() OVER () AS n, m.* FROM ({matches}) AS m LIMIT :cap),
        copies AS MATERIALIZED (
            SELECT f.n, c.location, bool_or(c.free) AS free, min(c.zh) AS zh, min(c.en) AS en
            FROM found f CROSS JOIN LATERAL (
                SELECT i.location, {FREE} AS free, i.location_name AS zh, i.location_name_en AS en
                FROM item i WHERE i.instance_id = f.instance_id AND i.stock <> 'withdrawn'
                OFFSET 0  -- some lookups in the index, never a walk through every copy of the library
            ) AS c GROUP BY f.n, c.location
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
        UNION ALL SELECT 'free', '1', count(DISTINCT n), '', '' FROM copies WHERE free
    """


def bound(sql: str, values: Mapping[str, Any]) -> TextClause:
    """The statement with those of the values it names.

    The words asked for stand in the statement itself (quoted; they are letters and operators of ours):
    a plan made for any words at all would read the whole table for the rare ones.
    """
    return text(sql).bindparams(*(
        bindparam(name, value, literal_execute=name == "tsquery")
        for name, value in values.items() if f":{name}" in sql
    ))
