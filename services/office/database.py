"""The declarative base of the department's own tables."""

from __future__ import annotations

from sqlalchemy.orm import DeclarativeBase

from shared.database import Table, new_metadata
from shared.sealing.ddl import guarded

# What is posted stays: a correction is a new row. The trigger binds the owner of the table too;
# the running service has not even the right to try.
APPEND_ONLY = ("ledger", "stock_move", "fund_entry", "contract_review")

FIRST_HEAD = "INSERT INTO ledger_head (id, position, hash) VALUES (1, 0, '') ON CONFLICT DO NOTHING"

# Every sum of a budget line is what its ledger adds up to, whoever writes a row.
SUMS = """
CREATE OR REPLACE FUNCTION add_up_fund() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE budget SET
        approved = approved + CASE WHEN NEW.kind = 'allocation' THEN NEW.amount ELSE 0 END,
        adjusted = adjusted + CASE WHEN NEW.kind IN ('adjustment', 'transfer') THEN NEW.amount ELSE 0 END,
        encumbered = encumbered + CASE WHEN NEW.kind IN ('encumbrance', 'release') THEN NEW.amount ELSE 0 END,
        pending = pending + CASE WHEN NEW.kind = 'pending' THEN NEW.amount ELSE 0 END,
        spent = spent + CASE WHEN NEW.kind IN ('payment', 'credit') THEN NEW.amount ELSE 0 END
    WHERE no = NEW.budget;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no budget %', NEW.budget USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END
$$
"""
SUMMED = """
CREATE OR REPLACE TRIGGER fund_entry_adds_up AFTER INSERT ON fund_entry
    FOR EACH ROW EXECUTE FUNCTION add_up_fund()
"""

# SQL no model can express (functions, triggers, generated columns), run after the baseline.
DDL: tuple[str, ...] = (
    *(statement for table in APPEND_ONLY for statement in guarded(table)),
    FIRST_HEAD,
    SUMS,
    SUMMED,
)


class Base(Table, DeclarativeBase):
    """Every table of General Office."""

    metadata = new_metadata()
