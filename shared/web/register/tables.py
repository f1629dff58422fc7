"""What the kit keeps beside a department's records: people's names, attachments, saved views, long actions."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    false,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import KIT, uuid7

person_name = Table(
    "person_name", KIT,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False, server_default="staff"),
)

# Files that belong to a record; the bytes lie in the store under their digest.
attachment = Table(
    "attachment", KIT,
    Column("id", Uuid, primary_key=True, default=uuid7),
    Column("subject", Text, nullable=False),
    Column("record_id", Uuid, nullable=False),
    Column("field", Text, nullable=False, server_default=""),
    Column("name", Text, nullable=False),
    Column("media", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("digest", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index("ix_attachment_record", "subject", "record_id"),
)

# A long action somebody asked for, carried out beside the serving of pages; one at a time for each record. Done, it is gone.
errand = Table(
    "errand", KIT,
    Column("register", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("action", Text, nullable=False),
    Column("asked", JSONB, nullable=False),
    Column("actor", JSONB, nullable=False),
    Column("language", Text, nullable=False),
    # When it was asked for, or found impossible.
    Column("since", DateTime(timezone=True), nullable=False),
    # Why it did not come about; null while it waits or runs.
    Column("trouble", Text),
)

# A list as somebody likes to see it: the query string under a name.
saved_view = Table(
    "saved_view", KIT,
    Column("id", Uuid, primary_key=True, default=uuid7),
    Column("register", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("query", Text, nullable=False),
    Column("shared_with", Text, nullable=False, server_default=""),
    Column("is_default", Boolean, nullable=False, server_default=false()),
    Column("uses", Integer, nullable=False, server_default=text("0")),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    UniqueConstraint("register", "owner", "name"),
)
