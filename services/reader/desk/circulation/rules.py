"""What decides a loan, a return, a renewal. Pure: facts in, reasons or changes out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.reader.desk import HEAD
from services.reader.desk.calendar.rules import next_open
from services.reader.desk.circulation.model import Loan
from services.reader.desk.items.model import Circulation, Item
from services.reader.desk.items.rules import ABSENT, unfit
from services.reader.desk.patrons.model import Patron
from services.reader.desk.patrons.rules import TERMS, Terms, blocks, card_blocks, limit_block
from shared.i18n import N_, _
from shared.identity import Actor
from shared.refusals import Reason, Refusal, Severity

SHIFT = timedelta(hours=12)
REMINDERS = (-3, 1, 7, 30, 60)


class Explained(Refusal):
    """A refusal whose sentence is its reasons."""

    def __str__(self) -> str:
        return _(self.message, why="；".join(str(reason) for reason in self.reasons))


class LoanRefused(Explained):
    """The item cannot be lent to this patron now."""

    code = "loan-refused"
    message = N_("不能借出：{why}")


class RenewalRefused(Explained):
    """The loan cannot be renewed now."""

    code = "renewal-refused"
    message = N_("不能续借：{why}")


class NotOnLoan(Refusal):
    """Nobody has this item, so there is nothing to renew."""

    code = "item-not-on-loan"
    message = N_("《{title}》未借出，无需续借")


class UndoRefused(Explained):
    """The last step cannot be taken back any more."""

    code = "undo-refused"
    message = N_("不能撤销：{why}")


@dataclass(slots=True)
class Facts:
    """Everything one lending decision rests on, read in one statement."""

    item: Item
    patron: Patron
    earliest_due: date | None = None
    first_waiting: UUID | None = None
    ready_for: UUID | None = None
    own_hold: UUID | None = None
    closed: Collection[date] = field(default_factory=tuple)


def objections(facts: Facts, today: date) -> list[Reason]:
    """Every reason against lending this item to this patron, the item's first."""
    item, patron = facts.item, facts.patron
    found = unfit(item) + _not_here(item, patron)
    if item.circulation is Circulation.hold_shelf and facts.ready_for not in {None, patron.id}:
        found.append(Reason("held-for-another", N_("已为另一位预约读者保留在预约架"), Severity.OVERRIDE, by=HEAD))
    elif (
        item.circulation is not Circulation.on_loan and facts.ready_for != patron.id
        and facts.first_waiting not in {None, patron.id}
    ):
        found.append(Reason("others-wait", N_("有读者排队预约此书"), Severity.OVERRIDE, by=HEAD))
    return found + blocks(patron, today=today, earliest_due=facts.earliest_due) + limit_block(patron)


def _not_here(item: Item, patron: Patron) -> list[Reason]:
    state = item.circulation
    if state is Circulation.on_loan:
        if item.patron_id == patron.id:
            return [Reason("already-with-this-patron", N_("该读者已借此册，不必再借"))]
        return [Reason("item-on-loan", N_("该册在另一位读者名下，请先办还书"))]
    if state in {Circulation.lost, Circulation.claimed_returned}:
        return [Reason(f"item-{state.value.replace('_', '-')}", N_("{state}，请先办还书"), params={"state": _(ABSENT[state])})]
    return []


def overridden(
    reasons: list[Reason], *, asked: bool, note: str, actor: Actor
) -> list[dict[str, Any]] | None:
    """What an override sets aside, or None when it does not reach: right, note, and nothing impossible."""
    if not reasons:
        return []
    if not asked or not note.strip():
        return None
    if any(r.severity is Severity.IMPOSSIBLE or not actor.holds(r.by) for r in reasons):
        return None
    return [{"code": r.code, "by": actor.id, "note": note.strip()} for r in reasons]


def set_aside(reasons: list[Reason], *, actor: Actor) -> list[dict[str, Any]]:
    """What stood against a step that was taken while the machine was cut off: kept with the loan, not refused."""
    return [{"code": r.code, "by": actor.id, "note": "脱机补传"} for r in reasons]


def due_date(
    terms: Terms, category: str, start: date, closed: Collection[date], *, renewal: int = 0
) -> tuple[date, dict[str, Any]]:
    """The due date and why: rule, first reckoning, the closed days it was moved over."""
    raw = start + timedelta(days=terms.days)
    due = next_open(raw, closed)
    moved = [day.isoformat() for day in sorted(closed) if raw <= day < due]
    return due, {
        "rule": {
            "category": category, "items": terms.items, "days": terms.days, "renewals": terms.renewals,
        },
        "from": start.isoformat(), "reckoned": raw.isoformat(), "closed": moved,
        "due_on": due.isoformat(), "renewal": renewal,
    }


def sentence_of(explain: dict[str, Any]) -> str:
    """The explanation as a librarian would say it."""
    from services.reader.desk.patrons.model import Category

    rule = explain["rule"]
    text = _(
        N_("{category}借期 {days} 天，自 {start} 起算"),
        category=Category(rule["category"]).text, days=rule["days"], start=explain["from"],
    )
    if explain["closed"]:
        text += _(
            N_("；{raw} 闭馆，顺延至 {due}"), raw=explain["reckoned"], due=explain["due_on"]
        )
    return text


def renewal_objections(
    loan: Loan, patron: Patron, *, today: date, first_waiting: UUID | None
) -> list[Reason]:
    """Every reason against a later due date."""
    terms = TERMS[patron.category]
    found = card_blocks(patron, today)
    if loan.due_on < today:
        found.append(Reason(
            "loan-overdue", N_("已超期，应还 {day}"), Severity.OVERRIDE, {"day": loan.due_on}, HEAD
        ))
    if loan.renewals >= terms.renewals:
        found.append(Reason(
            "renewal-limit", N_("已续借 {n} 次，达到上限"), Severity.OVERRIDE, {"n": loan.renewals}, HEAD
        ))
    if first_waiting is not None and first_waiting != patron.id:
        found.append(Reason("others-wait", N_("有读者排队预约此书"), Severity.OVERRIDE, by=HEAD))
    return found


def undo_objections(*, by: str, at: datetime, actor: Actor, now: datetime) -> list[Reason]:
    """A slip of the hand is taken back by the same hand in the same shift; later by a head."""
    if actor.holds(HEAD):
        return []
    found = []
    if by != actor.id:
        found.append(Reason("not-yours", N_("由 {by} 办理，请本人或责任人撤销"), params={"by": by}))
    if now - at > SHIFT:
        found.append(Reason("shift-over", N_("已过当班，请责任人撤销")))
    return found
