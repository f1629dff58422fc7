"""Seals over the audit rows, what other departments told of theirs, and how the last walk along the chain went."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, DateTime, Integer, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import KIT

# `marks` holds 24 bytes for each row: its id (8, big-endian) and the beginning of its digest (16).
audit_seal = Table(
    "audit_seal", KIT,
    Column("no", Integer, primary_key=True, autoincrement=False),
    Column("upto", BigInteger, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("marks", LargeBinary, nullable=False),
    Column("chain", Text, nullable=False),
)

# What another department told when it sealed: the chain before that seal and after it.
audit_witness = Table(
    "audit_witness", KIT,
    Column("source", Text, primary_key=True),
    Column("no", Integer, primary_key=True, autoincrement=False),
    Column("chain", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)

# One row: the last walk. `found` lists what does not hold, a few of each kind.
audit_check = Table(
    "audit_check", KIT,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("seals", Integer, nullable=False),
    Column("found", JSONB, nullable=False),
)
