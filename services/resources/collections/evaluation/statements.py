"""What the database counts, one statement each, whatever the size of the house.

`stood` has a row for each copy that stood at the end, came, or was used in the period, in the cell it stood in last.
Parameters: first, until (days), location, carrier (empty or `all`: no matter), subject (class letters).
"""

from __future__ import annotations

from sqlalchemy import text

_CARRIER = """(CAST(:carrier AS text) = 'all' OR r.material = CAST(:carrier AS text)
        OR (CAST(:carrier AS text) = 'other' AND r.material NOT IN ('book', 'serial')))"""
# Of one class only the copies that ever stood in it need a look.
_NARROW = "AND (CAST(:any_clc AS boolean) OR item_id IN (SELECT item_id FROM holding_move WHERE clc = CAST(:clc AS text) AND day < :until))"
_STOOD = """
WITH book AS (
    SELECT item_id, sum(copies) > 0 AS here, sum(value_cents) AS value_cents, (array_agg(instance_id ORDER BY id DESC))[1] AS instance_id,
           (array_agg(location ORDER BY id DESC))[1] AS location, (array_agg(clc ORDER BY id DESC))[1] AS clc,
           (array_agg(language ORDER BY id DESC))[1] AS language,
           coalesce(sum(copies) FILTER (WHERE kind = 'added' AND day >= :first), 0) AS added,
           coalesce(sum(value_cents) FILTER (WHERE kind = 'added' AND day >= :first), 0) AS added_cents
    FROM holding_move WHERE day < :until {narrow} GROUP BY item_id
), used AS (
    SELECT item_id, greatest(coalesce(sum(n) FILTER (WHERE kind = 'loan'), 0), 0) AS loans,
           coalesce(sum(n) FILTER (WHERE kind = 'in_house'), 0) AS in_house
    FROM item_use WHERE day >= :first AND day < :until AND item_id IS NOT NULL GROUP BY item_id
), stood AS (
    SELECT b.item_id, b.instance_id, b.location, b.clc, b.language, b.here, CASE WHEN b.here THEN b.value_cents ELSE 0 END AS value_cents,
           b.added, b.added_cents, coalesce(u.loans, 0) AS loans, coalesce(u.in_house, 0) AS in_house, r.year, r.title, r.number
    FROM book b JOIN instance r ON r.id = b.instance_id LEFT JOIN used u ON u.item_id = b.item_id
    WHERE (CAST(:location AS text) = '' OR b.location = CAST(:location AS text)) AND {carrier}
      AND (b.here OR b.added > 0 OR u.item_id IS NOT NULL)
)"""
_ALL = _STOOD.format(narrow="", carrier=_CARRIER)
_CLASS = _STOOD.format(narrow=_NARROW, carrier=_CARRIER)
# Who asked for what: holds by title; suggestions by the title they became, else the one they were found to be.
_ASKED = f"""
WITH wished AS (
    SELECT u.instance_id, '' AS no, '' AS title, count(*) FILTER (WHERE kind = 'hold') AS requests,
           count(*) FILTER (WHERE kind = 'unmet') AS unmet, 0 AS suggested
    FROM item_use u WHERE u.day >= :first AND u.day < :until AND u.kind IN ('hold', 'unmet') GROUP BY 1
    UNION ALL
    SELECT coalesce(d.instance_id, r.id), s.no, s.title, 0, 0, count(*)
    FROM suggestion_vote v JOIN suggestion s ON s.id = v.suggestion_id
    LEFT JOIN desideratum d ON d.no = nullif(s.title_no, '') LEFT JOIN instance r ON r.number = nullif(s.record, '')
    WHERE (v.at AT TIME ZONE 'Asia/Shanghai')::date >= :first AND (v.at AT TIME ZONE 'Asia/Shanghai')::date < :until GROUP BY 1, 2, 3
), asked AS (
    SELECT holding_class(r.clc, coalesce((
               SELECT i.call_number FROM item i WHERE i.instance_id = r.id AND i.call_number <> '' ORDER BY i.copy_no, i.barcode LIMIT 1
           ), r.call_number)) AS clc, r.id AS instance_id, r.number, coalesce(r.title, w.title) AS title, w.no,
           w.requests, w.unmet, w.suggested
    FROM wished w LEFT JOIN instance was ON was.id = w.instance_id LEFT JOIN instance r ON r.id = coalesce(was.merged_into, was.id)
    WHERE (r.id IS NULL OR {_CARRIER})
      AND (CAST(:location AS text) = '' OR EXISTS (
        SELECT FROM item i WHERE i.instance_id = r.id AND i.location = CAST(:location AS text)))
)"""
CLEAR = text("DELETE FROM evaluation_line WHERE evaluation_id = :id")
FIGURES = text(f"""
INSERT INTO evaluation_line (evaluation_id, grouping, location, clc, language, titles, copies, value_cents, recent, added, added_cents,
    loans, in_house, lent, zero, requests, unmet, suggested)
{_ALL}
SELECT CAST(:id AS uuid), CASE GROUPING(location, clc, language) WHEN 0 THEN 'cell' WHEN 5 THEN 'clc' WHEN 3 THEN 'location' ELSE 'all' END,
    coalesce(location, ''), coalesce(clc, ''), coalesce(language, ''), count(DISTINCT instance_id) FILTER (WHERE here),
    count(*) FILTER (WHERE here), coalesce(sum(value_cents), 0), count(*) FILTER (WHERE here AND year >= :recent), coalesce(sum(added), 0),
    coalesce(sum(added_cents), 0), coalesce(sum(loans), 0), coalesce(sum(in_house), 0), count(*) FILTER (WHERE here AND loans > 0),
    count(*) FILTER (WHERE here AND loans = 0 AND in_house = 0), 0, 0, 0
FROM stood GROUP BY GROUPING SETS ((location, clc, language), (clc), (location), ())
HAVING GROUPING(location, clc, language) = 7 OR CAST(:subject AS text) = ''
    OR (GROUPING(clc) = 0 AND starts_with(clc, CAST(:subject AS text)))
""")
DEMAND = text(f"""
INSERT INTO evaluation_line AS l (evaluation_id, grouping, location, clc, language, titles, copies, value_cents, recent, added, added_cents,
    loans, in_house, lent, zero, requests, unmet, suggested)
{_ASKED}
SELECT CAST(:id AS uuid), CASE GROUPING(clc) WHEN 0 THEN 'clc' ELSE 'all' END, '', coalesce(clc, ''), '', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    coalesce(sum(requests), 0), coalesce(sum(unmet), 0), coalesce(sum(suggested), 0)
FROM asked GROUP BY GROUPING SETS ((clc), ())
HAVING GROUPING(clc) = 1 OR starts_with(clc, CAST(:subject AS text))
ON CONFLICT (evaluation_id, grouping, location, clc, language) DO UPDATE
    SET requests = EXCLUDED.requests, unmet = EXCLUDED.unmet, suggested = EXCLUDED.suggested
""")
# Which titles a number is made of.
BEHIND = {
    "titles": "count(*) FILTER (WHERE here) > 0", "copies": "count(*) FILTER (WHERE here) > 0", "added": "sum(added) > 0",
    "recent": "count(*) FILTER (WHERE here AND year >= :recent) > 0", "loans": "sum(loans) > 0", "in_house": "sum(in_house) > 0",
    "lent": "count(*) FILTER (WHERE here AND loans > 0) > 0",
    "zero": "count(*) FILTER (WHERE here AND loans = 0 AND in_house = 0) > 0",
}
ORDERS = {"most": "loans DESC, in_house DESC, title, number", "least": "loans, in_house, year NULLS FIRST, title, number"}
_OF_CLASS = """(CAST(:any_clc AS boolean) OR clc = CAST(:clc AS text)) AND (CAST(:place AS text) = '' OR location = CAST(:place AS text))
    AND (CAST(:any_language AS boolean) OR language = CAST(:language AS text))
    AND starts_with(clc, CAST(:subject AS text))"""


def titles(column: str, order: str) -> str:
    """The titles of a class by use; what they count, and over how many rows the answer goes."""
    return f"""{_CLASS}
SELECT *, count(*) OVER () AS total FROM (
    SELECT instance_id, number, title, year, count(*) FILTER (WHERE here) AS copies, sum(added) AS added, sum(loans) AS loans,
        sum(in_house) AS in_house, count(*) FILTER (WHERE here AND loans > 0) AS lent,
        count(*) FILTER (WHERE here AND loans = 0 AND in_house = 0) AS zero
    FROM stood WHERE {_OF_CLASS} GROUP BY instance_id, number, title, year HAVING {BEHIND[column]}
) found ORDER BY {ORDERS[order]} LIMIT :limit OFFSET :offset"""


WANTED = ("requests", "unmet", "suggested")


def wanted(column: str) -> str:
    """The titles readers asked for, or asked for in vain."""
    return f"""{_ASKED}
SELECT *, count(*) OVER () AS total FROM (
    SELECT instance_id, number, title, no, sum(requests) AS requests, sum(unmet) AS unmet, sum(suggested) AS suggested
    FROM asked WHERE (CAST(:any_clc AS boolean) OR clc = CAST(:clc AS text)) AND starts_with(clc, CAST(:subject AS text))
    GROUP BY instance_id, number, title, no HAVING sum({column}) > 0
) found ORDER BY {column} DESC, title, number LIMIT :limit OFFSET :offset"""
