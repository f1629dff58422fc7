"""A person's list, page by page, without reading the list of anybody else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.i18n import pick

# Each holder's index gives its first rows in order; merging a handful of such heads is all the
# sorting there is, however many cases wait. `dept` and `due` narrow the heads inside the index.
_PAGE = """
SELECT w.id, w.key, w.dept, w.title_zh, w.title_en, w.url, w.duty, w.urgent, w.due_at, w.opened_at,
       w.correlation, w.holders, head.sort_at
FROM (
    SELECT DISTINCT ON (h.sort_at, h.item_id) h.sort_at, h.item_id
    FROM unnest(CAST(:mine AS text[])) AS who
    CROSS JOIN LATERAL (
        SELECT sort_at, item_id FROM work_holder
        WHERE holder = who {narrow}
        AND (sort_at, item_id) > (CAST(:after_at AS timestamptz), CAST(:after_id AS bigint))
        ORDER BY sort_at, item_id LIMIT :limit
    ) AS h
    ORDER BY h.sort_at, h.item_id LIMIT :limit
) AS head
JOIN work_item w ON w.id = head.item_id
ORDER BY head.sort_at, head.item_id
"""
_TOTAL = "SELECT count(DISTINCT item_id) FROM work_holder WHERE holder = ANY(:mine) {narrow}"
_BY_DEPT = text(
    "SELECT dept, count(DISTINCT item_id) AS n, "
    "count(DISTINCT item_id) FILTER (WHERE due_at < :now) AS late "
    "FROM work_holder WHERE holder = ANY(:mine) GROUP BY dept"
)
_BY_KIND = text(
    "SELECT w.dept, w.kind, count(DISTINCT w.id) AS n FROM work_holder h "
    "JOIN work_item w ON w.id = h.item_id WHERE h.holder = ANY(:mine) GROUP BY w.dept, w.kind"
)
_FIRST = datetime.fromisoformat("0001-01-02T00:00:00+00:00")


@dataclass(frozen=True, slots=True)
class Item:
    """One waiting case as its list shows it."""

    id: int
    key: str
    dept: str
    title: str
    url: str
    duty: str
    urgent: bool
    due_at: datetime | None
    opened_at: datetime
    correlation: UUID | None
    holders: tuple[str, ...]
    cursor: str

    def late(self, now: datetime) -> bool:
        """Whether its date has passed."""
        return self.due_at is not None and self.due_at < now


def statements(*, dept: str, late: bool) -> tuple[str, str]:
    """Page and total for these filters; values stay parameters."""
    narrow = ("AND dept = :dept " if dept else "") + ("AND due_at < :now" if late else "")
    return _PAGE.format(narrow=narrow), _TOTAL.format(narrow=narrow)


def cursor(after: str) -> tuple[datetime, int]:
    """The place a page ended at; anything unreadable is the beginning."""
    stamp, _, number = after.partition("~")
    try:
        return datetime.fromisoformat(stamp), int(number)
    except ValueError:
        return _FIRST, 0


async def page_of(
    session: AsyncSession, mine: Sequence[str], *, now: datetime, dept: str = "", late: bool = False,
    after: str = "", limit: int = 20,
) -> tuple[list[Item], str]:
    """The next cases and where the page after them begins (nothing when this is the last)."""
    at, number = cursor(after)
    params: dict[str, Any] = {
        "mine": list(mine), "after_at": at, "after_id": number, "limit": limit + 1,
        **({"dept": dept} if dept else {}), **({"now": now} if late else {}),
    }
    query, _total = statements(dept=dept, late=late)
    rows = (await session.execute(text(query), params)).all()
    items = [
        Item(
            id=r.id, key=r.key, dept=r.dept, title=pick(r.title_zh, r.title_en), url=r.url, duty=r.duty,
            urgent=r.urgent, due_at=r.due_at, opened_at=r.opened_at, correlation=r.correlation,
            holders=tuple(r.holders), cursor=f"{r.sort_at.isoformat()}~{r.id}",
        )
        for r in rows[:limit]
    ]
    return items, items[-1].cursor if len(rows) > limit else ""


async def total_of(
    session: AsyncSession, mine: Sequence[str], *, now: datetime, dept: str = "", late: bool = False
) -> int:
    """How many cases the filters leave."""
    _page, query = statements(dept=dept, late=late)
    params = {"mine": list(mine), **({"dept": dept} if dept else {}), **({"now": now} if late else {})}
    return await session.scalar(text(query), params) or 0


async def counts_of(
    session: AsyncSession, mine: Sequence[str], now: datetime
) -> Mapping[str, tuple[int, int]]:
    """Department → (waiting, overdue)."""
    rows = await session.execute(_BY_DEPT, {"mine": list(mine), "now": now})
    return {row.dept: (row.n, row.late) for row in rows}


async def badges_of(session: AsyncSession, mine: Sequence[str]) -> dict[str, int]:
    """What the navigation shows beside its entries: all work, per department, per kind of case."""
    rows = (await session.execute(_BY_KIND, {"mine": list(mine)})).all()
    found = {"work": sum(row.n for row in rows)}
    for row in rows:
        for name in (row.dept, row.kind, f"{row.dept}.{row.kind}"):
            found[name] = found.get(name, 0) + row.n
    return found
