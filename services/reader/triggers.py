"""What the department's database does by itself: counters, kept numbers, money that adds up, notices."""

from __future__ import annotations

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
        waited := (OLD.state IN ('waiting', 'transit'))::integer;
        stood := (OLD.state = 'ready')::integer;
    END IF;
    waited := (NEW.state IN ('waiting', 'transit'))::integer - waited;
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

# The one thing a posting may lose is for which book it was, at the end of its term: amount, kind, person,
# receipt, till and time stay as they were posted.
LEDGER_FORGETS = """
CREATE OR REPLACE FUNCTION ledger_only_forgets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.barcode = '' AND NEW.title = '' AND NEW.loan_id IS NULL
       AND to_jsonb(NEW) - ARRAY['barcode', 'title', 'loan_id'] = to_jsonb(OLD) - ARRAY['barcode', 'title', 'loan_id'] THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'ledger rows are never changed';
END
$$
"""

# Facts are found again by what they are about when their person is to be forgotten (desk/privacy/forgetting.py).
FACTS_ABOUT = """
CREATE INDEX IF NOT EXISTS ix_outbox_about ON outbox ((
    coalesce(payload ->> 'number', payload ->> 'loan_id', payload ->> 'hold_id', payload ->> 'charge_id')
)) WHERE payload ? 'card'
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
    WHEN 'guanwu.reader.loan.recalled.v1' THEN
        about := fact ->> 'loan_id';
        stage := fact ->> 'due_on';
        hook := 'recall';
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
    WHEN 'guanwu.reader.orientation.passed.v1' THEN
        about := fact ->> 'card';
        hook := 'orientation_passed';
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

# A use in the house ends when the item leaves that state, whichever door it leaves by; who read what is
# forgotten with it, the count stays.
END_USE = """
CREATE OR REPLACE FUNCTION house_use_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE house_use SET ended_at = COALESCE(NEW.moved_at, now()), card = ''
    WHERE item_id = NEW.id AND ended_at IS NULL;
    RETURN NULL;
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
    WHERE id = CASE WHEN NEW.posting IN ('credit', 'refund', 'credit_undone', 'refund_undone') THEN NEW.refunds_id ELSE NEW.charge_id END;
    IF NOT FOUND OR other.patron_id <> NEW.patron_id THEN
        RAISE EXCEPTION 'a % points at a row of the same patron', NEW.posting;
    END IF;
    IF NEW.posting IN ('credit', 'refund', 'credit_undone', 'refund_undone') THEN
        IF other.posting <> 'payment' OR abs(NEW.amount_fen) > -other.amount_fen
           OR (NEW.amount_fen > 0) <> (NEW.posting IN ('refund', 'credit_undone')) OR NEW.charge_id IS NOT NULL THEN
            RAISE EXCEPTION 'no more is given back than was paid';
        END IF;
        IF NEW.posting IN ('credit_undone', 'refund_undone') AND NOT EXISTS (
            SELECT FROM ledger WHERE refunds_id = NEW.refunds_id AND round = NEW.round
            AND posting = replace(NEW.posting, '_undone', '') AND amount_fen = -NEW.amount_fen) THEN
            RAISE EXCEPTION 'only what was given back is taken back';
        END IF;
        IF NEW.posting IN ('credit', 'refund') AND NEW.round > 0 AND NOT EXISTS (
            SELECT FROM ledger WHERE refunds_id = NEW.refunds_id AND round = NEW.round - 1 AND posting = NEW.posting || '_undone') THEN
            RAISE EXCEPTION 'money is given back once at a time';
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

# A barcode means one item for ever. The look comes after the row: whoever waited for a barcode that was
# just given up sees it among the former ones.
KEEP_BARCODES = """
CREATE OR REPLACE FUNCTION barcode_is_new() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM former_barcode WHERE barcode = NEW.barcode) THEN
        RAISE EXCEPTION 'barcode % was used before', NEW.barcode USING ERRCODE = 'unique_violation';
    END IF;
    RETURN NULL;
END
$$
"""

TRIGGERS = """
CREATE OR REPLACE TRIGGER item_barcode_new AFTER INSERT OR UPDATE OF barcode ON item
    FOR EACH ROW EXECUTE FUNCTION barcode_is_new();
CREATE OR REPLACE TRIGGER patron_numbers AFTER INSERT OR UPDATE OF card, chip ON patron
    FOR EACH ROW EXECUTE FUNCTION patron_keeps_numbers();
CREATE OR REPLACE TRIGGER loan_counts AFTER INSERT OR UPDATE OF returned_at ON loan
    FOR EACH ROW EXECUTE FUNCTION patron_counts_loans();
CREATE OR REPLACE TRIGGER hold_counts AFTER INSERT OR UPDATE OF state ON hold
    FOR EACH ROW EXECUTE FUNCTION patron_counts_holds();
CREATE OR REPLACE TRIGGER ledger_counts AFTER INSERT ON ledger
    FOR EACH ROW EXECUTE FUNCTION patron_counts_money();
CREATE OR REPLACE TRIGGER ledger_checked BEFORE INSERT ON ledger
    FOR EACH ROW EXECUTE FUNCTION ledger_adds_up();
CREATE OR REPLACE TRIGGER ledger_kept BEFORE DELETE ON ledger
    FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only();
CREATE OR REPLACE TRIGGER ledger_forgets BEFORE UPDATE ON ledger
    FOR EACH ROW EXECUTE FUNCTION ledger_only_forgets();
CREATE OR REPLACE TRIGGER outbox_notices AFTER INSERT ON outbox
    FOR EACH ROW EXECUTE FUNCTION notice_hears();
CREATE OR REPLACE TRIGGER house_use_ended AFTER UPDATE OF circulation ON item
    FOR EACH ROW WHEN (OLD.circulation = 'in_house_use' AND NEW.circulation <> 'in_house_use')
    EXECUTE FUNCTION house_use_ends()
"""

# SQL no model can express (functions and triggers), run after the baseline.
DDL: tuple[str, ...] = (
    COUNT_LOANS, COUNT_HOLDS, COUNT_MONEY, KEEP_LEDGER, LEDGER_ADDS_UP, KEEP_NUMBERS, NOTICE_HEARS, END_USE, KEEP_BARCODES,
    LEDGER_FORGETS, FACTS_ABOUT, TRIGGERS,
)
