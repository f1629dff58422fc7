"""What is owed: fines by the day, compensation by the table; and who may let somebody off."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from services.reader.desk.calendar.rules import open_days_between
from services.reader.desk.charges.model import Entry, Posting
from services.reader.desk.policies.values import PRICE, Terms
from shared.i18n import N_
from shared.refusals import NotFound, Refusal, SamePerson

STANDARD_TERMS = Terms()
PROCESSING_FEN = 500
COMPENSATION_MIN_FEN = 2000
DAMAGED_PAGE_FEN = 50
BARCODE_FEN = 100
RECEIPTS = "SJ"


class UnknownCharge(NotFound):
    """No open charge has this number."""

    code = "unknown-charge"
    message = N_("没有这笔欠费，或已结清")


class NothingToPay(Refusal):
    """The patron owes nothing."""

    code = "nothing-to-pay"
    message = N_("没有待缴的费用")


class FineWasPaid(Refusal):
    """A paid fine is not reversed with the return; it is refunded as a case of its own."""

    code = "fine-was-paid"
    message = N_("逾期费已缴，不能撤销还书")


def overdue_fine(
    due_on: date, returned_on: date, *, closed: Collection[date], price_fen: int,
    terms: Terms = STANDARD_TERMS,
) -> dict[str, Any]:
    """The fine, the suspension, and how they came about.

    Closed days are free where the rule says so; within the grace nothing is owed, beyond it every day
    counts. `suspend_days` are open days after the return.
    """
    open_, shut = open_days_between(due_on, returned_on, closed)
    free = shut if terms.skip_closed else 0
    charged = open_ + shut - free
    forgiven = 0 < charged <= terms.grace_days
    counted = 0 if forgiven else charged
    raw = counted * terms.fine_per_day
    cap = (price_fen or None) if terms.fine_cap == PRICE else terms.fine_cap
    amount = raw if cap is None else min(raw, int(cap))
    days = counted * terms.suspend_per_day
    return {
        "due_on": due_on.isoformat(), "returned_on": returned_on.isoformat(),
        "overdue_days": open_ + shut, "closed_days": free, "charged_days": charged,
        "per_day_cents": terms.fine_per_day, "cap_cents": cap, "cap": str(terms.fine_cap or ""),
        "capped": amount < raw, "amount_cents": amount,
        "grace_days": terms.grace_days, "forgiven": forgiven,
        "suspend_days": days if terms.suspend_cap is None else min(days, terms.suspend_cap),
    }


def compensation(
    price_fen: int, *, copies: int, foreign: bool = False, year: int | None = None,
    stolen: bool = False,
) -> int:
    """What a lost book costs when no other copy is brought: price × multiple, at least the minimum."""
    if stolen or (year is not None and year < 1993):
        times = 10
    elif foreign or copies <= 1:
        times = 5
    elif copies < 5:
        times = 4
    else:
        times = 3
    return max(price_fen * times, COMPENSATION_MIN_FEN)


def settle(charge: Entry, posting: Posting, *, actor: str, **facts: Any) -> Entry:
    """The row that clears a charge in full; a waiver is for somebody who did not charge it."""
    if posting is Posting.waiver and actor == charge.actor:
        raise SamePerson
    return Entry(
        patron_id=charge.patron_id, card=charge.card, posting=posting, kind=charge.kind,
        amount_fen=-charge.amount_fen, charge_id=charge.id, loan_id=charge.loan_id,
        barcode=charge.barcode, title=charge.title, actor=actor, **facts,
    )
