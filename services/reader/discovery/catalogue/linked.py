"""What machines read of a record's page: schema.org as JSON-LD, Open Graph lines, the feed of new books."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from markupsafe import Markup

from services.reader.discovery.catalogue.availability import Availability
from services.reader.discovery.catalogue.citation import plain_name
from services.reader.discovery.catalogue.model import CatalogueRecord
from services.reader.discovery.catalogue.vocabulary import material_of
from shared.settings import LOCAL

_UNSAFE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
# schema.org's two-letter codes; others are left as the record has them.
_SHORT = {"chi": "zh", "eng": "en", "jpn": "ja", "rus": "ru", "ger": "de", "fre": "fr", "spa": "es", "ita": "it", "kor": "ko"}


def address(base: str, record: CatalogueRecord) -> str:
    """The permanent link of the record."""
    return f"{base}/reader/catalogue/{quote(record.number, safe='')}"


def about(record: CatalogueRecord, state: Availability, base: str) -> dict[str, Any]:
    """The record in terms of schema.org; nothing that is not known is said."""
    here = address(base, record)
    found: dict[str, Any] = {
        "@context": "https://schema.org", "@type": material_of(record.material).kind, "@id": here, "url": here,
        "name": record.title, "alternativeHeadline": record.title_rest, "alternateName": list(record.other_titles),
        "author": [{"@type": "Person", "name": plain_name(name)} for name in record.authors],
        "publisher": {"@type": "Organization", "name": record.publisher} if record.publisher else None,
        "datePublished": str(record.year or ""), "bookEdition": record.edition, "isbn": list(record.isbns),
        "issn": list(record.issns), "inLanguage": _SHORT.get(record.language, record.language),
        "about": list(record.subjects), "description": record.summary, "image": f"{here}/cover.svg",
    }
    if state.total:
        there = "InStock" if state.free else ("InStoreOnly" if state.spot else "OutOfStock")
        found["offers"] = {
            "@type": "Offer", "availability": f"https://schema.org/{there}", "businessFunction": "http://purl.org/goodrelations/v1#LeaseOut",
            "price": "0", "priceCurrency": "CNY",
        }
    return {name: value for name, value in found.items() if value}


def data_block(about: dict[str, Any]) -> Markup:
    """A data block for the page: browsers never run this type, so the content policy does not concern it."""
    text = json.dumps(about, ensure_ascii=False)
    for char, safe in _UNSAFE.items():
        text = text.replace(char, safe)
    return Markup(f'<script type="application/ld+json">{text}</script>')  # noqa: S704 - escaped above


def feed(records: Sequence[CatalogueRecord], *, base: str, here: str, title: str, by: str) -> str:
    """The new books as Atom: one entry a record, newest first, the address of each is permanent."""
    newest = max((record.added_at for record in records), default=None)
    entries = "".join(
        "<entry>"
        f"<id>{escape(address(base, record))}</id><title>{_text(record.title)}</title>"
        f"<link rel=\"alternate\" href={quoteattr(address(base, record))}/>"
        f"<updated>{record.added_at.isoformat()}</updated>"
        + "".join(f"<author><name>{_text(plain_name(name))}</name></author>" for name in record.authors[:3])
        + f"<summary>{_text(_line(record))}</summary>"
        + (f"<category term={quoteattr(record.clc_main)}/>" if record.clc_main else "") + "</entry>"
        for record in records
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
        f"<id>{escape(here)}</id><title>{_text(title)}</title><link rel=\"self\" href={quoteattr(here)}/>"
        f"<updated>{newest.isoformat() if newest else '1970-01-01T00:00:00+00:00'}</updated>"
        f"<author><name>{_text(by)}</name></author>{entries}</feed>\n"
    )


def _line(record: CatalogueRecord) -> str:
    day = record.added_at.astimezone(LOCAL).date().isoformat()
    return " · ".join(filter(None, (
        record.responsibility or "; ".join(record.authors), record.publisher, str(record.year or ""), record.call_number, day,
    )))


def _text(text: str) -> str:
    return escape("".join(c for c in text if c >= " " and c not in "\ufffe\uffff" and not "\ud800" <= c <= "\udfff"))
