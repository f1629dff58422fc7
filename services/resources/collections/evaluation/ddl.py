"""What was published never changes: the database refuses."""

from __future__ import annotations

KEEP = """
CREATE OR REPLACE FUNCTION evaluations_stay() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE here uuid := CASE WHEN TG_OP = 'INSERT' THEN NEW.evaluation_id ELSE OLD.evaluation_id END;
BEGIN
    IF EXISTS (SELECT FROM evaluation WHERE id = here AND state = 'published') THEN
        RAISE EXCEPTION 'an evaluation that was published is never changed';
    END IF;
    RETURN coalesce(NEW, OLD);
END
$$
"""
STATEMENTS: tuple[str, ...] = (
    KEEP,
    *(
        f"CREATE OR REPLACE TRIGGER {table}_stays BEFORE INSERT OR UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION evaluations_stay()"
        for table in ("evaluation_line", "evaluation_opinion")
    ),
)
