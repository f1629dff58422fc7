"""Forms a record can be taken out in, and how much at once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from services.resources.cataloguing.marc import exchange
from services.resources.cataloguing.marc.crosswalk import convert
from services.resources.cataloguing.marc.dialects import CNMARC, MARC21
from services.resources.cataloguing.marc.record import Record
from shared.i18n import N_
from shared.refusals import Refusal

# Form → ending and media type.
FORMS: Mapping[str, tuple[str, str]] = {
    "iso": ("mrc", "application/marc"), "xml": ("xml", "application/marcxml+xml"), "json": ("json", "application/json"),
}
DIALECTS = ("", CNMARC, MARC21)
MOST = 5_000


class TooMany(Refusal):
    """A file somebody waits for."""

    code = "converting.too-many"
    status = 422
    message = N_("命中 {total} 条，一次最多导出 {most} 条，请缩小范围")


class UnknownForm(Refusal):
    """A form we do not write."""

    code = "converting.unknown-form"
    status = 422
    message = N_("不认识的格式：{form}")


def checked(form: str, dialect: str) -> tuple[str, str]:
    """The choices, or `UnknownForm`."""
    if form not in FORMS or dialect not in DIALECTS:
        raise UnknownForm(form=f"{form} {dialect}".strip()[:40])
    return form, dialect


def other(dialect: str) -> str:
    """The dialect a record can be turned into."""
    return CNMARC if dialect == MARC21 else MARC21


def written(records: Iterable[Record], form: str, dialect: str = "") -> bytes:
    """The records as one file, in their own dialect unless another was asked for."""
    turned = [convert(one, dialect) if dialect else one for one in records]
    if form == "iso":
        return b"".join(one.to_iso2709() for one in turned)
    if form == "json":
        told = [{"leader": one.leader, "fields": one.to_json()["fields"]} for one in turned]
        return json.dumps(told, ensure_ascii=False, indent=1).encode()
    # MARCXML means MARC 21; records of the other family travel in the same container under its own name.
    parts = [exchange.native(one.to_json(), one.dialect) for one in turned]
    return ('<?xml version="1.0" encoding="UTF-8"?>\n<collection>\n' + "\n".join(parts) + "\n</collection>\n").encode()
