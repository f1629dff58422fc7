"""Reads of terminals, and what machines ask of a patron in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from services.reader.desk.charges.model import Entry, Posting
from services.reader.desk.charges.queries import open_charges
from services.reader.desk.circulation.model import Loan
from services.reader.desk.circulation.queries import standing_now
from services.reader.desk.holds.model import Hold, HoldState
from services.reader.desk.holds.queries import ACTIVE
from services.reader.desk.items.model import Item
from services.reader.desk.items.queries import current_barcode, lock_by_id
from services.reader.desk.patrons.model import Patron
from services.reader.desk.patrons.queries import numbered
from services.reader.desk.patrons.rules import Standing
from services.reader.desk.policies.values import Terms
from services.reader.desk.selfcheck.model import House, LastAnswer, Terminal, TerminalUse
from services.reader.desk.selfcheck.rules import Home

_settling = aliased(Entry)
# Built once: every patron who steps up to a machine begins with it.
_PATRON = (
    select(
        Patron,
        select(func.count()).select_from(Entry).where(
            Entry.patron_id == Patron.id, Entry.posting == Posting.charge,
            ~select(_settling.id).where(_settling.charge_id == Entry.id).exists(),
        ).correlate(Patron).scalar_subquery(),
    ).where(numbered(bindparam("card")))
)


@dataclass(frozen=True, slots=True)
class Seen:
    """A patron with the counts a machine shows."""

    patron: Patron
    charges: int
    standing: Standing
    terms: Terms


async def patron_seen(session: AsyncSession, card: str, today: date) -> Seen | None:
    """The patron and the counts, or None."""
    row = (await session.execute(_PATRON, {"card": card})).first()
    if row is None:
        return None
    patron, charges = row
    standing, terms = await standing_now(session, patron, today)
    return Seen(patron, charges, standing, terms)


async def titles(
    session: AsyncSession, patron_id: UUID, kind: int, today: date, *, offset: int, limit: int
) -> Sequence[str]:
    """One list of a patron's affairs by its place in the summary: 0 holds, 1 overdue, 2 charged, 3 fines, 5 unavailable."""
    if kind in {1, 2}:
        query = select(Loan.barcode).where(Loan.patron_id == patron_id, Loan.returned_at.is_(None))
        if kind == 1:
            query = query.where(Loan.due_on < today)
        query = query.order_by(Loan.due_on, Loan.lent_at)
        return (await session.scalars(query.limit(limit).offset(offset))).all()
    if kind == 3:
        due = (await open_charges(session, patron_id))[offset : offset + limit]
        return [f"{one.id} {one.amount_fen / 100:.2f} {one.kind.text} {one.title}".strip() for one in due]
    if kind in {0, 5}:
        state = HoldState.ready if kind == 0 else HoldState.waiting
        holds = await session.execute(
            select(Hold.barcode, Hold.title).where(Hold.patron_id == patron_id, Hold.state == state)
            .order_by(Hold.placed_at).limit(limit).offset(offset)
        )
        return [barcode if kind == 0 and barcode else title for barcode, title in holds]
    return []


async def active_hold(session: AsyncSession, patron_id: UUID | None, instance_id: str) -> Hold | None:
    """The patron's hold on a title, if it still stands."""
    return await session.scalar(
        select(Hold).where(Hold.patron_id == patron_id, Hold.instance_id == instance_id, Hold.state.in_(ACTIVE))
    )


async def item_seen(session: AsyncSession, barcode: str) -> tuple[Item, Loan | None, int] | None:
    """An item, its open loan and how many wait for its title."""
    waiting = (
        select(func.count()).select_from(Hold)
        .where(Hold.instance_id == Item.instance_id, Hold.state == HoldState.waiting)
        .correlate(Item).scalar_subquery()
    )
    look = select(Item, Loan, waiting).outerjoin(Loan, (Loan.item_id == Item.id) & Loan.returned_at.is_(None))
    row = (await session.execute(look.where(Item.barcode == barcode))).first()
    if row is None and (current := await current_barcode(session, barcode)):
        row = (await session.execute(look.where(Item.barcode == current))).first()
    return (row[0], row[1], row[2]) if row else None


async def lock_items_of(session: AsyncSession, patron_id: UUID) -> Sequence[str]:
    """Barcodes of what the patron has, all locked before anything else: items first, then the patron."""
    mine = (await session.scalars(select(Item.id).where(Item.patron_id == patron_id))).all()
    held = await lock_by_id(session, mine)
    return (await session.scalars(
        select(Item.barcode).where(Item.id.in_(held), Item.patron_id == patron_id).order_by(Item.barcode)
    )).all()


async def by_account(session: AsyncSession, account: str) -> Terminal | None:
    """The terminal that signs in by this name."""
    return await session.scalar(select(Terminal).where(Terminal.account == account))


async def terminals(session: AsyncSession, ids: Sequence[UUID] = ()) -> Sequence[Terminal]:
    """All terminals, or these, by name."""
    query = select(Terminal).order_by(Terminal.name, Terminal.account)
    return (await session.scalars(query.where(Terminal.id.in_(ids)) if ids else query)).all()


async def listed(session: AsyncSession, *, limit: int, offset: int) -> tuple[list[tuple[Terminal, TerminalUse | None]], int]:
    """Terminals with how they are used, and how many there are."""
    rows: Any = await session.execute(
        select(Terminal, TerminalUse).outerjoin(TerminalUse, TerminalUse.terminal_id == Terminal.id)
        .order_by(Terminal.active.desc(), Terminal.name, Terminal.account).limit(limit).offset(offset)
    )
    total = await session.scalar(select(func.count()).select_from(Terminal))
    return [(row[0], row[1]) for row in rows], int(total or 0)


async def house(session: AsyncSession) -> House | None:
    """The one row of settings, if it was ever saved."""
    return await session.get(House, 1)


async def home(session: AsyncSession, name: str) -> Home:
    """Who we are; the library's own name until somebody says otherwise."""
    kept = await house(session)
    if kept is None:
        return Home("", name)
    return Home(kept.institution, kept.name or name, frozenset(kept.magnetic))


async def last_answer(session: AsyncSession, terminal_id: UUID) -> LastAnswer | None:
    """What the terminal was told last of the changes that are remembered."""
    return await session.get(LastAnswer, terminal_id)
