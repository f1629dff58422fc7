"""The law of a month with a member: what is counted, what a line is worth, who closes it."""

from __future__ import annotations

import re
from datetime import date

from services.reader.desk.consortium.model import LineKind, Member, SettlementState
from services.reader.desk.consortium.rules import WrongState
from shared.i18n import N_
from shared.refusals import Refusal

K = LineKind
# Who owes whom: + the member owes us, - we owe the member, 0 only counted.
SIGN = {
    K.cards: 0, K.loans_here: 1, K.lent_there: 1, K.loans_there: -1, K.returns_here: 1, K.returns_there: -1,
    K.sent_home: 0, K.holds_sent: 0, K.lost_ours: 1, K.lost_theirs: -1, K.debts: 0,
}
BY_HAND = (K.loans_there, K.lost_ours, K.lost_theirs)
# What is owed changes every day: it is what it was when it was counted, and no ground to count again.
AS_OF_THE_COUNT = (K.debts,)
KINDS = tuple(K)
COUNTED = tuple(kind for kind in K if kind not in BY_HAND and kind is not K.correction)
# What a row behind a count is known by: an item of ours, or the card of somebody.
OUR_ITEMS = (K.loans_here, K.lent_there, K.returns_there, K.holds_sent)
OF_CARDS = (K.cards, K.debts)
LIFE = {
    (SettlementState.draft, "check"): SettlementState.checked,
    (SettlementState.checked, "back"): SettlementState.draft,
    (SettlementState.checked, "close"): SettlementState.closed,
}


class MonthNotOver(Refusal):
    """A month is settled when it is over."""

    code = "union.month-not-over"
    message = N_("{month} 尚未结束，不能结算")


class MonthExists(Refusal):
    """One settlement a month and member."""

    code = "union.month-exists"
    message = N_("该馆这个月已有结算单")


class Moved(Refusal):
    """What was counted is not what the records say now."""

    code = "union.counted-anew"
    message = N_("统计之后又有变动：{kinds}；请退回草稿并重新统计")


class NoDraft(Refusal):
    """A closed month is corrected in a later one."""

    code = "union.no-draft"
    message = N_("更正写进以后月份的草稿：请先编制该馆以后月份的结算单")


def rate(kind: LineKind, member: Member) -> int:
    """Fen a piece, as agreed with the member."""
    if not SIGN[kind]:
        return 0
    return member.compensation_fen if kind in {K.lost_ours, K.lost_theirs} else member.rate_fen


def worth(kind: LineKind, quantity: int, rate_fen: int) -> int:
    """Fen of a line, seen from us."""
    return SIGN[kind] * quantity * rate_fen


def move(state: SettlementState, verb: str) -> SettlementState:
    """The next state, or a refusal."""
    if (state, verb) not in LIFE:
        raise WrongState(state=state.text)
    return LIFE[state, verb]


def next_month(month: date) -> date:
    """First day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def class_of(call_number: str) -> str:
    """The class of a call number: one of the 22 letters, T with its second letter; empty for anything else."""
    found = re.match(r"T[A-Z]?|[A-KN-SU-VXZ]", call_number.strip().upper())
    return found.group() if found else ""


def month_before(month: date) -> date:
    """First day of the month before."""
    return date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)


def month_of(text: str) -> date | None:
    """The first day of a month written as 2026-11; None for anything else."""
    try:
        return date.fromisoformat(text.strip()[:7] + "-01")
    except ValueError:
        return None
