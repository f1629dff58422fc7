"""When a duty is due, what meets it, and how its obligation moves."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from services.office.people.calendar.model import DayKind
from services.office.people.calendar.rules import is_worked
from services.office.people.obligations.model import Obligation, ObligationState
from shared.duties import DUTIES, Cadence, Duty
from shared.events.office import ObligationMoved, ObligationOpened
from shared.i18n import N_
from shared.refusals import Refusal
from shared.states import Life, step

# Duties of these kinds are due on rest days too: the house is open, somebody walks it.
EVERY_DAY = frozenset({"patrols"})
# Days before the due date from which an obligation warns; daily ones warn in the afternoon.
WARN_DAYS: Mapping[str, int] = {"daily": 0, "weekly": 1, "monthly": 5, "term": 14, "yearly": 30}
LONGEST_CATCH_UP = 31
SILENT_AFTER_DAYS = 30

S = ObligationState
WAITING = (S.open, S.amber, S.red)
STANDING = (S.open, S.amber)

LIFE: Life[ObligationState] = {
    (S.open, "warn"): S.amber,
    (S.open, "miss"): S.red,
    (S.open, "meet"): S.met,
    (S.open, "hand_over"): S.passed,
    (S.open, "void"): S.void,
    (S.amber, "miss"): S.red,
    (S.amber, "meet"): S.met,
    (S.amber, "hand_over"): S.passed,
    (S.amber, "void"): S.void,
    (S.red, "meet"): S.met,
    (S.red, "explain"): S.explained,
    (S.passed, "take_back"): S.open,
    (S.passed, "void"): S.void,
}


class OwnExplanation(Refusal):
    """What somebody missed is explained by another."""

    code = "own-explanation"
    status = 409
    message = N_("本人逾期的应办事项须由部门主任说明")


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of days a duty is due once for."""

    name: str
    first: date
    last: date


def period_of(kind: str, on: date) -> Period:
    """The period of that kind a day lies in; terms are autumn (Sep-Jan) and spring (Feb-Aug)."""
    match kind:
        case "daily":
            return Period(on.isoformat(), on, on)
        case "weekly":
            year, week, day = on.isocalendar()
            monday = on - timedelta(days=day - 1)
            return Period(f"{year}-W{week:02d}", monday, monday + timedelta(days=6))
        case "monthly":
            last = date(on.year, on.month, monthrange(on.year, on.month)[1])
            return Period(on.strftime("%Y-%m"), on.replace(day=1), last)
        case "term":
            return _term(on)
        case _:
            return Period(str(on.year), date(on.year, 1, 1), date(on.year, 12, 31))


def _term(on: date) -> Period:
    if 2 <= on.month <= 8:
        first = date(on.year, 2, 1)
        return Period(f"{on.year - 1}-{on.year}-2", first, date(on.year, 8, 31))
    autumn = on.year if on.month >= 9 else on.year - 1
    return Period(f"{autumn}-{autumn + 1}-1", date(autumn, 9, 1), date(autumn + 1, 1, 31))


def falls_due(duty: Duty, cadence: Cadence, kind: DayKind) -> bool:
    """Whether the cadence asks for something on a day of that kind."""
    if cadence.kind == "event":
        return False
    return cadence.kind != "daily" or is_worked(kind) or duty.capability in EVERY_DAY


def falls_due_by_itself(duty: str) -> bool:
    """Whether a duty ever makes obligations; for all others there is nothing to look up."""
    return any(cadence.kind != "event" for cadence in DUTIES[duty].cadence)


def key_of(duty: str, holder: str, period: str, on_behalf_of: str = "") -> str:
    """The name of an obligation; a stand-in who also owes it on their own account has two."""
    return ":".join(filter(None, (duty, holder, period, on_behalf_of)))


def new_obligation(
    duty: Duty, cadence: Cadence, period: Period, *, holder: str, on_behalf_of: str, now: datetime
) -> Obligation:
    """The obligation of a holder for a period."""
    return Obligation(
        key=key_of(duty.id, holder, period.name, on_behalf_of), duty=duty.id, post=duty.post,
        department=duty.department, holder=holder, on_behalf_of=on_behalf_of, cadence=cadence.kind,
        period=period.name, starts_on=period.first, due_on=period.last,
        minutes_needed=cadence.minutes or 0, opened_at=now,
    )


def count(obligation: Obligation, payload: Mapping[str, Any], link: str) -> None:
    """Add one piece of evidence; minutes are the day's total as the patrol book states it."""
    obligation.evidence_count += 1
    minutes = payload.get("day_minutes", payload.get("minutes", 0))
    if isinstance(minutes, int):
        obligation.minutes_done = max(obligation.minutes_done, minutes)
    obligation.link = link or obligation.link


def is_enough(obligation: Obligation) -> bool:
    """Whether what was done is what was asked."""
    if obligation.minutes_needed:
        return obligation.minutes_done >= obligation.minutes_needed
    return obligation.evidence_count > 0


def move(obligation: Obligation, action: str, note: str = "") -> ObligationMoved:
    """Take the step and say so."""
    obligation.state = step(LIFE, S(obligation.state), action)
    return ObligationMoved(
        key=obligation.key, duty=obligation.duty, holder=obligation.holder, period=obligation.period,
        due_on=obligation.due_on, state=obligation.state.value, state_label=obligation.state.label,
        evidence_count=obligation.evidence_count, note=note,
    )


def opened(obligation: Obligation) -> ObligationOpened:
    """Say that something is due."""
    duty = DUTIES[obligation.duty]
    return ObligationOpened(
        key=obligation.key, duty=duty.id, title_zh=duty.title_zh, title_en=duty.title_en,
        holder=obligation.holder, period=obligation.period, due_on=obligation.due_on,
        url=rooms_url(duty.id),
    )


def clock_step(obligation: Obligation, today: date, *, afternoon: bool = False) -> str:
    """What time alone does to a standing obligation: `miss`, `warn` or nothing."""
    if obligation.due_on < today:
        return "miss"
    lead = WARN_DAYS[obligation.cadence]
    near = obligation.due_on - timedelta(days=lead) <= today
    if obligation.state == S.open and near and (lead or afternoon):
        return "warn"
    return ""


# Whoever may explain in some department; the command asks for the very one.
EXPLAINERS = ("director", "head", "OFF-ADM")


def explainers(department: str) -> tuple[str, ...]:
    """Who may explain what was missed in a department."""
    return ("director", f"head-{department}", "OFF-ADM")


def explain(obligation: Obligation, *, by: str, reason: str, now: datetime) -> ObligationMoved:
    """The head says why; it stays on record that it was missed."""
    if by == obligation.holder:
        raise OwnExplanation
    obligation.explanation, obligation.explained_by, obligation.explained_at = reason, by, now
    return move(obligation, "explain", reason)


def rooms_url(duty: str) -> str:
    """Where the portal leads to the screens of a duty."""
    return f"/duty-rooms?duty={duty}"
