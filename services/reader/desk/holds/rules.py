"""Who waits, who may fetch, until when, and what the queue says to whoever asks why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

from services.reader.desk import HEAD
from services.reader.desk.holds.model import Hold, HoldState
from services.reader.desk.items.model import Circulation, Condition, Item, Stock, Use
from shared.i18n import N_, _
from shared.refusals import NotFound, Reason, Refusal, Severity
from shared.states import Choice, step

MOST_PER_PATRON = 10
LONGEST_WAIT = timedelta(days=365)
LONGEST_PAUSE = timedelta(days=180)

S, C = HoldState, Circulation
LIFE: dict[tuple[HoldState, str], HoldState] = {
    (S.waiting, "capture"): S.ready,
    (S.waiting, "send"): S.transit,
    (S.transit, "capture"): S.ready,
    (S.transit, "send"): S.transit,
    (S.transit, "release"): S.waiting,
    (S.ready, "release"): S.waiting,
    (S.waiting, "fill"): S.filled,
    (S.transit, "fill"): S.filled,
    (S.ready, "fill"): S.filled,
    (S.filled, "unfill"): S.waiting,
    (S.waiting, "cancel"): S.cancelled,
    (S.transit, "cancel"): S.cancelled,
    (S.ready, "cancel"): S.cancelled,
    (S.cancelled, "unmerge"): S.waiting,
    (S.ready, "expire"): S.expired,
    (S.waiting, "lapse"): S.lapsed,
}


class Asks(Choice):
    """What a request asks for, seen from one item."""

    any = "title", N_("任一复本"), "info"
    item = "item", N_("指定单册"), "accent"
    fetch = "fetch", N_("从别处调取"), "warning"


Answer = Literal["yes", "head", "no"]
# Which request may meet an item in which state: "yes", "head" (a head may allow it), "no".
MAY_HOLD: dict[tuple[Asks, Circulation], Answer] = {
    (Asks.any, C.in_process): "yes",
    (Asks.any, C.in_handover): "yes",
    (Asks.any, C.relocating): "yes",
    (Asks.any, C.to_shelve): "yes",
    (Asks.any, C.available): "head",
    (Asks.any, C.on_loan): "yes",
    (Asks.any, C.hold_shelf): "yes",
    (Asks.any, C.in_transit): "yes",
    (Asks.any, C.in_house_use): "yes",
    (Asks.any, C.missing): "no",
    (Asks.any, C.lost): "no",
    (Asks.any, C.claimed_returned): "no",
    (Asks.any, C.replaced): "no",
    (Asks.item, C.in_process): "yes",
    (Asks.item, C.in_handover): "yes",
    (Asks.item, C.relocating): "yes",
    (Asks.item, C.to_shelve): "yes",
    (Asks.item, C.available): "head",
    (Asks.item, C.on_loan): "yes",
    (Asks.item, C.hold_shelf): "yes",
    (Asks.item, C.in_transit): "yes",
    (Asks.item, C.in_house_use): "yes",
    (Asks.item, C.missing): "no",
    (Asks.item, C.lost): "no",
    (Asks.item, C.claimed_returned): "no",
    (Asks.item, C.replaced): "no",
    (Asks.fetch, C.available): "yes",
    (Asks.fetch, C.to_shelve): "yes",
}
CANCEL_REASONS: tuple[str, ...] = (
    N_("读者不再需要"), N_("重复预约"), N_("书长期不能归还"), N_("读者已另行获得"), N_("登记有误"),
)


@dataclass(frozen=True, slots=True)
class Copy:
    """One item as a request sees it; `home` is the point that keeps it."""

    circulation: Circulation
    condition: Condition = Condition.sound
    stock: Stock = Stock.in_stock
    use: Use = Use.loan
    home: str = ""


@dataclass(slots=True)
class Copies:
    """The items of a title, counted by state, and when the first lent one is due."""

    counts: dict[Circulation, int] = field(default_factory=dict)
    unfit: int = 0
    due_on: date | None = None

    @property
    def total(self) -> int:
        """How many the library has."""
        return sum(self.counts.values()) + self.unfit


class HoldRefused(Refusal):
    """The hold cannot be placed; the reasons say why."""

    code = "hold-refused"
    message = N_("不能预约：{why}")

    def __str__(self) -> str:
        return _(self.message, why="；".join(str(reason) for reason in self.reasons))


class UnknownHold(NotFound):
    """There is no such hold, or it is not yours."""

    code = "unknown-hold"
    message = N_("没有这项预约")


class UnknownTitle(NotFound):
    """The library holds no item of this title."""

    code = "unknown-title"
    message = N_("没有可预约的馆藏：{what}")


class NotMovable(Refusal):
    """The hold cannot go further in this direction."""

    code = "hold-not-movable"
    message = N_("已在队列的这一端，不能再移")


class ReasonMissing(Refusal):
    """A change of order others must understand needs words."""

    code = "reason-missing"
    message = N_("请写明调整原因")


class SameTarget(Refusal):
    """It waits for exactly that already."""

    code = "hold-same-target"
    message = N_("这项预约本来就在等它")


class AlreadyTaken(Refusal):
    """A colleague is on the way to this book."""

    code = "errand-taken"
    message = N_("{by} 正在去取《{title}》")


class BadDay(Refusal):
    """The day lies in the past or too far ahead."""

    code = "hold-day"
    status = 422
    message = N_("日期须在 {first} 至 {last} 之间")


class StillKept(Refusal):
    """The item stands ready for somebody whose days are not over."""

    code = "still-kept"
    message = N_("《{title}》正为读者保留至 {until}，不能下架；不要了请先取消预约")


class NothingWaits(Refusal):
    """Nobody waits for this item any more."""

    code = "nobody-waits"
    message = N_("已没有读者在等《{title}》，请放回原架")


def answer(copies: Iterable[Copy], *, level: Asks, pickup: str, away: bool = False) -> Answer:
    """What the matrix says of a request for these items: one "head" outweighs any "yes".

    `away` says that the pickup point is another library's: every item of ours is fetched from elsewhere.
    """
    found: set[Answer] = set()
    for copy in copies:
        if copy.use is not Use.loan or copy.stock is not Stock.in_stock or copy.condition is Condition.irreparable:
            continue
        elsewhere = away or bool(pickup and copy.home and copy.home != pickup)
        here = copy.circulation in {C.available, C.to_shelve}
        asks = Asks.fetch if elsewhere and here else level
        found.add(MAY_HOLD.get((asks, copy.circulation), "no"))
    return "head" if "head" in found else "yes" if "yes" in found else "no"


def objections(
    *, card_blocks: list[Reason], already: bool, at_home: bool, may: Answer, active: int,
    limit: int = MOST_PER_PATRON,
) -> list[Reason]:
    """Why a hold may not be placed; only what staff may decide can be overridden."""
    found = list(card_blocks)
    if already:
        found += twice()
    if at_home:
        found.append(Reason("title-on-loan-to-patron", N_("该读者正借着此书")))
    if may == "head":
        found.append(Reason(
            "copy-available", N_("有复本在架，可直接借阅"), Severity.OVERRIDE, by=HEAD
        ))
    elif may == "no":
        found.append(Reason("no-copy-to-wait-for", N_("没有等得到的外借复本（均不外借、遗失、清点未见或待剔）")))
    if active >= limit:
        found.append(Reason(
            "hold-limit", N_("预约已达 {n} 项，上限 {limit} 项"), Severity.OVERRIDE,
            {"n": active, "limit": limit}, HEAD,
        ))
    return found


def twice() -> list[Reason]:
    """One patron waits once for one title."""
    return [Reason("hold-exists", N_("已预约此书，请勿重复"))]


def within(day: date | None, today: date, longest: timedelta) -> date | None:
    """The day, if it lies ahead and not too far."""
    if day is not None and not today < day <= today + longest:
        raise BadDay(first=today + timedelta(days=1), last=today + longest)
    return day


def shelf_of(card: str) -> str:
    """The slot on the hold shelf: by the last two digits, so that one reader's books stand together."""
    digits = "".join(c for c in card if c.isdigit())[-2:].rjust(2, "0")
    return f"A-{digits}"


def capture(hold: Hold, item: Item, *, now: datetime, until: date, at: str = "") -> None:
    """The item stands on the hold shelf for this patron."""
    hold.state = step(LIFE, hold.state, "capture")
    hold.item_id, hold.barcode, hold.shelf = item.id, item.barcode, shelf_of(hold.card)
    hold.ready_at, hold.until, hold.point = now, until, at


def send(hold: Hold, item: Item) -> None:
    """The item travels to the patron's point; nobody else gets it."""
    hold.state = step(LIFE, hold.state, "send")
    hold.item_id, hold.barcode = item.id, item.barcode


def release(hold: Hold, action: str = "release") -> None:
    """The item is not there any more, or was never lent: back into the queue, at the old turn."""
    hold.state = step(LIFE, hold.state, action)
    hold.item_id, hold.barcode, hold.shelf, hold.point = None, "", "", ""
    hold.ready_at, hold.until, hold.ended_at = None, None, None


def end(hold: Hold, action: str, *, now: datetime, reason: str = "") -> None:
    """Filled, cancelled or run out."""
    hold.state = step(LIFE, hold.state, action)
    hold.ended_at, hold.reason, hold.paused_until = now, reason, None


def explain(hold: Hold, place: int, copies: Copies, points: dict[str, str]) -> str:
    """Where the hold stands and why, as a librarian would say it."""
    if hold.state is S.ready:
        where = points.get(hold.point, "")
        text = _(N_("已到预约架 {shelf}，留至 {until}"), shelf=hold.shelf, until=hold.until)
        return f"{where}：{text}" if where else text
    if hold.state is S.transit:
        return _(N_("已为您留书，正送往{point}，到达后通知"), point=points.get(hold.pickup, hold.pickup))
    if hold.state is not S.waiting:
        return _(hold.reason) if hold.reason else hold.state.text
    text = _(N_("第 {n} 位：前面 {ahead} 人"), n=place, ahead=place - 1)
    if hold.paused_until is not None:
        text += _(N_("；暂停至 {day}，保留位次但不配书"), day=hold.paused_until)
    if hold.wanted:
        text += _(N_("；只等单册 {barcode}"), barcode=hold.wanted)
    return f"{text}；{_stock_of(copies)}"


def _stock_of(copies: Copies) -> str:
    out = copies.counts.get(C.on_loan, 0)
    if out and out == copies.total:
        text = _(N_("全部 {n} 册借出"), n=out)
    else:
        parts = [f"{state.text} {n}" for state, n in copies.counts.items()]
        if copies.unfit:
            parts.append(_(N_("修补或待验 {n}"), n=copies.unfit))
        text = _(N_("共 {n} 册"), n=copies.total) + (f"（{'、'.join(parts)}）" if parts else "")
    if copies.due_on is not None:
        text += _(N_("，最早应还 {day}"), day=copies.due_on)
    return text
