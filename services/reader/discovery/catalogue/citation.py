"""How others cite the work: GB/T 7714 in words, COinS for reference managers."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from services.reader.discovery.catalogue.model import CatalogueRecord
from services.reader.discovery.catalogue.vocabulary import material_of

_HAN = re.compile(r"[\u3400-\u9fff]")
# Dates of life, nationality in brackets, "著" behind the name: parts of a heading, not of a name.
_APPENDED = re.compile(r"[\[(（〔][^\])）〕]*[\])）〕]|,?\s*\d{3,4}\??-(?:\d{3,4})?\??\.?|,\s*$")
_ROLE = re.compile(r"\s*(?:主编|编著|编译|选编|校注|编|著|译|撰|注|绘)$")
_NUMBER = re.compile(r"\d+")
MOST_AUTHORS = 3
GENRES = {"serial": "journal", "newspaper": "journal", "conference": "conference", "report": "report"}
FIRST_EDITION = {"1", "第1版", "第一版", "1版", "1st ed.", "1st ed"}


def cited_name(heading: str) -> str:
    """A name as GB/T 7714 wants it: 余华; JEFFERSON T."""
    name = " ".join(_APPENDED.sub("", heading).split()).strip(" ,;.")
    if _HAN.search(name):
        return _ROLE.sub("", name).replace(",", "").replace(" ", "")
    family, comma, given = name.partition(",")
    if not comma:
        return name
    initials = " ".join(part[0] for part in re.split(r"[\s.\-]+", given) if part[:1].isalpha())
    return f"{family.strip()} {initials}".strip().upper()


def plain_name(heading: str) -> str:
    """The name alone, in the heading's order: 余华; Jefferson, Thomas."""
    name = " ".join(_APPENDED.sub("", heading).split()).strip(" ,;")
    return _ROLE.sub("", name) if _HAN.search(name) else name


def cited_names(record: CatalogueRecord) -> str:
    """At most three names, then 等 or et al."""
    names = [name for name in map(cited_name, record.authors) if name]
    if not names:
        return ""
    more = ("等" if _HAN.search("".join(names)) else "et al") if len(names) > MOST_AUTHORS else ""
    return ", ".join([*names[:MOST_AUTHORS], *([more] if more else [])])


def citation(record: CatalogueRecord) -> str:
    """The reference by GB/T 7714: names. title[mark]. edition. place: publisher, year.

    A standard and a patent carry their number, which records keep as the number of a series.
    """
    title = record.title + (f": {record.title_rest}" if record.title_rest else "")
    mark = material_of(record.material).mark
    if mark in {"S", "P"} and (number := next(iter(record.series), "")):
        title = f"{title}: {number}"
    edition = record.edition if record.edition.strip().lower() not in FIRST_EDITION else ""
    imprint = ": ".join(filter(None, (record.place.strip(" :[]"), record.publisher.strip(" ,"))))
    issued = ", ".join(filter(None, (imprint, str(record.year or ""))))
    parts = [cited_names(record), f"{title}[{mark}]", edition.strip(" ."), issued]
    return ". ".join(part.rstrip(". ") for part in parts if part) + "."


def coins(record: CatalogueRecord) -> str:
    """The OpenURL of the work, for the `title` of an empty `Z3988` span."""
    serial = record.material in {"serial", "newspaper"}
    pairs = [
        ("ctx_ver", "Z39.88-2004"), ("rft_val_fmt", f"info:ofi/fmt:kev:mtx:{'journal' if serial else 'book'}"),
        ("rft.genre", GENRES.get(record.material, "book")), ("rft.jtitle" if serial else "rft.btitle", record.title),
        *(("rft.au", _APPENDED.sub("", name).strip(" ,")) for name in record.authors[:5]),
        ("rft.pub", record.publisher), ("rft.place", record.place), ("rft.date", str(record.year or "")),
        ("rft.edition", record.edition), *(("rft.isbn", isbn) for isbn in record.isbns[:1]),
        *(("rft.issn", issn) for issn in record.issns[:1]),
    ]
    return urlencode([(name, value) for name, value in pairs if value])
