"""The life of a slip, who may move it, when a station keeps it too long, and how stations are written down. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.reader.rooms.routing.model import (
    Absence,
    RoutingStation,
    RoutingStep,
    SlipState,
    StepState,
    Who,
)
from services.reader.rooms.serials.model import Shelf
from services.reader.rooms.serials.rules import HANDS, READERS
from shared.i18n import N_
from shared.identity import Actor
from shared.refusals import NotFound, Refusal

LISTS, SLIPS = "CL", "CY"
DAYS, MOST_DAYS, MOST_STATIONS = 3, 60, 40
__all__ = ["HANDS", "READERS"]

S, T = SlipState, StepState
LIFE: Mapping[tuple[SlipState, str], SlipState] = {
    (S.running, "pass"): S.running,
    (S.running, "finish"): S.returning,
    (S.running, "recall"): S.back,
    (S.returning, "take_back"): S.back,
    (S.running, "lose"): S.lost,
    (S.returning, "lose"): S.lost,
    (S.running, "void"): S.void,
}
STEP_LIFE: Mapping[tuple[StepState, str], StepState] = {
    (T.waiting, "send"): T.coming,
    (T.coming, "receive"): T.received,
    (T.coming, "pass"): T.passed,
    (T.received, "pass"): T.passed,
    (T.waiting, "skip"): T.skipped,
    (T.coming, "skip"): T.skipped,
    (T.received, "skip"): T.skipped,
}
HERE = (T.coming, T.received)


class UnknownList(NotFound):
    """No list bears this number."""

    code = "routing.unknown-list"
    message = N_("没有传阅名单 {what}")


class UnknownSlip(NotFound):
    """No slip bears this number."""

    code = "routing.unknown-slip"
    message = N_("没有传阅单 {what}。请扫描传阅单上的条码")


class NotYours(Refusal):
    """Somebody else's station."""

    code = "routing.not-yours"
    status = 403
    message = N_("这份传阅单现在不在您这里")


class CopyTaken(Refusal):
    """The copy goes round already."""

    code = "routing.copy-taken"
    message = N_("《{title}》第 {copy} 份已有传阅名单，请改用另一份，或修改那份名单")


class ListStopped(Refusal):
    """What was stopped is not changed."""

    code = "routing.list-stopped"
    message = N_("名单 {number} 已停用")


class UnderWay(Refusal):
    """A station has had it: the arrival cannot be undone."""

    code = "routing.under-way"
    message = N_("《{title}》{label}已在传阅（{number}），不能撤销记到；请先收回")


@dataclass(frozen=True, slots=True)
class Station:
    """One line of a list as it was written: a person's number or an office, days and a note."""

    kind: Who
    who: str = ""
    place: str = ""
    days: int | None = None
    note: str = ""


def wrong_in(name: str, days: int, copy_no: int, copies: int, stations: Sequence[Station]) -> dict[str, str]:
    """What a list lacks; all of it at once."""
    found: dict[str, str] = {}
    if not name.strip():
        found["name"] = N_("请填写名单名称")
    if not 1 <= days <= MOST_DAYS:
        found["days"] = N_("每站天数为 1–60")
    if not 1 <= copy_no <= copies:
        found["copy_no"] = N_("没有这一份：份号不能大于该刊的订购份数")
    if not stations:
        found["stations"] = N_("请至少填写一站")
    elif len(stations) > MOST_STATIONS:
        found["stations"] = N_("一份名单最多 40 站")
    keys = [(one.kind, one.who or one.place) for one in stations]
    if len(set(keys)) < len(keys):
        found["stations"] = N_("同一站不能出现两次")
    if any(one.days is not None and not 1 <= one.days <= MOST_DAYS for one in stations):
        found["stations"] = N_("每站天数为 1–60")
    return found


def absent(station: RoutingStation, today: date) -> Absence | None:
    """Why the station is passed over today."""
    if station.absence is None or (station.away_until is not None and station.away_until < today):
        return None
    return station.absence


def here(steps: Sequence[RoutingStep]) -> RoutingStep | None:
    """The station that has it, or to which it is on its way."""
    return next((one for one in steps if one.state in HERE), None)


def following(steps: Sequence[RoutingStep]) -> RoutingStep | None:
    """The next station in turn."""
    return next((one for one in steps if one.state is T.waiting), None)


def leave_by(step: RoutingStep, today: date) -> date:
    """The day by which the station passes it on."""
    return today + timedelta(days=step.days)


def late_days(due_on: date | None, today: date) -> int:
    """Days beyond the station's term."""
    return max((today - due_on).days, 0) if due_on else 0


def may_move(actor: Actor, step: RoutingStep | None, own: Collection[str]) -> bool:
    """The desk always; a person at their own station (under any number they have or had); any colleague at an office's."""
    if actor.holds(HANDS):
        return True
    if step is None:
        return False
    return actor.kind == "staff" if step.kind is Who.place else step.who in own


def rack_after(newer: int, shown: int) -> Shelf:
    """Where an issue goes that comes back: up, unless as many newer ones stand there as the rack holds."""
    return Shelf.down if newer >= shown else Shelf.none
