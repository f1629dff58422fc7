"""Is it the same work, and is the record good enough to release?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from services.resources.cataloguing.marc.description import Projection
from shared.i18n import N_

REQUIRED: Mapping[str, str] = {
    "title": N_("题名"),
    "number": N_("标准书号或说明其缺失的附注"),
    "language": N_("语种"),
    "imprint": N_("出版发行项"),
    "class": N_("分类号"),
    "agency": N_("记录来源"),
}
"""What a record must say before it is released (CNMARC 200, 010 or note, 101, 210, 690, 801)."""

_WORDLESS = re.compile(r"[^\w]+|_")
_DIGITS = re.compile(r"[0-9]+")


def match_keys(projection: Projection) -> tuple[str, ...]:
    """Keys under which a duplicate would be found, the surest first.

    `id:` equal means the same record, `isbn:` and `issn:` (with title, volume and year) the same
    edition; `title:` is for numberless works and only worth a question to the cataloguer.
    """
    keys = []
    # Without a source the same number in two files says nothing.
    if projection.control_number and (source := normal(projection.source)):
        keys.append(f"id:{source}|{projection.control_number.strip().lower()}")
    work = "|".join((normal(projection.title), volume_of(projection), str(projection.year or "")))
    keys += [f"isbn:{n.isbn13}|{work}" for n in projection.isbns if n.isbn13]
    keys += [f"issn:{number}|{work}" for number in projection.issns]
    if projection.title and not (projection.isbn or projection.issns):
        author = projection.authors[0].name if projection.authors else projection.responsibility
        keys.append(f"title:{work}|{normal(author)}|{normal(projection.publisher)}")
    return tuple(dict.fromkeys(keys))


def likeness(projection: Projection) -> tuple[str, ...]:
    """Title, volume, year, author and publisher in one key, numbers or not: `like:title|volume|year|author|publisher`.

    A record of which half of it is unknown is like too many.
    """
    author = projection.authors[0].name if projection.authors else projection.responsibility
    title, by, publisher = normal(projection.title), normal(author), normal(projection.publisher)
    if not title or not (by or publisher):
        return ()
    return (f"like:{title}|{volume_of(projection)}|{projection.year or ''}|{by}|{publisher}",)


def normal(text: str) -> str:
    """Text as it is compared: one width, one case, no accents, punctuation or blanks."""
    parts = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(mark for mark in parts if not unicodedata.combining(mark))
    return _WORDLESS.sub("", plain)


def volume_of(projection: Projection) -> str:
    """The volume as a number where it has one, so that 第3卷 and v. 3 agree."""
    part = projection.part_number
    if found := _DIGITS.findall(unicodedata.normalize("NFKC", part)):
        return ".".join(str(int(number)) for number in found)
    return normal(part) or normal(projection.part_name)


def completeness(projection: Projection) -> list[str]:
    """The required elements the record lacks, as keys of `REQUIRED` in their order."""
    present = {
        "title": projection.title,
        "number": projection.isbns or projection.issns or projection.price_text or projection.notes,
        "language": projection.languages,
        "imprint": projection.place or projection.publisher or projection.date,
        "class": projection.clc
        or (projection.dialect == "marc21" and (projection.lcc or projection.ddc)),
        "agency": projection.agency,
    }
    return [element for element in REQUIRED if not present[element]]
