"""The declarative base of the department's own tables."""

from __future__ import annotations

from sqlalchemy import Enum
from sqlalchemy.orm import DeclarativeBase

from shared.database import Table, new_metadata
from shared.states import Choice

# Counters a desk reads at every scan are kept by the database itself: they cannot be forgotten,
# they cost no round trip, and they are right even after a correction by hand.
COUNT_LOANS = """
CREATE OR REPLACE FUNCTION patron_counts_loans() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was integer := 0;
    now_is integer := 0;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        was := (OLD.returned_at IS NULL)::integer;
    END IF;
    now_is := (NEW.returned_at IS NULL)::integer;
    IF was <> now_is THEN
        UPDATE patron SET open_loans = open_loans + now_is - was WHERE id = NEW.patron_id;
    END IF;
    RETURN NULL;
END
$$
"""

COUNT_HOLDS = """
CREATE OR REPLACE FUNCTION patron_counts_holds() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    waited integer := 0;
    stood integer := 0;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        waited := (OLD.state = 'waiting')::integer;
        stood := (OLD.state = 'ready')::integer;
    END IF;
    waited := (NEW.state = 'waiting')::integer - waited;
    stood := (NEW.state = 'ready')::integer - stood;
    IF waited <> 0 OR stood <> 0 THEN
        UPDATE patron SET holds_waiting = holds_waiting + waited, holds_ready = holds_ready + stood
        WHERE id = NEW.patron_id;
    END IF;
    RETURN NULL;
END
$$
"""

COUNT_MONEY = """
CREATE OR REPLACE FUNCTION patron_counts_money() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE patron SET debt_fen = debt_fen + NEW.amount_fen WHERE id = NEW.patron_id;
    RETURN NULL;
END
$$
"""

# Posted money is never edited or deleted; a correction is a new row that points at the old one.
KEEP_LEDGER = """
CREATE OR REPLACE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'ledger rows are never changed';
END
$$
"""

# What a row may say depends on the row it points at; the rules hold whoever writes.
LEDGER_ADDS_UP = """
CREATE OR REPLACE FUNCTION ledger_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    other record;
BEGIN
    IF NEW.posting = 'charge' THEN
        IF NEW.amount_fen <= 0 OR NEW.charge_id IS NOT NULL OR NEW.refunds_id IS NOT NULL THEN
            RAISE EXCEPTION 'a charge is positive and points at nothing';
        END IF;
        RETURN NEW;
    END IF;
    SELECT posting, patron_id, amount_fen INTO other FROM ledger
    WHERE id = CASE WHEN NEW.posting IN ('credit', 'refund') THEN NEW.refunds_id ELSE NEW.charge_id END;
    IF NOT FOUND OR other.patron_id <> NEW.patron_id THEN
        RAISE EXCEPTION 'a % points at a row of the same patron', NEW.posting;
    END IF;
    IF NEW.posting IN ('credit', 'refund') THEN
        IF other.posting <> 'payment' OR abs(NEW.amount_fen) > -other.amount_fen
           OR (NEW.amount_fen > 0) <> (NEW.posting = 'refund') OR NEW.charge_id IS NOT NULL THEN
            RAISE EXCEPTION 'no more is given back than was paid';
        END IF;
    ELSIF other.posting <> 'charge' OR NEW.amount_fen <> -other.amount_fen OR NEW.refunds_id IS NOT NULL THEN
        RAISE EXCEPTION 'a charge is settled in full';
    END IF;
    IF NEW.posting = 'payment' THEN
        IF NEW.receipt = '' OR NEW.method IS NULL THEN
            RAISE EXCEPTION 'a payment has a receipt and a method';
        END IF;
        PERFORM 1 FROM cash_shift WHERE id = NEW.shift_id AND state = 'open';
        IF NOT FOUND THEN
            RAISE EXCEPTION 'money goes into an open shift';
        END IF;
    END IF;
    RETURN NEW;
END
$$
"""

TRIGGERS = """
CREATE OR REPLACE TRIGGER loan_counts AFTER INSERT OR UPDATE OF returned_at ON loan
    FOR EACH ROW EXECUTE FUNCTION patron_counts_loans();
CREATE OR REPLACE TRIGGER hold_counts AFTER INSERT OR UPDATE OF state ON hold
    FOR EACH ROW EXECUTE FUNCTION patron_counts_holds();
CREATE OR REPLACE TRIGGER ledger_counts AFTER INSERT ON ledger
    FOR EACH ROW EXECUTE FUNCTION patron_counts_money();
CREATE OR REPLACE TRIGGER ledger_checked BEFORE INSERT ON ledger
    FOR EACH ROW EXECUTE FUNCTION ledger_adds_up();
CREATE OR REPLACE TRIGGER ledger_kept BEFORE UPDATE OR DELETE ON ledger
    FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only()
"""

# SQL no model can express (functions and triggers), run after the baseline.
DDL: tuple[str, ...] = (COUNT_LOANS, COUNT_HOLDS, COUNT_MONEY, KEEP_LEDGER, LEDGER_ADDS_UP, TRIGGERS)


class Base(Table, DeclarativeBase):
    """Every table of Reader Services."""

    metadata = new_metadata()
    type_annotation_map = {
        **Table.type_annotation_map,
        # A choice is stored by its value and read back as itself, with its label and tone.
        Choice: Enum(
            Choice, native_enum=False, length=32,
            values_callable=lambda choices: [choice.value for choice in choices],
        ),
    }
