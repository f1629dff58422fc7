"""Document numbers: one serial per kind and year, gapless because the row lock lasts as long as
the transaction that took the number.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, Table, Text, text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database import KIT

number_sequence = Table(
    "number_sequence", KIT,
    Column("kind", Text, primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("last", BigInteger, nullable=False),
)

_NEXT = text(
    "INSERT INTO number_sequence (kind, year, last) VALUES (:kind, :year, 1) "
    "ON CONFLICT (kind, year) DO UPDATE SET last = number_sequence.last + 1 RETURNING last"
)


async def next_number(session: AsyncSession, kind: str, year: int) -> str:
    """`XB2026-0001`: prefix, year, serial of at least four digits."""
    last = await session.scalar(_NEXT, {"kind": kind, "year": year})
    return f"{kind}{year}-{last:04d}"
