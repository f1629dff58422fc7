"""What a patron should know at a glance, most urgent first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from services.reader.desk.circulation.model import Loan
from services.reader.desk.holds.model import Hold, HoldState
from services.reader.desk.patrons.model import Patron
from services.reader.desk.patrons.rules import Standing, blocks, limit_block
from services.reader.desk.policies.values import Terms
from services.reader.desk.violations.model import Violation
from shared.i18n import N_, _, ngettext
from shared.refusals import Reason

SOON_DAYS = 3
CARD_DAYS = 30


@dataclass(frozen=True, slots=True)
class Borrowed:
    """A loan as its patron sees it: how long yet, why this day, and why it cannot run longer."""

    loan: Loan
    today: date
    why: str
    objections: Sequence[Reason] = ()
    fine_fen: int = 0
    number: str = ""

    @property
    def days_left(self) -> int:
        """Days until the due date; negative once it is past."""
        return (self.loan.due_on - self.today).days

    @property
    def overdue(self) -> bool:
        """Whether the due date is past."""
        return self.days_left < 0

    @property
    def soon(self) -> bool:
        """Whether it is time to think of it."""
        return 0 <= self.days_left <= SOON_DAYS

    @property
    def left_text(self) -> str:
        """How long yet, in words."""
        if self.overdue:
            return ngettext("超期 {n} 天", "超期 {n} 天", -self.days_left)
        if self.days_left == 0:
            return _(N_("今天到期"))
        return ngettext("还有 {n} 天", "还有 {n} 天", self.days_left)


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to know, and where on the page it is dealt with."""

    text: str
    tone: str
    anchor: str = ""
    details: Sequence[str] = field(default_factory=tuple)
    url: str = ""


def notices(
    patron: Patron, loans: Sequence[Borrowed], holds: Sequence[tuple[Hold, int]], today: date,
    out: Standing | None = None, terms: Terms | None = None,
) -> list[Notice]:
    """Everything that wants the patron's attention today."""
    found = []
    late = [one for one in loans if one.overdue]
    # What is late is said above, with the money; it is not said twice.
    rest = replace(out, overdue=0) if out else None
    stops = blocks(patron, today=today, earliest_due=None, standing=rest, terms=terms)
    if late:
        fine = sum(one.fine_fen for one in late)
        text = ngettext("{n} 册已超期，请尽快归还", "{n} 册已超期，请尽快归还", len(late))
        why = [_(N_("今日归还需付逾期费约 {yuan} 元；还清前不能再借"), yuan=f"{fine / 100:.2f}")] if fine else []
        found.append(Notice(text, "bad", "loans", why))
    for hold, _place in holds:
        if hold.state is HoldState.ready:
            found.append(Notice(
                _(N_("《{title}》到馆待取"), title=hold.title), "ok", "holds",
                [_(N_("请于 {day} 前到服务台领取，架位 {shelf}"), day=hold.until, shelf=hold.shelf)],
            ))
    if stops:
        found.append(Notice(_(N_("目前不能借书")), "warn", "card", [str(reason) for reason in stops]))
    if soon := [one for one in loans if one.soon]:
        text = ngettext("{n} 册将在三天内到期", "{n} 册将在三天内到期", len(soon))
        found.append(Notice(text, "warn", "loans"))
    if patron.valid_to and 0 <= (patron.valid_to - today).days <= CARD_DAYS:
        found.append(Notice(_(N_("读者证将于 {day} 到期"), day=patron.valid_to), "info", "card"))
    if limit := limit_block(patron, terms):
        found.append(Notice(str(limit[0]), "info", "loans"))
    return found


def to_object(cases: Sequence[Violation]) -> list[Notice]:
    """Decisions about the patron that may still be objected to, before everything else: the term is short."""
    return [
        Notice(
            _(N_("{what}：已作处理决定"), what=case.what.text), "warn", url=f"/reader/my/violations/{case.no}",
            details=[_(N_("不同意可在 {day} 前书面申诉"), day=case.appeal_until)],
        )
        for case in cases
    ]
