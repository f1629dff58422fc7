"""A month of the workshop in numbers; every number leads to the very rows it counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import extract, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.resources.workshop.binding.model import BindingSet
from services.resources.workshop.digitisation.model import JobKind, Ticket
from services.resources.workshop.repair.model import Repair, RepairState
from shared.i18n import N_
from shared.settings import LOCAL


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of work: how many, how much of what, what it cost, how many days from the order to the end on average."""

    label: str
    count: int
    amount: int
    unit: str
    minutes: int | None
    cents: int
    days: float | None
    url: str


def of_month(text: str, today: date) -> date:
    """The first day of the month asked for (`2026-11`), or of this one; a month to come has nothing."""
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        first = today
    return min(first, today).replace(day=1)


def following(first: date) -> date:
    """The first day of the next month."""
    return (first + timedelta(days=31)).replace(day=1)


def _between(column: Any, first: date) -> Any:
    start, end = (datetime.combine(day, time.min, LOCAL) for day in (first, following(first)))
    return (column >= start) & (column < end)


def _days(end: Any, begin: Any) -> Any:
    return func.avg(extract("epoch", end - begin) / 86400)


def _span(name: str, first: date) -> str:
    last = following(first) - timedelta(days=1)
    return f"{name}_from={first}&{name}_to={last}"


async def month(session: AsyncSession, first: date) -> list[Line]:
    """Every kind of work, also what was not done at all."""
    made = {row[0]: row[1:] for row in await session.execute(
        select(
            Ticket.kind, func.count(), func.sum(Ticket.pages * Ticket.copies), func.sum(Ticket.minutes), func.sum(Ticket.price_cents),
            _days(Ticket.finished_at, Ticket.created_at),
        ).where(_between(Ticket.finished_at, first)).group_by(Ticket.kind)
    )}
    found = []
    for kind in JobKind:
        row = made.get(kind, made.get(kind.value, (0, 0, 0, 0, None)))
        url = f"/resources/digitisation?state=all&kind={kind.value}&{_span('finished_at', first)}"
        found.append(Line(kind.label, row[0], int(row[1]), N_("页"), int(row[2]), int(row[3]), row[4], url))
    bound = (await session.execute(select(
        func.count(), func.coalesce(func.sum(BindingSet.present), 0), func.coalesce(func.sum(BindingSet.price_cents), 0),
        _days(BindingSet.bound_at, BindingSet.created_at),
    ).where(_between(BindingSet.bound_at, first)))).one()
    found.append(Line(
        N_("期刊装订"), bound[0], int(bound[1]), N_("期（收入合订本）"), None, int(bound[2]), bound[3], f"/resources/binding-sets?state=all&{_span('bound_at', first)}",
    ))
    mended, lost = await _repairs(session, _between(Repair.finished_at, first)), await _repairs(
        session, _between(Repair.ended_at, first) & (Repair.state == RepairState.irreparable.value)
    )
    found.append(Line(
        N_("图书修补"), mended[0], mended[0], N_("册"), int(mended[1]), int(mended[2]), mended[3], f"/resources/repairs?state=all&{_span('finished_at', first)}",
    ))
    found.append(Line(
        N_("无法修补"), lost[0], lost[0], N_("册"), int(lost[1]), int(lost[2]), None, f"/resources/repairs?state=irreparable&{_span('ended_at', first)}",
    ))
    return found


async def _repairs(session: AsyncSession, where: Any) -> Any:
    return (await session.execute(select(
        func.count(), func.coalesce(func.sum(Repair.minutes + Repair.minutes_before), 0),
        func.coalesce(func.sum(Repair.cost_cents + Repair.cost_before), 0), _days(Repair.finished_at, Repair.created_at),
    ).where(where))).one()
