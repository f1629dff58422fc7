"""The life of a violation: who decides, until when one may appeal, what a measure needs. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta

from services.reader.desk.violations.model import Measure, Violation, ViolationState, What
from shared.i18n import N_, _
from shared.refusals import Invalid, Refusal

CASES = "WZ"
APPEAL_DAYS = 5
LONGEST_SUSPENSION = 365
# What ended two years ago is nobody's business any more.
KEEP_DAYS = 730

S = ViolationState
LIFE: Mapping[tuple[ViolationState, str], ViolationState] = {
    (S.found, "prove"): S.evidence,
    (S.found, "drop"): S.dropped,
    (S.evidence, "decide"): S.decided,
    (S.evidence, "drop"): S.dropped,
    (S.decided, "close"): S.closed,
    (S.decided, "appeal"): S.appealed,
    (S.appealed, "uphold"): S.closed,
    (S.appealed, "revoke"): S.revoked,
    (S.refund_due, "refunded"): S.revoked,
    (S.refund_due, "refund_again"): S.refund_due,
}
# What the patron concerned may read: from the decision on, what was found out before is for those who decide.
TOLD = (S.decided, S.appealed, S.refund_due, S.closed, S.revoked)
# Violations the compensation table knows: ten times the price.
TENFOLD = (What.tearing, What.theft)


class AppealTooLate(Refusal):
    """Five working days are over."""

    code = "appeal-too-late"
    message = N_("申诉期限至 {until}，已过期")


class AppealOpen(Refusal):
    """The case ends when nobody can appeal any more."""

    code = "appeal-open"
    message = N_("申诉期限至 {until}，期满后才能结案")


class NoPrice(Refusal):
    """Ten times nothing is nothing."""

    code = "no-price"
    status = 422
    message = N_("没有可按十倍计算的定价，请填赔偿金额")


def appeal_until(decided_on: date, closed: Collection[date]) -> date:
    """The fifth working day after the decision: neither a weekend nor a closed day counts."""
    day, left = decided_on, APPEAL_DAYS
    while left:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in closed:
            left -= 1
    return day


def check_measure(case: Violation, today: date) -> None:
    """A suspension says until when, a compensation is for money, and no other measure carries either."""
    wrong = {}
    if case.measure is Measure.suspension:
        if case.suspended_until is None:
            wrong["suspended_until"] = N_("停借须写明到哪一天")
        elif not today < case.suspended_until <= today + timedelta(days=LONGEST_SUSPENSION):
            wrong["suspended_until"] = N_("停借到期日须在今天之后，最长一年")
    elif case.suspended_until is not None:
        wrong["suspended_until"] = N_("只有停借才填到期日")
    if case.measure is not Measure.compensation and case.amount_fen:
        wrong["amount_fen"] = N_("只有赔偿才填金额")
    if wrong:
        raise Invalid(wrong)


def check_appeal(case: Violation, today: date) -> None:
    """In time."""
    if case.appeal_until is not None and today > case.appeal_until:
        raise AppealTooLate(until=case.appeal_until)


def check_close(case: Violation, today: date) -> None:
    """Not before the term for an appeal is over."""
    if case.appeal_until is not None and today <= case.appeal_until:
        raise AppealOpen(until=case.appeal_until)


def may_appeal(case: Violation, today: date) -> bool:
    """Whether the patron can still object."""
    return case.state == S.decided and (case.appeal_until is None or today <= case.appeal_until)


def next_step(case: Violation, today: date) -> str:
    """What happens next, said to the patron concerned."""
    if case.state == S.decided:
        if may_appeal(case, today):
            return _(N_("不同意可在 {day} 前书面申诉；不申诉则到期结案"), day=case.appeal_until)
        return _(N_("申诉期限 {day} 已过，等待结案"), day=case.appeal_until)
    return _({
        S.appealed: N_("由另一位责任人复核，结果写在这里"), S.refund_due: N_("处理已撤销，办公室退还已缴的款项"),
        S.revoked: N_("处理已撤销，停借与赔偿一并取消"), S.closed: N_("已结案，不必再办"),
    }[ViolationState(case.state)])


def stages(case: Violation) -> list[dict[str, object]]:
    """The steps of the case as the patron sees them."""
    appealed = case.appealed_at is not None
    over = case.state in {S.closed, S.revoked}
    steps = [
        (_(N_("处理决定")), True, case.decided_at), (_(N_("申诉")), appealed, case.appealed_at),
        (_(N_("复核")), bool(case.judgement), None), (ViolationState(case.state).text if over else _(N_("结案")), over, None),
    ]
    found: list[dict[str, object]] = []
    now = False
    for label, done, at in steps:
        if not (done or over or now):
            found.append({"label": label, "state": "now", "at": None})
            now = True
        elif done or not over:
            found.append({"label": label, "state": "done" if done else "todo", "at": at})
    return found
