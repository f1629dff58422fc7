"""What the pages and the JSON of a search show: hits, facets in words, help when nothing is found."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.discovery.catalogue import queries
from services.reader.discovery.catalogue.asking import FACETS, SIZES, Asked
from services.reader.discovery.catalogue.availability import (
    Availability,
    availability_of,
    location_name,
)
from services.reader.discovery.catalogue.model import CatalogueRecord
from services.reader.discovery.catalogue.prefixes import Field
from services.reader.discovery.catalogue.spelling import corrections
from services.reader.discovery.catalogue.vocabulary import class_name, language_name, material_of
from shared.i18n import N_, _

FACET_NAMES: dict[str, str] = {
    "free": N_("在馆情况"), "location": N_("馆藏地"), "material": N_("文献类型"), "language": N_("语种"),
    "clc": N_("学科分类"), "decade": N_("出版年代"),
}
SHORT = 6
FEW = 3
_TAIL = re.compile(r"[\s,，、;；.。:：/]+$")


@dataclass(frozen=True, slots=True)
class Hit:
    """A work in a list, with where its copies are now."""

    record: CatalogueRecord
    state: Availability


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a facet: what it is called, how many, and the address that adds or removes it."""

    code: str
    label: str
    n: int
    params: dict[str, Any]
    on: bool = False


@dataclass(frozen=True, slots=True)
class Facet:
    """A way to narrow the results."""

    name: str
    label: str
    values: list[Value]


async def hits(session: AsyncSession, ids: Sequence[str]) -> list[Hit]:
    """These works with the present state of their copies."""
    found = await queries.records(session, ids)
    states = await availability_of(session, [record.instance_id for record in found])
    return [Hit(record, states[record.instance_id]) for record in found]


def value_name(facet: str, code: str, places: dict[str, str]) -> str:
    """A value of a facet in words."""
    if facet == "material":
        return _(material_of(code).label)
    if facet == "language":
        return language_name(code)
    if facet == "clc":
        return f"{code} {class_name(code)}"
    if facet == "decade":
        return _(N_("{year} 年代"), year=code)
    if facet == "years":
        low, _dash, high = code.partition("-")
        return _(N_("{low} 至 {high} 年出版"), low=low or "…", high=high or "…")
    return places.get(code, code) if facet == "location" else _(N_("在架可借"))


async def chosen(session: AsyncSession, asked: Asked, places: dict[str, str]) -> list[Value]:
    """The filters in force, each with the address without it."""
    found = []
    for name, code in asked.chosen.items():
        if name == "location" and code not in places:
            places[code] = await location_name(session, code)
        rest = {key: value for key, value in asked.params.items() if key != name}
        found.append(Value(code, value_name(name, code, places), 0, rest, on=True))
    return found


def facets(asked: Asked, found: queries.Found) -> list[Facet]:
    """The ways to narrow what was found; a way that narrows nothing is not offered."""
    shown = []
    for name in FACETS:
        counts = found.facets.get(name, [])
        if name in asked.chosen or not counts:
            continue
        if len(counts) == 1 and counts[0][1] >= found.looked:
            continue
        if name == "decade":
            counts = sorted(counts, key=lambda pair: -int(pair[0]))
        elif name == "clc":
            counts = sorted(counts)
        shown.append(Facet(name, _(FACET_NAMES[name]), [
            Value(code, value_name(name, code, found.places), n, {**asked.params, name: code})
            for code, n in counts
        ]))
    return shown


async def suggestions(session: AsyncSession, asked: Asked) -> list[tuple[str, int, dict[str, Any]]]:
    """When nothing is found: the question without its filters, without its field, without one of its words.

    Each is tried first, so that none leads to nothing again: (what to say, how many, address).
    """
    tries: list[tuple[str, Asked]] = []
    if asked.q and len(asked.q) <= 80:
        tries += [
            (_(N_("您是不是要找“{q}”"), q=q), replace(asked, q=q, chosen={}, page=1))
            for q in await corrections(session, asked.q)
        ]
    if asked.chosen:
        tries.append((_(N_("去掉筛选条件")), replace(asked, chosen={}, page=1)))
    if asked.where is not Field.any and asked.q:
        tries.append((_(N_("在任意词中查“{q}”"), q=asked.q), replace(asked, where=Field.any, chosen={}, page=1)))
    tries += [
        (_(N_("改查“{q}”"), q=fewer), replace(asked, q=fewer, where=Field.any, chosen={}, page=1))
        for fewer in _fewer_words(asked.q)
    ]
    found = []
    for said, attempt in tries[:7]:
        result = await queries.search(session, replace(attempt, size=1))
        if result.total:
            found.append((said, result.total, replace(attempt, sort=None).params))
        if len(found) == 3:
            break
    return found


async def meant(session: AsyncSession, asked: Asked, total: int) -> tuple[str, int, dict[str, Any]] | None:
    """When hardly anything is found, a spelling that finds more: (the question, how many, address)."""
    for q in await corrections(session, asked.q, most=2):
        attempt = replace(asked, q=q, page=1, size=SIZES[0])
        result = await queries.search(session, attempt)
        if result.total > total:
            return q, result.total, attempt.params
    return None


def _fewer_words(q: str) -> list[str]:
    """The question with one word left out, longest first; a single run of Han loses its end or its beginning."""
    words = [word for word in (_TAIL.sub("", word) for word in q.split()) if word]
    if len(words) > 1:
        shorter = {" ".join(words[:n] + words[n + 1:]) for n in range(len(words))}
        return sorted(shorter, key=lambda text: (-len(text), text))[:4]
    if len(q) >= 4 and not q.isascii():
        return [q[:-1], q[1:], q[: len(q) // 2]]
    return [q[: len(q) // 2 + 1]] if len(q) >= 6 else []


def record_json(hit: Hit) -> dict[str, Any]:
    """A work on the wire."""
    record = hit.record
    return {
        "instance_id": record.instance_id, "number": record.number, "title": record.title,
        "title_rest": record.title_rest, "responsibility": record.responsibility, "authors": record.authors,
        "publisher": record.publisher, "place": record.place, "year": record.year, "edition": record.edition,
        "extent": record.extent, "series": record.series, "isbns": record.isbns, "issns": record.issns,
        "language": record.language, "subjects": record.subjects, "clc": record.clc,
        "call_number": record.call_number, "material": record.material, "summary": record.summary,
        "availability": hit.state.as_json(), "url": f"/reader/catalogue/{record.number}",
    }
