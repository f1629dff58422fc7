"""Every screen in both languages, the staff roll, the calendar, and the demonstration office. covers: OFF-ADM-01"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from services.office.app import AREAS
from services.office.demo import seed
from services.office.money.supplies.model import Purchase, Requisition
from services.office.people.calendar.queries import known_kinds
from services.office.people.obligations.model import Obligation
from services.office.people.personnel.model import Staff
from services.office.people.personnel.register import REGISTER as STAFF
from services.office.people.tasks.model import Task
from shared.demo import COLLEAGUES, person
from shared.duties import POSTS
from shared.messaging.tables import outbox
from shared.testing.registers import han_in, keeps_its_promises
from tests.office.conftest import ADM, DESK, DIRECTOR
from tests.office.facts import heard, patrol
from tests.support.days import local_day
from tests.support.departments import client

PAGES = [
    "/office/obligations", "/office/my-duties", "/office/my-duties?period=term", "/office/duties",
    "/office/duties?department=reader&cadence=daily&coverage=silent&q=DSK", "/office/duties/TEC-LOG-03",
    "/office/duties/of/2011031", "/office/posts", "/office/posts/INS-TCH", "/office/posts/director",
    "/office/ledger", "/office/ledger?person=2011031&duty=TEC-LOG-03&since=2026-01-01", "/office/ledger/verify",
    "/office/calendar", "/office/calendar?year=2025", "/office/issue-report", "/office/staff/2011031",
]


@pytest.fixture
async def lively(app):
    """The demonstration office, with one fact of another department."""
    await seed(app.state.kit)
    today = local_day()
    await heard(app.state.kit.works, patrol(today, 60, 60, "2011031"), person("tec-log"))
    return app


async def test_every_screen_speaks_both_languages(lively) -> None:
    for lang in ("zh", "en"):
        async with client(lively, person("director"), cookie=f"lang={lang}") as director:
            for url in PAGES:
                answer = await director.get(url)
                assert answer.status_code == 200, f"{url}: {answer.status_code}"
                assert lang == "zh" or not han_in(answer.text), f"{url}: {han_in(answer.text)}"


async def test_the_navigation_leads_somewhere(lively) -> None:
    async with client(lively, person("off-adm")) as adm:
        # The kit's own room, 运行维护, is for those who keep the system.
        rooms = [room for room in (await adm.get("/api/office/rooms")).json()["items"] if room["url"] != "/office/upkeep"]
        assert len(rooms) == sum(len(area.entries) for area in AREAS)
        for room in rooms:
            assert (await adm.get(room["url"])).status_code == 200, room["url"]


async def test_the_demonstration_office_has_somebody_on_every_post_and_loads_once(app, works) -> None:
    await seed(app.state.kit)

    async def sizes() -> list[int]:
        async with works.open() as work:
            return [
                await work.session.scalar(select(func.count()).select_from(table)) or 0
                for table in (Staff, Requisition, Purchase, Task, Obligation, outbox)
            ]

    before = await sizes()
    await seed(app.state.kit)
    assert await sizes() == before
    assert {c.post for c in COLLEAGUES} >= set(POSTS) | {"director"}
    assert {c.login for c in COLLEAGUES} >= {p.lower() for p in POSTS} | {"director", "rdr-dsk2", "res-dig2"}
    async with works.open() as work:
        states = set(await work.session.scalars(select(Requisition.state)))
    assert states >= {"draft", "submitted", "approved", "part_issued", "issued", "signed", "rejected"}


async def test_people_see_the_board_of_their_own_department_and_leaders_all(lively) -> None:
    async with client(lively, person("rdr-dsk")) as desk, client(lively, person("director")) as director:
        own, all_ = (await desk.get("/office/obligations")).text, (await director.get("/office/obligations")).text
        assert "TEC-LOG-03" not in own
        assert "TEC-LOG-03" in all_
        assert (await desk.get("/office/duties/of/2011031")).status_code == 403
        assert (await desk.get("/office/ledger?person=2011031")).status_code == 403
        assert (await desk.get("/office/ledger/export")).status_code == 200


async def test_a_head_explains_on_the_board(lively) -> None:
    works = lively.state.kit.works
    async with works.open() as work:
        missed = await work.session.scalar(
            select(Obligation).where(Obligation.state == "red", Obligation.department == "tech").limit(1)
        )
    url = f"/office/obligations/{missed.id}/explain"
    async with client(lively, person("head-tech")) as head, client(lively, person("head-reader")) as other:
        assert (await other.post(url, data={"reason": "不是我的部门"})).status_code == 403
        assert (await head.post(url, data={"reason": ""})).status_code == 422
        assert (await head.post(url, data={"reason": "值班交接"})).status_code == 303
    async with works.open() as work:
        assert (await work.get(Obligation, missed.id)).state == "explained"


async def test_the_calendar_is_set_by_the_office_and_weekends_rest(app, works) -> None:
    async with client(app, ADM) as adm, client(app, DESK) as desk:
        days = {"first": "2026-12-25", "last": "2026-12-28", "kind": "vacation", "note": "闭馆维护"}
        assert (await desk.post("/office/calendar", data=days)).status_code == 403
        assert (await adm.post("/office/calendar", data={**days, "last": "2026-12-01"})).status_code == 422
        assert (await adm.post("/office/calendar", data=days)).status_code == 303
        assert "闭馆维护" in (await adm.get("/office/calendar?year=2026")).text
        back = {"first": "2026-12-25", "last": "2026-12-25", "kind": "workday"}
        assert (await adm.post("/office/calendar", data=back)).status_code == 303
    async with works.open() as work:
        known = await known_kinds(work.session, date(2026, 12, 20), date(2026, 12, 31))
    assert sorted(known) == [date(2026, 12, 26) + timedelta(days=n) for n in range(3)]


async def test_the_staff_roll_keeps_its_promises(app, works) -> None:
    numbers = iter(range(1000, 9999))

    def form() -> dict[str, str]:
        n = next(numbers)
        return {
            "no": f"T{n}", "name": f"馆员{n}", "name_en": "Somebody", "dept": "tech", "title": "馆员", "rank": "mid",
            "employment": "permanent", "login": f"user{n}", "hired_on": "2020-07-01",
        }

    today = local_day().isoformat()
    ask = {
        "promote": {"title": "副研究馆员", "rank": "senior"}, "leave": {"left_on": (local_day() - timedelta(days=1)).isoformat()},
        "rejoin": {"hired_on": today},
    }
    await keeps_its_promises(STAFF, app, form, ask=ask)


async def test_a_user_name_belongs_to_one_person(app, works) -> None:
    form = {"no": "T0001", "name": "甲乙", "dept": "tech", "rank": "mid", "employment": "permanent", "login": "jia", "hired_on": "2020-07-01"}
    async with client(app, ADM) as adm:
        assert (await adm.post("/api/office/staff", json=form)).status_code == 201
        twice = await adm.post("/api/office/staff", json={**form, "no": "T0002"})
        assert twice.status_code in (409, 422)
        assert "登录名" in twice.json()["message"] + str(twice.json().get("errors"))
    async with client(app, DIRECTOR) as director:
        assert (await director.post("/api/office/staff", json={**form, "no": "T0003"})).status_code == 403
