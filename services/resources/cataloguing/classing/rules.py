"""The tree as it lies in the file, and what a class mark may look like."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from services.resources.cataloguing.marc.callnumbers import is_clc, sort_key
from shared.i18n import N_
from shared.refusals import Refusal

SOURCE = Path(__file__).parent / "clc.tsv.gz"
READERS = ("RES", "head-resources", "director")
FOUND_AT_MOST = 100
LONGEST = 40


class Class(NamedTuple):
    """One class: its code, its name, the class above."""

    code: str
    name: str
    parent: str


class NoClass(Refusal):
    """A call number begins with a class."""

    code = "classing.no-class"
    status = 422
    message = N_("“{text}”不是中图法分类号")


class Tree:
    """All classes, by code and by the class above."""

    def __init__(self, classes: Sequence[Class]) -> None:
        self.by_code: Mapping[str, Class] = {one.code: one for one in classes}
        self.plain: Mapping[str, Class] = {plain_mark(one.code): one for one in classes}
        self._below: dict[str, list[Class]] = {}
        for one in self.by_code.values():
            self._below.setdefault(one.parent, []).append(one)

    def below(self, code: str) -> list[Class]:
        """The classes right below one (the main classes below nothing), as they file."""
        return sorted(self._below.get(code, ()), key=lambda one: sort_key(one.code))

    def path(self, code: str) -> list[Class]:
        """The class and those above it, the highest first."""
        found: list[Class] = []
        one = self.by_code.get(code)
        while one is not None and one not in found:
            found.insert(0, one)
            one = self.by_code.get(one.parent)
        return found

    def nearest(self, mark: str) -> Class | None:
        """The class of a mark, or the nearest one above it that the tree has: auxiliary signs and finer numbers end somewhere."""
        plain = plain_mark(mark)
        for length in range(len(plain), 0, -1):
            if (one := self.plain.get(plain[:length])) is not None:
                return one
        return None

    def search(self, typed: str) -> list[Class]:
        """Classes whose code begins with what was typed, then those whose name has every word of it."""
        plain, words = plain_mark(typed), typed.split()
        if not words:
            return []
        by_code = [one for mark, one in self.plain.items() if plain and mark.startswith(plain)]
        by_code.sort(key=lambda one: (len(one.code), one.code))
        by_name = [one for one in self.by_code.values() if all(word in one.name for word in words)]
        by_name.sort(key=lambda one: (len(one.name), one.code))
        return list(dict.fromkeys([*by_code, *by_name]))[:FOUND_AT_MOST]


@cache
def tree() -> Tree:
    """Read once, when somebody first asks."""
    return Tree(list(_read()))


def _read() -> Iterator[Class]:
    with gzip.open(SOURCE, "rt", encoding="utf-8") as file:
        next(file)
        for line in file:
            code, name, parent, _level = line.rstrip("\n").split("\t")
            yield Class(code, name, parent)


def plain_mark(mark: str) -> str:
    """A mark without dots, brackets and blanks, which are only looks."""
    return "".join(one for one in mark.upper() if one not in ".[] ")


def checked(mark: str) -> str:
    """A class mark to number books under, or `NoClass`."""
    plain = "".join(mark.split()).strip("[]")
    if not is_clc(plain) or "/" in plain or len(plain) > LONGEST:
        raise NoClass(text=mark[:LONGEST])
    return plain
