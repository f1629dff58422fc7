"""What harvesters are told of each record, how we introduce ourselves, and who came."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.resources.database import Base
from shared.database import uuid7


class OaiRecord(Base):
    """The header of a record; it outlives the record itself, so that a deletion is told for ever.

    Written by triggers only. `stamp` is empty from a change until the next moment somebody asks
    (or a minute has passed): it is given after the change was committed, so no harvester that asks
    "since when I last asked" ever misses one.
    """

    __tablename__ = "oai_record"
    __table_args__ = (
        Index("ix_oai_record_stamp", "stamp", "instance_id"),
        Index("ix_oai_record_sets", "sets", postgresql_using="gin"),
        Index("ix_oai_record_unstamped", "instance_id", postgresql_where=text("stamp IS NULL")),
    )
    __audit__ = False

    instance_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    dialect: Mapped[str]
    deleted: Mapped[bool] = mapped_column(default=False)
    # Every set with those above it: clc, clc:T, clc:T:TP, loc, loc:sk-2f.
    sets: Mapped[list[str]] = mapped_column(ARRAY(Text))
    stamp: Mapped[datetime | None]


class OaiSettings(Base):
    """One row: who we are to harvesters, and how much they get at a time."""

    __tablename__ = "oai_settings"
    __audit_hide__ = ("secret",)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    open: Mapped[bool] = mapped_column(default=True)
    name: Mapped[str] = mapped_column(default="")
    mail: Mapped[str] = mapped_column(default="")
    domain: Mapped[str] = mapped_column(default="")
    page_size: Mapped[int] = mapped_column(default=200)
    secret: Mapped[str]


class Harvest(Base):
    """One list request with all its continuations. No address of a person: program and network only."""

    __tablename__ = "oai_harvest"
    __table_args__ = (Index("ix_oai_harvest_last", text("last_at DESC"), "id"),)
    __audit__ = False

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    agent: Mapped[str]
    network: Mapped[str]
    prefix: Mapped[str]
    set_spec: Mapped[str] = mapped_column(default="")
    from_at: Mapped[datetime | None]
    until_at: Mapped[datetime | None]
    headers_only: Mapped[bool] = mapped_column(default=False)
    size: Mapped[int]
    records: Mapped[int] = mapped_column(default=0)
    done: Mapped[bool] = mapped_column(default=False)
    started_at: Mapped[datetime]
    last_at: Mapped[datetime]
