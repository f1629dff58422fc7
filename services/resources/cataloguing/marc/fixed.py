"""Coded fields as a form: each position by its name, its value read from and written into the record.

What the form does not show stays as it is, and a value it does not know is shown and kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from services.resources.cataloguing.marc.characters import clean
from services.resources.cataloguing.marc.dialects import MARC21
from services.resources.cataloguing.marc.fields import Position, family, positions
from services.resources.cataloguing.marc.record import BLANK_LEADER, Field, Record

# Length of coded fields, for padding what is shorter.
LENGTHS = {"LDR": 24, "008": 40, "100": 36, "105": 13, "106": 1, "110": 11}


def form_of(record: Record) -> list[tuple[Position, str]]:
    """The positions that apply to this kind of record, with their values."""
    return [(place, value_of(record, place)) for place in places_of(record)]


def places_of(record: Record) -> Iterable[Position]:
    """Leader, then the coded fields of the dialect, of books or of serials."""
    known, name = positions(), family(record.dialect)
    serial = record.leader[7:8] in ("s", "i")
    yield from known[f"{name}.LDR"]
    if name == MARC21:
        yield from known["marc21.008"]
        if serial:
            yield from known["marc21.008.serial"]
        elif record.leader[6:7] in "at":
            yield from known["marc21.008.book"]
        return
    yield from known["cnmarc.100"]
    if serial:
        yield from known["cnmarc.110"]
    elif record.leader[6:7] in "ab":
        yield from known["cnmarc.105"]
        yield from known["cnmarc.106"]


def value_of(record: Record, place: Position) -> str:
    """The characters at a position; blanks where the field is missing or short."""
    data = _data(record, place.part)
    return data[place.start : place.start + place.length].ljust(place.length)


def write(record: Record, typed: Mapping[str, str], was: Mapping[str, str]) -> Record:
    """The record with the positions a person changed: those whose value is no longer what the form showed.

    So a position and the line it lies in may be changed in one go, and each change counts.
    """
    for place in list(places_of(record)):
        new = typed.get(place.id)
        if new is None or new == was.get(place.id, ""):
            continue
        record = put(record, place.part, place.start, clean(new)[: place.length].ljust(place.length))
    return record


def put(record: Record, part: str, start: int, text: str) -> Record:
    """The record with `text` at a position of a coded field; the field is made when it is missing."""
    data = _data(record, part).ljust(LENGTHS[part])
    data = data[:start] + text + data[start + len(text) :]
    if part == "LDR":
        return Record(data[:24], record.fields, record.dialect, record.kind)
    fields = list(record.fields)
    for n, one in enumerate(fields):
        if one.tag == part and (one.data is not None or record.dialect != MARC21):
            fields[n] = _with_data(one, data)
            return record.with_fields(fields)
    made = Field(part, "", (), data) if part == "008" else Field(part, "  ", (("a", data),))
    return record.with_fields(placed(fields, made))


def placed(fields: Sequence[Field], made: Field) -> list[Field]:
    """The fields with one more, behind the last whose tag is not higher."""
    at = 0
    for n, one in enumerate(fields, 1):
        if one.tag <= made.tag:
            at = n
    return [*fields[:at], made, *fields[at:]]


def _data(record: Record, part: str) -> str:
    if part == "LDR":
        return record.leader or BLANK_LEADER
    return record.first(part) if part == "008" else record.first(part, "a")


def _with_data(one: Field, data: str) -> Field:
    if one.data is not None:
        return one._replace(data=data)
    pairs, done = [], False
    for code, value in one.subfields:
        pairs.append((code, data if code == "a" and not done else value))
        done = done or code == "a"
    return one._replace(subfields=tuple(pairs if done else [("a", data), *pairs]))
