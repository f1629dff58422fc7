"""Headings: names, titles and subjects as a record writes them, in one set of codes for either family.

A heading is a kind and its parts in codes of our own (`a` the name, `b` what is below it, `n` a numeral, `c` an addition,
`d` dates, `q` a fuller form, `p` a place or part, `k` `l` form and language, `x` `z` `y` `v` subdivisions, `A` the pinyin).
Tables and codes: UNIMARC/CNMARC and MARC 21 formats for bibliographic and for authority data.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from services.resources.cataloguing.marc.dialects import MARC21
from services.resources.cataloguing.marc.record import Field
from services.resources.cataloguing.marc.wording import trimmed, unmarked
from shared.search import fold

PERSON, BODY, MEETING, TITLE, TOPIC, PLACE, FORM = "person", "body", "meeting", "title", "topic", "place", "form"
Parts = tuple[tuple[str, str], ...]

_CN = {
    **dict.fromkeys(("600", "700", "701", "702"), PERSON), **dict.fromkeys(("601", "710", "711", "712"), BODY),
    "500": TITLE, "605": TITLE, "606": TOPIC, "607": PLACE, "608": FORM,
}
_M21 = {
    **dict.fromkeys(("100", "600", "700"), PERSON), **dict.fromkeys(("110", "610", "710"), BODY),
    **dict.fromkeys(("111", "611", "711"), MEETING), **dict.fromkeys(("130", "630", "730", "830"), TITLE),
    "650": TOPIC, "651": PLACE, "655": FORM,
}
# The last two digits of a heading, see-from and see-also field of an authority record (2xx 4xx 5xx; 1xx 4xx 5xx).
CN_OWN = {"00": PERSON, "10": BODY, "15": PLACE, "30": TITLE, "50": TOPIC, "80": FORM}
M21_OWN = {"00": PERSON, "10": BODY, "11": MEETING, "30": TITLE, "50": TOPIC, "51": PLACE, "55": FORM}
# Which code of the format is which of ours, by kind; what is not named here is no part of the heading.
_CODES_CN: Mapping[str, str] = {PERSON: "aa bb cc dn fd gq AA", BODY: "aa bb cc dn ep fd AA", TITLE: "aa hn ip ll mk AA", TOPIC: "aa AA", PLACE: "aa AA", FORM: "aa AA"}
_CODES_M21: Mapping[str, str] = {PERSON: "aa bn cc dd qq", BODY: "aa bb nn dd cp gc", MEETING: "aa nn dd cp eb gc", TITLE: "aa nn pp kk ll", TOPIC: "aa", PLACE: "aa", FORM: "aa"}
_SUB_CN, _SUB_M21 = "xx yz zy jv", "xx zz yy vv"
LINK = {MARC21: "0"}
_NOT_WORD = re.compile(r"[\W_]+")
_YEARS = re.compile(r"[0-9]{3,4}|-")
LONGEST = 300


class Heading(NamedTuple):
    """What stands in a heading field; `bare` and `marks` are what it is found by, `link` the number behind $3 or $0."""

    kind: str
    parts: Parts
    link: str = ""

    @property
    def text(self) -> str:
        """As people read it."""
        return shown(self.kind, self.parts)

    @property
    def bare(self) -> str:
        """The name alone, folded: width, case, traditional characters and punctuation do not tell headings apart."""
        return bare(self.kind, self.parts)

    @property
    def marks(self) -> list[str]:
        """What tells persons and bodies of one name apart (dates, additions), folded and sorted."""
        return marks(self.kind, self.parts)


def kind_of(tag: str, indicators: str, dialect: str) -> str:
    """The kind of heading a bibliographic field holds; empty for any other field."""
    if dialect == MARC21:
        return _M21.get(tag, "")
    kind = _CN.get(tag, "")
    return MEETING if kind == BODY and indicators[:1] == "1" else kind


def _table(kind: str, dialect: str, *, subdivided: bool = False) -> dict[str, str]:
    if dialect == MARC21:
        pairs = _CODES_M21[kind] + (f" {_SUB_M21}" if subdivided else "")
    else:
        pairs = _CODES_CN[BODY if kind == MEETING else kind] + (f" {_SUB_CN}" if subdivided else "")
    return {pair[0]: pair[1] for pair in pairs.split()}


def read(field: Field, dialect: str) -> Heading | None:
    """The heading of a bibliographic field. None where another thesaurus ($2) rules, or a title of the name's own is meant ($t)."""
    kind = kind_of(field.tag, field.indicators, dialect)
    if not kind or field.data is not None:
        return None
    if dialect == MARC21 and (field.first("2") or (kind in (PERSON, BODY, MEETING) and field.first("t"))):
        return None
    if dialect != MARC21 and kind in (PERSON, BODY, MEETING) and field.first("t"):
        return None
    parts = parts_of(field, kind, dialect)
    return Heading(kind, parts, number_in(field.all(LINK.get(dialect, "3")))) if parts and parts[0][0] == "a" else None


def parts_of(field: Field, kind: str, dialect: str, *, subdivided: bool = False) -> Parts:
    """The parts of a field in our codes, without the punctuation of display."""
    table = _table(kind, dialect, subdivided=subdivided)
    found: list[tuple[str, str]] = []
    for code, value in field.subfields:
        ours, text = table.get(code, ""), trimmed(unmarked(value))
        if not ours or not text or (ours == "a" and any(c == "a" for c, _t in found)):
            continue
        if dialect != MARC21 and kind == PERSON and ours == "b" and found:
            joint = ", " if field.indicators[1:2] == "1" else " "
            found[-1] = (found[-1][0], f"{found[-1][1].rstrip(',')}{joint}{text}")
            continue
        found.append((ours, text.strip("()（）") if ours in "cd" else text))
    return tuple(found)


def number_in(values: Iterable[str]) -> str:
    """The number of one of our authorities among the values of a link subfield."""
    for value in values:
        if match := re.search(r"AU[0-9]{7,}", value):
            return match[0]
    return ""


def shown(kind: str, parts: Sequence[Sequence[str]]) -> str:
    """Parts as a heading reads."""
    def of(codes: str) -> list[str]:
        return [text for code, text in parts if code in codes]
    name = " ".join(of("a")[:1])
    if kind == PERSON:
        text = ", ".join(filter(None, [" ".join([name, *of("n")]), *(f"({q})" for q in of("q")), *of("c"), *of("d")]))
    elif kind in (BODY, MEETING):
        more = " : ".join([*of("c"), *of("n"), *of("d"), *of("p")])
        text = ". ".join([name, *of("b")]) + (f" ({more})" if more else "")
    else:
        text = ". ".join([name, *of("npkl")])
    return "--".join([text, *of("xzyv")])


def bare(kind: str, parts: Sequence[Sequence[str]]) -> str:
    """The name of a heading as it is compared."""
    skip = "cdqA" if kind in (PERSON, BODY, MEETING) else "A"
    return _NOT_WORD.sub(" ", fold(" ".join(text for code, text in parts if code not in skip))).strip()[:LONGEST]


def marks(kind: str, parts: Sequence[Sequence[str]]) -> list[str]:
    """Dates and additions as they are compared."""
    if kind not in (PERSON, BODY, MEETING):
        return []
    found = {"".join(_YEARS.findall(fold(text))) or _plain(text) for code, text in parts if code == "d"}
    found |= {_plain(text) for code, text in parts if code == "c"}
    return sorted(found - {""})[:6]


def _plain(text: str) -> str:
    return _NOT_WORD.sub("", fold(text))[:60]


def _written(kind: str, parts: Sequence[Sequence[str]], dialect: str, *, subdivided: bool = False) -> list[tuple[str, str]]:
    """Parts in the codes of a dialect; what it has no code for is left out."""
    back = {ours: code for code, ours in _table(kind, dialect, subdivided=subdivided).items()}
    found: list[tuple[str, str]] = []
    for ours, text in parts:
        if (code := back.get(ours)) is None:
            continue
        if dialect != MARC21 and kind == PERSON and ours == "a" and ", " in text:
            first, rest = text.split(", ", 1)
            found += [(code, first), ("b", rest)]
            continue
        found.append((code, text))
    if dialect == MARC21 and kind == PERSON:
        found = [(c, f"{t}," if n + 1 < len(found) and found[n + 1][0] in "cd" else t) for n, (c, t) in enumerate(found)]
    return found


def established(field: Field, kind: str, parts: Sequence[Sequence[str]], number: str, dialect: str) -> Field:
    """The field with the established form and the link; its roles, subdivisions and all else stay where they are."""
    table, sign = _table(kind, dialect), LINK.get(dialect, "3")
    new = _written(kind, parts, dialect)
    old = [(code, value) for code, value in field.subfields if code in table]
    if [(c, trimmed(v)) for c, v in old if c != "A"] == [(c, trimmed(v)) for c, v in new if c != "A"]:
        new = old  # the same words: their punctuation and pinyin are the record's own
    at = next((n for n, (code, _v) in enumerate(field.subfields) if code in table), 0)
    before = [pair for pair in field.subfields[:at] if pair[0] not in table]
    after = [(c, v) for c, v in field.subfields[at:] if c not in table and not (c == sign and number_in([v]))]
    if new is not old and dialect == MARC21 and new:
        code, text = new[-1]
        ended = trimmed(old[-1][1]) != old[-1][1].strip() if old else False
        if after and after[0][0] == "e":
            new[-1] = (code, f"{text},")
        elif ended and old[-1][1].rstrip().endswith(".") and not text.endswith(("-", ")", ".")):
            new[-1] = (code, f"{text}.")
    marks_ = field.indicators
    if dialect != MARC21 and kind == PERSON and new is not old:
        marks_ = f"{marks_[:1] or ' '}{'1' if any(c == 'b' for c, _v in new) else '0'}"
    return Field(field.tag, marks_, (*before, *new, *after, (sign, number)), None)


def own_field(tag: str, kind: str, parts: Sequence[Sequence[str]], dialect: str, more: Parts = ()) -> Field:
    """A field of an authority record."""
    pairs = _written(kind, parts, dialect, subdivided=True)
    if dialect == MARC21:
        inverted = any(c == "a" and "," in v.rstrip(",") for c, v in pairs)
        first = {PERSON: "1" if inverted else "0", BODY: "2", MEETING: "2"}.get(kind, " ")
        return Field(tag, f"{first} " if kind != TITLE else " 0", (*more, *pairs))
    second = {PERSON: " 1" if any(c == "b" for c, _v in pairs) else " 0", BODY: "02", MEETING: "12"}.get(kind, "  ")
    return Field(tag, second, (*more, *pairs))
