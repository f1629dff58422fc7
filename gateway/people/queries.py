"""Who somebody is today: name, posts, rank."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.duties import Holding
from shared.i18n import pick
from shared.identity import Actor

# A card in one of these states opens no door; a blocked one still shows its owner what to settle.
CLOSED = frozenset({"closed", "cancelled"})

_PERSON = text("SELECT kind, name, dept, rank, state, left_on FROM person WHERE id = :id")
_HELD = text(
    "SELECT post, subposts, rank, stand_in_for FROM held_post WHERE staff_no = :id "
    "AND valid_from <= :today AND (valid_to IS NULL OR valid_to >= :today) "
    "ORDER BY stand_in_for <> '', valid_from, post"
)
_NAMES = text("SELECT id, name, name_en FROM person WHERE id = ANY(:ids)")
_HOLDERS = text(
    "SELECT DISTINCT h.staff_no FROM held_post h JOIN person p ON p.id = h.staff_no "
    "WHERE h.valid_from <= :today AND (h.valid_to IS NULL OR h.valid_to >= :today) "
    "AND (p.left_on IS NULL OR p.left_on > :today) "
    "AND (h.post = ANY(:holders) OR split_part(h.post, '-', 1) = ANY(:holders)) "
    "UNION SELECT id FROM person WHERE id = ANY(:holders)"
)


@dataclass(frozen=True, slots=True)
class Post:
    """A post somebody holds today."""

    code: str
    subposts: tuple[str, ...]
    rank: str
    stand_in_for: str

    @property
    def holdings(self) -> list[Holding]:
        """The places inside the post, as the duty sheet wants them."""
        rank: Any = self.rank or None
        return [Holding(self.code, sub, rank) for sub in (self.subposts or (None,))]


async def posts_today(session: AsyncSession, person: str, today: date) -> list[Post]:
    """The posts a member of staff holds on this day, own ones before those stood in for."""
    rows = await session.execute(_HELD, {"id": person, "today": today})
    return [Post(r.post, tuple(r.subposts or ()), r.rank, r.stand_in_for) for r in rows]


async def actor_today(session: AsyncSession, person: str, kind: str, today: date) -> Actor | None:
    """The person with the rights of this day; None for staff who left."""
    row = (await session.execute(_PERSON, {"id": person})).one_or_none()
    if kind == "patron":
        if row and row.state in CLOSED:
            return None
        return Actor(id=person, name=person, kind="patron", card=person)  # names stay with the readers' desk
    if row is None:
        return Actor(id=person, kind="staff")
    if row.left_on and row.left_on <= today:
        return None
    held = await posts_today(session, person, today)
    own = [post for post in held if not post.stand_in_for]
    return Actor(
        id=person, name=row.name, kind="staff", posts=tuple(dict.fromkeys(p.code for p in held)),
        subposts=tuple(dict.fromkeys(sub for post in held for sub in post.subposts)),
        rank=row.rank or next((post.rank for post in own if post.rank), ""), dept=row.dept,
    )


async def names(session: AsyncSession, ids: Iterable[str]) -> Mapping[str, str]:
    """Staff number → name in the language of the request; patrons have none here."""
    rows = await session.execute(_NAMES, {"ids": list(set(ids))})
    return {row.id: pick(row.name, row.name_en) or row.id for row in rows}


async def holders_today(session: AsyncSession, holders: Iterable[str], today: date) -> list[str]:
    """The people a case waits for: by name, by post held today, or by the prefix of one."""
    rows = await session.scalars(_HOLDERS, {"holders": list(holders), "today": today})
    return list(rows)
