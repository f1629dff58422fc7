"""Posts, stand-ins, joining and leaving. covers: OFF-ADM-01 OFF-ADM-04 RDR-LED-SNR-05"""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from services.office.people.personnel.model import StaffState
from services.office.people.personnel.register import REGISTER
from services.office.people.personnel.rules import LeavingDateWrong, NotByOneself
from services.office.people.post_duties.commands import end_post, give_post, give_stand_in
from services.office.people.post_duties.queries import held_by
from services.office.people.post_duties.rules import (
    AbsentHoldsNoPost,
    DatesReversed,
    NoSuchPost,
    NotToOneself,
    NotWorkingHere,
    PlaceTaken,
    PostHeldAlready,
    StandInUnclear,
)
from shared.events.office import StaffChanged
from shared.identity import Actor
from shared.messaging.tables import outbox
from shared.refusals import NotAllowed
from tests.office.conftest import ADM, DESK, DIRECTOR, EQP, HEAD, LOG, SINCE, hire
from tests.support.departments import client

TEACHERS = [Actor(f"S01{n:02}", f"教师{n}", posts=(), rank="mid", dept="institute") for n in range(4)]


async def told(works, name: str) -> list[dict]:
    async with works.open() as work:
        query = select(outbox.c.payload).where(outbox.c.subject == f"guanwu.{name}.v1").order_by(outbox.c.id)
        return list(await work.session.scalars(query))


async def posts(works, staff_no: str, on: date) -> list[str]:
    async with works.open() as work:
        return [h.post for h in await held_by(work.session, staff_no, on)]


async def give(works, actor: Actor, **what) -> object:
    async with works.open(actor) as work:
        return await give_post(work, **{"valid_from": SINCE, **what})


async def test_a_place_for_one_person_has_one_holder_at_a_time(works) -> None:
    for teacher in TEACHERS:
        await hire(works, teacher)
    first = await give(works, ADM, staff_no="S0100", post="INS-TCH", subposts=["UTM"])
    with pytest.raises(PlaceTaken) as refused:
        await give(works, ADM, staff_no="S0101", post="INS-TCH", subposts=["UTM"])
    assert "教师0" in str(refused.value)
    await give(works, ADM, staff_no="S0101", post="INS-TCH", subposts=["GAM"])
    async with works.open(ADM) as work:
        await end_post(work, holding_id=first.id, valid_to=date(2026, 10, 31))
    await give(works, ADM, staff_no="S0102", post="INS-TCH", subposts=["UTM"], valid_from=date(2026, 11, 1))


async def test_two_people_given_the_place_at_the_same_moment_are_told_apart(works) -> None:
    for teacher in TEACHERS:
        await hire(works, teacher)
    done = await asyncio.gather(
        *(give(works, ADM, staff_no=t.id, post="INS-TCH", subposts=["GAM"]) for t in TEACHERS), return_exceptions=True
    )
    assert sorted(type(d).__name__ for d in done) == ["Holding", "PlaceTaken", "PlaceTaken", "PlaceTaken"]


async def test_nobody_holds_a_post_twice_at_once(staffed) -> None:
    with pytest.raises(PostHeldAlready):
        await give(staffed, ADM, staff_no="S0030", post="RDR-DSK", valid_from=date(2026, 12, 1))
    await give(staffed, ADM, staff_no="S0030", post="RDR-STK")
    assert await posts(staffed, "S0030", SINCE) == ["RDR-DSK", "RDR-STK"]


@pytest.mark.parametrize(
    ("actor", "what", "refusal"),
    [
        (DESK, {"staff_no": "S0020", "post": "TEC-EQP"}, NotAllowed),
        (ADM, {"staff_no": "S0010", "post": "director"}, NotToOneself),
        (ADM, {"staff_no": "S0020", "post": "TEC-XXX"}, NoSuchPost),
        (ADM, {"staff_no": "S0020", "post": "RDR-LED", "subposts": ["ZZZ"]}, NoSuchPost),
        (ADM, {"staff_no": "S0020", "post": "TEC-EQP", "valid_to": date(2026, 8, 1)}, DatesReversed),
    ],
)
async def test_posts_are_not_given(staffed, actor, what, refusal) -> None:
    with pytest.raises(refusal):
        await give(staffed, actor, **what)


@pytest.mark.parametrize(
    ("actor", "change", "refusal"),
    [
        (LOG, {}, NotAllowed),
        (HEAD, {"stand_in": "S0020"}, StandInUnclear),
        (HEAD, {"valid_to": None}, StandInUnclear),
        (HEAD, {"valid_to": date(2027, 3, 1)}, StandInUnclear),
        (HEAD, {"post": "RDR-DSK"}, AbsentHoldsNoPost),
        (ADM, {"stand_in": "S0010"}, NotToOneself),
    ],
)
async def test_a_stand_in_is_somebody_else_for_some_days(staffed, actor, change, refusal) -> None:
    asked = {
        "absent": "S0020", "post": "TEC-LOG", "stand_in": "S0021", "valid_from": date(2026, 11, 23),
        "valid_to": date(2026, 11, 25), **change,
    }
    with pytest.raises(refusal):
        async with staffed.open(actor) as work:
            await give_stand_in(work, **asked)


async def test_the_rights_of_a_stand_in_end_by_themselves(staffed) -> None:
    async with staffed.open(HEAD) as work:
        await give_stand_in(
            work, absent="S0020", post="TEC-LOG", stand_in="S0021", valid_from=date(2026, 11, 23), valid_to=date(2026, 11, 25)
        )
    assert await posts(staffed, "S0021", date(2026, 11, 25)) == ["TEC-EQP", "TEC-LOG"]
    assert await posts(staffed, "S0021", date(2026, 11, 26)) == ["TEC-EQP"]
    last = (await told(staffed, "office.post.assigned"))[-1]
    assert (last["stand_in_for"], last["valid_to"]) == ("S0020", "2026-11-25")


async def test_leaving_ends_every_right_the_same_day(staffed) -> None:
    async with staffed.open(ADM) as work:
        today = work.today
        await give_post(work, staff_no="S0020", post="TEC-SYS", valid_from=today)
        await give_stand_in(work, absent="S0020", post="TEC-LOG", stand_in="S0021", valid_from=today, valid_to=today)
    async with staffed.open(ADM) as work:
        await REGISTER.move(work, "S0020", "leave", left_on=today.isoformat(), destination="校图书馆东区")
    assert await posts(staffed, "S0020", today) == []
    assert await posts(staffed, "S0021", today) == ["TEC-EQP"], "what was held for them is over too"
    assert len(await told(staffed, "office.post.ended")) == 3
    assert await told(staffed, "office.staff.transferred-out") == [{"staff_no": "S0020", "left_on": today.isoformat()}]
    with pytest.raises(NotWorkingHere):
        await give(staffed, ADM, staff_no="S0020", post="TEC-LOG")
    async with staffed.open(ADM) as work:
        back = await REGISTER.move(work, "S0020", "rejoin", hired_on=today.isoformat())
        assert (back.state, back.left_on) == (StaffState.active, None)
    await give(staffed, ADM, staff_no="S0020", post="TEC-LOG", valid_from=today)


async def test_leaving_is_recorded_in_time_and_not_by_oneself(staffed) -> None:
    async with staffed.open() as work:
        today = work.today
    for day in (today + timedelta(days=1), today - timedelta(days=31)):
        with pytest.raises(LeavingDateWrong):
            async with staffed.open(ADM) as work:
                await REGISTER.move(work, "S0020", "leave", left_on=day.isoformat())
    with pytest.raises(NotByOneself):
        async with staffed.open(ADM) as work:
            await REGISTER.move(work, "S0010", "leave", left_on=today.isoformat())


async def test_a_new_rank_brings_its_duties(staffed) -> None:
    async with client_of(staffed, DESK) as desk:
        before = {i["duty"] for i in (await desk.get("/api/office/duties/me")).json()["items"]}
    async with staffed.open(ADM) as work:
        await REGISTER.move(work, "S0030", "promote", title="副研究馆员", rank="senior")
    async with client_of(staffed, DESK) as desk:
        after = {i["duty"] for i in (await desk.get("/api/office/duties/S0030")).json()["items"]}
    assert "RDR-DSK-MID-02" in before - after
    assert "RDR-DSK-SNR-05" in after - before
    assert (await told(staffed, StaffChanged.name))[-1]["rank"] == "senior"
    assert (await told(staffed, "office.post.assigned"))[-1]["rank"] == "senior"


@pytest.fixture(autouse=True)
def _client(app):
    client_of.app = app


def client_of(_works, actor: Actor):
    """A browser of that person on the app of this test."""
    return client(client_of.app, actor)


async def test_a_duty_sheet_belongs_to_its_person_and_to_leaders(app, staffed) -> None:
    async with client(app, DESK) as desk, client(app, DIRECTOR) as director:
        assert (await desk.get("/api/office/duties/S0020")).status_code == 403
        sheet = (await director.get("/api/office/duties/S0021")).json()
        assert {i["layer"] for i in sheet["items"]} == {"base"}
        assert all(i["rooms_url"] == f"/duty-rooms?duty={i['duty']}" for i in sheet["items"])
        assert (await director.get("/api/office/duties/S9999")).status_code == 404


async def test_posts_are_given_ended_and_stood_in_for_on_screen(app, staffed) -> None:
    async with client(app, ADM) as adm, client(app, EQP) as other:
        given = await adm.post("/office/posts/TEC-SYS/give", data={"staff_no": "S0021", "valid_from": "2026-11-01"})
        assert given.status_code == 303
        again = await adm.post("/office/posts/TEC-SYS/give", data={"staff_no": "S0021", "valid_from": "2026-11-01"})
        assert again.status_code == 422
        assert "此人在该时段已任" in again.text
        assert (await other.post("/office/posts/TEC-SYS/give", data={"staff_no": "S0020", "valid_from": "2026-11-01"})).status_code == 403
        cover = await adm.post("/office/posts/TEC-LOG/stand-in", data={
            "absent": "S0020", "stand_in": "S0030", "valid_from": "2026-11-20", "valid_to": "2099-01-01"})
        assert cover.status_code == 422
        made = await adm.post("/api/office/stand-ins", json={
            "absent": "S0020", "post": "TEC-LOG", "stand_in": "S0030", "valid_from": "2026-11-20", "valid_to": "2026-11-30"})
        assert made.status_code == 201
        ended = await adm.post(f"/office/posts/TEC-LOG/end/{made.json()['id']}", data={"valid_to": "2026-11-21"})
        assert ended.status_code == 303
    assert await posts(staffed, "S0030", date(2026, 11, 22)) == ["RDR-DSK"]
