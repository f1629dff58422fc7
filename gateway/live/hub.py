"""The open streams of this process, and who listens on them."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from gateway.work.rules import mine
from shared.identity import Actor

# A browser that does not read for so long has more to catch up with than signals can tell.
QUEUE = 256
PER_PERSON = 20
RESYNC: Mapping[str, Any] = {"type": "changed", "topic": ""}


class Stream:
    """One open stream of one person."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.holds = frozenset(mine(actor))
        self.queue: asyncio.Queue[Mapping[str, Any] | None] = asyncio.Queue(QUEUE)

    def put(self, message: Mapping[str, Any] | None) -> None:
        """Hand the message over; a full queue is replaced by one general signal."""
        if self.queue.full():
            while not self.queue.empty():
                self.queue.get_nowait()
            self.queue.put_nowait(RESYNC)
        self.queue.put_nowait(message)


class Hub:
    """Delivers to streams by person or to all staff; closing it ends them at once."""

    def __init__(self) -> None:
        self.streams: dict[str, set[Stream]] = defaultdict(set)
        self.heads: tuple[int, int] | None = None  # how far into chronicle and notices has been told
        self.closed = False

    def open(self, actor: Actor) -> Stream:
        """A new stream of this person."""
        stream = Stream(actor)
        mine = self.streams[actor.id]
        if len(mine) >= PER_PERSON:  # a browser shares one; so many are a mistake or a nuisance
            next(iter(mine)).put(None)
        mine.add(stream)
        if self.closed:
            stream.put(None)
        return stream

    def leave(self, stream: Stream) -> None:
        """The browser has gone."""
        mine = self.streams.get(stream.actor.id, set())
        mine.discard(stream)
        if not mine:
            self.streams.pop(stream.actor.id, None)

    def tell(self, person: str, message: Mapping[str, Any]) -> None:
        """To every stream of one person."""
        for stream in self.streams.get(person, ()):
            stream.put(message)

    def work_changed(self, holders: Collection[str]) -> None:
        """The list of work of these holders changed: whoever it is the list of looks again."""
        wanted = set(holders)
        for streams in self.streams.values():
            for stream in streams:
                if wanted.intersection(stream.holds):
                    stream.put({"type": "changed", "topic": "work"})

    def changed(self, topics: Iterable[str], *, patrons: Iterable[str] = ()) -> None:
        """Something changed: staff hear it all, patrons only what concerns them."""
        wanted, concerned = list(topics), set(patrons)
        for person, streams in list(self.streams.items()):
            for stream in streams:
                if stream.actor.kind != "patron" or person in concerned:
                    for topic in wanted:
                        stream.put({"type": "changed", "topic": topic})

    def close(self) -> None:
        """End all streams, so that the process can."""
        self.closed = True
        for streams in self.streams.values():
            for stream in streams:
                stream.put(None)
