"""Who waits, who may fetch, and until when."""

from __future__ import annotations

from datetime import date, datetime

from services.reader.desk import HEAD
from services.reader.desk.holds.model import Hold, HoldState
from services.reader.desk.items.model import Item
from shared.i18n import N_, _
from shared.refusals import NotFound, Reason, Refusal, Severity
from shared.states import step

MOST_PER_PATRON = 10

S = HoldState
LIFE: dict[tuple[HoldState, str], HoldState] = {
    (S.waiting, "capture"): S.ready,
    (S.ready, "release"): S.waiting,
    (S.waiting, "fill"): S.filled,
    (S.ready, "fill"): S.filled,
    (S.filled, "unfill"): S.waiting,
    (S.waiting, "cancel"): S.cancelled,
    (S.ready, "cancel"): S.cancelled,
    (S.ready, "expire"): S.expired,
}


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


def objections(
    *, card_blocks: list[Reason], already: bool, at_home: bool, free_copy: bool, active: int,
    limit: int = MOST_PER_PATRON,
) -> list[Reason]:
    """Why a hold may not be placed; only what staff may decide can be overridden."""
    found = list(card_blocks)
    if already:
        found.append(Reason("hold-exists", N_("已预约此书，请勿重复")))
    if at_home:
        found.append(Reason("title-on-loan-to-patron", N_("该读者正借着此书")))
    if free_copy:
        found.append(Reason(
            "copy-available", N_("有复本在架，可直接借阅"), Severity.OVERRIDE, by=HEAD
        ))
    if active >= limit:
        found.append(Reason(
            "hold-limit", N_("预约已达 {n} 项，上限 {limit} 项"), Severity.OVERRIDE,
            {"n": active, "limit": limit}, HEAD,
        ))
    return found


def shelf_of(card: str) -> str:
    """The slot on the hold shelf: by the last two digits, so that one reader's books stand together."""
    digits = "".join(c for c in card if c.isdigit())[-2:].rjust(2, "0")
    return f"A-{digits}"


def capture(hold: Hold, item: Item, *, now: datetime, until: date) -> None:
    """The item stands on the hold shelf for this patron."""
    hold.state = step(LIFE, hold.state, "capture")
    hold.item_id, hold.barcode, hold.shelf = item.id, item.barcode, shelf_of(hold.card)
    hold.ready_at, hold.until = now, until


def release(hold: Hold, action: str = "release") -> None:
    """The item is not there any more, or was never lent: back into the queue, at the old turn."""
    hold.state = step(LIFE, hold.state, action)
    hold.item_id, hold.barcode, hold.shelf = None, "", ""
    hold.ready_at, hold.until, hold.ended_at = None, None, None


def end(hold: Hold, action: str, *, now: datetime, reason: str = "") -> None:
    """Filled, cancelled or run out."""
    hold.state = step(LIFE, hold.state, action)
    hold.ended_at, hold.reason = now, reason
