"""Serials on their round: lists in versions, slips from station to station, and back to the rack.

covers: RDR-CIR-NWS-02 RDR-CIR-ACJ-02
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.reader.app import service
from services.reader.desk.cards import commands as cards
from services.reader.desk.patrons.model import Document
from services.reader.desk.privacy import commands as privacy
from services.reader.rooms.routing import commands, going, queries, rules
from services.reader.rooms.routing.handlers import handlers
from services.reader.rooms.routing.model import Absence, SlipState, Who
from services.reader.rooms.serials import checkin, racks, shelving
from services.reader.rooms.serials.model import IssueState, Shelf
from shared.events.office import StaffLeft
from shared.identity import SYSTEM, Actor
from shared.refusals import Invalid, NotAllowed
from shared.states import NotFromHere
from shared.testing.registers import han_in
from shared.web.register.people import remember
from tests.reader.desk.conftest import CLERK, COLLEAGUE, OUTSIDER, Desk
from tests.reader.desk.test_serials import WEEKLY, arrive, issues, title
from tests.support.departments import client, opened

DEAN = Actor(id="I0001", name="院长", posts=("INS-TEA",), dept="institute")
OFFICE = rules.Station(Who.place, place="学科服务部", days=2, note="请阅目次")


async def lined(desk: Desk, *stations: rules.Station, copies: int = 1, copy_no: int = 1) -> tuple[str, str]:
    """A title with a list: (title, list)."""
    number = await title(desk, WEEKLY, copies=copies)
    async with desk.work(SYSTEM) as work:
        await remember(work, DEAN.id, DEAN.name)
    made = await desk.do(commands.draw_up, title_number=number, name="院领导", copy_no=copy_no, days=3, stations=stations)
    return number, made.number


async def slips(desk: Desk) -> list[Any]:
    return await desk.rows("SELECT number, state, copy_no, version, due_on FROM routing_slip ORDER BY number")


async def path(desk: Desk, slip: str) -> list[str]:
    found = await desk.rows("SELECT s.state FROM routing_step s JOIN routing_slip r ON r.id = s.slip_id WHERE r.number = :n ORDER BY s.position", n=slip)
    return [row[0] for row in found]


async def shelf(desk: Desk, number: str, day: str = "11-23") -> Shelf:
    return (await issues(desk, number))[day].shelf


async def test_a_slip_goes_round_each_station_once_and_the_issue_comes_back_to_its_rack(desk) -> None:
    number, _list = await lined(desk, rules.Station(Who.staff, who=DEAN.id), OFFICE)
    await arrive(desk, number, "11-23")
    ((slip, state, _copy, _v, due),) = await slips(desk)
    assert (state, due, await shelf(desk, number)) == ("running", date(2026, 11, 26), Shelf.routed)
    with pytest.raises(rules.NotYours):
        await desk.do(going.receive, OUTSIDER, number=slip)
    await desk.do(going.scan, DEAN, number=slip)
    assert await path(desk, slip) == ["received", "waiting"]
    both = await asyncio.gather(*(desk.do(going.pass_on, DEAN, number=slip, position=1) for _ in range(2)))
    assert len(both) == 2, "said twice, it moves once"
    assert await path(desk, slip) == ["passed", "coming"]
    with pytest.raises(rules.NotYours):
        await desk.do(going.receive, Actor(id="20230001", name="读者", kind="patron"), number=slip)
    await desk.do(going.pass_on, OUTSIDER, number=slip, position=2)  # at an office, any colleague
    with pytest.raises(NotAllowed):
        await desk.do(going.scan, OUTSIDER, number=slip)
    one = (await issues(desk, number))["11-23"]
    await desk.do(checkin.stamp, ids=[one.id])
    async with desk.work() as work:
        assert await shelving.lists(work) == ([], []), "what goes round is not looked for at the rack"
        ((shown, _t),), _n = await racks.newest(work.session)
        assert shown.shelf is Shelf.routed
    await desk.do(going.scan, number=slip)
    assert [row[1] for row in await slips(desk)] == ["back"]
    async with desk.work() as work:
        assert [i.id for i, _t in (await shelving.lists(work))[0]] == [one.id]
    said = [(f[0], f[1].get("position"), f[1].get("holder")) for f in await desk.said("reader.serial.routed", "reader.serial.routing-ended")]
    assert said == [("reader.serial.routed", 1, DEAN.id), ("reader.serial.routed", 2, ""), ("reader.serial.routed", 0, ""), ("reader.serial.routing-ended", None, None)]


async def test_lists_have_versions_and_a_slip_under_way_keeps_its_own(desk) -> None:
    number, list_no = await lined(desk, OFFICE, rules.Station(Who.staff, who=DEAN.id), copies=2)
    await arrive(desk, number, "11-16", n=2)
    assert await shelf(desk, number, "11-16") is Shelf.none, "the other copy goes to the rack"
    async with desk.work() as work:
        typed = await commands.read_stations(work, f"馆长室|2|先阅\n{DEAN.id}\n")
    assert [(s.kind, s.days, s.note) for s in typed] == [(Who.place, 2, "先阅"), (Who.staff, None, "")]
    await desk.do(commands.note_absence, number=list_no, position=2, absence=Absence.away, until=date(2026, 12, 1))
    await desk.do(commands.revise, number=list_no, name="院领导", days=5, stations=typed)
    await arrive(desk, number, "11-23", n=1)
    (old, new) = await slips(desk)
    assert (old[3], new[3]) == (1, 2)
    assert await path(desk, old[0]) == ["coming", "waiting"]
    assert await path(desk, new[0]) == ["coming", "skipped"], "the absence went on into the next version"
    with pytest.raises(Invalid) as taken:
        await desk.do(commands.draw_up, title_number=number, name="又一份", copy_no=1, days=3, stations=[OFFICE])
    assert "已有传阅名单" in taken.value.errors["copy_no"]
    second = {"title_number": number, "name": "第二份", "copy_no": 2, "days": 3, "stations": [OFFICE]}
    both = await asyncio.gather(*(desk.do(commands.draw_up, who, **second) for who in (CLERK, COLLEAGUE)), return_exceptions=True)
    assert sum(isinstance(one, rules.CopyTaken | Invalid) for one in both) == 1
    await desk.do(commands.stop, number=list_no)
    with pytest.raises(rules.ListStopped):
        await desk.do(commands.revise, number=list_no, name="x", days=3, stations=[OFFICE])


async def test_what_is_written_wrongly_is_said_all_at_once(desk) -> None:
    number = await title(desk, WEEKLY)
    with pytest.raises(Invalid) as wrong:
        await desk.do(commands.draw_up, title_number=number, name=" ", copy_no=2, days=0, stations=[OFFICE, OFFICE])
    assert set(wrong.value.errors) == {"name", "days", "copy_no", "stations"}
    async with desk.work() as work:
        with pytest.raises(Invalid) as unknown:
            await commands.read_stations(work, "Z9999\n馆长室")
    assert "Z9999" in unknown.value.errors["stations"]
    with pytest.raises(NotAllowed):
        await desk.do(commands.draw_up, OUTSIDER, title_number=number, name="x", copy_no=1, days=3, stations=[OFFICE])


async def test_stations_that_are_away_or_have_left_are_passed_over_with_the_reason(desk) -> None:
    card = await desk.patron(valid_to=date(2026, 11, 1))
    number, _l = await lined(desk, rules.Station(Who.patron, who=card), rules.Station(Who.staff, who=DEAN.id), OFFICE)
    await arrive(desk, number, "11-23")
    ((slip, *_),) = await slips(desk)
    assert await path(desk, slip) == ["skipped", "coming", "waiting"]
    await desk.heed(handlers, StaffLeft(staff_no=DEAN.id, left_on=date(2026, 11, 23)))
    assert await path(desk, slip) == ["skipped", "skipped", "coming"]
    with pytest.raises(Invalid):
        await desk.do(going.skip, number=slip, position=3, absence=Absence.other)
    with pytest.raises(NotFromHere):
        await desk.do(going.skip, number=slip, position=2, absence=Absence.away)
    await desk.do(going.skip, number=slip, position=3, absence=Absence.other, reason="办公室搬迁")
    assert [row[1] for row in await slips(desk)] == ["returning"]
    await arrive(desk, number, "11-16")
    ((_new, state, *_r),) = [row for row in await slips(desk) if row[0] != slip]
    assert state == "running"
    assert await path(desk, _new) == ["skipped", "skipped", "coming"], "who has left is passed over from the start"


async def test_who_keeps_it_too_long_is_told_once_and_it_can_be_called_back(desk) -> None:
    number, _l = await lined(desk, OFFICE)
    await arrive(desk, number, "11-23")
    ((slip, *_),) = await slips(desk)
    desk.days_later(2)
    assert await desk.do(going.tell_overdue, SYSTEM) == 0
    desk.days_later(1)
    assert [await desk.do(going.tell_overdue, SYSTEM) for _ in range(2)] == [1, 0]
    ((_name, told, _c),) = await desk.said("reader.serial.routing-overdue")
    assert (told["days"], told["place"]) == (1, "学科服务部")
    async with desk.works.sessions() as session:
        assert await queries.counts(session, desk.today) == {"running": 1, "late": 1, "returning": 0, "ended": 0}
    with pytest.raises(Invalid):
        await desk.do(going.take_back, number=slip)
    await desk.do(going.take_back, number=slip, reason="催还两次未果")
    assert (await shelf(desk, number), await path(desk, slip)) == (Shelf.none, ["skipped"])
    with pytest.raises(NotFromHere):
        await desk.do(going.take_back, number=slip, reason="x")


async def test_an_arrival_is_undone_while_nobody_has_it_and_a_lost_copy_is_a_gap(desk) -> None:
    number, _l = await lined(desk, OFFICE)
    await arrive(desk, number, "11-23")
    one = (await issues(desk, number))["11-23"]
    await desk.do(checkin.undo, issue_id=one.id)
    await arrive(desk, number, "11-23")
    (void, slip) = [row[0] for row in await slips(desk)]
    assert [row[1] for row in await slips(desk)] == ["void", "running"]
    await desk.do(going.receive, COLLEAGUE, number=slip)
    with pytest.raises(rules.UnderWay):
        await desk.do(checkin.undo, issue_id=one.id)
    await desk.do(going.lose, number=slip, reason="搬家时丢失")
    lost = (await issues(desk, number))["11-23"]
    assert (lost.state, lost.arrived, lost.shelf) == (IssueState.missing, 0, Shelf.none)
    assert len(await desk.said("reader.serial.missing")) == 1
    await arrive(desk, number, "11-23")
    assert [row[1] for row in await slips(desk)] == ["void", "lost", "running"], "what is sent once more goes round too"
    assert void


async def test_an_issue_that_comes_back_late_does_not_push_newer_ones_off_the_rack(desk) -> None:
    assert (rules.rack_after(0, 1), rules.rack_after(1, 1), rules.rack_after(1, 4)) == (Shelf.none, Shelf.down, Shelf.none)
    number, list_no = await lined(desk, OFFICE)
    await arrive(desk, number, "11-09")
    await desk.do(commands.stop, number=list_no)
    await arrive(desk, number, "11-16")
    ((slip, *_),) = await slips(desk)
    await desk.do(going.take_back, number=slip, reason="收齐")
    assert await shelf(desk, number, "11-09") is Shelf.down


async def test_a_reader_is_forgotten_on_a_slip_after_its_term(desk) -> None:
    card = await desk.patron()
    reader = Actor(id=card, name="张雨桐", kind="patron")
    number, list_no = await lined(desk, rules.Station(Who.patron, who=card))
    await arrive(desk, number, "11-23")
    ((slip, *_),) = await slips(desk)
    await desk.do(going.scan, reader, number=slip)
    await desk.do(going.scan, reader, number=slip)
    await desk.do(going.scan, number=slip)
    await desk.do(commands.stop, number=list_no)
    kept = "SELECT count(*) FROM (SELECT who FROM routing_step UNION ALL SELECT who FROM routing_station) w WHERE who = :card"
    assert (await desk.rows(kept, card=card))[0][0] == 2
    assert card not in str(await desk.rows("SELECT payload, headers FROM outbox WHERE subject LIKE '%serial%'")), "the log never knew"
    desk.days_later(200)
    await desk.do(privacy.cut, SYSTEM)
    assert (await desk.rows(kept, card=card))[0][0] == 0
    assert (await desk.rows("SELECT count(*) FROM audit WHERE actor = :card AND subject LIKE 'routing%'", card=card))[0][0] == 0


async def test_a_reader_whose_card_was_issued_anew_is_still_at_their_station(desk) -> None:
    card = await desk.patron()
    number, _l = await lined(desk, rules.Station(Who.patron, who=card))
    await desk.do(cards.reissue, card=card, new_card="20239876", chip=None, document=Document.id_card, last4="1234")
    await arrive(desk, number, "11-23")
    ((slip, *_),) = await slips(desk)
    assert await path(desk, slip) == ["coming"], "the list names the former number"
    reader = Actor(id="20239876", name="张雨桐", kind="patron", card="20239876")
    await desk.do(going.receive, reader, number=slip)
    assert await path(desk, slip) == ["received"]


@pytest.fixture
async def app(database, desk, tmp_path) -> AsyncIterator[object]:
    desk.now = datetime.now(UTC)
    async with opened(service, database("reader"), tmp_path) as made:
        yield made


async def test_the_screens_of_lists_and_slips_in_both_languages(app, desk) -> None:
    pattern = replace(WEEKLY, first=desk.today - timedelta(days=desk.today.weekday()))
    number = await title(desk, pattern, from_on=desk.today - timedelta(days=7))
    async with desk.work(SYSTEM) as work:
        await remember(work, DEAN.id, "Dean")
    async with client(app, CLERK) as web:
        assert "还没有传阅名单" in (await web.get(f"/reader/routing/lists?q={number}")).text
        typed = {"title": number, "name": "Board", "copy_no": "1", "days": "3", "stations": "Z9999"}
        wrong = await web.post("/reader/routing/lists", data=typed)
        assert (wrong.status_code, "Z9999" in wrong.text, "Board" in wrong.text) == (422, True, True)
        made = await web.post("/reader/routing/lists", data={**typed, "stations": f"{DEAN.id} | 2 | read p. 3\n"})
        assert (await web.post("/reader/routing/lists", data={**typed, "stations": DEAN.id})).status_code == 422, "the copy has one"
        list_page = made.headers["location"]
        await web.post(f"{list_page}/edit", data={"name": "Board", "days": "4", "stations": DEAN.id})
        await web.post(f"{list_page}/absence", data={"position": "1", "absence": "away", "until": desk.today.isoformat()})
        await web.post(f"{list_page}/absence", data={"position": "1", "absence": ""})
    first = (await desk.rows("SELECT id FROM serial_issue WHERE label IS NOT NULL ORDER BY issued_on LIMIT 1"))[0][0]
    await desk.do(checkin.arrive, copies={first: None})
    ((slip, *_),) = await slips(desk)
    async with client(app, DEAN) as web:
        assert slip in (await web.get("/reader/routing/mine")).text
        assert (await web.post(f"/reader/routing/slips/{slip}/receive", data={"back": "mine"})).headers["location"] == "/reader/routing/mine"
        assert (await web.post(f"/reader/routing/slips/{slip}/skip", data={"position": "1", "absence": "away"})).status_code == 403
    async with client(app, Actor(id="20239999", name="别人", kind="patron")) as web:
        assert (await web.get(f"/reader/routing/slips/{slip}")).status_code == 404
        assert (await web.get("/reader/routing")).status_code == 403
    async with client(app, CLERK, cookie="lang=en") as web:
        assert (await web.get(f"/reader/routing/slips/{slip}/bars.svg")).text.startswith("<svg")
        for page in (
            "/reader/routing", "/reader/routing?view=ended", "/reader/routing/lists", "/reader/routing/lists?stopped=1", f"/reader/routing/lists/new?title={number}",
            list_page, f"{list_page}?version=1", f"{list_page}/edit", f"/reader/routing/slips/{slip}", "/reader/routing/mine",
        ):
            shown = await web.get(page)
            assert shown.status_code == 200, page
            assert not han_in(shown.text), page
        done = await web.post("/reader/routing/scan", data={"code": slip}, headers={"hx-request": "true"})
        assert (done.headers["x-sound"], slip in done.text, "data-scan-line" in done.text) == ("ok", True, True)
        done = await web.post("/reader/routing/scan", data={"code": slip})
        assert done.headers["location"] == f"/reader/routing/slips/{slip}", "without script"
    assert [row[1] for row in await slips(desk)] == [SlipState.back.value]
