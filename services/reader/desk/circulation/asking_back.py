"""Asking for books back: reminders as the day comes near and goes by, recalls when somebody else needs them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

from services.reader.desk import DESK
from services.reader.desk.calendar.queries import closed_days
from services.reader.desk.calendar.rules import next_open
from services.reader.desk.circulation import rules
from services.reader.desk.circulation.model import Loan
from services.reader.desk.circulation.queries import (
    due_on_days,
    lock_open_loan,
    open_loans_of_title,
)
from services.reader.desk.circulation.rules import Explained
from services.reader.desk.holds import commands as holds
from services.reader.desk.holds.model import Hold
from services.reader.desk.items import rules as item_rules
from services.reader.desk.policies.rules import kept_terms
from shared.events.reader import LoanRecalled, LoanReminded
from shared.i18n import N_
from shared.refusals import Invalid, Reason
from shared.settings import LOCAL
from shared.work import Work

# Whichever copy of the title can be back first.
ANY = "*"


class RecallRefused(Explained):
    """The loan cannot be asked back sooner."""

    code = "recall-refused"
    message = N_("不能召回：{why}")


def recalled(loan: Loan, *, today: date, closed: Collection[date]) -> date:
    """The due date after a recall: what was guaranteed, some days to bring it, never later than before."""
    terms = kept_terms(loan.explain)
    guaranteed = loan.lent_at.astimezone(LOCAL).date() + timedelta(days=terms.recall_min_days)
    day = max(guaranteed, today + timedelta(days=terms.recall_due_days))
    return min(next_open(day, closed), loan.due_on)


def recall_objections(loan: Loan, *, today: date, due: date) -> list[Reason]:
    """Why a recall would do nothing."""
    if loan.recalled_at is not None:
        return [Reason("already-recalled", N_("已召回，应还 {day}"), params={"day": loan.due_on})]
    if loan.due_on < today:
        return [Reason("already-overdue", N_("已超期，应还 {day}，请催还"), params={"day": loan.due_on})]
    if due >= loan.due_on:
        return [Reason("nothing-to-shorten", N_("按规则最早应还 {due}，不早于现在的 {day}"), params={"due": due, "day": loan.due_on})]
    return []


async def hold_and_recall(
    work: Work, *, card: str, instance_id: str = "", calling: str = "", **wish: Any
) -> tuple[Hold, int, Loan | None]:
    """Place a hold and ask the borrower of a copy back in the same breath: both or neither.

    `calling` is the barcode called back, or `ANY`: then the copy of the title that can be here first. Everything
    against the hold and against the recall is said at once. `wish` as in `holds.place`.
    """
    called, against = "", list[Reason]()
    if calling:
        work.actor.require(*DESK)
        called, against = await _callable(work, instance_id=instance_id, barcode="" if calling == ANY else calling)
    placed, place = await holds.place(work, card=card, instance_id=instance_id, against=against, **wish)
    loan = await recall(work, barcode=called, reason=N_("读者预约，请求召回")) if called else None
    return placed, place, loan


async def _callable(work: Work, *, instance_id: str, barcode: str) -> tuple[str, list[Reason]]:
    """The barcode to call back, its item locked, or why nothing can be."""
    if not barcode:
        out = await open_loans_of_title(work.session, instance_id)
        days = {loan.barcode: recalled(loan, today=work.today, closed=frozenset()) for loan in out}
        fit = [one for one in out if not recall_objections(one, today=work.today, due=days[one.barcode])]
        first = min(fit or out, key=lambda loan: (days[loan.barcode], loan.barcode), default=None)
        if first is None:
            return "", [Reason("no-copy-on-loan", N_("没有借出的复本可召回"))]
        barcode = first.barcode
    item, loan, _first, closed, _book = await lock_open_loan(work.session, barcode, work.today)
    if loan is None:
        return "", [Reason("item-not-on-loan", N_("《{title}》未借出"), params={"title": item.title})]
    closed |= await closed_days(work.session, work.today, loan.due_on)
    return item.barcode, recall_objections(
        loan, today=work.today, due=recalled(loan, today=work.today, closed=closed)
    )


async def recall(work: Work, *, barcode: str, reason: str) -> Loan:
    """Ask for an item sooner than promised, by the rule it was lent under; its patron is told."""
    work.actor.require(*DESK)
    if not reason.strip():
        raise Invalid({"reason": N_("请写明召回原因")})
    item, loan, _first, closed, _book = await lock_open_loan(work.session, barcode, work.today)
    if loan is None:
        raise RecallRefused([Reason("item-not-on-loan", N_("《{title}》未借出"), params={"title": item.title})])
    # The closed days above begin at the old due date; a recall may fall on one before it.
    closed |= await closed_days(work.session, work.today, loan.due_on)
    due = recalled(loan, today=work.today, closed=closed)
    if reasons := recall_objections(loan, today=work.today, due=due):
        raise RecallRefused(reasons)
    before = loan.due_on
    loan.recalled_at, loan.recalled_by, loan.recall_reason = work.now, work.actor.id, reason.strip()[:200]
    loan.due_before, loan.due_on = before, due
    loan.explain = {**loan.explain, "recall": {
        "on": work.today.isoformat(), "before": before.isoformat(), "due_on": due.isoformat(),
    }}
    work.emit(LoanRecalled(
        **item_rules.about(item), loan_id=str(loan.id), card=loan.card or "", due_before=before, due_on=due,
        reason=loan.recall_reason,
    ))
    return loan


async def remind(work: Work) -> int:
    """Tell patrons before the day and on the 1st, 7th, 30th and 60th day after it; run every morning."""
    days = {work.today - timedelta(days=n): n for n in rules.REMINDERS}
    loans = await due_on_days(work.session, list(days))
    for loan in loans:
        work.emit(LoanReminded(
            barcode=loan.barcode, title=loan.title, call_number=loan.call_number,
            instance_id=loan.instance_id, loan_id=str(loan.id), card=loan.card or "",
            due_on=loan.due_on, days=days[loan.due_on],
        ))
    return len(loans)
