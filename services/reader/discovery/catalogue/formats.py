"""A work as reference managers take it up: BibTeX, RIS, EndNote (tagged). One record or a list of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from services.reader.discovery.catalogue.citation import citation, plain_name
from services.reader.discovery.catalogue.model import CatalogueRecord
from services.reader.discovery.catalogue.vocabulary import material_of

_TEX = {"\\": r"\textbackslash{}", **{c: "\\" + c for c in "&%$#_{}"}, "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
# The mark of GB/T 7714 → (BibTeX entry, RIS type, EndNote type).
_TYPES: dict[str, tuple[str, str, str]] = {
    "M": ("book", "BOOK", "Book"), "C": ("proceedings", "CONF", "Conference Proceedings"),
    "J": ("periodical", "JFULL", "Journal"), "N": ("periodical", "NEWS", "Newspaper Article"),
    "D": ("phdthesis", "THES", "Thesis"), "R": ("techreport", "RPRT", "Report"),
    "S": ("techreport", "STAND", "Standard"), "P": ("misc", "PAT", "Patent"), "CM": ("misc", "MAP", "Map"),
    "A": ("misc", "SOUND", "Audiovisual Material"), "EB": ("misc", "ELEC", "Web Page"),
}
_OTHER = ("misc", "GEN", "Generic")


def _line(text: str) -> str:
    """One line without control characters: a line break in a title would begin another field."""
    return " ".join("".join(c if unicodedata.category(c)[0] != "C" else " " for c in text).split())


def _full_title(record: CatalogueRecord) -> str:
    return _line(record.title + (f": {record.title_rest}" if record.title_rest else ""))


def _tex(text: str) -> str:
    return "".join(_TEX.get(c, c) for c in _line(text))


def _names(record: CatalogueRecord) -> list[str]:
    return [name for name in (_line(plain_name(heading)) for heading in record.authors) if name]


def bibtex(record: CatalogueRecord) -> str:
    """One BibTeX entry (UTF-8, as biber and today's BibTeX read it), keyed by the record's number."""
    entry = _TYPES.get(material_of(record.material).mark, _OTHER)[0]
    issued_by = {"phdthesis": "school", "techreport": "institution"}.get(entry, "publisher")
    fields = [
        ("title", "{" + _tex(_full_title(record)) + "}"), ("author", " and ".join(_tex(name) for name in _names(record))),
        (issued_by, _tex(record.publisher)), ("address", _tex(record.place.strip(" :[]"))), ("year", str(record.year or "")),
        ("edition", _tex(record.edition)), ("series", _tex("; ".join(record.series))),
        ("isbn", ", ".join(record.isbns)), ("issn", ", ".join(record.issns)), ("language", _tex(record.language)),
        ("keywords", _tex(", ".join(record.subjects))),
    ]
    key = re.sub(r"[^A-Za-z0-9]", "", record.number) or "record"
    return f"@{entry}{{{key},\n" + "".join(f"  {name} = {{{value}}},\n" for name, value in fields if value) + "}\n"


def ris(record: CatalogueRecord) -> str:
    """One RIS entry; its lines end as the format asks, with CR LF."""
    pairs = [
        ("TY", _TYPES.get(material_of(record.material).mark, _OTHER)[1]), ("TI", _full_title(record)),
        *(("AU", name) for name in _names(record)), ("PB", record.publisher), ("CY", record.place.strip(" :[]")),
        ("PY", str(record.year or "")), ("ET", record.edition), *(("T3", series) for series in record.series),
        *(("SN", number) for number in [*record.isbns, *record.issns]), ("LA", record.language),
        *(("KW", subject) for subject in record.subjects), ("CN", record.call_number), ("ID", record.number),
    ]
    return "".join(f"{tag}  - {_line(value)}\r\n" for tag, value in pairs if value.strip()) + "ER  - \r\n"


def endnote(record: CatalogueRecord) -> str:
    """One EndNote entry in its tagged form (.enw)."""
    pairs = [
        ("0", _TYPES.get(material_of(record.material).mark, _OTHER)[2]), ("T", _full_title(record)),
        *(("A", name) for name in _names(record)), ("I", record.publisher), ("C", record.place.strip(" :[]")),
        ("D", str(record.year or "")), ("7", record.edition), *(("B", series) for series in record.series),
        *(("@", number) for number in [*record.isbns, *record.issns]), ("G", record.language),
        *(("K", subject) for subject in record.subjects), ("L", record.call_number),
    ]
    return "".join(f"%{tag} {_line(value)}\n" for tag, value in pairs if value.strip())


@dataclass(frozen=True, slots=True)
class Format:
    """A way to take references away."""

    label: str
    suffix: str
    media: str
    write: Callable[[CatalogueRecord], str]


FORMATS: dict[str, Format] = {
    "gbt7714": Format("GB/T 7714", "txt", "text/plain", citation),
    "bibtex": Format("BibTeX", "bib", "application/x-bibtex", bibtex),
    "ris": Format("RIS", "ris", "application/x-research-info-systems", ris),
    "endnote": Format("EndNote", "enw", "application/x-endnote-refer", endnote),
}


def exported(records: Iterable[CatalogueRecord], name: str) -> str:
    """These records in that format; the numeric style of GB/T 7714 counts them."""
    written = [FORMATS[name].write(record) for record in records]
    if name == "gbt7714":
        return "".join(f"[{n}] {text}\n" for n, text in enumerate(written, 1))
    return "\n".join(written)
