"""The statements that move whole shelves at once."""

from __future__ import annotations

from sqlalchemy import text

# What should stand there: stock of these places within these call numbers, as the books have it now.
FREEZE = text("""
INSERT INTO stocktake_item (stocktake_id, item_id, location, shelf_key, result, settled, settled_by)
SELECT :id, i.id, i.location, i.shelf_key, 'open', '', ''
FROM item i
WHERE i.life IN ('in_stock', 'candidate') AND i.location = ANY(:places)
  AND (:key_from = '' OR i.shelf_key >= :key_from) AND (:key_to = '' OR i.shelf_key <= :key_to)
""")

# One barcode or fifty thousand: each is looked up, judged and written down; the books it belongs to are ticked off.
SCAN = text("""
WITH given AS (
    SELECT code FROM unnest(CAST(:codes AS text[])) AS code
), known AS (
    SELECT DISTINCT ON (coalesce(i.barcode, g.code)) coalesce(i.barcode, g.code) AS barcode, i.id, i.location, i.life, i.shelf_key,
           w.place AS whereabouts
    FROM given g
    LEFT JOIN former_barcode f ON f.barcode = g.code
    LEFT JOIN item i ON i.barcode = g.code OR i.id = f.item_id
    LEFT JOIN sighting w ON w.barcode = i.barcode
    ORDER BY coalesce(i.barcode, g.code)
), judged AS (
    SELECT k.*, CASE
        WHEN k.id IS NULL THEN 'unknown' WHEN k.life = 'withdrawn' THEN 'withdrawn'
        WHEN k.life IN ('lost', 'replaced') THEN 'lost' WHEN k.life IN ('in_process', 'in_handover') THEN 'workroom'
        WHEN k.whereabouts = 'loan' THEN 'on_loan' WHEN k.location <> :place THEN 'place'
        WHEN :key_from <> '' AND k.shelf_key < :key_from OR :key_to <> '' AND k.shelf_key > :key_to THEN 'span' ELSE '' END AS why
    FROM known k
), taken AS (
    INSERT INTO stocktake_scan AS s (id, stocktake_id, barcode, item_id, place, result, why, how, times, by, at, settled, settled_by)
    SELECT gen_random_uuid(), :id, j.barcode, j.id, :place,
           CASE WHEN j.why = '' THEN 'found' WHEN j.why IN ('place', 'span') THEN 'elsewhere' ELSE 'unexpected' END,
           j.why, :how, 1, :by, :at, '', ''
    FROM judged j ORDER BY j.barcode
    ON CONFLICT (stocktake_id, barcode) DO UPDATE SET
        times = s.times + 1, place = EXCLUDED.place, result = EXCLUDED.result, why = EXCLUDED.why, by = EXCLUDED.by, at = EXCLUDED.at,
        settled = CASE WHEN (s.result, s.why, s.place) = (EXCLUDED.result, EXCLUDED.why, EXCLUDED.place) THEN s.settled ELSE '' END
    RETURNING s.id, s.barcode, s.item_id, s.place, s.result, s.why, s.times
), ticked AS (
    UPDATE stocktake_item e
    SET result = CASE WHEN t.why IN ('place', 'span') THEN 'elsewhere' ELSE 'found' END,
        settled = CASE WHEN e.settled = 'told' THEN 'found' ELSE e.settled END
    FROM taken t WHERE e.stocktake_id = :id AND e.item_id = t.item_id AND t.why IN ('', 'place', 'span', 'on_loan')
)
SELECT id, barcode, item_id, place, result, why, times FROM taken
""")

# When the shelves are through: what was not scanned is lent, in hand, was at the desk meanwhile, or is not there.
COMPARE = text("""
UPDATE stocktake_item e SET result = j.result
FROM (
    SELECT i.id, CASE
        WHEN i.life NOT IN ('in_stock', 'candidate') OR i.location <> x.location THEN 'away'
        WHEN w.place = 'loan' THEN 'lent'
        WHEN w.place IN ('hold', 'transit', 'desk') OR i.custodian <> 'reader' THEN 'away'
        WHEN w.place = 'home' AND w.at >= :since THEN 'seen'
        ELSE 'missing' END AS result
    FROM stocktake_item x
    JOIN item i ON i.id = x.item_id
    LEFT JOIN sighting w ON w.barcode = i.barcode
    WHERE x.stocktake_id = :id AND x.result NOT IN ('found', 'elsewhere')
) j
WHERE e.stocktake_id = :id AND e.item_id = j.id AND e.result <> j.result
""")

COUNTS = text("SELECT location, result, count(*) FROM stocktake_item WHERE stocktake_id = :id GROUP BY location, result")
# The same for one place, by the index alone: asked after every scan.
PLACE_COUNTS = text("""
SELECT result, count(*) FROM stocktake_item
WHERE stocktake_id = :id AND result = ANY(:results) AND location = :place GROUP BY result
""")
PLACE_SCANS = text("""
SELECT result, count(*) FROM stocktake_scan
WHERE stocktake_id = :id AND result IN ('elsewhere', 'unexpected') AND place = :place GROUP BY result
""")
SCANS = text("SELECT place, result, count(*) FROM stocktake_scan WHERE stocktake_id = :id GROUP BY place, result")
