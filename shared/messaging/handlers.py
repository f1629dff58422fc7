"""What a department does when it hears of a fact: handlers keyed by event class, and watchers of all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from shared.events.base import EVERYWHERE, Envelope, Event, event_class, name_of
from shared.settings import DEPARTMENTS
from shared.work import Work

SOURCES = (*DEPARTMENTS, "gateway")

E = TypeVar("E", bound=Event)
Handler = Callable[[Work, E], Awaitable[None]]
Watcher = Callable[[Work, Event | None, Envelope, dict[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One registered function; `event_cls` is None for a watcher of everything."""

    event_cls: type[Event] | None
    source: str
    read_model: bool
    handle: Watcher

    def wants(self, event_cls: type[Event] | None, source: str) -> bool:
        """Whether this entry is meant for facts of that class from that department."""
        if self.source and self.source != source:
            return False
        return self.event_cls is None or self.event_cls is event_cls


class Handlers:
    """The handlers of one room or one service, run in the order they were registered.

    `read_model=True` marks a handler that only keeps a copy of what another department stated;
    those, and only those, run again when the copy is rebuilt by replay.
    """

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._wanted: dict[tuple[str, str], bool] = {}

    def on(
        self, event_cls: type[E], *, source: str = "", read_model: bool = False
    ) -> Callable[[Handler[E]], Handler[E]]:
        """Register `async def <effect>_on_<event>(work, event)`; `source` narrows what every department states."""
        if not event_cls.name and event_cls not in EVERYWHERE.values():
            msg = f"{event_cls.__name__} is never stated itself; name the facts built on it"
            raise TypeError(msg)

        def register(handler: Handler[E]) -> Handler[E]:
            async def handle(
                work: Work, event: Event | None, _envelope: Envelope, _payload: dict[str, Any]
            ) -> None:
                await handler(work, event)  # type: ignore[arg-type]

            origin = source or event_cls.name.split(".")[0]
            self.entries.append(Entry(event_cls, origin, read_model, handle))
            return handler

        return register

    def on_all(self, *, read_model: bool = False) -> Callable[[Watcher], Watcher]:
        """Register a watcher of every fact of every department.

        It is called as `await watch(work, event, envelope, payload)`; `event` is None when the
        fact is newer than our catalogue, then `payload` is all there is.
        """

        def register(watcher: Watcher) -> Watcher:
            self.entries.append(Entry(None, "", read_model, watcher))
            return watcher

        return register

    def include(self, *others: Handlers) -> Self:
        """Add the handlers of rooms to those of the service."""
        for other in others:
            self.entries.extend(other.entries)
        return self

    @property
    def sources(self) -> tuple[str, ...]:
        """The departments these handlers need to hear, in the house's order."""
        if any(not entry.source for entry in self.entries):
            return SOURCES
        wanted = {entry.source for entry in self.entries}
        return tuple(source for source in SOURCES if source in wanted)

    def wants(self, subject: str, source: str) -> bool:
        """Whether anything is registered for facts of this subject; most facts concern few departments."""
        if (known := self._wanted.get((subject, source))) is None:
            try:
                event_cls = event_class(*name_of(subject))
            except ValueError:  # no subject of ours: handling it says so
                return True
            known = any(entry.wants(event_cls, source) for entry in self.entries)
            self._wanted[subject, source] = known
        return known

    async def handle(
        self, work: Work, envelope: Envelope, payload: dict[str, Any], *, replay: bool = False
    ) -> None:
        """Run everything registered for this fact; replay runs only what keeps read models.

        A fact we know but cannot read fails when somebody handles it by class; a mere watcher
        gets it unread.
        """
        event_cls = event_class(envelope.name, envelope.version)
        entries = [
            entry
            for entry in self.entries
            if entry.wants(event_cls, envelope.source) and (entry.read_model or not replay)
        ]
        if not entries:
            return
        event: Event | None = None
        if event_cls is not None:
            try:
                event = event_cls.read(payload)
            except ValueError:
                if any(entry.event_cls is not None for entry in entries):
                    raise
        for entry in entries:
            await entry.handle(work, event, envelope, payload)
