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

# A patron is told of a fact in the transaction that states it: nobody can forget it, a scan pays no
# round trip for it, and one key per (hook, about, stage) keeps it from being told twice. The hooks
# are those of services/reader/desk/notices/model.py. Reminders are keyed by loan, due date and day,
# because the clock may remind twice; everything else happens once and is keyed by its event.
NOTICE_HEARS = """
CREATE OR REPLACE FUNCTION notice_hears() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    fact jsonb := NEW.payload;
    hook text;
    about text;
    stage text := NEW.event_id::text;
    said timestamptz := (NEW.headers ->> 'at')::timestamptz;
    pause interval := '0';
    reader record;
BEGIN
    CASE NEW.subject
    WHEN 'guanwu.reader.loan.reminded.v1' THEN
        about := fact ->> 'loan_id';
        stage := (fact ->> 'due_on') || '/' || (fact ->> 'days');
        hook := CASE WHEN (fact ->> 'days')::integer < 0 THEN 'due_soon'
                     WHEN (fact ->> 'days')::integer >= 60 THEN 'college' ELSE 'overdue' END;
    WHEN 'guanwu.reader.hold.ready.v1' THEN
        about := fact ->> 'hold_id';
        hook := 'hold_ready';
    WHEN 'guanwu.reader.hold.postponed.v1' THEN
        about := fact ->> 'hold_id';
        hook := 'hold_postponed';
    WHEN 'guanwu.reader.hold.ended.v1' THEN
        about := fact ->> 'hold_id';
        -- Who cancels a hold in person knows it already.
        hook := CASE WHEN fact ->> 'how' = 'expired' THEN 'hold_expired'
                     WHEN fact ->> 'how' = 'cancelled' AND NEW.headers ->> 'kind' <> 'patron' THEN 'hold_cancelled' END;
    WHEN 'guanwu.reader.item.lent.v1' THEN
        about := fact ->> 'loan_id';
        hook := 'loan_receipt';
        pause := '10 minutes';
    WHEN 'guanwu.reader.item.returned.v1' THEN
        about := NULLIF(fact ->> 'loan_id', '');
        hook := CASE WHEN about IS NOT NULL THEN 'return_receipt' END;
        pause := '10 minutes';
    WHEN 'guanwu.reader.charge.made.v1' THEN
        about := fact ->> 'charge_id';
        hook := 'fine_charged';
        pause := '10 minutes';
        fact := fact || jsonb_build_object('title', (SELECT title FROM ledger WHERE id = about::uuid));
    WHEN 'guanwu.reader.card.state-changed.v1' THEN
        about := fact ->> 'card';
        hook := CASE fact ->> 'action' WHEN 'report_loss' THEN 'card_lost' WHEN 'unblock' THEN 'card_unblocked'
                     WHEN 'resume' THEN 'card_unblocked' WHEN 'suspend' THEN 'card_suspended' END;
    ELSE
        RETURN NULL;
    END CASE;
    IF hook IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT id, college INTO reader FROM patron WHERE card = fact ->> 'card';
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF hook = 'college' AND reader.college = '' THEN
        hook := 'overdue';
    END IF;
    IF hook IN ('loan_receipt', 'return_receipt') AND NOT EXISTS (
        SELECT FROM notice_wish AS w WHERE w.patron_id = reader.id AND w.extra @> to_jsonb(hook)
    ) THEN
        RETURN NULL;
    END IF;
    INSERT INTO notice (
        id, hook, about, stage, party, patron_id, college, address, facts, state, at, next_at, attempts, answer, by
    ) VALUES (
        NEW.event_id, hook, about, stage,
        hook || ':' || CASE WHEN hook = 'college' THEN reader.college ELSE reader.id::text END,
        reader.id, CASE WHEN hook = 'college' THEN reader.college ELSE '' END,
        '', fact, 'queued', said, said + pause, 0, '', ''
    ) ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$
"""

# A number belongs to one person for ever, printed or on a chip: one table has them all.
KEEP_NUMBERS = """
CREATE OR REPLACE FUNCTION patron_keeps_numbers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' OR OLD.card <> NEW.card THEN
        IF TG_OP = 'UPDATE' THEN
            UPDATE card_number SET ended_at = clock_timestamp() WHERE number = OLD.card;
        END IF;
        INSERT INTO card_number (number, patron_id, chip, issued_at)
        VALUES (NEW.card, NEW.id, false, clock_timestamp());
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF OLD.chip IS NOT DISTINCT FROM NEW.chip THEN
            RETURN NULL;
        END IF;
        UPDATE card_number SET ended_at = clock_timestamp() WHERE number = OLD.chip;
    END IF;
    IF NEW.chip IS NOT NULL THEN
        INSERT INTO card_number (number, patron_id, chip, issued_at)
        VALUES (NEW.chip, NEW.id, true, clock_timestamp());
    END IF;
    RETURN NULL;
END
$$
"""

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

TRIGGERS = """
CREATE OR REPLACE TRIGGER patron_numbers AFTER INSERT OR UPDATE OF card, chip ON patron
    FOR EACH ROW EXECUTE FUNCTION patron_keeps_numbers();
CREATE OR REPLACE TRIGGER loan_counts AFTER INSERT OR UPDATE OF returned_at ON loan
    FOR EACH ROW EXECUTE FUNCTION patron_counts_loans();
CREATE OR REPLACE TRIGGER hold_counts AFTER INSERT OR UPDATE OF state ON hold
    FOR EACH ROW EXECUTE FUNCTION patron_counts_holds();
CREATE OR REPLACE TRIGGER ledger_counts AFTER INSERT ON ledger
    FOR EACH ROW EXECUTE FUNCTION patron_counts_money();
CREATE OR REPLACE TRIGGER ledger_kept BEFORE UPDATE OR DELETE ON ledger
    FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only();
CREATE OR REPLACE TRIGGER outbox_notices AFTER INSERT ON outbox
    FOR EACH ROW EXECUTE FUNCTION notice_hears()
"""

# SQL no model can express (functions and triggers), run after the baseline.
DDL: tuple[str, ...] = (
    COUNT_LOANS, COUNT_HOLDS, COUNT_MONEY, KEEP_LEDGER, KEEP_NUMBERS, NOTICE_HEARS, TRIGGERS,
    KEEP_SETTLEMENTS, UNION_TRIGGERS,
)


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
