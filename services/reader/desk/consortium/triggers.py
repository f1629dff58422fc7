"""What the database keeps by itself in the union library: deposits as they were posted, closed months as they were."""

from __future__ import annotations

# A settled month with a union member is final: its lines and itself stay as they are.
KEEP_SETTLEMENTS = """
CREATE OR REPLACE FUNCTION union_settlement_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    about text;
BEGIN
    IF TG_TABLE_NAME = 'union_settlement' THEN
        about := OLD.number;
    ELSIF TG_OP = 'INSERT' THEN
        about := NEW.settlement;
    ELSE
        about := OLD.settlement;
    END IF;
    IF EXISTS (SELECT FROM union_settlement WHERE number = about AND state = 'closed') THEN
        RAISE EXCEPTION 'a closed settlement is never changed';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END
$$
"""

UNION_TRIGGERS = """
CREATE OR REPLACE TRIGGER union_deposit_kept BEFORE UPDATE OR DELETE ON union_deposit
    FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only();
CREATE OR REPLACE TRIGGER union_settlement_kept BEFORE UPDATE OR DELETE ON union_settlement
    FOR EACH ROW EXECUTE FUNCTION union_settlement_is_final();
CREATE OR REPLACE TRIGGER union_line_kept BEFORE INSERT OR UPDATE OR DELETE ON union_settlement_line
    FOR EACH ROW EXECUTE FUNCTION union_settlement_is_final()
"""

DDL: tuple[str, ...] = (KEEP_SETTLEMENTS, UNION_TRIGGERS)
