"""From a submitted form to a validated model and back to a form that still holds what was typed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from enum import Enum
from typing import Any

from pydantic import BaseModel, ValidationError
from starlette.datastructures import UploadFile
from starlette.requests import Request

from shared.i18n import N_, _
from shared.refusals import Invalid
from shared.settings import LOCAL
from shared.web.errors import words
from shared.web.register.fields import FieldSpec, Upload, localise, spec_of, specs
from shared.work import Work


async def read(request: Request, model: type[BaseModel] | None) -> dict[str, Any]:
    """What was typed, field by field; blanks are left out, files are already stored."""
    if model is None:
        return {}
    form = await request.form()
    found: dict[str, Any] = {}
    for spec in specs(model):
        if spec.kind == "file":
            found[spec.name] = await uploads(request, form.getlist(spec.name))
        elif spec.many:
            values = [str(v).strip() for v in form.getlist(spec.name)]
            if spec.kind == "textarea":  # one entry per line
                values = [line.strip() for text in values for line in text.splitlines()]
            found[spec.name] = [v for v in values if v]
        elif spec.kind == "switch":
            found[spec.name] = "true" if form.get(spec.name) else "false"
        elif value := str(form.get(spec.name) or "").strip():
            found[spec.name] = value
    return found


async def uploads(request: Request, values: list[Any]) -> list[Upload]:
    """Put what was uploaded into the store."""
    found = []
    for value in values:
        if not isinstance(value, UploadFile):
            continue
        data = await value.read()
        await value.close()
        if value.filename:
            digest, size = await request.app.state.kit.files.put(data)
            name = value.filename.replace("\\", "/").rsplit("/", 1)[-1][:200]
            found.append(Upload(name, value.content_type or "application/octet-stream", size, digest))
    return found


def validate(model: type[BaseModel] | None, data: Mapping[str, Any], work: Work) -> Any:
    """The model, or `Invalid` with a sentence per field; validators find `work` in their context."""
    if model is None:
        return None
    try:
        return model.model_validate(
            localise(model, dict(data)), context={"work": work, "today": work.today}
        )
    except ValidationError as error:
        raise Invalid(mistakes(model, error)) from error


def mistakes(model: type[BaseModel], error: ValidationError) -> dict[str, str]:
    """Field → what is wrong with it."""
    found: dict[str, str] = {}
    for one in error.errors(include_url=False):
        name = str(one["loc"][0]) if one["loc"] else ""
        found.setdefault(name, _sentence(dict(one), spec_of(model, name)))
    return found


def _sentence(error: dict[str, Any], spec: FieldSpec | None) -> str:
    if error["type"] == "too_short":  # a list: no file, no box ticked
        return _(N_("必填"))
    if spec and spec.kind == "money" and "ctx" in error:
        error["ctx"] = {
            k: f"{v / 100:,.2f}" if isinstance(v, int) else v for k, v in error["ctx"].items()
        }
    return words(error)


def typed(spec: FieldSpec, value: Any) -> Any:
    """A value as its widget wants it."""
    if value is None:
        return ""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.astimezone(LOCAL).strftime("%Y-%m-%dT%H:%M") if value.tzinfo else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if spec.many and spec.kind == "textarea" and not isinstance(value, str):
        return "\n".join(str(v) for v in value)
    if isinstance(value, list | tuple):
        return [getattr(v, "value", v) for v in value]
    return value


def shown(
    model: type[BaseModel] | None, values: Mapping[str, Any] | None, errors: Mapping[str, str] | None = None,
    *, lookup: str = "",
) -> list[dict[str, Any]]:
    """The fields as the `field` macro takes them; the first wrong one (or the first) has the focus."""
    errors = errors or {}
    wrong = next((s.name for s in specs(model) if s.name in errors), "")
    found = []
    for position, spec in enumerate(specs(model)):
        value = spec.default if values is None else values.get(spec.name)
        focus = spec.name == wrong if wrong else position == 0 and spec.kind in ("text", "lookup", "number")
        found.append({
            "name": spec.name, "label": _(spec.label), "kind": spec.kind,
            "value": "" if spec.kind == "file" else typed(spec, value),
            "error": errors.get(spec.name, ""), "help": _(spec.ui.help), "unit": _(spec.ui.unit),
            "required": spec.required, "rows": spec.ui.rows or 4, "placeholder": _(spec.ui.placeholder),
            "span": spec.ui.span or (12 if spec.kind in ("textarea", "file", "multi") else 6),
            "options": spec.options(), "autofocus": focus, "multiple": spec.many, "accept": spec.ui.accept,
            "url": f"{lookup}{spec.name}" if lookup and spec.ui.source else "",
            **{k: typed(spec, v) for k, v in spec.limits.items()},
        })
    return found


def summary(model: type[BaseModel] | None, errors: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """What is wrong, for the box above the form."""
    labels = {s.name: _(s.label) for s in specs(model)}
    return [(name if name in labels else "", labels.get(name, ""), text) for name, text in errors.items()]


def values_of(model: type[BaseModel] | None, record: Any) -> dict[str, Any]:
    """What the record holds now, field by field."""
    return {s.name: getattr(record, s.name, None) for s in specs(model) if s.kind != "file"}


def apply(form: BaseModel | None, record: Any, names: set[str] | None = None) -> None:
    """Write the form's values into columns of the same name."""
    if form is None:
        return
    columns = record.__mapper__.column_attrs.keys()
    for spec in specs(type(form)):
        if spec.kind != "file" and spec.name in columns and (names is None or spec.name in names):
            setattr(record, spec.name, stored(getattr(form, spec.name)))


def stored(value: Any) -> Any:
    """Choices are text already; any other enumeration is stored by value."""
    if isinstance(value, Enum) and not isinstance(value, str):
        return value.value
    return [stored(v) for v in value] if isinstance(value, list) else value
