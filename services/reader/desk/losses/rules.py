"""The life of a loss case, the copy brought in its place, and when money goes back."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime
from typing import Any

from services.reader.desk.charges.model import Entry
from services.reader.desk.losses.model import How, Loss, LossState
from shared.i18n import N_, _
from shared.refusals import Invalid, NotFound, Reason, Refusal, SamePerson
from shared.settings import LOCAL
from shared.states import step

CASES = "YS"
# Overdue for longer than this counts as lost.
LOST_AFTER_DAYS = 180
REFUND_MONTHS = 1

S = LossState
LIFE: dict[tuple[LossState, str], LossState] = {
    (S.searching, "lose"): S.open,
    (S.searching, "find"): S.found,
    (S.open, "compensate"): S.money,
    (S.open, "replace"): S.processing,
    (S.open, "find"): S.found,
    (S.money, "reconsider"): S.open,
    (S.money, "find"): S.found,
    (S.money, "find_paid"): S.refundable,
    (S.processing, "finish"): S.replaced,
    (S.refundable, "ask"): S.refund_asked,
    (S.refundable, "forgo"): S.found,
    (S.refund_asked, "approve"): S.refund_due,
    (S.refund_asked, "refuse"): S.refundable,
    (S.refund_due, "pay"): S.refunded,
    (S.refund_due, "return"): S.refundable,
    # The office reversed what it had paid.
    (S.refunded, "undo"): S.unpaid,
    (S.unpaid, "ask"): S.refund_asked,
    (S.unpaid, "forgo"): S.found,
    # Replaced by a copy: no refund, both stay ours, and resources decide about the original.
    (S.processing, "turn_up"): S.processing,
    (S.processing, "finish_both"): S.extra,
    (S.replaced, "turn_up"): S.extra,
    (S.extra, "keep_both"): S.kept_both,
    (S.extra, "let_go"): S.let_go,
}

# Who must do something now, in words.
HOLDER: dict[LossState, str] = {
    S.searching: N_("借还台查架"), S.open: N_("借还台定赔偿方式"), S.money: N_("读者缴款"),
    S.processing: N_("借还台加工赔书"), S.refundable: N_("读者凭收据申请"),
    S.refund_asked: N_("服务口责任人"), S.refund_due: N_("办公室"), S.unpaid: N_("读者凭收据申请"), S.extra: N_("资源建设部定夺"),
    S.replaced: N_("已结"), S.found: N_("已结"), S.refunded: N_("已结"), S.kept_both: N_("已结"), S.let_go: N_("已结"),
}

STEPS: dict[str, str] = {
    "stamp": N_("盖馆藏章"), "barcode": N_("贴条码"), "label": N_("贴书标"), "strip": N_("装磁条"),
    "record": N_("登记著录"),
}


class UnknownLoss(NotFound):
    """No case bears this number."""

    code = "unknown-loss"
    message = N_("没有遗失单 {what}")


class NotToLose(Refusal):
    """Only what somebody has at home can be declared lost by them."""

    code = "not-on-loan"
    message = N_("《{title}》现为“{state}”，没有借出，不能登记遗失；架上找不到的请在清点时登记")


class OlderEdition(Refusal):
    """A copy in compensation is the same edition or a newer one."""

    code = "older-edition"
    message = N_("赔书须为同版或新版：原书 {old} 年，所交 {new} 年")


class AlreadyPaid(Refusal):
    """Money that was received is not exchanged for a copy."""

    code = "already-paid"
    message = N_("赔偿款已缴，不能改为赔书")


class NotRefundable(Refusal):
    """The rules give nothing back in this case."""

    code = "not-refundable"

    def __str__(self) -> str:
        return "；".join(str(reason) for reason in self.reasons)


class OtherCaseRuns(Refusal):
    """One case of an item runs at a time."""

    code = "other-case-runs"
    message = N_("该册另有未结的遗失单，办结后再重新申请退款")


class CashierApproves(SamePerson):
    """Who took the money, or asked for the refund, does not approve it."""

    message = N_("收款人、申请人不能审批这笔退款")


def move(loss: Loss, action: str, now: datetime) -> None:
    """Move the case, or refuse with the state it is in."""
    loss.state = step(LIFE, loss.state, action)
    loss.moved_at = now


def last_day(paid_on: date) -> date:
    """Until when the original may come back: the same day a month later, or that month's last day."""
    month = paid_on.month % 12 + 1
    year = paid_on.year + (paid_on.month == 12)
    return date(year, month, min(paid_on.day, monthrange(year, month)[1]))


def paid_on(payment: Entry) -> date:
    """The library's day of a payment."""
    return payment.at.astimezone(LOCAL).date()


def refund_objections(
    loss: Loss, payment: Entry | None, *, returned_on: date, damaged: bool
) -> list[Reason]:
    """Every reason why the compensation stays: replaced by a copy, unpaid, too late, not intact."""
    if loss.new_barcode or loss.state in {S.processing, S.replaced}:
        return [Reason("replaced", N_("已赔书，原书找回不退"))]
    if payment is None:
        return [Reason("not-paid", N_("没有缴过赔偿款"))]
    found = []
    until = last_day(paid_on(payment))
    if returned_on > until:
        found.append(Reason("too-late", N_("已过退款期限 {until}"), params={"until": until}))
    if damaged:
        found.append(Reason("not-intact", N_("原书有破损，先修补，不退赔偿款")))
    return found


def check_receipt(payment: Entry, receipt: str) -> None:
    """The patron shows the receipt of this very payment."""
    if "".join(receipt.split()).upper() != payment.receipt:
        raise Invalid({"receipt": N_("收据号与这笔赔偿款不符，请核对收据原件")})


def check_approver(loss: Loss, payment: Entry, actor: str) -> None:
    """Three roles, at least two people: cashier and applicant on one side, approver on the other."""
    if actor in {payment.actor, loss.refund_asked_by}:
        raise CashierApproves


def check_edition(old: int | None, new: int | None) -> None:
    """Same or newer, as far as the years are known."""
    if old is not None and new is not None and new < old:
        raise OlderEdition(old=old, new=new)


def left(loss: Loss) -> list[str]:
    """Steps of processing that are still to be done, in the order of work."""
    done = {entry["step"] for entry in loss.steps}
    return [name for name in STEPS if name not in done]


def stages(loss: Loss, *, paid: bool) -> list[dict[str, Any]]:
    """Where the case stands, as the screen's row of stages."""
    first = _(N_("查找")) if loss.how is How.claimed else _(N_("登记遗失"))
    way = [S.open, S.money] if loss.charge_id else [S.open, S.processing] if loss.new_title else [S.open]
    end = [S.refundable, S.refund_asked, S.refund_due, S.refunded]
    if loss.state is S.unpaid:
        end = [S.refunded, S.unpaid]
    if loss.state in end:
        labels, here = [S.money, *end], [S.money, *end].index(loss.state)
    else:
        after = {S.extra: [S.extra, S.kept_both], S.kept_both: [S.extra, S.kept_both], S.let_go: [S.extra, S.let_go]}
        labels = [*way, *([S.replaced] if loss.new_title else []), *after.get(loss.state, [])]
        if loss.state is S.found:
            labels = [*way[: 2 if loss.charge_id else 1], S.found]
        here = labels.index(loss.state) if loss.state in labels else -1
    done = loss.state in {S.replaced, S.found, S.refunded, S.kept_both, S.let_go} or (loss.state is S.money and paid)
    shown = [{"label": first, "state": "now" if here < 0 else "done", "who": loss.opened_by, "at": loss.opened_at}]
    for place, state in enumerate(labels):
        stage = "done" if place < here or (place == here and done) else "now" if place == here else "todo"
        shown.append({"label": state.text, "state": stage})
    return shown
