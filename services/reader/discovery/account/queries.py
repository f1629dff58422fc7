"""What one patron has, waits for and owes; every read begins with the card of the token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.calendar.queries import closed_days
from services.reader.desk.charges.model import Entry, Posting
from services.reader.desk.charges.queries import entries_of, entry_json, open_charges, receipt_lines
from services.reader.desk.circulation.model import Loan
from services.reader.desk.circulation.queries import loan_json, standing_now
from services.reader.desk.circulation.rules import fine_of, renewal_objections, sentence_of
from services.reader.desk.holds.model import Hold
from services.reader.desk.holds.queries import copies_of, first_waiting_patron, hold_json, holds_of
from services.reader.desk.holds.rules import explain
from services.reader.desk.items.model import Item
from services.reader.desk.patrons.model import Patron
from services.reader.desk.patrons.queries import patron_by_card, patron_ever, patron_json
from services.reader.desk.policies.queries import book_on
from services.reader.desk.policies.rules import resolve
from services.reader.desk.policies.values import Terms
from services.reader.desk.violations.queries import open_to_appeal
from services.reader.discovery.account.rules import Borrowed, Notice, notices, to_object
from services.reader.discovery.catalogue.queries import numbers_of
from services.reader.rooms.service_points.queries import names
from shared.refusals import NotAllowed
from shared.work import Work


@dataclass(slots=True)
class Account:
    """One patron's account, as of now."""

    patron: Patron
    loans: list[Borrowed]
    holds: Sequence[tuple[Hold, int]]
    charges: Sequence[Entry]
    entries: Sequence[Entry]
    notices: list[Notice]
    numbers: dict[str, str]
    terms: Terms
    # Hold → where it stands and why, in words.
    why: dict[UUID, str] = field(default_factory=dict)
    points: dict[str, str] = field(default_factory=dict)

    @property
    def renewable(self) -> int:
        """How many loans may run longer."""
        return sum(not one.objections for one in self.loans)

    @property
    def owed_fen(self) -> int:
        """What is to be paid."""
        return sum(charge.amount_fen for charge in self.charges)


async def own_patron(work: Work) -> Patron:
    """The patron who asks; nobody else can be asked for."""
    if work.actor.kind != "patron" or not work.actor.card:
        raise NotAllowed
    # A session may still bear the number of a card that was replaced meanwhile: it is the same person.
    found = await patron_ever(work.session, work.actor.card)
    return found or await patron_by_card(work.session, work.actor.card)


async def account(work: Work) -> Account:
    """Everything on the patron's page."""
    patron, session = await own_patron(work), work.session
    out, terms = await standing_now(session, patron, work.today)
    loans = await _loans(session, patron, work.today)
    holds = await holds_of(session, patron.id)
    numbers = await numbers_of(session, list({
        *(one.loan.instance_id for one in loans), *(hold.instance_id for hold, _place in holds)
    }))
    copies = await copies_of(session, {hold.instance_id for hold, _place in holds})
    points = await names(session) if holds else {}
    return Account(
        patron, loans, holds, await open_charges(session, patron.id), await entries_of(session, patron.id),
        to_object(await open_to_appeal(session, patron.id)) + notices(patron, loans, holds, work.today, out, terms), numbers, terms,
        {hold.id: explain(hold, place, copies[hold.instance_id], points) for hold, place in holds}, points,
    )


async def _loans(session: AsyncSession, patron: Patron, today: date) -> list[Borrowed]:
    rows = (await session.execute(
        select(
            Loan, first_waiting_patron(Loan.instance_id, Loan.item_id), Item.price_fen, Item.kind, Item.location
        )
        .join(Item, Item.id == Loan.item_id)
        .where(Loan.patron_id == patron.id, Loan.returned_at.is_(None)).order_by(Loan.due_on, Loan.lent_at)
    )).all()
    book = await book_on(session, today)
    late = [loan.due_on for loan, *_more in rows if loan.due_on < today]
    closed = await closed_days(session, min(late), today) if late else set()
    return [
        Borrowed(
            loan, today, sentence_of(loan.explain),
            renewal_objections(
                loan, patron, today=today, first_waiting=first,
                terms=resolve(book, patron.category.value, kind, location).terms,
            ),
            fine_of(loan, today, closed=closed, price_fen=price)["amount_cents"]
            if loan.due_on < today else 0,
        )
        for loan, first, price, kind, location in rows
    ]


async def returned(session: AsyncSession, patron: Patron) -> int:
    """How many finished loans the library can still connect with the patron."""
    return int(await session.scalar(
        select(func.count()).where(
            Loan.patron_id == patron.id, Loan.returned_at.is_not(None), Loan.undone.is_(False)
        )
    ) or 0)


async def own_receipt(session: AsyncSession, patron: Patron, number: str) -> Sequence[Entry]:
    """The rows of a receipt, if it is the patron's own."""
    rows = await receipt_lines(session, number)
    return rows if rows and all(row.patron_id == patron.id for row in rows) else ()


def receipts(entries: Sequence[Entry]) -> list[tuple[str, Entry, int]]:
    """Receipts among the postings, newest first: (number, one of its rows, what was paid)."""
    found: dict[str, tuple[str, Entry, int]] = {}
    for row in entries:
        if row.receipt and row.posting in {Posting.payment, Posting.refund, Posting.refund_undone}:
            _number, first, paid = found.get(row.receipt, (row.receipt, row, 0))
            found[row.receipt] = (row.receipt, first, paid - row.amount_fen)
    return list(found.values())


def account_json(found: Account, today: date) -> dict[str, Any]:
    """The account on the wire."""
    return {
        "patron": patron_json(found.patron, today, found.terms),
        "loans": [
            {
                **loan_json(one.loan), "overdue": one.overdue, "days_left": one.days_left,
                "renewable": not one.objections, "why_not": [reason.as_json() for reason in one.objections],
                "fine_today_cents": one.fine_fen,
            }
            for one in found.loans
        ],
        "holds": [
            {**hold_json(hold, place), "explain": found.why[hold.id]} for hold, place in found.holds
        ],
        "charges": [entry_json(entry) for entry in found.charges], "owed_cents": found.owed_fen,
        "notices": [{"text": n.text, "tone": n.tone, "details": list(n.details), "url": n.url} for n in found.notices],
    }
