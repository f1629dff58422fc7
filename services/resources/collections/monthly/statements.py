"""The sums of a month: the database counts, whatever the size of the house; only lines of a table come out."""

from __future__ import annotations

from sqlalchemy import TextClause, text

from services.resources.collections.monthly.model import Grouping
from services.resources.collections.monthly.rules import KEYS

ALL = ("location", "clc", "language", "source")


def _keys(grouping: Grouping, prefix: str = "") -> str:
    """The four key columns, those that do not matter here as blanks."""
    return ", ".join(f"{prefix}{name}" if name in KEYS[grouping] else f"'' AS {name}" for name in ALL)


def opening_of_log(grouping: Grouping) -> TextClause:
    """What stood before the first day, from the rows alone: titles with a copy left, copies, value."""
    return text(f"""
        SELECT location, clc, language, source, count(*) FILTER (WHERE n > 0), sum(n), sum(v) FROM (
            SELECT {_keys(grouping)}, instance_id, sum(copies) AS n, sum(value_cents) AS v
            FROM holding_move WHERE day < :first GROUP BY 1, 2, 3, 4, 5
        ) had GROUP BY 1, 2, 3, 4
    """)


def flows(grouping: Grouping) -> TextClause:
    """Copies and value that came and went, by kind."""
    return text(f"""
        SELECT location, clc, language, source, kind, sum(copies), sum(value_cents) FROM (
            SELECT {_keys(grouping)}, kind, copies, value_cents FROM holding_move WHERE day >= :first AND day < :until
        ) gone GROUP BY 1, 2, 3, 4, 5
    """)


def titles(grouping: Grouping) -> TextClause:
    """Titles that came and went: a title comes with its first copy and goes with its last.

    Compared are the copies before the month and after it; the kind is that of the first copy to come, or the last to go.
    """
    return text(f"""
        WITH month AS (
            SELECT id, {_keys(grouping)}, instance_id, kind, copies FROM holding_move
            WHERE day >= :first AND day < :until AND copies <> 0
        ), touched AS (
            SELECT location, clc, language, source, instance_id, sum(copies) AS net,
                   (array_agg(kind ORDER BY id) FILTER (WHERE copies > 0))[1] AS came,
                   (array_agg(kind ORDER BY id DESC) FILTER (WHERE copies < 0))[1] AS went
            FROM month GROUP BY 1, 2, 3, 4, 5
        ), before AS (
            SELECT {_keys(grouping)}, instance_id, sum(copies) AS n FROM holding_move
            WHERE day < :first AND instance_id IN (SELECT instance_id FROM touched) GROUP BY 1, 2, 3, 4, 5
        ), turned AS (
            SELECT t.location, t.clc, t.language, t.source, t.came, t.went, coalesce(b.n, 0) AS had, coalesce(b.n, 0) + t.net AS has
            FROM touched t LEFT JOIN before b USING (location, clc, language, source, instance_id)
        )
        SELECT location, clc, language, source, came AS kind, count(*) FROM turned WHERE had <= 0 AND has > 0 GROUP BY 1, 2, 3, 4, 5
        UNION ALL
        SELECT location, clc, language, source, went, -count(*) FROM turned WHERE had > 0 AND has <= 0 GROUP BY 1, 2, 3, 4, 5
    """)


def actual(grouping: Grouping) -> TextClause:
    """What the items themselves say stood there at the end of the month: those of today, without what came later."""
    return text(f"""
        SELECT location, clc, language, source, count(*) FILTER (WHERE n > 0), sum(n), sum(v) FROM (
            SELECT {_keys(grouping)}, instance_id, sum(n) AS n, sum(v) AS v FROM (
                SELECT i.location, holding_class(r.clc, i.call_number) AS clc, r.language, '' AS source, i.instance_id, 1 AS n, i.price_cents AS v
                FROM item i JOIN instance r ON r.id = i.instance_id WHERE holding_owned(i.life, i.book_id)
                UNION ALL
                SELECT location, clc, language, '', instance_id, -copies, -value_cents FROM holding_move WHERE day >= :until
            ) there GROUP BY 1, 2, 3, 4, 5
        ) has GROUP BY 1, 2, 3, 4 HAVING sum(n) <> 0 OR sum(v) <> 0
    """)
