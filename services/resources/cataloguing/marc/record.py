"""The record itself: a light, immutable value that keeps every field in its original order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple
from xml.sax.saxutils import escape, quoteattr

from services.resources.cataloguing.marc.characters import FORBIDDEN, clean

LEADER_LENGTH = 24
BLANK_LEADER = "00000nam a2200000   4500"
SLIM = "http://www.loc.gov/MARC21/slim"


class Field(NamedTuple):
    """One field: `data` for a control field, indicators and (code, value) pairs otherwise."""

    tag: str
    indicators: str = "  "
    subfields: tuple[tuple[str, str], ...] = ()
    data: str | None = None

    def all(self, codes: str) -> list[str]:
        """Every value whose code is one of `codes`, in the order the cataloguer gave them."""
        return [value for code, value in self.subfields if code in codes]

    def first(self, codes: str, default: str = "") -> str:
        """The first non-empty value among `codes`."""
        for code, value in self.subfields:
            if code in codes and value:
                return value
        return default

    def joined(self, codes: str, by: str = " ") -> str:
        """The values of `codes` as one text, for display."""
        return by.join(filter(None, [value.strip() for value in self.all(codes)]))


@dataclass(frozen=True)
class Record:
    """A bibliographic, authority or holdings record in any MARC dialect."""

    leader: str
    fields: tuple[Field, ...]
    dialect: str = "marc21"
    kind: str = "bibliographic"

    @cached_property
    def by_tag(self) -> Mapping[str, tuple[Field, ...]]:
        """Fields grouped by tag, so that a projection does not walk the record forty times."""
        groups: dict[str, list[Field]] = {}
        for field in self.fields:
            groups.setdefault(field.tag, []).append(field)
        return {tag: tuple(group) for tag, group in groups.items()}

    def of(self, *tags: str) -> list[Field]:
        """All fields with one of these tags, tag by tag."""
        return [field for tag in tags for field in self.by_tag.get(tag, ())]

    def all(self, tag: str, codes: str = "") -> list[str]:
        """Every value of a tag: control data without `codes`, else those subfields."""
        if (group := self.by_tag.get(tag)) is None:
            return []
        if not codes:
            return [field.data for field in group if field.data is not None]
        return [value for field in group for value in field.all(codes)]

    def first(self, tag: str, codes: str = "", default: str = "") -> str:
        """The first non-empty value of a tag."""
        return next((value for value in self.all(tag, codes) if value), default)

    def with_fields(self, fields: Iterable[Field]) -> Record:
        """The same record with other fields: how an edit is made."""
        return Record(self.leader, tuple(fields), self.dialect, self.kind)

    def to_json(self) -> dict[str, Any]:
        """MARC-in-JSON plus our dialect and kind, safe to keep in a JSONB column."""
        fields: list[dict[str, Any]] = []
        for tag, indicators, subfields, data in self.fields:
            if data is not None:
                fields.append({tag: data})
                continue
            body: dict[str, Any] = {f"ind{place}": mark for place, mark in enumerate(indicators, 1)}
            body["subfields"] = [{code: value} for code, value in subfields]
            fields.append({tag: body})
        return {
            "leader": self.leader,
            "fields": fields,
            "dialect": self.dialect,
            "kind": self.kind,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Record:
        """Read back what `to_json` wrote."""
        return cls(
            leader=stored["leader"],
            fields=tuple(fields_from_json(stored["fields"])),
            dialect=stored.get("dialect", "marc21"),
            kind=stored.get("kind", "bibliographic"),
        )

    def to_iso2709(self) -> bytes:
        """The record as ISO 2709 in UTF-8; lengths beyond the format's reach are written as 9s."""
        directory, body = bytearray(), bytearray()
        for field in self.fields:
            content = _content(field) + b"\x1e"
            tag = field.tag[:3].rjust(3, "0").encode("ascii", "replace")
            directory += b"%b%04d%05d" % (tag, min(len(content), 9999), min(len(body), 99999))
            body += content
        base = LEADER_LENGTH + len(directory) + 1
        whole = base + len(body) + 1
        leader = self.leader.encode("ascii", "replace").ljust(LEADER_LENGTH)
        coding = b"a" if self.dialect == "marc21" else leader[9:10]
        length, start = min(whole, 99999), min(base, 99999)
        head = b"%05d%b%b22%05d%b" % (length, leader[5:9], coding, start, leader[17:24])
        return bytes(head + directory + b"\x1e" + body + b"\x1d")

    def to_marcxml(self) -> str:
        """The record as a MARCXML element with the slim namespace declared on it."""
        lines = [f'<record xmlns="{SLIM}">', f"  <leader>{_xml(self.leader)}</leader>"]
        for tag, indicators, subfields, data in self.fields:
            name = quoteattr(clean(tag))
            if data is not None:
                lines.append(f"  <controlfield tag={name}>{_xml(data)}</controlfield>")
                continue
            marks = "".join(
                f" ind{place}={quoteattr(clean(mark))}"
                for place, mark in enumerate(indicators.ljust(2), 1)
            )
            lines.append(f"  <datafield tag={name}{marks}>")
            lines.extend(
                f"    <subfield code={quoteattr(clean(code))}>{_xml(value)}</subfield>"
                for code, value in subfields
            )
            lines.append("  </datafield>")
        lines.append("</record>")
        return "\n".join(lines)


def fields_from_json(stored: Iterable[Mapping[str, Any]]) -> Iterable[Field]:
    """Fields of a MARC-in-JSON list; other shapes raise KeyError, TypeError or AttributeError."""
    for entry in stored:
        for tag, body in entry.items():
            if isinstance(body, str):
                yield Field(tag, "", (), body)
                continue
            marks = "".join(str(body[f"ind{n}"]) for n in range(1, 10) if f"ind{n}" in body)
            pairs = tuple(
                (str(code), str(value))
                for subfield in body["subfields"]
                for code, value in subfield.items()
            )
            yield Field(tag, marks, pairs)


def _content(field: Field) -> bytes:
    if field.data is not None:
        return clean(field.data).encode("utf-8", "replace")
    parts = [field.indicators, *(code + value for code, value in field.subfields)]
    return "\x1f".join(map(clean, parts)).encode("utf-8", "replace")


def _xml(text: str) -> str:
    return escape(clean(text) if FORBIDDEN.search(text) else text)
