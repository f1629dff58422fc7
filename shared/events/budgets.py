"""What the office says of funds: how much there is, what is held for whom; told through `shared.events.office`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from shared.events.base import Done, Event, Waiting
from shared.i18n import N_, _

BUDGETS = ("OFF-FIN-01",)


def _yuan(**cents: int) -> dict[str, str]:
    return {name.removesuffix("_cents"): f"{value / 100:,.2f}" for name, value in cents.items()}


class AboutBudget(Event):
    """One budget line: `budget` is its number, money in fen."""

    budget: str
    fund_name: str
    fund_name_en: str = ""
    year: int

    @property
    def aggregate(self) -> str:
        return f"budgets:{self.budget}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.budget}"]

    def link(self) -> str:
        return f"/office/budgets/{self.budget}"


class BudgetAllocated(AboutBudget):
    """A budget line runs, has another sum than before, or no longer runs (`open` is False)."""

    name: ClassVar[str] = "office.budget.allocated"
    summary: ClassVar[str] = N_("{year} 年{fund_name}预算 {total} 元，可用 {available} 元")
    evidence: ClassVar[tuple[str, ...]] = BUDGETS

    kind: str = ""
    total_cents: int
    available_cents: int
    level: int = 0
    open: bool = True

    def sentence(self) -> str:
        sums = _yuan(total_cents=self.total_cents, available_cents=self.available_cents)
        return _(self.summary, year=self.year, fund_name=self.fund_name, **sums)

    def waiting(self) -> Iterable[Waiting | Done]:
        if self.level == 0 or not self.open:
            yield Done(f"budgets:{self.budget}:threshold")


class BudgetThresholdCrossed(AboutBudget):
    """More of a budget line is spent and held than its warning (80) or its limit (100 per cent) says."""

    name: ClassVar[str] = "office.budget.threshold-crossed"
    summary: ClassVar[str] = N_("{year} 年{fund_name}已用及占用 {committed} 元，达到预算的 {level}%")
    evidence: ClassVar[tuple[str, ...]] = BUDGETS

    level: int
    committed_cents: int
    total_cents: int

    def sentence(self) -> str:
        sums = _yuan(committed_cents=self.committed_cents)
        return _(self.summary, year=self.year, fund_name=self.fund_name, level=self.level, **sums)

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            f"budgets:{self.budget}:threshold", N_("{fund_name}经费达到 {level}%"), ("OFF-FIN", "head-office"), self.link(),
            {"fund_name": self.fund_name, "level": self.level}, duty="OFF-FIN-01", urgent=self.level >= 100,
        )


class BudgetCarried(AboutBudget):
    """A year was closed: what was held for `references` goes on at `to_budget` with its money; the rest went on or lapsed. Fen."""

    name: ClassVar[str] = "office.budget.carried"
    summary: ClassVar[str] = N_("{year} 年{fund_name}结账：占用 {encumbered} 元、余额 {surplus} 元结转，{lapsed} 元作废")
    evidence: ClassVar[tuple[str, ...]] = BUDGETS

    to_budget: str = ""
    references: tuple[str, ...] = ()
    encumbered_cents: int = 0
    surplus_cents: int = 0
    lapsed_cents: int = 0

    def sentence(self) -> str:
        sums = _yuan(encumbered_cents=self.encumbered_cents, surplus_cents=self.surplus_cents, lapsed_cents=self.lapsed_cents)
        return _(self.summary, year=self.year, fund_name=self.fund_name, **sums)

    def refs(self) -> Sequence[str]:
        return [f"case:{one}" for one in (self.budget, self.to_budget, *self.references) if one]


class AboutReservation(Event):
    """The answer to a case that asked for money; `revision` is the one of the question."""

    reference: str
    revision: int
    amount_cents: int

    @property
    def aggregate(self) -> str:
        return f"reservations:{self.reference}"

    def sentence(self) -> str:
        fields: dict[str, Any] = self.model_dump()
        return _(self.summary, **fields, **_yuan(amount_cents=self.amount_cents))

    def refs(self) -> Sequence[str]:
        return [f"case:{self.reference}"]

    def link(self) -> str:
        return f"/office/reservations/{self.reference}"


class BudgetReserved(AboutReservation):
    """The money is held for the case."""

    name: ClassVar[str] = "office.budget.reserved"
    summary: ClassVar[str] = N_("已为 {reference} 占用经费 {amount} 元")
    evidence: ClassVar[tuple[str, ...]] = BUDGETS

    overridden: bool = False

    def stage(self) -> str:
        return N_("经费已占用")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(self.aggregate)


class BudgetRefused(AboutReservation):
    """There is not enough money; the director may still agree, or the budget be raised."""

    name: ClassVar[str] = "office.budget.refused"
    summary: ClassVar[str] = N_("{reference} 申请占用 {amount} 元，经费不足：{reason}")
    evidence: ClassVar[tuple[str, ...]] = BUDGETS

    reason: str
    budgets: tuple[str, ...] = ()

    def stage(self) -> str:
        return N_("等待经费")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            self.aggregate, N_("{reference} 经费不足，等待决定"), ("director",), self.link(), {"reference": self.reference},
            duty="OFF-FIN-01",
        )
