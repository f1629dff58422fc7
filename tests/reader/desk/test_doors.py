"""The desk through its doors: JSON and pages. covers: RDR-DSK-BAS-01, RDR-DSK-BAS-02, RDR-DSK-BAS-04, RDR-DSK-BAS-05"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import pytest

from services.reader.app import service
from services.reader.desk.calendar import commands as calendar
from services.reader.desk.charges import commands as charges
from services.reader.desk.charges.model import Kind
from services.reader.desk.holds import commands as holds
from shared.database import uuid7
from shared.identity import Actor
from tests.reader.desk.conftest import CLERK, COLLEAGUE, HEAD, OUTSIDER
from tests.support.departments import client, opened

HX = {"hx-request": "true"}
PIXEL = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


@pytest.fixture
async def app(database, desk, tmp_path) -> AsyncIterator[object]:
    from datetime import UTC, datetime

    desk.now = datetime.now(UTC)
    async with opened(service, database("reader"), tmp_path) as made:
        yield made


async def test_the_published_interface_in_one_walk(app, desk) -> None:
    barcode = await desk.item(instance="t")
    async with client(app, CLERK) as api:
        made = await api.post("/api/reader/patrons", json={"card": "20231001", "name": "张雨桐", "category": "undergraduate"})
        assert (made.status_code, made.json()["loan_limit"]) == (201, 10)
        lent = await api.post("/api/reader/loans", json={"card": "20231001", "barcode": barcode.lower()})
        assert lent.status_code == 201
        assert lent.json()["patron"]["open_loans"] == 1
        assert "30" in lent.json()["explain"]["sentence"]
        again = await api.post("/api/reader/loans", json={"card": "20231001", "barcode": barcode})
        assert again.status_code == 409
        assert {"code", "message", "reasons"} <= again.json().keys()
        state = (await api.get(f"/api/reader/items/{barcode}")).json()
        assert (state["circulation"], state["available"], state["why_not"][0]["code"]) == ("on_loan", False, "item-on-loan")
        await api.post("/api/reader/patrons", json={"card": "20231002", "name": "孙丽华", "category": "graduate"})
        held = await api.post("/api/reader/holds", json={"card": "20231002", "instance_id": "t"})
        assert (held.status_code, held.json()["position"]) == (201, 1)
        renewed = await api.post("/api/reader/renewals", json={"barcode": barcode})
        assert [r["code"] for r in renewed.json()["reasons"]] == ["others-wait"]
        back = (await api.post("/api/reader/returns", json={"barcode": barcode, "condition": {"kind": "spine", "grade": "medium"}})).json()
        assert (back["next"], back["slip"]["grade"], back["fine_cents"]) == ("repair", "medium", 0)
        slips = (await api.get("/api/reader/damage-reports")).json()
        assert (slips["total"], slips["items"][0]["holder"]) == (1, "借还台，待工场取走")
        assert (await api.get("/api/reader/inspections?state=waiting")).json()["total"] == 0


async def test_one_key_is_one_loan_however_often_it_is_sent(app, desk) -> None:
    card, barcode = await desk.patron(), await desk.item()
    async with client(app, CLERK) as api:
        sent = [
            api.post("/api/reader/loans", json={"card": card, "barcode": barcode}, headers={"idempotency-key": "k1"})
            for _ in range(4)
        ]
        answers = await asyncio.gather(*sent)
    assert {a.status_code for a in answers} == {201}
    assert len({a.json()["loan_id"] for a in answers}) == 1


async def test_light_damage_by_interface_from_report_to_shelf(app, desk) -> None:
    barcode = await desk.item()
    async with client(app, CLERK) as api, client(app, COLLEAGUE) as other:
        slip = (await api.post("/api/reader/damage-reports", json={"barcode": barcode, "kind": "label", "grade": "light", "note": "书标脱落"})).json()["slip"]
        await api.post(f"/api/reader/damage-reports/{slip}/finish", json={"minutes": 5, "material": "书标"})
        waiting = (await api.get("/api/reader/inspections?state=waiting")).json()["items"][0]
        own = await api.post(f"/api/reader/inspections/{waiting['id']}/pass", json={"note": ""})
        assert (own.status_code, own.json()["code"]) == (409, "same-person")
        done = (await other.post(f"/api/reader/inspections/{waiting['id']}/pass", json={"checklist": ["label"]})).json()
        assert (done["next"], done["slip_state"]) == ("shelve", "passed")


async def test_fines_are_paid_on_gapless_receipts_and_waived_by_a_second_person(app, desk) -> None:
    card = await desk.patron()
    async with client(app, CLERK) as api, client(app, HEAD) as head:
        first = (await api.post("/api/reader/charges", json={"card": card, "kind": "damage", "amount_cents": 500})).json()
        await head.post("/api/reader/charges", json={"card": card, "kind": "barcode", "amount_cents": 100})
        own = await head.get(f"/api/reader/patrons/{card}/charges")
        second = next(c for c in own.json()["items"] if c["kind"] == "barcode")
        assert own.json()["balance_cents"] == 600
        assert (await api.post(f"/api/reader/charges/{first['id']}/waive", json={"reason": "误收"})).status_code == 403
        same = await head.post(f"/api/reader/charges/{second['id']}/waive", json={"reason": "误收"})
        assert same.json()["code"] == "same-person"
        waived = await head.post(f"/api/reader/charges/{first['id']}/waive", json={"reason": "误收"})
        paid = await api.post("/api/reader/payments", json={"card": card})
        assert (waived.json()["receipt"][-4:], paid.json()["receipt"][-4:], paid.json()["amount_cents"]) == ("0001", "0002", 100)
        assert (await api.post("/api/reader/payments", json={"card": card})).json()["code"] == "nothing-to-pay"


async def test_the_ledger_cannot_be_rewritten_even_in_the_database(desk) -> None:
    from sqlalchemy.exc import DBAPIError

    card = await desk.patron()
    await desk.do(charges.charge, card=card, kind=Kind.damage, amount_fen=500)
    with pytest.raises(DBAPIError, match="permission denied"):
        await desk.rows("UPDATE ledger SET amount_fen = 1 RETURNING 1")


async def test_patrons_see_themselves_and_nobody_else(app, desk) -> None:
    mine, other = await desk.patron(), await desk.patron()
    async with client(app, Actor(id=mine, kind="patron", card=mine)) as me:
        assert (await me.get(f"/api/reader/patrons/{mine}")).status_code == 200
        assert (await me.get(f"/api/reader/patrons/{mine}/loans")).json()["total"] == 0
        for path in (f"/api/reader/patrons/{other}", f"/api/reader/patrons/{other}/loans", f"/api/reader/patrons/{other}/charges"):
            assert (await me.get(path)).status_code == 403
        assert (await me.post("/api/reader/loans", json={"card": mine, "barcode": "A1"})).status_code == 403


async def test_strangers_are_kept_out_of_every_desk_door(app) -> None:
    async with client(app, OUTSIDER) as outside, client(app, None) as nobody:
        for path in ("/api/reader/patrons?q=张", "/api/reader/loans/overdue", "/api/reader/hold-shelf", "/api/reader/inspections"):
            assert (await outside.get(path)).status_code == 403
            assert (await nobody.get(path)).status_code == 401
        assert (await outside.get("/reader/desk")).status_code == 403


async def test_a_picture_is_a_picture_by_its_bytes(app, desk) -> None:
    barcode = await desk.item()
    async with client(app, CLERK) as api:
        slip = (await api.post("/api/reader/damage-reports", json={"barcode": barcode, "grade": "medium"})).json()["slip"]
        url = f"/api/reader/damage-reports/{slip}/photo"
        fake = await api.post(url, files={"photo": ("x.png", b"<svg onload=alert(1)>", "image/png")})
        assert (fake.status_code, fake.json()["code"]) == (422, "not-a-photo")
        assert (await api.post(url, files={"photo": ("x", PIXEL, "text/html")})).status_code == 200
        kept = await api.get(url)
        assert (kept.headers["content-type"], kept.content) == ("image/png", PIXEL)


PAGES = (
    "/reader/patrons", "/reader/patrons?q=zyt", "/reader/patrons/new", "/reader/patrons/{card}", "/reader/patrons/{card}?history=true",
    "/reader/items", "/reader/items/{barcode}", "/reader/items/{barcode}?history=true", "/reader/overdue", "/reader/holds", "/reader/damage",
    "/reader/damage?state=done", "/reader/damage/{slip}", "/reader/inspections", "/reader/inspections?state=failed", "/reader/charges", "/reader/closed-days",
)


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_every_screen_shows_itself(app, desk, lang) -> None:
    card, waiting, barcode = await desk.patron(), await desk.patron(), await desk.item(instance="t")
    lent = await desk.item(instance="t2")
    await desk.lend(card, lent)
    await desk.do(holds.place, card=waiting, instance_id="t2")
    await desk.do(charges.charge, card=card, kind=Kind.damage, amount_fen=500)
    await desk.do(calendar.close, HEAD, day=desk.today, reason="馆庆")
    async with client(app, HEAD, cookie=f"lang={lang}") as web:
        slip = (await web.post("/api/reader/damage-reports", json={"barcode": barcode, "grade": "light", "kind": "torn"})).json()["slip"]
        await web.post(f"/api/reader/damage-reports/{slip}/finish", json={"minutes": 5})
        for path in PAGES:
            shown = await web.get(path.format(card=card, barcode=barcode, slip=slip))
            assert shown.status_code == 200, path
            assert "<h1" in shown.text, path


async def test_looking_at_a_reading_history_is_written_down(app, desk) -> None:
    card = await desk.patron()
    async with client(app, CLERK) as web:
        await web.get(f"/reader/patrons/{card}?history=true")
    (row,) = await desk.rows("SELECT actor, subject_id FROM audit WHERE action = 'read-loan-history'")
    assert tuple(row) == (CLERK.id, card)


async def test_the_counter_serves_a_patron_scan_by_scan(app, desk) -> None:
    card, one, two = await desk.patron(), await desk.item(title="深度学习"), await desk.item(title="万历十五年")
    s = uuid7()

    async def scan(web, code: str, mode: str = "lend"):
        return await web.post("/reader/desk/scan", data={"sitting": str(s), "code": code, "mode": mode}, headers=HX)

    async with client(app, CLERK) as web:
        assert "请先扫描读者证" in (await scan(web, one)).text
        greeted = await scan(web, card)
        assert (greeted.headers["x-sound"], "张雨桐" in greeted.text) == ("ok", True)
        lent = await scan(web, "".join(chr(ord(c) + 0xFEE0) for c in one))  # a Chinese keyboard's full-width digits
        assert (lent.headers["x-sound"], "深度学习" in lent.text) == ("ok", True)
        refused = await scan(web, one)
        assert (refused.status_code, refused.headers["x-sound"]) == (200, "stop")
        assert "不必再借" in refused.text
        line = re.search(r"lines/([0-9a-f-]{36})/damage", lent.text).group(1)
        hurt = await web.post(f"/reader/desk/lines/{line}/damage", data={"grade": "medium", "kind": "spine"}, headers=HX)
        assert (hurt.headers["x-sound"] in {"ok", "look"}, "已登记破损" in hurt.text) == (True, True)
        await scan(web, two)
        back = await scan(web, two, "return")
        assert "归还" in back.text
        undo = re.search(r"lines/([0-9a-f-]{36})/undo", back.text).group(1)
        assert "已撤销" in (await web.post(f"/reader/desk/lines/{undo}/undo", headers=HX)).text
        slip = await web.get(f"/reader/desk/slip?s={s}")
        assert "深度学习" in slip.text
        whole = await web.get(f"/reader/desk?s={s}")
        assert whole.text.count("data-scan-line") == 5
        cleared = await web.post("/reader/desk/next", data={"sitting": str(s)}, headers=HX)
        assert "等待读者" in cleared.text
    async with client(app, COLLEAGUE) as other:
        assert (await other.get(f"/reader/desk?s={s}")).status_code == 403


async def test_the_counter_works_without_script_and_keeps_cards_out_of_addresses(app, desk) -> None:
    card, barcode, s = await desk.patron(), await desk.item(), uuid7()
    async with client(app, CLERK) as web:
        for code in (card, barcode):
            moved = await web.post("/reader/desk/scan", data={"sitting": str(s), "code": code, "mode": "lend"})
            assert moved.status_code == 303
            assert card not in moved.headers["location"]
        assert "活着" in (await web.get(moved.headers["location"])).text


async def test_a_head_goes_on_regardless_with_a_reason(app, desk) -> None:
    card, barcode, s = await desk.patron(oriented=False), await desk.item(), uuid7()
    async with client(app, HEAD) as web:
        for code in (card, barcode):
            answer = await web.post("/reader/desk/scan", data={"sitting": str(s), "code": code, "mode": "lend"}, headers=HX)
        line = re.search(r"lines/([0-9a-f-]{36})/override", answer.text).group(1)
        done = await web.post(f"/reader/desk/lines/{line}/override", data={"note": "院长同意"}, headers=HX)
    assert done.headers["x-sound"] == "ok"
    assert (await desk.find_patron(card)).open_loans == 1


async def test_fines_are_paid_at_the_counter(app, desk) -> None:
    from datetime import timedelta

    card, barcode, s = await desk.patron(), await desk.item(), uuid7()
    desk.now -= timedelta(days=40)
    await desk.lend(card, barcode)
    async with client(app, CLERK) as web:
        back = await web.post("/reader/desk/scan", data={"sitting": str(s), "code": barcode, "mode": "return"}, headers=HX)
        assert (back.headers["x-sound"], "¥1.00" in back.text) == ("look", True)
        paid = await web.post("/reader/desk/pay", data={"sitting": str(s), "method": "mobile"}, headers=HX)
    assert paid.status_code == 200
    assert (await desk.find_patron(card)).debt_fen == 0


async def test_global_search_finds_patrons_items_and_slips(app, desk) -> None:
    card, barcode = await desk.patron(), await desk.item()
    async with client(app, CLERK) as web:
        by_initials = (await web.get("/api/reader/search?q=zyt")).json()["groups"]
        by_barcode = (await web.get(f"/api/reader/search?q={barcode[:4]}")).json()["groups"]
    assert by_initials[0]["items"][0]["url"].endswith(card)
    assert by_barcode[0]["items"][0]["url"].endswith(barcode)
