"""What is owed: fines by the day, compensation by the table; and who may let somebody off."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from services.reader.desk import HEAD
from services.reader.desk.calendar.rules import open_days_between
from services.reader.desk.charges.compensation import DISC_FEN
from services.reader.desk.charges.compensation import sentence_of as compensation_sentence
from services.reader.desk.charges.model import Entry, Kind, Posting
from services.reader.desk.policies.rules import rule_text
from services.reader.desk.policies.values import PRICE, Terms
from shared.i18n import N_, _
from shared.refusals import Invalid, NotFound, Refusal, SamePerson, Severity
from shared.web.show import money

STANDARD_TERMS = Terms()
PROCESSING_FEN = 500
RATES: dict[Kind, int] = {
    Kind.damage: 50, Kind.barcode: 100, Kind.card: 1000, Kind.disc: DISC_FEN, Kind.processing: PROCESSING_FEN,
}
MOST = 500
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


class NoRate(Refusal):
    """This kind of charge has no fixed rate."""

    code = "no-rate"
    status = 422
    message = N_("“{kind}”没有固定标准，请填写金额；遗失赔偿请从遗失登记办理")


class NotPaid(Refusal):
    """What was never received cannot be given back."""

    code = "not-paid"
    message = N_("这笔费用没有收过款，不能退")


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


def by_rule(kind: Kind, *, number: int = 1, title: str = "") -> dict[str, Any]:
    """A fee that has a fixed rate: pages at 0.50 each, a barcode, a disc, a new card, processing.

    `title` is not part of the sum; it is kept so that the line can be read alone.
    """
    rate = RATES.get(kind)
    if rate is None:
        raise NoRate(kind=kind.text)
    if not 1 <= number <= MOST:
        raise Invalid({"number": N_("数量须在 1 到 500 之间")})
    return {"rate_cents": rate, "number": number, "amount_cents": rate * number, "title": title}


def sentence_of(explain: dict[str, Any]) -> str:
    """How a charge came about, in words; empty when it was set by hand."""
    if "charged_days" in explain:
        text = _(N_("超期 {n} 天，计费 {m} 天"), n=explain["overdue_days"], m=explain["charged_days"])
        text += _(N_("，封顶")) if explain.get("capped") else ""
        rule = explain.get("rule")
        return f"{text} · {rule_text(rule['set'], rule['no'])}" if rule and "no" in rule else text
    if "rate_cents" in explain:
        return f"{money(explain['rate_cents'])} × {explain['number']} = {money(explain['amount_cents'])}"
    if "line" in explain:
        return compensation_sentence(explain)
    return ""


def settle(charge: Entry, posting: Posting, *, actor: str, **facts: Any) -> Entry:
    """The row that clears a charge in full; a waiver is for somebody who did not charge it."""
    if posting is Posting.waiver and actor == charge.actor:
        raise SamePerson
    return Entry(
        patron_id=charge.patron_id, card=charge.card, posting=posting, kind=charge.kind,
        amount_fen=-charge.amount_fen, charge_id=charge.id, loan_id=charge.loan_id,
        barcode=charge.barcode, title=charge.title, actor=actor, **facts,
    )


def needs_a_head(amount_fen: int) -> dict[str, Any]:
    """Why a clerk cannot waive, in the form in which reasons are kept."""
    return {
        "code": "needs-a-head", "message": N_("减免 {money} 须责任人决定"), "severity": Severity.OVERRIDE.value,
        "by": list(HEAD), "params": {"money": money(amount_fen)},
    }


def take_back(credit: Entry, refund: Entry, *, actor: str, **facts: Any) -> tuple[Entry, Entry]:
    """The pair of rows that undoes a refund which did not arrive: together they add nothing to the debt, and all four add up to nothing."""
    common = {
        "patron_id": refund.patron_id, "card": refund.card, "kind": refund.kind, "refunds_id": refund.refunds_id, "round": refund.round,
        "loan_id": refund.loan_id, "barcode": refund.barcode, "title": refund.title, "actor": actor, **facts,
    }
    return (
        Entry(posting=Posting.refund_undone, amount_fen=-refund.amount_fen, **common),
        Entry(posting=Posting.credit_undone, amount_fen=-credit.amount_fen, **common),
    )


def give_back(payment: Entry, *, actor: str, **facts: Any) -> tuple[Entry, Entry]:
    """The pair of rows of a refund: the charge is no longer owed, and the money has left the house.

    Together they add nothing to the debt; one without the other would.
    """
    if payment.posting is not Posting.payment:
        raise NotPaid
    common = {
        "patron_id": payment.patron_id, "card": payment.card, "kind": payment.kind, "refunds_id": payment.id,
        "loan_id": payment.loan_id, "barcode": payment.barcode, "title": payment.title, "actor": actor, **facts,
    }
    return (
        Entry(posting=Posting.credit, amount_fen=payment.amount_fen, **common),
        Entry(posting=Posting.refund, amount_fen=-payment.amount_fen, **common),
    )
