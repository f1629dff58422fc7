"""A record as lines a cataloguer types: tag, two indicators, and subfields as `$a…$b…`; and back without loss.

A dollar sign that is text is written twice. Blanks of coded fields stay blanks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from services.resources.cataloguing.marc.characters import clean
from services.resources.cataloguing.marc.record import Field, Record

SIGN = "$"
_OTHER_SIGNS = str.maketrans(dict.fromkeys("‡ǂ\x1f", SIGN))
_PART = re.compile(r"\$(?!\$)")
_TAG = re.compile(r"[0-9A-Za-z]{3}")
_ONLY_CODES = re.compile(r"(?:\$[!-~]\s*)+")
_LINES = re.compile(r"\s*[\r\n]+\s*")
CODES = frozenset(map(chr, range(0x21, 0x7F)))
LONGEST = 9_000
MOST_ROWS = 5_000


class Row(NamedTuple):
    """One line of the editor, as it was typed."""

    tag: str = ""
    ind1: str = ""
    ind2: str = ""
    text: str = ""

    @property
    def empty(self) -> bool:
        """Whether nobody typed anything that matters."""
        return not (self.tag.strip() or self.text.strip()) or bool(_ONLY_CODES.fullmatch(self.text.strip()))


def row_of(field: Field) -> Row:
    """A field as a line; blanks of indicators are shown as nothing."""
    if field.data is not None:
        return Row(field.tag, "", "", field.data)
    marks = field.indicators.ljust(2)
    text = "".join(f"{SIGN}{code}{value.replace(SIGN, SIGN * 2)}" for code, value in field.subfields)
    return Row(field.tag, marks[0].strip(), marks[1:].strip(), text)


def rows_of(record: Record) -> list[Row]:
    """Every field as a line, in its order."""
    return [row_of(field) for field in record.fields]


def fault(row: Row) -> str:
    """Why a line cannot be a field at all, as a code of `checking.MESSAGES`; empty when it can."""
    tag = row.tag.strip()
    if not _TAG.fullmatch(tag):
        return "bad-tag"
    if len(row.text.encode()) > LONGEST:
        return "too-long"
    if tag.startswith("00"):
        return "" if row.text.strip() else "no-text"
    if not row.text.strip():
        return "no-text"
    if not _signed(row.text).startswith(SIGN) and tag.isdigit():
        return "no-subfield"
    pairs = _pairs(row.text)
    return "bad-code" if any(code not in CODES for code, _value in pairs) else ""


def field_of(row: Row) -> Field:
    """The field of a line without `fault`."""
    tag, text = row.tag.strip(), _LINES.sub(" ", clean(row.text))
    plain = _signed(text)
    if tag.startswith("00") or (not tag.isdigit() and not plain.startswith(SIGN)):
        return Field(tag, "", (), text)
    return Field(tag, _mark(row.ind1) + _mark(row.ind2), tuple(_pairs(text)))


def fields_of(rows: Iterable[Row], known: Sequence[Field] = ()) -> list[Field | None]:
    """The fields of the lines; a line nobody changed gives the very field of before, faulty lines None."""
    before = {_same(row_of(field)): field for field in known}
    found: list[Field | None] = []
    for row in rows:
        if (old := before.get(_same(row))) is not None:
            found.append(old)
        else:
            found.append(None if fault(row) else field_of(row))
    return found


def _same(row: Row) -> Row:
    """A line as it comes back from a form: line ends differ, nothing else may."""
    return Row(row.tag, row.ind1, row.ind2, _LINES.sub(" ", clean(row.text)))


def _signed(text: str) -> str:
    """The text with one delimiter, whichever the typist's system uses."""
    return clean(text.translate(_OTHER_SIGNS)).lstrip()


def _mark(typed: str) -> str:
    mark = clean(typed).strip()[:1]
    return " " if mark in ("", "#", "_", "␣") else mark


def _pairs(text: str) -> list[tuple[str, str]]:
    """Subfields; a doubled sign is text."""
    kept = _signed(text).replace(SIGN * 2, "\x00")
    parts = _PART.split(kept)[1:]
    return [(part[:1] or " ", part[1:].replace("\x00", SIGN)) for part in parts if part[1:].strip() or part[:1] not in CODES]
