"""Finding records that look alike: a few statements over the match keys, however large the catalogue is."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from services.resources.cataloguing.merging import rules
from shared.work import Work

_ALONE = text("SELECT pg_advisory_xact_lock(hashtext('merging-find'))")
# Keys are `kind:number|title|volume|year`, of the source's own number `id:source|number`, of the whole description
# `like:title|volume|year|author|publisher` (records/rules.py). Of volumes that differ nothing is concluded: sets share
# numbers. A like description with other numbers is another edition.
_FIND = text("""
WITH sign AS MATERIALIZED (
    SELECT k.instance_id AS id, split_part(k.key, ':', 1) AS kind,
        CASE WHEN k.key ~ '^is[bs]n:' THEN split_part(k.key, '|', 1) ELSE k.key END AS sign,
        split_part(k.key, '|', 2) AS title, split_part(k.key, '|', 3) AS volume, split_part(k.key, '|', 4) AS year
    FROM instance_key k JOIN instance i ON i.id = k.instance_id
    WHERE i.merged_into IS NULL AND i.state <> 'draft'
), crowd AS (
    SELECT sign FROM sign GROUP BY sign HAVING count(DISTINCT id) BETWEEN 2 AND :crowd
), met AS (
    SELECT a.id AS a, b.id AS b, a.kind,
        CASE WHEN a.kind IN ('isbn', 'issn') THEN a.title = b.title ELSE x.sort_title = y.sort_title END AS title,
        coalesce(x.year = y.year, true) AS year, x.material = y.material AS material,
        a.kind IN ('isbn', 'issn') AND a.volume <> '' AND b.volume <> '' AND a.volume <> b.volume AS volumes
    FROM crowd JOIN sign a USING (sign) JOIN sign b USING (sign)
    JOIN instance x ON x.id = a.id JOIN instance y ON y.id = b.id
    WHERE a.id < b.id
), pair AS (
    SELECT a, b, bool_or(kind = 'id') AS control, bool_or(kind = 'isbn') AS isbn, bool_or(kind = 'issn') AS issn,
        bool_or(kind IN ('like', 'title')) AS alike, bool_or(title) AS title, bool_and(year) AS year,
        bool_and(material) AS material, bool_or(volumes) AS volumes
    FROM met GROUP BY a, b
), judged AS (
    SELECT p.*, least(100, greatest(
            CASE WHEN isbn THEN 55 + 25 * title::int + 10 * year::int END,
            CASE WHEN issn THEN 55 + 35 * title::int END,
            CASE WHEN control THEN 45 + 35 * title::int + 10 * year::int END,
            CASE WHEN alike THEN 80 END
        ) + 10 * (isbn AND alike OR control AND (isbn OR issn OR alike) OR issn AND alike)::int - 25 * (NOT material)::int) AS score
    FROM pair p
    WHERE NOT volumes AND (isbn OR issn OR control OR NOT (
        EXISTS (SELECT FROM sign s WHERE s.id = p.a AND s.kind IN ('isbn', 'issn'))
        AND EXISTS (SELECT FROM sign s WHERE s.id = p.b AND s.kind IN ('isbn', 'issn'))))
)
INSERT INTO likeness AS known (id, a_id, b_id, score, reasons, group_id, verdict, seen_at, decided_by, note)
SELECT gen_random_uuid(), a, b, score, to_jsonb(array_remove(ARRAY[
        CASE WHEN control THEN 'control' END, CASE WHEN isbn THEN 'isbn' END, CASE WHEN issn THEN 'issn' END,
        CASE WHEN alike THEN 'alike' WHEN title THEN 'title' ELSE 'other-title' END,
        CASE WHEN NOT year AND NOT issn THEN 'other-year' WHEN year AND NOT alike AND NOT issn THEN 'year' END,
        CASE WHEN NOT material THEN 'other-material' END
    ], NULL)), a, 'open', :now, '', ''
FROM judged WHERE score >= :lowest ORDER BY a, b
ON CONFLICT (a_id, b_id) DO UPDATE SET score = EXCLUDED.score, reasons = EXCLUDED.reasons, seen_at = EXCLUDED.seen_at
WHERE known.verdict = 'open'
""")
_GONE = text("DELETE FROM likeness WHERE verdict = 'open' AND seen_at < :now")
# Whatever hangs together bears the smallest record of it; only ways upwards need be walked for that.
_GROUP = text("""
WITH RECURSIVE edge AS (
    SELECT a_id AS one, b_id AS other FROM likeness WHERE verdict = 'open'
    UNION SELECT b_id, a_id FROM likeness WHERE verdict = 'open'
), reach AS (
    SELECT one AS root, one AS id FROM edge
    UNION SELECT reach.root, edge.other FROM reach JOIN edge ON edge.one = reach.id WHERE edge.other > reach.root
), least AS (
    SELECT DISTINCT ON (id) id, root FROM reach ORDER BY id, root
)
UPDATE likeness l SET group_id = least.root FROM least
WHERE least.id = l.a_id AND l.verdict = 'open' AND l.group_id <> least.root
""")
_SEEN = text("""
INSERT INTO merge_settings (id, most_items, looked_at) VALUES (1, :most, :now)
ON CONFLICT (id) DO UPDATE SET looked_at = EXCLUDED.looked_at
""")
_OPEN = text("SELECT count(DISTINCT group_id) FROM likeness WHERE verdict = 'open'")


async def find(work: Work) -> int:
    """Look through the whole catalogue; how many groups wait for a decision afterwards."""
    await work.session.execute(_ALONE)
    await work.session.execute(_FIND, {"crowd": rules.CROWD, "lowest": rules.LOWEST, "now": work.now})
    await work.session.execute(_GONE, {"now": work.now})
    await group(work)
    await work.session.execute(_SEEN, {"most": rules.MOST_ITEMS, "now": work.now})
    return int(await work.session.scalar(_OPEN) or 0)


async def group(work: Work) -> None:
    """Name anew what hangs together."""
    await work.session.execute(_GROUP)


async def find_nightly(work: Work, _due: datetime) -> None:
    """For the schedule."""
    await find(work)
