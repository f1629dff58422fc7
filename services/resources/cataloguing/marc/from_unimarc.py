"""CNMARC and other UNIMARC records described in our words."""

from __future__ import annotations

from services.resources.cataloguing.marc.callnumbers import is_clc
from services.resources.cataloguing.marc.description import Author, OtherTitle, Projection
from services.resources.cataloguing.marc.dialects import CNMARC
from services.resources.cataloguing.marc.isbn import Isbn, isbn13, issn
from services.resources.cataloguing.marc.prices import price_fen
from services.resources.cataloguing.marc.record import Field, Record
from services.resources.cataloguing.marc.wording import (
    distinct,
    trimmed,
    unbracketed,
    unmarked,
    year_in,
)

PINYIN = "A9"
"""Subfields in which Chinese systems keep the pinyin of a heading."""
NAMES = ("700", "701", "710", "711", "702", "712", "720", "721", "722")
NOTES = tuple(str(tag) for tag in range(300, 346) if tag not in (326, 330))
TITLES = {
    "500": "uniform",
    "510": "parallel",
    **dict.fromkeys(("512", "513", "514", "515", "516", "517", "532", "540", "541"), "variant"),
    **dict.fromkeys(("430", "431", "432", "433", "434", "435", "436", "437"), "former"),
    **dict.fromkeys(("440", "441", "442", "443", "444", "445", "446", "447", "448"), "later"),
    "520": "former",
    "423": "contained",
}
SUBJECTS = ("600", "601", "602", "604", "605", "606", "607", "608", "610")
MATERIALS = {
    **dict.fromkeys("cd", "score"),
    **dict.fromkeys("ef", "map"),
    "g": "video",
    **dict.fromkeys("ij", "audio"),
    "k": "image",
    "l": "electronic",
    **dict.fromkeys("mr", "mixed"),
}


def project_unimarc(record: Record) -> Projection:
    """Describe a UNIMARC record."""
    heading = record.of("200")[0] if record.of("200") else Field("200")
    coded = record.first("100", "a")
    price = record.first("010", "d") or record.first("011", "d") or record.first("905", "r")
    classes = distinct(value.strip() for value in record.all("690", "a"))
    return Projection(
        dialect=record.dialect,
        kind=record.kind,
        material=material(record),
        control_number=record.first("001") or record.first("001", "a"),
        source=record.first("801", "b") or record.first("003"),
        agency=record.first("801", "b"),
        title=unmarked(heading.first("a")),
        title_rest=unmarked(heading.joined("e", " : ")),
        part_number=heading.joined("h"),
        part_name=heading.joined("i"),
        other_titles=_other_titles(record, heading),
        responsibility=" ; ".join(v.strip() for v in heading.all("fg") if v.strip()),
        authors=tuple(
            _author(field, record.dialect) for field in record.of(*NAMES) if field.first("a")
        ),
        place=unbracketed(record.first("210", "a")),
        publisher=unbracketed(record.first("210", "c")),
        date=record.first("210", "d").strip(),
        year=year_in(record.first("210", "d"), record.first("210", "h"), coded[9:13]),
        edition=trimmed(record.first("205", "a")),
        extent=_extent(record),
        series=distinct(map(_series, record.of("225"))) or distinct(map(linked_title, record.of("410"))),
        host=next(filter(None, map(linked_title, record.of("461", "462", "463"))), ""),
        isbns=tuple(_isbns(record)),
        issns=distinct(issn(value) for value in record.all("011", "a")),
        languages=distinct(value.strip().lower() for value in record.all("101", "a")),
        country=record.first("102", "a"),
        subjects=distinct(map(_subject, record.of(*SUBJECTS))),
        clc=classes or distinct(filter(is_clc, record.all("905", "d") + record.all("090", "a"))),
        lcc=distinct(record.all("680", "a")),
        ddc=distinct(record.all("676", "a")),
        other_classes=distinct(record.all("692", "a") + record.all("675", "a")),
        call_number=call_number(record),
        summary=" ".join(record.all("330", "a")).strip(),
        notes=distinct(value.strip() for tag in NOTES for value in record.all(tag, "a")),
        frequency=record.first("326", "a"),
        numbering=record.first("207", "a"),
        addresses=distinct(record.all("856", "u")),
        price_text=price.strip(),
        price_fen=price_fen(price),
    )


def material(record: Record) -> str:
    """What kind of thing it is, from type and level of the leader."""
    if record.leader[7:8] == "s":
        return "serial"
    if record.leader[6:7] == "a" and record.first("135", "a"):
        return "electronic"
    return MATERIALS.get(record.leader[6:7], "book")


def call_number(record: Record) -> str:
    """The whole call number: 905 $s, else class and book number put together."""
    for field in record.of("905", "090"):
        if whole := field.first("s" if field.tag == "905" else "u").strip():
            return whole
        codes = "de" if field.tag == "905" else "ab"
        class_mark, book = (field.first(code).strip() for code in codes)
        if class_mark and book:
            return f"{class_mark}/{book}"
    return ""


def _author(field: Field, dialect: str) -> Author:
    body = field.tag in ("710", "711", "712", "720", "721", "722")
    kind = "person"
    if body:
        kind = "meeting" if field.indicators[:1] == "1" else "body"
    parts = [unmarked(value).strip(" ,") for value in field.all("ab")]
    name = (", " if field.indicators[1:2] == "1" else " ").join(filter(None, parts))
    qualifier = field.first("c").strip() if not body else ""
    if qualifier.startswith(("(", "（", "[")):
        name = f"{qualifier}{name}"
    return Author(
        name=name,
        role=field.joined("4", ", "),
        dates=field.first("f").strip(" ()"),
        kind=kind,
        primary=field.tag in ("700", "701", "710", "711"),
        other_form=field.first(PINYIN).strip() if dialect == CNMARC else "",
    )


def _other_titles(record: Record, heading: Field) -> tuple[OtherTitle, ...]:
    pinyin = PINYIN if record.dialect == CNMARC else ""
    found = [OtherTitle("parallel", value.strip()) for value in heading.all("d")]
    found += [OtherTitle("contained", value.strip()) for value in heading.all("a")[1:]]
    found += [OtherTitle("pinyin", value.strip()) for value in heading.all(pinyin)[:1]]
    for tag, kind in TITLES.items():
        for field in record.of(tag):
            text = linked_title(field) if tag.startswith("4") else field.joined("ahi", ". ")
            found.append(OtherTitle(kind, unmarked(text)))
            found += [OtherTitle("pinyin", value.strip()) for value in field.all(pinyin)[:1]]
    return tuple(title for title in dict.fromkeys(found) if title.text)


def _isbns(record: Record) -> list[Isbn]:
    found = [
        Isbn(raw.strip(), isbn13(raw), field.first("b").strip())
        for field in record.of("010")
        for raw in field.all("a")
        if raw.strip()
    ]
    return list(dict.fromkeys(found))


def _series(field: Field) -> str:
    name = unmarked(field.joined("ahi", ". "))
    volume = field.first("v").strip()
    return f"{name} ; {volume}" if name and volume else name


def linked_title(field: Field) -> str:
    """The title in a linking field, plain ($t) or with whole fields embedded behind $1."""
    embedded = ""
    for code, value in field.subfields:
        if code == "1":
            embedded = value[:3]
            # Some systems write the embedded subfields with another delimiter in one $1.
            if embedded == "200" and len(value) > 6 and value[5] in "$|@" and value[6] == "a":
                return value[7:].split(value[5])[0].strip()
        elif code == "t" or (code == "a" and embedded in ("", "200", "500")):
            return value.strip()
    return ""


def _subject(field: Field) -> str:
    if field.tag == "610":
        return field.joined("a", " ")
    main = field.joined("ab", ", " if field.tag == "600" else " ")
    return "-".join(filter(None, [main, *(value.strip() for value in field.all("xyzj"))]))


def _extent(record: Record) -> str:
    field = record.of("215")[0] if record.of("215") else Field("215")
    text = field.joined("a", ", ")
    for code, lead in (("c", " : "), ("d", " ; "), ("e", " + ")):
        if part := field.joined(code, ", "):
            text += lead + part
    return text
