"""The holder's side: find what differs from the owner, and nothing that is merely under way.

An event on its way looks like a difference. It is told apart by order, not by luck: the owner is asked, we wait until
we have heard all its answer rests on, look at our copy, and ask the owner once more. Only when the owner says the
same both times, and our copy in between said something else, is there nothing left that could still arrive.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared.copies.ledger import MOST_KEYS, Read, Span, digest, mark, word
from shared.i18n import N_
from shared.messaging.tables import inbox_cursor
from shared.refusals import Refusal
from shared.work import Work

Ask = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]
# More than this differs: the copy is broken as a whole, and a replay is the cure.
MOST = 2000


class OwnerSilent(Refusal):
    """The owner did not answer, or has no such ledger."""

    code = "owner-silent"
    status = 503
    message = N_("对方部门没有应答")


class Behind(Exception):
    """We have not heard in time what the owner's answer rests on."""


class BrokenAsAWhole(Exception):
    """So much differs that it is not mended one by one."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A read model: of which ledger, in which fields, as we hold it, and how one thing of it is put right.

    `read` tells what we hold in the owner's words; `mend(work, key, fact)` takes the owner's fact over (None: the
    owner knows no such thing); `names` gives what people call a thing, and where they look at it.
    """

    ledger: str
    title: str
    fields: tuple[str, ...]
    read: Read
    mend: Callable[[Work, str, dict[str, Any] | None], Awaitable[None]]
    names: Callable[[AsyncSession, Sequence[str]], Awaitable[Mapping[str, tuple[str, str]]]]

    @property
    def owner(self) -> str:
        """The department that answers for it."""
        return self.ledger.split(".")[0]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing of which the owner says one thing and we another."""

    key: str
    owner: dict[str, Any] | None
    held: dict[str, Any] | None


@dataclass(slots=True)
class Outcome:
    """How many things were compared, and which differ."""

    compared: int = 0
    differences: list[Difference] = field(default_factory=list)


class Comparison:
    """Compares one copy. `settle`: seconds between the two questions about what seems to differ."""

    def __init__(
        self, copy: Copy, ask: Ask, sessions: async_sessionmaker[AsyncSession], *,
        settle: float = 2.0, patience: float = 30.0,
    ) -> None:
        self.copy, self.ask, self.sessions = copy, ask, sessions
        self.settle, self.patience = settle, patience

    async def run(self) -> Outcome:
        """The whole copy, stretch by stretch; the owner's order and size of stretches count."""
        outcome, after = Outcome(), ""
        while True:
            said = await self._asked(do="sums", after=after)
            marks = await self._marks(Span(after, said["upto"]), said["at"])
            outcome.compared += max(len(marks), said["count"])
            if digest(marks.items()) != said["digest"]:
                outcome.differences += await self._within(after, said["upto"])
            if len(outcome.differences) > MOST:
                raise BrokenAsAWhole
            if not said["upto"]:
                return outcome
            after = said["upto"]

    async def _within(self, after: str, upto: str) -> list[Difference]:
        said = await self._asked(do="marks", after=after, upto=upto)
        theirs: dict[str, str] = dict(said["marks"])
        ours = await self._marks(Span(after, upto), said["at"])
        suspects = sorted(key for key in theirs.keys() | ours.keys() if theirs.get(key, "") != ours.get(key, ""))
        if not suspects:
            return []
        await asyncio.sleep(self.settle)
        found = []
        for start in range(0, len(suspects), MOST_KEYS):
            keys = tuple(suspects[start:start + MOST_KEYS])
            told, held = await facts(self._asked, keys), await self._held(Span(keys=keys))
            for key in keys:
                owner = word(fact, self.copy.fields) if (fact := told.get(key)) is not None else None
                same_twice = mark(owner) == theirs.get(key, "")
                if same_twice and mark(held.get(key)) == ours.get(key, ""):
                    found.append(Difference(key, owner, held.get(key)))
        return found

    async def _marks(self, span: Span, at: int) -> dict[str, str]:
        await self._hear(at)
        return {key: mark(held) for key, held in (await self._held(span)).items()}

    async def _held(self, span: Span) -> Mapping[str, dict[str, Any]]:
        async with self.sessions() as session:
            return {key: word(fact, self.copy.fields) for key, fact in await self.copy.read(session, span)}

    async def _hear(self, at: int) -> None:
        """Wait until everything up to this position has taken effect here."""
        place = select(inbox_cursor.c.seq).where(inbox_cursor.c.source == self.copy.owner)
        try:
            async with asyncio.timeout(self.patience), self.sessions() as session:
                while (await session.scalar(place) or 0) < at:
                    await session.rollback()
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise Behind from None

    async def _asked(self, **question: Any) -> dict[str, Any]:
        return await asked(self.copy, self.ask, **question)


async def asked(copy: Copy, ask: Ask, **question: Any) -> dict[str, Any]:
    """One question about the copy's ledger."""
    said = await ask({"ledger": copy.ledger, "fields": copy.fields, **question})
    if "error" in said:
        raise OwnerSilent
    return said


async def facts(ask: Callable[..., Awaitable[dict[str, Any]]], keys: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """What the owner says of these things in full; a thing it does not know is not among them."""
    found: dict[str, dict[str, Any]] = (await ask(do="facts", keys=keys))["facts"]
    return found
