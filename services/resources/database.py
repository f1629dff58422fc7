"""The declarative base of the department's own tables."""

from __future__ import annotations

from sqlalchemy.orm import DeclarativeBase

from services.resources.cataloguing.oai import ddl as oai
from services.resources.collections.evaluation import ddl as evaluations
from services.resources.collections.monthly import ddl as holdings
from shared.database import Table, new_metadata

# SQL no model can express (functions, triggers, generated columns), run after the baseline.
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
    FOR EACH ROW EXECUTE FUNCTION barcode_is_new()
"""
DDL: tuple[str, ...] = (KEEP_BARCODES, TRIGGERS, *oai.STATEMENTS, *holdings.STATEMENTS, *evaluations.STATEMENTS)


class Base(Table, DeclarativeBase):
    """Every table of Resource Development."""

    metadata = new_metadata()
