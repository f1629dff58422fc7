"""All departments are asked at once; who does not answer in time is left out and named."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from gateway.accounts.sessions import SignedIn
from gateway.gate import Gate
from gateway.portal.rooms import rooms
from shared.duties import DEPARTMENTS, name
from shared.i18n import N_, _, language, pick
from shared.identity import Actor

WAIT = 0.8
PER_GROUP = 6


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found."""

    title: str
    url: str
    note: str = ""
    icon: str = "file-text"
    dept: str = ""


@dataclass(slots=True)
class Found:
    """Groups of hits, and the departments that did not answer."""

    groups: list[tuple[str, list[Hit]]] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many hits in all."""
        return sum(len(hits) for _label, hits in self.groups)


async def functions(gate: Gate, actor: Actor, query: str) -> list[Hit]:
    """Rooms by title or pinyin initials, for those who may enter."""
    found = [
        Hit(room.label, room.url, room.area or (name(DEPARTMENTS[room.dept]) if room.dept in DEPARTMENTS else ""), room.icon, room.dept)
        for room in await rooms(gate)
        if room.open_to(actor) and room.answers(query)
    ]
    return found[:PER_GROUP]


async def _department(gate: Gate, who: SignedIn | None, dept: str, query: str) -> Any:
    token = gate.mint.token(who.actor, dept, str(who.id)) if who else ""
    return await gate.departments.fetch(
        dept, f"/api/{dept}/search?q={quote(query, safe='')}", token, seconds=WAIT,
        headers={"cookie": f"lang={language()}"},
    )


async def everywhere(gate: Gate, who: SignedIn | None, actor: Actor, query: str) -> Found:
    """Ask for it everywhere."""
    wanted = query.strip()[:100]
    result = Found()
    if not wanted:
        return result
    depts = list(gate.departments.addresses)
    own, *answers = await asyncio.gather(
        functions(gate, actor, wanted), *(_department(gate, who, dept, wanted) for dept in depts)
    )
    if own:
        result.groups.append((_(N_("功能")), own))
    for dept, answer in zip(depts, answers, strict=True):
        title = name(DEPARTMENTS[dept]) if dept in DEPARTMENTS else dept
        if answer is None:
            if gate.departments.breakers[dept].failures:
                result.silent.append(title)
            continue
        for label, hits in _groups(dept, title, answer):
            result.groups.append((label, hits[:PER_GROUP]))
    return result


def _groups(dept: str, title: str, answer: Any) -> Sequence[tuple[str, list[Hit]]]:
    """A department's answer: `{"items": […]}`, each with its `group`, or `{"groups": [{label, items}]}`."""
    if not isinstance(answer, dict):
        return []
    if "groups" in answer:
        return [
            (str(group.get("label", title)), [_hit(dept, one) for one in group.get("items", ())])
            for group in answer["groups"] if group.get("items")
        ]
    found: dict[str, list[Hit]] = {}
    for one in answer.get("items", ()):
        found.setdefault(str(one.get("group") or title), []).append(_hit(dept, one))
    return list(found.items())


def _hit(dept: str, said: dict[str, Any]) -> Hit:
    label = said.get("title") or said.get("label") or pick(
        str(said.get("label_zh", "")), str(said.get("label_en", ""))
    )
    note = said.get("subtitle") or said.get("note") or said.get("state") or ""
    url = str(said.get("url", ""))
    # A department may lead only into this house.
    safe = url if url.startswith("/") and not url.startswith("//") else f"/{dept}"
    return Hit(str(label), safe, str(note), str(said.get("icon") or "file-text"), dept)
