"""Opening what is due, counting what was done, and moving it with time and people."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.office.people.calendar.queries import known_kinds
from services.office.people.calendar.rules import kind_of
from services.office.people.ledger.model import LedgerEntry
from services.office.people.ledger.queries import evidence_in
from services.office.people.obligations.model import Obligation, ObligationState, RollMark
from services.office.people.obligations.queries import known_keys
from services.office.people.obligations.rules import (
    LONGEST_CATCH_UP,
    STANDING,
    WAITING,
    clock_step,
    count,
    explain,
    explainers,
    falls_due,
    is_enough,
    key_of,
    move,
    new_obligation,
    opened,
    period_of,
)
from services.office.people.post_duties.model import Holding
from services.office.people.post_duties.queries import all_held, stand_ins
from services.office.people.post_duties.rules import duties_of
from shared.duties import DUTIES
from shared.settings import LOCAL
from shared.work import Work


async def roll(work: Work, _due_at: datetime) -> int:
    """Open what is due up to today, missed days included, and let time do its part; every night."""
    # Two replicas that start at once agree on one row before either locks it.
    yesterday = work.today - timedelta(days=1)
    await work.session.execute(insert(RollMark).values(id=1, last_on=yesterday).on_conflict_do_nothing())
    mark = await work.lock(RollMark, RollMark.id == 1)
    first = max(mark.last_on + timedelta(days=1), work.today - timedelta(days=LONGEST_CATCH_UP))
    made = 0
    for n in range((work.today - first).days + 1):
        made += await open_for_day(work, first + timedelta(days=n))
    mark.last_on = work.today
    await let_time_pass(work)
    return made


async def warn_today(work: Work, _due_at: datetime) -> None:
    """In the afternoon whatever is due today and not done turns amber."""
    await let_time_pass(work, afternoon=True)


async def let_time_pass(work: Work, *, afternoon: bool = False) -> None:
    """Standing obligations warn when their day comes near, and are missed when it is over."""
    query = select(Obligation).where(
        Obligation.state.in_(STANDING), Obligation.due_on <= work.today + timedelta(days=31)
    ).order_by(Obligation.key).with_for_update()
    for obligation in await work.session.scalars(query):
        if action := clock_step(obligation, work.today, afternoon=afternoon):
            work.emit(move(obligation, action))
    await work.session.flush()


async def open_for_day(work: Work, on: date) -> int:
    """Open the obligations of everyone who holds a post on that day; those known are left alone."""
    kind = kind_of(on, await known_kinds(work.session, on, on))
    held = [h for h in await all_held(work.session, on) if not h.stand_in_for]
    wanted: dict[str, Obligation] = {}
    covers = await stand_ins(work.session, on, on + timedelta(days=366))
    for holding in held:
        for duty in duties_of([holding]):
            for cadence in duty.cadence:
                if not falls_due(duty, cadence, kind):
                    continue
                period = period_of(cadence.kind, on)
                stand_in = _covering(covers, holding, period.last)
                holder, behalf = (stand_in, holding.staff_no) if stand_in else (holding.staff_no, "")
                if stand_in:  # a period that was opened on the holder's own name stays theirs
                    wanted_own = key_of(duty.id, holding.staff_no, period.name)
                    if await known_keys(work.session, [wanted_own]):
                        continue
                made = new_obligation(
                    duty, cadence, period, holder=holder, on_behalf_of=behalf, now=work.now
                )
                wanted.setdefault(made.key, made)
    known = await known_keys(work.session, wanted)
    fresh = [made for key, made in wanted.items() if key not in known]
    await _open(work, fresh)
    return len(fresh)


def _covering(covers: Iterable[Holding], holding: Holding, due_on: date) -> str:
    for cover in covers:
        if cover.stand_in_for == holding.staff_no and cover.post == holding.post and cover.covers(due_on):
            return cover.staff_no
    return ""


async def _open(work: Work, fresh: Iterable[Obligation]) -> None:
    """Say what is due; what the ledger shows already is counted at once."""
    for obligation in fresh:
        work.session.add(obligation)
        work.emit(opened(obligation))
        done = await evidence_in(
            work.session, person=obligation.holder, duty=obligation.duty,
            first=_midnight(obligation.starts_on), last=_midnight(obligation.due_on + timedelta(days=1)),
        )
        for entry in done:
            _count(work, obligation, entry)
    await work.session.flush()


def _midnight(on: date) -> datetime:
    return datetime.combine(on, time.min, LOCAL)


async def count_evidence(work: Work, entry: LedgerEntry) -> None:
    """What a person did may meet what is due from them for the day it was done on."""
    on = entry.at.astimezone(LOCAL).date()
    query = select(Obligation).where(
        Obligation.holder == entry.person, Obligation.duty == entry.duty,
        Obligation.state.in_(WAITING), Obligation.starts_on <= on, Obligation.due_on >= on,
    ).order_by(Obligation.key).with_for_update()
    for obligation in await work.session.scalars(query):
        _count(work, obligation, entry)
    await work.session.flush()


def _count(work: Work, obligation: Obligation, entry: LedgerEntry) -> None:
    count(obligation, entry.payload, entry.link)
    if obligation.state in WAITING and is_enough(obligation):
        obligation.met_at = entry.at
        work.emit(move(obligation, "meet"))


async def follow_stand_in(work: Work, holding: Holding) -> None:
    """What falls due in the days somebody stands in passes to them with the shift."""
    assert holding.valid_to
    query = select(Obligation).where(
        Obligation.holder == holding.stand_in_for, Obligation.post == holding.post,
        Obligation.state.in_(STANDING), Obligation.due_on.between(holding.valid_from, holding.valid_to),
    ).order_by(Obligation.key).with_for_update()
    fresh = []
    for obligation in list(await work.session.scalars(query)):
        duty = DUTIES[obligation.duty]
        cadence = next(c for c in duty.cadence if c.kind == obligation.cadence)
        work.emit(move(obligation, "hand_over"))
        fresh.append(new_obligation(
            duty, cadence, period_of(obligation.cadence, obligation.due_on), holder=holding.staff_no,
            on_behalf_of=holding.stand_in_for, now=work.now,
        ))
    known = await known_keys(work.session, [made.key for made in fresh])
    await _open(work, [made for made in fresh if made.key not in known])


async def release(work: Work, holding: Holding) -> None:
    """A post that ends takes along what would be due later; a stand-in gives it back."""
    assert holding.valid_to
    behalf = holding.stand_in_for
    query = select(Obligation).where(
        Obligation.holder == holding.staff_no, Obligation.post == holding.post,
        Obligation.on_behalf_of == behalf, Obligation.due_on > holding.valid_to,
        Obligation.state.in_((*STANDING, ObligationState.passed)),
    ).order_by(Obligation.key).with_for_update()
    for obligation in list(await work.session.scalars(query)):
        work.emit(move(obligation, "void"))
        if behalf:
            await _give_back(work, obligation)
    await work.session.flush()


async def _give_back(work: Work, obligation: Obligation) -> None:
    query = select(Obligation).where(
        Obligation.key == key_of(obligation.duty, obligation.on_behalf_of, obligation.period),
        Obligation.state == ObligationState.passed,
    ).with_for_update()
    if own := (await work.session.scalars(query)).one_or_none():
        work.emit(move(own, "take_back"))


async def explain_missed(work: Work, *, obligation_id: UUID, reason: str) -> Obligation:
    """The head of the department says why a duty was not done in time."""
    obligation = await work.lock(Obligation, Obligation.id == obligation_id, what=str(obligation_id))
    work.actor.require(*explainers(obligation.department))
    work.emit(explain(obligation, by=work.actor.id, reason=reason, now=work.now))
    return obligation
