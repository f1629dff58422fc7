"""Whose a waiting case is, and what comes first."""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.events.base import Waiting
from shared.identity import Actor

# Without a date a case is due some time: it sorts behind what has a date within two weeks.
SOME_TIME = timedelta(days=14)


def mine(actor: Actor) -> list[str]:
    """Every name under which a case may wait for this person: themselves, posts, prefixes of posts."""
    prefixes = {post.split("-", 1)[0] for post in actor.posts if "-" in post}
    kinds = {actor.kind} if actor.kind == "staff" else set()
    return sorted({actor.id, *actor.posts, *prefixes, *kinds})


def personal(actor: Actor) -> list[str]:
    """Only what waits for this person by name."""
    return [actor.id]


def order_of(waiting: Waiting, at: datetime) -> datetime:
    """When it should be looked at: urgent at once, dated by its date, the rest in its turn."""
    if waiting.urgent:
        return min(at, waiting.due_at) if waiting.due_at else at
    return waiting.due_at or at + SOME_TIME


def kind_of(key: str) -> str:
    """`repair:XB2026-0001` is a repair."""
    return key.split(":", 1)[0]
