"""What a record becomes when patrons search it."""

from __future__ import annotations

from typing import Any

from services.reader.discovery.catalogue.numbers import call_key, compact, isbn10, isbn13
from services.reader.discovery.catalogue.vocabulary import CLASSES, SAME_LANGUAGE
from shared.events.resources import Bibliographic
from shared.search import fold, vector

LONGEST_SUMMARY = 2000


def sort_title(title: str) -> str:
    """The title as lists are ordered: folded, without what stands before its first word."""
    return fold(title).lstrip(" \"'“‘《〈【[(").strip()[:200]


def main_class(clc: str, call_number: str) -> str:
    """The letter of the main class; a Dewey number has none."""
    for text in (clc, call_number):
        mark = text.strip().lstrip("[").upper()
        if mark[:1] in CLASSES and (len(mark) == 1 or not mark[:3].isalpha()):
            return mark[0]
    return ""


def search_vector(fact: Bibliographic) -> str:
    """The `tsvector` of a record: titles first, then people and numbers, then class and subject.

    An ISBN is there in both its forms, so that either finds the book.
    """
    numbers = []
    for text in fact.isbns:
        long = isbn13(text)
        numbers += [long, isbn10(long)] if long else [compact(text)]
    numbers += [compact(text) for text in fact.issns]
    return vector([
        (f"{fact.title} {fact.title_rest}", "A", True),
        *((text, "A", True) for text in fact.other_titles[:8]),
        (" ".join(fact.authors), "B", True),
        (fact.responsibility, "B", True),
        (" ".join(fact.also), "B", True),
        (" ".join(filter(None, numbers)), "B", False),
        (" ".join([fact.call_number, fact.clc, fact.publisher, *fact.series]), "C", False),
        (" ".join(fact.subjects), "C", True),
        (fact.summary_text[:LONGEST_SUMMARY], "D", False),
    ])


def row(fact: Bibliographic) -> dict[str, Any]:
    """The columns the catalogue's fact decides."""
    language = fact.language.strip().lower()
    return {
        "instance_id": fact.instance_id, "number": fact.number, "title": fact.title,
        "title_rest": fact.title_rest, "other_titles": list(fact.other_titles),
        "responsibility": fact.responsibility, "authors": list(fact.authors), "publisher": fact.publisher,
        "place": fact.place, "year": fact.year, "edition": fact.edition, "extent": fact.extent,
        "series": list(fact.series), "isbns": list(fact.isbns), "issns": list(fact.issns),
        "language": SAME_LANGUAGE.get(language, language), "subjects": list(fact.subjects), "clc": fact.clc,
        "clc_main": main_class(fact.clc, fact.call_number), "call_number": fact.call_number,
        "call_key": call_key(fact.call_number), "material": fact.material or "book",
        "summary": fact.summary_text, "sort_title": sort_title(fact.title), "search": search_vector(fact),
    }
