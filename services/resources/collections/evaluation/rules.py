"""The formulas, the grades they lead to, and who may do what. Pure.

use rate = copies lent at least once ÷ copies; circulation rate = loans ÷ copies; zero-use share = copies nobody touched ÷
copies; copies per title; refusal rate = holds in vain ÷ holds; relative use = share of loans ÷ share of copies; loans per
reader; cost per use = what was spent ÷ uses. A rate of nothing is no rate: None, never zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from services.resources.collections.evaluation.model import (
    EvaluationState,
    Grade,
    Measure,
    Norm,
    ProposalState,
)
from services.resources.collections.monthly.rules import CLASSES, first_of, next_month
from shared.i18n import N_, _
from shared.refusals import Invalid, NotFound, Refusal

NUMBERS = "PJ"
PROPOSALS = "PJY"
MAKERS = ("RES-MGT", "head-resources")
PUBLISHERS = ("RES-MGT", "head-resources", "director", "deputy")
READERS = ("RES", "RDR", "OFF", "INS", "head", "director", "deputy", "auditor")
DECIDERS = ("head-resources", "director", "deputy")
DOERS = ("RES", "head-resources")
LONGEST = 60
# What the house calls a recent book, in years.
RECENT = 5
# Fewer copies say nothing about a class; fewer holds nothing about refusals.
FEW_COPIES, FEW_HOLDS = 10, 5
# From where a class is graded; the house's own thresholds.
REFUSED = 0.20
MUCH, LITTLE, HARDLY, NEARLY_NONE = 1.25, 0.75, 0.50, 0.25
IDLE, DEAD, OLD = 0.75, 0.90, 0.20
# Books per student and books per student and year.
NORMS: Mapping[Norm, tuple[int, int]] = {Norm.comprehensive: (100, 4), Norm.engineering: (80, 3)}
MEASURES: Mapping[Grade, Measure] = {
    Grade.expand: Measure.buy, Grade.shrink: Measure.reduce, Grade.relocate: Measure.relocate, Grade.weed: Measure.weed,
}

S, P = EvaluationState, ProposalState
LIFE: Mapping[tuple[EvaluationState, str], EvaluationState] = {
    (S.draft, "compute"): S.draft,
    (S.draft, "propose"): S.draft,
    (S.draft, "submit"): S.submitted,
    (S.submitted, "send_back"): S.draft,
    (S.submitted, "publish"): S.published,
}
PROPOSAL_LIFE: Mapping[tuple[ProposalState, str], ProposalState] = {
    (P.proposed, "accept"): P.accepted,
    (P.proposed, "decline"): P.declined,
    # What it leads to is opened from it; it stays to be done until somebody says that it is.
    (P.accepted, "move"): P.accepted,
    (P.accepted, "weed"): P.accepted,
    (P.accepted, "buy"): P.accepted,
    (P.accepted, "finish"): P.done,
}


class NotOver(Refusal):
    """A period is judged when it is over."""

    code = "evaluation.not-over"
    message = N_("{month} 还没有结束，结束后才能提交")


class Settled(Refusal):
    """What was handed on is not changed."""

    code = "evaluation.settled"
    message = N_("{number} 已提交或发布，不能再改；需要修改请先退回")


class NeedsWhy(Invalid):
    """A grade other than the rule's is explained."""

    code = "evaluation.needs-why"


class UnknownEvaluation(NotFound):
    """No evaluation bears this number."""

    code = "unknown-evaluation"
    message = N_("没有馆藏评价 {what}")


class NothingFits(Refusal):
    """Nothing stands there that could be listed."""

    code = "proposal.nothing-fits"
    message = N_("没有符合条件的在藏单册：可能都借阅过，或已列入其他计划")


class NeedsPlace(Refusal):
    """A list is made of a place."""

    code = "proposal.needs-place"
    message = N_("建议没有写馆藏地，不能直接列单；请按馆藏地分别提建议")


class Counts(Protocol):
    """What a line counts."""

    @property
    def titles(self) -> int: ...
    @property
    def copies(self) -> int: ...
    @property
    def recent(self) -> int: ...
    @property
    def added(self) -> int: ...
    @property
    def added_cents(self) -> int: ...
    @property
    def loans(self) -> int: ...
    @property
    def in_house(self) -> int: ...
    @property
    def lent(self) -> int: ...
    @property
    def zero(self) -> int: ...
    @property
    def requests(self) -> int: ...
    @property
    def unmet(self) -> int: ...
    @property
    def suggested(self) -> int: ...


def ratio(part: int, whole: int) -> float | None:
    """How much of it; None of nothing."""
    return part / whole if whole > 0 else None


def use_rate(line: Counts) -> float | None:
    """Copies lent at least once ÷ copies."""
    return ratio(line.lent, line.copies)


def circulation_rate(line: Counts) -> float | None:
    """Loans ÷ copies; renewals are no loans."""
    return ratio(line.loans, line.copies)


def zero_share(line: Counts) -> float | None:
    """Copies neither lent nor read here ÷ copies."""
    return ratio(line.zero, line.copies)


def copies_per_title(line: Counts) -> float | None:
    """How many copies a title has."""
    return ratio(line.copies, line.titles)


def refusal_rate(line: Counts) -> float | None:
    """Holds no copy came for ÷ holds."""
    return ratio(line.unmet, line.requests)


def relative_use(line: Counts, total: Counts) -> float | None:
    """Share of loans ÷ share of copies: above 1 a class is used more than it takes room."""
    used, stock = ratio(line.loans, total.loans), ratio(line.copies, total.copies)
    return used / stock if used is not None and stock else None


def cost_per_use(cost_cents: int, uses: int) -> int | None:
    """Fen per use, rounded half up."""
    return (2 * cost_cents + uses) // (2 * uses) if uses > 0 else None


def per_head(amount: int, readers: int) -> float | None:
    """Copies or loans per person served."""
    return ratio(amount, readers)


def per_year(amount: int, months: int) -> float:
    """What a whole year would bring at this pace."""
    return amount * 12 / months


@dataclass(frozen=True, slots=True)
class AgainstNorm:
    """The whole house against the teaching condition: per student, and per student and year."""

    copies: float
    copies_due: int
    added: float
    added_due: int
    loans: float

    @property
    def enough(self) -> bool:
        """Whether both are reached."""
        return self.copies >= self.copies_due and self.added >= self.added_due


def against_norm(norm: Norm, total: Counts, *, readers: int, months: int) -> AgainstNorm | None:
    """None where nobody said how many readers there are."""
    if readers <= 0:
        return None
    copies_due, added_due = NORMS[norm]
    return AgainstNorm(total.copies / readers, copies_due, per_year(total.added, months) / readers, added_due, total.loans / readers)


def grade(line: Counts, total: Counts) -> Grade:
    """What the figures speak for: demand first, then use against room taken, then age."""
    if line.copies == 0:
        return Grade.expand if line.requests + line.suggested else Grade.keep
    refused = refusal_rate(line)
    if line.requests >= FEW_HOLDS and refused is not None and refused >= REFUSED:
        return Grade.expand
    used = relative_use(line, total)
    if line.copies < FEW_COPIES or used is None:
        return Grade.keep
    idle = zero_share(line) or 0.0
    if used >= MUCH:
        return Grade.expand
    if idle >= DEAD and used < NEARLY_NONE and line.recent < OLD * line.copies:
        return Grade.weed
    if idle >= IDLE and used < HARDLY:
        return Grade.relocate
    return Grade.shrink if used < LITTLE else Grade.keep


def span_of(month_from: str, month_to: str) -> tuple[date, date]:
    """First day, and the day after the last; says all that is wrong at once."""
    errors: dict[str, str] = {}
    days: dict[str, date] = {}
    for name, given in (("month_from", month_from), ("month_to", month_to)):
        try:
            days[name] = first_of(given)
        except Invalid as error:
            errors[name] = next(iter(error.errors.values()))
    if not errors:
        if days["month_to"] < days["month_from"]:
            errors["month_to"] = _(N_("止月早于起月"))
        elif months_between(days["month_from"], next_month(days["month_to"])) > LONGEST:
            errors["month_to"] = _(N_("最长 {n} 个月"), n=LONGEST)
    if errors:
        raise Invalid(errors)
    return days["month_from"], next_month(days["month_to"])


def months_between(first: date, until: date) -> int:
    """How many months lie between two firsts of a month."""
    return (until.year - first.year) * 12 + until.month - first.month


def subject_of(given: str) -> str:
    """A class of the CLC, or nothing."""
    subject = given.strip().upper()
    if subject and (subject[0] not in CLASSES or len(subject) > 2 or (len(subject) == 2 and subject[0] != "T")):
        raise Invalid({"subject": _(N_("请填中图法大类字母，如 F 或 TP"))})
    return subject
