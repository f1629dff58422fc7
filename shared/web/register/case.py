"""Mixins for the tables of a register: what every case and every listed thing carries."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Computed, Index, Integer, Text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from shared.database import uuid7


def _now() -> datetime:
    return datetime.now(UTC)


class Thing:
    """A row of a register without a life of its own: stock items, rooms, course books.

    `version` counts on every change by itself, so two people who edit the same row notice.
    """

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    no: Mapped[str] = mapped_column(unique=True)
    version: Mapped[int] = mapped_column(Integer, default=1)
    correlation: Mapped[UUID] = mapped_column(default=uuid7)
    created_by: Mapped[str] = mapped_column(index=True)
    created_at: Mapped[datetime] = mapped_column(default=_now, index=True)
    updated_at: Mapped[datetime] = mapped_column(default=_now, onupdate=_now)

    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": version}


class Case(Thing):
    """A row with a life: its `state` is stored by value; compare with `==`."""

    state: Mapped[str] = mapped_column(index=True)


class Searchable:
    """Adds `search_text` with its trigram index over the columns named in `__search__`.

    Write it before `Case`: `class Requisition(Searchable, Case, Base)`. Text columns only.
    """

    __search__: ClassVar[tuple[str, ...]] = ("no",)

    @declared_attr
    def search_text(cls) -> Mapped[str]:  # noqa: N805
        """All searched columns in one, kept by the database."""
        text = " || ' ' || ".join(f"coalesce({name}, '')" for name in cls.__search__)
        column: Mapped[str] = mapped_column(Text, Computed(text, persisted=True), deferred=True)
        Index(
            f"ix_{cls.__tablename__}_search", column.column, postgresql_using="gin",  # type: ignore[attr-defined]
            postgresql_ops={"search_text": "gin_trgm_ops"},
        )
        return column
