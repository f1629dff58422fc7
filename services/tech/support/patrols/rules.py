"""The law of patrols: what counts as a minute walked, when a round may close, when a day is met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise

from services.tech.support.patrols.model import Day, DayState, Round, RoundState, Watch
from shared.events import tech as facts
from shared.i18n import N_
from shared.refusals import NotAllowed, Refusal
from shared.settings import LOCAL
from shared.states import step

REQUIRED_MINUTES = 120
LONGEST_PAUSE = timedelta(minutes=15)
CLOCK_SKEW = timedelta(minutes=2)
POSTS = ("TEC-LOG", "TEC-EQP")

LIFE: Mapping[tuple[RoundState, str], RoundState] = {
    (RoundState.walking, "close"): RoundState.closed,
    (RoundState.walking, "abandon"): RoundState.abandoned,
}
DAY_LIFE: Mapping[tuple[DayState, str], DayState] = {
    (DayState.open, "meet"): DayState.met,
    (DayState.open, "miss"): DayState.missed,
    (DayState.missed, "explain"): DayState.explained,
}


class AlreadyWalking(Refusal):
    """One person walks one round at a time."""

    code = "patrol.already-walking"
    message = N_("您还有未结束的巡视 {number}，请先完成")


class NotYourRound(Refusal):
    """A round is walked by the person who began it."""

    code = "patrol.not-your-round"
    status = 403
    message = N_("这一圈由他人巡视，不能代走")


class TimeOutsideRound(Refusal):
    """A stamp from before the start, from tomorrow, or after the round was closed."""

    code = "patrol.time-outside-round"
    message = N_("打点时间不在本圈巡视之内")


class PointsMissing(Refusal):
    """Points nobody reached need a reason before the round may close."""

    code = "patrol.points-missing"
    message = N_("还有 {count} 个点位未到，请补走或写明原因")


def minutes_walked(started: datetime, stamps: Sequence[datetime], ended: datetime) -> int:
    """Whole minutes between start, points and end; a pause over 15 minutes does not count at all."""
    times = sorted([started, *stamps, ended])
    walked = timedelta()
    for before, after in pairwise(times):
        if after - before <= LONGEST_PAUSE:
            walked += after - before
    return int(walked.total_seconds() // 60)


def check_stamp(patrol: Round, walker: str, walked_at: datetime, now: datetime) -> None:
    """A point may be stamped by the walker, on the day of the round, not in the future."""
    if patrol.walker != walker:
        raise NotYourRound
    if patrol.state is not RoundState.walking:
        raise TimeOutsideRound
    same_day = walked_at.astimezone(LOCAL).date() == patrol.on_day
    if not same_day or walked_at < patrol.started_at - CLOCK_SKEW or walked_at > now + CLOCK_SKEW:
        raise TimeOutsideRound


def close(
    patrol: Round, day: Day, *, walker: str, route: str, points: int, stamps: Sequence[datetime],
    ended: datetime, note: str,
) -> facts.PatrolRoundClosed:
    """The round ends; its minutes are added to the day, which may thereby be met."""
    if patrol.walker != walker:
        raise NotYourRound
    if len(stamps) < points and not note.strip():
        raise PointsMissing(count=points - len(stamps))
    patrol.state = step(LIFE, patrol.state, "close")
    patrol.ended_at, patrol.note = ended, note.strip()
    patrol.minutes = minutes_walked(patrol.started_at, stamps, ended)
    day.minutes += patrol.minutes
    if day.state == DayState.open and day.minutes >= day.required:
        day.state = step(DAY_LIFE, DayState(day.state), "meet")
    return facts.PatrolRoundClosed(
        number=patrol.no, route=route, walker=walker, on=patrol.on_day, minutes=patrol.minutes,
        day_minutes=day.minutes, anomalies=patrol.anomalies,
    )


def settle(day: Day) -> facts.PatrolMissed | None:
    """After midnight: a day with too few minutes is missed, and said so."""
    if day.state != DayState.open:
        return None
    if day.minutes >= day.required:
        day.state = step(DAY_LIFE, DayState(day.state), "meet")
        return None
    day.state = step(DAY_LIFE, DayState(day.state), "miss")
    return facts.PatrolMissed(
        on=day.on_day, walker=day.walker, minutes=day.minutes, required=day.required
    )


def not_the_walker(day: Day, actor: str) -> None:
    """The head (never the walker) says why a day fell short; the minutes stay what they are."""
    if actor == day.walker:
        raise NotAllowed


def on_watch(watch: Watch, day: date) -> bool:
    """Whether the person owes a patrol on that day."""
    inside = watch.valid_from <= day and (watch.valid_to is None or day <= watch.valid_to)
    return inside and str(day.isoweekday()) in watch.weekdays
