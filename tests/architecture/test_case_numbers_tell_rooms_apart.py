"""A case is named by its number everywhere (timeline, links, letters), so no two rooms may count under one prefix."""

from __future__ import annotations

import re
from collections import defaultdict

from tests.architecture.tree import named, sources

# `number="XB"` of a register, `NUMBERS = "LT"` and `A, B = "XX", "YY"` of a rules file, `work.number("DR")`.
REGISTER = re.compile(r'\bnumber="([A-Z]{2,3})"')
NAMED = re.compile(r'^[A-Z_]+(?:, [A-Z_]+)* = ("[A-Z]{2,3}"(?:, "[A-Z]{2,3}")*)$', re.MULTILINE)
TAKEN = re.compile(r'\bwork\.number\("([A-Z]{2,3})"\)')


def test_every_prefix_belongs_to_one_room() -> None:
    rooms: dict[str, set[str]] = defaultdict(set)
    for path in sources("services"):
        text = path.read_text(encoding="utf-8")
        found = [*REGISTER.findall(text), *TAKEN.findall(text)]
        if path.stem in {"rules", "commands", "model"}:
            found += [one for group in NAMED.findall(text) for one in re.findall(r"[A-Z]{2,3}", group)]
        for prefix in found:
            rooms[prefix].add("/".join(named(path).split("/")[1:4]))
    # Drafts taken over from other libraries come as a file of one record, and count among the files.
    rooms["DR"].discard("resources/cataloguing/copying")
    assert len(rooms) > 30, "the patterns above no longer find the prefixes"
    assert {prefix: sorted(where) for prefix, where in rooms.items() if len(where) > 1} == {}
