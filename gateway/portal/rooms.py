"""Which screens the departments have, as they publish them; kept for a minute."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shared.i18n import pick
from shared.identity import Actor
from shared.search import syllables

if TYPE_CHECKING:
    from gateway.gate import Gate

KEEP = 60.0
RETRY = 5.0
WAIT = 0.8


@dataclass(frozen=True, slots=True)
class Room:
    """One screen of a department."""

    dept: str
    area_zh: str
    area_en: str
    label_zh: str
    label_en: str
    url: str
    icon: str
    who: tuple[str, ...]
    serves: tuple[str, ...]
    badge: str
    help_zh: str
    help_en: str
    initials: str

    @property
    def label(self) -> str:
        """Its name in the reader's language."""
        return pick(self.label_zh, self.label_en)

    @property
    def area(self) -> str:
        """The corridor it is in."""
        return pick(self.area_zh, self.area_en)

    @property
    def help(self) -> str:
        """What it is for."""
        return pick(self.help_zh, self.help_en)

    def open_to(self, actor: Actor) -> bool:
        """Whether the person may go in."""
        return "*" in self.who or actor.holds(self.who)

    def answers(self, query: str) -> bool:
        """Whether a few typed letters mean this room: part of its name, or pinyin initials."""
        wanted = query.casefold().strip()
        names = (self.label_zh, self.label_en.casefold(), self.area_zh, self.help_zh)
        return any(wanted in one for one in names) or (wanted.isascii() and wanted in self.initials)


def initials(text: str) -> str:
    """借还台 → `jht`, followed by the whole pinyin, so that either finds it."""
    read = syllables(text)
    return f"{''.join(s[0] for s in read)} {''.join(read)}"


def _room(dept: str, said: dict[str, Any]) -> Room:
    return Room(
        dept=dept, area_zh=str(said.get("area_zh", "")), area_en=str(said.get("area_en", "")),
        label_zh=str(said.get("label_zh", "")), label_en=str(said.get("label_en", "")),
        url=str(said.get("url", "")), icon=str(said.get("icon") or "circle-dot"),
        who=tuple(said.get("who", ())), serves=tuple(said.get("serves", ())),
        badge=str(said.get("badge", "")), help_zh=str(said.get("help_zh", "")),
        help_en=str(said.get("help_en", "")), initials=initials(str(said.get("label_zh", ""))),
    )


_kept: dict[tuple[int, str], tuple[float, tuple[Room, ...]]] = {}
_asking: set[asyncio.Task[tuple[Room, ...]]] = set()


async def rooms(gate: Gate) -> Sequence[Room]:
    """The rooms of all departments; one that is down keeps those it had."""
    found = await asyncio.gather(*(_of(gate, dept) for dept in gate.departments.addresses))
    return [room for some in found for room in some]


async def _of(gate: Gate, dept: str) -> tuple[Room, ...]:
    place = (id(gate), dept)
    until, known = _kept.get(place, (0.0, ()))
    if until > time.monotonic():
        return known
    # Whoever comes meanwhile takes what is known rather than asking as well.
    _kept[place] = (time.monotonic() + RETRY, known)
    asking = asyncio.create_task(_ask(gate, dept, known))
    if known:  # a slow department makes nobody wait for rooms we know
        _asking.add(asking)
        asking.add_done_callback(_asking.discard)
        return known
    return await asking


async def _ask(gate: Gate, dept: str, known: tuple[Room, ...]) -> tuple[Room, ...]:
    answer = await gate.departments.fetch(dept, f"/api/{dept}/rooms", "", seconds=WAIT)
    if isinstance(answer, dict):
        known = tuple(_room(dept, one) for one in answer.get("items", ()))
        _kept[id(gate), dept] = (time.monotonic() + KEEP, known)
    return known


def shut(all_rooms: Iterable[Room], actor: Actor, link: str) -> bool:
    """Whether a link leads into a room this person may not enter; it is told, then, and not linked."""
    path = link.partition("?")[0]
    around = [room for room in all_rooms if path == room.url or path.startswith(room.url + "/")]
    return bool(around) and not max(around, key=lambda room: len(room.url)).open_to(actor)


def serving(all_rooms: Iterable[Room], actor: Actor) -> dict[str, Room]:
    """Duty → the first room where this person can do it."""
    found: dict[str, Room] = {}
    for room in all_rooms:
        if room.serves and room.open_to(actor):
            for duty in room.serves:
                found.setdefault(duty, room)
    return found
