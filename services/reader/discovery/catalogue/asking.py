"""What a patron asks of the catalogue: read from the address, which is all the state there is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from services.reader.desk.codes import clean
from services.reader.discovery.catalogue import numbers
from services.reader.discovery.catalogue.prefixes import Field, read
from services.reader.discovery.catalogue.rules import sort_title
from shared import search
from shared.i18n import N_

SIZES = (20, 50, 100)
LONGEST = 200


class Sort(StrEnum):
    """In which order."""

    relevance = "relevance"
    newest = "year"
    titles = "title"
    shelf = "call"
    added = "added"


FIELDS: dict[Field, str] = {
    Field.any: N_("任意词"), Field.titles: N_("题名"), Field.author: N_("责任者"), Field.isbn: N_("ISBN/ISSN"),
    Field.call: N_("索书号"), Field.subject: N_("主题"),
    Field.publisher: N_("出版者"),
}
SORTS: dict[Sort, str] = {
    Sort.relevance: N_("相关度"), Sort.newest: N_("出版年（新到旧）"), Sort.titles: N_("题名"),
    Sort.shelf: N_("索书号"), Sort.added: N_("最近入藏"),
}
FACETS: tuple[str, ...] = ("free", "location", "material", "language", "clc", "decade")
_WEIGHT = {Field.titles: "A", Field.author: "B", Field.subject: "C", Field.publisher: "C"}
_YEARS = re.compile(r"([0-9]{1,4})?-([0-9]{1,4})?")
_TERM = re.compile(r"'(\w+)'(:\*)?")
# A short word with more words behind it was typed to its end: `in the days`, not `india… the… days…`.
_SHORT = re.compile(r"'([a-z]{1,3})':\*(?=[^&]*&)")


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked, in the terms of the index; `None` where a way does not apply.

    `tsquery`, `calls` and `barcode` are ways of which one is enough; `within` and `phrases` must be met besides.
    `alone`: the words are all there is to the question.
    """

    tsquery: str | None = None
    calls: tuple[str, str] | None = None
    barcode: str | None = None
    whole_title: str = ""
    within: tuple[str, str] | None = None
    phrases: tuple[str, ...] = ()
    alone: bool = False

    @property
    def hopeless(self) -> bool:
        """Something was typed, but nothing in it can be looked for."""
        return not (self.tsquery or self.calls or self.barcode or self.within)


@dataclass(frozen=True, slots=True)
class Asked:
    """One search."""

    q: str = ""
    where: Field = Field.any
    sort: Sort | None = None
    chosen: Mapping[str, str] = field(default_factory=dict)
    page: int = 1
    size: int = SIZES[0]

    @property
    def something(self) -> bool:
        """Whether anything was asked at all; else the page invites."""
        return bool(self.q or self.chosen)

    @property
    def order(self) -> Sort:
        """The order asked for, else the one that suits the question."""
        if self.sort and not (self.sort is Sort.relevance and not self.q):
            return self.sort
        if self.where is Field.call:
            return Sort.shelf
        return Sort.relevance if self.q else Sort.added

    @property
    def params(self) -> dict[str, Any]:
        """The address that asks the same, first page."""
        found: dict[str, Any] = {"q": self.q} if self.q else {}
        if self.where is not Field.any:
            found["in"] = self.where.value
        if self.sort:
            found["sort"] = self.sort.value
        if self.size != SIZES[0]:
            found["size"] = self.size
        return {**found, **self.chosen}

    def with_q(self, q: str) -> Asked:
        """The same question about other words."""
        return replace(self, q=q, page=1)

    @property
    def terms(self) -> Terms:
        """The question in terms of the index."""
        return terms(self.q, self.where)


def asked(params: Mapping[str, Any]) -> Asked:
    """The search an address asks for; what makes no sense in it is left out."""
    query = {name: str(value).replace("\0", "") for name, value in params.items()}
    chosen = {name: query[name].strip()[:80] for name in FACETS if query.get(name, "").strip()}
    if chosen.get("free", "1") != "1":
        del chosen["free"]
    if not re.fullmatch(r"-?[0-9]{1,4}", chosen.get("decade", "0")):
        del chosen["decade"]
    if years := years_of(query):
        chosen["years"] = years
    where, sort = query.get("in", ""), query.get("sort", "")
    return Asked(
        q=" ".join(query.get("q", "").split())[:LONGEST],
        where=Field(where) if where in set(Field) else Field.any,
        sort=Sort(sort) if sort in set(Sort) else None, chosen=chosen,
        page=_number(query.get("page", ""), 1, 500), size=_size(query.get("size", "")),
    )


def years_of(query: Mapping[str, str]) -> str:
    """The span of years an address or its two boxes name: `1990-1999`, `1990-`, `-1960`; nothing else."""
    low, high = query.get("from", "").strip(), query.get("to", "").strip()
    text = f"{low}-{high}" if low or high else query.get("years", "").strip()
    found = _YEARS.fullmatch(text)
    return text if found and len(text) > 1 else ""


def terms(q: str, where: Field) -> Terms:
    """How the words are to be looked for."""
    reading = read(q, where)
    if len(reading.parts) == 1 and not reading.phrases:
        return _terms(reading.parts[0][1], reading.parts[0][0])
    found = [_terms(words, field) for field, words in reading.parts]
    if any(one.hopeless for one in found):
        return Terms()
    spans = [one.calls for one in found if one.calls and not one.tsquery]
    return Terms(
        tsquery=" & ".join(f"({one.tsquery})" for one in found if one.tsquery) or None,
        within=(max(low for low, _high in spans), min(high for _low, high in spans)) if spans else None,
        phrases=reading.phrases, whole_title=next((one.whole_title for one in found if one.whole_title), ""),
    )


def _terms(q: str, where: Field) -> Terms:
    if not q:
        return Terms()
    if where is Field.isbn:
        return Terms(tsquery=_standard_number(q))
    if where is Field.call:
        return Terms(calls=numbers.call_span(q))
    if long := numbers.isbn13(q) or numbers.issn(q):
        return Terms(tsquery=f"'{long.lower()}':B", barcode=clean(q) if where is Field.any else None)
    asks = _SHORT.sub(r"'\1'", search.query(q))
    if where in _WEIGHT:
        asks = weighted(asks, _WEIGHT[where])
        return Terms(tsquery=asks or None, whole_title=sort_title(q) if where is Field.titles else "")
    return Terms(
        tsquery=asks or None,
        calls=numbers.call_span(q) if numbers.looks_like_call(q) else None,
        barcode=clean(q) if _like_barcode(q) else None, whole_title=sort_title(q), alone=True,
    )


def weighted(tsquery: str, weight: str) -> str:
    """The same query, satisfied only by words of that weight."""
    return _TERM.sub(lambda m: f"'{m[1]}':{'*' if m[2] else ''}{weight}", tsquery)


def _standard_number(q: str) -> str | None:
    if exact := numbers.isbn13(q) or numbers.issn(q):
        return f"'{exact.lower()}':B"
    digits = numbers.compact(q).lower()
    return f"'{digits}':*B" if len(digits) >= 3 else None


def _like_barcode(q: str) -> bool:
    code = clean(q)
    return code.isascii() and 4 <= len(code) <= 30 and any(c.isdigit() for c in code) and code.isalnum()


def _number(text: str, low: int, high: int) -> int:
    return min(max(int(text), low), high) if text.isdecimal() and len(text) < 9 else low


def _size(text: str) -> int:
    return int(text) if text in {str(size) for size in SIZES} else SIZES[0]
