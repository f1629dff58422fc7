"""Holds, transits and service points through their doors. covers: RDR-LED-FRD-01, RDR-DSK-BAS-02"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from services.reader.app import service
from services.reader.desk.holds import commands as holds
from services.reader.rooms.service_points import commands as points
from services.reader.rooms.service_points.rules import COOKIE
from shared.database import uuid7
from shared.identity import Actor
from tests.reader.desk.conftest import CLERK, HEAD, OUTSIDER
from tests.support.departments import client, opened


@pytest.fixture
async def app(database, desk, tmp_path) -> AsyncIterator[object]:
    desk.now = datetime.now(UTC)
    async with opened(service, database("reader"), tmp_path) as made:
        await desk.do(points.save, HEAD, code="MAIN", name="总服务台", main=True, new=True)
        await desk.do(points.save, HEAD, code="EAST", name="东区分馆", name_en="East Branch", new=True)
        yield made


async def held(desk, pickup: str = "EAST") -> tuple[str, str, object]:
    barcode, owner, card = await desk.item(instance="t"), await desk.patron(), await desk.patron()
    await desk.lend(owner, barcode)
    hold, _place = await desk.do(holds.place, card=card, instance_id="t", pickup=pickup)
    return barcode, card, hold


async def test_the_head_keeps_the_register_and_bad_input_loses_nothing(app, desk) -> None:
    await desk.item(instance="t")
    async with client(app, HEAD) as api:
        wrong = await api.post("/reader/service-points/save", data={"new": "1", "code": "东", "name": "南楼服务点", "open": "1"})
        assert wrong.status_code == 422
        assert "南楼服务点" in wrong.text
        assert "大写字母" in wrong.text
        good = {"new": "1", "code": "south", "name": "南楼服务点", "kind": "room", "open": "1", "locations": ["LIT"]}
        assert (await api.post("/reader/service-points/save", data=good)).status_code == 303
        assert "二层文学库" in (await api.get("/reader/service-points")).text
        again = await api.post("/reader/service-points/save", data=good)
        assert (again.status_code, "SOUTH" in again.text) == (422, True)
    async with client(app, CLERK) as api:
        assert (await api.get("/reader/service-points/new")).status_code == 403
        assert (await api.post("/reader/service-points/save", data=good)).status_code == 403


async def test_the_counter_remembers_its_point_and_sends_from_there(app, desk) -> None:
    barcode, card, _hold = await held(desk, "MAIN")
    async with client(app, CLERK) as api:
        sitting = str(uuid7())
        assert "换服务点" in (await api.get(f"/reader/desk?s={sitting}")).text
        chosen = await api.post("/reader/service-points/here", data={"point": "EAST", "back": "/reader/desk"})
        assert (chosen.status_code, COOKIE in chosen.headers["set-cookie"]) == (303, True)
        api.cookies.set(COOKIE, "EAST")
        row = await api.post("/reader/desk/scan", data={"sitting": sitting, "mode": "return", "code": barcode}, headers={"hx-request": "true"})
        assert "送往总服务台" in row.text
        listed = (await api.get("/reader/transit")).text
        number = listed.split("/reader/transit/ZT")[1].split('"')[0]
        paper = (await api.get(f"/reader/transit/ZT{number}")).text
        assert card[-4:] in paper
        assert card not in paper
        assert "张雨桐" not in paper
        api.cookies.set(COOKIE, "MAIN")
        assert (await api.post("/reader/transit/arrive", data={"code": barcode})).status_code == 303
        ready = (await api.get("/reader/holds?tab=ready")).text
        assert "总服务台" in ready
        hold_id = ready.split("/slip")[0].rsplit("/", 1)[1]
        paper = (await api.get(f"/reader/holds/{hold_id}/slip")).text
        assert (card[-4:] in paper, card in paper, "张雨桐" in paper) == (True, False, False)


async def test_a_journey_that_fails_is_written_down(app, desk) -> None:
    barcode, _card, _hold = await held(desk)
    sent = await desk.take_back(barcode, at="MAIN")
    async with client(app, CLERK) as api:
        url = f"/reader/transit/{sent.transit.number}"
        assert (await api.post(f"{url}/lost", data={"reason": ""})).status_code == 409
        assert (await api.post(f"{url}/lost", data={"reason": "两处都未见"})).status_code == 303
        assert "两处都未见" in (await api.get("/reader/transit?state=lost")).text
        assert (await api.get("/reader/transit/ZT1999-0001")).status_code == 404
    async with client(app, OUTSIDER) as api:
        assert (await api.get("/reader/transit")).status_code == 403


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("tab", ["ready", "pull", "fetch", "waiting", "transit", "ended"])
async def test_every_list_shows_itself(app, desk, tab, lang) -> None:
    barcode, _card, hold = await held(desk)
    shelf = await desk.item(instance="u", title="边城")
    await desk.do(holds.place, HEAD, card=await desk.patron(), instance_id="u", override=True, note="行动不便")
    if tab in {"transit", "ready", "pull"}:
        await desk.take_back(barcode, at="MAIN" if tab == "transit" else "EAST")
    if tab in {"ended", "pull"}:
        await desk.do(holds.cancel, hold_id=hold.id)
    async with client(app, CLERK) as api:
        text = (await api.get(f"/reader/holds?tab={tab}", headers={"accept-language": lang})).text
        assert (shelf if tab == "fetch" else "活着") in text
        assert (await api.get(f"/reader/holds?tab={tab}&q=没有这本")).status_code == 200


async def test_the_queue_of_a_title_in_the_hands_of_clerk_and_head(app, desk) -> None:
    _barcode, card, hold = await held(desk)
    url = "/reader/holds/titles/t"
    async with client(app, CLERK) as api:
        second = await desk.patron()
        data = {"instance_id": "t", "card": second, "pickup": "MAIN", "needed_by": ""}
        assert (await api.post("/reader/holds/place", data=data)).status_code == 303
        assert (await api.post("/reader/holds/place", data={**data, "needed_by": "明天"})).status_code == 422
        assert "第 2 位：前面 1 人；全部 1 册借出" in (await api.get(url)).text
        assert "/move" not in (await api.get(url)).text
        assert (await api.post(f"/reader/holds/{hold.id}/move", data={"to": "down", "reason": "插队"})).status_code == 403
        assert (await api.get("/reader/holds/titles/nothing")).status_code == 404
    async with client(app, HEAD) as api:
        assert (await api.post(f"/reader/holds/{hold.id}/move", data={"to": "down", "reason": "读者同意"})).status_code == 303
        assert "读者同意" in (await api.get(url)).text
        told = (await api.get("/api/reader/holds?instance_id=t")).json()["items"]
        assert [(h["card"], h["position"]) for h in told] == [(second, 1), (card, 2)]
        assert (await api.post("/api/reader/holds", json={"card": card})).status_code == 422


async def test_patrons_see_why_they_wait_and_rest_or_move_their_own(app, desk) -> None:
    _barcode, card, hold = await held(desk)
    me = Actor(id=card, kind="patron", card=card)
    async with client(app, me) as api:
        shown = (await api.get("/reader/my")).text
        assert "第 1 位：前面 0 人；全部 1 册借出" in shown
        assert "东区分馆" in shown
        until = (desk.today + timedelta(days=9)).isoformat()
        assert (await api.post(f"/reader/my/holds/{hold.id}/pause", data={"until": until})).status_code == 303
        assert "暂停至" in (await api.get("/reader/my")).text
        assert (await api.post(f"/reader/my/holds/{hold.id}/pause", data={"until": "2001-01-01"})).status_code == 422
        assert (await api.post(f"/reader/my/holds/{hold.id}/pickup", data={"point": "MAIN"})).status_code == 303
        assert (await api.get("/api/reader/my")).json()["holds"][0]["pickup"] == "MAIN"
    other = await desk.patron()
    async with client(app, Actor(id=other, kind="patron", card=other)) as api:
        assert (await api.post(f"/reader/my/holds/{hold.id}/pause", data={"until": ""})).status_code == 404


async def test_a_return_through_the_json_door_names_the_point(app, desk) -> None:
    barcode, _card, _hold = await held(desk)
    async with client(app, CLERK) as api:
        assert (await api.post("/api/reader/returns", json={"barcode": barcode, "at": "NOWHERE"})).status_code == 404
        done = (await api.post("/api/reader/returns", json={"barcode": barcode, "at": "main"})).json()
        assert (done["next"], done["transit"]["to"]) == ("send_hold", "EAST")
