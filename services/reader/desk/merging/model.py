"""Which title became part of which, and what came along."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.reader.database import Base


class TitleMerge(Base):
    """A merge of two records, under the number resource development gave it; `undone` never becomes false again."""

    __tablename__ = "title_merge"
    __audit__ = False
    __table_args__ = (
        Index("ix_title_merge_from", "instance_id", postgresql_where=text("NOT undone")),
        Index("ix_title_merge_into", "into_id", postgresql_where=text("NOT undone")),
    )

    number: Mapped[str] = mapped_column(primary_key=True)
    instance_id: Mapped[str]
    into_id: Mapped[str]
    undone: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime]


class Followed(Base):
    """A row that stands under another title than its own: `kind` is its table (or what was done to it), `origin` its title."""

    __tablename__ = "title_followed"
    __audit__ = False
    __table_args__ = (Index("ix_title_followed_origin", "origin", "kind"),)

    kind: Mapped[str] = mapped_column(primary_key=True)
    row_id: Mapped[UUID] = mapped_column(primary_key=True)
    origin: Mapped[str]
