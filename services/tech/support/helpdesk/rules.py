"""The law of the helpdesk: the life of an order, its clocks, and who is asked first.

The register checks rights and moves the state; what else a move changes stands here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from services.tech.support.helpdesk.model import Kind, OrderState, Priority, WorkOrder
from shared.events import tech as facts
from shared.i18n import N_
from shared.refusals import Refusal
from shared.settings import LOCAL

S = OrderState
LIFE: Mapping[tuple[OrderState, str], OrderState] = {
    (S.reported, "accept"): S.working,
    (S.reported, "void"): S.voided,
    (S.working, "wait"): S.waiting,
    (S.working, "resolve"): S.resolved,
    (S.working, "void"): S.voided,
    (S.waiting, "resume"): S.working,
    (S.waiting, "resolve"): S.resolved,
    (S.resolved, "confirm"): S.confirmed,
    (S.resolved, "reopen"): S.reported,
    (S.confirmed, "reopen"): S.reported,
}

# Who is asked first, by kind.
HOLDERS: Mapping[Kind, tuple[str, ...]] = {
    Kind.computer: ("TEC-SYS", "TEC-EQP"),
    Kind.network: ("TEC-SYS",),
    Kind.equipment: ("TEC-LOG", "TEC-EQP"),
    Kind.power: ("TEC-LOG", "TEC-EQP"),
    Kind.water: ("TEC-LOG", "TEC-EQP"),
    Kind.fire: ("TEC-LOG", "TEC-EQP"),
    Kind.air: ("TEC-LOG",),
    Kind.furniture: ("TEC-LOG",),
    Kind.other: ("TEC",),
}
DEFAULT_PRIORITY: Mapping[Kind, Priority] = {
    Kind.fire: Priority.P1, Kind.power: Priority.P2, Kind.water: Priority.P2, Kind.network: Priority.P2,
}

# Working minutes to the first answer and to the solution; P1 runs round the clock.
DAY = 8 * 60
TARGETS: Mapping[Priority, tuple[int, int]] = {
    Priority.P1: (30, 4 * 60), Priority.P2: (2 * 60, DAY), Priority.P3: (DAY, 3 * DAY),
}
OPENS, CLOSES = 8, 16
AUTO_CONFIRM_DAYS = 3
REOPEN_DAYS = 7


class TooLateToReopen(Refusal):
    """A closed order is history after a week; a new report is clearer."""

    code = "fault.too-late-to-reopen"
    message = N_("关闭已超过 {days} 天，请重新报修")


def deadline(start: datetime, minutes: int, *, round_the_clock: bool = False) -> datetime:
    """`start` plus working minutes (Mon–Fri, 08:00–16:00 library time, eight hours a day)."""
    if round_the_clock:
        return start + timedelta(minutes=minutes)
    at = start.astimezone(LOCAL)
    left = timedelta(minutes=minutes)
    while True:
        opens = at.replace(hour=OPENS, minute=0, second=0, microsecond=0)
        closes = at.replace(hour=CLOSES, minute=0, second=0, microsecond=0)
        if at.weekday() >= 5 or at >= closes:
            at = (opens + timedelta(days=1)).replace(hour=OPENS)
            continue
        at = max(at, opens)
        if closes - at >= left:
            return (at + left).astimezone(start.tzinfo)
        left -= closes - at
        at = opens + timedelta(days=1)


def promise(order: WorkOrder, now: datetime) -> None:
    """Set both clocks of a new or reopened order."""
    respond, solve = TARGETS[order.priority]
    urgent = order.priority is Priority.P1
    order.respond_by = deadline(now, respond, round_the_clock=urgent)
    order.solve_by = deadline(now, solve, round_the_clock=urgent)
    order.responded_at = order.resolved_at = None


def _common(order: WorkOrder) -> dict[str, str]:
    return {
        "number": order.no, "place": order.place, "kind": order.kind.value, "title": order.title,
        "reporter": order.reporter,
    }


def report(order: WorkOrder, now: datetime) -> facts.FaultReported:
    """A fault enters the list."""
    promise(order, now)
    return facts.FaultReported(
        **_common(order), priority=order.priority.value, holders=HOLDERS[order.kind],
        respond_by=order.respond_by,
    )


def accept(order: WorkOrder, engineer: str, now: datetime) -> facts.FaultAccepted:
    """An engineer takes it; the first clock stops."""
    order.owner, order.responded_at = engineer, now
    return facts.FaultAccepted(**_common(order), owner=engineer, solve_by=order.solve_by)


def wait(order: WorkOrder, reason: str, now: datetime) -> facts.FaultPaused:
    """Parts or a contractor are awaited: the solution clock stands still."""
    order.paused_at = now
    return facts.FaultPaused(**_common(order), owner=order.owner, note=reason)


def _run_on(order: WorkOrder, now: datetime) -> None:
    if order.paused_at:
        paused = now - order.paused_at
        order.paused_minutes += int(paused.total_seconds() // 60)
        if order.solve_by:
            order.solve_by += paused
        order.paused_at = None


def resume(order: WorkOrder, now: datetime) -> facts.FaultResumed:
    """The part is here: the clock runs on where it stood."""
    _run_on(order, now)
    return facts.FaultResumed(**_common(order), owner=order.owner, solve_by=order.solve_by)


def resolve(order: WorkOrder, note: str, now: datetime) -> facts.FaultResolved:
    """It works again, says the engineer; the reporter is asked."""
    _run_on(order, now)
    order.solution, order.resolved_at = note, now
    return facts.FaultResolved(**_common(order), owner=order.owner, note=note)


def confirm(order: WorkOrder, rating: int | None) -> facts.FaultConfirmed:
    """The reporter (or time itself) agrees."""
    order.rating = rating
    return facts.FaultConfirmed(**_common(order), rating=rating)


def reopen(order: WorkOrder, note: str, now: datetime) -> facts.FaultReopened:
    """It still does not work: back on the list, one priority higher, clocks anew."""
    if order.state == S.confirmed and order.resolved_at and now - order.resolved_at > timedelta(days=REOPEN_DAYS):
        raise TooLateToReopen(days=REOPEN_DAYS)
    order.priority = {Priority.P3: Priority.P2}.get(order.priority, Priority.P1)
    order.reopened += 1
    order.owner = ""
    promise(order, now)
    return facts.FaultReopened(**_common(order), note=note, holders=HOLDERS[order.kind])


def void(order: WorkOrder, note: str) -> facts.FaultVoided:
    """A false alarm or a duplicate, closed with a reason by the engineers or the reporter."""
    order.solution = note
    return facts.FaultVoided(**_common(order), note=note)


STILL = {S.resolved, S.confirmed, S.voided, S.waiting}


def holders(order: WorkOrder) -> tuple[str, ...]:
    """Who must act now: the posts of the kind, the engineer, or the reporter."""
    if order.state == S.reported:
        return HOLDERS[order.kind]
    return (order.reporter,) if order.state == S.resolved else (order.owner,)


def lateness(order: WorkOrder, now: datetime) -> str:
    """`ok`, `soon` (a quarter of the time left) or `late`, for the promise that runs now."""
    by = order.respond_by if order.state == S.reported else order.solve_by
    if by is None or S(order.state) in STILL:
        return "ok"
    if now > by:
        return "late"
    whole = (by - order.created_at).total_seconds() or 1
    return "soon" if (by - now).total_seconds() < whole / 4 else "ok"
