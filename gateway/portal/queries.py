"""The figures and duties of one person's home page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.people.queries import Post
from gateway.portal.rooms import Room
from shared.duties import Duty, sheet, title

DAYS = 14
MET = frozenset({"met", "excused", "explained", "passed", "cancelled", "closed"})
_COUNTS = text(
    "SELECT name, day, n FROM daily_count WHERE name = ANY(:names) AND day > :since ORDER BY day"
)
_OPEN = text(
    "SELECT kind, count(*) AS n FROM work_item WHERE closed_at IS NULL AND kind = ANY(:kinds) GROUP BY kind"
)
_OPEN_DEPT = text("SELECT count(*) FROM work_item WHERE closed_at IS NULL AND dept = :dept")
_BY_DEPT = text(
    "SELECT dept, count(*) AS n, count(*) FILTER (WHERE due_at < :now) AS late FROM work_item "
    "WHERE closed_at IS NULL GROUP BY dept"
)
_CREDIT = text(
    "SELECT duty, sum(n)::bigint AS n, max(last_at) AS last_at FROM duty_credit "
    "WHERE person_id = :person AND month = :month GROUP BY duty"
)
_DUE = text(
    "SELECT key, duty, period, due_on, url, state, state_label, evidence FROM obligation "
    "WHERE holder = :person AND (due_on >= :since OR state = 'open' OR state = 'missed') ORDER BY due_on, duty"
)


@dataclass(slots=True)
class DutyLine:
    """One duty of a person: where it is done, what proves it this month, whether it is due."""

    duty: Duty
    title: str
    evidence: int
    room: Room | None
    due_on: date | None = None
    due_url: str = ""
    done: bool = False
    late: bool = False

    @property
    def url(self) -> str:
        """One click to the screen; the ledger when the screen is not known."""
        return self.due_url or (self.room.url if self.room else f"/office/duties/{self.duty.id}")


async def series(session: AsyncSession, names: Sequence[str], today: date) -> Mapping[str, list[int]]:
    """Each fact's count on each of the last days, today last."""
    since = today - timedelta(days=DAYS)
    found = {name: [0] * DAYS for name in names}
    for row in await session.execute(_COUNTS, {"names": list(names), "since": since}):
        place = (row.day - since).days - 1
        if 0 <= place < DAYS:
            found[row.name][place] = row.n
    return found


async def open_cases(session: AsyncSession, kinds: Sequence[str]) -> int:
    """How many cases of these kinds wait anywhere in the house."""
    rows = await session.execute(_OPEN, {"kinds": list(kinds)})
    return sum(row.n for row in rows)


async def open_in(session: AsyncSession, dept: str) -> int:
    """How many cases wait in one department."""
    return await session.scalar(_OPEN_DEPT, {"dept": dept}) or 0


async def open_by_department(session: AsyncSession, now: datetime) -> Mapping[str, tuple[int, int]]:
    """Department → (cases that wait there, overdue ones): what a director looks at first."""
    rows = await session.execute(_BY_DEPT, {"now": now})
    return {row.dept: (row.n, row.late) for row in rows}


async def my_duties(
    session: AsyncSession, person: str, posts: Iterable[Post], rooms: Mapping[str, Room], today: date
) -> list[DutyLine]:
    """The person's duty sheet; what is late first, then what is due, then what has a screen."""
    credit = {
        row.duty: row
        for row in await session.execute(_CREDIT, {"person": person, "month": today.replace(day=1)})
    }
    due: dict[str, Any] = {}
    for row in await session.execute(_DUE, {"person": person, "since": today}):
        due.setdefault(row.duty, row)
    lines = []
    for duty in sheet(holding for post in posts for holding in post.holdings):
        seen, owed = credit.get(duty.id), due.get(duty.id)
        met = owed is not None and owed.state in MET
        lines.append(DutyLine(
            duty=duty, title=title(duty), evidence=seen.n if seen else 0, room=rooms.get(duty.id),
            due_on=owed.due_on if owed else None, due_url=owed.url if owed and not met else "",
            done=met, late=owed is not None and not met and owed.due_on < today,
        ))
    return sorted(lines, key=_pressing)


def _pressing(line: DutyLine) -> tuple[int, date, int]:
    if line.late:
        rank = 0
    elif line.due_on and not line.done:
        rank = 1
    else:
        rank = 2 if line.room else 3
    return (rank, line.due_on or date.max, -line.evidence)
