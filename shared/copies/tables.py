"""When each copy was last compared, and what was found to differ."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import KIT

# `wanted_at` asks for a comparison; whoever carries it out sets `begun_at`, and clears `wanted_at` at the end.
copy_check = Table(
    "copy_check", KIT,
    Column("copy", Text, primary_key=True),
    Column("wanted_at", DateTime(timezone=True)),
    Column("wanted_by", Text, nullable=False, server_default=text("''")),
    Column("begun_at", DateTime(timezone=True)),
    Column("ended_at", DateTime(timezone=True)),
    Column("compared", Integer, nullable=False, server_default=text("0")),
    Column("trouble", Text, nullable=False, server_default=text("''")),
)

copy_difference = Table(
    "copy_difference", KIT,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("copy", Text, nullable=False),
    Column("key", Text, nullable=False),
    # Null: the owner does not know it; we do not have it.
    Column("owner", JSONB(none_as_null=True)),
    Column("held", JSONB(none_as_null=True)),
    Column("found_at", DateTime(timezone=True), nullable=False),
    Column("seen_at", DateTime(timezone=True), nullable=False),
    Column("settled_at", DateTime(timezone=True)),
    Column("settlement", Text, nullable=False, server_default=text("''")),
    Index("uq_copy_difference_open", "copy", "key", unique=True, postgresql_where=text("settled_at IS NULL")),
)
