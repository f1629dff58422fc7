"""A person's duty sheet: what they must do, and what shows that they do it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.office.people.ledger.model import LedgerEntry
from services.office.people.ledger.queries import Search, counts, last_of_each_duty
from services.office.people.ledger.rules import sentence_of
from services.office.people.obligations.model import Obligation, ObligationState
from services.office.people.obligations.queries import of_person
from services.office.people.obligations.rules import Period, period_of, rooms_url
from services.office.people.post_duties.model import Holding
from services.office.people.post_duties.queries import held_by
from services.office.people.post_duties.rules import cadence_text, duties_of, post_title
from shared.duties import Duty, title
from shared.settings import LOCAL

PERIODS = ("daily", "weekly", "monthly", "term", "yearly")
# The most pressing obligation of a duty speaks for it.
PRESSING = (ObligationState.red, ObligationState.amber, ObligationState.open)


@dataclass(frozen=True, slots=True)
class Line:
    """One duty of the sheet with its evidence in the period."""

    duty: Duty
    layer: str
    evidence: int
    last: LedgerEntry | None
    obligation: Obligation | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """All duties of a person, post by post."""

    holdings: Sequence[Holding]
    period: Period
    kind: str
    lines: Mapping[str, Sequence[Line]]
    obligations: Sequence[Obligation]

    @property
    def all_lines(self) -> list[Line]:
        """Every line, whichever post it belongs to."""
        return [line for lines in self.lines.values() for line in lines]

    @property
    def waiting(self) -> list[Obligation]:
        """What is due and not done."""
        return [o for o in self.obligations if o.state in PRESSING]


def bounds(period: Period) -> tuple[datetime, datetime]:
    """The moments between which evidence counts for the period."""
    return (
        datetime.combine(period.first, time.min, LOCAL),
        datetime.combine(period.last + timedelta(days=1), time.min, LOCAL),
    )


def layer_of(duty: Duty) -> str:
    """Base, place or rank duty."""
    return "subpost" if duty.subpost else "rank" if duty.rank else "base"


async def sheet_of(session: AsyncSession, staff_no: str, today: date, kind: str = "monthly") -> Sheet:
    """The duty sheet of a person as it stands today."""
    period = period_of(kind if kind in PERIODS else "monthly", today)
    since, until = bounds(period)
    held = await held_by(session, staff_no, today)
    search = Search(person=staff_no, since=since, until=until)
    done = await counts(session, search, "duty")
    last = await last_of_each_duty(session, Search(person=staff_no))
    obligations = await of_person(session, staff_no, since=period.first)
    lines: dict[str, list[Line]] = {}
    for duty in duties_of(held):
        lines.setdefault(duty.post, []).append(Line(
            duty, layer_of(duty), done.get(duty.id, 0), last.get(duty.id), _pressing(obligations, duty.id),
        ))
    return Sheet(held, period, kind if kind in PERIODS else "monthly", lines, obligations)


def _pressing(obligations: Sequence[Obligation], duty: str) -> Obligation | None:
    mine = [o for o in obligations if o.duty == duty]
    for state in PRESSING:
        if found := next((o for o in mine if o.state == state), None):
            return found
    return mine[-1] if mine else None


def as_json(line: Line) -> dict[str, Any]:
    """The line for programs."""
    duty, obligation = line.duty, line.obligation
    return {
        "duty": duty.id, "title": title(duty), "title_zh": duty.title_zh, "title_en": duty.title_en,
        "post": duty.post, "post_title": post_title(duty.post), "layer": line.layer,
        "subpost": duty.subpost, "rank": duty.rank, "cadence": cadence_text(duty),
        "evidence": line.evidence, "rooms_url": rooms_url(duty.id),
        "last": {
            "at": line.last.at.isoformat(), "sentence": sentence_of(line.last), "link": line.last.link,
        } if line.last else None,
        "obligation": {
            "key": obligation.key, "state": ObligationState(obligation.state).value,
            "state_label": ObligationState(obligation.state).text, "due_on": obligation.due_on.isoformat(),
            "period": obligation.period,
        } if obligation else None,
    }
