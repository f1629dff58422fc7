"""Everything that was asked for, how often, and what was answered: the record the judge reads."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

DONE, REFUSED = range(200, 300), range(400, 500)


@dataclass
class Deed:
    """One command of one person. `tries` are the sendings without an answer that counts: (second of the run, why)."""

    no: int
    actor: str
    who: str
    verb: str
    path: str
    body: dict[str, Any]
    about: str = ""
    began: float = 0.0
    ended: float = 0.0
    status: int = 0
    answer: dict[str, Any] = field(default_factory=dict)
    tries: list[tuple[float, str]] = field(default_factory=list)
    # What the model said before: "yes", "no", or nothing where others were at the same book.
    expected: str = ""
    known: str = ""

    @property
    def done(self) -> bool:
        """It was answered with yes."""
        return self.status in DONE

    @property
    def refused(self) -> bool:
        """It was answered with no."""
        return self.status in REFUSED

    def trace(self) -> dict[str, Any]:
        """What a person needs who looks for the cause."""
        return asdict(self)


@dataclass
class Diary:
    """All deeds of a run, in the order in which they were begun."""

    deeds: list[Deed] = field(default_factory=list)

    def new(self, **said: Any) -> Deed:
        """The next one."""
        deed = Deed(no=len(self.deeds) + 1, **said)
        self.deeds.append(deed)
        return deed

    def done(self, *verbs: str) -> list[Deed]:
        """Those of these kinds that were answered with yes."""
        return [deed for deed in self.deeds if deed.done and deed.verb in verbs]

    def about(self, *words: str) -> list[dict[str, Any]]:
        """The trace of a record: every deed that names one of these."""
        wanted = [word for word in words if word]
        return [
            deed.trace() for deed in self.deeds
            if any(word == deed.about or word in str(deed.body) or word in str(deed.answer) for word in wanted)
        ]
