"""Lives, months, and when two books agree."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time

from services.office.money.expenditure.model import Direction, Voucher
from services.office.money.reconciliation.model import AgreementState, Difference, LineState
from shared.i18n import N_
from shared.refusals import Invalid, NotFound, Reason, Refusal
from shared.settings import LOCAL
from shared.states import Life
from shared.web.show import money

AGREEMENTS, LINES = "DZ", "DZC"
A, L = AgreementState, LineState
LIFE: Life[AgreementState] = {(A.draft, "agree"): A.agreed}
LINE_LIFE: Life[LineState] = {(L.open, "settle"): L.settled}
PERIOD = re.compile(r"20\d\d-(0[1-9]|1[0-2])")


class MonthRunning(Refusal):
    """A month is agreed when it is over."""

    code = "month-running"
    message = N_("{period} 尚未结束，月末之后再对账")


class BooksDisagree(Refusal):
    """The lines do not explain the gap."""

    code = "books-disagree"
    message = N_("两边账目不符，请把差额逐笔登记后再对账")


class AlreadyAgreed(Refusal):
    """Lines belong to a month that is still open."""

    code = "already-agreed"
    message = N_("对账单 {no} 已对账，不能再登记差额")


class UnknownVoucher(NotFound):
    """The line names a voucher of that month."""

    code = "unknown-voucher"
    message = N_("该月已执行的凭证中没有 {what}")


def clean_period(text: str) -> str:
    """`2026-11`, or a sentence."""
    period = text.strip()
    if not PERIOD.fullmatch(period):
        raise ValueError(N_("请填年月，如 2026-11"))
    return period


def span(period: str) -> tuple[datetime, datetime]:
    """The first moment of the month and of the next, in library time."""
    year, month = (int(part) for part in period.split("-"))
    after = date(year + month // 12, month % 12 + 1, 1)
    first, last = (datetime.combine(day, time(), LOCAL).astimezone(UTC) for day in (date(year, month, 1), after))
    return first, last


def check_over(period: str, now: datetime) -> None:
    """Refuse a month that still runs."""
    if now < span(period)[1]:
        raise MonthRunning(period=period)


def totals(vouchers: Iterable[Voucher]) -> dict[str, int]:
    """What our vouchers add up to, by direction."""
    found = {Direction.income.value: 0, Direction.spending.value: 0}
    for voucher in vouchers:
        found[str(voucher.direction)] += voucher.amount
    return found


def check_agrees(ours: dict[str, int], theirs: dict[str, int], lines: Iterable[Difference]) -> None:
    """Ours and the lines make theirs, in both directions; every gap is said at once."""
    explained = dict(ours)
    for line in lines:
        explained[str(line.direction)] += line.amount
    gaps = [
        Reason("books-disagree", N_("{direction_label}：本馆 {ours}，登记差额后 {explained}，财务处 {theirs}，尚差 {gap}"), params={
            "direction_label": choice.text, "ours": money(ours[choice.value]),
            "explained": money(explained[choice.value]), "theirs": money(theirs[choice.value]),
            "gap": money(theirs[choice.value] - explained[choice.value]),
        })
        for choice in Direction if explained[choice.value] != theirs[choice.value]
    ]
    if gaps:
        raise BooksDisagree(gaps)


def check_amount(amount: int) -> None:
    """A difference of nothing is none."""
    if amount == 0:
        raise Invalid({"amount": N_("差额不能为零")})
