"""A supplier's list is read whatever it looks like, looked up in one go, chosen, and confirmed by somebody else.

covers: RES-ACQ-01 RES-ACQ-02
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import httpx
import pymarc
import pytest
from openpyxl import Workbook

from services.resources.acquiring.desiderata import commands as desiderata
from services.resources.acquiring.desiderata.model import Origin
from services.resources.acquiring.selections import commands, rules
from services.resources.acquiring.selections.model import Decision
from services.resources.acquiring.selections.reading import table_of
from shared.events.reader import SuggestionSubmitted
from shared.identity import Actor
from shared.testing.registers import han_in
from tests.resources.conftest import CATALOGUER, House

BUYER = Actor("S011", "韩采访", posts=("RES-ACQ",), dept="resources")
OTHER = Actor("S012", "周采访", posts=("RES-ACQ",), dept="resources")
HELD, COMING, ASKED, NEW = "9787020002207", "9787561722367", "9787208061644", "9787100017534"


def sheet(rows: list[list[Any]], path: Path) -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    book.save(path)
    return path


def marc(path: Path, isbn: str, *, barcode: str = "") -> Path:
    record = pymarc.Record(force_utf8=True)
    record.leader = pymarc.Leader("00000nam a2200000   4500")
    for tag, pairs in (
        ("020", (("a", isbn),)), ("245", (("a", "红楼梦研究"), ("c", "俞平伯著"))), ("260", (("b", "人民文学出版社"), ("c", "1988"))),
        *((("852", (("b", "sk-2f"), ("p", barcode))),) if barcode else ()),
    ):
        record.add_field(pymarc.Field(tag, indicators=["1", "0"], subfields=[pymarc.Subfield(c, v) for c, v in pairs]))
    path.write_bytes(record.as_marc())
    return path


async def upload(house: House, path: Path) -> str:
    async with house.work(BUYER) as work:
        return (await commands.upload(work, path, name=path.name, supplier="某书店")).no


async def get(house: House, url: str, actor: Actor = BUYER, lang: str = "zh") -> httpx.Response:
    async with house.client(actor, lang) as client:
        return await client.get(url)


async def send(house: House, url: str, actor: Actor = BUYER, **body: Any) -> httpx.Response:
    async with house.client(actor) as client:
        return await client.post(url, **body)


OFFER = [
    ["某某书店 2026 年 11 月新书目录"],
    ["序号", "书名", "作者", "出版社", "出版时间", "国际标准书号(ISBN)", "定价"],
    [1, "红楼梦研究", "俞平伯", "人民文学", "1988.5", HELD, "¥20.00"],
    [2, "文学理论", "韦勒克", "三联", "2005-08", int(COMING), 35],
    [3, "旧制度与大革命", "托克维尔", "商务", "2012", ASKED, "约28"],
    [4, "世界史纲", "威尔斯", "商务", "1997", "7-100-01753-X", "59.70元"],
    [5, "世界史纲", "威尔斯", "商务", "1997", NEW, "59.70元"],
    [6, "", "无名", "", "", "123", ""],
]


async def offered(house: House, tmp_path: Path) -> str:
    """A house that holds one of the titles, awaits one, and has readers who ask for one."""
    await house.place()
    job = await house.read(marc(tmp_path / "held.mrc", HELD, barcode="A000001"), location="sk-2f")
    assert job.added == 1
    async with house.work(BUYER) as work:
        await desiderata.want(work, title="文学理论", isbn=COMING, origin=Origin.librarian)
    await house.heed(SuggestionSubmitted(number="JY1", card="2023", title="旧制度与大革命", isbn=ASKED))
    return await upload(house, sheet(OFFER, tmp_path / "offer.xlsx"))


async def test_a_list_goes_from_file_to_wanted_titles_by_two_people(house: House, tmp_path: Path) -> None:
    number = await offered(house, tmp_path)
    url = f"/api/resources/selections/{number}"
    begun = (await get(house, url)).json()
    assert begun["mapping"] == {"title": 1, "author": 2, "publisher": 3, "year": 4, "isbn": 5, "price": 6}
    columns = await get(house, f"/resources/selections/{number}/columns")
    assert "旧制度与大革命" in columns.text
    assert (await send(house, f"{url}/columns", json=begun["mapping"])).json()["state"] == "choosing"
    rows = (await get(house, f"{url}/rows")).json()["items"]
    assert [row["verdict"] for row in rows[:4]] == ["held", "coming", "suggested", "new"]
    assert [(row["isbn"], row["price_cents"], row["year"]) for row in rows[3:4]] == [(NEW, 5970, "1997")]
    assert [row["same_row"] for row in rows] == [0, 0, 0, 0, 4, 0]
    assert ("单价看不懂" in rows[2]["error"], "没有题名" in rows[5]["error"]) == (True, True)
    assert [row["decision"] for row in rows] == ["open", "open", "open", "open", "leave", "leave"]
    # What has no title is never taken, whoever picks it.
    taken = await send(house, f"{url}/decide", json={"ids": [rows[2]["id"], rows[3]["id"], rows[5]["id"]], "decision": "take", "copies": 2})
    assert taken.json() == {"decided": 2}
    assert (await send(house, f"{url}/submit")).json()["code"] == "selection-undecided"
    assert (await send(house, f"{url}/submit?rest=true")).json()["taken"] == 2
    assert (await send(house, f"{url}/confirm")).json()["code"] == "selection-same-person"
    assert (await send(house, f"{url}/confirm", OTHER)).json()["wanted"] == 2
    wanted = await house.rows("SELECT title, copies, price_cents FROM desideratum WHERE origin_no = :n ORDER BY no", n=number)
    assert [tuple(row) for row in wanted] == [("旧制度与大革命", 2, 0), ("世界史纲", 2, 5970)]
    # The reader who asked for one of them hears that it will come.
    answers = [fact for _name, fact in await house.said("resources.suggestion.decided")]
    assert [(a["wishes"], a["decision"]) for a in answers] == [(["JY1"], "accepted")]
    assert (await send(house, f"{url}/confirm", OTHER)).status_code == 409


async def test_choosing_on_the_screen_in_both_languages_and_what_came_meanwhile_is_left_out(house: House, tmp_path: Path) -> None:
    number = await offered(house, tmp_path)
    here = f"/resources/selections/{number}"
    wrong = await send(house, f"{here}/columns", data={"title": ""})
    assert wrong.status_code == 422
    assert (await send(house, f"{here}/columns", data={"title": "1", "author": "2", "isbn": "5"})).status_code == 303
    assert (await send(house, f"{here}/decide", data={"all": "1", "verdict": "new", "word": "take"})).status_code == 303
    for lang in ("zh", "en"):
        for path in ("/resources/selections", here, f"{here}?verdict=new&sort=-title&q=世界", "/resources/selections/new"):
            page = await get(house, path, lang=lang)
            assert page.status_code == 200, page.text[:500]
            assert lang == "zh" or not han_in(page.text), (path, han_in(page.text))
    assert [tuple(r) for r in await house.rows("SELECT number FROM selection_row WHERE decision = 'take'")] == [(4,)]
    async with house.work(OTHER) as work:  # another list was quicker
        await desiderata.want(work, title="世界史纲", isbn=NEW, origin=Origin.selection)
    assert (await send(house, f"{here}/submit", data={"rest": "1"})).status_code == 303
    assert (await get(house, here, OTHER)).text.count(f"{here}/confirm") == 1
    assert f"{here}/confirm" not in (await get(house, here)).text
    assert (await send(house, f"{here}/send-back", OTHER, data={"note": "再看"})).status_code == 303
    assert "再看" in (await get(house, here)).text
    assert (await send(house, f"{here}/submit", data={})).status_code == 303
    assert (await send(house, f"{here}/confirm", OTHER)).status_code == 303
    rows = await house.rows("SELECT title_no, note <> '' FROM selection_row WHERE verdict = 'coming' ORDER BY number")
    assert [tuple(row) for row in rows] == [("", False), ("", True)]
    assert (await send(house, "/resources/selections", CATALOGUER, data={})).status_code == 403


async def test_five_thousand_rows_are_looked_up_together(house: House, tmp_path: Path) -> None:
    from sqlalchemy import event

    path = tmp_path / "long.csv"
    path.write_bytes("\n".join(["书名\t作者\t定价", *(f"书 {n}\t作者 {n}\t{n}.5" for n in range(5000))]).encode("gb18030"))
    asked: list[str] = []
    engine = house.kit.engine.sync_engine
    event.listen(engine, "before_cursor_execute", lambda _c, _k, sql, *_rest: asked.append(sql))
    number = await upload(house, path)
    assert len(asked) < 60, len(asked)
    async with house.work(BUYER) as work:
        await commands.remap(work, number, mapping={"title": 0, "author": 1, "price": 2})
        assert await commands.decide(work, number, decision=Decision.leave, asked={"q": "书 49"}) == 111
    last = (await get(house, f"/resources/selections/{number}?page=100")).text
    assert "书 4999" in last


def test_files_are_read_whatever_they_are_and_nonsense_is_refused(tmp_path: Path) -> None:
    read = table_of(marc(tmp_path / "a.mrc", HELD), "a.mrc")
    assert (read.marc, read.rows[0][0], read.rows[0][4]) == (True, "红楼梦研究", HELD)
    for name, data in (("empty.csv", b""), ("heads.csv", "书名,作者".encode()), ("no.xlsx", b"PK nonsense"), ("no.mrc", b"nothing at all")):
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(rules.Unreadable):
            table_of(path, name)
    book = io.BytesIO()
    Workbook().save(book)
    (tmp_path / "blank.xlsx").write_bytes(book.getvalue())
    with pytest.raises(rules.Unreadable):
        table_of(tmp_path / "blank.xlsx", "blank.xlsx")


def test_columns_are_known_by_many_names() -> None:
    assert rules.guess(["ISBN号", "正题名", "第一责任者", "出版者", "出版日期", "价格", "中图分类号"]) == {
        "isbn": 0, "title": 1, "author": 2, "publisher": 3, "year": 4, "price": 5, "subject": 6,
    }
    with pytest.raises(rules.NoTitles):
        rules.checked_mapping({"title": "9"}, 3)
