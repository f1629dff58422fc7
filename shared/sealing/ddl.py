"""Tables to which rows are only ever added: by privilege for the service, by trigger for their owner."""

from __future__ import annotations

GUARD = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$
"""


def only_added(table: str, *, forgets: tuple[str, ...] = ()) -> str:
    """Take from every role but the owner the right to change or remove rows; columns that `forgets` may be emptied."""
    gives = f"EXECUTE format('GRANT UPDATE ({', '.join(forgets)}) ON {table} TO %I', role_name);" if forgets else ""
    return f"""
        DO $$
        DECLARE
            role_name text;
        BEGIN
            FOR role_name IN
                SELECT DISTINCT grantee FROM information_schema.role_table_grants
                WHERE table_schema = 'public' AND table_name = '{table}' AND grantee <> current_user
            LOOP
                EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM %I', role_name);
                {gives}
            END LOOP;
        END
        $$
        """


def guarded(table: str) -> tuple[str, ...]:
    """No row of it is changed or removed, by anybody."""
    return (
        f"""
        CREATE OR REPLACE TRIGGER {table}_keeps_rows BEFORE UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION refuse_change()
        """,
        f"""
        CREATE OR REPLACE TRIGGER {table}_keeps_all BEFORE TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """,
        only_added(table),
    )


# The part of a row that may one day be forgotten; shared/sealing/rules.py says the same of rows it reads.
SUM = """
CREATE OR REPLACE FUNCTION audit_sum(salt uuid, actor text, origin text, changes jsonb) RETURNS bytea LANGUAGE sql AS $$
    SELECT sha256(convert_to(jsonb_build_array(salt, actor, origin, changes)::text, 'UTF8'))
$$
"""

# The one change there is: a row loses its person, keeps the digest of what it was, and points at the row that says so.
KEEP = """
CREATE OR REPLACE FUNCTION audit_only_forgets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.was = coalesce(OLD.was, audit_sum(OLD.salt, OLD.actor, OLD.origin, OLD.changes))
       AND NEW.salt <> OLD.salt AND NEW.forgot IS DISTINCT FROM OLD.forgot
       AND to_jsonb(NEW) - ARRAY['salt', 'actor', 'changes', 'was', 'forgot']
           = to_jsonb(OLD) - ARRAY['salt', 'actor', 'changes', 'was', 'forgot'] THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'audit is append-only' USING ERRCODE = 'restrict_violation';
END
$$
"""
KEPT = """
CREATE OR REPLACE TRIGGER audit_keeps_rows BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_only_forgets();
CREATE OR REPLACE TRIGGER audit_keeps_all BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""

STATEMENTS: tuple[str, ...] = (
    GUARD, SUM, KEEP, KEPT, only_added("audit"), *guarded("audit_seal"), *guarded("audit_witness"),
)
