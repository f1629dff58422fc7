"""The law of the union: whose barcode, what may go back, where a deposit is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from services.reader.desk.consortium.lists import FileState
from services.reader.desk.consortium.model import Member, UnionCard
from services.reader.desk.patrons.model import Patron
from services.reader.desk.patrons.rules import yuan
from shared.i18n import N_, _
from shared.refusals import NotFound, Reason, Refusal
from shared.states import Choice

DEPOSIT_FEN = 100_00
BOXES, SETTLEMENTS, DEPOSITS, REFUNDS, FILES = "ZX", "GJ", "YJ", "TY", "GW"
FILE_LIFE: dict[tuple[FileState, str], FileState] = {
    (FileState.looked_at, "apply"): FileState.done,
    (FileState.looked_at, "drop"): FileState.dropped,
}
# Why a card lends nothing while its deposit is on the way back.
GIVEN_BACK = N_("已申请退押金")
# A box that has been open this long is due.
BOX_DAYS = 7


class UnknownForeign(NotFound):
    """Neither ours nor anybody's: perhaps ours and not catalogued, so it is not sent away."""

    code = "union.unknown-barcode"
    message = N_("条码 {what} 既不是本馆馆藏，也不符合任何成员馆的条码规则；可能是本馆未入藏的书，请交编目核对")


class Stage(Choice):
    """Where the deposit of a union card is."""

    none = "none", N_("押金在对方馆"), "secondary"
    held = "held", N_("持有押金"), "info"
    asked = "asked", N_("待审批退押金"), "warning"
    approved = "approved", N_("待办公室付款"), "warning"
    closed = "closed", N_("已退押金"), "secondary"


class OwnItem(Refusal):
    """Our own item goes through the return desk, unless it travels to a member's reader."""

    code = "union.own-item"
    message = N_("{barcode} 是本馆图书，也没有送往成员馆的通借单，请按还书办理")


class OtherMember(Refusal):
    """The list is one library's, the item another's."""

    code = "union.other-member"
    message = N_("{barcode} 按条码规则属于{name}，不是本文件的成员馆")


class NotUnionCard(NotFound):
    """Only a union card borrows at another member."""

    code = "union.not-union-card"
    message = N_("{what} 不是该馆读者的联合证")


class LoanDate(Refusal):
    """A loan elsewhere was made today at the latest."""

    code = "union.loan-date"
    message = N_("借出日期不能晚于今天")


class NotOnTheWay(Refusal):
    """Nothing of ours with this barcode travels there."""

    code = "union.not-on-the-way"
    message = N_("{barcode} 不在送往该馆的途中，或已没有读者在等")


class NotLent(Refusal):
    """Nothing came home: it was not away."""

    code = "union.not-lent"
    message = N_("{barcode} 没有借出，也不在途中，不必办理送回")


class WaitsThere(Refusal):
    """Readers fetch there; the point cannot be taken away under them."""

    code = "union.waits-there"
    message = N_("还有 {n} 项预约在该馆取书，请先办结或改取书点")


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
    message = N_("该证没有可办的押金退还：押金不在本馆，或已在办理")


class ReturnDate(Refusal):
    """The day of a return elsewhere lies between loan and today."""

    code = "union.return-date"
    message = N_("归还日期应在借出日与今天之间")


def errors(
    code: str, name: str, short: str, pattern: str | None, rate_fen: int | None, compensation_fen: int | None
) -> dict[str, str]:
    """What is wrong with the form of a member, field by field."""
    found = {field: N_("必填") for field, value in (("code", code), ("name", name.strip()), ("short", short.strip())) if not value}
    if code and not re.fullmatch(r"[A-Z0-9-]{1,10}", code):
        found["code"] = N_("代码为 1–10 位字母、数字或连字符")
    if pattern and not legal(pattern):
        found["pattern"] = N_("用字母数字写固定部分（至少两位），# 代表一位数字，末尾 * 代表任意")
    for field, fen in (("rate", rate_fen), ("compensation", compensation_fen)):
        if fen is not None and fen < 0:
            found[field] = N_("不能小于 0")
    return found


def point_code(code: str) -> str:
    """The service point of a member, beside ours and never one of them."""
    return f"U-{code}"


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


def stage(card: UnionCard) -> Stage:
    """Where the deposit of this card is."""
    if card.closed_at is not None:
        return Stage.closed
    if not card.ours:
        return Stage.none
    if card.refund_approved_by:
        return Stage.approved
    return Stage.asked if card.refund_asked_at is not None else Stage.held


def may_ask(card: UnionCard) -> None:
    """A deposit goes back once, and only the one we hold."""
    if stage(card) is not Stage.held:
        raise NoDeposit


def may_renew(card: UnionCard) -> None:
    """A card on its way back is not made longer."""
    if stage(card) not in {Stage.held, Stage.none}:
        raise WrongState(state=stage(card).text)


def open_matters(patron: Patron, *, from_deposit: bool = False) -> list[Reason]:
    """Everything the deposit still answers for; with `from_deposit` it settles the debt itself, as far as it reaches."""
    owed = None
    if patron.debt_fen > 0 and not from_deposit:
        owed = Reason("union.debt", N_("有欠费未缴"))
    elif patron.debt_fen > patron.deposit_fen and from_deposit:
        owed = Reason("union.debt-over-deposit", N_("欠费 {yuan} 元多于押金，不够抵扣，请先缴清一部分"), params={"yuan": yuan(patron.debt_fen)})
    found = [
        Reason("union.open-loans", N_("在借 {n} 册"), params={"n": patron.open_loans}) if patron.open_loans else None,
        Reason("union.holds", N_("有预约未了")) if patron.holds_waiting + patron.holds_ready else None,
        owed,
    ]
    return [one for one in found if one]


def clear(patron: Patron, *, from_deposit: bool = False) -> None:
    """Everything that keeps the deposit here, at once."""
    if reasons := open_matters(patron, from_deposit=from_deposit):
        raise NotClear(reasons)


def kept(reason: Reason) -> dict[str, object]:
    """A reason as a row of a file keeps it, to be said in the language of whoever reads it."""
    return {"code": reason.code, "message": reason.message, "params": {k: str(v) for k, v in reason.params.items()}}


def said(notes: Iterable[Mapping[str, Any]]) -> str:
    """The kept reasons in words."""
    return "；".join(_(note["message"], **note["params"]) for note in notes)
