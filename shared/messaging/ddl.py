"""SQL of the event log that no model can express; every statement may be run again."""

from __future__ import annotations

# Positions are given under the lock of the `assign` row, in a transaction of their own that is
# durable before anything is published: a position never names two events.
ASSIGN = """
CREATE OR REPLACE FUNCTION outbox_assign(batch integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    last bigint;
    given integer;
BEGIN
    PERFORM 1 FROM outbox WHERE outbox.seq IS NULL LIMIT 1;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    -- The lock comes first, in a statement of its own: later statements then see fresh rows.
    SELECT s.seq INTO last FROM outbox_state s WHERE s.name = 'assign' FOR UPDATE;
    WITH fresh AS (
        SELECT id, row_number() OVER (ORDER BY id) AS place
        FROM (SELECT id FROM outbox WHERE seq IS NULL ORDER BY id LIMIT batch) AS waiting
    )
    UPDATE outbox o SET seq = last + fresh.place FROM fresh WHERE o.id = fresh.id;
    GET DIAGNOSTICS given = ROW_COUNT;
    UPDATE outbox_state SET seq = last + given WHERE name = 'assign' AND given > 0;
    RETURN given;
END
$$
"""

# One row at least: the state is known even when nothing waits. `prev` is the position before this
# one in the log; it is `seq - 1` except after a new epoch.
TAKE = """
CREATE OR REPLACE FUNCTION outbox_take(batch integer)
RETURNS TABLE (
    at_seq bigint, at_js bigint, epoch uuid, seq bigint, prev bigint, event_id uuid, subject text,
    aggregate text, payload text, headers jsonb
) LANGUAGE plpgsql AS $$
DECLARE
    published outbox_state%ROWTYPE;
    current_epoch uuid;
BEGIN
    -- Losing the watermark in a crash only costs duplicates, so this commit need not wait for disk.
    PERFORM set_config('synchronous_commit', 'off', true);
    SELECT * INTO published FROM outbox_state s WHERE s.name = 'publish' FOR UPDATE;
    SELECT s.epoch INTO current_epoch FROM outbox_state s WHERE s.name = 'assign';
    RETURN QUERY
        SELECT published.seq, published.js_seq, current_epoch, o.seq,
               lag(o.seq, 1, published.seq) OVER (ORDER BY o.seq),
               o.event_id, o.subject, o.aggregate, o.payload::text, o.headers
        FROM (SELECT 1) AS always
        LEFT JOIN LATERAL (
            SELECT * FROM outbox u WHERE u.seq > published.seq ORDER BY u.seq LIMIT batch
        ) AS o ON true
        ORDER BY o.seq;
END
$$
"""

# A database restored from an older backup must not give out positions that others have already
# consumed: it goes on a million higher, above everything they can have seen.
EPOCH = """
CREATE OR REPLACE FUNCTION outbox_new_epoch(above bigint) RETURNS bigint LANGUAGE sql AS $$
    UPDATE outbox_state
    SET seq = greatest(seq, above) + 1000000, epoch = gen_random_uuid() WHERE name = 'assign'
    RETURNING seq
$$
"""

# An event too large for the stream would stop the log behind it; it fails its own command instead.
LIMIT_SIZE = """
DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = 'ck_outbox_size') THEN
        ALTER TABLE outbox ADD CONSTRAINT ck_outbox_size
            CHECK (octet_length(payload::text) + octet_length(headers::text) <= 200000);
    END IF;
END
$$
"""

FIRST_ROWS = """
INSERT INTO outbox_state (name, seq, js_seq, epoch)
VALUES ('assign', 0, NULL, gen_random_uuid()), ('publish', 0, 0, NULL)
ON CONFLICT (name) DO NOTHING
"""

STATEMENTS = (ASSIGN, TAKE, EPOCH, LIMIT_SIZE, FIRST_ROWS)
