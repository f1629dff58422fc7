"""The catalogue as objects, because a misspelt duty must fail where it is named."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from shared.i18n import language

CATALOGUE = Path(__file__).with_name("catalogue.json")
PEOPLE = Path(__file__).with_name("posts.json")


@dataclass(frozen=True, slots=True)
class Cadence:
    """How often a duty falls due.

    `event` cadences have no period of their own: `on` says what sets the date (a roster, a plan,
    a schedule the library keeps, a meeting, work at off-hours).
    """

    kind: Literal["daily", "weekly", "monthly", "term", "yearly", "event"]
    minutes: int | None = None
    fixed: bool = False
    on: str | None = None


@dataclass(frozen=True, slots=True)
class Duty:
    """One duty of one post; `rank` and `subpost` narrow whose duty it is.

    `department` is where the post sits, `service` where the work is done: they may differ.
    """

    id: str
    department: str
    post: str
    group: str | None
    rank: Literal["senior", "mid"] | None
    subpost: str | None
    tail: bool
    cadence: tuple[Cadence, ...]
    capability: str
    service: str
    title_zh: str
    title_en: str


@dataclass(frozen=True, slots=True)
class SubPost:
    """A place inside a post; an exclusive one has exactly one holder at a time."""

    code: str
    zh: str
    en: str
    exclusive: bool = False


@dataclass(frozen=True, slots=True)
class Post:
    """A post people hold, in one department."""

    code: str
    department: str
    zh: str
    en: str
    subposts: tuple[SubPost, ...] = ()

    def subpost(self, code: str) -> SubPost:
        """The sub-post of that code, or KeyError."""
        for one in self.subposts:
            if one.code == code:
                return one
        raise KeyError(f"{self.code} has no sub-post {code}")


@dataclass(frozen=True, slots=True)
class Department:
    """A department: `code` begins its posts, `slug` names its service."""

    code: str
    slug: str
    zh: str
    en: str


@cache
def duties() -> Mapping[str, Duty]:
    """All duties by id, in the order of the catalogue."""
    rows = json.loads(CATALOGUE.read_text(encoding="utf-8"))
    return MappingProxyType({row["id"]: _duty(row) for row in rows})


@cache
def posts() -> Mapping[str, Post]:
    """All posts by code."""
    found = {}
    for row in _people()["posts"]:
        subposts = tuple(SubPost(**one) for one in row["subposts"])
        found[row["code"]] = Post(**{**row, "subposts": subposts})
    return MappingProxyType(found)


@cache
def departments() -> Mapping[str, Department]:
    """All departments by slug."""
    return MappingProxyType({row["slug"]: Department(**row) for row in _people()["departments"]})


def duty(id: str) -> Duty:
    """The duty of that id, or KeyError: a screen or event named one that does not exist."""
    return duties()[id]


def title(duty: Duty, lang: str | None = None) -> str:
    """What people call the duty, in `lang` or the language of the request."""
    return duty.title_en if (lang or language()) == "en" else duty.title_zh


def name(thing: Post | SubPost | Department, lang: str | None = None) -> str:
    """What people call a post or department, in `lang` or the language of the request."""
    return thing.en if (lang or language()) == "en" else thing.zh


def _duty(row: dict[str, Any]) -> Duty:
    return Duty(**{**row, "cadence": tuple(Cadence(**one) for one in row["cadence"] or ())})


def _people() -> dict[str, Any]:
    return json.loads(PEOPLE.read_text(encoding="utf-8"))  # type: ignore[no-any-return]
