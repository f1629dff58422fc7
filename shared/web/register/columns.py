"""Columns: what a list shows of a record, and how one value is written for people and for programs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from shared.audit import plain
from shared.i18n import N_, _
from shared.states import Choice
from shared.web import show
from shared.web.register.fields import said, spec_of

if TYPE_CHECKING:
    from shared.web.register.declare import Register
    from shared.work import Work

# Classes of the list's cells; other kinds look like text.
CSS = {"num": "num", "money": "money", "date": "date", "moment": "date", "state": "state", "ref": "ref"}
KNOWN = {
    "no": N_("单号"), "state": N_("状态"), "created_by": N_("登记人"), "created_at": N_("登记时间"),
    "updated_at": N_("更新时间"),
}


@dataclass(frozen=True)
class Col:
    """One column of the list.

    `kind`: text, num, money (fen), date, moment, person, state, chip, bool, ref (link to the
    record), link; inferred when left out. `value` computes a cell instead of reading the column
    (such a column does not sort); `link` gives the address of a link cell; `names` says what its
    codes are called; `who` hides the column from everybody without one of these rights;
    `detail_only` keeps it off the list.
    """

    name: str
    label: str = ""
    kind: str = ""
    sort: bool = True
    value: Callable[[Any], Any] | None = None
    link: Callable[[Any], str] | None = None
    names: Callable[[Work], Awaitable[Mapping[str, str]]] | None = None
    unit: str = ""
    choice: Any = None
    who: tuple[str, ...] = ()
    detail_only: bool = False
    # Which personal data it holds (a kind of shared/veil.py): an export shows it veiled.
    personal: str = ""


def settle(register: Register, col: Col) -> Col:
    """The column with what was left out filled in from the form and the table."""
    from dataclasses import replace

    spec = spec_of(register.form, col.name)
    label = col.label or (spec.label if spec else KNOWN.get(col.name, col.name))
    mapped = register.model.__mapper__.column_attrs.get(col.name)
    choice = col.choice or (register.state if col.name == "state" else None)
    if choice is None and spec and spec.choices:
        choice = spec.choices
    if choice is None and mapped is not None and issubclass(mapped.columns[0].type.python_type, Choice):
        choice = mapped.columns[0].type.python_type
    # The number leads to its record, whatever else a row shows.
    own = "ref" if col.name == register.key and not col.link else ""
    kind = col.kind or own or ("text" if col.names else "") or _infer(col.name, mapped, choice, money=bool(spec and spec.kind == "money"))
    return replace(
        col, label=label, kind=kind, choice=tuple(choice) if choice else (),
        sort=col.sort and mapped is not None and col.value is None,
        unit=col.unit or (spec.ui.unit if spec else ""),
    )


def _infer(name: str, mapped: Any, choice: Any, *, money: bool) -> str:
    if name == "state":
        return "state"
    if choice:
        return "chip"
    if money or name.endswith("_cents"):
        return "money"
    if name == "created_by":
        return "person"
    if mapped is None or name.removesuffix("s").endswith("year"):  # 2026 is no amount, 2,026 no year
        return "text"
    python = mapped.columns[0].type.python_type
    order = ((bool, "bool"), (datetime, "moment"), (date, "date"), (int, "num"), (float, "num"))
    return next((kind for base, kind in order if issubclass(python, base)), "text")


def raw(col: Col, record: Any) -> Any:
    """The value behind a cell."""
    return col.value(record) if col.value else getattr(record, col.name)


def _chosen(col: Col, value: Any) -> Any:
    stored = getattr(value, "value", value)
    return next((c for c in col.choice if str(getattr(c, "value", c)) == str(stored)), None)


def label_of(col: Col, value: Any) -> str:
    """The word for a stored choice."""
    choice = _chosen(col, value)
    return said(choice) if choice is not None else "" if value is None else str(value)


def text(col: Col, value: Any, people: dict[str, str]) -> str:
    """The value in words."""
    if value is None or value == "":
        return ""
    if col.names:
        return people.get(value, str(value))
    match col.kind:
        case "money":
            return show.money(value)
        case "date":
            return show.day(value)
        case "moment":
            return show.moment(value)
        case "person":
            return people.get(value, str(value))
        case "state" | "chip":
            if isinstance(value, list | tuple):
                return _("、").join(label_of(col, v) for v in value)
            return label_of(col, value)
        case "bool":
            return _(N_("是")) if value else _(N_("否"))
        case "num":
            return f"{value:,}" + (f" {_(col.unit)}" if col.unit else "")
        case _:
            pass
    if isinstance(value, list | tuple):
        return _("、").join(str(v) for v in value)
    return str(value)


def cell(register: Register, col: Col, record: Any, people: dict[str, str]) -> dict[str, Any]:
    """What the cell template needs."""
    value = raw(col, record)
    choice = _chosen(col, value) if col.kind in ("state", "chip") and not isinstance(value, list) else None
    url = ""
    if col.kind == "ref":
        url = register.url_of(record)
    elif col.link:
        url = col.link(record)
    return {
        "name": col.name, "label": _(col.label), "kind": col.kind, "text": text(col, value, people),
        "tone": getattr(choice, "tone", "secondary"), "url": url, "value": value,
        # Words of ours are translated; what people typed is data and stays as it is.
        "ours": col.kind in ("state", "chip", "bool"), "css": CSS.get(col.kind, ""),
    }


def wire(col: Col, record: Any) -> Any:
    """The value as JSON."""
    return plain(raw(col, record))
