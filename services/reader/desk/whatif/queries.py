"""Reads that answer what would happen; nothing is locked and nothing is written."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.calendar.queries import closed_days
from services.reader.desk.calendar.rules import HORIZON, after_open_days
from services.reader.desk.circulation import rules
from services.reader.desk.circulation.model import Loan
from services.reader.desk.circulation.queries import facts_for_loan, standing_for, unknown
from services.reader.desk.circulation.rules import DECIDED_BY, Facts, LoanRefused
from services.reader.desk.items.model import Item
from services.reader.desk.items.queries import item_by_barcode
from services.reader.desk.patrons.model import Category, Patron
from services.reader.desk.patrons.queries import patron_by_card
from services.reader.desk.policies.queries import book_by_number, book_on, decided_json, ruling_json
from services.reader.desk.policies.rules import Book, Ruling, resolve
from services.reader.desk.today import midnight
from services.reader.desk.whatif.rules import Past, Reckoning, Tally
from shared.database import uuid7
from shared.refusals import Reason
from shared.settings import LOCAL
from shared.work import Work

BATCH = 2_000
MOST = 100_000
BACK = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Question:
    """A card or a category, a barcode or a kind and place, a day, a version; `late` is days overdue."""

    card: str = ""
    barcode: str = ""
    category: Category = Category.undergraduate
    kind: str = "book"
    location: str = ""
    price_fen: int = 0
    on: date | None = None
    late: int = 0
    number: str = ""


@dataclass(slots=True)
class Answer:
    """What a lending would do and why."""

    facts: Facts
    reasons: list[Reason]
    due_on: date
    explain: dict[str, Any]
    fine: dict[str, Any] | None = None
    back_on: date | None = None
    suspended_until: date | None = None

    @property
    def ruling(self) -> Ruling:
        """Who decided what."""
        return self.facts.terms

    def rule_of(self, reason: Reason) -> dict[str, Any] | None:
        """The rule behind a reason, None where no rule but the state of things decides."""
        name = DECIDED_BY.get(reason.code)
        return decided_json(self.ruling.book, name, self.ruling.by[name]) if name else None


async def answer(work: Work, asked: Question) -> Answer:
    """Work the question out on the day, as the desk would; unknown card and barcode are refused together."""
    day = asked.on or work.today
    facts = await _facts(work, asked, day)
    ruling = facts.terms
    due, explain = rules.due_date(
        ruling.terms, facts.patron.category.value, day, facts.closed, ruling=ruling
    )
    found = Answer(facts, rules.objections(facts, day), due, explain)
    if asked.late:
        back = due + timedelta(days=asked.late)
        closed = await closed_days(work.session, due, back + timedelta(days=HORIZON))
        loan = Loan(
            item_id=facts.item.id, barcode=facts.item.barcode, title=facts.item.title, instance_id="",
            lent_at=work.now, lent_by=work.actor.id, due_on=due, explain=explain,
        )
        found.fine, found.back_on = rules.fine_of(loan, back, closed=closed, price_fen=facts.item.price_fen), back
        if days := found.fine["suspend_days"]:
            found.suspended_until = after_open_days(back, days, closed)
    return found


async def _facts(work: Work, asked: Question, day: date) -> Facts:
    session = work.session
    book = await (book_by_number(session, asked.number) if asked.number else book_on(session, day))
    if asked.card and asked.barcode:
        facts = await facts_for_loan(session, barcode=asked.barcode, card=asked.card, today=day, lock=False)
        if facts is None:
            raise LoanRefused(await unknown(session, card=asked.card, barcode=asked.barcode))
        facts.ruling = _resolved(book, facts.patron, facts.item)
        return facts
    item = await item_by_barcode(session, asked.barcode) if asked.barcode else Item(
        id=uuid7(), barcode="", instance_id="", title="", kind=asked.kind, location=asked.location,
        price_fen=asked.price_fen,
    )
    patron = await patron_by_card(session, asked.card) if asked.card else Patron(
        card="", name="", category=asked.category, registered_at=work.now
    )
    ruling, out = _resolved(book, patron, item), None
    if asked.card:
        out = await standing_for(session, patron, day, kind=item.kind, location=item.location, ruling=ruling)
    return Facts(
        item, patron, out.earliest_due if out else None,
        closed=await closed_days(session, day, day + timedelta(days=HORIZON)),
        standing=out, ruling=ruling,
    )


def _resolved(book: Book, patron: Patron, item: Item) -> Ruling:
    return resolve(book, patron.category.value, item.kind, item.location)


def answer_json(found: Answer) -> dict[str, Any]:
    """The answer on the wire; reasons as a refusal would say them, each with its rule."""
    return {
        "would_lend": not found.reasons, "due_on": found.due_on,
        "explain": {**found.explain, "sentence": rules.sentence_of(found.explain)},
        "reasons": [{**reason.as_json(), "rule": found.rule_of(reason)} for reason in found.reasons],
        "fine": found.fine, "suspended_until": found.suspended_until,
        "set": found.ruling.book.number, "values": ruling_json(found.ruling),
    }


@dataclass(slots=True)
class Difference:
    """A loan that the draft would have made otherwise."""

    barcode: str
    title: str
    lent_on: date
    due_now: date
    due_then: date
    fine_now: int
    fine_then: int


@dataclass(slots=True)
class Trial:
    """A draft tried on past loans: the counts of all, the differences of one page."""

    tally: Tally = field(default_factory=Tally)
    shown: list[Difference] = field(default_factory=list)
    more: bool = False


async def trial(
    session: AsyncSession, draft: Book, active: Book, today: date, *, skip: int = 0, size: int = 25
) -> Trial:
    """Both versions on the loans of the last thirty days, read in batches; others are served in between."""
    since = today - BACK
    closed = await closed_days(session, since, today + timedelta(days=2 * HORIZON))
    now, then, found = Reckoning(active, closed), Reckoning(draft, closed), Trial()
    after: tuple[datetime, UUID] | None = None
    while not found.more:
        rows = await _batch(session, since, after)
        for row in rows:
            back = row.returned_at.astimezone(LOCAL).date() if row.returned_at else today
            lent_on = row.lent_at.astimezone(LOCAL).date()
            past = Past(row.category or "", row.kind, row.location, lent_on, row.renewals, back, row.price_fen)
            a, b = now.outcome(past), then.outcome(past)
            if found.tally.add(a, b) and skip < found.tally.different <= skip + size:
                found.shown.append(Difference(
                    row.barcode, row.title, lent_on, a.due_on, b.due_on, a.fine_fen, b.fine_fen
                ))
        if len(rows) < BATCH:
            return found
        after = (rows[-1].lent_at, rows[-1].id)
        found.more = found.tally.loans >= MOST
        await asyncio.sleep(0)
    return found


async def _batch(session: AsyncSession, since: date, after: tuple[datetime, UUID] | None) -> Any:
    query = (
        select(
            Loan.id, Loan.barcode, Loan.title, Loan.lent_at, Loan.returned_at, Loan.renewals,
            Loan.explain["rule"]["category"].astext.label("category"),
            Item.kind, Item.location, Item.price_fen,
        )
        .join(Item, Item.id == Loan.item_id)
        .where(Loan.lent_at >= midnight(since), Loan.undone.is_(False))
        .order_by(Loan.lent_at, Loan.id).limit(BATCH)
    )
    if after is not None:
        query = query.where(tuple_(Loan.lent_at, Loan.id) > after)
    return (await session.execute(query)).all()
