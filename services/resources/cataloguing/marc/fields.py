"""What the fields of each dialect are called and may hold: the tables in `definitions/`, read once.

Names stand there in both languages, because they are data of the format and not words of ours. What a
table does not know may still be right: local fields are everybody's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from services.resources.cataloguing.marc.dialects import MARC21
from shared.i18n import pick

FOLDER = Path(__file__).parent / "definitions"
ANY = "*"
BLANK = "#"


class FieldKind(NamedTuple):
    """A field as the format defines it; `subfields` maps a code to whether it may repeat, None allows anything."""

    tag: str
    zh: str
    en: str
    repeatable: bool
    ind1: str
    ind2: str
    subfields: Mapping[str, bool] | None

    @property
    def name(self) -> str:
        """Its name in the reader's language."""
        return pick(self.zh, self.en)

    @property
    def control(self) -> bool:
        """Whether it holds plain data, without indicators and subfields."""
        return self.tag.startswith("00")


class Position(NamedTuple):
    """A place in a coded field: `part` is LDR or a tag, `choices` (value, 中文, English), empty for free text."""

    part: str
    start: int
    length: int
    zh: str
    en: str
    choices: tuple[tuple[str, str, str], ...]

    @property
    def name(self) -> str:
        """Its name in the reader's language."""
        return pick(self.zh, self.en)

    @property
    def id(self) -> str:
        """How a form calls it."""
        return f"fix-{self.part}-{self.start}"


def family(dialect: str) -> str:
    """Whose table is used: UNIMARC and CNMARC share one."""
    return MARC21 if dialect == MARC21 else "cnmarc"


@cache
def kinds(dialect: str) -> Mapping[str, FieldKind]:
    """Every field we know of a dialect, by tag."""
    found = {}
    for line in (FOLDER / f"{family(dialect)}.tsv").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            tag, zh, en, repeats, ind1, ind2, codes = (line + "\t" * 6).split("\t")[:7]
            found[tag] = FieldKind(tag, zh, en, repeats == "R", ind1, ind2, None if codes == ANY else _codes(codes))
    return found


def _codes(text: str) -> dict[str, bool]:
    return {code: text[place + 1 : place + 2] == ANY for place, code in enumerate(text) if code != ANY}


def local(tag: str) -> bool:
    """Whether the tag belongs to whoever uses it: a nine in it, or letters."""
    return "9" in tag or not tag.isdigit()


@cache
def positions() -> Mapping[str, tuple[Position, ...]]:
    """Coded positions by part of the record, such as `cnmarc.100` or `marc21.008.book`."""
    found: dict[str, list[Position]] = {}
    for line in (FOLDER / "fixed.tsv").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            part, start, length, zh, en, choices = (line + "\t").split("\t")[:6]
            place = Position(part.split(".")[1], int(start), int(length), zh, en, _choices(choices))
            found.setdefault(part, []).append(place)
    return {part: tuple(places) for part, places in found.items()}


def _choices(text: str) -> tuple[tuple[str, str, str], ...]:
    made = []
    for one in filter(None, text.split(";")):
        value, _, names = one.partition("=")
        zh, _, en = names.rpartition("/")
        made.append((" " if value == BLANK else value, zh, en))
    return tuple(made)
