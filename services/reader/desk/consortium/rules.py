"""The law of the union: whose barcode, what may go back, what a line is worth."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from services.reader.desk.consortium.model import LineKind, Member, SettlementState
from services.reader.desk.patrons.model import Patron
from shared.i18n import N_
from shared.refusals import NotFound, Reason, Refusal

DEPOSIT_FEN = 100_00
BOXES, SETTLEMENTS, DEPOSITS = "ZX", "GJ", "YJ"
# A box that has been open this long is due.
BOX_DAYS = 7

K = LineKind
# Who owes whom: + the member owes us, - we owe the member, 0 only counted.
SIGN = {
    K.cards: 0, K.loans_here: 1, K.loans_there: -1, K.returns_here: 1, K.returns_there: -1,
    K.sent_home: 0, K.lost_ours: 1, K.lost_theirs: -1, K.debts: 0,
}
BY_HAND = (K.loans_there, K.lost_ours, K.lost_theirs, K.correction)
LIFE = {
    (SettlementState.draft, "check"): SettlementState.checked,
    (SettlementState.checked, "back"): SettlementState.draft,
    (SettlementState.checked, "close"): SettlementState.closed,
}


class UnknownForeign(NotFound):
    """Neither ours nor anybody's: perhaps ours and not catalogued, so it is not sent away."""

    code = "union.unknown-barcode"
    message = N_("条码 {what} 既不是本馆馆藏，也不符合任何成员馆的条码规则；可能是本馆未入藏的书，请交编目核对")


class OwnItem(Refusal):
    """Our own item goes through the return desk."""

    code = "union.own-item"
    message = N_("{barcode} 是本馆图书，请按还书办理")


class SeveralMembers(Refusal):
    """Two members' patterns fit equally well."""

    code = "union.several-members"
    message = N_("条码 {barcode} 同时符合 {names} 的规则，请看馆藏章后在成员馆登记中改细规则")


class InSentBox(Refusal):
    """It should be on its way."""

    code = "union.in-sent-box"
    message = N_("{barcode} 已在寄出的箱 {number} 中，请先登记对方签收")


class WrongState(Refusal):
    """Not from here."""

    code = "union.wrong-state"
    message = N_("当前为“{state}”，不能这样办理")


class EmptyBox(Refusal):
    """Nothing to send."""

    code = "union.empty-box"
    message = N_("箱内没有图书")


class NotClear(Refusal):
    """The deposit answers for what is still open."""

    code = "union.not-clear"
    message = N_("还有未了结的事项，押金不能退")


class NoDeposit(Refusal):
    """Already given back, or never asked for."""

    code = "union.no-deposit"
    message = N_("没有待退的押金")


class MonthNotOver(Refusal):
    """A month is settled when it is over."""

    code = "union.month-not-over"
    message = N_("{month} 尚未结束，不能结算")


class MonthExists(Refusal):
    """One settlement a month and member."""

    code = "union.month-exists"
    message = N_("该馆这个月已有结算单")


class ReturnDate(Refusal):
    """The day of a return elsewhere lies between loan and today."""

    code = "union.return-date"
    message = N_("归还日期应在借出日与今天之间")


def legal(pattern: str) -> bool:
    """At least two fixed signs, so that a pattern never swallows everything."""
    return bool(re.fullmatch(r"[A-Z0-9-]*[A-Z0-9-][A-Z0-9#-]*\*?", pattern)) and fixed(pattern) >= 2


def fixed(pattern: str) -> int:
    """How many signs a pattern pins down."""
    return sum(sign not in "#*" for sign in pattern)


def fits(pattern: str, barcode: str) -> bool:
    """Whether the barcode is of this kind."""
    body = "".join("[0-9]" if s == "#" else ".+" if s == "*" else re.escape(s) for s in pattern)
    return bool(pattern) and re.fullmatch(body, barcode) is not None


def owner(members: Iterable[Member], barcode: str) -> Member:
    """The active member whose pattern fits most closely, or the refusal that says why none."""
    found = sorted((m for m in members if m.active and fits(m.pattern, barcode)), key=lambda m: -fixed(m.pattern))
    if not found:
        raise UnknownForeign(barcode)
    best = [m for m in found if fixed(m.pattern) == fixed(found[0].pattern)]
    if len(best) > 1:
        raise SeveralMembers(barcode=barcode, names="、".join(m.short for m in best))
    return best[0]


def rate(kind: LineKind, member: Member) -> int:
    """Fen a piece, as agreed with the member."""
    if not SIGN[kind]:
        return 0
    return member.compensation_fen if kind in {K.lost_ours, K.lost_theirs} else member.rate_fen


def worth(kind: LineKind, quantity: int, rate_fen: int) -> int:
    """Fen of a line, seen from us."""
    return SIGN[kind] * quantity * rate_fen


def clear(patron: Patron) -> None:
    """Everything that keeps the deposit here, at once."""
    found = [
        Reason("union.open-loans", N_("在借 {n} 册"), params={"n": patron.open_loans}) if patron.open_loans else None,
        Reason("union.holds", N_("有预约未了")) if patron.holds_waiting + patron.holds_ready else None,
        Reason("union.debt", N_("有欠费未缴")) if patron.debt_fen > 0 else None,
    ]
    if reasons := [one for one in found if one]:
        raise NotClear(reasons)


def move(state: SettlementState, verb: str) -> SettlementState:
    """The next state, or a refusal."""
    if (state, verb) not in LIFE:
        raise WrongState(state=state.text)
    return LIFE[state, verb]


def next_month(month: date) -> date:
    """First day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
