"""Where we may look, what was looked for, and what was found."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from services.resources.database import Base
from shared.database import uuid7
from shared.states import Choice
from shared.web.register import Searchable, Thing


class Version(Choice):
    """What the other side speaks: a version of SRU, or the older Z39.50."""

    v11 = "1.1", "SRU 1.1", "secondary"
    v12 = "1.2", "SRU 1.2", "secondary"
    v20 = "2.0", "SRU 2.0", "secondary"
    z3950 = "Z39.50", "Z39.50", "info"


class Charset(Choice):
    """In which characters a Z39.50 target reads what is asked; its records say theirs themselves."""

    utf8 = "utf-8", "UTF-8", "secondary"
    gbk = "gbk", "GBK", "secondary"
    big5 = "big5", "Big5", "secondary"


class Target(Searchable, Thing, Base):
    """Another library's catalogue."""

    __tablename__ = "sru_target"
    __search__ = ("no", "name", "url")

    name: Mapped[str]
    url: Mapped[str]
    protocol: Mapped[Version] = mapped_column(default=Version.v12)
    record_schema: Mapped[str] = mapped_column(default="marcxml")
    # What the other side calls the indexes; empty ones are not asked.
    title_index: Mapped[str] = mapped_column(default="dc.title")
    author_index: Mapped[str] = mapped_column(default="dc.creator")
    isbn_index: Mapped[str] = mapped_column(default="bath.isbn")
    any_index: Mapped[str] = mapped_column(default="cql.serverChoice")
    charset: Mapped[Charset] = mapped_column(default=Charset.utf8)
    seconds: Mapped[int] = mapped_column(default=10)
    inside: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)


class CopySearch(Base):
    """One question to several catalogues, with how each of them answered."""

    __tablename__ = "copy_search"
    __table_args__ = (Index("ix_copy_search_by", "created_by", text("created_at DESC")),)
    __audit__ = False

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    asked: Mapped[dict[str, Any]]
    answers: Mapped[list[dict[str, Any]]]
    hits: Mapped[int] = mapped_column(default=0)
    created_by: Mapped[str]
    created_at: Mapped[datetime]


class CopyHit(Base):
    """A record as another library gave it; kept for good only when it was taken over."""

    __tablename__ = "copy_hit"
    __table_args__ = (
        Index("ix_copy_hit_search", "search_id", "place"),
        Index("ix_copy_hit_taken", "taken_at", postgresql_where=text("taken_at IS NOT NULL")),
    )
    __audit__ = False

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    search_id: Mapped[UUID] = mapped_column(ForeignKey("copy_search.id"))
    target: Mapped[str]
    target_name: Mapped[str]
    # Place in the merged list; records of one edition stand together and share `edition`.
    place: Mapped[int]
    edition: Mapped[str]
    dialect: Mapped[str]
    title: Mapped[str]
    responsibility: Mapped[str] = mapped_column(default="")
    imprint: Mapped[str] = mapped_column(default="")
    isbns: Mapped[list[str]] = mapped_column(default=list)
    keys: Mapped[list[str]] = mapped_column(default=list)
    lacks: Mapped[list[str]] = mapped_column(default=list)
    raw: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    record: Mapped[str] = mapped_column(default="")
    taken_by: Mapped[str] = mapped_column(default="")
    taken_at: Mapped[datetime | None]
