"""A record as simple Dublin Core, from its projection: one crosswalk for every dialect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape

from services.resources.cataloguing.marc.characters import clean

DC = "http://purl.org/dc/elements/1.1/"
# The DCMI type vocabulary; a film and a picture are both images there.
TYPES = {
    "book": "Text", "serial": "Text", "map": "StillImage", "score": "Text", "audio": "Sound", "video": "MovingImage",
    "image": "StillImage", "electronic": "InteractiveResource", "mixed": "Collection",
}


def elements(told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Name and text of each element, in the order of the Dublin Core set."""
    part = " ".join(filter(None, (told.get("part_number"), told.get("part_name"))))
    head = ". ".join(filter(None, (told.get("title"), part)))
    yield "title", " : ".join(filter(None, (head, told.get("title_rest"))))
    yield "title", told.get("title_vernacular", "")
    for other in told.get("other_titles", ()):
        if other["kind"] != "pinyin":
            yield "title", other["text"]
    authors = told.get("authors", ())
    for author in authors:
        yield ("creator" if author["primary"] else "contributor"), author["name"]
    if not authors:
        yield "creator", told.get("responsibility", "")
    for name in ("subjects", "clc", "lcc", "ddc"):
        for text in told.get(name, ()):
            yield "subject", text
    yield "description", told.get("summary", "")
    for text in told.get("notes", ())[:8]:
        yield "description", text
    yield "publisher", told.get("publisher", "")
    yield "date", str(told.get("year") or told.get("date") or "")
    yield "type", TYPES.get(told.get("material", ""), "Text")
    yield "format", told.get("extent", "")
    for number in told.get("isbns", ()):
        yield "identifier", f"URN:ISBN:{number['isbn13']}" if number["isbn13"] else f"ISBN {number['raw']}"
    for text in told.get("issns", ()):
        yield "identifier", f"URN:ISSN:{text}"
    for text in told.get("addresses", ()):
        yield "identifier", text
    for text in told.get("languages", ()):
        yield "language", text
    for text in told.get("series", ()):
        yield "relation", text
    yield "relation", told.get("host", "")


def to_xml(told: Mapping[str, Any], container: str, identifier: str = "") -> str:
    """The elements inside `container`, an opening tag that declares the prefix `dc`; its name closes it."""
    found = dict.fromkeys((name, clean(text).strip()) for name, text in elements(told))
    lines = [f"<dc:{name}>{escape(text)}</dc:{name}>" for name, text in found if text]
    if identifier:
        lines.append(f"<dc:identifier>{escape(identifier)}</dc:identifier>")
    name = container[1:].split(maxsplit=1)[0]
    return f"{container}{''.join(lines)}</{name}>"
