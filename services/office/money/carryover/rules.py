"""Who closes a year, and what is in the way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from services.office.money.budgets.model import Budget
from services.office.money.budgets.rules import sums, yuan
from services.office.money.carryover.model import CarryState
from shared.i18n import N_
from shared.refusals import Reason, Refusal
from shared.states import Life

FINANCE = ("OFF-FIN",)
DECIDERS = ("deputy", "director")
NUMBERS = "NJ"

S = CarryState
LIFE: Life[CarryState] = {(S.prepared, "carry"): S.carried, (S.prepared, "drop"): S.dropped}


class NotYet(Refusal):
    """Every line that goes on has a successor that runs."""

    code = "carryover.not-yet"
    message = N_("{year} 年还不能结转")


@dataclass(slots=True)
class Move:
    """What happens to a line; fen."""

    budget: Budget
    successor: Budget | None
    carries: bool
    cases: list[str] = field(default_factory=list)
    encumbered: int = 0
    pending: int = 0

    @property
    def surplus(self) -> int:
        """What is left and goes on."""
        return max(sums(self.budget).available, 0) if self.carries else 0

    @property
    def lapsed(self) -> int:
        """What is left and does not; below nought: overspent, which does not go on either."""
        return 0 if self.surplus else sums(self.budget).available

    @property
    def needs_successor(self) -> bool:
        """Whether anything goes on."""
        return bool(self.encumbered or self.pending or self.surplus)


def why_not(year: int, this_year: int, moves: Iterable[Move]) -> list[Reason]:
    """All that is in the way."""
    found = []
    rows = list(moves)
    if year >= this_year + 1:
        found.append(Reason("future", N_("只能结转本年度或以前的年度")))
    if not rows:
        found.append(Reason("empty", N_("该年度没有执行中的预算")))
    found.extend(
        Reason("no-successor", N_("{fund_name}：下一年度还没有执行中的预算（待结转 {amount} 元）"), params={
            "fund_name": move.budget.fund_name, "amount": yuan(move.encumbered + move.surplus),
        })
        for move in rows if move.needs_successor and move.successor is None
    )
    return found
