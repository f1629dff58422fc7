"""What a record becomes in our tables, and when two records are one."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, Protocol

from services.resources.cataloguing.marc.description import Projection
from services.resources.cataloguing.marc.isbn import isbn13_to_10
from services.resources.cataloguing.marc.matching import likeness, match_keys, normal
from services.resources.cataloguing.marc.record import Record
from shared.events.resources import RecordAdded
from shared.i18n import N_
from shared.refusals import Refusal
from shared.search import fold, lexemes, vector

PROOFREADERS = ("RES-MGT", "RES-ACQ", "head-resources")


class NoDraft(Refusal):
    """Only drafts are released or thrown away."""

    code = "record.no-draft"
    message = N_("{number} 不是草稿，不必再办")


class DraftRecord(Refusal):
    """A record nobody has checked gets no copies yet."""

    code = "record.draft"
    message = N_("{number} 还是草稿，校对发布后才能加册")


class NoReason(Refusal):
    """Hiding a record is explained."""

    code = "record.no-reason"
    status = 422
    message = N_("请写明屏蔽的理由")


def digest(raw: bytes) -> str:
    """What makes two byte strings the same record, wherever they came from."""
    return hashlib.sha256(raw).hexdigest()


def keys(found: Projection) -> tuple[str, ...]:
    """Match keys, cut to what an index takes; the last is what the whole description comes to (`likeness`)."""
    every = (*match_keys(found), *likeness(found))
    return tuple(key if len(key) <= 400 else key[:300] + digest(key.encode()) for key in every)


LIKE = "like:"


def sure(keys: Iterable[str]) -> list[str]:
    """The keys a duplicate is told by; likeness alone is only worth a person's look."""
    return [key for key in keys if not key.startswith(LIKE)]


def same_work(title: str, other: str) -> bool:
    """A shared key is a duplicate only when the titles agree: control numbers repeat across libraries."""
    return normal(title) == normal(other)


_NUMBERLIKE = re.compile(r"[0-9][0-9 \-‐‑–]{7,20}[0-9Xx]")


def as_number(typed: str) -> str:
    """What was typed, without the hyphens of an ISBN: those numbers are indexed in one piece."""
    plain = re.sub(r"[^0-9Xx]", "", typed) if _NUMBERLIKE.fullmatch(typed.strip()) else ""
    return plain if len(plain) in (10, 13) else typed


MATERIALS: Mapping[str, str] = {
    "book": N_("图书"), "serial": N_("期刊"), "map": N_("地图"), "score": N_("乐谱"), "audio": N_("录音"),
    "video": N_("录像"), "image": N_("图片"), "electronic": N_("电子资源"), "mixed": N_("综合资料"),
}
TITLES: Mapping[str, str] = {
    "parallel": N_("并列题名"), "vernacular": N_("原文题名"), "pinyin": N_("拼音题名"), "uniform": N_("统一题名"),
    "variant": N_("其他题名"), "former": N_("前题名"), "later": N_("后题名"), "contained": N_("所含作品"),
}


def other_titles(found: Projection) -> list[str]:
    """Titles the work is also known by."""
    return [other.text for other in found.other_titles]


def search_vector(found: Projection, call_number: str = "", also: Sequence[str] = ()) -> str:
    """The `tsvector` literal of a record: title first, then people and numbers, the rest, and what fields ask for."""
    people = [a.name for a in found.authors] + [a.other_form for a in found.authors if a.other_form]
    numbers = [n.isbn13 or n.raw.replace("-", "") for n in found.isbns]
    numbers += [ten for n in found.isbns if n.isbn13 and (ten := isbn13_to_10(n.isbn13))]
    return _fields(found) + " " + vector([
        (f"{found.title} {found.title_rest}", "A", True),
        (f"{found.part_number} {found.part_name} {found.title_vernacular}", "A", True),
        *((text, "A", True) for text in other_titles(found)[:8]),
        (" ".join(people), "B", True),
        (" ".join(also), "B", True),
        (found.responsibility, "B", False),
        (" ".join([*numbers, *found.issns]), "B", False),
        (" ".join([call_number, *found.clc, found.publisher, *found.series]), "C", False),
        (" ".join(found.subjects), "C", False),
        (found.summary[:2000], "D", False),
    ])


def class_key(mark: str) -> str:
    """A class mark as it is compared: beginnings are the classes above it, dots and brackets are only looks."""
    return re.sub(r"[.\s\[\]'\\\\]", "", fold(mark))[:40]


def marked(field: str, lexeme: str) -> str:
    """A lexeme of one field only; nobody can type the underscore, so plain searches never meet it."""
    return f"_{field}{lexeme}"


def _fields(found: Projection) -> str:
    """What searches by field look for: names, subjects, publisher, numbers, classes, languages, material."""
    names = [a.name for a in found.authors] + [a.other_form for a in found.authors] or [found.responsibility]
    texts = (("a", " ".join(names)), ("s", " ".join(found.subjects)), ("p", found.publisher))
    asked = {marked(field, one) for field, text in texts for one in lexemes(text)}
    numbers = [n.isbn13 or n.raw.replace("-", "") for n in found.isbns] + [n.replace("-", "") for n in found.issns]
    numbers += [ten for n in found.isbns if n.isbn13 and (ten := isbn13_to_10(n.isbn13))]
    asked |= {marked("n", fold(n)) for n in numbers if n.isalnum()}
    asked |= {marked("c", key) for mark in found.clc if (key := class_key(mark))}
    asked |= {marked("l", one) for one in found.languages if one.isalnum()} | {marked("m", found.material)}
    return " ".join(f"'{one}':1D" for one in sorted(asked))


def shown_title(found: Projection) -> str:
    """What lists, slips and events call the work: in Han script where the record has it."""
    part = " ".join(filter(None, (found.part_number, found.part_name)))
    return ". ".join(filter(None, (found.title_vernacular or found.title, part))) or "—"


class Told(Protocol):
    """A record as far as taking it out needs it."""

    fields: dict[str, Any]
    merged_into: Any


def told(record: Told) -> Record:
    """What others are given of a record; one that became part of another says that it is deleted (leader 05)."""
    marc = Record.from_json(record.fields)
    if record.merged_into is None:
        return marc
    leader = marc.leader.ljust(24)
    return replace(marc, leader=f"{leader[:5]}d{leader[6:]}")


def sort_title(title: str) -> str:
    """The title as lists are ordered."""
    return fold(title).lstrip(" \"'《〈【[(")[:200]


def as_json(found: Projection) -> dict[str, Any]:
    """The projection as it is stored and shown."""
    # Ten times as quick as `asdict`, which copies every text.
    return {
        **_plain(found), "isbns": [number._asdict() for number in found.isbns],
        "authors": [_plain(author) for author in found.authors],
        "other_titles": [_plain(other) for other in found.other_titles],
    }


def _plain(told: Any) -> dict[str, Any]:
    return {one.name: getattr(told, one.name) for one in fields(told)}


def added(instance_id: str, number: str, found: Projection, call_number: str, also: Sequence[str] = ()) -> RecordAdded:
    """The fact others learn of a record."""
    return RecordAdded(
        instance_id=instance_id, number=number, title=shown_title(found), title_rest=found.title_rest,
        other_titles=tuple(other_titles(found)[:8]), responsibility=found.responsibility,
        authors=tuple(a.name for a in found.authors[:20]), publisher=found.publisher, place=found.place,
        year=found.year, edition=found.edition, extent=found.extent, series=tuple(found.series[:5]),
        isbns=tuple(n.isbn13 or n.raw for n in found.isbns[:10]), issns=tuple(found.issns[:5]),
        language=found.language, subjects=tuple(found.subjects[:20]), clc=next(iter(found.clc), ""),
        call_number=call_number, material=found.material, summary_text=found.summary[:1000], also=tuple(also),
    )
