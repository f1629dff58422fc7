"""Orientation results as a list, single grants and withdrawals, who has not passed. covers: RDR-LED-FRD-03, RDR-DSK-BAS-04"""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from datetime import date

import pytest
from openpyxl import Workbook, load_workbook

from services.reader.app import service
from services.reader.desk.circulation.rules import LoanRefused
from services.reader.desk.passes import commands, rules
from services.reader.desk.passes.model import Fate
from services.reader.desk.patrons import commands as patrons
from services.reader.desk.patrons.model import Category
from shared.identity import Actor
from shared.refusals import Invalid, NotAllowed
from shared.states import NotFromHere
from tests.reader.desk.conftest import CLERK, HEAD
from tests.support.departments import client, opened

HEADS = "学工号,姓名,考试日期,成绩"


def sheet(*lines: str) -> bytes:
    return "\n".join((HEADS, *lines)).encode()


async def look(desk, data: bytes, actor=HEAD):
    return await desk.do(commands.look, actor, source=io.BytesIO(data), name="9月.csv")


async def fresh(desk, **facts) -> str:
    return await desk.patron(oriented=False, **facts)


async def fates(desk, number: str) -> list[tuple[int, str]]:
    return [tuple(row) for row in await desk.rows(
        "SELECT line, fate FROM pass_row r JOIN pass_list f ON f.id = r.list_id WHERE f.number = :n ORDER BY line", n=number
    )]


async def test_a_list_is_looked_at_first_and_opens_borrowing_the_same_day(desk) -> None:
    good, low, late, barcode = await fresh(desk), await fresh(desk), await fresh(desk), await desk.item()
    staff, passed = await desk.patron(Category.staff), await desk.patron()
    found = await look(desk, sheet(
        f"{good},张雨桐,2026-09-10,92.5", f"{low},张雨桐,2026/9/10,79", f"{staff},,20260910,100", f"{passed},,2026-09-10,88",
        "nobody1,,2026-09-10,90", f"{late},张雨桐,2027-01-01,90", f"{late},李思远,2026-09-10,90", f"{late},,九月,90",
        f"{late},,2026-09-10,优", f"{late},,2026-09-10,101", f"{good},,2026-09-11,95", "bad card!,,2026-09-10,90",
    ))
    assert await fates(desk, found.number) == [
        (2, "passes"), (3, "below"), (4, "exempt"), (5, "already"), (6, "refused"), (7, "refused"), (8, "refused"),
        (9, "refused"), (10, "refused"), (11, "refused"), (12, "already"), (13, "refused"),
    ]
    notes = await desk.rows("SELECT note FROM pass_row WHERE fate = 'refused' ORDER BY line")
    assert len({row[0] for row in notes}) == len(notes) == 7  # every fault has a sentence of its own
    with pytest.raises(LoanRefused):
        await desk.lend(good, barcode)
    done = await desk.do(commands.apply, HEAD, number=found.number)
    assert done.counts == {"passes": 1, "below": 1, "exempt": 1, "already": 2, "refused": 7}
    await desk.lend(good, barcode)
    row = (await desk.rows("SELECT way, passed_on, score, list_number FROM orientation_pass"))[0]
    assert tuple(row) == ("list", date(2026, 9, 10), 92.5, found.number)
    assert [p["card"] for _n, p, _c in await desk.said("reader.orientation.passed")] == [good]
    assert [tuple(r) for r in await desk.rows("SELECT hook, state FROM notice WHERE hook = 'orientation_passed'")] == [
        ("orientation_passed", "queued")
    ]


async def test_the_same_list_again_and_two_heads_at_once_change_nobody_twice(desk) -> None:
    cards = [await fresh(desk) for _ in range(5)]
    data = sheet(*(f"{card},,2026-09-10,90" for card in cards))
    one, two = await look(desk, data), await look(desk, data)
    await asyncio.gather(*(desk.do(commands.apply, HEAD, number=each.number) for each in (one, two)))
    assert (await desk.rows("SELECT count(*), count(DISTINCT patron_id) FROM orientation_pass"))[0] == (5, 5)
    assert len(await desk.said("reader.orientation.passed")) == 5
    counts = [row[0] for row in await desk.rows("SELECT counts FROM pass_list")]
    assert sorted(counts, key=str) == [{"already": 5}, {"passes": 5}]
    again = await look(desk, data)
    assert again.counts == {"already": 5}
    with pytest.raises(NotFromHere):
        await desk.do(commands.apply, HEAD, number=one.number)


async def test_what_changed_since_the_look_is_seen_and_a_list_can_be_put_away(desk) -> None:
    gone, quick = await fresh(desk), await fresh(desk)
    found = await look(desk, sheet(f"{gone},,2026-09-10,90", f"{quick},,2026-09-10,90"))
    await desk.do(patrons.change_card, card=gone, action="close", reason="退学")
    await desk.do(commands.grant, card=quick, reason="已参观讲解")
    done = await desk.do(commands.apply, HEAD, number=found.number)
    assert done.counts == {"refused": 1, "already": 1}
    other = await look(desk, sheet(f"{quick},,2026-09-10,90"))
    assert (await desk.do(commands.drop, HEAD, number=other.number)).state.value == "dropped"


async def test_the_mark_is_a_setting_and_holds_for_lists_to_come(desk) -> None:
    card = await fresh(desk)
    before = await look(desk, sheet(f"{card},,2026-09-10,70"))
    await desk.do(commands.set_mark, HEAD, mark=60)
    after = await look(desk, sheet(f"{card},,2026-09-10,70"))
    assert (before.mark, before.counts, after.mark, after.counts) == (80, {"below": 1}, 60, {"passes": 1})
    assert (await desk.do(commands.apply, HEAD, number=before.number)).counts == {"below": 1}
    assert not (await desk.find_patron(card)).oriented
    for wrong in (0, 101):
        with pytest.raises(Invalid):
            await desk.do(commands.set_mark, HEAD, mark=wrong)


async def test_a_pass_is_granted_and_withdrawn_with_a_reason_and_both_stay_written(desk) -> None:
    card, out, barcode = await fresh(desk), await desk.item(), await desk.item()
    with pytest.raises(Invalid):
        await desk.do(commands.grant, card=card, reason=" ")
    await desk.do(commands.grant, card=card, reason="班级参观讲解")
    await desk.lend(card, out)
    with pytest.raises(NotAllowed):
        await desk.do(commands.withdraw, CLERK, card=card, reason="考试作弊")
    await desk.do(commands.withdraw, HEAD, card=card, reason="考试作弊")
    with pytest.raises(LoanRefused):
        await desk.lend(card, barcode)
    with pytest.raises(rules.NothingToWithdraw):
        await desk.do(commands.withdraw, HEAD, card=card, reason="考试作弊")
    await desk.do(commands.grant, card=card, reason="重考通过")
    rows = await desk.rows("SELECT reason, withdrawn_why, withdrawn_by FROM orientation_pass ORDER BY at, id")
    assert [tuple(row) for row in rows] == [("班级参观讲解", "考试作弊", HEAD.id), ("重考通过", "", "")]
    assert [n for n, _p, _c in await desk.said() if "orientation" in n] == [
        "reader.orientation.passed", "reader.orientation.withdrawn", "reader.orientation.passed"
    ]


async def test_lists_and_batches_are_for_heads_and_nothing_is_for_patrons(desk) -> None:
    card = await fresh(desk)
    with pytest.raises(NotAllowed):
        await look(desk, sheet(f"{card},,2026-09-10,90"), CLERK)
    with pytest.raises(NotAllowed):
        await desk.do(commands.grant, Actor(id=card, kind="patron", card=card), card=card, reason="我考过了")
    with pytest.raises(NotAllowed):
        await desk.do(commands.grant_many, CLERK, cards=[card], reason="全班")
    with pytest.raises(Invalid):
        await desk.do(commands.grant_many, HEAD, cards=[], reason="全班")


@pytest.fixture
async def app(database, desk, tmp_path) -> AsyncIterator[object]:
    async with opened(service, database("reader"), tmp_path) as made:
        yield made


def book_of(*rows: list[object]) -> bytes:
    book, buffer = Workbook(), io.BytesIO()
    book.active.append(["card", "date", "score"])
    for row in rows:
        book.active.append(row)
    book.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_from_the_workbook_to_the_list_of_those_who_have_not_passed(app, desk, lang) -> None:
    passing, missing, single = await fresh(desk, college="医学院"), await fresh(desk, college="文学院"), await fresh(desk)
    at = "/reader/orientation-passes"
    async with client(app, HEAD, cookie=f"lang={lang}") as head:
        assert (await head.get(at + "/lists")).status_code == 200
        broken = await head.post(at + "/lists", files={"file": ("x.csv", b"a,b\n1,2", "text/csv")})
        assert (broken.status_code, "学工号" in broken.text) == (422, True)
        assert (await head.post(at + "/lists", data={})).status_code == 422
        data = book_of([passing, date(2026, 9, 10), 85], [missing, date(2026, 9, 10), 12.5], ["zz", "x", "y"])
        made = await head.post(at + "/lists", files={"file": ("9月.xlsx", data, "application/x")})
        url = made.headers["location"]
        for more in ("", "?fate=refused", "?page=2", "?fate=no"):
            assert (await head.get(url + more)).status_code == 200
        assert (await head.post(url + "/apply")).status_code == 303
        assert (await head.post(url + "/apply")).status_code == 409
        shown = (await head.get(at)).text
        assert passing not in shown
        assert missing in shown
        assert single not in (await head.get(at + "?college=文学院")).text
        assert (await head.get(at + "?q=nobody")).status_code == 200
        assert (await head.post(at + "/mark", data={"mark": "75"})).status_code == 303
        assert (await head.post(at + "/mark", data={"mark": "700"})).status_code == 422
        # Files are masked unless a head says why.
        masked = load_workbook(io.BytesIO((await head.get(at + "/missing.xlsx")).content)).active
        assert missing not in {str(cell.value) for row in masked.iter_rows() for cell in row}
        assert (await head.post(at + "/missing.xlsx", data={"reason": ""})).status_code == 422
        full = await head.post(at + "/missing.xlsx", data={"reason": "发学院辅导员催考"})
        whole = load_workbook(io.BytesIO(full.content)).active
        assert missing in {str(cell.value) for row in whole.iter_rows() for cell in row}
        assert (await head.get(url + "/report.xlsx")).content[:2] == b"PK"
        assert (await head.post(url + "/report.xlsx", data={"reason": "交教务处存档"})).content[:2] == b"PK"
        looks = (await head.get("/reader/privacy")).text
        assert all(word in looks for word in ("发学院辅导员催考", "交教务处存档"))
        assert (await head.post(at + "/grant", data={"ids": [missing], "reason": "班级参观讲解"})).status_code == 303
        assert (await desk.find_patron(missing)).oriented
        assert (await head.post(f"/reader/patrons/{missing}/orientation/withdraw", data={"reason": "登记错人"})).status_code == 303
        assert (await head.get(f"/reader/patrons/{passing}")).status_code == 200
    async with client(app, CLERK, cookie=f"lang={lang}") as clerk:
        assert (await clerk.get(at)).status_code == 200
        assert (await clerk.get(at + "/missing.xlsx")).status_code == 200
        for method, url in (
            ("GET", at + "/lists"), ("POST", at + "/grant"), ("POST", at + "/mark"), ("POST", at + "/missing.xlsx"),
            ("POST", f"/reader/patrons/{passing}/orientation/withdraw"),
        ):
            assert (await clerk.request(method, url, data={"reason": "为什么呢", "mark": "70"})).status_code == 403
        assert (await clerk.post(f"/reader/patrons/{single}/orientation", data={"reason": ""})).status_code == 422
        granted = await clerk.post(
            f"/reader/patrons/{single}/orientation", data={"reason": "补考通过", "passed_on": "2026-09-12"}
        )
        assert granted.status_code == 303


async def test_the_json_door_of_passes(app, desk) -> None:
    card, other = await fresh(desk), await fresh(desk, college="医学院")
    async with client(app, HEAD) as head:
        files = {"file": ("x.csv", sheet(f"{card},,2026-09-10,90"), "text/csv")}
        made = (await head.post("/api/reader/orientation/lists", files=files)).json()
        assert (made["counts"], made["mark"]) == ({"passes": 1}, 80)
        done = (await head.post(f"/api/reader/orientation/lists/{made['number']}/apply")).json()
        assert done["state"] == "applied"
        rows = (await head.get(f"/api/reader/orientation/lists/{made['number']}?fate=passes")).json()
        assert [(row["card"], row["score"]) for row in rows["items"]] == [(card, 90.0)]
        lost = await head.post(f"/api/reader/patrons/{card}/orientation", json={"passed": False, "reason": "登记错人"})
        assert (lost.json()["passed"], lost.json()["passes"][0]["withdrawn_why"]) == (False, "登记错人")
    async with client(app, CLERK) as clerk:
        missing = (await clerk.get("/api/reader/orientation/missing?college=医学院")).json()
        assert ([row["card"] for row in missing["items"]], missing["total"]) == ([other], 1)
        given = await clerk.post(f"/api/reader/patrons/{other}/orientation", json={"reason": "补考通过", "score": 81})
        assert (given.json()["passed"], given.json()["passes"][0]["score"]) == (True, 81.0)
        refused = await clerk.post(f"/api/reader/patrons/{other}/orientation", json={"passed": False, "reason": "登记错人"})
        assert refused.status_code == 403
        assert (await clerk.post("/api/reader/orientation/lists", files=files)).status_code == 403
        assert (await clerk.get("/api/reader/patrons/NOBODY/orientation")).status_code == 404
    async with client(app, Actor(id=card, kind="patron", card=card)) as me:
        assert (await me.get("/api/reader/orientation/missing")).status_code == 403


def test_every_fate_says_a_word_for_people() -> None:
    assert all(fate.text for fate in Fate)
