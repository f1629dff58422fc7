"""What an event is: a fact in the past tense, versioned, strict when stated, tolerant when read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.i18n import N_, _, speaking
from shared.settings import LOCAL

PREFIX = "guanwu"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A piece of work somebody must now do; the portal lists it until it is done.

    `holders` are post codes (or their prefixes) or person ids. `title` is a msgid that `params`
    fill. A later `Waiting` with the same key replaces this one, `Done` closes it.
    """

    key: str
    title: str
    holders: tuple[str, ...]
    url: str
    params: dict[str, Any] = field(default_factory=dict)
    due_at: datetime | None = None
    duty: str = ""
    urgent: bool = False

    def text(self, lang: str) -> str:
        """The line people read."""
        with speaking(lang):
            # A parameter called …_label is a message itself.
            said = {k: _(v) if k.endswith("_label") else v for k, v in self.params.items()}
            return _(self.title, **said)


@dataclass(frozen=True, slots=True)
class Done:
    """The work under `key` no longer waits for anybody."""

    key: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """Everything about an event that is not business: who, when, why, and where in the log."""

    event_id: UUID
    name: str
    version: int
    source: str
    seq: int
    at: datetime
    actor: str = "system"
    actor_kind: str = "system"
    posts: tuple[str, ...] = ()
    subposts: tuple[str, ...] = ()
    rank: str = ""
    correlation: UUID | None = None
    cause: UUID | None = None


class Event(BaseModel):
    """Base of every published fact.

    Fields are business data only; identity, time and actor are stamped by `work.emit`. `name` is
    `<department>.<entity>.<happened>`; `evidence` are the duty ids the fact can prove.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: ClassVar[str] = ""
    version: ClassVar[int] = 1
    evidence: ClassVar[tuple[str, ...]] = ()
    summary: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.__dict__.get("name"):
            key = (cls.name, cls.version)
            if key in CATALOGUE:
                msg = f"two events are called {key}"
                raise TypeError(msg)
            CATALOGUE[key] = cls

    @property
    def subject(self) -> str:
        """NATS subject of this fact."""
        return f"{PREFIX}.{self.name}.v{self.version}"

    @property
    def aggregate(self) -> str:
        """What the fact is about; order is kept per aggregate."""
        return self.name

    @property
    def duties(self) -> Sequence[str]:
        """Duty ids this very fact is evidence of (default: those of the class)."""
        return self.evidence

    def sentence(self) -> str:
        """One line on a timeline, in the reader's language: `summary` filled with the fields."""
        return _(self.summary, **self.model_dump())

    def refs(self) -> Sequence[str]:
        """Index keys of the timeline, such as `item:A000123` or `case:XB2026-0001`."""
        return ()

    def link(self) -> str:
        """Where the record can be seen; empty when there is nothing to see."""
        return ""

    @property
    def topic(self) -> str:
        """Which screens should look again: `<department>.<room>` of the record's address."""
        place = self.link().strip("/").split("/")
        return ".".join(place[:2]) if len(place) > 1 else ".".join(self.name.split(".")[:2])

    def stage(self) -> str:
        """Msgid of the stage the case stands in after this fact; empty keeps the former one."""
        return ""

    def waiting(self) -> Iterable[Waiting | Done]:
        """Work this fact opens or closes."""
        return ()

    @classmethod
    def read(cls, payload: dict[str, Any]) -> Self:
        """A fact from the wire: fields we do not know are ignored, so producers may go first."""
        known = {k: v for k, v in payload.items() if k in cls.model_fields}
        return cls.model_validate(known)


CATALOGUE: dict[tuple[str, int], type[Event]] = {}


class CaseMoved(Event):
    """A record of a register was opened or moved to another state.

    One class serves every long-tail register; its name carries the department, so that the
    subject stays within what the department may publish.
    """

    summary: ClassVar[str] = N_("{title}：{act}（{number}）")

    department: str
    register_: str
    number: str
    title: str
    action: str
    act: str
    state: str
    state_label: str
    tone: str = "secondary"
    holders: tuple[str, ...] = ()
    due_on: date | None = None
    due_at: datetime | None = None
    url: str = ""
    serves: tuple[str, ...] = ()
    item: str = ""
    final: bool = False
    note: str = ""

    @property
    def subject(self) -> str:
        return f"{PREFIX}.{self.department}.case.moved.v{self.version}"

    @property
    def aggregate(self) -> str:
        return f"{self.register_}:{self.number}"

    @property
    def duties(self) -> Sequence[str]:
        return self.serves

    def sentence(self) -> str:
        text = _(self.summary, title=self.title, act=_(self.act), number=self.number)
        return f"{text}：{self.note}" if self.note else text

    def refs(self) -> Sequence[str]:
        found = [f"case:{self.number}"]
        return [*found, f"item:{self.item}"] if self.item else found

    def link(self) -> str:
        return self.url

    def stage(self) -> str:
        return self.state_label

    def waiting(self) -> Iterable[Waiting | Done]:
        key = f"{self.register_}:{self.number}"
        if self.holders and not self.final:
            due = self.due_at
            if due is None and self.due_on:
                due = datetime.combine(self.due_on, datetime.max.time(), LOCAL)
            yield Waiting(
                key, N_("{title}（{state_label}）"), self.holders, self.url,
                {"title": self.title, "state_label": self.state_label}, due,
                self.serves[0] if self.serves else "",
            )
        else:
            yield Done(key)


class AuditSealed(Event):
    """A service closed a stretch of its audit trail with a seal; whoever hears of it keeps the seal as a witness."""

    summary: ClassVar[str] = N_("审计记录已封存 {rows} 条（第 {no} 号）")

    department: str
    no: int
    rows: int
    before: str
    chain: str

    @property
    def subject(self) -> str:
        return f"{PREFIX}.{self.department}.audit.sealed.v{self.version}"

    @property
    def aggregate(self) -> str:
        return f"audit:{self.department}"


# One class for every department: the name is made from the field `department`.
EVERYWHERE: dict[str, type[Event]] = {".case.moved": CaseMoved, ".audit.sealed": AuditSealed}


def event_class(name: str, version: int) -> type[Event] | None:
    """The class that reads `name`, or None when we have never heard of it (a newer producer)."""
    for ending, cls in EVERYWHERE.items():
        if name.endswith(ending):
            return cls
    return CATALOGUE.get((name, version))


def name_of(subject: str) -> tuple[str, int]:
    """`guanwu.reader.item.damaged.v1` → (`reader.item.damaged`, 1)."""
    parts = subject.split(".")
    return ".".join(parts[1:-1]), int(parts[-1].removeprefix("v"))
