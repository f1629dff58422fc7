"""What the database does so that money and the audit trail are only added to, and yet people are forgotten."""

from __future__ import annotations

from shared.sealing.ddl import only_added

# Which records' rows may lose their person, and what they lose with them.
ABOUT = ("loan", "hold", "hold_move", "loss", "suggestion", "transit", "routing_step", "routing_slip")
WORDS = (
    "card", "patron_id", "delegate_card", "card_tail", "placed_by", "renewed_by", "charge_id", "principal", "delegate", "who",
)

# The service may not change an audit row, but it may ask for this one change. It is a row of the trail itself, which
# says of every row it touched what is left of it. An audit row of a patron's own act bears a number of theirs and no post.
FORGET = f"""
CREATE OR REPLACE FUNCTION audit_forget(about text, keys text[], by text) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    words text[] := ARRAY[{", ".join(f"'{word}'" for word in WORDS)}];
    place bigint := nextval(pg_get_serial_sequence('audit', 'id'));
    rests jsonb;
BEGIN
    IF NOT about = ANY (ARRAY[{", ".join(f"'{one}'" for one in ABOUT)}]) THEN
        RAISE EXCEPTION 'audit rows of % are kept whole', about USING ERRCODE = 'insufficient_privilege';
    END IF;
    WITH meant AS (
        SELECT a.id, a.posts = '' AND EXISTS (SELECT FROM card_number n WHERE n.number = a.actor) AS own
        FROM audit a WHERE a.subject = about AND a.subject_id = ANY (keys)
    ), gone AS (
        UPDATE audit a SET
            was = coalesce(a.was, audit_sum(a.salt, a.actor, a.origin, a.changes)), salt = gen_random_uuid(),
            forgot = place, changes = a.changes - words, actor = CASE WHEN m.own THEN '' ELSE a.actor END
        FROM meant m WHERE a.id = m.id AND (m.own OR a.changes ?| words)
        RETURNING a.id, audit_sum(a.salt, a.actor, a.origin, a.changes) AS rest
    )
    SELECT jsonb_object_agg(id, encode(rest, 'hex')) INTO rests FROM gone;
    IF rests IS NULL THEN
        RETURN 0;
    END IF;
    INSERT INTO audit (id, actor, action, subject, subject_id, changes) OVERRIDING SYSTEM VALUE
    VALUES (place, by, 'forget', 'audit', about, rests);
    RETURN (SELECT count(*) FROM jsonb_object_keys(rests));
END
$$
"""
# By default everybody may call a function.
ASKED_BY_US = """
DO $$
DECLARE
    role_name text;
BEGIN
    REVOKE ALL ON FUNCTION audit_forget(text, text[], text) FROM PUBLIC;
    FOR role_name IN
        SELECT DISTINCT grantee FROM information_schema.role_table_grants
        WHERE table_schema = 'public' AND table_name = 'audit' AND grantee <> current_user AND privilege_type = 'INSERT'
    LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION audit_forget(text, text[], text) TO %I', role_name);
    END LOOP;
END
$$
"""
DDL: tuple[str, ...] = (
    FORGET, ASKED_BY_US, only_added("ledger", forgets=("barcode", "title", "loan_id")), only_added("union_deposit"),
)
