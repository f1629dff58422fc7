"""The owner's side: what it answers for, the three questions it answers, and from which position of its log."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared.messaging.records import CONTROL

# A thing as its owner tells it: the key, and the fields of the fact it was stated by.
Row = tuple[str, dict[str, Any]]

SIZE = 500
MOST_KEYS = 50

ASSIGN = text("SELECT outbox_assign(10000)")
ASSIGNED = text("SELECT seq FROM outbox_state WHERE name = 'assign'")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of keys (`after` excluded, `upto` included, empty: no bound), or just these `keys`."""

    after: str = ""
    upto: str = ""
    keys: tuple[str, ...] | None = None
    limit: int | None = None

    def within(self, column: Any) -> ColumnElement[bool]:
        """The condition on the column that holds the key.

        Keys are ids or barcodes, whose order no collation changes; so both databases cut the same stretches.
        """
        typed: Callable[[str], Any] = UUID if column.type.python_type is UUID else str
        if self.keys is not None:
            found: ColumnElement[bool] = column.in_([typed(key) for key in self.keys])
            return found
        bounds: list[ColumnElement[bool]] = [column.is_not(None)]
        if self.after:
            bounds.append(column > typed(self.after))
        if self.upto:
            bounds.append(column <= typed(self.upto))
        return and_(*bounds)


Read = Callable[[AsyncSession, Span], Awaitable[Sequence[Row]]]


@dataclass(frozen=True, slots=True)
class Ledger:
    """`<department>.<things>`: `read(session, span)` gives the things in the order of their keys, `limit` at most."""

    name: str
    asked_by: tuple[str, ...]
    read: Read


def ledger_subject(owner: str, asker: str) -> str:
    """Where one department may question another; the bus lets only the asker speak there (deploy/rights.py)."""
    return f"{CONTROL}.{owner}.ledger.{asker}"


def word(fact: dict[str, Any], fields: Iterable[str]) -> dict[str, Any]:
    """What of a fact is copied."""
    return {field: fact.get(field) for field in fields}


def mark(told: dict[str, Any] | None) -> str:
    """A short sum of a thing's copied fields; empty for a thing that is not there."""
    if told is None:
        return ""
    plain = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()[:16]


def digest(marks: Iterable[tuple[str, str]]) -> str:
    """One sum over a stretch of things."""
    whole = hashlib.sha256()
    for key, sum_ in sorted(marks):
        whole.update(f"{key}\0{sum_}\n".encode())
    return whole.hexdigest()


class Answers:
    """What this department answers to one other.

    `at` in every answer is a position of the log that covers all that was read: positions are given after the
    reading, so whoever has heard everything up to `at` has heard what the answer says.
    """

    def __init__(self, sessions: async_sessionmaker[AsyncSession], ledgers: Iterable[Ledger]) -> None:
        self.sessions = sessions
        self.ledgers = {ledger.name: ledger for ledger in ledgers}

    async def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        """Sums of a stretch, the marks within it, or the facts of a few keys."""
        ledger = self.ledgers.get(str(question.get("ledger")))
        if ledger is None:
            return {"error": "no such ledger"}
        fields = [str(field) for field in question.get("fields", ())]
        said: dict[str, Any]
        async with self.sessions() as session:
            if question["do"] == "facts":
                keys = tuple(str(key) for key in question["keys"])[:MOST_KEYS]
                said = {"facts": dict(await ledger.read(session, Span(keys=keys)))}
            elif question["do"] == "marks":
                span = Span(str(question["after"]), str(question["upto"]), limit=SIZE * 4)
                said = {"marks": [(key, mark(word(fact, fields))) for key, fact in await ledger.read(session, span)]}
            else:
                rows = await ledger.read(session, Span(str(question["after"]), limit=SIZE))
                said = {
                    "count": len(rows), "upto": rows[-1][0] if len(rows) == SIZE else "",
                    "digest": digest((key, mark(word(fact, fields))) for key, fact in rows),
                }
        said["at"] = await self._position()
        return said

    async def _position(self) -> int:
        given = 1
        while given:
            async with self.sessions.begin() as session:
                given = await session.scalar(ASSIGN) or 0
                at: int = await session.scalar(ASSIGNED) or 0
        return at
