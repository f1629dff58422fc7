"""The list's question to the database: search, filters, tabs, order and page, all from the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import Enum
from math import ceil
from typing import TYPE_CHECKING, Any

from sqlalchemy import Date, and_, case, func, or_, select, true
from sqlalchemy import cast as as_type
from sqlalchemy.types import Text

from shared.i18n import N_, _
from shared.settings import LOCAL
from shared.web.register.actions import EVERYBODY, Filter
from shared.web.register.fields import said, spec_of
from shared.work import Work

if TYPE_CHECKING:
    from shared.web.register.declare import Register

SIZES = (20, 50, 100)
OPTIONS = 60


@dataclass
class Asked:
    """What an address asks of a list; `state` is a state, `todo`, or empty for all."""

    q: str = ""
    state: str = ""
    filters: dict[str, str] = field(default_factory=dict)
    sort: str = ""
    page: int = 1
    size: int = SIZES[0]

    def params(self) -> dict[str, str]:
        """The address again, without blanks and without the page."""
        found = {"q": self.q, "state": self.state, "sort": self.sort, **self.filters}
        if self.size != SIZES[0]:
            found["size"] = str(self.size)
        return {k: v for k, v in found.items() if v}


def asked(register: Register, query: Mapping[str, str]) -> Asked:
    """The address, cleaned: unknown columns, states and sizes fall back to the usual."""
    states = {"todo"} | {s.value for s in register.state or ()} if register.life is not None else set()
    sortable = {c.name for c in register.cols if c.sort}
    sort = query.get("sort", "")
    names = []
    for name, declared in register.filters.items():
        dates = isinstance(declared, Filter) and declared.kind == "dates"
        names += [f"{name}_from", f"{name}_to"] if dates else [name]
    return Asked(
        q=query.get("q", "").replace("\0", "").strip()[:100],
        state=query["state"] if query.get("state") in states else "",
        filters={n: query[n] for n in names if query.get(n)},
        sort=sort if sort.lstrip("-") in sortable else "",
        page=_whole(query.get("page"), 1, 1, 100_000),
        size=_whole(query.get("size"), SIZES[0], 1, SIZES[-1]),
    )


def _whole(text: str | None, default: int, low: int, high: int) -> int:
    return max(low, min(high, int(text))) if text and text.isdecimal() else default


def scope(register: Register, work: Work) -> list[Any]:
    """The rows this person may see at all."""
    return list(register.scope(work)) if register.scope and work.actor.kind != "system" else []


def matches(register: Register, q: str) -> Any:
    """`=X` is exact on any searched column; otherwise any part, on the indexed text where there is one."""
    columns = [getattr(register.model, name) for name in register.search]
    if q.startswith("="):
        return or_(*(column == q[1:].strip() for column in columns))
    pattern = "%" + q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    if hasattr(register.model, "search_text"):
        return register.model.search_text.ilike(pattern)
    return or_(*(column.ilike(pattern) for column in columns))


def conditions(register: Register, work: Work, ask: Asked) -> list[Any]:
    """Everything but the tab."""
    found = scope(register, work)
    if ask.q:
        found.append(matches(register, ask.q))
    for name, value in ask.filters.items():
        found.append(_filtered(register, name, value))
    return found


def _filtered(register: Register, name: str, value: str) -> Any:
    if name not in register.filters:
        base, side = name.rsplit("_", 1)
        column = getattr(register.model, base)
        try:
            day = date.fromisoformat(value)
        except ValueError:
            return true()
        if not isinstance(column.type, Date):
            start = day if side == "from" else day + timedelta(days=1)
            moment = datetime.combine(start, time.min, LOCAL)
            return column >= moment if side == "from" else column < moment
        return column >= day if side == "from" else column <= day
    column = getattr(register.model, name)
    python = column.type.python_type
    if python is bool:
        return column.is_(value == "true")
    if issubclass(python, Enum):
        return column == python(value) if value in {c.value for c in python} else ~true()
    if python is str:
        return column == value
    return as_type(column, Text) == value


def waiting(register: Register, work: Work) -> Any:
    """The rows on which this person is one of those who must act; None when there can be none.

    A right everybody has (`staff`) makes nobody responsible, so it does not count; nor does any
    where the register says that its records wait for nobody.
    """
    if register.holders == ():
        return None
    actor, model = work.actor, register.model
    found = []
    for (state, name) in register.life_table:
        if state in register.final or (register.waits_in is not None and state not in register.waits_in):
            continue
        here = model.state == state
        for right in register.verbs[name].by:
            if right.startswith("@"):
                found.append(and_(here, getattr(model, right[1:]) == actor.id))
            elif right not in EVERYBODY and actor.holds((right,)):
                apart = [getattr(model, c).is_distinct_from(actor.id) for c in register.verbs[name].separate]
                found.append(and_(here, *apart))
    return or_(*found) if found else None


async def counts(register: Register, work: Work, ask: Asked) -> dict[str, int]:
    """Rows per state under the same search and filters; `""` is all, `todo` what waits for me."""
    conditions_ = conditions(register, work, ask)
    if register.life is None:
        query = select(func.count()).select_from(register.model).where(*conditions_)
        return {"": await work.session.scalar(query) or 0}
    model = register.model
    mine = waiting(register, work)
    waits = func.count(case((mine, 1))) if mine is not None else func.count(case((true(), None)))
    rows = await work.session.execute(
        select(model.state, func.count(), waits).where(*conditions_).group_by(model.state)
    )
    found = {"": 0, "todo": 0}
    for state, n, todo_ in rows:
        found[str(getattr(state, "value", state))] = n
        found[""] += n
        found["todo"] += todo_
    if mine is None:
        del found["todo"]
    return found


def ordered(register: Register, ask: Asked) -> list[Any]:
    """The wanted order, settled by id so that pages never overlap."""
    sort = ask.sort or register.sort
    column = getattr(register.model, sort.lstrip("-"))
    down = sort.startswith("-")
    ident = register.model.id
    return [column.desc() if down else column.asc(), ident.desc() if down else ident.asc()]


def chosen(register: Register, work: Work, ask: Asked) -> Any:
    """The rows of the present tab, unordered."""
    query = select(register.model).where(*conditions(register, work, ask))
    if ask.state == "todo":
        mine = waiting(register, work)
        return query.where(mine if mine is not None else ~true())
    assert register.state or not ask.state
    return query.where(register.model.state == register.state(ask.state)) if ask.state else query  # type: ignore[misc]


async def rows(register: Register, work: Work, ask: Asked, limit: int | None = None) -> Sequence[Any]:
    """The records of the present page, or the first `limit` of all."""
    query = chosen(register, work, ask).order_by(*ordered(register, ask))
    if limit is None:
        query = query.limit(ask.size).offset((ask.page - 1) * ask.size)
    else:
        query = query.limit(limit)
    return (await work.session.scalars(query)).all()


def pages_of(total: int, ask: Asked) -> int:
    """How many pages there are."""
    return max(1, ceil(total / ask.size))


async def options(register: Register, work: Work, name: str, declared: str | Filter) -> list[tuple[str, str]]:
    """The choices of one filter: declared, the enumeration's, or what occurs in the rows."""
    if isinstance(declared, Filter) and declared.options:
        return [(str(v), _(label)) for v, label in await declared.options(work)]
    spec = spec_of(register.form, name)
    col = next((c for c in register.cols if c.name == name), None)
    if known := (col.choice if col else ()) or (spec.choices if spec else ()):
        return [(str(c.value if isinstance(c, Enum) else c), said(c)) for c in known]
    column = getattr(register.model, name)
    if column.type.python_type is bool:
        return [("true", _(N_("是"))), ("false", _(N_("否")))]
    query = select(column).distinct().where(column.is_not(None), *scope(register, work))
    found = await work.session.scalars(query.order_by(column).limit(OPTIONS))
    return [(str(v), str(v)) for v in found if str(v)]


async def find(register: Register, work: Work, q: str, limit: int) -> list[dict[str, str]]:
    """The newest matches, for global search."""
    if not q or not work.actor.holds(register.read):
        return []
    query = select(register.model).where(*scope(register, work), matches(register, q))
    found = await work.session.scalars(query.order_by(*ordered(register, Asked())).limit(limit))
    return [
        {
            "title": register.name_of(r), "url": register.url_of(r), "icon": register.icon,
            "subtitle": " · ".join(filter(None, (register.key_of(r), _state_text(register, r)))),
        }
        for r in found
    ]


def _state_text(register: Register, record: Any) -> str:
    state = register.state_of(record)
    return state.text if state is not None else ""


async def todo(register: Register, work: Work) -> int:
    """How many rows wait for this person."""
    mine = waiting(register, work) if register.life is not None else None
    if mine is None:
        return 0
    query = select(func.count()).select_from(register.model).where(*scope(register, work), mine)
    return await work.session.scalar(query) or 0
