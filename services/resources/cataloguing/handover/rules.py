"""Which items may go into a batch, what must be checked before it leaves, and by when it is counted."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta

from services.resources.cataloguing.handover.model import Batch, BatchState, Line, Outcome, Point
from services.resources.cataloguing.items.model import Item, ItemLife, Location
from services.resources.cataloguing.items.rules import CATALOGUERS
from shared.i18n import N_, _
from shared.refusals import NotFound, Reason, Refusal

NUMBERS = "JJ"
HANDERS = (*CATALOGUERS, "head-resources")
READERS = ("RES", "head-resources", "director")
WORKING_DAYS = 2
# A box a person can count in one go, and an event that stays small.
LARGEST = 300

S = BatchState
LIFE: Mapping[tuple[BatchState, str], BatchState] = {
    (S.draft, "send"): S.sent,
    (S.draft, "cancel"): S.cancelled,
    (S.sent, "confirm"): S.confirmed,
    (S.sent, "dispute"): S.disputed,
    (S.disputed, "settle"): S.settled,
}
DIFFERENT = (Outcome.missing, Outcome.label_wrong, Outcome.damaged)


class UnknownBatch(NotFound):
    """No batch bears this number."""

    code = "unknown-handover"
    message = N_("没有交接单 {what}")


class UnknownPoint(NotFound):
    """Reader services have not told us of such a point, or it is closed."""

    code = "unknown-service-point"
    message = N_("没有开放的服务点 {what}")


class NotGathered(Refusal):
    """The item cannot go into this batch; every reason is given."""

    code = "handover.not-gathered"
    message = N_("{barcode} 不能加入：{why}")

    def __init__(self, reasons: Sequence[Reason], *, barcode: str) -> None:
        super().__init__(reasons, barcode=barcode)

    def __str__(self) -> str:
        return _(self.message, barcode=self.params["barcode"], why="；".join(str(r) for r in self.reasons))


class NotReady(Refusal):
    """The batch cannot leave yet."""

    code = "handover.not-ready"
    message = N_("还不能发出：{why}")

    def __str__(self) -> str:
        return _(self.message, why="；".join(str(r) for r in self.reasons[:5]))


class NotOnList(Refusal):
    """The barcode is on no line of this batch."""

    code = "handover.not-on-list"
    status = 404
    message = N_("{barcode} 不在交接单 {number} 上")


class WordsMissing(Refusal):
    """How the differences were dealt with must be said."""

    code = "handover.words-missing"
    status = 422
    message = N_("请写明差异如何处理")


def codes_in(text_: str) -> list[str]:
    """Barcodes of a pasted or scanned list, each once, in order; what stands between them does not matter."""
    found = ("".join(part.split()).upper()[:60] for part in re.split(r"[\s,;，；、]+", text_.replace("\ufeff", "")))
    return list(dict.fromkeys(code for code in found if code))


def working_day(start: date, days: int) -> date:
    """The `days`-th working day (Mon-Fri) after `start`; the point corrects it by the days it is closed."""
    day = start
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return day


def objections(
    item: Item, place: Location | None, point: Point, *, elsewhere: str, count: int
) -> list[Reason]:
    """Every reason why this item does not go into a batch for this point."""
    why = []
    if item.life is not ItemLife.in_process:
        why.append(Reason("not-in-process", N_("状态为“{life}”，只有加工中的单册可以交接"), params={"life": item.life.text}))
    if elsewhere:
        why.append(Reason("in-another-batch", N_("已在交接单 {number} 上"), params={"number": elsewhere}))
    if not item.call_number.strip():
        why.append(Reason("no-call-number", N_("没有索书号，无法核对书标")))
    if point.locations and item.location not in point.locations:
        name = place.name if place else item.location
        why.append(Reason(
            "not-of-this-point", N_("馆藏地“{location}”不属于{point}"), params={"location": name, "point": point.text},
        ))
    if count >= LARGEST:
        why.append(Reason("batch-full", N_("一张交接单最多 {most} 册，请另开一张"), params={"most": LARGEST}))
    return why


def check_ready(lines: Sequence[Line], lives: Mapping[object, ItemLife], defects: Collection[object] = ()) -> None:
    """All that stands against sending, line by line; `defects` are items that collation sent back."""
    why = [] if lines else [Reason("empty", N_("交接单上还没有单册"))]
    for line in lines:
        said = {"barcode": line.barcode, "title": line.title}
        if not line.barcode_read:
            why.append(Reason("barcode-unread", N_("《{title}》{barcode} 未核对条码"), params=said))
        if not line.label_right:
            why.append(Reason("label-unchecked", N_("《{title}》{barcode} 未核对书标"), params=said))
        if line.item_id in defects:
            why.append(Reason("collation", N_("《{title}》{barcode} 典校退回，还没有改好"), params=said))
        if lives.get(line.item_id) is not ItemLife.in_process:
            why.append(Reason("not-in-process", N_("《{title}》{barcode} 已不在加工中"), params=said))
    if why:
        raise NotReady(why)


def holder(batch: Batch) -> str:
    """Who has the books in hands, in a word (msgid)."""
    if batch.state in {S.confirmed, S.disputed, S.settled}:
        return N_("读者服务部")
    return N_("资源建设部（待对方清点）") if batch.state is S.sent else N_("资源建设部")


def overdue(batch: Batch, today: date) -> bool:
    """The point should have counted it."""
    return batch.state is S.sent and batch.due_on is not None and batch.due_on < today


def tally(outcomes: Collection[tuple[Outcome, int]]) -> list[tuple[Outcome, int]]:
    """How many lines ended how, differences first."""
    order = (*DIFFERENT, Outcome.open, Outcome.accepted)
    counts = dict(outcomes)
    return [(one, counts[one]) for one in order if counts.get(one)]
