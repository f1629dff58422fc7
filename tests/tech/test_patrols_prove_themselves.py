"""Two hours a day, walked in truth. covers: TEC-LOG-03 TEC-EQP-04"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, text

from services.tech.demo import ROUTES
from services.tech.support.helpdesk.model import WorkOrder
from services.tech.support.patrols import commands, queries, rules
from services.tech.support.patrols.model import Day, DayState, Point, Round, RoundState, Route
from shared.database import uuid7
from shared.identity import Actor
from shared.refusals import Invalid, NotAllowed
from shared.settings import LOCAL
from tests.support.departments import client

WALKER = Actor(id="G1010", name="走", posts=("TEC-LOG",), dept="tech")
OTHER = Actor(id="G1027", name="另", posts=("TEC-LOG",), dept="tech")
DIRECTOR = Actor(id="G1000", name="馆", posts=("director",))
START = datetime(2026, 11, 23, 8, 0, tzinfo=LOCAL)


def test_the_source_day_of_125_minutes_is_met_and_115_is_not() -> None:
    for rounds, met in (((65, 60), True), ((65, 50), False)):
        day = Day(walker="G", on_day=date(2026, 11, 23), no="d", created_by="system", state=DayState.open)
        for minutes in rounds:
            patrol = Round(no="XS", walker="G", on_day=day.on_day, state=RoundState.walking, started_at=START)
            points = [START + timedelta(minutes=m) for m in range(10, minutes, 10)]
            rules.close(patrol, day, walker="G", route="r", points=len(points), stamps=points,
                        ended=START + timedelta(minutes=minutes), note="")
            assert patrol.minutes == minutes
        assert (day.state == DayState.met) is met
        assert day.minutes == sum(rounds)


def test_a_pause_over_fifteen_minutes_does_not_count() -> None:
    stamps = [START + timedelta(minutes=m) for m in (10, 40, 50)]
    assert rules.minutes_walked(START, stamps, START + timedelta(minutes=55)) == 25


def test_nobody_explains_his_own_short_day() -> None:
    day = Day(walker="G1", on_day=date(2026, 11, 23), no="d", created_by="system", state=DayState.missed)
    with pytest.raises(NotAllowed):
        rules.not_the_walker(day, "G1")


@pytest.fixture
async def route(works) -> str:
    async with works.open() as work:
        way = Route(id=uuid7(), code="east", name="东区")
        work.session.add(way)
        await work.session.flush()
        for n, (code, name, *_rest) in enumerate(ROUTES[0][3][:3], 1):
            work.session.add(Point(id=uuid7(), route_id=way.id, position=n, code=code, name=name, kind="water"))
    return "east"


async def begin(works, actor: Actor = WALKER, at: datetime = START) -> str:
    async with works.open(actor, now=at) as work:
        return (await commands.start_round(work, route="east")).no


async def test_one_person_walks_one_round_at_a_time(works, route) -> None:
    number = await begin(works)
    with pytest.raises(rules.AlreadyWalking) as refused:
        await begin(works)
    assert number in str(refused.value)


async def test_a_failed_point_opens_a_work_order_in_the_same_story(works, route) -> None:
    number = await begin(works)
    async with works.open(WALKER, now=START + timedelta(minutes=5)) as work:
        stamp = await commands.stamp(work, number, point="E1", ok=False, note="门锁坏")
    async with works.open() as work:
        order = (await work.session.scalars(select(WorkOrder))).one()
        patrol = await queries.round_by_number(work.session, number)
        assert patrol is not None
        assert (order.no, order.reporter, patrol.anomalies) == (stamp.order_no, WALKER.id, 1)
        told = (await work.session.execute(text("SELECT subject, headers->>'correlation' FROM outbox ORDER BY id"))).all()
    assert [row[0] for row in told] == ["guanwu.tech.fault.reported.v1", "guanwu.tech.patrol.anomaly-found.v1"]
    assert {row[1] for row in told} == {str(patrol.correlation)}


async def test_an_anomaly_needs_words(works, route) -> None:
    number = await begin(works)
    with pytest.raises(Invalid):
        async with works.open(WALKER, now=START) as work:
            await commands.stamp(work, number, point="E1", ok=False)


async def test_a_point_sent_twice_by_the_phone_counts_once(works, route) -> None:
    number = await begin(works)
    for _again in range(2):
        async with works.open(WALKER, now=START + timedelta(minutes=4)) as work:
            await commands.stamp(work, number, point="E1", ok=False, note="漏水", walked_at=START)
    async with works.open() as work:
        assert len((await work.session.scalars(select(WorkOrder))).all()) == 1


@pytest.mark.parametrize("minutes", [-60, 60 * 24, 600])
async def test_a_stamp_outside_the_round_is_refused(works, route, minutes: int) -> None:
    number = await begin(works)
    with pytest.raises(rules.TimeOutsideRound):
        async with works.open(WALKER, now=START + timedelta(minutes=5)) as work:
            await commands.stamp(work, number, point="E1", ok=True, walked_at=START + timedelta(minutes=minutes))


async def test_nobody_walks_for_somebody_else(works, route) -> None:
    number = await begin(works)
    with pytest.raises(rules.NotYourRound):
        async with works.open(OTHER, now=START) as work:
            await commands.stamp(work, number, point="E1", ok=True)


async def test_missing_points_need_a_reason(works, route) -> None:
    number = await begin(works)
    with pytest.raises(rules.PointsMissing):
        async with works.open(WALKER, now=START + timedelta(minutes=9)) as work:
            await commands.close_round(work, number)
    async with works.open(WALKER, now=START + timedelta(minutes=9)) as work:
        assert (await commands.close_round(work, number, note="三层封闭")).minutes == 9


async def test_midnight_ends_rounds_and_names_missed_days(works, route) -> None:
    async with works.open() as work:
        await commands.set_watch(work, holding_id="h1", walker=OTHER.id, post="TEC-LOG",
                                 valid_from=date(2026, 1, 1), valid_to=None)
    number = await begin(works)
    night = datetime(2026, 11, 24, 0, 10, tzinfo=LOCAL)
    async with works.open(now=night) as work:
        assert await commands.settle_days(work, night) == 2
    async with works.open() as work:
        patrol = await queries.round_by_number(work.session, number)
        assert patrol is not None
        assert patrol.state is RoundState.abandoned
        days = (await work.session.scalars(select(Day))).all()
        assert {d.walker: d.state for d in days} == {WALKER.id: "missed", OTHER.id: "missed"}
    async with works.open(now=night) as work:
        assert await commands.settle_days(work, night) == 0


async def test_the_head_explains_but_the_walker_cannot(app, works, route) -> None:
    async with works.open(now=datetime(2026, 11, 24, 0, 10, tzinfo=LOCAL)) as work:
        await commands.set_watch(work, holding_id="h1", walker=WALKER.id, post="TEC-LOG",
                                 valid_from=date(2026, 1, 1), valid_to=None)
        await commands.settle_days(work, work.now)
    url = f"/api/tech/patrol-days/2026-11-23-{WALKER.id}/explain"
    async with client(app, WALKER) as walker, client(app, DIRECTOR) as head:
        assert (await walker.post(url, json={"explanation": "忘了"})).status_code == 403
        answer = await head.post(url, json={"explanation": "外出抢修"})
        assert answer.status_code == 200, answer.text
        assert answer.json()["state"] == "explained"


async def test_the_walking_page_works_without_script(app, works, route) -> None:
    async with client(app, WALKER) as phone:
        answer = await phone.post("/tech/patrols/start", data={"route": "east"})
        page = answer.headers["location"]
        assert "门锁" not in (shown := (await phone.get(page)).text)
        assert shown.count('name="point"') == 6
        done = await phone.post(f"{page}/stamp", data={"point": "E1", "result": "ok"})
        assert done.status_code == 303
        files = {"photo": ("p.png", b"\x89PNG\r\n\x1a\n0000", "image/png")}
        bad = {"point": "E2", "result": "bad", "note": "地面湿滑"}
        lie = {"photo": ("p.png", b"<script>", "image/png")}
        assert (await phone.post(f"{page}/stamp", data=bad, files=lie)).status_code == 422
        assert (await phone.post(f"{page}/stamp", data=bad, files=files)).status_code == 303
        seen = await phone.get(f"{page}/photo/E2")
        assert (seen.status_code, seen.headers["content-type"]) == (200, "image/png")
        assert (await phone.get(f"{page}/photo/E1")).status_code == 404
        refused = await phone.post(f"{page}/close", data={})
        assert refused.status_code == 409
        assert "1" in refused.text
        closed = await phone.post(f"{page}/close", data={"note": "先到这里"})
        assert closed.headers["location"] == "/tech/patrols"
        assert (await phone.get("/tech/patrols", headers={"cookie": "lang=en"})).status_code == 200
