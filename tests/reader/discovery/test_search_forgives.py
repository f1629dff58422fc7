"""Typing slips, pinyin, field names and quotation marks: the box understands. covers: RDR-LED-FRD-01, RDR-DSK-BAS-02"""

from __future__ import annotations

import pytest

from services.reader.discovery.catalogue.asking import asked, terms
from services.reader.discovery.catalogue.prefixes import Field, read
from services.reader.discovery.catalogue.spelling import vocabulary
from shared.events.resources import RecordAdded, RecordChanged, RecordSuppressed
from tests.reader.discovery.conftest import Library


async def _shelf(library: Library) -> None:
    await library.book("红楼梦", authors=("曹雪芹",), publisher="人民文学出版社", subjects=("章回小说",), isbns=("9787020002207",))
    await library.book("会计学原理", authors=("王建国",), clc="F230", call_number="F230/7", year=2015)
    await library.book("活着", authors=("余华",), publisher="作家出版社", subjects=("长篇小说",), year=1993)
    await library.book("Pride and Prejudice", authors=("Austen, Jane, 1775-1817",), language="eng", call_number="I561/3", clc="I561")
    await library.book("History of philosophy", authors=("Russell, Bertrand",), language="eng", call_number="B1/2", clc="B1")


@pytest.mark.parametrize(("typed", "title"), [
    ("hongloumeng", "红楼梦"), ("hong lou meng", "红楼梦"), ("honglou", "红楼梦"), ("loumeng", "红楼梦"), ("hlm", "红楼梦"),
    ("kuaijixue", "会计学原理"), ("caoxueqin", "红楼梦"), ("yuhua", "活着"), ("紅樓夢", "红楼梦"), ("會計", "会计学原理"),
])
async def test_whole_pinyin_and_traditional_writing_find_a_title(library: Library, typed: str, title: str) -> None:
    await _shelf(library)
    assert await library.find(q=typed) == [title]


@pytest.mark.parametrize(("typed", "meant"), [
    ("红搂梦", "红楼梦"), ("红楼孟", "红楼梦"), ("honglomeng", "红楼梦"), ("会记学原理", "会计学原理"),
    ("Prejudise", "prejudice"), ("philosofy", "philosophy"), ("pride and prejudcie", "pride and prejudice"), ("Rusell", "russell"),
])
async def test_a_slip_is_answered_with_what_was_meant(library: Library, typed: str, meant: str) -> None:
    await _shelf(library)
    page = (await library.get("/reader/catalogue", params={"q": typed})).text
    assert f"您是不是要找“{meant}”" in page


async def test_a_suggestion_always_leads_to_something(library: Library) -> None:
    await library.book("红楼梦")
    book = await library.book("红楼宴")
    await library.heed(RecordSuppressed(instance_id=book.id, title="红楼宴", reason="剔除"))
    page = (await library.get("/reader/catalogue", params={"q": "红漏宴"})).text
    assert "您是不是要找“红楼宴”" not in page


@pytest.mark.parametrize(("typed", "titles"), [
    ("作者:余华", ["活着"]), ("作者：余华 题名：活着", ["活着"]), ("题名:余华", []), ("出版社:人民文学", ["红楼梦"]),
    ("主题:长篇小说", ["活着"]), ("ISBN:7-02-000220-X", ["红楼梦"]), ("isbn: 9787020002207", ["红楼梦"]),
    ("author:austen title:pride", ["Pride and Prejudice"]), ("索书号:F23", ["会计学原理"]),
    ("author:austen call:B", []), ("author:russell call:B1", ["History of philosophy"]), ("作者:", []),
])
async def test_names_of_fields_narrow_the_words_behind_them(library: Library, typed: str, titles: list[str]) -> None:
    await _shelf(library)
    found = await library.find(q=typed)
    assert found == titles


async def test_words_in_quotation_marks_stand_together(library: Library) -> None:
    await library.book("A history of modern science", language="eng")
    await library.book("Science and the history of modern art", language="eng")
    assert await library.find(q='"modern science"') == ["A history of modern science"]
    assert len(await library.find(q="modern science")) == 2
    await library.book("中国现代文学史")
    await library.book("文学史与现代中国")
    assert await library.find(q="“现代文学史”") == ["中国现代文学史"]


async def test_a_range_of_call_numbers_is_listed_as_it_stands(library: Library) -> None:
    for call in ("G249/1", "G250/3", "G252.7/1", "G259/9", "G259.2/1", "G26/1"):
        await library.book(call, call_number=call, clc=call.partition("/")[0])
    wanted = ["G250/3", "G252.7/1", "G259/9", "G259.2/1"]
    assert await library.find(q="G250-G259", where="call") == wanted
    assert await library.find(q="G250-G259", sort="call") == wanted
    assert await library.find(q="索书号:G250~G259", sort="call") == wanted


@pytest.mark.parametrize(("years", "titles"), [
    ({"years": "1990-1999"}, ["活着"]), ({"years": "2016-"}, ["红楼梦"]), ({"years": "-1993"}, ["活着"]),
])
async def test_a_span_of_years_narrows(library: Library, years: dict[str, str], titles: list[str]) -> None:
    await _shelf(library)
    assert await library.find(language="chi", sort="title", **years) == titles


def test_two_boxes_of_years_make_one_span_and_nonsense_is_left_out() -> None:
    assert asked({"from": "1990", "to": ""}).chosen == {"years": "1990-"}
    for bad in ({"from": "abc"}, {"years": "-"}, {"years": "1990"}, {"from": "99999"}):
        assert "years" not in asked(bad).chosen


def test_a_question_is_taken_apart() -> None:
    reading = read("现代 作者:鲁迅 主题词：小说", Field.any)
    assert reading.parts == ((Field.any, "现代"), (Field.author, "鲁迅"), (Field.subject, "小说"))
    assert read("《题名:》", Field.any).phrases == ()


@pytest.mark.parametrize("typed", ['"', '""""', "作者:作者:", "'); DROP TABLE item; --", "题名:" * 60, "\\", "%_", "“”", ":*&|!()"])
async def test_no_question_breaks_the_search(library: Library, typed: str) -> None:
    await library.book("活着")
    assert (await library.get("/reader/catalogue", params={"q": typed})).status_code == 200
    assert (await library.client.get("/api/reader/catalogue", params={"q": typed[:400]})).status_code == 200


def test_a_very_long_question_is_cut_and_refused_by_the_api() -> None:
    assert len(asked({"q": "长" * 5000}).q) == 200
    assert terms("a " * 90, Field.any).tsquery


async def test_the_api_refuses_what_is_too_long(library: Library) -> None:
    assert (await library.client.get("/api/reader/catalogue", params={"q": "长" * 401})).status_code == 422


@pytest.mark.parametrize(("size", "status"), [("20", 200), ("100", 200), ("7", 422), ("x", 422), ("²", 422)])
async def test_the_api_offers_three_sizes_of_page(library: Library, size: str, status: int) -> None:
    assert (await library.client.get("/api/reader/catalogue", params={"q": "a", "size": size})).status_code == status


def test_the_vocabulary_keeps_whole_runs_by_their_sound() -> None:
    fact = RecordAdded(instance_id="i", number="n", title="紅樓夢 The Dream", authors=("(清)曹雪芹",))
    assert vocabulary(fact) == {"dream": "dream", "曹雪芹": "caoxueqin", "红楼梦": "hongloumeng"}


async def test_old_numbers_lead_to_the_record_of_today(library: Library) -> None:
    first, second, third = [await library.book(title) for title in ("甲本", "乙本", "丙本")]
    await library.heed(RecordSuppressed(instance_id=first.id, title="甲本", reason="合并", merged_into=second.id))
    await library.heed(RecordSuppressed(instance_id=second.id, title="乙本", reason="合并", merged_into=third.id))
    for old in (first, second):
        answer = await library.get(f"/reader/catalogue/{old.number}")
        assert (answer.status_code, answer.headers["location"]) == (301, f"/reader/catalogue/{third.number}")
    fact = third.added.model_dump()
    await library.heed(RecordChanged(**{**fact, "number": "NEW/1"}))
    answer = await library.get(f"/reader/catalogue/{first.number}")
    assert answer.headers["location"] == "/reader/catalogue/NEW%2F1"
    assert (await library.get("/reader/catalogue/never-there")).status_code == 404
