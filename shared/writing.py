"""Rows of the busiest tables leave in one statement, together with their audit and their facts.

SQLAlchemy's unit of work sends a statement per kind of change and orders them; a scan changes one or two rows
it holds locked, which need neither. A table opts in with `__plain__ = True`: no relationships, no values that
the database makes up. As soon as a transaction has touched anything else, SQLAlchemy writes all of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import inspect
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

# (table, names of the columns, whether the row is new): the shape of a change, its values left out.
Shape = tuple[str, tuple[str, ...], bool]


@dataclass(frozen=True, slots=True)
class Change:
    """A row to write: all columns of a new one, the changed columns of an old one."""

    row: Any
    columns: tuple[str, ...]
    new: bool

    @property
    def shape(self) -> Shape:
        """What the statement depends on."""
        return self.row.__tablename__, self.columns, self.new


def plain_changes(session: Session) -> list[Change] | None:
    """What the session holds unwritten, old rows first; None when some of it is not plain."""
    if session.deleted:
        return None
    found: list[Change] = []
    for row in session.dirty:
        if not getattr(row, "__plain__", False):
            if session.is_modified(row):
                return None
            continue
        attrs = inspect(row).attrs
        if changed := tuple(name for name in _columns(type(row)) if attrs[name].history.has_changes()):
            found.append(Change(row, changed, new=False))
    for row in session.new:
        if not getattr(row, "__plain__", False):
            return None
        found.append(Change(row, tuple(_columns(type(row))), new=True))
    return found


def values(changes: list[Change]) -> dict[str, Any]:
    """The parameters of `ctes` for these changes."""
    found = {}
    for place, change in enumerate(changes):
        json = _columns(type(change.row))
        for name in (*change.columns, *(() if change.new else ("id",))):
            value = getattr(change.row, name)
            if isinstance(value, Enum):
                value = value.value
            elif json.get(name) and value is not None:
                value = Jsonb(value)
            found[f"w{place}_{name}"] = value
    return found


@lru_cache(maxsize=200)
def ctes(shapes: tuple[Shape, ...]) -> str:
    """The changes as members of a WITH clause, each with a comma behind it."""
    return "".join(_cte(place, *shape) for place, shape in enumerate(shapes))


def written(session: Session, changes: list[Change]) -> None:
    """Let the session know that these rows are in the database as they are in memory."""
    for change in changes:
        for name in change.columns:  # a column nobody set is NULL, and need not be asked for
            set_committed_value(change.row, name, getattr(change.row, name))
        if change.new:
            session.expunge(change.row)
            make_transient_to_detached(change.row)
            session.add(change.row)


def _cte(place: int, table: str, columns: tuple[str, ...], new: bool) -> str:
    def sent(name: str) -> str:
        return f"%(w{place}_{name})s"

    if new:
        names = ", ".join(f'"{name}"' for name in columns)
        return f'w{place} AS (INSERT INTO "{table}" ({names}) VALUES ({", ".join(map(sent, columns))})),\n'
    assigned = ", ".join(f'"{name}" = {sent(name)}' for name in columns)
    return f'w{place} AS (UPDATE "{table}" SET {assigned} WHERE id = {sent("id")}),\n'


_known: dict[type[Any], dict[str, bool]] = {}


def _columns(model: type[Any]) -> dict[str, bool]:
    """Columns of a table by name, and whether they hold JSON."""
    if model not in _known:
        _known[model] = dict(_named(model))
    return _known[model]


def _named(model: type[Any]) -> Iterator[tuple[str, bool]]:
    for attr in inspect(model).column_attrs:
        column = attr.columns[0]
        if attr.key != column.name or column.server_default is not None or column.identity is not None:
            msg = f"{model.__name__}.{attr.key} cannot be written plainly"
            raise TypeError(msg)
        yield attr.key, isinstance(column.type, JSONB)
