"""Lines of time, read by reference, by case or by person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.people.queries import names
from gateway.timeline.rules import Asked, Entry, in_words, read, said_stage, veil
from shared.events.base import CaseMoved
from shared.i18n import N_, _
from shared.identity import Actor

_COLUMNS = (
    "c.event_id, c.source, c.seq, c.name, c.version, c.at, c.actor, c.actor_kind, c.correlation, c.payload, "
    "(SELECT array_agg(substr(p.ref, 8)) FROM chronicle_ref p "
    " WHERE p.event_id = c.event_id AND p.ref LIKE 'patron:%') AS cards"
)
# Newest first inside, so that a long line shows its end; the caller puts them in order.
_BY_REF = text(
    f"SELECT {_COLUMNS} FROM chronicle_ref r JOIN chronicle c USING (event_id) "
    "WHERE r.ref = :ref ORDER BY r.at DESC, c.seq DESC LIMIT :limit OFFSET :skip"
)
_BY_CASE = text(
    f"SELECT {_COLUMNS} FROM chronicle c WHERE c.correlation = :correlation "
    "ORDER BY c.at DESC, c.seq DESC LIMIT :limit OFFSET :skip"
)
_BY_PERSON = text(
    f"SELECT {_COLUMNS} FROM chronicle c WHERE c.event_id IN ("
    " (SELECT event_id FROM chronicle WHERE actor = :actor ORDER BY at DESC LIMIT :reach)"
    " UNION (SELECT event_id FROM chronicle_ref WHERE ref = :ref ORDER BY at DESC LIMIT :reach)"
    ") ORDER BY c.at DESC, c.seq DESC LIMIT :limit OFFSET :skip"
)
_LATEST = text(
    f"SELECT {_COLUMNS} FROM chronicle c ORDER BY c.at DESC, c.seq DESC LIMIT :limit OFFSET :skip"
)
_NEWS = text(
    f"SELECT {_COLUMNS} FROM chronicle c WHERE c.news ORDER BY c.at DESC LIMIT :limit"
)
_TOTALS = {
    "ref": text("SELECT count(*) FROM chronicle_ref WHERE ref = :ref"),
    "case": text("SELECT count(*) FROM chronicle WHERE correlation = :correlation"),
    "person": text(
        "SELECT count(*) FROM (SELECT event_id FROM chronicle WHERE actor = :actor "
        "UNION SELECT event_id FROM chronicle_ref WHERE ref = :ref) one"
    ),
    "latest": text("SELECT count(*) FROM chronicle"),
}


def _choice(asked: Asked) -> tuple[Any, str]:
    if asked.correlation:
        return _BY_CASE, "case"
    if asked.actor:
        return _BY_PERSON, "person"
    return (_BY_REF, "ref") if asked.ref else (_LATEST, "latest")


async def line_of(
    session: AsyncSession, asked: Asked, reader: Actor, *, limit: int = 200, skip: int = 0
) -> tuple[list[Entry], int]:
    """The facts, oldest first, and how many there are in all."""
    query, kind = _choice(asked)
    params: dict[str, Any] = {
        "ref": asked.ref, "correlation": asked.correlation, "actor": asked.actor,
        "limit": limit, "skip": skip, "reach": limit + skip,
    }
    wanted = {name: value for name, value in params.items() if f":{name}" in query.text}
    rows = (await session.execute(query, wanted)).all()
    wanted = {name: value for name, value in params.items() if f":{name}" in _TOTALS[kind].text}
    total = await session.scalar(_TOTALS[kind], wanted) or 0
    return await _entries(session, rows[::-1], reader), total


async def news(session: AsyncSession, reader: Actor, limit: int = 6) -> list[Entry]:
    """The latest facts the whole house may like to hear."""
    rows = (await session.execute(_NEWS, {"limit": limit})).all()
    return await _entries(session, rows, reader)


def _mentioned(rows: Sequence[Any]) -> set[str]:
    """What may be a colleague's number in the facts about our own people."""
    return {
        value for row in rows if row.source == "office" for value in row.payload.values()
        if isinstance(value, str) and value.isalnum() and len(value) <= 16
    }


async def _entries(session: AsyncSession, rows: Sequence[Any], reader: Actor) -> list[Entry]:
    known = await names(session, {row.actor for row in rows if row.actor_kind == "staff"} | _mentioned(rows))
    found = []
    for row in rows:
        event = read(row.name, row.version, row.payload)
        sentence = event.sentence() if event else _(N_("{name}（新版本事件）"), name=row.name)
        own = reader.kind == "patron"
        cards = [card for card in row.cards or () if card != reader.card]
        if row.actor_kind == "patron":
            who = _(N_("本人")) if row.actor == reader.card else _(N_("读者"))
        elif row.actor_kind == "system":
            who = _(N_("系统"))
        else:
            who = _(N_("馆员")) if own else known.get(row.actor, row.actor)
        found.append(Entry(
            event_id=row.event_id, at=row.at, dept=row.source,
            event=f"{row.name}.{event.register_}" if isinstance(event, CaseMoved) else row.name,
            sentence=veil(sentence if own else in_words(sentence, known), cards), actor=who,
            actor_id=row.actor if row.actor_kind == "staff" and not own else "",
            stage=said_stage(event), correlation=row.correlation,
            link="" if own else (event.link() if event else ""),
        ))
    return found
