"""A record as it came, what it says, and the keys under which a duplicate would be found."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from services.resources.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice


class RecordState(Choice):
    """Whether patrons see the record."""

    released = "released", N_("已发布"), "success"
    draft = "draft", N_("草稿"), "warning"
    suppressed = "suppressed", N_("已屏蔽"), "secondary"


class Instance(Base):
    """A bibliographic record."""

    __tablename__ = "instance"
    __table_args__ = (
        Index("ix_instance_search", "search", postgresql_using="gin"),
        Index("ix_instance_title", "sort_title"),
        # Numbers within a class are looked up by the beginning of the call number; text compares byte by byte here.
        Index("ix_instance_call_number", "call_number"),
        Index("ix_instance_created", text("created_at DESC"), "id"),
    )
    __audit_hide__ = ("raw", "search")

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    number: Mapped[str] = mapped_column(unique=True)
    state: Mapped[RecordState] = mapped_column(default=RecordState.released)
    dialect: Mapped[str]
    material: Mapped[str] = mapped_column(default="book")
    title: Mapped[str]
    sort_title: Mapped[str] = mapped_column(default="")
    year: Mapped[int | None]
    language: Mapped[str] = mapped_column(default="")
    clc: Mapped[str] = mapped_column(default="")
    call_number: Mapped[str] = mapped_column(default="")
    projection: Mapped[dict[str, Any]]
    digest: Mapped[str] = mapped_column(unique=True)
    raw: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    fields: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    warnings: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    search: Mapped[str] = mapped_column(TSVECTOR, deferred=True)
    source: Mapped[str] = mapped_column(default="")
    # Variant names of the authorities it is linked to: whoever types one of them finds the record.
    also: Mapped[list[str]] = mapped_column(default=list)
    # The number of its last version, and of the last one a second person read; 0 for one as it was imported.
    revision: Mapped[int] = mapped_column(default=0)
    proofread: Mapped[int] = mapped_column(default=0)
    # The record this one became part of.
    merged_into: Mapped[UUID | None] = mapped_column(ForeignKey("instance.id"), index=True)
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class InstanceKey(Base):
    """A match key of a record; several records may bear one, the title then decides."""

    __tablename__ = "instance_key"
    __audit__ = False
    # Whole lists are looked up by their numbers, whatever title and volume the key goes on with.
    __table_args__ = (Index("ix_instance_key_number", text("split_part(key, '|', 1)")),)

    key: Mapped[str] = mapped_column(primary_key=True)
    instance_id: Mapped[UUID] = mapped_column(ForeignKey("instance.id"), primary_key=True)
