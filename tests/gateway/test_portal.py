"""The home page, the duty sheet, search, status, and the files every page loads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import brotli
import pytest

from gateway.assets.shelf import Shelf
from gateway.portal import rooms as portal_rooms
from gateway.portal.rooms import Room, initials, shut
from shared.events.base import CaseMoved
from shared.events.office import ObligationMoved, ObligationOpened, PostAssigned, StaffJoined
from shared.events.reader import ItemLent, ItemReturned
from shared.identity import Actor
from shared.settings import LOCAL
from tests.gateway.conftest import House, Running, Start
from tests.gateway.standin import Department, serving

TODAY = datetime.now(UTC).astimezone(LOCAL).date()
DUTY = "RDR-DSK-BAS-02"
DESK = {
    "area_zh": "流通", "area_en": "Circulation", "label_zh": "借还台", "label_en": "Circulation desk",
    "url": "/reader/desk", "icon": "scan", "who": ["RDR-DSK"], "serves": [DUTY], "badge": "reader",
    "help_zh": "借书还书", "help_en": "Lend and take back",
}
STACKS = {**DESK, "label_zh": "密集书库", "label_en": "Compact stacks", "url": "/reader/stacks", "who": ["RDR-STK"], "serves": []}


@pytest.fixture(autouse=True)
def _no_rooms_from_before() -> None:
    portal_rooms._kept.clear()


def _lent(number: int = 1) -> ItemLent:
    return ItemLent(barcode=f"A{number}", title="三体", loan_id=str(number), card="R1", due_on=TODAY)


async def test_the_home_page_shows_my_duties_my_work_and_the_way_to_each(house: House) -> None:
    house.reader.rooms = [DESK, STACKS]
    client = await house.gateway.signed_in("rdr-dsk")
    for number in range(3):
        await house.gateway.feed(_lent(number), posts=("RDR-DSK",))
    await house.gateway.feed(ObligationOpened(
        key="o1", duty=DUTY, title_zh="借还", title_en="Loans", holder="S001", period="2026-11",
        due_on=TODAY - timedelta(days=1),
    ))
    page = (await client.get("/")).text
    assert "林晓雯" in page
    assert "总台岗" in page
    assert 'class="tile" href="/reader/desk"' in page
    assert "逾期，应于" in page
    assert "/reader/stacks" not in page  # a room of somebody else's
    assert '<span class="kpi-value">3</span>' in page
    sheet = (await client.get("/duties")).text
    assert DUTY in sheet
    assert "借还台" in sheet


async def test_an_obligation_that_was_met_is_shown_as_done(gateway: Running) -> None:
    client = await gateway.signed_in("rdr-dsk")
    about = {"key": "o1", "duty": DUTY, "holder": "S001", "period": "2026-11", "due_on": TODAY}
    await gateway.feed(ObligationOpened(title_zh="借还", title_en="Loans", **about))
    assert "已完成" not in (await client.get("/duties")).text
    await gateway.feed(ObligationMoved(state="met", state_label="已完成", evidence_count=4, **about))
    assert "已完成" in (await client.get("/duties")).text


async def test_work_counts_only_for_duties_of_posts_held_when_it_was_done(gateway: Running) -> None:
    client = await gateway.signed_in("rdr-dsk")
    await gateway.feed(_lent(), posts=())
    await gateway.feed(_lent(), posts=("RES-DIG",))
    assert "本月 0 /" in (await client.get("/")).text
    await gateway.feed(_lent(), posts=("RDR-DSK",))
    assert "本月 1 /" in (await client.get("/")).text


async def test_the_chart_shows_two_weeks_of_loans_and_returns(gateway: Running) -> None:
    client = await gateway.signed_in("rdr-dsk")
    now = datetime.now(UTC)
    await gateway.feed(_lent(), at=now)
    await gateway.feed(_lent(2), at=now - timedelta(days=13))
    await gateway.feed(_lent(3), at=now - timedelta(days=14))
    await gateway.feed(ItemReturned(barcode="A1", title="三体"), at=now - timedelta(days=1))
    chart = (await client.get("/api/charts/loans")).json()
    assert [one["name"] for one in chart["series"]] == ["借出", "归还"]
    assert len(chart["x"]) == 14
    assert chart["x"][-1] == f"{TODAY.month}/{TODAY.day}"
    assert (chart["series"][0]["data"][0], chart["series"][0]["data"][-1]) == (1, 1)
    assert chart["series"][1]["data"][-2] == 1
    assert (await client.get("/api/charts/nothing")).status_code == 404


async def test_a_patron_gets_their_own_home_and_none_of_the_staff_pages(gateway: Running) -> None:
    await gateway.patron("R2023")
    client = await gateway.signed_in("r2023")
    page = (await client.get("/")).text
    assert "/reader/my" in page
    assert 'action="/reader/catalogue"' in page
    for path in ("/duties", "/accounts", "/status", "/api/charts/loans"):
        assert (await client.get(path)).status_code == 403


async def test_the_director_sees_what_waits_in_every_department(gateway: Running) -> None:
    await gateway.feed(StaffJoined(staff_no="S000", staff_name="王馆长"))
    await gateway.feed(PostAssigned(holding_id="d", staff_no="S000", post="director", valid_from=TODAY))
    await gateway.account("director", "S000")
    await gateway.feed(CaseMoved(
        department="tech", register_="tickets", number="GD-1", title="报修单", action="open", act="报修",
        state="open", state_label="待受理", holders=("TEC-SYS",),
    ))
    client = await gateway.signed_in("director")
    page = (await client.get("/")).text
    assert "各部门进行中的事项" in page
    assert "馆长" in page


async def test_news_is_what_the_house_likes_to_hear_and_not_every_loan(gateway: Running) -> None:
    client = await gateway.signed_in("rdr-dsk")
    await gateway.feed(_lent())
    await gateway.feed(CaseMoved(
        department="office", register_="notices", number="TZ-1", title="馆务通知", action="open", act="发布",
        state="out", state_label="已发布",
    ))
    page = (await client.get("/")).text
    assert "馆务通知：发布（TZ-1）" in page
    assert "《三体》借出" not in page


def test_a_link_into_a_room_one_may_not_enter_is_shut() -> None:
    def room(url: str, *who: str) -> Room:
        return Room("reader", "", "", "", "", url, "", who, (), "", "", "", "")

    clerk = Actor(id="S001", name="林晓雯", kind="staff", posts=("RDR-DSK",))
    house = [room("/reader/books", "RDR-DSK"), room("/reader/books/proof", "OFF-FIN"), room("/office/staff", "staff")]
    assert not shut(house, clerk, "/reader/books/7")
    assert shut(house, clerk, "/reader/books/proof?on=2026-11-28")
    assert not shut(house, clerk, "/office/staff/S001")
    assert not shut(house, clerk, "/nobody-says-whose")


async def test_search_asks_every_department_and_names_the_silent_ones(start: Start) -> None:
    from deploy.local.ports import free_port

    reader = Department("reader")
    reader.rooms = [DESK, STACKS]
    async with serving(reader.app()) as address:
        gateway = await start(departments={"reader": address, "office": f"http://127.0.0.1:{free_port()}"})
        client = await gateway.signed_in("rdr-dsk")
        found = (await client.get("/api/search?q=三体")).json()
        assert [(i["group"], i["title"], i["url"]) for i in found["items"]] == [("馆藏", "《三体》", "/reader/items/A1")]
        assert found["silent"] == ["办公室"]
        fragment = await client.get("/search?q=jht", headers={"hx-request": "true"})
        assert "/reader/desk" in fragment.text
        assert "<html" not in fragment.text
        assert "/reader/stacks" not in (await client.get("/search?q=书库")).text


def test_rooms_are_found_by_pinyin_initials_and_by_whole_pinyin() -> None:
    assert initials("借还台").split()[0] == "jht"
    assert initials("预约登记").split() == ["yydj", "yuyuedengji"]


@pytest.fixture
async def built(start: Start, tmp_path: Path) -> Running:
    static = tmp_path / "static"
    static.mkdir()
    content = b"body { color: black }" * 100
    (static / "ui.0123456789.css").write_bytes(content)
    (static / "ui.0123456789.css.br").write_bytes(brotli.compress(content))
    (static / "patrol-worker.abcdef0123.js").write_text("// worker")
    (static / "manifest.json").write_text('{"ui.css": "ui.0123456789.css"}')
    return await start()


async def test_static_files_are_kept_for_ever_and_come_compressed(built: Running) -> None:
    client = await built.client()
    answer = await client.get("/static/ui.0123456789.css", headers={"accept-encoding": "br"})
    assert answer.headers["content-encoding"] == "br"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.text.startswith("body")
    assert "content-encoding" not in (
        await client.get("/static/ui.0123456789.css", headers={"accept-encoding": "identity"})
    ).headers
    again = await client.get("/static/ui.0123456789.css", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304
    worker = await client.get("/static/patrol-worker.abcdef0123.js")
    assert worker.headers["service-worker-allowed"] == "/"
    for outside in ("/static/manifest.json", "/static/../keys/jwks.json", "/static/%2e%2e/x", "/static/"):
        assert (await client.get(outside)).status_code == 404


async def test_a_new_build_is_served_without_a_restart(built: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    monkeypatch.setattr("gateway.assets.shelf.LOOK_AGAIN", 0)
    client = await built.client()
    assert (await client.get("/static/new.0123456789.js")).status_code == 404
    folder = built.settings.static
    (folder / "new.0123456789.js").write_text("1")
    os.utime(folder / "manifest.json", (1, 1))
    assert (await client.get("/static/new.0123456789.js")).status_code == 200
    assert isinstance(built.gate.shelf, Shelf)
