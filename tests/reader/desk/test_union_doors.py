"""The union's files, screens and JSON. covers: RDR-LED-FRD-04"""

from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pytest
from openpyxl import Workbook, load_workbook

from services.reader.app import service
from services.reader.desk.consortium import commands, lending, reading, taking
from services.reader.desk.consortium.lists import Subject
from services.reader.desk.consortium.model import LineKind
from services.reader.desk.patrons.model import CardState
from services.reader.rooms.service_points import commands as points
from shared.refusals import NotAllowed, Refusal
from tests.reader.desk.conftest import CLERK, COLLEAGUE, HEAD, OUTSIDER
from tests.reader.desk.test_consortium import CITY, READER, city
from tests.reader.desk.test_union_holds import on_the_way, union
from tests.support.departments import client, opened

API = "/api/reader/union"


def csv(*lines: str, charset: str = "utf-8") -> bytes:
    return "\n".join(lines).encode(charset)


async def told(desk, data: bytes, subject: Subject, actor=CLERK, *, do: bool = True):
    """A file looked at and, if so wished, taken up; its counts."""
    file = await desk.do(taking.look, actor, data=data, name="名单.csv", member="ZJT", subject=subject)
    return (await desk.do(taking.apply, actor, number=file.number)).counts if do else file.counts


@pytest.mark.parametrize("data", [b"", b"\0\0\0", csv("条码", "A1"), csv("条码,日期"), csv("PK oops")])
def test_a_file_that_says_nothing_is_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(Refusal) as refusal:
        reading.read(data, "名单.csv", Subject.foreign)
    assert str(refusal.value)


def test_every_reason_of_a_row_is_told_at_once_in_csv_and_workbook() -> None:
    rows = reading.read(csv("证号,姓名,状态,有效期", "U 9!,,走了,明天", "u001,李晓,正常,2027/3/1", "U001,李晓,,", charset="gb18030"), "x", Subject.cards)
    assert [reason.code for reason in rows[0].wrong] == [f"union-file.{c}" for c in ("code", "name", "status", "day")]
    assert rows[1].data == {"card": "U001", "name": "李晓", "status": "active", "valid_to": "2027-03-01"}
    book, out = Workbook(), io.BytesIO()
    book.active.append(["馆藏条码", "还书日期", "别的"])
    book.active.append(["ZJT0001", date(2026, 11, 20), "x"])
    book.active.append(["ZJT0001", "2026年11月20日", "再来一次"])
    book.save(out)
    rows = reading.read(out.getvalue(), "x.xlsx", Subject.foreign)
    assert rows[0].data == {"barcode": "ZJT0001", "on": "2026-11-20"}
    assert [reason.code for reason in rows[1].wrong] == ["union-file.twice"]


async def test_a_dry_run_foresees_exactly_and_touches_nothing(desk) -> None:
    await city(desk)
    ours = await desk.item()
    data = csv("条码,日期", "ZJT0001,2026-11-20", "ZJT0002,2026-11-21", f"{ours},2026-11-21", "QQ1,2026-11-21", "ZJT0003,2027-01-01")
    before = await desk.rows("SELECT count(*) FROM outbox")
    foreseen = await told(desk, data, Subject.foreign, do=False)
    assert foreseen == {"new": 2, "refused": 3}
    assert await desk.rows("SELECT (SELECT count(*) FROM union_box), (SELECT count(*) FROM union_box_item)") == [(0, 0)]
    assert await desk.rows("SELECT count(*) FROM outbox") == before
    assert await told(desk, data, Subject.foreign) == foreseen
    assert await desk.rows("SELECT returned_on::text FROM union_box_item ORDER BY barcode") == [("2026-11-20",), ("2026-11-21",)]
    ((number,),) = await desk.rows("SELECT number FROM union_box")  # the dry run used no number up
    assert number == "ZX2026-0001"
    for _again in range(2):
        assert await told(desk, data, Subject.foreign) == {"same": 2, "refused": 3}
        await desk.do(commands.send, number=number, carrier="赵") if _again == 0 else None
    await desk.do(commands.received, number=number, signed_by="王")
    assert await told(desk, data, Subject.foreign) == {"same": 2, "refused": 3}  # even when it is home again
    notes = await desk.rows("SELECT notes->0->>'code' FROM union_file_row WHERE fate = 'refused' ORDER BY id LIMIT 3")
    assert [n for (n,) in notes] == ["union.own-item", "union.unknown-barcode", "union.return-date"]
    with pytest.raises(Refusal):
        await desk.do(taking.apply, number="GW2026-0001") if await desk.do(taking.drop, number="GW2026-0001") else None


async def test_cards_of_a_member_borrow_here_without_a_deposit_of_ours(desk) -> None:
    await city(desk)
    await desk.do(lending.issue, **READER)
    data = csv("证号,姓名,有效期,状态", "C1,王一,2027-12-31,正常", "C2,王二,2027-12-31,挂失", "C3,王三,,注销", "U001,李晓,,正常")
    with pytest.raises(NotAllowed):
        await told(desk, data, Subject.cards)
    assert await told(desk, data, Subject.cards, HEAD) == {"new": 2, "same": 1, "refused": 1}
    assert (await desk.find_patron("C2")).state is CardState.loss_blocked
    await desk.lend("C1", await desk.item())
    assert await told(desk, data, Subject.cards, HEAD) == {"same": 3, "refused": 1}
    later = csv("证号,姓名,状态", "C1,王一一,正常", "C2,王二,注销")
    assert await told(desk, later, Subject.cards, HEAD) == {"new": 2}
    assert ((await desk.find_patron("C1")).name, (await desk.find_patron("C2")).state) == ("王一一", CardState.closed)
    assert await told(desk, csv("证号,姓名,状态", "C1,王一一,注销"), Subject.cards, HEAD) == {"refused": 1}  # a book is out
    assert await desk.rows("SELECT count(*) FROM union_card WHERE NOT ours") == [(2,)]


async def test_arrivals_loans_and_returns_of_ours_come_by_file_once(desk) -> None:
    await union(desk)
    barcode, _hold = await on_the_way(desk)
    arrived = csv("条码", barcode, "A999999")
    box, _m, _again = await desk.do(commands.scan_in, barcode=barcode)
    await desk.do(commands.send, number=box.number, carrier="赵")
    assert await told(desk, arrived, Subject.arrivals) == {"new": 1, "refused": 1}
    assert len(await desk.said("reader.hold.ready")) == 1
    assert await told(desk, arrived, Subject.arrivals) == {"same": 1, "refused": 1}
    lent = csv("证号,条码,借出日期", f"U001,{barcode},2026-11-23", f"U009,{barcode},2026-11-23")
    assert await told(desk, lent, Subject.loans) == {"new": 1, "refused": 1}
    assert await told(desk, lent, Subject.loans) == {"same": 1, "refused": 1}
    desk.days_later(5)
    back = csv("条码,归还日期", f"{barcode},2026-11-26")
    assert await told(desk, back, Subject.home) == {"new": 1}
    assert await told(desk, back, Subject.home) == {"same": 1}
    assert (await desk.find_patron("U001")).open_loans == 0
    assert len(await desk.said("reader.union-file.applied")) == 6


@pytest.fixture
async def app(database, desk, tmp_path) -> AsyncIterator[object]:
    desk.now = datetime.now(UTC)
    async with opened(service, database("reader"), tmp_path) as made:
        yield made


async def test_the_screens_from_member_to_settlement(app, desk) -> None:
    form = {"code": "zjt", "name": "镇江市图书馆", "short": "市图", "pattern": "ZJT####", "rate": "0.50", "compensation": "30", "active": "true", "pickup": "true"}
    async with client(app, CLERK) as web:
        assert (await web.post("/reader/union/members", data=form)).status_code == 403
    async with client(app, OUTSIDER) as web:
        for path in ("", "/cards", "/settlements", "/members", "/files", "/statistics"):
            assert (await web.get(f"/reader/union{path}")).status_code == 403
    async with client(app, HEAD) as web:
        assert (await web.get("/reader/union/members/new")).status_code == 200
        wrong = await web.post("/reader/union/members", data={**form, "rate": "x"})
        assert (wrong.status_code, "镇江市图书馆" in wrong.text) == (422, True)
        assert (await web.post("/reader/union/members", data=form)).status_code == 303
        assert (await web.post("/reader/union/members", data=form)).status_code == 422  # the code is taken
        assert 'value="0.50"' in (await web.get("/reader/union/members/ZJT")).text
        again = {**form, "name": "市图书馆新馆", "rate": "", "compensation": ""}
        assert (await web.post("/reader/union/members/ZJT", data=again)).status_code == 303
        assert await desk.rows("SELECT name, rate_fen, compensation_fen, point FROM union_member") == [("市图书馆新馆", 50, 3000, "U-ZJT")]
    async with client(app, CLERK) as web:
        for path in ("", "/cards", "/settlements", "/members", "/files", "/statistics", "/cards/new", "/cards?q=U"):
            assert (await web.get(f"/reader/union{path}")).status_code == 200
        unknown = await web.post("/reader/union/foreign", data={"barcode": "A777777"})
        assert (unknown.status_code, 'value="A777777"' in unknown.text) == (404, True)
        home = await web.post("/reader/union/home", data={"member": "ZJT", "barcode": "A777777", "returned_on": "2026-01-01"})
        assert (home.status_code, 'value="A777777"' in home.text) == (404, True)
        assert (await web.post("/reader/union/foreign", data={"barcode": "ZJT0001"})).status_code == 303
        number = (await desk.rows("SELECT number FROM union_box"))[0][0]
        assert "ZJT0001" in (await web.get(f"/reader/union/boxes/{number}")).text
        assert (await web.post(f"/reader/union/boxes/{number}/send", data={"carrier": "赵"})).status_code == 303
        assert (await web.post(f"/reader/union/boxes/{number}/received", data={"signed_by": "王"})).status_code == 303
        until = f"{desk.now.year + 1}-06-30"
        card = {"card": "u001", "name": "李晓", "member": "ZJT", "document": "id_card", "last4": "123X", "valid_to": until, "method": "cash"}
        bad = await web.post("/reader/union/cards", data={**card, "last4": "1", "email": "a@b.cn"})
        assert (bad.status_code, "李晓" in bad.text, "a@b.cn" in bad.text) == (422, True, True)
        worse = await web.post("/reader/union/cards", data={"name": "李晓", "valid_to": "soon"})
        assert (worse.status_code, worse.text.count("field-error") >= 5) == (422, True)
        made = await web.post("/reader/union/cards", data=card)
        assert "100.00" in (await web.get(made.headers["location"])).text
        assert (await web.post("/reader/union/cards/U001/renew", data={"valid_to": f"{desk.now.year + 2}-06-30"})).status_code == 303
        assert (await web.post("/reader/union/cards/U001/ask-refund")).status_code == 303
        assert (await web.post("/reader/union/cards/U001/approve-refund")).status_code == 403
        assert "待审批退押金" in (await web.get("/reader/union/cards")).text
        assert (await web.post("/reader/union/settlements", data={"month": "soon"})).status_code == 422
        whole = await web.post("/reader/union/settlements", data={"month": f"{desk.now.year - 1}-12"})
        assert "市图" in (await web.get(whole.headers["location"])).text
        sheet = load_workbook(io.BytesIO((await web.get(f"{whole.headers['location']}/export.xlsx")).content)).active
        assert [row[0].value for row in sheet.iter_rows(min_row=2)] == ["市图书馆新馆", "合计"]
        page = "/reader/union/settlements/" + (await desk.rows("SELECT number FROM union_settlement"))[0][0]
        assert (await web.post(f"{page}/lines", data={"kind": "lost_theirs", "quantity": "2"})).status_code == 303
        assert "-60.00" in (await web.get(page)).text.replace("−", "-").replace("¥", "")
        sheet = load_workbook(io.BytesIO((await web.get(f"{page}/export.xlsx")).content)).active
        assert [row[3].value for row in sheet.iter_rows(min_row=2)][-1] == -60
        line = (await desk.rows("SELECT id FROM union_settlement_line WHERE kind = 'debts'"))[0][0]
        assert (await web.get(f"{page}/lines/{line}")).status_code == 200
    async with client(app, COLLEAGUE) as web:
        assert (await web.post(f"{page}/check")).status_code == 303
    async with client(app, HEAD) as web:
        assert (await web.post("/reader/union/cards/U001/approve-refund")).status_code == 303
        assert (await web.post(f"{page}/close")).status_code == 303
        assert (await web.post(f"{page}/correct", data={"yuan": "-1.20", "note": "多计"})).status_code == 409
        assert "写入更正" in (await web.get(page)).text


async def test_a_file_is_handed_in_looked_at_and_applied_on_screen(app, desk) -> None:
    await city(desk)
    day = f"{desk.today - timedelta(days=1):%Y-%m-%d}"
    body = {"member": "ZJT", "subject": "foreign"}
    async with client(app, CLERK) as web:
        nothing = await web.post("/reader/union/files", data=body)
        assert (nothing.status_code, "请选择文件" in nothing.text, re.search('value="ZJT"[^>]* selected', nothing.text) is not None) == (422, True, True)
        sent = await web.post("/reader/union/files", data=body, files={"file": ("十一月.csv", csv("条码,日期", f"ZJT0001,{day}", f"QQ1,{day}"))})
        page = sent.headers["location"]
        shown = (await web.get(page)).text
        assert ("试算" in shown, "QQ1" in shown) == (True, True)
        assert (await web.post(f"{page}/apply")).status_code == 303
        assert (await web.post(f"{page}/apply")).status_code == 409
        report = load_workbook(io.BytesIO((await web.get(f"{page}/report.xlsx")).content)).active
        assert [row[2].value for row in report.iter_rows(min_row=2)] == ["登记", "拒绝"]
        assert "十一月.csv" in (await web.get("/reader/union/files")).text


async def test_programs_do_all_of_it_with_the_same_rights(app, desk) -> None:
    await desk.do(points.save, HEAD, code="MAIN", name="总服务台", main=True, new=True)
    member = {"name": CITY["name"], "short": "市图", "pattern": "ZJT####", "rate_cents": 50, "compensation_cents": 3000, "active": True, "pickup": True}
    async with client(app, OUTSIDER) as api:
        for path in ("/members", "/boxes", "/cards", "/settlements", "/files", "/statistics?month=2026-01"):
            assert (await api.get(API + path)).status_code == 403, path
    async with client(app, HEAD) as api:
        saved = (await api.put(f"{API}/members/ZJT", json=member)).json()
        assert (saved["rate_cents"], saved["pickup_point"]) == (50, "U-ZJT")
        kept = (await api.put(f"{API}/members/ZJT", json={"name": "市图书馆", "short": "市图"})).json()
        assert {k: kept[k] for k in ("name", "rate_cents", "pattern", "pickup_point")} == {
            "name": "市图书馆", "rate_cents": 50, "pattern": "ZJT####", "pickup_point": "U-ZJT"}
    until = f"{desk.today + timedelta(days=300):%Y-%m-%d}"
    async with client(app, CLERK) as api:
        assert (await api.put(f"{API}/members/ZJT", json=member)).status_code == 403
        box = (await api.post(f"{API}/scans", json={"barcode": "zjt0001"})).json()
        assert (box["member"], box["already_there"]) == ("ZJT", False)
        assert (await api.post(f"{API}/scans", json={"barcode": "zjt0001"})).json()["already_there"] is True
        assert (await api.delete(f"{API}/boxes/{box['box']}/items/ZJT0001")).json()["total"] == 0
        assert (await api.post(f"{API}/boxes/{box['box']}/send", json={"name": "赵"})).json()["code"] == "union.empty-box"
        await api.post(f"{API}/scans", json={"barcode": "zjt0001"})
        assert (await api.post(f"{API}/boxes/{box['box']}/send", json={"name": "赵"})).json()["state"] == "sent"
        assert (await api.post(f"{API}/boxes/{box['box']}/receive", json={"name": "王"})).json()["items"][0]["home"] is True
        card = {"card": "u001", "name": "李晓", "member": "ZJT", "document": "id_card", "last4": "123X", "valid_to": until}
        assert (await api.post(f"{API}/cards", json={**card, "document": "none"})).status_code == 422
        made = (await api.post(f"{API}/cards", json=card)).json()
        assert (made["stage"], made["deposit_cents"], len(made["deposits"])) == ("held", 10000, 1)
        assert (await api.get(f"{API}/cards")).json()["held_cents"] == 10000
        assert (await api.post(f"{API}/cards/U001/renew", json={"valid_to": "2020-01-01"})).status_code == 422
        assert (await api.post(f"{API}/cards/U001/refund/ask")).json()["stage"] == "asked"
        assert (await api.post(f"{API}/cards/U001/refund/approve")).status_code == 403
        assert (await api.post(f"{API}/cards/U001/refund/refuse", json={"reason": "改主意"})).json()["stage"] == "held"
        away = await desk.item()
        await desk.lend("U001", away)
        home = (await api.post(f"{API}/home", json={"member": "zjt", "barcode": away, "returned_on": f"{desk.today:%Y-%m-%d}"})).json()
        assert (home["barcode"], home["fine_cents"]) == (away, 0)
        month = f"{desk.now.year - 1}-12"
        made = (await api.post(f"{API}/settlements", json={"month": month})).json()
        number = made["items"][0]["number"]
        assert (await api.post(f"{API}/settlements", json={"month": month, "member": "ZJT"})).status_code == 409
        assert (await api.post(f"{API}/settlements", json={"month": "2026-13"})).status_code == 422
        lines = (await api.post(f"{API}/settlements/{number}/lines", json={"kind": "loans_there", "quantity": 3})).json()
        assert lines["amount_cents"] == -150
        by_hand = next(one["id"] for one in lines["lines"] if not one["counted"])
        assert (await api.delete(f"{API}/settlements/{number}/lines/{by_hand}")).json()["amount_cents"] == 0
        assert (await api.post(f"{API}/settlements/{number}/recount")).json()["state"] == "draft"
        assert (await api.post(f"{API}/settlements/{number}/check")).json()["code"] == "same-person"
        assert (await api.post(f"{API}/settlements/{number}/close")).status_code == 403
        stats = (await api.get(f"{API}/statistics?month={desk.today:%Y-%m}")).json()
        assert set(stats["members"]["ZJT"]) == {kind.value for kind in LineKind} - {"loans_there", "lost_ours", "lost_theirs", "correction"}
    async with client(app, COLLEAGUE) as api:
        assert (await api.post(f"{API}/settlements/{number}/check")).json()["state"] == "checked"
        assert (await api.post(f"{API}/settlements/{number}/back")).json()["state"] == "draft"
        assert (await api.post(f"{API}/settlements/{number}/check")).json()["state"] == "checked"
    async with client(app, HEAD) as api:
        assert (await api.post(f"{API}/settlements/{number}/close")).json()["state"] == "closed"
        assert (await api.post(f"{API}/settlements/{number}/correct", json={"amount_cents": 50, "note": "少计"})).json()["code"] == "union.no-draft"
        day = f"{desk.today - timedelta(days=1):%Y-%m-%d}"
        file = (await api.post(f"{API}/files", data={"member": "ZJT", "subject": "foreign"}, files={"file": ("x.csv", csv("条码,日期", f"ZJT0044,{day}", f"QQ,{day}"))})).json()
        assert [(one["fate"], len(one["reasons"])) for one in file["items"]] == [("new", 0), ("refused", 1)]
        assert (await api.post(f"{API}/files/{file['number']}/apply")).json()["counts"] == {"new": 1, "refused": 1}
        assert (await api.post(f"{API}/files/{file['number']}/drop")).status_code == 409
        paths = app.openapi()["paths"]
        ours = {path: verbs for path, verbs in paths.items() if path.startswith(API)}
        assert len(ours) >= 20
        assert all(verb.get("description") for verbs in ours.values() for verb in verbs.values())
