"""The department's event log and its place in everybody else's."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import KIT

# The log of what this department stated. `seq` is the gapless position the relay gives it.
outbox = Table(
    "outbox", KIT,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("seq", BigInteger, unique=True),
    Column("event_id", Uuid, nullable=False, unique=True),
    Column("subject", Text, nullable=False),
    Column("aggregate", Text, nullable=False),
    Column("payload", JSONB, nullable=False),
    Column("headers", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Index("outbox_new", "id", postgresql_where=text("seq IS NULL")),
)

# Two rows: `assign` (last position given) and `publish` (last position JetStream has).
outbox_state = Table(
    "outbox_state", KIT,
    Column("name", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False, server_default=text("0")),
    Column("js_seq", BigInteger),
    Column("epoch", Uuid),
)

inbox_cursor = Table(
    "inbox_cursor", KIT,
    Column("source", Text, primary_key=True),
    Column("epoch", Uuid),
    Column("seq", BigInteger, nullable=False, server_default=text("0")),
    Column("owner", Text),
    Column("lease_until", DateTime(timezone=True)),
)

inbox = Table(
    "inbox", KIT,
    Column("source", Text, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("event_id", Uuid, nullable=False, unique=True),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

# Dead letters: events a handler refused for good, and those queued behind them.
inbox_parked = Table(
    "inbox_parked", KIT,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("source", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("event_id", Uuid, nullable=False, unique=True),
    Column("subject", Text, nullable=False),
    Column("aggregate", Text, nullable=False),
    Column("payload", JSONB, nullable=False),
    Column("headers", JSONB, nullable=False),
    Column("error", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("1")),
    Column("parked_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("resolved_at", DateTime(timezone=True)),
    Column("resolution", Text),
    Index("inbox_parked_open", "source", "aggregate", postgresql_where=text("resolved_at IS NULL")),
)
