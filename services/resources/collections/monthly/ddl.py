"""The database keeps the book of the stock: triggers on items and records, run after the baseline.

Stock is what the house owns and has not given up: on the shelf, proposed for weeding, or lost and not yet written
off. Discs that lie with a book are part of it. A closed month takes no more rows: whoever closes waits for those who
write, whoever writes reads the clock afterwards.
"""

from __future__ import annotations

# The 22 classes (T by its second letter) of a class mark, else of a call number written the CLC's way; empty when neither.
CLASS = r"""
CREATE OR REPLACE FUNCTION holding_class(mark text, call_number text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN upper(mark) ~ '^\[?T[BDEFGHJKLMNPQSUV]' THEN left(ltrim(upper(mark), '['), 2)
        WHEN upper(mark) ~ '^\[?T([0-9=(\-]|\]|$)' THEN 'T'
        WHEN upper(mark) ~ '^\[?([A-KN-SUVXZ])([0-9=(\-]|\]|$)' THEN left(ltrim(upper(mark), '['), 1)
        WHEN upper(call_number) ~ '^\[?T[BDEFGHJKLMNPQSUV][^ ]*/' THEN left(ltrim(upper(call_number), '['), 2)
        WHEN upper(call_number) ~ '^\[?[A-KN-SUVXZ]([0-9=(\-]|\])?[^ A-Z]*/' THEN left(ltrim(upper(call_number), '['), 1)
        ELSE '' END
$$
"""
# `guanwu.day` dates the rows of a stock that is taken over from another system; it never reaches into a closed month.
DAY = """
CREATE OR REPLACE FUNCTION holding_day() RETURNS date LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('holdings'));
    RETURN greatest(
        coalesce(nullif(current_setting('guanwu.day', true), '')::date, (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date),
        (SELECT max(month + interval '1 month')::date FROM holdings_month WHERE state <> 'draft')
    );
END
$$
"""
OWNED = """
CREATE OR REPLACE FUNCTION holding_owned(life text, book_id uuid) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT life IN ('in_stock', 'candidate', 'lost') AND book_id IS NULL
$$
"""
SOURCE = """
CREATE OR REPLACE FUNCTION holding_source(item uuid, record uuid) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        (SELECT source FROM holding_move WHERE instance_id = record AND item_id = item ORDER BY id DESC LIMIT 1),
        (SELECT 'bought' FROM accession WHERE item_id = item LIMIT 1),
        (SELECT 'donated' FROM donated_item WHERE item_id = item LIMIT 1),
        (SELECT 'compensation' FROM replacement_copy WHERE item_id = item LIMIT 1),
        'other')
$$
"""
BORN = """
CREATE OR REPLACE FUNCTION holding_born() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE at date := holding_day();
BEGIN
    INSERT INTO holding_move (day, kind, item_id, instance_id, location, clc, language, source, copies, value_cents)
    SELECT at, 'added', f.id, f.instance_id, f.location, holding_class(r.clc, f.call_number), r.language,
           'other', 1, f.price_cents
    FROM fresh f JOIN instance r ON r.id = f.instance_id
    WHERE holding_owned(f.life, f.book_id);
    RETURN NULL;
END
$$
"""
# What the book says of the item against what is true now: the difference is written down.
CHANGED = """
CREATE OR REPLACE FUNCTION holding_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    has record; here record; owned boolean; why text; src text; at date;
BEGIN
    SELECT coalesce(sum(copies), 0) AS n, coalesce(sum(value_cents), 0) AS v INTO has
    FROM holding_move WHERE instance_id = OLD.instance_id AND item_id = OLD.id;
    SELECT location, clc, language, source INTO here
    FROM holding_move WHERE instance_id = OLD.instance_id AND item_id = OLD.id ORDER BY id DESC LIMIT 1;
    IF TG_OP = 'DELETE' THEN
        IF has.n > 0 THEN
            INSERT INTO holding_move (day, kind, item_id, instance_id, location, clc, language, source, copies, value_cents)
            VALUES (holding_day(), 'corrected', OLD.id, OLD.instance_id, here.location, here.clc, here.language, here.source, -1, -has.v);
        END IF;
        RETURN NULL;
    END IF;
    owned := holding_owned(NEW.life, NEW.book_id);
    IF has.n = 0 AND NOT owned THEN
        RETURN NULL;
    END IF;
    at := holding_day();
    IF has.n > 0 AND NOT owned THEN
        why := CASE
            WHEN NEW.life = 'replaced' THEN 'lost'
            WHEN NEW.life = 'withdrawn' AND EXISTS (
                SELECT FROM weeding_line w WHERE w.item_id = NEW.id AND w.state <> 'kept' AND w.reason IN ('lost', 'missing')
            ) THEN 'lost'
            WHEN NEW.life = 'withdrawn' THEN 'withdrawn' ELSE 'corrected' END;
        INSERT INTO holding_move (day, kind, item_id, instance_id, location, clc, language, source, copies, value_cents)
        VALUES (at, why, NEW.id, OLD.instance_id, here.location, here.clc, here.language, here.source, -1, -has.v);
        RETURN NULL;
    END IF;
    src := holding_source(NEW.id, OLD.instance_id);
    IF has.n = 0 THEN
        INSERT INTO holding_move (day, kind, item_id, instance_id, location, clc, language, source, copies, value_cents)
        SELECT at, CASE WHEN OLD.life IN ('withdrawn', 'replaced', 'candidate') THEN 'recovered' ELSE 'added' END, NEW.id, r.id,
               NEW.location, holding_class(r.clc, NEW.call_number), r.language, src, 1, NEW.price_cents
        FROM instance r WHERE r.id = NEW.instance_id;
        RETURN NULL;
    END IF;
    INSERT INTO holding_move (day, kind, item_id, instance_id, location, clc, language, source, copies, value_cents)
    SELECT at, m.kind, NEW.id, m.instance, m.location, m.clc, m.language, src, m.copies, m.value
    FROM instance r, LATERAL (VALUES
        (1, 'moved_out', OLD.instance_id, here.location, here.clc, here.language, -1, -has.v),
        (2, 'moved_in', r.id, NEW.location, holding_class(r.clc, NEW.call_number), r.language, 1, has.v)
    ) m (place, kind, instance, location, clc, language, copies, value)
    WHERE r.id = NEW.instance_id
      AND (OLD.instance_id, here.location, here.clc, here.language)
          IS DISTINCT FROM (r.id, NEW.location, holding_class(r.clc, NEW.call_number), r.language)
    ORDER BY m.place;
    IF NEW.price_cents <> has.v THEN
        INSERT INTO holding_move (day, kind, item_id, instance_id, location, clc, language, source, copies, value_cents)
        SELECT at, 'corrected', NEW.id, r.id, NEW.location, holding_class(r.clc, NEW.call_number), r.language, src, 0,
               NEW.price_cents - has.v
        FROM instance r WHERE r.id = NEW.instance_id;
    END IF;
    RETURN NULL;
END
$$
"""
# A record got another class or language: all its copies change their cells.
RECLASSED = """
CREATE OR REPLACE FUNCTION holding_reclassed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE at date := holding_day();
BEGIN
    INSERT INTO holding_move (day, kind, item_id, instance_id, location, clc, language, source, copies, value_cents)
    SELECT at, m.kind, h.item_id, NEW.id, h.location, m.clc, m.language, h.source, m.copies, m.value
    FROM (
        SELECT item_id, sum(copies) AS n, sum(value_cents) AS v, (array_agg(location ORDER BY id DESC))[1] AS location,
               (array_agg(clc ORDER BY id DESC))[1] AS clc, (array_agg(language ORDER BY id DESC))[1] AS language,
               (array_agg(source ORDER BY id DESC))[1] AS source
        FROM holding_move WHERE instance_id = NEW.id GROUP BY item_id
    ) h JOIN item i ON i.id = h.item_id,
    LATERAL (SELECT holding_class(NEW.clc, i.call_number) AS clc) c,
    LATERAL (VALUES (1, 'moved_out', h.clc, h.language, -1, -h.v), (2, 'moved_in', c.clc, NEW.language, 1, h.v))
        m (place, kind, clc, language, copies, value)
    WHERE h.n > 0 AND (h.clc, h.language) IS DISTINCT FROM (c.clc, NEW.language)
    ORDER BY h.item_id, m.place;
    RETURN NULL;
END
$$
"""
KEEP_MOVES = """
CREATE OR REPLACE FUNCTION holding_moves_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of the book of the stock are never changed';
END
$$
"""
KEEP_MONTHS = """
CREATE OR REPLACE FUNCTION holdings_months_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM holdings_month WHERE id = OLD.month_id AND state = 'closed') THEN
        RAISE EXCEPTION 'a month that was handed in is never changed';
    END IF;
    RETURN coalesce(NEW, OLD);
END
$$
"""
TRIGGERS = (
    ("CREATE OR REPLACE TRIGGER holding_born AFTER INSERT ON item REFERENCING NEW TABLE AS fresh "
    "FOR EACH STATEMENT EXECUTE FUNCTION holding_born()"),
    ("CREATE OR REPLACE TRIGGER holding_changed AFTER UPDATE ON item FOR EACH ROW WHEN "
    "((OLD.life, OLD.location, OLD.instance_id, OLD.price_cents, OLD.call_number, OLD.book_id) IS DISTINCT FROM "
    "(NEW.life, NEW.location, NEW.instance_id, NEW.price_cents, NEW.call_number, NEW.book_id)) EXECUTE FUNCTION holding_changed()"),
    "CREATE OR REPLACE TRIGGER holding_gone AFTER DELETE ON item FOR EACH ROW EXECUTE FUNCTION holding_changed()",
    ("CREATE OR REPLACE TRIGGER holding_reclassed AFTER UPDATE ON instance FOR EACH ROW WHEN "
    "((OLD.clc, OLD.language) IS DISTINCT FROM (NEW.clc, NEW.language)) EXECUTE FUNCTION holding_reclassed()"),
    ("CREATE OR REPLACE TRIGGER holding_moves_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON holding_move "
    "FOR EACH STATEMENT EXECUTE FUNCTION holding_moves_stay()"),
    ("CREATE OR REPLACE TRIGGER holdings_months_stay BEFORE UPDATE OR DELETE ON holdings_line "
    "FOR EACH ROW EXECUTE FUNCTION holdings_months_stay()"),
)
STATEMENTS: tuple[str, ...] = (
    CLASS, DAY, OWNED, SOURCE, BORN, CHANGED, RECLASSED, KEEP_MOVES, KEEP_MONTHS, *TRIGGERS,
)
