"""Obligations. covers: TEC-LOG-03 TEC-EQP-04 RDR-CIR-NWS-01 OFF-FIN-02"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from services.office.people.calendar.commands import set_days
from services.office.people.calendar.model import DayKind
from services.office.people.calendar.rules import kind_of
from services.office.people.obligations.commands import explain_missed, roll, warn_today
from services.office.people.obligations.model import Obligation, ObligationState
from services.office.people.obligations.rules import (
    LIFE,
    OwnExplanation,
    falls_due,
    period_of,
)
from services.office.people.post_duties.commands import end_post, give_stand_in
from shared.duties import DUTIES
from shared.identity import Actor
from shared.messaging.tables import outbox
from shared.refusals import NotAllowed
from shared.settings import LOCAL
from shared.states import NotFromHere, step
from tests.office.conftest import DIRECTOR, EQP, LOG, TECH_HEAD, hire
from tests.office.facts import heard, patrol

S = ObligationState
MONDAY = date(2026, 11, 23)


def at(day: date, hour: int = 0, minute: int = 5) -> datetime:
    return datetime.combine(day, time(hour, minute), LOCAL).astimezone(UTC)


@pytest.mark.parametrize(
    ("kind", "on", "name", "first", "last"),
    [
        ("daily", MONDAY, "2026-11-23", MONDAY, MONDAY),
        ("weekly", date(2026, 11, 25), "2026-W48", MONDAY, date(2026, 11, 29)),
        ("monthly", date(2028, 2, 9), "2028-02", date(2028, 2, 1), date(2028, 2, 29)),
        ("term", date(2026, 9, 1), "2026-2027-1", date(2026, 9, 1), date(2027, 1, 31)),
        ("term", date(2027, 1, 31), "2026-2027-1", date(2026, 9, 1), date(2027, 1, 31)),
        ("term", date(2027, 2, 1), "2026-2027-2", date(2027, 2, 1), date(2027, 8, 31)),
        ("yearly", MONDAY, "2026", date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_periods(kind: str, on: date, name: str, first: date, last: date) -> None:
    period = period_of(kind, on)
    assert (period.name, period.first, period.last) == (name, first, last)


@pytest.mark.parametrize("state", list(S))
@pytest.mark.parametrize("action", sorted({action for _s, action in LIFE}))
def test_an_obligation_moves_only_as_its_life_says(state: S, action: str) -> None:
    if (state, action) in LIFE:
        assert step(LIFE, state, action) is LIFE[state, action]
    else:
        with pytest.raises(NotFromHere):
            step(LIFE, state, action)


def test_daily_work_rests_on_rest_days_but_patrols_do_not() -> None:
    papers, rounds = DUTIES["RDR-CIR-NWS-01"], DUTIES["TEC-LOG-03"]
    sunday = kind_of(date(2026, 11, 22), {})
    assert not falls_due(papers, papers.cadence[0], sunday)
    assert falls_due(rounds, rounds.cadence[0], sunday)
    worked = kind_of(date(2026, 11, 22), {date(2026, 11, 22): DayKind.workday})
    assert falls_due(papers, papers.cadence[0], worked)
    holiday = kind_of(MONDAY, {MONDAY: DayKind.holiday})
    assert not falls_due(papers, papers.cadence[0], holiday)


async def rolled(works, day: date) -> None:
    async with works.open(now=at(day)) as work:
        await roll(work, work.now)


async def known(works, duty: str) -> dict[tuple[str, str], Obligation]:
    async with works.open() as work:
        found = await work.session.scalars(select(Obligation).where(Obligation.duty == duty))
        return {(o.period, o.holder): o for o in found}


async def state(works, duty: str, period: str, holder: str) -> ObligationState:
    return (await known(works, duty))[period, holder].state


async def test_rolling_twice_opens_once(staffed) -> None:
    await rolled(staffed, MONDAY)
    await rolled(staffed, MONDAY)
    assert list(await known(staffed, "TEC-LOG-03")) == [("2026-11-23", "S0020")]


async def test_a_patrol_is_met_by_its_minutes_not_by_its_rounds(staffed) -> None:
    await rolled(staffed, MONDAY)
    await heard(staffed, patrol(MONDAY, 65, 65), LOG, at=at(MONDAY, 9))
    await heard(staffed, patrol(MONDAY, 50, 115), LOG, at=at(MONDAY, 15))
    assert await state(staffed, "TEC-LOG-03", "2026-11-23", "S0020") == S.open
    await heard(staffed, patrol(MONDAY, 10, 125), LOG, at=at(MONDAY, 20))
    due = (await known(staffed, "TEC-LOG-03"))["2026-11-23", "S0020"]
    assert (due.state, due.minutes_done, due.evidence_count) == (S.met, 125, 3)


async def test_silence_turns_amber_in_the_afternoon_and_red_at_midnight(staffed) -> None:
    await rolled(staffed, MONDAY)
    async with staffed.open(now=at(MONDAY, 16)) as work:
        await warn_today(work, work.now)
    assert await state(staffed, "TEC-LOG-03", "2026-11-23", "S0020") == S.amber
    await rolled(staffed, MONDAY + timedelta(days=1))
    assert await state(staffed, "TEC-LOG-03", "2026-11-23", "S0020") == S.red


async def test_evidence_that_arrives_late_over_the_bus_still_counts_for_its_day(staffed) -> None:
    await rolled(staffed, MONDAY)
    await rolled(staffed, MONDAY + timedelta(days=1))
    await heard(staffed, patrol(MONDAY, 125, 125), LOG, at=at(MONDAY, 20))
    assert await state(staffed, "TEC-LOG-03", "2026-11-23", "S0020") == S.met


async def test_work_done_the_day_after_does_not_count_for_the_day_before(staffed) -> None:
    await rolled(staffed, MONDAY)
    await rolled(staffed, MONDAY + timedelta(days=1))
    await heard(staffed, patrol(MONDAY, 125, 125), LOG, at=at(MONDAY + timedelta(days=1), 9))
    assert await state(staffed, "TEC-LOG-03", "2026-11-23", "S0020") == S.red


async def test_work_done_before_the_obligation_was_opened_meets_it(staffed) -> None:
    await heard(staffed, patrol(MONDAY, 130, 130), LOG, at=at(MONDAY, 0, 1))
    await rolled(staffed, MONDAY)
    assert await state(staffed, "TEC-LOG-03", "2026-11-23", "S0020") == S.met


async def test_days_the_service_was_down_are_opened_when_it_is_back(staffed) -> None:
    await rolled(staffed, MONDAY)
    await rolled(staffed, MONDAY + timedelta(days=4))
    found = await known(staffed, "TEC-LOG-03")
    assert [o.state for o in sorted(found.values(), key=lambda o: o.period)] == [S.red] * 4 + [S.open]


async def test_holidays_do_not_accuse(works) -> None:
    reader = Actor("S0040", "报刊", posts=("RDR-CIR",), rank="mid", dept="reader")
    await hire(works, reader, subposts=("NWS",))
    async with works.open(DIRECTOR) as work:
        await set_days(work, first=MONDAY, last=MONDAY, kind=DayKind.holiday, note="校庆")
    await rolled(works, MONDAY)
    assert await known(works, "RDR-CIR-NWS-01") == {}
    await rolled(works, MONDAY + timedelta(days=1))
    assert list(await known(works, "RDR-CIR-NWS-01")) == [("2026-11-24", "S0040")]


async def test_monthly_and_term_duties_warn_before_they_are_due(works) -> None:
    finance = Actor("S0041", "财务", posts=("OFF-FIN",), rank="mid", dept="office")
    await hire(works, finance)
    await rolled(works, MONDAY)
    assert {p for p, _h in await known(works, "OFF-FIN-02")} == {"2026-11", "2026-2027-1"}
    assert await state(works, "OFF-FIN-02", "2026-11", "S0041") == S.open
    await rolled(works, date(2026, 11, 25))
    assert await state(works, "OFF-FIN-02", "2026-11", "S0041") == S.amber
    assert await state(works, "OFF-FIN-02", "2026-2027-1", "S0041") == S.open


async def test_what_was_missed_is_explained_by_the_head_and_by_nobody_else(staffed) -> None:
    await rolled(staffed, MONDAY)
    await rolled(staffed, MONDAY + timedelta(days=1))
    missed = (await known(staffed, "TEC-LOG-03"))["2026-11-23", "S0020"]
    for actor, refusal in ((EQP, NotAllowed), (LOG, NotAllowed), (Actor("S0020", posts=("head-tech",)), OwnExplanation)):
        with pytest.raises(refusal):
            async with staffed.open(actor) as work:
                await explain_missed(work, obligation_id=missed.id, reason="请病假")
    async with staffed.open(TECH_HEAD) as work:
        await explain_missed(work, obligation_id=missed.id, reason="消防演练")
    explained = (await known(staffed, "TEC-LOG-03"))["2026-11-23", "S0020"]
    assert (explained.state, explained.explained_by, explained.explanation) == (S.explained, "S0003", "消防演练")


async def covered(works, first: date, last: date) -> object:
    async with works.open(TECH_HEAD, now=at(first, 8)) as work:
        return await give_stand_in(work, absent="S0020", post="TEC-LOG", stand_in="S0021", valid_from=first, valid_to=last)


async def test_a_stand_in_takes_over_what_is_due_in_the_days_covered(staffed) -> None:
    await rolled(staffed, MONDAY)
    await covered(staffed, MONDAY, MONDAY + timedelta(days=1))
    assert await state(staffed, "TEC-LOG-03", "2026-11-23", "S0020") == S.passed
    taken = (await known(staffed, "TEC-LOG-03"))["2026-11-23", "S0021"]
    assert (taken.state, taken.on_behalf_of) == (S.open, "S0020")
    stand_in = Actor("S0021", "设备", posts=("TEC-EQP", "TEC-LOG"), rank="junior", dept="tech")
    await heard(staffed, patrol(MONDAY, 120, 120, "S0021"), stand_in, at=at(MONDAY, 20))
    assert await state(staffed, "TEC-LOG-03", "2026-11-23", "S0021") == S.met
    await rolled(staffed, MONDAY + timedelta(days=1))
    assert ("2026-11-24", "S0020") not in await known(staffed, "TEC-LOG-03"), "the second day is the stand-in's from the start"
    await rolled(staffed, MONDAY + timedelta(days=2))
    assert await state(staffed, "TEC-LOG-03", "2026-11-25", "S0020") == S.open, "the cover ended by itself"


async def test_a_stand_in_that_ends_early_gives_the_rest_back(staffed) -> None:
    await rolled(staffed, MONDAY)
    cover = await covered(staffed, MONDAY - timedelta(days=1), MONDAY)
    async with staffed.open(TECH_HEAD, now=at(MONDAY, 9)) as work:
        await end_post(work, holding_id=cover.id, valid_to=MONDAY - timedelta(days=1))
    assert await state(staffed, "TEC-LOG-03", "2026-11-23", "S0020") == S.open
    assert await state(staffed, "TEC-LOG-03", "2026-11-23", "S0021") == S.void


async def test_the_house_is_told_of_every_move(staffed) -> None:
    await rolled(staffed, MONDAY)
    await heard(staffed, patrol(MONDAY, 125, 125), LOG, at=at(MONDAY, 20))
    async with staffed.open() as work:
        told = (await work.session.execute(select(outbox.c.subject, outbox.c.payload).order_by(outbox.c.id))).all()
    mine = [r for r in told if r.payload.get("key") == "TEC-LOG-03:S0020:2026-11-23"]
    assert [r.subject for r in mine] == ["guanwu.office.obligation.opened.v1", "guanwu.office.obligation.moved.v1"]
    assert (mine[0].payload["url"], mine[1].payload["state"]) == ("/duty-rooms?duty=TEC-LOG-03", "met")
