"""What walkers and their head do."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.tech.support.helpdesk import opening as helpdesk
from services.tech.support.helpdesk.model import Kind, Priority
from services.tech.support.patrols import queries, rules
from services.tech.support.patrols.model import (
    Day,
    DayState,
    Point,
    Round,
    RoundState,
    Route,
    Stamp,
    Watch,
)
from shared.database import uuid7
from shared.events.tech import PatrolAnomalyFound
from shared.i18n import N_
from shared.refusals import Invalid, NotFound
from shared.states import step
from shared.work import Work


async def _day(work: Work, walker: str, on: date) -> Day:
    """The person's day, locked; made on the first round of it."""
    await work.session.execute(
        insert(Day).values(
            id=uuid7(), no=f"{on}-{walker}", walker=walker, on_day=on, required=rules.REQUIRED_MINUTES,
            minutes=0, state=DayState.open, explanation="", explained_by="", version=1, created_by="system",
            created_at=work.now, updated_at=work.now, correlation=uuid7(),
        ).on_conflict_do_nothing()
    )
    return await work.lock(Day, Day.walker == walker, Day.on_day == on)


async def start_round(work: Work, *, route: str) -> Round:
    """Begin to walk a route."""
    work.actor.require(*rules.POSTS)
    way = (await work.session.scalars(select(Route).where(Route.code == route))).one_or_none()
    if way is None:
        raise NotFound(route)
    if found := await queries.open_round(work.session, work.actor.id):
        raise rules.AlreadyWalking(number=found.no)
    await _day(work, work.actor.id, work.today)
    patrol = Round(
        id=uuid7(), no=await work.number("XS"), route_id=way.id, walker=work.actor.id,
        on_day=work.today, started_at=work.now, correlation=work.correlation,
    )
    work.session.add(patrol)
    return patrol


async def stamp(
    work: Work, number: str, *, point: str, ok: bool, note: str = "", photo: str = "",
    walked_at: datetime | None = None, serious: bool = False,
) -> Stamp:
    """Note that a point was reached; a point that is not in order opens a work order."""
    work.actor.require(*rules.POSTS)
    patrol = await work.lock(Round, Round.no == number, what=number)
    work.follow(patrol.correlation)
    at = walked_at or work.now
    rules.check_stamp(patrol, work.actor.id, at, work.now)
    if not ok and not note.strip():
        raise Invalid({"note": N_("请写明异常情况")})
    place = (
        await work.session.scalars(select(Point).where(Point.route_id == patrol.route_id, Point.code == point))
    ).one_or_none()
    if place is None:
        raise NotFound(point)
    known = (await queries.stamps(work.session, patrol.id)).get(place.id)
    if known:
        return known  # the phone sent it twice
    made = Stamp(
        id=uuid7(), round_id=patrol.id, point_id=place.id, walked_at=at, received_at=work.now, ok=ok,
        note=note.strip(), photo=photo,
    )
    work.session.add(made)
    if not ok:
        patrol.anomalies += 1
        await _open_order(work, patrol, place, made, serious=serious)
    return made


async def _open_order(work: Work, patrol: Round, place: Point, made: Stamp, *, serious: bool) -> None:
    order = await helpdesk.report_fault(
        work, place=place.name, kind=Kind(place.kind), note=made.note,
        priority=Priority.P1 if serious else None, source_ref=f"patrol:{made.id}",
    )
    made.order_no = order.no
    work.emit(
        PatrolAnomalyFound(
            number=patrol.no, order=order.no, point=place.name, note=made.note, serious=serious
        )
    )


async def close_round(work: Work, number: str, *, note: str = "", ended_at: datetime | None = None) -> Round:
    """End the round; its minutes count towards the day."""
    work.actor.require(*rules.POSTS)
    patrol = await work.lock(Round, Round.no == number, what=number)
    work.follow(patrol.correlation)
    day = await _day(work, patrol.walker, patrol.on_day)
    route = await queries.route_of(work.session, patrol.route_id)
    points = await queries.points(work.session, patrol.route_id)
    stamps = [s.walked_at for s in (await queries.stamps(work.session, patrol.id)).values()]
    ended = ended_at or work.now
    last = max([patrol.started_at, *stamps])
    if ended < last - rules.CLOCK_SKEW or ended > work.now + rules.CLOCK_SKEW:
        raise rules.TimeOutsideRound
    work.emit(
        rules.close(
            patrol, day, walker=work.actor.id, route=route.name, points=len(points), stamps=stamps,
            ended=max(ended, last), note=note,
        )
    )
    return patrol


async def settle_days(work: Work, _due: datetime) -> int:
    """Shortly after midnight: end yesterday's open rounds, say which days were missed."""
    yesterday = work.today - timedelta(days=1)
    for patrol in await work.session.scalars(
        select(Round).where(Round.state == RoundState.walking, Round.on_day <= yesterday).with_for_update()
    ):
        patrol.state = step(rules.LIFE, patrol.state, "abandon")
    watches = (await work.session.scalars(select(Watch))).all()
    for walker in sorted({w.walker for w in watches if rules.on_watch(w, yesterday)}):
        await _day(work, walker, yesterday)
    missed = 0
    query = select(Day).where(Day.state == DayState.open, Day.on_day <= yesterday).with_for_update()
    for day in (await work.session.scalars(query)).all():
        fact = rules.settle(day)
        if fact:
            missed += 1
            work.emit(fact, correlation=uuid7())
    return missed


async def set_watch(
    work: Work, *, holding_id: str, walker: str, post: str, valid_from: date, valid_to: date | None
) -> None:
    """Somebody holds a patrolling post from now on (or stands in for some days)."""
    values = {"walker": walker, "post": post, "valid_from": valid_from, "valid_to": valid_to}
    await work.session.execute(
        insert(Watch).values(id=uuid7(), holding_id=holding_id, weekdays="12345", **values)
        .on_conflict_do_update(index_elements=["holding_id"], set_=values)
    )


