"""Which rule decides: pure resolution, the life of a version, who may put it in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from services.reader.desk.policies.model import RuleSet, SetState
from services.reader.desk.policies.values import BY_NAME, VALUES, Terms
from shared.i18n import N_, _
from shared.refusals import Reason, Refusal, SamePerson
from shared.states import step

NUMBERS = "LT"
ANY = "*"
S = SetState
LIFE: dict[tuple[SetState, str], SetState] = {
    (S.draft, "activate"): S.active,
    (S.draft, "retire"): S.retired,
    (S.active, "retire"): S.retired,
}


class RulesRefused(Refusal):
    """The version cannot be changed or put in force like this."""

    code = "rules-refused"
    message = N_("规则版本不能这样处理")


@dataclass(frozen=True, slots=True)
class Row:
    """One rule: whom and what it is for, and the values it gives itself."""

    no: int
    category: str = ANY
    kind: str = ANY
    location: str = ANY
    given: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def fits(self, category: str, kind: str, location: str) -> bool:
        """Whether the rule speaks of this patron and item."""
        return (
            self.category in {ANY, category} and self.kind in {ANY, kind}
            and self.location in {ANY, location}
        )

    @property
    def weight(self) -> tuple[int, bool, bool, bool]:
        """More criteria win; among as many, category before kind before location."""
        named = (self.category != ANY, self.kind != ANY, self.location != ANY)
        return (sum(named), *named)


@dataclass(frozen=True, eq=False, slots=True)
class Book:
    """A version ready for use; the standard one has no id."""

    number: str
    rows: tuple[Row, ...]
    id: UUID | None = None
    effective_from: date | None = None

    def row(self, no: int) -> Row | None:
        """The rule with this number; None for 0, the built-in defaults; below 0 one of the standard rules, inherited."""
        rows = STANDARD.rows if no < 0 else self.rows
        return next((row for row in rows if row.no == abs(no)), None)


@dataclass(frozen=True, slots=True)
class Decision:
    """Which rule gave a value (0: the built-in default), and which were set aside."""

    no: int = 0
    lost: tuple[int, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Short enough to be kept with every loan."""
        return {"no": self.no, "lost": list(self.lost)}


@dataclass(frozen=True, eq=False, slots=True)
class Ruling:
    """The terms for one category, kind and location, and for each value who decided."""

    book: Book
    terms: Terms
    by: Mapping[str, Decision]

    def scope(self, name: str) -> Row:
        """The rule that gave a value."""
        return self.book.row(self.by[name].no) or Row(0)


# The values in use before anybody drafted a version; a first draft begins as a copy of them.
STANDARD = Book("LT-0", (
    Row(1, given={name: getattr(Terms(), name) for name in BY_NAME}),
    Row(2, "undergraduate", given={"items": 10, "days": 30, "renewals": 1}),
    Row(3, "graduate", given={"items": 20, "days": 60, "renewals": 1}),
    Row(4, "staff", given={"items": 30, "days": 90, "renewals": 2}),
    Row(5, "retired", given={"items": 15, "days": 60, "renewals": 2}),
    Row(6, "union", given={"items": 5, "days": 30, "renewals": 1}),
    Row(7, "visitor", given={"items": 2, "days": 14, "renewals": 0}),
    # A disc has a loan of its own; a category of its own needs a row of its own, or its rule for books would win.
    Row(8, "undergraduate", "disc", given={"items": 3, "days": 15, "renewals": 1}),
    Row(9, "graduate", "disc", given={"items": 3, "days": 15, "renewals": 1}),
    Row(10, "staff", "disc", given={"items": 3, "days": 15, "renewals": 1}),
    Row(11, "retired", "disc", given={"items": 3, "days": 15, "renewals": 1}),
    Row(12, "union", "disc", given={"items": 2, "days": 15, "renewals": 0}),
    Row(13, "visitor", "disc", given={"items": 1, "days": 14, "renewals": 0}),
))


# Kinds that have a loan of their own: a version that says nothing of them inherits what the standard says.
APART = frozenset(row.kind for row in STANDARD.rows) - {ANY}


def rule_text(number: str, no: int) -> str:
    """A rule as it is named in a sentence; below 0 an inherited one, and why it decides."""
    if not no:
        return _(N_("默认值"))
    if no < 0:
        return _(N_("基准规则第 {no} 条（{number} 没有写光盘，沿用）"), no=-no, number=number)
    if number == STANDARD.number:
        return _(N_("基准规则第 {no} 条"), no=no)
    return _(N_("规则 {number} 第 {no} 条"), number=number, no=no)


@lru_cache(maxsize=4096)
def resolve(book: Book, category: str = ANY, kind: str = ANY, location: str = ANY) -> Ruling:
    """For each value the most specific rule that gives it; what no rule gives is the default.

    Of discs, where the version has no rule that fits, the standard rules for discs decide: after what the version
    says of the place, before what it says of the patron alone. A loan of a book would otherwise be lent with them.
    """
    fitting = sorted(
        (row for row in book.rows if row.fits(category, kind, location)),
        key=lambda row: row.weight, reverse=True,
    )
    if kind in APART and not any(row.kind == kind for row in fitting):
        placed = [row for row in fitting if row.location != ANY]
        lent = [replace(row, no=-row.no) for row in STANDARD.rows if row.kind == kind and row.fits(category, kind, location)]
        fitting = [*placed, *lent, *(row for row in fitting if row.location == ANY)]
    given: dict[str, Any] = {}
    by: dict[str, Decision] = {}
    for value in VALUES:
        speaking = [row for row in fitting if value.name in row.given]
        by[value.name] = Decision(
            speaking[0].no if speaking else 0, tuple(row.no for row in speaking[1:] if row.no > 0)
        )
        if speaking:
            said = speaking[0].given[value.name]
            given[value.name] = date.fromisoformat(said) if value.sort == "date" and said else said
    return Ruling(book, replace(Terms(), **given), by)


# What a loan keeps of its rule, so that its return asks nobody which version held when it was made.
KEPT = (
    "fine_per_day", "fine_cap", "grace_days", "skip_closed", "suspend_per_day", "suspend_cap",
    "recall_min_days", "recall_due_days",
)


def kept_terms(explain: Mapping[str, Any] | None) -> Terms:
    """The terms a loan was made under, as far as its return needs them."""
    return Terms(**(explain or {}).get("late", {}))


def check_open(found: RuleSet) -> None:
    """Only a draft changes."""
    if found.state is not S.draft:
        raise RulesRefused([Reason("not-a-draft", N_("{number} 不是草案，请复制为新草案再改"), params={"number": found.number})])


def activate(
    found: RuleSet, *, on: date, today: date, by: str, general: bool, taken: bool
) -> None:
    """In force from a day on; decided by somebody who had no hand in the draft."""
    after = step(LIFE, found.state, "activate")
    if by in {found.drafted_by, *found.editors}:
        raise SamePerson
    reasons = []
    if on < today:
        reasons.append(Reason("past-day", N_("生效日不能早于今天")))
    if not general:
        reasons.append(Reason("no-general-rule", N_("缺少适用于所有读者、类型、馆藏地的总则")))
    if taken:
        reasons.append(Reason("day-taken", N_("{day} 已有另一版本生效"), params={"day": on}))
    if reasons:
        raise RulesRefused(reasons)
    found.state, found.effective_from = after, on


def retire(found: RuleSet, *, today: date) -> None:
    """Give up a draft, or a version whose day has not come; what decides today is only superseded."""
    after = step(LIFE, found.state, "retire")
    if found.state is S.active and found.effective_from and found.effective_from <= today:
        raise RulesRefused([Reason("in-force", N_("正在生效的版本只能由新版本取代"))])
    found.state = after
