"""Terms, what a term should have spent, and which funds must be explained."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from services.office.money.budgets.model import Budget
from services.office.money.terms.model import TermState
from shared.i18n import N_
from shared.refusals import Reason, Refusal
from shared.settings import LOCAL
from shared.states import Life

FINANCE = ("OFF-FIN",)
AUDITORS = ("head-office",)
NUMBERS = "XQ"
# Beyond this, in per cent of the plan, a fund is explained.
EXPLAIN_BEYOND = 10
TOP = 10

S = TermState
LIFE: Life[TermState] = {(S.prepared, "audit"): S.audited, (S.audited, "hand"): S.handed}


class Unexplained(Refusal):
    """What deviates is explained before somebody audits it."""

    code = "terms.unexplained"
    message = N_("偏差超过 {limit}% 的经费须先说明原因")


def clean_term(text: str) -> str:
    """`2026-2027-1`, or a sentence."""
    found = re.fullmatch(r"(\d{4})-(\d{4})-([12])", text.strip())
    if not found or int(found[2]) != int(found[1]) + 1:
        raise ValueError(N_("学期写作 2026-2027-1（秋）或 2026-2027-2（春）"))
    return text.strip()


def months_of(term: str) -> list[tuple[int, int]]:
    """Year and month of every month of a term: September to January, or February to August."""
    first, second, half = (int(part) for part in term.split("-"))
    return [(first, m) for m in range(9, 13)] + [(second, 1)] if half == 1 else [(second, m) for m in range(2, 9)]


def span(term: str) -> tuple[datetime, datetime]:
    """From its first moment to the first after it, in library time."""
    months = months_of(term)
    (year, month), (last_year, last) = months[0], months[-1]
    after = date(last_year + last // 12, last % 12 + 1, 1)
    return datetime.combine(date(year, month, 1), time.min, LOCAL), datetime.combine(after, time.min, LOCAL)


def year_before(term: str) -> str:
    """The same term a year earlier."""
    first, second, half = term.split("-")
    return f"{int(first) - 1}-{int(second) - 1}-{half}"


def planned(totals: Mapping[int, int], term: str) -> int:
    """The even share of a term in the year's money: a twelfth for each of its months, by the year the month lies in; fen."""
    return sum(totals.get(year, 0) for year, _month in months_of(term)) // 12


@dataclass(frozen=True, slots=True)
class Line:
    """A fund in a term; fen. `budget` is its newest line in the term."""

    budget: Budget
    plan: int
    spent: int
    before: int
    explanation: str = ""

    @property
    def deviation(self) -> float:
        """Per cent above or below the plan."""
        return round((self.spent - self.plan) * 100 / self.plan, 1) if self.plan else (100.0 if self.spent else 0.0)

    @property
    def must_explain(self) -> bool:
        """Beyond the limit."""
        return abs(self.deviation) > EXPLAIN_BEYOND


def check_explained(lines: Iterable[Line]) -> None:
    """Every fund beyond the limit has its reason; all that lack one at once."""
    missing = [
        Reason("unexplained", N_("{fund_name}：偏差 {deviation}%，未说明"), params={"fund_name": one.budget.fund_name, "deviation": one.deviation})
        for one in lines if one.must_explain and not one.explanation
    ]
    if missing:
        raise Unexplained(missing, limit=EXPLAIN_BEYOND)
