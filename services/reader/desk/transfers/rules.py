"""Which books may be transferred, how a list moves, and how it differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from services.reader.desk import DESK, HEAD
from services.reader.desk.items.model import Circulation, Item
from services.reader.desk.items.rules import ABSENT, unfit
from services.reader.desk.transfers.model import LineState, Transfer, TransferLine, TransferState
from services.reader.desk.transit.rules import TARGET_OPEN_DAYS
from shared.i18n import N_, _
from shared.refusals import NotFound, Reason, Refusal, SamePerson

__all__ = ["TARGET_OPEN_DAYS"]
NUMBERS = "DB"
MOVERS = (*DESK, "RDR-STK")
APPROVERS = HEAD
LARGEST = 300

S, L = TransferState, LineState
LIFE: Mapping[tuple[TransferState, str], TransferState] = {
    (S.draft, "submit"): S.submitted,
    (S.draft, "cancel"): S.cancelled,
    (S.submitted, "approve"): S.approved,
    (S.submitted, "send_back"): S.draft,
    (S.submitted, "cancel"): S.cancelled,
    (S.approved, "send"): S.sent,
    (S.approved, "cancel"): S.cancelled,
    (S.sent, "complete"): S.received,
    (S.sent, "close"): S.differed,
}
LIFE_LINE: Mapping[tuple[LineState, str], LineState] = {
    (L.listed, "send"): L.out,
    (L.listed, "leave"): L.unsent,
    (L.out, "receive"): L.received,
    (L.unsent, "receive"): L.received,
    (L.out, "miss"): L.missing,
}
AT_HAND = {Circulation.available, Circulation.to_shelve}


class UnknownTransfer(NotFound):
    """No list bears this number."""

    code = "unknown-transfer"
    message = N_("没有调拨单 {what}")


class Explained(Refusal):
    """A refusal that reads out its reasons."""

    def __str__(self) -> str:
        return _(self.message, **self.params, why="；".join(str(r) for r in self.reasons))

    def __init__(self, reasons: Sequence[Reason], **params: object) -> None:
        super().__init__(reasons, **params)


class NotMoved(Explained):
    """The book cannot be put on this list; every reason is given."""

    code = "not-transferred"
    message = N_("{barcode} 不能调拨：{why}")


class NotOnList(Refusal):
    """A book came that nobody sent."""

    code = "not-on-transfer"
    message = N_("{barcode} 不在调拨单 {number} 上，请先查清它从哪里来")


class NotInState(Refusal):
    """The list is not where this step begins."""

    code = "transfer-state"
    message = N_("调拨单 {number} 当前为“{state}”，不能办理此项操作")


class ApprovedOwn(SamePerson):
    """Two people: who asks for it, and who allows it."""

    message = N_("调拨单由另一位责任人审批，开单和提交的人不能自己批")


class NothingListed(Refusal):
    """There is nothing to decide about."""

    code = "nothing-listed"
    message = N_("单上还没有书，请先列入再提交")


class NotApproved(Refusal):
    """What nobody approved does not leave its shelf."""

    code = "not-approved-for-transfer"
    message = N_("{barcode} 不在批准的清单上；要加书请另开一张调拨单")


class SentBackWhy(Refusal):
    """Whoever made the list must know what to change."""

    code = "transfer-sent-back-why"
    status = 422
    message = N_("请写明退回的理由")


class NothingToSend(Refusal):
    """A box without a book does not travel."""

    code = "nothing-to-send"
    message = N_("还没有扫描装箱的书")


class NothingDiffers(Refusal):
    """There is no difference to close with."""

    code = "transfer-agrees"
    message = N_("没有未到的书")


class WordsMissing(Refusal):
    """A difference others must understand needs words."""

    code = "transfer-words-missing"
    status = 422
    message = N_("请写明查找经过")


class WhereTo(Refusal):
    """Nobody keeps the location, so the receiving point must be named."""

    code = "transfer-where-to"
    status = 422
    message = N_("馆藏地“{location}”没有所属服务点，请选接收服务点")


class UnknownLocation(Refusal):
    """We know of no such location."""

    code = "transfer-location"
    status = 422
    message = N_("请选调入馆藏地")


def objections(
    item: Item, transfer: Transfer, *, elsewhere: str = "", wanted: bool = False, count: int = 0
) -> list[Reason]:
    """Every reason why this book does not go on this list; being for reading only is none."""
    why = [r for r in unfit(item) if r.code not in {"item-reference", "item-closed"}]
    if item.circulation not in AT_HAND:
        why.append(Reason(f"item-{item.circulation.value.replace('_', '-')}", ABSENT[item.circulation]))
    if elsewhere:
        why.append(Reason("on-another-list", N_("已在调拨单 {number} 上"), params={"number": elsewhere}))
    if item.location == transfer.location:
        why.append(Reason("already-there", N_("本来就属于{place}"), params={"place": transfer.place}))
    if wanted:
        why.append(Reason("wanted", N_("有读者预约了这一册")))
    if count >= LARGEST:
        why.append(Reason("list-full", N_("一张调拨单最多 {most} 册"), params={"most": LARGEST}))
    return why


def check_approver(transfer: Transfer, actor: str) -> None:
    """Whoever made the list or handed it in decides nothing about it."""
    if actor in {transfer.made_by, transfer.submitted_by}:
        raise ApprovedOwn


def tally(lines: Sequence[TransferLine]) -> dict[LineState, int]:
    """How many books are where."""
    found = Counter(line.state for line in lines)
    return {state: found[state] for state in LineState if found[state]}


def holder(transfer: Transfer) -> str:
    """The point that answers for the books now."""
    return transfer.to if transfer.state in {S.received, S.differed} else transfer.origin


def days_late(transfer: Transfer, today: date) -> int:
    """Days beyond the target; 0 while there is time."""
    if transfer.state is not S.sent or transfer.due_on is None:
        return 0
    return max((today - transfer.due_on).days, 0)
