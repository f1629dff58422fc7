"""CNMARC ⇄ MARC 21, so that whoever goes there and back has lost nothing.

A field that the other dialect cannot say exactly travels twice: as what the other dialect can say of it, and
whole, in 886 (foreign MARC data: $2 format, $a tag, $b indicators, then its subfields). On the way back the
whole one is put in place of its paraphrase, unless somebody changed the paraphrase: then the change counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from services.resources.cataloguing.marc.crossmap import Fields, to_21, to_cn
from services.resources.cataloguing.marc.dialects import CNMARC, MARC21, kind_of
from services.resources.cataloguing.marc.fixed import LENGTHS
from services.resources.cataloguing.marc.record import Field, Record

CARRIER = "886"
_TYPES_21 = {"l": "m", "m": "o", "b": "t"}
_TYPES_CN = {"m": "l", "o": "m", "p": "m", "t": "b"}
_STATUS_CN = {"a": "c", "p": "c"}
# CNMARC 100/8 and 008/6: kinds of date.
_DATES_21 = {"a": "c", "b": "d", "c": "u", "d": "s", "e": "r", "f": "q", "g": "m", "h": "t", "i": "p", "j": "e", "k": "r", "u": "n"}
_DATES_CN = {"c": "a", "d": "b", "u": "c", "s": "d", "r": "e", "q": "f", "m": "g", "t": "h", "p": "i", "e": "j", "n": "u"}
_COUNTRIES = {"CN": "cc ", "US": "xxu", "GB": "xxk", "JP": "ja ", "DE": "gw ", "FR": "fr ", "HK": "ch ", "TW": "ch ", "RU": "ru "}
_COUNTRIES_CN = {"cc": "CN", "xxu": "US", "nyu": "US", "cau": "US", "mau": "US", "xxk": "GB", "enk": "GB", "ja": "JP", "gw": "DE", "fr": "FR", "ru": "RU"}


class Way(NamedTuple):
    """One direction: how a field goes, how it would come back, and the fields that only go together."""

    field: Callable[[Field], Fields]
    back: Callable[[Field], Fields]
    groups: tuple[tuple[tuple[str, ...], Callable[[Sequence[Field]], Fields]], ...]
    back_groups: tuple[tuple[tuple[str, ...], Callable[[Sequence[Field]], Fields]], ...]


def convert(record: Record, dialect: str) -> Record:
    """The record in the other dialect; a record of that dialect already is given back as it is."""
    source = record.dialect
    if (source == MARC21) == (dialect == MARC21):
        return record
    way = _WAYS[MARC21 if dialect == MARC21 else CNMARC]  # UNIMARC goes by the same tables
    rest = [one for one in record.fields if not _carried(one, dialect)]
    whole = [_unpacked(one) for one in record.fields if _carried(one, dialect)]
    leader = _leader(record.leader, dialect)
    restored: Fields = []
    for one in whole:
        if one.tag == "LDR" and _leader(one.data or "", source) == record.leader:
            leader = one.data or leader
    for unit, say in _units([one for one in whole if one.tag != "LDR"], way.back, way.back_groups):
        said = say(unit)
        if _all_in(said, rest):
            for piece in said:
                rest.remove(piece)
            restored += unit
    made, carry = _sent(rest, way)
    if _leader(leader, source) != record.leader:
        carry.append(Field("LDR", "", (), record.leader))
    fields = sorted([*restored, *made], key=lambda one: one.tag)
    fields += [_packed(one, source) for one in carry]
    fields.sort(key=lambda one: one.tag)
    return Record(leader, tuple(fields), dialect, kind_of(leader, dialect, frozenset(one.tag for one in fields)))


def _sent(rest: Fields, way: Way) -> tuple[Fields, Fields]:
    """What the fields become, and those that would not come back as they are: with them all of their tag, for the order."""
    made: Fields = []
    lossy: set[str] = set()
    for unit, say in _units(rest, way.field, way.groups):
        said = say(unit)
        made += said
        back = [field for again, say_back in _units(said, way.back, way.back_groups) for field in say_back(again)]
        if sorted(back, key=repr) != sorted(unit, key=repr):
            lossy |= {one.tag for one in unit}
    return made, [one for one in rest if one.tag in lossy]


def _units(
    fields: Sequence[Field], each: Callable[[Field], Fields], groups: Sequence[tuple[tuple[str, ...], Callable[[Sequence[Field]], Fields]]]
) -> list[tuple[Fields, Callable[[Sequence[Field]], Fields]]]:
    """Fields that go together first, then the others one by one."""
    found: list[tuple[Fields, Callable[[Sequence[Field]], Fields]]] = []
    taken: set[str] = set()
    for tags, say in groups:
        if unit := [one for one in fields if one.tag in tags]:
            found.append((unit, say))
        taken |= set(tags)
    found += [([one], lambda unit: each(unit[0])) for one in fields if one.tag not in taken]
    return found


def _all_in(pieces: Fields, rest: Fields) -> bool:
    left = list(rest)
    for piece in pieces:
        if piece not in left:
            return False
        left.remove(piece)
    return True


def _carried(field: Field, dialect: str) -> bool:
    source = field.first("2")
    return field.tag == CARRIER and (source == dialect or (dialect != MARC21 and source in (CNMARC, "unimarc")))


def _packed(field: Field, source: str) -> Field:
    head = (("2", source), ("a", field.tag))
    if field.data is not None:
        return Field(CARRIER, ("0" if field.tag == "LDR" else "1") + " ", (*head, ("b", field.data)))
    return Field(CARRIER, "2 ", (*head, ("b", field.indicators), *field.subfields))


def _unpacked(field: Field) -> Field:
    tag, content = field.first("a"), field.subfields[2][1] if len(field.subfields) > 2 else ""
    if field.indicators[:1] in "01":
        return Field(tag, "", (), content)
    return Field(tag, content, field.subfields[3:])


def _leader(leader: str, dialect: str) -> str:
    """A leader of the other family."""
    leader = leader.ljust(24)
    if dialect == MARC21:
        kind = _TYPES_21.get(leader[6], leader[6])
        return f"00000{leader[5]}{kind}{leader[7]} a2200000 c 4500"
    status, kind = _STATUS_CN.get(leader[5], leader[5]), _TYPES_CN.get(leader[6], leader[6])
    return f"00000{status}{kind}{'a' if leader[7] == 'b' else leader[7]}0 2200000   450 "


def _coded_21(fields: Sequence[Field]) -> Fields:
    """100, 101, 102, 105, 106, 110 as 008, 041, 044."""
    first = {field.tag: field for field in reversed(fields)}
    data = (first["100"].first("a") if "100" in first else "").ljust(36)
    language = first["101"] if "101" in first else Field("101")
    country = first["102"].first("a") if "102" in first else ""
    head = data[2:8] if data[:8].isdigit() else "      "
    dates = _DATES_21.get(data[8], "|") + data[9:17].replace("#", " ")
    coded = f"{head}{dates}{_COUNTRIES.get(country, 'xx ')}".ljust(18)
    code = language.first("a").strip()[:3].ljust(3)
    middle = "|||||||||||||||||" if "110" in first else "           000 0 "
    found = [Field("008", "", (), f"{coded[:18]}{middle}{code} d")]
    others = [("a", value) for value in language.all("a")] + [("h", value) for value in language.all("c")]
    if len(others) > 1:
        found.append(Field("041", "1 " if language.first("c") else "0 ", tuple(others)))
    return found


def _coded_cn(fields: Sequence[Field]) -> Fields:
    """008, 041 as 100, 101, 102, 105."""
    coded = next((field.data or "" for field in fields if field.tag == "008"), "").ljust(LENGTHS["008"])
    languages = next((field for field in fields if field.tag == "041"), Field("041"))
    year = coded[:2]
    head = ("19" if year > "50" else "20") + coded[:6] if coded[:6].isdigit() else "        "
    dates = _DATES_CN.get(coded[6], "u") + coded[7:15].replace("|", " ")
    found = [Field("100", "  ", (("a", f"{head}{dates}em y0engy50      ba"[:36]),))]
    texts = [value[n : n + 3] for value in languages.all("a") for n in range(0, len(value) - 2, 3)] or [coded[35:38].strip(" |")]
    pairs = [("a", code) for code in texts if code] + [("c", value) for value in languages.all("h")]
    if pairs:
        found.append(Field("101", "1 " if languages.first("h") else "0 ", tuple(pairs)))
    if country := _COUNTRIES_CN.get(coded[15:18].strip()):
        found.append(Field("102", "  ", (("a", country),)))
    return found


def _source_21(fields: Sequence[Field]) -> Fields:
    """801s as one 040: who made it, who sent it, who changed it."""
    by = {"0": "a", "1": "c", "2": "d", "3": "d"}
    pairs = [(by.get(field.indicators[1:2], "d"), field.first("b")) for field in fields if field.first("b")]
    if pairs and not any(code == "a" for code, _value in pairs):
        pairs[0] = ("a", pairs[0][1])
    return [Field("040", "  ", tuple(sorted(pairs, key=lambda pair: pair[0])))] if pairs else []


def _source_cn(fields: Sequence[Field]) -> Fields:
    """040 as 801s."""
    by = {"a": " 0", "c": " 1", "d": " 2"}
    return [
        Field("801", by[code], (("b", value),)) for field in fields for code, value in field.subfields if code in by and value
    ]


_GROUPS_CN = ((("100", "101", "102", "105", "106", "110"), _coded_21), (("801",), _source_21))
_GROUPS_21 = ((("008", "041"), _coded_cn), (("040",), _source_cn))
_WAYS = {
    MARC21: Way(to_21, to_cn, _GROUPS_CN, _GROUPS_21), CNMARC: Way(to_cn, to_21, _GROUPS_21, _GROUPS_CN),
}
