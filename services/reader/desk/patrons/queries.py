"""Reads of patrons. Whoever is not staff sees only themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.patrons.model import Category, Patron
from services.reader.desk.patrons.rules import TERMS, UnknownCard, card_blocks, standing
from services.reader.desk.policies.queries import ruling_for
from services.reader.desk.policies.values import Terms
from shared.identity import Actor
from shared.refusals import NotAllowed


async def patron_by_card(session: AsyncSession, card: str) -> Patron:
    """The patron, or `UnknownCard`."""
    found = await session.scalar(select(Patron).where(Patron.card == card))
    if found is None:
        raise UnknownCard(card)
    return found


async def lock_patron(session: AsyncSession, card: str) -> Patron:
    """The patron, locked until the end of the transaction."""
    found = await session.scalar(
        select(Patron).where(Patron.card == card)
        .with_for_update(key_share=True).execution_options(populate_existing=True)
    )
    if found is None:
        raise UnknownCard(card)
    return found


def own_or_staff(actor: Actor, card: str) -> None:
    """Patrons act for themselves alone; staff for anybody."""
    if actor.kind == "patron" and actor.card != card:
        raise NotAllowed
    actor.require("staff", "patron")


async def find(session: AsyncSession, text: str, *, limit: int = 20) -> Sequence[Patron]:
    """Patrons by card, name or pinyin initials, each by its beginning."""
    asked = text.strip()
    if not asked:
        return []
    found = await session.scalars(
        select(Patron).where(or_(
            Patron.card == asked.upper(), Patron.card.startswith(asked.upper(), autoescape=True),
            Patron.name.startswith(asked, autoescape=True),
            Patron.initials.startswith(asked.lower(), autoescape=True),
        )).order_by(Patron.card).limit(limit)
    )
    return found.all()


async def names_of(session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, Patron]:
    """Patrons by id, for lists that show who waits or who has it."""
    wanted = {i for i in ids if i}
    if not wanted:
        return {}
    found = await session.scalars(select(Patron).where(Patron.id.in_(wanted)))
    return {patron.id: patron for patron in found}


async def counts_by_category(session: AsyncSession) -> dict[Category, int]:
    """How many patrons of each kind there are."""
    rows = await session.execute(select(Patron.category, func.count()).group_by(Patron.category))
    return dict(rows.all())


async def terms_of(session: AsyncSession, patron: Patron, today: date) -> Terms:
    """The terms that hold for the patron's category today, whatever the item."""
    return (await ruling_for(session, patron.category.value, today)).terms


def patron_json(patron: Patron, today: date, terms: Terms | None = None) -> dict[str, Any]:
    """The patron on the wire; `terms` as they hold today, the standard ones when not asked for."""
    terms, state = terms or TERMS[patron.category], standing(patron, today)
    return {
        "card": patron.card, "name": patron.name, "category": patron.category.value,
        "category_label": patron.category.text, "college": patron.college,
        "class_name": patron.class_name, "state": state.value, "state_label": state.text,
        "valid_to": patron.valid_to, "oriented": patron.oriented,
        "open_loans": patron.open_loans, "loan_limit": terms.items, "loan_days": terms.days,
        "renewals": terms.renewals, "holds_waiting": patron.holds_waiting,
        "holds_ready": patron.holds_ready, "debt_cents": patron.debt_fen,
        "blocks": [reason.as_json() for reason in card_blocks(patron, today)],
    }
