"""What the counter shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.charges.model import Entry, Kind, Posting
from services.reader.desk.circulation.model import Loan
from services.reader.desk.circulation.queries import loans_of, standing_now
from services.reader.desk.counter.model import Line, Sitting
from services.reader.desk.holds.model import Hold, HoldState
from services.reader.desk.holds.queries import holds_of
from services.reader.desk.inhouse.queries import used_since
from services.reader.desk.patrons.model import CardState, Note, Patron
from services.reader.desk.patrons.queries import notes_of
from services.reader.desk.patrons.rules import blocks, limit_block, standing
from services.reader.desk.policies.values import Terms
from shared.refusals import Reason
from shared.settings import LOCAL
from shared.work import Work

SHOWN_LOANS = 12


@dataclass(slots=True)
class Panel:
    """Everything about the patron in front of the desk."""

    patron: Patron
    state: CardState
    terms: Terms
    borrowing: bool
    delegate: Patron | None = None
    loans: Sequence[Loan] = ()
    overdue: int = 0
    alerts: list[Reason] = field(default_factory=list)
    ready: list[Hold] = field(default_factory=list)
    notes: Sequence[Note] = ()


async def sitting_of(session: AsyncSession, sitting_id: UUID) -> Sitting | None:
    """The sitting, if it has begun."""
    return await session.get(Sitting, sitting_id)


async def lines_of(
    session: AsyncSession, sitting: Sitting | None, limit: int = 60, round_: int = 0
) -> Sequence[Line]:
    """The lines of the patron being served (or of an earlier round), newest first."""
    if sitting is None:
        return []
    return (await session.scalars(
        select(Line).where(Line.sitting_id == sitting.id, Line.round == (round_ or sitting.round))
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
        delegate=await work.session.scalar(select(Patron).where(Patron.card == sitting.delegate))
        if sitting.delegate else None,
        borrowing=sitting.patron_id is not None, loans=loans,
        overdue=out.overdue,
        alerts=blocks(
            patron, today=work.today, earliest_due=out.earliest_due, standing=out, terms=terms
        ) + limit_block(patron, terms),
        ready=[
            hold for hold, _place in await holds_of(work.session, patron.id)
            if hold.state is HoldState.ready
        ] if patron.holds_ready else [],
        notes=await notes_of(work.session, patron, work.today),
    )


async def recent(
    session: AsyncSession, since: datetime, *, sitting: UUID | None = None, operator: str = "", q: str = "",
    limit: int = 100,
) -> list[tuple[Line, str]]:
    """The last transactions since a moment with who did them: of one desk, of one person, or of all."""
    query = select(Line, Sitting.operator).join(Sitting, Sitting.id == Line.sitting_id).where(Line.at >= since)
    if sitting is not None:
        query = query.where(Line.sitting_id == sitting)
    if operator:
        query = query.where(Sitting.operator == operator)
    if q:
        query = query.where(or_(
            Line.code.startswith(q.upper(), autoescape=True), Line.card.startswith(q.upper(), autoescape=True),
            Line.title.contains(q, autoescape=True),
        ))
    rows = await session.execute(query.order_by(Line.turn.desc()).limit(limit))
    return [(line, who) for line, who in rows]


async def first_time(session: AsyncSession, operator: str) -> bool:
    """Whether this person has never served anybody at a counter."""
    return not await session.scalar(select(exists().where(Sitting.operator == operator)))


@dataclass(slots=True)
class Day:
    """The day in numbers, and by the hour."""

    lent: int
    returned: int
    renewed: int
    held: int
    used: int
    fined_fen: int
    hours: list[tuple[int, int, int]]

    @property
    def points(self) -> list[int]:
        """Loans and returns together, by the hour of an opening day, for the small line."""
        return [lent + back for hour, lent, back in self.hours if 7 <= hour <= 22]


async def day_of(session: AsyncSession, since: datetime) -> Day:
    """Counts since midnight; every one is answered by an index and grows with the day alone."""
    lent_at = func.extract("hour", func.timezone(LOCAL.key, Loan.lent_at))
    back_at = func.extract("hour", func.timezone(LOCAL.key, Loan.returned_at))
    out = dict((await session.execute(
        select(lent_at, func.count()).where(Loan.lent_at >= since, Loan.undone.is_(False)).group_by(lent_at)
    )).all())
    back = dict((await session.execute(
        select(back_at, func.count()).where(Loan.returned_at >= since, Loan.undone.is_(False)).group_by(back_at)
    )).all())
    row = (await session.execute(select(
        select(func.count()).where(Loan.renewed_at >= since).scalar_subquery(),
        select(func.count()).where(Hold.placed_at >= since).scalar_subquery(),
        select(func.coalesce(func.sum(Entry.amount_fen), 0)).where(
            Entry.at >= since, Entry.posting == Posting.charge, Entry.kind == Kind.overdue
        ).scalar_subquery(),
    ))).one()
    return Day(
        sum(out.values()), sum(back.values()), row[0], row[1], await used_since(session, since), int(row[2]),
        [(hour, out.get(hour, 0), back.get(hour, 0)) for hour in range(24)],
    )
