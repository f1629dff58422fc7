"""What is news, what may be seen by whom, and how long each stage took."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from shared.duties import DUTIES, POSTS, name, title
from shared.events.base import AuditSealed, CaseMoved, Event, event_class
from shared.i18n import N_, _
from shared.identity import Actor
from shared.refusals import NotAllowed, Refusal

# What happens all day long, and what is about one patron, is no news of the house.
EVERYDAY = (
    "reader.item.lent", "reader.item.returned", "reader.loan.renewed", "reader.item.shelved",
    "office.staff.joined", "office.post.assigned", "office.obligation.opened",
    "office.obligation.moved", "resources.record.added", "resources.record.changed",
    "resources.item.catalogued", "reader.errand.taken", "reader.errand.given-up", "reader.terminal.changed",
    "reader.sign-off.asked", "reader.sign-off.answered", "reader.sign-off.used", "reader.sign-off.closed",
)


_CODE = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")


def in_words(sentence: str, people: Mapping[str, str]) -> str:
    """The sentence with colleagues, posts and duties by name: events carry only their numbers."""

    def word(found: re.Match[str]) -> str:
        code = found.group()
        if code in people:
            return people[code]
        if code in POSTS:
            return name(POSTS[code])
        return title(DUTIES[code]) if code in DUTIES else code

    return _CODE.sub(word, sentence)


class NothingAsked(Refusal):
    """A timeline is of something: an item, a case, a person."""

    code = "nothing-asked"
    status = 422
    message: ClassVar[str] = N_("请给出条码、单号或工号")


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose or what line of time: one reference, or one correlation."""

    ref: str = ""
    correlation: UUID | None = None
    actor: str = ""

    @property
    def empty(self) -> bool:
        """Whether nothing was asked for: then the newest facts of the house are shown."""
        return not (self.ref or self.correlation or self.actor)


def asked(*, item: str = "", case: str = "", person: str = "", correlation: str = "") -> Asked:
    """What a query asks for; the first that is given counts."""
    if correlation:
        try:
            return Asked(correlation=UUID(correlation))
        except ValueError:
            raise NothingAsked from None
    if item:
        return Asked(ref=f"item:{item.strip().upper()}")
    if case:
        return Asked(ref=f"case:{case.strip().upper()}")
    return Asked(ref=f"staff:{person.strip()}", actor=person.strip()) if person else Asked()


def check_may_see(actor: Actor, wanted: Asked) -> Asked:
    """Staff see what the house does; a patron sees their own line and no other."""
    if actor.kind in {"staff", "system"}:
        return wanted
    if actor.kind != "patron" or not actor.card:
        raise NotAllowed
    if wanted.actor not in {"", actor.card} or wanted.correlation or wanted.ref.startswith(("item:", "case:")):
        raise NotAllowed
    return Asked(ref=f"patron:{actor.card}")


def topic_of(name: str, event: Event | None) -> str:
    """What parts of pages listen for; of a fact we cannot read, its department and entity."""
    return event.topic if event else ".".join(name.split(".")[:2])


def is_news(name: str, refs: Sequence[str], event: Event | None) -> bool:
    """Whether the house would like to hear of it on its home page."""
    if event is None or name in EVERYDAY or isinstance(event, AuditSealed) or any(ref.startswith("patron:") for ref in refs):
        return False
    return not isinstance(event, CaseMoved) or event.final or event.action == "open"


def veil(text: str, cards: Iterable[str]) -> str:
    """A sentence without the cards of patrons: staff need not know who, only what."""
    for card in cards:
        text = text.replace(card, f"{card[:2]}***{card[-2:]}" if len(card) > 5 else "***")
    return text


@dataclass(slots=True)
class Entry:
    """One fact of a line of time, ready to be shown."""

    event_id: UUID
    at: datetime
    dept: str
    event: str
    sentence: str
    actor: str
    actor_id: str
    stage: str
    correlation: UUID | None
    link: str
    elapsed: float | None = None


@dataclass(slots=True)
class Stage:
    """A stage of a case and how long it lasted; the last one lasts still."""

    label: str
    at: datetime
    dept: str
    elapsed: float | None = None
    state: str = field(default="done")


def read(name: str, version: int, payload: dict[str, Any]) -> Event | None:
    """The fact as its class reads it; None when it is newer than we are."""
    found = event_class(name, version)
    if found is None:
        return None
    try:
        return found.read(payload)
    except ValueError:
        return None


def measure(entries: Sequence[Entry]) -> list[Stage]:
    """Fill in the time since the fact before, and tell the stages with their lengths."""
    stages: list[Stage] = []
    before: Entry | None = None
    for entry in sorted(entries, key=lambda e: (e.at, e.event_id)):
        entry.elapsed = (entry.at - before.at).total_seconds() if before else None
        before = entry
        if entry.stage and (not stages or stages[-1].label != entry.stage):
            if stages:
                stages[-1].elapsed = (entry.at - stages[-1].at).total_seconds()
            stages.append(Stage(entry.stage, entry.at, entry.dept))
    if stages:
        stages[-1].state = "now"
    return stages


def said_stage(event: Event | None) -> str:
    """The stage in the reader's language."""
    return _(event.stage()) if event and event.stage() else ""
