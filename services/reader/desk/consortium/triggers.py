"""What the database keeps by itself in the union library: deposits, closed months, boxes and undone returns."""

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

# What is held for a patron stands on the patron, so that no card is closed over it by whichever door.
# Money comes in through an open till and goes back in full, once.
HOLD_DEPOSITS = """
CREATE OR REPLACE FUNCTION union_deposit_posts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.posting IN ('received', 'restored')) <> (NEW.amount_fen > 0) THEN
        RAISE EXCEPTION 'what is received is positive, what goes back is negative';
    END IF;
    IF NEW.posting = 'received' THEN
        PERFORM 1 FROM cash_shift WHERE id = NEW.shift_id AND state = 'open';
        IF NOT FOUND OR NEW.method IS NULL THEN
            RAISE EXCEPTION 'money goes into an open shift';
        END IF;
    END IF;
    IF NEW.posting = 'restored' AND NOT EXISTS (
        SELECT FROM union_deposit WHERE patron_id = NEW.patron_id AND posting = 'refunded' AND round = NEW.round
        AND amount_fen = -NEW.amount_fen) THEN
        RAISE EXCEPTION 'only what went back is held again';
    END IF;
    UPDATE patron SET deposit_fen = deposit_fen + NEW.amount_fen WHERE id = NEW.patron_id;
    RETURN NULL;
END
$$
"""

# A return that is taken back was no return, whoever takes it back.
UNDO_RETURNS = """
CREATE OR REPLACE FUNCTION union_return_undone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE union_return_there SET undone = true WHERE loan_id = NEW.id AND NOT undone;
    RETURN NULL;
END
$$
"""

# A journey that ended, in whatever way, leaves no item in a box: one that is being filled forgets it, one
# under way counts it as there.
LEAVE_BOXES = """
CREATE OR REPLACE FUNCTION union_box_left() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM union_box_item AS i USING union_box AS b
    WHERE i.transit = NEW.number AND b.number = i.box_number AND b.state = 'open';
    UPDATE union_box_item SET home = true WHERE transit = NEW.number AND NOT home;
    RETURN NULL;
END
$$
"""

UNION_TRIGGERS = """
CREATE OR REPLACE TRIGGER union_deposit_posted AFTER INSERT ON union_deposit
    FOR EACH ROW EXECUTE FUNCTION union_deposit_posts();
CREATE OR REPLACE TRIGGER union_loan_reopened AFTER UPDATE OF returned_at ON loan
    FOR EACH ROW WHEN (OLD.returned_at IS NOT NULL AND NEW.returned_at IS NULL)
    EXECUTE FUNCTION union_return_undone();
CREATE OR REPLACE TRIGGER union_journey_ended AFTER UPDATE OF state ON transit
    FOR EACH ROW WHEN (OLD.state = 'on_way' AND NEW.state <> 'on_way')
    EXECUTE FUNCTION union_box_left();
CREATE OR REPLACE TRIGGER union_deposit_kept BEFORE UPDATE OR DELETE ON union_deposit
    FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only();
CREATE OR REPLACE TRIGGER union_settlement_kept BEFORE UPDATE OR DELETE ON union_settlement
    FOR EACH ROW EXECUTE FUNCTION union_settlement_is_final();
CREATE OR REPLACE TRIGGER union_line_kept BEFORE INSERT OR UPDATE OR DELETE ON union_settlement_line
    FOR EACH ROW EXECUTE FUNCTION union_settlement_is_final()
"""

DDL: tuple[str, ...] = (KEEP_SETTLEMENTS, HOLD_DEPOSITS, UNDO_RETURNS, LEAVE_BOXES, UNION_TRIGGERS)
