"""What decides a loan, a return, a renewal. Pure: facts in, reasons or changes out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.reader.desk import HEAD
from services.reader.desk.calendar.rules import next_open
from services.reader.desk.charges.rules import overdue_fine
from services.reader.desk.circulation.model import Loan
from services.reader.desk.items.model import Circulation, Item
from services.reader.desk.items.rules import ABSENT, unfit
from services.reader.desk.patrons.model import Patron
from services.reader.desk.patrons.rules import TERMS, Standing, blocks, card_blocks, limit_block
from services.reader.desk.policies.rules import (
    ANY,
    KEPT,
    STANDARD,
    Ruling,
    kept_terms,
    resolve,
    rule_text,
)
from services.reader.desk.policies.values import ON, Terms
from services.reader.desk.signing.rules import codes_of
from shared.i18n import N_, _
from shared.identity import Actor, Approval
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
    standing: Standing | None = None
    # What decides; the standard rules when nobody said otherwise.
    ruling: Ruling | None = None

    @property
    def terms(self) -> Ruling:
        """The ruling for this patron and this item."""
        return self.ruling or resolve(
            STANDARD, self.patron.category.value, self.item.kind, self.item.location
        )


# Which value of the rules stands behind a reason.
DECIDED_BY = {
    "loan-limit": "items", "debt": "debt_limit", "overdue": "overdue_max", "lost-limit": "lost_max",
    "recalls-overdue": "recall_overdue_max", "recall-overdue-days": "recall_overdue_days",
    "renewal-limit": "renewals", "no-later-due": "hard_due_on", "hold-limit": "holds",
}


def objections(facts: Facts, today: date) -> list[Reason]:
    """Every reason against lending this item to this patron, the item's first."""
    item, patron = facts.item, facts.patron
    found = unfit(item) + _not_here(item, patron)
    kept = item.circulation in {Circulation.hold_shelf, Circulation.in_transit}
    if kept and facts.ready_for not in {None, patron.id}:
        found.append(Reason("held-for-another", N_("已为另一位预约读者保留在预约架"), Severity.OVERRIDE, by=HEAD))
    elif (
        item.circulation is not Circulation.on_loan and facts.ready_for != patron.id
        and facts.first_waiting not in {None, patron.id}
    ):
        found.append(Reason("others-wait", N_("有读者排队预约此书"), Severity.OVERRIDE, by=HEAD))
    ruling = facts.terms
    return found + blocks(
        patron, today=today, earliest_due=facts.earliest_due, standing=facts.standing, terms=ruling.terms
    ) + limit_block(patron, ruling.terms, out=_against(ruling, facts.standing))


def _against(ruling: Ruling, standing: Standing | None) -> int | None:
    """How many loans count against a limit that was set for some items only; None for all of them."""
    row = ruling.scope("items")
    if standing is None:
        return None
    if ANY not in {row.kind, row.location}:
        return standing.of_both
    if row.kind != ANY:
        return standing.of_kind
    return standing.of_location if row.location != ANY else None


def _not_here(item: Item, patron: Patron) -> list[Reason]:
    state = item.circulation
    if state is Circulation.on_loan:
        if item.patron_id == patron.id:
            return [Reason("already-with-this-patron", N_("该读者已借此册，不必再借"))]
        return [Reason("item-on-loan", N_("该册在另一位读者名下，请先办还书"))]
    if state in {Circulation.in_process, Circulation.in_handover, Circulation.relocating}:
        return [Reason(f"item-{state.value.replace('_', '-')}", ABSENT[state])]
    if state in {Circulation.lost, Circulation.claimed_returned}:
        return [Reason(f"item-{state.value.replace('_', '-')}", N_("{state}，请先办还书"), params={"state": _(ABSENT[state])})]
    return []


def overridden(
    reasons: list[Reason], *, asked: bool, note: str, actor: Actor, signed: Approval | None = None
) -> list[dict[str, Any]] | None:
    """What an override sets aside, or None when it does not reach: right, note, and nothing impossible.

    With a signature the right and the words are the signer's, for the reasons the signer has seen.
    """
    if not reasons:
        return []
    who, words = (signed.by, signed.reason) if signed else (actor, note)
    if not (asked or signed) or not words.strip():
        return None
    if any(r.severity is Severity.IMPOSSIBLE or not who.holds(r.by) for r in reasons):
        return None
    if signed and not {r.code for r in reasons} <= codes_of(signed):
        return None
    beside = {"desk_of": actor.id} if signed else {}
    return [{"code": r.code, "by": who.id, "note": words.strip(), **beside} for r in reasons]


# What a loan made without a network cannot have been: these say that somebody else has the item.
UNTRUE = {"item-on-loan", "already-with-this-patron", "item-lost", "item-claimed-returned"}


def after_the_fact(
    reasons: list[Reason], actor: Actor, note: str
) -> list[dict[str, Any]] | None:
    """What is set aside because the loan has already happened; None when it cannot have."""
    if any(r.code in UNTRUE for r in reasons):
        return None
    return [{"code": r.code, "by": actor.id, "note": note or "offline"} for r in reasons]


def before_renewal(loan: Loan) -> dict[str, Any]:
    """What a renewal changes, kept so that it can be taken back exactly once."""
    return {
        "due_on": loan.due_on.isoformat(), "renewals": loan.renewals, "override": loan.override,
        "explain": {k: v for k, v in loan.explain.items() if k != "before"},
    }


def due_date(
    terms: Terms, category: str, start: date, closed: Collection[date], *, renewal: int = 0,
    ruling: Ruling | None = None, today: date | None = None,
) -> tuple[date, dict[str, Any]]:
    """The due date and why: rule, first reckoning, the fixed day, the closed days it was moved over.

    A fixed day that is already past on `today` (the start when not given) decides nothing any more.
    """
    name = "renewal_days" if renewal and terms.renewal_days is not None else "days"
    raw = start + timedelta(days=getattr(terms, name))
    hard = terms.hard_due_on
    fixed = hard is not None and hard > (today or start) and (terms.hard_due_mode == ON or hard < raw)
    reckoned = hard if fixed and hard else raw
    due = next_open(reckoned, closed)
    moved = [day.isoformat() for day in sorted(closed) if reckoned <= day < due]
    explain: dict[str, Any] = {
        "rule": {
            "category": category, "items": terms.items, "days": getattr(terms, name),
            "renewals": terms.renewals,
        },
        "from": start.isoformat(), "reckoned": reckoned.isoformat(), "closed": moved,
        "due_on": due.isoformat(), "renewal": renewal,
        "late": {kept: getattr(terms, kept) for kept in KEPT},
    }
    if fixed:
        explain["fixed"] = {"on": reckoned.isoformat(), "instead": raw.isoformat(), "mode": terms.hard_due_mode}
    if ruling is not None:
        decided = ["hard_due_on" if fixed else name, *KEPT]
        explain["rule"] |= {"set": ruling.book.number, "no": ruling.by[decided[0]].no}
        explain["by"] = {one: ruling.by[one].as_json() for one in decided}
    return due, explain


def sentence_of(explain: dict[str, Any]) -> str:
    """The explanation as a librarian would say it."""
    from services.reader.desk.patrons.model import Category

    rule = explain["rule"]
    text = _(
        N_("{category}借期 {days} 天，自 {start} 起算"),
        category=Category(rule["category"]).text, days=rule["days"], start=explain["from"],
    )
    if fixed := explain.get("fixed"):
        text += _(N_("；固定应还日 {day}"), day=fixed["on"])
    if explain["closed"]:
        text += _(
            N_("；{raw} 闭馆，顺延至 {due}"), raw=explain["reckoned"], due=explain["due_on"]
        )
    if recall := explain.get("recall"):
        text += _(N_("；{day} 召回，应还日由 {before} 提前至 {due}"), day=recall["on"], before=recall["before"], due=recall["due_on"])
    if rule.get("set"):
        text += _(N_("；依{rule}"), rule=rule_text(rule["set"], rule["no"])) + _beaten(explain)
    return text


def _beaten(explain: dict[str, Any]) -> str:
    """The rules that would have said something else."""
    decided: dict[str, Any] = next(iter(explain.get("by", {}).values()), {})
    if not decided.get("lost"):
        return ""
    return _(N_("（优先于第 {lost} 条）"), lost="、".join(str(no) for no in decided["lost"]))


def fine_of(
    loan: Loan, day: date, *, closed: Collection[date], price_fen: int
) -> dict[str, Any]:
    """What a late loan costs if it comes back on a day, by the rule it was made under, and which that is."""
    fine = overdue_fine(
        loan.due_on, day, closed=closed, price_fen=price_fen, terms=kept_terms(loan.explain)
    )
    if number := loan.explain.get("rule", {}).get("set"):
        fine["rule"] = {"set": number, **loan.explain.get("by", {}).get("fine_per_day", {})}
    return fine


def renewal_objections(
    loan: Loan, patron: Patron, *, today: date, first_waiting: UUID | None, terms: Terms | None = None
) -> list[Reason]:
    """Every reason against a later due date."""
    terms = terms or TERMS[patron.category]
    found = card_blocks(patron, today)
    if loan.due_on < today:
        found.append(Reason(
            "loan-overdue", N_("已超期，应还 {day}"), Severity.OVERRIDE, {"day": loan.due_on}, HEAD
        ))
    if loan.renewals >= terms.renewals:
        found.append(Reason(
            "renewal-limit", N_("已续借 {n} 次，达到上限"), Severity.OVERRIDE, {"n": loan.renewals}, HEAD
        ))
    if loan.recalled_at is not None:
        found.append(Reason("loan-recalled", N_("已召回，请按 {day} 归还"), Severity.OVERRIDE, {"day": loan.due_on}, HEAD))
    if first_waiting is not None and first_waiting != patron.id:
        found.append(Reason("others-wait", N_("有读者排队预约此书"), Severity.OVERRIDE, by=HEAD))
    return found


def undo_objections(*, by: str, at: datetime, actor: Actor, now: datetime) -> list[Reason]:
    """A slip of the hand is taken back by the same hand in the same shift; later by a head, or on their signature."""
    if actor.holds(HEAD):
        return []
    found = []
    if by != actor.id:
        found.append(Reason("not-yours", N_("由 {by} 办理，请本人或责任人撤销"), Severity.OVERRIDE, {"by": by}, HEAD))
    if now - at > SHIFT:
        found.append(Reason("shift-over", N_("已过当班，请责任人撤销"), Severity.OVERRIDE, by=HEAD))
    return found
