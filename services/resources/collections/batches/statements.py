"""The statements that pick, list and move whole batches at once."""

from __future__ import annotations

from sqlalchemy import text

# What the rule names, why, and what keeps a copy in the house. Of several rules the first of `Ground` gives the reason.
# The copies of a title leave in turn, the least used first, so that the one that stays is the one people read.
BUILD = text("""
WITH used AS (
    SELECT item_id, sum(n) AS uses, max(day) AS last_on FROM item_use
    WHERE item_id IS NOT NULL AND kind IN ('loan', 'in_house') GROUP BY item_id
), born AS (
    SELECT item_id, min(day) AS day FROM holding_move WHERE item_id IS NOT NULL GROUP BY item_id
), copies AS (
    SELECT i.id, i.instance_id, count(*) OVER title AS alive,
           row_number() OVER (PARTITION BY i.instance_id ORDER BY coalesce(u.uses, 0) DESC, u.last_on DESC NULLS LAST, i.copy_no, i.barcode) AS rank
    FROM item i LEFT JOIN used u ON u.item_id = i.id
    WHERE i.life IN ('in_stock', 'in_handover', 'in_process') AND i.book_id IS NULL
    WINDOW title AS (PARTITION BY i.instance_id)
), scope AS (
    SELECT i.id, i.instance_id, i.barcode, i.location, i.shelf_key, i.life, i.custodian, c.alive, c.rank,
           coalesce(u.uses, 0) AS uses, u.last_on, coalesce(l.special, false) AS special, coalesce(l.use, i.use) AS use,
           least(b.day, CAST(i.created_at AT TIME ZONE 'Asia/Shanghai' AS date)) AS since, r.sort_title, r.year, r.language,
           r.projection ->> 'responsibility' AS author
    FROM item i JOIN copies c ON c.id = i.id JOIN instance r ON r.id = i.instance_id LEFT JOIN location l ON l.no = i.location
    LEFT JOIN used u ON u.item_id = i.id LEFT JOIN born b ON b.item_id = i.id
    WHERE i.life = 'in_stock' AND (cardinality(CAST(:places AS text[])) = 0 OR i.location = ANY(:places))
      AND (:key_from = '' OR i.shelf_key >= :key_from) AND (:key_to = '' OR i.shelf_key <= :key_to)
), named AS (
    SELECT s.id, 1 AS turn, 'missing' AS ground, m.missing_on || ' ×' || m.rounds AS detail
    FROM scope s JOIN missing_item m ON m.item_id = s.id
    WHERE 'missing' = ANY(:grounds) AND m.state = 'missing' AND (m.rounds >= :rounds OR m.missing_on <= :ripe)
    UNION ALL
    SELECT s.id, 2, 'superseded', n.number || ' ' || n.year
    FROM scope s, LATERAL (
        SELECT o.number, o.year FROM instance o
        WHERE 'superseded' = ANY(:grounds) AND o.sort_title = s.sort_title AND o.id <> s.instance_id AND o.year > s.year AND o.language = s.language
          AND o.projection ->> 'responsibility' = s.author AND s.author <> ''
          AND EXISTS (SELECT FROM item x WHERE x.instance_id = o.id AND x.life = 'in_stock')
        ORDER BY o.year DESC LIMIT 1) n
    UNION ALL
    SELECT s.id, 3, 'excess', CAST(s.alive AS text) FROM scope s WHERE 'excess' = ANY(:grounds) AND s.rank > :copies_kept
    UNION ALL
    SELECT s.id, 4, 'zero_use', '' FROM scope s
    WHERE 'zero_use' = ANY(:grounds) AND s.use = 'loan' AND s.since <= :since AND coalesce(s.last_on, '0001-01-01') < :since
    UNION ALL
    SELECT s.id, 5, 'proposed', p.reason FROM scope s JOIN weeding_proposal p ON p.item_id = s.id
    WHERE 'proposed' = ANY(:grounds) AND p.batch = ''
), first AS (
    SELECT DISTINCT ON (id) id, ground, detail FROM named ORDER BY id, turn
), guarded AS (
    SELECT s.*, f.ground, f.detail, CASE
        WHEN s.special THEN 'special'
        WHEN EXISTS (SELECT FROM weeding_line w WHERE w.barcode = s.barcode AND w.state NOT IN ('kept', 'restored')) THEN 'listed'
        WHEN w.place = 'loan' THEN 'lent' WHEN w.place = 'hold' THEN 'held'
        WHEN w.place IN ('transit', 'desk') OR s.custodian <> 'reader' THEN 'away' ELSE '' END AS guard
    FROM first f JOIN scope s ON s.id = f.id LEFT JOIN sighting w ON w.barcode = s.barcode
), numbered AS (
    SELECT g.*, g.alive - row_number() OVER (PARTITION BY g.instance_id, g.guard ORDER BY g.rank DESC) AS stay FROM guarded g
)
INSERT INTO weeding_pick (batch_id, item_id, location, shelf_key, ground, uses, last_on, stay, detail, guard)
SELECT :id, id, location, shelf_key, ground, uses, last_on, CASE WHEN guard = '' THEN stay ELSE alive END, detail,
       CASE WHEN guard = '' AND stay <= 0 AND NOT :include_last THEN 'last_copy' ELSE guard END
FROM numbered
ON CONFLICT (batch_id, item_id) DO NOTHING
""")

# What is listed becomes a line of the register; whoever was quicker with a copy keeps it.
LIST = text("""
INSERT INTO weeding_line (id, no, version, correlation, created_by, created_at, updated_at, state, barcode, list_no, item_id, instance_id,
    title, call_number, location, location_name, price_cents, reason, note, source, last_copy, proposer, opinion, expert, meeting_no,
    approver, second_reason, second_by, asset_no, withdrawn_by, proof, keep_reason)
SELECT gen_random_uuid(), :no || '-' || lpad(CAST(row_number() OVER (ORDER BY p.location, p.shelf_key, i.barcode) AS text), 5, '0'), 1, :correlation,
    :by, :now, :now, 'listed', i.barcode, :no, i.id, i.instance_id, r.title, i.call_number, i.location, coalesce(l.name, i.location),
    i.price_cents, p.ground, p.detail, '', p.stay <= 0, :by, '', '', '', '', '', '', '', '', '', ''
FROM weeding_pick p JOIN item i ON i.id = p.item_id JOIN instance r ON r.id = i.instance_id LEFT JOIN location l ON l.no = i.location
WHERE p.batch_id = :id AND p.guard = '' AND i.life = 'in_stock'
ON CONFLICT (barcode) WHERE state NOT IN ('kept', 'restored') DO NOTHING
""")
# Lines nobody has decided about yet (beyond repair) are in the workroom already and join as they are.
JOIN_IN = text("""
UPDATE weeding_line SET list_no = :no, version = version + 1, updated_at = :now
WHERE state = 'proposed' AND list_no = '' AND reason = 'irreparable'
""")
TO_PULL = text("""
SELECT w.item_id, w.barcode, w.title, w.call_number, w.location_name, w.reason,
       coalesce((SELECT array_agg(d.barcode ORDER BY d.barcode) FROM item d WHERE d.book_id = w.item_id AND d.life = 'in_stock'), '{}') AS discs
FROM weeding_line w JOIN item i ON i.id = w.item_id
WHERE w.list_no = :no AND w.state = 'listed' AND w.reason <> 'missing' ORDER BY w.location_name, i.shelf_key, w.barcode
""")
# What nobody can find needs no pulling.
UNFINDABLE = text("""
WITH moved AS (
    UPDATE weeding_line SET state = 'proposed', version = version + 1, updated_at = :now
    WHERE list_no = :no AND state = 'listed' AND reason = 'missing' RETURNING item_id
) UPDATE item SET life = 'candidate' FROM moved WHERE item.id = moved.item_id AND item.life = 'in_stock'
""")
PULLED = text("""
WITH moved AS (
    UPDATE weeding_line SET state = 'proposed', pulled_at = :now, version = version + 1, updated_at = :now
    WHERE list_no = :no AND barcode = ANY(:codes) AND state = 'listed' RETURNING item_id
) UPDATE item SET life = 'candidate', custodian = 'resources' FROM moved WHERE item.id = moved.item_id AND item.life = 'in_stock'
""")
NOT_PULLED = text("""
UPDATE weeding_line w SET state = 'kept', keep_reason = g.why, decided_at = :now, version = version + 1, updated_at = :now
FROM unnest(CAST(:codes AS text[]), CAST(:whys AS text[])) AS g (code, why)
WHERE w.list_no = :no AND w.barcode = g.code AND w.state = 'listed'
""")
UNLIST = text("""
UPDATE weeding_line SET state = 'kept', keep_reason = :why, decided_at = :now, version = version + 1, updated_at = :now
WHERE list_no = :no AND state = 'listed'
""")
VIEW = text("""
UPDATE weeding_line SET view = :view, opinion = :opinion, expert = :by, state = 'reviewed', version = version + 1, updated_at = :now
WHERE list_no = :no AND state IN ('proposed', 'reviewed') AND (:everything OR id = ANY(:ids)) AND proposer <> :by
""")
# What the expert wants to keep, or the meeting does, goes back; a last copy is one whose title has no other copy that stays.
LAST = text("""
UPDATE weeding_line w SET last_copy = NOT EXISTS (
    SELECT FROM item i WHERE i.instance_id = w.instance_id AND i.book_id IS NULL AND i.life NOT IN ('withdrawn', 'lost', 'replaced')
      AND NOT EXISTS (SELECT FROM weeding_line x WHERE x.item_id = i.id AND (
          x.state IN ('second', 'approved') OR x.list_no = :no AND x.state = 'reviewed' AND x.view = 'withdraw'))
)
WHERE w.list_no = :no AND w.state = 'reviewed' AND w.view = 'withdraw'
""")
APPROVE = text("""
UPDATE weeding_line SET state = CASE WHEN last_copy THEN 'second' ELSE 'approved' END, meeting_no = :meeting, approver = :by,
    version = version + 1, updated_at = :now
WHERE list_no = :no AND state = 'reviewed' AND view = 'withdraw'
""")
APPROVE_LAST = text("""
UPDATE weeding_line SET state = 'approved', second_reason = :reason, second_by = :by, version = version + 1, updated_at = :now
WHERE list_no = :no AND state = 'second'
""")
DISPOSE = text("""
UPDATE weeding_line SET state = 'disposed', way = :way, proof = :proof, version = version + 1, updated_at = :now
WHERE list_no = :no AND state = 'withdrawn'
""")
COUNTS = text("""
SELECT state, count(*) AS n, sum(price_cents) AS cents FROM weeding_line WHERE list_no = :no GROUP BY state
""")
GUARDS = text("SELECT guard, ground, count(*) AS n FROM weeding_pick WHERE batch_id = :id GROUP BY guard, ground")
YEAR = text("""
SELECT (SELECT count(*) FROM item WHERE life IN ('in_stock', 'candidate') AND book_id IS NULL) AS stock,
       (SELECT count(*) FROM weeding_line WHERE withdrawn_on >= :first AND withdrawn_on <= :last AND state IN ('withdrawn', 'disposed')
           AND reason NOT IN ('lost', 'ordered')) AS withdrawn,
       (SELECT count(*) FROM weeding_line WHERE state IN ('second', 'approved') AND reason NOT IN ('lost', 'ordered')) AS approved,
       (SELECT min(day) FROM item_use) AS known_since
""")
BY_CLASS = text("""
SELECT holding_class(r.clc, w.call_number) AS clc, count(*) AS copies, count(DISTINCT w.instance_id) AS titles, sum(w.price_cents) AS cents,
       count(*) FILTER (WHERE w.state = 'disposed') AS disposed
FROM weeding_line w JOIN instance r ON r.id = w.instance_id
WHERE w.withdrawn_on >= :first AND w.withdrawn_on <= :last AND w.state IN ('withdrawn', 'disposed')
GROUP BY 1 ORDER BY 1
""")
BY_REASON = text("""
SELECT reason, count(*) AS copies, sum(price_cents) AS cents FROM weeding_line
WHERE withdrawn_on >= :first AND withdrawn_on <= :last AND state IN ('withdrawn', 'disposed') GROUP BY 1 ORDER BY 2 DESC, 1
""")
