"""What the editor's form becomes: lines, coded positions, acts on lines. Pure: nothing typed is ever lost here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.resources.cataloguing.marc import checking, fixed, rows
from services.resources.cataloguing.marc.characters import clean
from services.resources.cataloguing.marc.checking import Remark
from services.resources.cataloguing.marc.fields import kinds, positions
from services.resources.cataloguing.marc.record import BLANK_LEADER, Field, Record
from services.resources.cataloguing.marc.rows import MOST_ROWS, Row
from shared.i18n import N_
from shared.refusals import Refusal

PARTS = ("LDR", "008", "100", "105", "106", "110")
_ACT = re.compile(r"(add|dup|del|up|down):(-1|[0-9]{1,4})")


class TooManyRows(Refusal):
    """A record of so many fields is a mistake."""

    code = "editing.too-many-rows"
    status = 422
    message = N_("一条记录最多 {most} 个字段")


class NotStorable(Refusal):
    """Some lines can be no field."""

    code = "editing.not-storable"
    status = 422
    message = N_("有的行还不是完整的字段，没有保存；您填的内容都在下面")


@dataclass(frozen=True)
class Sheet:
    """The editor's form as it stands: what was typed, and what it means."""

    dialect: str
    leader: str
    rows: tuple[Row, ...]
    base: int = 0
    reason: str = ""
    # Fields as they were when the cataloguer opened them: an untouched line gives the very field back.
    known: tuple[Field, ...] = ()
    focus: int = -1
    anyway: bool = False
    remarks: tuple[Remark, ...] = field(default=())

    def fields(self) -> list[Field | None]:
        """A field for each line; None for lines that are empty or no field."""
        made = rows.fields_of(self.rows, self.known)
        return [None if row.empty and one not in self.known else one for row, one in zip(self.rows, made, strict=True)]

    def record(self) -> Record:
        """The record of the lines that are fields."""
        return Record(self.leader, tuple(one for one in self.fields() if one is not None), self.dialect)

    def faults(self) -> list[Remark]:
        """Lines that are neither empty nor a field."""
        made = self.fields()
        return [
            one for one in checking.faults(self.rows)
            if made[one.row] is None and not self.rows[one.row].empty
        ]

    def checked(self) -> Sheet:
        """The same with everything that is wrong."""
        return replace(self, remarks=(*self.faults(), *checking.check_fields(self.leader, self.fields(), self.dialect)))

    def at(self, row: int) -> list[Remark]:
        """What is wrong with a line (or with the whole, -1)."""
        return [one for one in self.remarks if one.row == row]


def sheet_of(record: Record, *, base: int, reason: str = "") -> Sheet:
    """A record opened for editing."""
    return Sheet(record.dialect, record.leader, tuple(rows.rows_of(record)), base, reason, record.fields)


def read(form: Mapping[str, Sequence[str]], *, dialect: str, known: tuple[Field, ...] = ()) -> Sheet:
    """The form as it was sent, with the coded positions written into their lines."""
    columns = [form.get(name, ()) for name in ("tag", "ind1", "ind2", "text")]
    count = max(map(len, columns))
    if count > MOST_ROWS:
        raise TooManyRows(most=MOST_ROWS)
    lines = [Row(*(column[n] if n < len(column) else "" for column in columns)) for n in range(count)]
    base = _first(form, "base")
    sheet = Sheet(
        dialect, clean(_first(form, "leader") or BLANK_LEADER)[:24].ljust(24), tuple(lines),
        int(base) if base.isdecimal() and len(base) < 9 else 0, _first(form, "reason"), known,
        anyway=bool(_first(form, "anyway")),
    )
    return _with_positions(sheet, form)


def _first(form: Mapping[str, Sequence[str]], name: str) -> str:
    return next(iter(form.get(name, ())), "")


def _with_positions(sheet: Sheet, form: Mapping[str, Sequence[str]]) -> Sheet:
    """Positions a person changed, put where they belong; lines keep their order and their mistakes."""
    typed = {name: _first(form, name) for name in form if name.startswith("fix-")}
    shown = {part: _first(form, f"was-{part}") for part in PARTS if f"was-{part}" in form}
    was = {
        place.id: shown[place.part][place.start : place.start + place.length].ljust(place.length)
        for places in positions().values() for place in places if place.part in shown
    }
    typed = {name: value for name, value in typed.items() if name in was}
    old = sheet.record()
    new = fixed.write(old, typed, was)
    if new == old:
        return sheet
    lines = list(sheet.rows)
    for part in PARTS[1:]:
        before = next(iter(old.of(part)), None)
        after = next(iter(new.of(part)), None)
        if after is None or after == before:
            continue
        at = next((n for n, row in enumerate(lines) if row.tag.strip() == part), None)
        if at is None:
            at = next((n for n, row in enumerate(lines) if row.tag.strip() > part), len(lines))
            lines.insert(at, rows.row_of(after))
        else:
            lines[at] = rows.row_of(after)
    return replace(sheet, leader=new.leader, rows=tuple(lines))


def coded(sheet: Sheet) -> dict[str, str]:
    """The data of the coded parts as the form shows them, to tell later what was changed."""
    record = sheet.record()
    return {
        part: record.leader if part == "LDR" else (record.first(part) if part == "008" else record.first(part, "a"))
        for part in dict.fromkeys(place.part for place in fixed.places_of(record))
    }


def act(sheet: Sheet, wanted: str) -> Sheet | None:
    """A line added, copied, removed or moved; None when that was not asked."""
    match = _ACT.fullmatch(wanted)
    if not match:
        return None
    verb, n, lines = match[1], int(match[2]), list(sheet.rows)
    if n >= len(lines) or (n < 0 and verb != "add"):
        return sheet
    focus = n
    if verb == "add":
        focus = n + 1
        lines.insert(focus, Row())
    elif verb == "dup":
        focus = n + 1
        lines.insert(focus, lines[n])
    elif verb == "del":
        del lines[n]
        focus = min(n, len(lines) - 1)
    else:
        focus = n - 1 if verb == "up" else n + 1
        if not 0 <= focus < len(lines):
            return sheet
        lines[n], lines[focus] = lines[focus], lines[n]
    return replace(sheet, rows=tuple(lines), focus=focus)


def hint(dialect: str, tag: str) -> str:
    """The name of a field, for the line it stands in."""
    kind = kinds(dialect).get(tag.strip())
    return kind.name if kind else ""


def codes(dialect: str, tag: str) -> str:
    """The subfields a field may have, as `$a $b`."""
    kind = kinds(dialect).get(tag.strip())
    return " ".join(f"${code}" for code in kind.subfields) if kind and kind.subfields else ""


def storable(sheet: Sheet) -> Record:
    """The record to be kept, or `NotStorable`."""
    if sheet.faults():
        raise NotStorable
    return sheet.record()
