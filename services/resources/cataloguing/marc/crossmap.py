"""Which field of one dialect says what a field of the other says: tables, and the few fields that need more than a table.

Both directions are plain functions from one field to the fields that say the same. They may lose something; what
they lose is seen by going back, and is carried along (`crosswalk`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from services.resources.cataloguing.marc.from_unimarc import linked_title
from services.resources.cataloguing.marc.record import Field
from services.resources.cataloguing.marc.wording import trimmed

Fields = list[Field]


class Pair(NamedTuple):
    """Two tags, the indicators a new field gets, and the codes as `cn:21` pairs."""

    cn: str
    m21: str
    cn_marks: str
    m21_marks: str
    codes: str


_PAIRS = (
    Pair("010", "020", "  ", "  ", "aa bq dc zz"), Pair("011", "022", "  ", "  ", "aa yy zz"), Pair("035", "035", "  ", "  ", "aa zz"),
    Pair("040", "030", "  ", "  ", "aa zz"), Pair("205", "250", "  ", "  ", "aa bb"), Pair("207", "362", " 0", "0 ", "aa"),
    Pair("210", "264", "  ", " 1", "aa cb dc"), Pair("215", "300", "  ", "  ", "aa cb dc ee"), Pair("225", "490", "2 ", "0 ", "aa vv xx"),
    Pair("300", "500", "  ", "  ", "aa"), Pair("302", "546", "  ", "  ", "aa"), Pair("320", "504", "  ", "  ", "aa"),
    Pair("326", "310", "  ", "  ", "aa bb"), Pair("327", "505", "1 ", "0 ", "aa"), Pair("328", "502", "0 ", "  ", "aa"),
    Pair("330", "520", "  ", "  ", "aa uu"), Pair("333", "521", "  ", "  ", "aa"), Pair("336", "516", "  ", "  ", "aa"),
    Pair("337", "538", "  ", "  ", "aa uu"), Pair("500", "240", "10", "10", "aa"), Pair("520", "247", "1 ", "10", "aa xx"),
    Pair("530", "222", "1 ", " 0", "aa bb"), Pair("531", "210", "  ", "0 ", "aa bb"), Pair("541", "242", "1 ", "10", "aa"),
    Pair("601", "610", "02", "24", "aa bb xx yz zy 30"), Pair("605", "630", "  ", "04", "aa xx yz zy 30"),
    Pair("606", "650", "0 ", " 4", "aa xx yz zy 22 30"), Pair("607", "651", "  ", " 4", "aa xx yz zy 22 30"),
    Pair("608", "655", "  ", " 4", "aa xx yz zy 22 30"), Pair("610", "653", "0 ", "  ", "aa"), Pair("675", "080", "  ", "  ", "aa"),
    Pair("676", "082", "  ", "04", "aa v2"), Pair("680", "050", "  ", " 4", "aa bb"), Pair("710", "110", "02", "2 ", "aa bb 4e 30"),
    Pair("711", "710", "02", "2 ", "aa bb 4e 30"), Pair("730", "720", "  ", "  ", "aa 4e"),
    Pair("905", "852", "  ", "  ", "aa bp cb ft r9 sh"),
)
# Notes of one dialect that are all general notes of the other, and tags with the same meaning elsewhere.
_NOTES = ("301", "303", "304", "305", "306", "307", "308", "310", "311", "312", "313", "314", "315", "316")
_ALSO_CN = {**dict.fromkeys(_NOTES, "300"), "712": "711", "517": "540"}
_ALSO_21 = {"260": "264", "440": "490", "590": "500"}
# Other titles by the second indicator of 246.
_TITLES = {"510": "31", "512": "14", "513": "15", "514": "16", "515": "17", "516": "18", "517": "3 ", "540": "3 "}
_TITLES_BACK = {"1": "510", "4": "512", "5": "513", "6": "514", "7": "515", "8": "516"}
# Linked works by title: CNMARC tag → MARC 21 tag and indicators.
_LINKS = {
    "410": ("830", " 0"), "421": ("770", "0 "), "422": ("772", "0 "), "423": ("777", "0 "), "430": ("780", "00"),
    "431": ("780", "01"), "432": ("780", "02"), "433": ("780", "03"), "434": ("780", "05"), "435": ("780", "06"),
    "436": ("780", "04"), "437": ("780", "07"), "440": ("785", "00"), "441": ("785", "01"), "442": ("785", "02"),
    "443": ("785", "03"), "444": ("785", "04"), "445": ("785", "05"), "446": ("785", "06"), "447": ("785", "07"),
    "448": ("785", "08"), "451": ("775", "0 "), "452": ("776", "0 "), "453": ("767", "0 "), "454": ("765", "0 "),
    "461": ("773", "0 "), "488": ("787", "0 "),
}
_LINKS_BACK = {pair: tag for tag, pair in _LINKS.items()}
_PERSONS = {"600": "600", "700": "100", "701": "700", "702": "700"}
_PERSONS_BACK = {"600": "600", "100": "700", "700": "701"}
_SAME = ("001", "005", "856", "886")
CLC = "clc"


def _table(by: Callable[[Pair], str]) -> Mapping[str, Pair]:
    return {by(pair): pair for pair in reversed(_PAIRS)}


_BY_CN, _BY_21 = _table(lambda pair: pair.cn), _table(lambda pair: pair.m21)


def to_21(field: Field) -> Fields:
    """What a CNMARC field is in MARC 21; nothing when MARC 21 has no word for it."""
    tag = field.tag
    if tag in _SAME:
        return [field]
    if tag == "200":
        return _title_21(field)
    if tag == "690":
        return [Field("084", "  ", (*(("a", value) for value in field.all("a")), ("2", CLC)))] if field.first("a") else []
    if tag in _TITLES:
        return [Field("246", _TITLES[tag], (("a", field.first("a")),))] if field.first("a") else []
    if tag in _LINKS:
        target, marks = _LINKS[tag]
        title = linked_title(field)
        return [Field(target, marks, (("a" if target == "830" else "t", title),))] if title else []
    if tag in _PERSONS:
        return _person_21(field, _PERSONS[tag])
    pair = _BY_CN.get(_ALSO_CN.get(tag, tag))
    if pair is None:
        return []
    codes = {one[0]: one[1] for one in pair.codes.split()}
    return _made(pair.m21, pair.m21_marks, [(codes[code], value) for code, value in field.subfields if code in codes])


def to_cn(field: Field) -> Fields:
    """What a MARC 21 field is in CNMARC, without the punctuation that only led over to the next element."""
    tag = field.tag
    if tag in _SAME:
        return [field]
    if tag == "245":
        return _title_cn(field)
    if tag == "084":
        return [Field("690", "  ", (("a", field.first("a")),))] if field.first("2") == CLC and field.first("a") else []
    if tag == "246":
        title = trimmed(field.first("a"))
        return [Field(_TITLES_BACK.get(field.indicators[1:2], "517"), "1 ", (("a", title),))] if title else []
    if (tag, field.indicators) in _LINKS_BACK:
        title = trimmed(field.first("at"))
        return [Field(_LINKS_BACK[tag, field.indicators], " 0", (("t", title),))] if title else []
    if tag in _PERSONS_BACK and not field.first("t"):
        return _person_cn(field, _PERSONS_BACK[tag])
    pair = _BY_21.get(_ALSO_21.get(tag, tag))
    if pair is None or (tag == "264" and field.indicators[1:2] != "1"):
        return []
    codes = {one[1]: one[0] for one in reversed(pair.codes.split())}
    return _made(pair.cn, pair.cn_marks, [(codes[code], trimmed(value)) for code, value in field.subfields if code in codes])


def _made(tag: str, marks: str, pairs: list[tuple[str, str]]) -> Fields:
    kept = tuple((code, value) for code, value in pairs if value)
    return [Field(tag, marks, kept)] if kept else []


def _title_21(field: Field) -> Fields:
    names = {"a": "a", "b": "h", "h": "n", "i": "p"}
    pairs = [(names[code], value) for code, value in field.subfields if code in names]
    rest = " : ".join(field.all("e")) + "".join(f" = {value}" for value in field.all("d"))
    by = " ; ".join(field.all("fg"))
    found = _made("245", "10", [*pairs, ("b", rest.strip()), ("c", by)])
    return found + [Field("246", "3 ", (("a", value),)) for value in field.all("A9")[:1] if value]


def _title_cn(field: Field) -> Fields:
    names = {"a": "a", "h": "b", "n": "h", "p": "i", "c": "f"}
    pairs: list[tuple[str, str]] = []
    for code, value in field.subfields:
        if code == "b":
            rest, _, parallel = value.partition("=")
            pairs += [("e", trimmed(rest)), ("d", trimmed(parallel))]
        elif code in names:
            pairs.append((names[code], trimmed(value)))
    return _made("200", "1 ", pairs)


def _person_21(field: Field, tag: str) -> Fields:
    family, given = field.first("a"), field.first("b")
    name = f"{family}, {given}" if given else family
    subjects = {"x": "x", "y": "z", "z": "y", "3": "0"} if tag == "600" else {"4": "e", "3": "0"}
    rest = [(subjects[code], value) for code, value in field.subfields if code in subjects]
    marks = ("1" if given else "0") + ("4" if tag == "600" else " ")
    return _made(tag, marks, [("a", name), ("c", field.first("c")), ("d", field.first("f")), *rest]) if name else []


def _person_cn(field: Field, tag: str) -> Fields:
    name = trimmed(field.first("a"))
    family, comma, given = name.partition(", ")
    inverted = bool(comma) and field.indicators[:1] == "1"
    subjects = {"x": "x", "z": "y", "y": "z", "0": "3"} if tag == "600" else {"e": "4", "0": "3"}
    rest = [(subjects[code], trimmed(value)) for code, value in field.subfields if code in subjects]
    pairs = [("a", family), ("b", given)] if inverted else [("a", name)]
    marks = " 1" if inverted else " 0"
    return _made(tag, marks, [*pairs, ("c", trimmed(field.first("c"))), ("f", trimmed(field.first("d"))), *rest]) if name else []
