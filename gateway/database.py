"""The declarative base of the gateway's own tables."""

from __future__ import annotations

from sqlalchemy.orm import DeclarativeBase

from shared.database import Table, new_metadata

# SQL no model can express (functions, triggers, generated columns), run after the baseline.
DDL: tuple[str, ...] = ()


class Base(Table, DeclarativeBase):
    """Every table of the gateway."""

    metadata = new_metadata()
