"""A first look at a file: what it seems to be and what its first records would become."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

from services.resources.cataloguing.imports.rules import PREVIEW, heading, note
from services.resources.cataloguing.marc import charsets
from services.resources.cataloguing.marc.holdings import items
from services.resources.cataloguing.marc.matching import completeness
from services.resources.cataloguing.marc.outcome import Accepted, Refused
from services.resources.cataloguing.marc.projection import project
from services.resources.cataloguing.marc.reading import read
from services.resources.cataloguing.records.rules import shown_title


def look(path: Path, *, name: str, charset: str, dialect: str) -> list[dict[str, Any]]:
    """The first records as the preview shows them; runs in a thread."""
    with path.open("rb") as file:
        first = islice(read(file, name=name, charset=charset, dialect=dialect), PREVIEW)
        return [_shown(one, charset) for one in first]


def _shown(one: Accepted | Refused, charset: str) -> dict[str, Any]:
    if isinstance(one, Refused):
        return {
            "number": one.number, "ok": False, "title": "", "notes": [note(one.code, offset=one.offset, **one.params)],
        }
    record = one.record
    found = None if record.kind == "authority" else project(record)
    drafts = items(record) if found else []
    return {
        "number": one.number, "ok": True, "kind": record.kind, "dialect": record.dialect,
        "charset": _charset(one, charset),
        "title": shown_title(found) if found else heading(record),
        "responsibility": found.responsibility[:200] if found else "",
        "imprint": "，".join(filter(None, (found.publisher, str(found.year or "")))) if found else "",
        "isbn": found.isbn if found else "", "call_number": found.call_number if found else "",
        "items": [
            {"barcode": d.barcode, "location": d.location, "call_number": d.call_number} for d in drafts[:20]
        ],
        "item_count": len(drafts), "lacks": completeness(found) if found else [],
        "notes": [note(f.code, f.tag, f.subfield, **f.params) for f in one.warnings],
    }


def _charset(one: Accepted, asked: str) -> str:
    if asked != "auto":
        return asked
    said = one.record.leader[9:10] == "a" and one.record.dialect == "marc21"
    chosen = charsets.decide(one.raw, said_utf8=said, chinese=one.record.dialect != "marc21")
    return chosen.codec if chosen else ""
