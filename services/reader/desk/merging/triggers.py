"""What the database does about merged titles: it knows what a title is called today, and items never miss it."""

from __future__ import annotations

# The chain of merges from a title to where it ends; fifty links are more than any catalogue has.
TITLE_NOW = """
CREATE OR REPLACE FUNCTION title_now(wanted text) RETURNS text LANGUAGE sql STABLE AS $$
    WITH RECURSIVE way AS (
        SELECT wanted AS title, 0 AS n
        UNION ALL
        SELECT m.into_id, way.n + 1 FROM way, LATERAL (
            SELECT into_id FROM title_merge WHERE instance_id = way.title AND NOT undone ORDER BY number DESC LIMIT 1
        ) m WHERE way.n < 50
    )
    SELECT title FROM way ORDER BY n DESC LIMIT 1
$$
"""
# An item that is told of under its old title (late, or in a replay) stands under the new one all the same.
ITEM_FOLLOWS = """
CREATE OR REPLACE FUNCTION item_follows_title() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM title_merge WHERE instance_id = NEW.instance_id AND NOT undone) THEN
        INSERT INTO title_followed (kind, row_id, origin) VALUES ('item', NEW.id, NEW.instance_id) ON CONFLICT DO NOTHING;
        NEW.instance_id := title_now(NEW.instance_id);
    END IF;
    RETURN NEW;
END
$$
"""
TRIGGERS = """
CREATE OR REPLACE TRIGGER item_title_today BEFORE INSERT OR UPDATE OF instance_id ON item
    FOR EACH ROW EXECUTE FUNCTION item_follows_title()
"""
DDL: tuple[str, ...] = (TITLE_NOW, ITEM_FOLLOWS, TRIGGERS)
