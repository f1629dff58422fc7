"""A form is a pydantic model: labels, widgets, limits and rules stand in one place."""

from __future__ import annotations

import types
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, Field, InstanceOf, WithJsonSchema
from pydantic.fields import FieldInfo

from shared.i18n import N_, _
from shared.settings import LOCAL

Source = Callable[[Any, str], Awaitable[Sequence[Any]]]


@dataclass(frozen=True)
class Mark:
    """Tells two annotations of the same Python type apart."""

    kind: str


@dataclass(frozen=True)
class Upload:
    """A file that came with a form: already in the store, not yet attached to a record."""

    name: str
    media: str
    size: int
    digest: str


def fen_of(value: Any) -> Any:
    """Yuan as people write it (`"1,234.50"`) in fen; a number is fen already."""
    if not isinstance(value, str):
        return value
    try:
        yuan = Decimal(value.replace(",", "").replace("，", "").lstrip("¥￥ "))
    except InvalidOperation:
        raise ValueError(N_("请填金额，如 128.50")) from None
    if not yuan.is_finite() or yuan != yuan.quantize(Decimal("0.01")):
        raise ValueError(N_("金额最多两位小数"))
    return int(yuan * 100)


Money = Annotated[int, BeforeValidator(fen_of), Mark("money")]
Files = Annotated[
    list[Annotated[InstanceOf[Upload], WithJsonSchema({"type": "string", "format": "binary"})]], Mark("file")
]


@dataclass(frozen=True)
class Ui:
    """How a field looks; carried by pydantic as `json_schema_extra`, so OpenAPI stays plain."""

    help: str = ""
    unit: str = ""
    rows: int = 0
    span: int = 0
    source: Source | None = None
    placeholder: str = ""
    kind: str = ""
    accept: str = ""

    def __call__(self, _schema: Any) -> None:
        """Add nothing to the JSON schema."""


def F(  # noqa: N802 - reads as a declaration, like N_
    label: str, default: Any = ..., *, help: str = "", unit: str = "", rows: int = 0, span: int = 0,
    source: Source | None = None, placeholder: str = "", kind: str = "", accept: str = "", **limits: Any,
) -> Any:
    """A pydantic field people can fill in; `limits` are pydantic's own (gt, le, max_length …)."""
    look = Ui(help, unit, rows, span, source, placeholder, kind, accept)
    if "default_factory" in limits:
        return Field(title=label, json_schema_extra=look, **limits)
    return Field(default, title=label, json_schema_extra=look, **limits)


@dataclass(frozen=True)
class FieldSpec:
    """What the screen needs to know of one field of a form."""

    name: str
    label: str
    kind: str
    required: bool
    default: Any
    ui: Ui
    choices: tuple[Any, ...] = ()
    many: bool = False
    limits: Mapping[str, Any] = field(default_factory=dict)

    def options(self) -> list[tuple[str, str]]:
        """Value and label of every choice, in the reader's language."""
        return [(str(getattr(c, "value", c)), said(c)) for c in self.choices]

    def text(self, value: Any) -> str:
        """The label of a stored choice, or the value as it is."""
        for value_, label in self.options():
            if value_ == str(getattr(value, "value", value)):
                return label
        return "" if value is None else str(value)


def said(choice: Any) -> str:
    """How a choice is called: the label of a `Choice`, else its value."""
    label = getattr(choice, "label", None)
    return _(label if isinstance(label, str) else str(getattr(choice, "value", choice)))


def _parts(annotation: Any) -> tuple[Any, list[Any]]:
    """The plain type below Optional and Annotated, with the marks met on the way."""
    marks: list[Any] = []
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation, *extra = get_args(annotation)
            marks += extra
        elif origin in (Union, types.UnionType):
            annotation = next(a for a in get_args(annotation) if a is not type(None))
        else:
            return annotation, marks


def _choices(plain: Any) -> tuple[Any, ...]:
    if isinstance(plain, type) and issubclass(plain, Enum):
        return tuple(plain)
    return get_args(plain) if get_origin(plain) is Literal else ()


_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "switch"), (datetime, "datetime"), (date, "date"), (time, "time"),
    (int, "number"), (float, "number"), (Decimal, "number"),
)


def _kind(plain: Any, marks: list[Any], look: Ui, choices: tuple[Any, ...], *, many: bool) -> str:
    marked = next((m.kind for m in marks if isinstance(m, Mark)), "")
    if look.kind or marked:
        return look.kind or marked
    if choices:
        return "multi" if many else "segmented" if len(choices) <= 4 else "select"
    if look.source:
        return "lookup"
    if look.rows or many:
        return "textarea"
    found = next((kind for base, kind in _KINDS if isinstance(plain, type) and issubclass(plain, base)), "")
    return found or "text"


def _limits(info: FieldInfo, marks: list[Any], kind: str, plain: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    whole = kind == "number" and plain is int
    for mark in (*info.metadata, *marks):
        for name, key, shift in (("ge", "min", 0), ("gt", "min", 1), ("le", "max", 0), ("lt", "max", -1)):
            value = getattr(mark, name, None)
            if value is not None and kind in ("number", "date", "datetime"):
                found[key] = value + shift if whole else value
        if (length := getattr(mark, "max_length", None)) is not None:
            found["maxlength"] = length
    if kind == "number":
        found["step"] = 1 if whole else "any"
    return found


def _spec(name: str, info: FieldInfo) -> FieldSpec:
    plain, marks = _parts(info.annotation)
    marks = [*info.metadata, *marks]
    many = get_origin(plain) is list
    inner = _parts(get_args(plain)[0])[0] if many else plain
    look = info.json_schema_extra if isinstance(info.json_schema_extra, Ui) else Ui()
    choices = _choices(inner)
    kind = _kind(plain, marks, look, choices, many=many)
    default = None if info.is_required() else info.get_default(call_default_factory=False)
    return FieldSpec(
        name, info.title or name, kind, info.is_required(), default, look, choices, many,
        _limits(info, marks, kind, plain),
    )


@cache
def specs(model: type[BaseModel] | None) -> tuple[FieldSpec, ...]:
    """The fields of a form in the order of their declaration."""
    return tuple(_spec(name, info) for name, info in model.model_fields.items()) if model else ()


def spec_of(model: type[BaseModel] | None, name: str) -> FieldSpec | None:
    """One field of a form, if it has it."""
    return next((s for s in specs(model) if s.name == name), None)


def localise(model: type[BaseModel], data: dict[str, Any]) -> dict[str, Any]:
    """Times without a zone are library time, whichever door they came through."""
    for spec in specs(model):
        value = data.get(spec.name)
        if spec.kind == "datetime" and isinstance(value, str) and value:
            try:
                moment = datetime.fromisoformat(value)
            except ValueError:
                continue
            data[spec.name] = (moment if moment.tzinfo else moment.replace(tzinfo=LOCAL)).isoformat()
    return data
