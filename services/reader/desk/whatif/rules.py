"""A loan as another version would have made it; pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from services.reader.desk.charges.rules import overdue_fine
from services.reader.desk.circulation.rules import due_date
from services.reader.desk.policies.rules import Book, resolve


@dataclass(frozen=True, slots=True)
class Past:
    """What a version decides on: who, what, when, how often renewed, when back."""

    category: str
    kind: str
    location: str
    lent_on: date
    renewals: int
    until: date
    price_fen: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """When it would have been due, and what it would have cost by now."""

    due_on: date
    fine_fen: int


@dataclass(slots=True)
class Tally:
    """How two versions differ over many loans."""

    loans: int = 0
    different: int = 0
    earlier: int = 0
    later: int = 0
    fines: int = 0
    fen_now: int = 0
    fen_then: int = 0

    def add(self, now: Outcome, then: Outcome) -> bool:
        """Count a loan; whether it differs."""
        self.loans += 1
        self.earlier += then.due_on < now.due_on
        self.later += then.due_on > now.due_on
        self.fines += then.fine_fen != now.fine_fen
        self.fen_now += now.fine_fen
        self.fen_then += then.fine_fen
        self.different += now != then
        return now != then


class Reckoning:
    """One version applied to many loans; a due date is reckoned once for loans that share everything."""

    def __init__(self, book: Book, closed: Collection[date]) -> None:
        self.book, self.closed = book, closed
        self.known: dict[tuple[str, str, str, date, int], date] = {}

    def outcome(self, past: Past) -> Outcome:
        """Renewals are taken to be asked for on the last day, as far as the version allows them."""
        ruling = resolve(self.book, past.category, past.kind, past.location)
        renewals = min(past.renewals, ruling.terms.renewals)
        key = (past.category, past.kind, past.location, past.lent_on, renewals)
        due = self.known.get(key)
        if due is None:
            due = past.lent_on
            for n in range(renewals + 1):
                due, _why = due_date(ruling.terms, past.category, due, self.closed, renewal=n)
            self.known[key] = due
        if past.until <= due:
            return Outcome(due, 0)
        fine = overdue_fine(due, past.until, closed=self.closed, price_fen=past.price_fen, terms=ruling.terms)
        return Outcome(due, fine["amount_cents"])
