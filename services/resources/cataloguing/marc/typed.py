"""The record as a short form: a dozen elements in plain words, written back into the fields they stand in.

Only what a person changed is written, only into the subfield it came from; fields the form does not
know are never touched. Lists (numbers, persons, subjects) are lines; a line nobody changed keeps its field.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from services.resources.cataloguing.marc.characters import clean
from services.resources.cataloguing.marc.dialects import MARC21
from services.resources.cataloguing.marc.fields import family
from services.resources.cataloguing.marc.fixed import placed, put
from services.resources.cataloguing.marc.from_marc21 import CLC_SOURCES
from services.resources.cataloguing.marc.record import Field, Record
from services.resources.cataloguing.marc.wording import trimmed, year_in
from shared.i18n import N_

SPLIT = "|"


class Element(NamedTuple):
    """One element of the form: where it stands in either family, as (tag, code, indicators of a new field)."""

    name: str
    label: str
    cn: tuple[str, str, str]
    m21: tuple[str, str, str]
    many: bool = False
    long: bool = False
    help: str = ""


ELEMENTS = (
    Element("title", N_("题名"), ("200", "a", "1 "), ("245", "a", "10")),
    Element("title_rest", N_("副题名"), ("200", "e", "1 "), ("245", "b", "10")),
    Element("part_number", N_("分卷号"), ("200", "h", "1 "), ("245", "n", "10")),
    Element("part_name", N_("分卷名"), ("200", "i", "1 "), ("245", "p", "10")),
    Element("responsibility", N_("责任说明"), ("200", "f", "1 "), ("245", "c", "10")),
    Element("edition", N_("版本"), ("205", "a", "  "), ("250", "a", "  ")),
    Element("place", N_("出版地"), ("210", "a", "  "), ("264", "a", " 1")),
    Element("publisher", N_("出版社"), ("210", "c", "  "), ("264", "b", " 1")),
    Element("date", N_("出版年"), ("210", "d", "  "), ("264", "c", " 1")),
    Element("extent", N_("页数或册数"), ("215", "a", "  "), ("300", "a", "  ")),
    Element("size", N_("尺寸"), ("215", "d", "  "), ("300", "c", "  ")),
    Element("series", N_("丛编"), ("225", "a", "2 "), ("490", "a", "0 ")),
    Element("language", N_("语种"), ("101", "a", "0 "), ("041", "a", "0 "), help=N_("三位代码，如 chi、eng")),
    Element("price", N_("定价"), ("010", "d", "  "), ("020", "c", "  "), help=N_("如 CNY68.00")),
    Element("clc", N_("中图法分类号"), ("690", "a", "  "), ("084", "a", "  ")),
    Element("call_number", N_("索书号"), ("905", "s", "  "), ("852", "h", "  ")),
    Element("isbns", N_("ISBN"), ("010", "a", "  "), ("020", "a", "  "), many=True, help=N_("一行一个")),
    Element("persons", N_("责任者"), ("701", "a4", " 0"), ("700", "ae", "1 "), many=True, help=N_("一行一人：姓名 | 责任方式，如“鲁迅 | 著”")),
    Element("subjects", N_("主题词"), ("606", "a", "0 "), ("650", "a", " 0"), many=True, help=N_("一行一个；细分用“-”连接的只读，请在 MARC 编辑里改")),
    Element("summary", N_("提要"), ("330", "a", "  "), ("520", "a", "  "), long=True),
    Element("note", N_("一般性附注"), ("300", "a", "  "), ("500", "a", "  "), long=True),
)
# Tags in which an element may stand too, looked into in this order.
ALSO = {("264", MARC21): ("264", "260"), ("701", "cnmarc"): ("700", "701", "702"), ("700", MARC21): ("100", "700")}


def where(element: Element, dialect: str) -> tuple[str, str, str]:
    """Tag, codes and the indicators of a new field."""
    return element.m21 if dialect == MARC21 else element.cn


def read(record: Record) -> dict[str, str]:
    """Every element as the form shows it."""
    return {one.name: "\n".join(_lines(record, one)) if one.many else _single(record, one)[0] for one in ELEMENTS}


def write(record: Record, typed: Mapping[str, str]) -> Record:
    """The record with the elements whose text is no longer what `read` said."""
    was = read(record)
    for element in ELEMENTS:
        new = typed.get(element.name)
        if new is None:
            continue
        new = clean(new)
        new = "\n".join(filter(None, (" ".join(line.split()) for line in new.splitlines()))) if element.many else " ".join(new.split())
        if new == " ".join(was[element.name].split()) or (element.many and new == was[element.name]):
            continue
        record = _put_lines(record, element, new.splitlines()) if element.many else _put_single(record, element, new)
        if element.name == "date":
            record = _coded_year(record, new)
    return record


def _tags(tag: str, dialect: str) -> tuple[str, ...]:
    return ALSO.get((tag, family(dialect)), (tag,))


def _standing(record: Record, element: Element) -> list[Field]:
    """The fields in which a single element may stand; 084 is shared by many classifications."""
    tag, _code, _marks = where(element, record.dialect)
    found = record.of(*_tags(tag, record.dialect))
    return [one for one in found if one.first("2").lower() in CLC_SOURCES] if tag == "084" else found


def _single(record: Record, element: Element) -> tuple[str, Field | None, str]:
    """What is shown, the field it stands in, and the punctuation behind it that stays."""
    _tag, code, _marks = where(element, record.dialect)
    for one in _standing(record, element):
        value = one.first(code)
        if value:
            shown = trimmed(value) if record.dialect == MARC21 else value.strip()
            return shown, one, value[len(shown):] if value.startswith(shown) else ""
    return "", None, ""


def _put_single(record: Record, element: Element, new: str) -> Record:
    tag, code, marks = where(element, record.dialect)
    _old, found, tail = _single(record, element)
    if found is None:
        found = next(iter(_standing(record, element)), None)
    if found is None:
        pairs_of_new = ((code, new), ("2", "clc")) if tag == "084" else ((code, new),)
        return record.with_fields(placed(record.fields, Field(tag, marks, pairs_of_new))) if new else record
    pairs, done = [], False
    for known, value in found.subfields:
        if known == code and value and not done:
            done = True
            if new:
                pairs.append((code, new + tail))
        else:
            pairs.append((known, value))
    if not done and new:
        pairs.append((code, new))
    return _replaced(record, found, found._replace(subfields=tuple(pairs)) if pairs else None)


def _line(one: Field, codes: str, dialect: str) -> str:
    plain: Callable[[str], str] = trimmed if dialect == MARC21 else str.strip
    name = plain(one.first(codes[0]))
    if one.tag in ("606", "650"):
        return "-".join(filter(None, [name, *(plain(value) for value in one.all("xyzv"))]))
    role = plain(one.first(codes[1])) if len(codes) > 1 else ""
    return f"{name} {SPLIT} {role}" if role and name else name


def _listed(record: Record, element: Element) -> list[tuple[Field, str]]:
    tag, codes, _marks = where(element, record.dialect)
    told = [(one, _line(one, codes, record.dialect)) for one in record.of(*_tags(tag, record.dialect))]
    return [(one, line) for one, line in told if line]


def _lines(record: Record, element: Element) -> list[str]:
    return [line for _one, line in _listed(record, element)]


def _put_lines(record: Record, element: Element, lines: list[str]) -> Record:
    """New lines become fields, missing ones go, the others keep what else their field says."""
    tag, codes, marks = where(element, record.dialect)
    left = list(lines)
    for one, line in _listed(record, element):
        if line in left:
            left.remove(line)
        else:
            rest = tuple(pair for pair in one.subfields if pair[0] not in codes)
            # A price or a binding beside a number that went away is still true.
            keep = element.name == "isbns" and rest
            record = _replaced(record, one, one._replace(subfields=rest) if keep else None)
    for line in left:
        name, _, role = (part.strip() for part in line.partition(SPLIT))
        pairs = [(codes[0], name)] if name else []
        if len(codes) > 1 and role:
            pairs.append((codes[1], role))
        if not pairs:
            continue
        bare = next((one for one in record.of(tag) if element.name == "isbns" and not one.first(codes[0])), None)
        if bare is not None:
            record = _replaced(record, bare, bare._replace(subfields=(*pairs, *bare.subfields)))
        else:
            record = record.with_fields(placed(record.fields, Field(tag, marks, tuple(pairs))))
    return record


def _replaced(record: Record, old: Field, new: Field | None) -> Record:
    fields, done = [], False
    for one in record.fields:
        if one is old and not done:
            done = True
            if new is not None:
                fields.append(new)
        else:
            fields.append(one)
    return record.with_fields(fields)


def _coded_year(record: Record, text: str) -> Record:
    """The coded year follows the shown one, where there is a coded field."""
    if not (year := year_in(text)):
        return record
    if record.dialect == MARC21:
        return put(record, "008", 7, str(year)) if record.first("008") else record
    return put(record, "100", 9, str(year)) if record.first("100", "a") else record
