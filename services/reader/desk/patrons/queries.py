"""Reads of patrons. Whoever is not staff sees only themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.patrons.model import CardNumber, Category, IdentityCheck, Note, Patron
from services.reader.desk.patrons.rules import (
    TERMS,
    CardReplaced,
    UnknownCard,
    card_blocks,
    standing,
)
from services.reader.desk.policies.queries import ruling_for
from services.reader.desk.policies.values import Terms
from shared.identity import Actor
from shared.refusals import NotAllowed, Refusal


def numbered(number: Any) -> ColumnElement[bool]:
    """Whose card bears this number, printed or on its chip."""
    return or_(Patron.card == number, Patron.chip == number)


async def patron_by_card(session: AsyncSession, card: str) -> Patron:
    """The patron, or why nobody answers to this number."""
    found = await session.scalar(select(Patron).where(numbered(card)))
    if found is None:
        raise await why_unknown(session, card)
    return found


async def lock_patron(session: AsyncSession, card: str) -> Patron:
    """The patron, locked until the end of the transaction."""
    found = await session.scalar(
        select(Patron).where(numbered(card))
        .with_for_update(key_share=True).execution_options(populate_existing=True)
    )
    if found is None:
        raise await why_unknown(session, card)
    return found


async def patron_ever(session: AsyncSession, number: str) -> Patron | None:
    """Whose number this is or was."""
    return await session.scalar(
        select(Patron).join(CardNumber, CardNumber.patron_id == Patron.id).where(CardNumber.number == number)
    )


async def why_unknown(session: AsyncSession, number: str) -> Refusal:
    """Replaced by another card, or never ours."""
    owner = await patron_ever(session, number)
    return CardReplaced(card=number, new=owner.card) if owner else UnknownCard(number)


async def numbers_of(session: AsyncSession, patron_id: UUID) -> Sequence[CardNumber]:
    """Every number the patron had, newest first."""
    return (await session.scalars(
        select(CardNumber).where(CardNumber.patron_id == patron_id).order_by(CardNumber.issued_at.desc())
    )).all()


async def checks_of(session: AsyncSession, patron_id: UUID) -> Sequence[IdentityCheck]:
    """When the patron proved who they are, newest first."""
    return (await session.scalars(
        select(IdentityCheck).where(IdentityCheck.patron_id == patron_id).order_by(IdentityCheck.at.desc()).limit(50)
    )).all()


async def notes_of(session: AsyncSession, patron: Patron, today: date, *, all_: bool = False) -> Sequence[Note]:
    """What the desk should know of the patron today; `all_` has the past ones too."""
    if not patron.notes and not all_:
        return []
    query = select(Note).where(Note.patron_id == patron.id)
    if not all_:
        query = query.where(Note.ended_at.is_(None), or_(Note.until.is_(None), Note.until >= today))
    return (await session.scalars(query.order_by(Note.ended_at.nulls_first(), Note.written_at.desc()).limit(100))).all()


def own_or_staff(actor: Actor, card: str) -> None:
    """Patrons act for themselves alone; staff, and the machines they set up, for anybody."""
    if actor.kind == "patron" and actor.card != card:
        raise NotAllowed
    actor.require("staff", "patron", "terminal")


async def find(session: AsyncSession, text: str, *, limit: int = 20) -> Sequence[Patron]:
    """Patrons by card, name or pinyin initials, each by its beginning."""
    asked = text.strip()
    if not asked:
        return []
    found = await session.scalars(
        select(Patron).where(or_(
            numbered(asked.upper()), Patron.card.startswith(asked.upper(), autoescape=True),
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


async def record_json(session: AsyncSession, patron: Patron, today: date) -> dict[str, Any]:
    """The whole record, with how to reach the person: for the desk and for themselves."""
    return {
        **patron_json(patron, today, await terms_of(session, patron, today)), "email": patron.email,
        "phone": patron.phone, "keeps_history": patron.keeps_history, "registered_at": patron.registered_at,
        "deposit_cents": patron.deposit_fen,
    }


async def terms_of(session: AsyncSession, patron: Patron, today: date) -> Terms:
    """The terms that hold for the patron's category today, whatever the item."""
    return (await ruling_for(session, patron.category.value, today)).terms


def patron_json(patron: Patron, today: date, terms: Terms | None = None) -> dict[str, Any]:
    """The patron on the wire; `terms` as they hold today, the standard ones when not asked for."""
    terms, state = terms or TERMS[patron.category], standing(patron, today)
    return {
        "card": patron.card, "name": patron.name, "category": patron.category.value,
        "category_label": patron.category.text, "college": patron.college,
        "class_name": patron.class_name, "chip": patron.chip, "source": patron.source.value,
        "state": state.value, "state_label": state.text,
        "valid_to": patron.valid_to, "oriented": patron.oriented,
        "open_loans": patron.open_loans, "loan_limit": terms.items, "loan_days": terms.days,
        "renewals": terms.renewals, "holds_waiting": patron.holds_waiting,
        "holds_ready": patron.holds_ready, "debt_cents": patron.debt_fen,
        "blocks": [reason.as_json() for reason in card_blocks(patron, today)],
    }
