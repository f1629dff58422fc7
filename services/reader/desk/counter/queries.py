"""What the counter shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.circulation.model import Loan
from services.reader.desk.circulation.queries import loans_of, standing_now
from services.reader.desk.counter.model import Line, Sitting
from services.reader.desk.holds.model import Hold, HoldState
from services.reader.desk.holds.queries import holds_of
from services.reader.desk.patrons.model import CardState, Patron
from services.reader.desk.patrons.rules import blocks, limit_block, standing
from services.reader.desk.policies.values import Terms
from shared.refusals import Reason
from shared.work import Work

SHOWN_LOANS = 12


@dataclass(slots=True)
class Panel:
    """Everything about the patron in front of the desk."""

    patron: Patron
    state: CardState
    terms: Terms
    borrowing: bool
    loans: Sequence[Loan] = ()
    overdue: int = 0
    alerts: list[Reason] = field(default_factory=list)
    ready: list[Hold] = field(default_factory=list)


async def sitting_of(session: AsyncSession, sitting_id: UUID) -> Sitting | None:
    """The sitting, if it has begun."""
    return await session.get(Sitting, sitting_id)


async def lines_of(session: AsyncSession, sitting: Sitting | None, limit: int = 60) -> Sequence[Line]:
    """The lines of the patron being served, newest first."""
    if sitting is None:
        return []
    return (await session.scalars(
        select(Line).where(Line.sitting_id == sitting.id, Line.round == sitting.round)
        .order_by(Line.turn.desc()).limit(limit)
    )).all()


async def line_by_id(session: AsyncSession, line_id: UUID) -> Line | None:
    """One line."""
    return await session.get(Line, line_id)


async def panel_of(work: Work, sitting: Sitting | None) -> Panel | None:
    """The patron of the sitting, or whoever's book was just returned, as they stand now."""
    shown = sitting and (sitting.patron_id or sitting.seen_id)
    if not sitting or not shown:
        return None
    await work.session.flush()  # the counters are the database's: let it count first
    patron = await work.session.scalar(
        select(Patron).where(Patron.id == shown).execution_options(populate_existing=True)
    )
    if patron is None:
        return None
    loans = await loans_of(work.session, patron.id, limit=SHOWN_LOANS)
    out, terms = await standing_now(work.session, patron, work.today)
    return Panel(
        patron=patron, state=standing(patron, work.today), terms=terms,
        borrowing=sitting.patron_id is not None, loans=loans,
        overdue=out.overdue,
        alerts=blocks(
            patron, today=work.today, earliest_due=out.earliest_due, standing=out, terms=terms
        ) + limit_block(patron, terms),
        ready=[
            hold for hold, _place in await holds_of(work.session, patron.id)
            if hold.state is HoldState.ready
        ] if patron.holds_ready else [],
    )
