"""Reads of the rules. What decides today is one id; the version behind it never changes and is kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.items.model import Item
from services.reader.desk.policies.model import RuleRow, RuleSet, SetState
from services.reader.desk.policies.rules import ANY, STANDARD, Book, Decision, Row, Ruling, resolve
from services.reader.desk.policies.values import VALUES, shown
from shared.i18n import _
from shared.refusals import NotFound

_KEPT: dict[UUID, Book] = {}


def in_force(today: Any) -> ScalarSelect[UUID]:
    """Which version decides on a day, as a subquery of a statement that runs anyway."""
    return (
        select(RuleSet.id)
        .where(RuleSet.state == SetState.active, RuleSet.effective_from <= today)
        .order_by(RuleSet.effective_from.desc()).limit(1).scalar_subquery()
    )


async def book_of(session: AsyncSession, set_id: UUID | None) -> Book:
    """The version with this id, the standard one for None; read once per process unless a draft."""
    if set_id is None:
        return STANDARD
    if found := _KEPT.get(set_id):
        return found
    made = await session.get(RuleSet, set_id)
    if made is None:
        raise NotFound(set_id)
    book = Book(made.number, await _rows(session, set_id), made.id, made.effective_from)
    if made.state is not SetState.draft:
        _KEPT[set_id] = book
    return book


async def _rows(session: AsyncSession, set_id: UUID) -> tuple[Row, ...]:
    found = await session.scalars(select(RuleRow).where(RuleRow.set_id == set_id).order_by(RuleRow.no))
    return tuple(Row(r.no, r.category, r.kind, r.location, dict(r.given)) for r in found)


async def book_on(session: AsyncSession, day: date) -> Book:
    """The version that decides on a day."""
    return await book_of(session, await session.scalar(select(in_force(day))))


async def book_by_number(session: AsyncSession, number: str) -> Book:
    """A version by its number."""
    if number in {"", STANDARD.number}:
        return STANDARD
    return await book_of(session, (await set_by_number(session, number)).id)


async def set_by_number(session: AsyncSession, number: str) -> RuleSet:
    """The version, or `NotFound`."""
    found = await session.scalar(select(RuleSet).where(RuleSet.number == number))
    if found is None:
        raise NotFound(number)
    return found


async def ruling_for(
    session: AsyncSession, category: str, day: date, *, kind: str = ANY, location: str = ANY
) -> Ruling:
    """The terms of a category on a day."""
    return resolve(await book_on(session, day), category, kind, location)


async def scopes(session: AsyncSession) -> tuple[list[str], dict[str, tuple[str, str]]]:
    """The kinds and the places (code → name, English name) of the items we have, to choose from."""
    kinds = await session.scalars(select(Item.kind).distinct().order_by(Item.kind))
    places = await session.execute(
        select(Item.location, func.max(Item.location_name), func.max(Item.location_name_en))
        .where(Item.location != "").group_by(Item.location).order_by(Item.location)
    )
    return list(kinds), {code: (name, name_en) for code, name, name_en in places}


async def sets(session: AsyncSession, *, limit: int = 25, offset: int = 0) -> tuple[Sequence[RuleSet], int]:
    """Versions, newest first, and how many there are."""
    total = await session.scalar(select(func.count()).select_from(RuleSet))
    found = await session.scalars(
        select(RuleSet).order_by(RuleSet.drafted_at.desc(), RuleSet.id.desc()).limit(limit).offset(offset)
    )
    return found.all(), int(total or 0)


def book_json(book: Book) -> dict[str, Any]:
    """A version on the wire; money in fen, an absent value is inherited, null is no limit."""
    return {
        "number": book.number, "effective_from": book.effective_from,
        "rules": [
            {
                "no": row.no, "category": row.category, "kind": row.kind, "location": row.location,
                "given": dict(row.given),
            }
            for row in book.rows
        ],
    }


def decided_json(book: Book, name: str, decision: Decision) -> dict[str, Any]:
    """Who decided a value and who lost, with what they would have said."""
    def told(no: int) -> dict[str, Any]:
        row = book.row(no) or Row(0)
        return {
            **({"set": STANDARD.number} if no < 0 else {}), "no": abs(no), "category": row.category, "kind": row.kind, "location": row.location,
            **({"value": shown(name, row.given[name])} if name in row.given else {}),
        }

    return {"set": book.number, **told(decision.no), "lost": [told(no) for no in decision.lost]}


def ruling_json(ruling: Ruling) -> dict[str, Any]:
    """Every value with the rule that decided it."""
    return {
        value.name: {
            "label": _(value.label), "value": getattr(ruling.terms, value.name),
            "text": shown(value.name, getattr(ruling.terms, value.name)),
            "rule": decided_json(ruling.book, value.name, ruling.by[value.name]),
        }
        for value in VALUES
    }
