"""What is left of a budget, who decides, and how an answer to a case follows from what it asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from services.office.money.budgets.model import (
    Budget,
    BudgetState,
    ChangeState,
    ReportState,
    ReservationState,
)
from shared.events.office import BudgetAllocated
from shared.i18n import N_, _
from shared.refusals import Invalid, NotAllowed, Refusal
from shared.settings import LOCAL
from shared.states import Life

FINANCE = ("OFF-FIN",)
REVIEWERS = ("head-office",)
APPROVERS = ("deputy", "director")
DECIDERS = ("head-office", "deputy", "director")
READERS = ("OFF", "head", "deputy", "director", "auditor", "RES-ACQ")
BUDGETS, ENTRIES, CHANGES, REPORTS = "JF", "JZ", "TZ", "YB"

B, C, R, M = BudgetState, ChangeState, ReservationState, ReportState
LIFE: Life[BudgetState] = {
    (B.draft, "review"): B.reviewed,
    (B.reviewed, "approve"): B.approved,
    (B.reviewed, "return"): B.draft,
    (B.approved, "start"): B.running,
    (B.running, "close"): B.closed,
}
CHANGE_LIFE: Life[ChangeState] = {
    (C.proposed, "approve"): C.approved,
    (C.proposed, "refuse"): C.refused,
}
RESERVATION_LIFE: Life[ReservationState] = {(R.refused, "override"): R.reserved}
REPORT_LIFE: Life[ReportState] = {
    (M.prepared, "audit"): M.audited,
    (M.audited, "hand"): M.handed,
}


class NoSuchBudget(Refusal):
    """Money comes from budget lines that run."""

    code = "budgets.not-running"
    message = N_("没有执行中的预算“{budget}”")


class StillHeld(Refusal):
    """A line with open orders or invoices stays open."""

    code = "budgets.still-held"
    message = N_("尚有占用 {held} 元，付清或释放后才能结账")


class YearClosed(Refusal):
    """The books of a closed year do not move any more."""

    code = "budgets.year-closed"
    message = N_("预算 {budget} 已结账，不能冲销；收回的款项请在新年度登记收入凭证")


class NotEnough(Refusal):
    """More would be taken from a line than it has."""

    code = "budgets.not-enough"
    message = N_("{fund_name}可用 {available} 元，不足 {amount} 元")


class BeyondFunds(NotAllowed):
    """Spending beyond what is left is the director's word."""

    code = "budgets.beyond-funds"
    message = N_("{fund_name}可用 {available} 元，超出部分须由馆长审批")


def yuan(fen: int) -> str:
    """1234.50 with thousands, for sentences."""
    return f"{fen / 100:,.2f}"


@dataclass(frozen=True, slots=True)
class Sums:
    """The sums of a budget line, in fen."""

    approved: int = 0
    adjusted: int = 0
    encumbered: int = 0
    spent: int = 0
    pending: int = 0

    @property
    def total(self) -> int:
        """What may be spent in the year."""
        return self.approved + self.adjusted

    @property
    def committed(self) -> int:
        """What is spent or held."""
        return self.spent + self.encumbered

    @property
    def available(self) -> int:
        """What is left."""
        return self.total - self.committed

    @property
    def use_rate(self) -> float:
        """Spent, in per cent of the total with one decimal."""
        return _rate(self.spent, self.total)

    @property
    def commitment_rate(self) -> float:
        """Spent or held, in per cent."""
        return _rate(self.committed, self.total)


def _rate(part: int, whole: int) -> float:
    return round(part * 100 / whole, 1) if whole > 0 else 0.0


def sums(budget: Budget) -> Sums:
    """Of a line as it was read."""
    return Sums(budget.approved, budget.adjusted, budget.encumbered, budget.spent, budget.pending)


def level(now: Sums, *, warn: int, stop: int) -> int:
    """0, or the highest of the two limits (in per cent) that is reached."""
    reached = [limit for limit in (warn, stop) if now.total > 0 and now.committed * 100 >= limit * now.total]
    return max(reached, default=0)


def room(budget: Budget) -> int:
    """How much more may be held before the line stops."""
    return sums(budget).total * budget.stop_at // 100 - sums(budget).committed


@dataclass(slots=True)
class Held:
    """One line of what a case has: asked for in all, agreed to, settled by payments."""

    asked: int = 0
    needed: int = 0
    settled: int = 0

    @property
    def open(self) -> int:
        """What is held now; payments may settle more than was left after a part was cancelled."""
        return max(self.needed - self.settled, 0)


def follow(asked: Mapping[str, int], settled: Mapping[str, int], successors: Mapping[str, str]) -> dict[str, int]:
    """What a case asks of lines, told in terms of those that took over: a closed line keeps what was paid from it.

    Departments go on naming the line they ordered from; late news does, too.
    """
    found = dict(asked)
    for old, new in successors.items():
        whole = found.pop(old, 0)
        keep = min(whole, settled.get(old, 0))
        if keep:
            found[old] = keep
        if whole > keep:
            found[new] = found.get(new, 0) + whole - keep
    return found


def last(budget: str, successors: Mapping[str, str]) -> str:
    """The line that has it now."""
    while budget in successors:
        budget = successors[budget]
    return budget


@dataclass(slots=True)
class Answer:
    """What follows from a question: changes of what is held by line, and why not, if not."""

    deltas: dict[str, int] = field(default_factory=dict)
    short: list[str] = field(default_factory=list)


def answer(held: Mapping[str, Held], asked: Mapping[str, int], rooms: Mapping[str, int]) -> Answer:
    """Compare what is held with what is asked. `rooms`: how much more each running line can hold.

    All lines or none: half an order is not sent. Giving money back is never refused.
    """
    found = Answer()
    for budget in sorted({*held, *asked}):
        before = held.get(budget, Held())
        after = Held(needed=asked.get(budget, 0), settled=before.settled)
        delta = after.open - before.open
        if delta > 0 and (budget not in rooms or rooms[budget] < delta):
            found.short.append(budget)
        if delta:
            found.deltas[budget] = delta
    return found


def allocated(budget: Budget) -> BudgetAllocated:
    """What departments keep of a line."""
    now = sums(budget)
    return BudgetAllocated(
        budget=budget.no, fund_name=budget.fund_name, fund_name_en=budget.fund_name_en, year=budget.year, kind=str(budget.kind),
        total_cents=now.total, available_cents=now.available, level=level(now, warn=budget.warn_at, stop=budget.stop_at),
        open=BudgetState(budget.state) is BudgetState.running,
    )


def check_closing(budget: Budget) -> None:
    """Nothing is held any more."""
    if budget.encumbered or budget.pending:
        raise StillHeld(held=yuan(max(budget.encumbered, budget.pending)))


def check_taking(budget: Budget, amount: int) -> None:
    """A cut or a transfer takes only what is neither spent nor held."""
    if sums(budget).available < amount:
        raise NotEnough(fund_name=budget.fund_name, available=yuan(sums(budget).available), amount=yuan(amount))


def why_short(budget: Budget) -> str:
    """In words, for the case that asked."""
    return _(N_("{fund_name}可用 {available} 元"), fund_name=budget.fund_name, available=yuan(sums(budget).available))


def clean_period(text: str) -> str:
    """`2026-11`, or a refusal of the field."""
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text.strip()):
        raise ValueError(N_("月份写作 2026-11"))
    return text.strip()


def span(period: str) -> tuple[datetime, datetime]:
    """From the first moment of the month to the first of the next."""
    first = date.fromisoformat(f"{period}-01")
    after = (first + timedelta(days=32)).replace(day=1)
    return datetime.combine(first, time.min, LOCAL), datetime.combine(after, time.min, LOCAL)


def check_limits(warn_at: int, stop_at: int) -> None:
    """One warns before one stops."""
    if warn_at >= stop_at:
        raise Invalid({"warn_at": N_("预警线须低于停用线")})


def holders(budget: Budget) -> tuple[str, ...]:
    """Who must act next; a line that runs waits for nobody."""
    waits = {B.draft: REVIEWERS, B.reviewed: ("director",), B.approved: FINANCE}
    return waits.get(BudgetState(budget.state), ())
