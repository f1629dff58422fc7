"""What can be done with a record: declared once, checked at every door."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from shared.identity import Actor
from shared.work import Work

# Rights everybody of a kind has; they make nobody responsible.
EVERYBODY = {"staff", "patron", "*"}


@dataclass(frozen=True)
class Action:
    """A verb of the record's life.

    `by` are rights; `"@created_by"` means the person that column names. `ask` is a form shown
    before the move; its fields are written into columns of the same name, then
    `do(work, record, form)` runs, may emit events of its own, refuse, or return another state than
    LIFE's. `separate` names columns whose person may not be the one who acts. `when` adds a
    condition on the record; `serves` are the duties this very step is evidence of (default: those
    of the register); `note` names the field of `ask` that is told on the timeline. `long(work, record)`
    says whether it takes longer than a page may: then it is carried out beside (`errands.py`).
    """

    name: str
    label: str
    by: tuple[str, ...] = ()
    icon: str = ""
    tone: str = ""
    ask: type[BaseModel] | None = None
    do: Callable[[Work, Any, Any], Awaitable[Any]] | None = None
    separate: tuple[str, ...] = ()
    when: Callable[[Any], bool] | None = None
    confirm: str = ""
    batch: bool = True
    row: bool = True
    serves: tuple[str, ...] | None = None
    note: str = ""
    help: str = ""
    long: Callable[[Work, Any], Awaitable[bool]] | None = None


@dataclass(frozen=True)
class Filter:
    """A select above the list; `options(work)` when the choices are not the column's own.

    `kind`: select (default) or dates (from and to).
    """

    label: str
    options: Callable[[Work], Awaitable[Sequence[tuple[str, str]]]] | None = None
    kind: str = "select"


@dataclass(frozen=True)
class Panel:
    """A further part of the detail page: `load(work, record)` gives the template its values."""

    title: str
    template: str
    load: Callable[[Work, Any], Awaitable[dict[str, Any]]]


@dataclass(frozen=True)
class Import:
    """How rows come in from a spreadsheet; with `key`, a row that is there already is updated."""

    key: str = ""
    limit: int = 2000


def may(actor: Actor, rights: Sequence[str], record: Any = None) -> bool:
    """Whether the actor holds one of the rights, for this record when one is given.

    Without a record a right of the kind `@column` counts as possible.
    """
    if actor.kind == "system":
        return True
    for right in rights:
        if not right.startswith("@"):
            if actor.holds((right,)):
                return True
        elif actor.kind != "anonymous" and (record is None or actor.id == getattr(record, right[1:])):
            return True
    return False
