"""Whose duty is it: a person's duty sheet, and which duties their work counts for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from shared.duties.catalogue import Duty, duties

Rank = Literal["senior", "mid", "junior"]


@dataclass(frozen=True, slots=True)
class Holding:
    """A post a person holds, at which place inside it, with which rank of title."""

    post: str
    subpost: str | None = None
    rank: Rank | None = None


def sheet(posts: Iterable[Holding]) -> tuple[Duty, ...]:
    """The duties of a person, post by post: base, then sub-post, then rank; none twice."""
    found: dict[str, Duty] = {}
    for holding in posts:
        mine = (duty for duty in duties().values() if _belongs(duty, holding))
        for duty in sorted(mine, key=_layer):
            found.setdefault(duty.id, duty)
    return tuple(found.values())


def credits(duty_ids: Iterable[str], posts: Iterable[str], rank: str | None) -> tuple[str, ...]:
    """The duties, among those a piece of work is evidence of, that it counts for in this person.

    Sub-posts are not asked: helping out in the next room is still the work of the post. Ids the
    catalogue does not know are passed over, because an event may come from a newer release.
    """
    held = frozenset(posts)
    known = duties()
    counted = {
        id: None
        for id in duty_ids
        if id in known and known[id].post in held and known[id].rank in (None, rank)
    }
    return tuple(counted)


def _belongs(duty: Duty, holding: Holding) -> bool:
    return (
        duty.post == holding.post
        and duty.subpost in (None, holding.subpost)
        and duty.rank in (None, holding.rank)
    )


def _layer(duty: Duty) -> int:
    if duty.subpost:
        return 1
    return 2 if duty.rank else 0
