"""The database keeps the harvesters' index: triggers, run after the baseline.

Statement triggers with transition tables, so an import of two hundred records costs a handful of
statements. An item matters only where it changes the sets of its record.
"""

from __future__ import annotations

SETS = """
CREATE OR REPLACE FUNCTION oai_sets(wanted uuid) RETURNS text[] LANGUAGE sql STABLE AS $$
    WITH leaf AS (
        SELECT 'clc' AS top, CASE WHEN mark ~ '^T[A-Z]' THEN 'T:' || left(mark, 2) ELSE left(mark, 1) END AS rest
        FROM instance i, LATERAL (
            SELECT upper(ltrim(value, '[ ')) AS mark
            FROM jsonb_array_elements_text(coalesce(i.projection -> 'clc', '[]'::jsonb))
        ) marks
        WHERE i.id = wanted AND mark ~ '^(T[A-Z]?|[A-KN-SUVXZ])([0-9(=-]|$)'
        UNION SELECT 'loc', location FROM item
        WHERE instance_id = wanted AND life <> 'withdrawn' AND location ~ '^[A-Za-z0-9_-]+$'
    ), every AS (
        SELECT top AS spec FROM leaf
        UNION SELECT top || ':' || split_part(rest, ':', 1) FROM leaf
        UNION SELECT top || ':' || rest FROM leaf
    )
    SELECT coalesce(array_agg(spec ORDER BY spec COLLATE "C"), '{}') FROM every
$$
"""
# The row locks come first and in order: what is read after them is what other transactions left.
REFRESH = """
CREATE OR REPLACE FUNCTION oai_refresh(wanted uuid[], changed boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM oai_record WHERE instance_id = ANY (wanted) ORDER BY instance_id FOR UPDATE;
    INSERT INTO oai_record AS told (instance_id, number, dialect, deleted, sets, stamp)
    SELECT i.id, i.number, i.dialect, i.state <> 'released', oai_sets(i.id), NULL
    FROM instance i
    WHERE i.id = ANY (wanted)
      AND (i.state = 'released' OR EXISTS (SELECT FROM oai_record o WHERE o.instance_id = i.id))
    ORDER BY i.id
    ON CONFLICT (instance_id) DO UPDATE
    SET number = EXCLUDED.number, dialect = EXCLUDED.dialect, deleted = EXCLUDED.deleted, sets = EXCLUDED.sets,
        stamp = NULL
    WHERE changed OR told.sets IS DISTINCT FROM EXCLUDED.sets;
END
$$
"""
# A record without a copy left is told as deleted with the sets it had: those who took it by set must hear of it.
INSTANCE = """
CREATE OR REPLACE FUNCTION oai_follow_instance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wanted uuid[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(id) INTO wanted FROM fresh WHERE state = 'released';
    ELSIF TG_OP = 'UPDATE' THEN
        SELECT array_agg(n.id) INTO wanted FROM fresh n JOIN was o USING (id)
        WHERE (n.state, n.number, n.dialect, n.projection, n.fields)
              IS DISTINCT FROM (o.state, o.number, o.dialect, o.projection, o.fields);
        UPDATE oai_record t SET deleted = true, stamp = NULL FROM fresh n JOIN was o USING (id)
        WHERE t.instance_id = n.id AND n.state <> 'released' AND o.state = 'released';
        SELECT array_agg(u) INTO wanted FROM unnest(wanted) u JOIN fresh n ON n.id = u WHERE n.state = 'released';
    ELSE
        UPDATE oai_record SET deleted = true, stamp = NULL
        WHERE instance_id IN (SELECT id FROM was) AND NOT deleted;
        RETURN NULL;
    END IF;
    IF wanted IS NOT NULL THEN
        PERFORM oai_refresh(wanted, true);
    END IF;
    RETURN NULL;
END
$$
"""
ITEM = """
CREATE OR REPLACE FUNCTION oai_follow_item() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wanted uuid[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(DISTINCT instance_id) INTO wanted FROM fresh;
    ELSIF TG_OP = 'UPDATE' THEN
        SELECT array_agg(DISTINCT held) INTO wanted
        FROM fresh n JOIN was o USING (id), unnest(ARRAY[n.instance_id, o.instance_id]) held
        WHERE (n.location, n.life, n.instance_id) IS DISTINCT FROM (o.location, o.life, o.instance_id);
    ELSE
        SELECT array_agg(DISTINCT instance_id) INTO wanted FROM was;
    END IF;
    IF wanted IS NOT NULL THEN
        SELECT array_agg(instance_id) INTO wanted FROM oai_record WHERE instance_id = ANY (wanted) AND NOT deleted;
        PERFORM oai_refresh(coalesce(wanted, '{}'), false);
    END IF;
    RETURN NULL;
END
$$
"""


def _trigger(table: str, verb: str, images: str) -> str:
    return (
        f"CREATE OR REPLACE TRIGGER oai_{table}_{verb.lower()} AFTER {verb} ON {table} REFERENCING {images} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION oai_follow_{table}()"
    )


IMAGES = {"INSERT": "NEW TABLE AS fresh", "UPDATE": "OLD TABLE AS was NEW TABLE AS fresh", "DELETE": "OLD TABLE AS was"}
# Tokens are signed with a secret that no person ever sees.
FIRST_SETTINGS = """
INSERT INTO oai_settings (id, open, name, mail, domain, page_size, secret)
VALUES (1, true, '', '', '', 200,
        encode(sha256((gen_random_uuid()::text || gen_random_uuid()::text)::bytea), 'hex'))
"""
STATEMENTS: tuple[str, ...] = (
    SETS, REFRESH, INSTANCE, ITEM,
    *(_trigger(table, verb, images) for table in ("instance", "item") for verb, images in IMAGES.items()),
    FIRST_SETTINGS,
)
