"""Whatever a patron remembers of a book finds it. covers: RDR-LED-FRD-01, RDR-DSK-BAS-02"""

from __future__ import annotations

import pytest

from shared.events.resources import RecordAdded, RecordChanged, RecordSuppressed
from tests.reader.discovery.conftest import Library


async def test_simplified_and_traditional_writing_find_the_same(library: Library) -> None:
    await library.book("紅樓夢", authors=("(清)曹雪芹",))
    await library.book("三国演义", authors=("羅貫中",))
    assert await library.find(q="红楼梦") == ["紅樓夢"]
    assert await library.find(q="三國演義") == ["三国演义"]
    assert await library.find(q="罗贯中", where="author") == ["三国演义"]


@pytest.mark.parametrize("typed", ["hlm", "HLM", "红楼", "楼梦", "cxq"])
async def test_initials_and_parts_of_a_title_find_it(library: Library, typed: str) -> None:
    await library.book("红楼梦", authors=("曹雪芹",))
    await library.book("活着", authors=("余华",))
    assert await library.find(q=typed) == ["红楼梦"]


@pytest.mark.parametrize("typed", ["0306406152", "0-306-40615-2", "9780306406157", "978-0-306-40615-7", "０３０６４０６１５２"])
@pytest.mark.parametrize("where", ["any", "isbn"])
async def test_either_form_of_an_isbn_finds_the_book(library: Library, typed: str, where: str) -> None:
    await library.book("Systems", isbns=("9780306406157",), language="eng")
    await library.book("Other", isbns=("9787506365437",), language="eng")
    assert await library.find(q=typed, where=where) == ["Systems"]


@pytest.mark.parametrize("typed", ["周树人", "zhoushuren", "周樹人 呐喊"])
@pytest.mark.parametrize("where", ["any", "author"])
async def test_another_name_of_the_author_finds_the_book(library: Library, typed: str, where: str) -> None:
    book = await library.book("呐喊", authors=("鲁迅",), also=("周树人", "周樟寿"))
    await library.book("活着", authors=("余华",))
    if where == "author":
        typed = typed.split(maxsplit=1)[0]
    assert await library.find(q=typed, where=where) == ["呐喊"]
    # Once the name no longer leads there, it finds nothing.
    await library.heed(RecordChanged(**{**book.added.model_dump(), "also": ()}))
    assert await library.find(q=typed, where=where) == []


async def test_a_book_known_by_its_ten_digits_is_found_by_thirteen(library: Library) -> None:
    await library.book("Old", isbns=("0-306-40615-2",))
    assert await library.find(q="9780306406157") == ["Old"]


async def test_a_journal_is_found_by_its_issn(library: Library) -> None:
    await library.book("大学图书馆学报", issns=("1002-1027",), material="serial")
    assert await library.find(q="1002-1027", where="isbn") == ["大学图书馆学报"]
    assert await library.find(q="10021027") == ["大学图书馆学报"]


async def test_a_class_finds_what_stands_below_it_in_the_order_of_the_shelf(library: Library) -> None:
    for call in ("TP311.5/20", "TP311/9", "TP311/10", "TP312/1", "TP31/7", "T/1"):
        await library.book(call, call_number=call, clc=call.partition("/")[0])
    assert await library.find(q="TP311", where="call") == ["TP311/9", "TP311/10", "TP311.5/20"]
    assert await library.find(q="tp311.5", where="call") == ["TP311.5/20"]
    assert await library.find(q="TP311/10", where="call") == ["TP311/10"]
    assert await library.find(q="TP31~TP311/9", where="call") == ["TP31/7", "TP311/9"]
    assert sorted(await library.find(q="TP312")) == ["TP312/1"]


async def test_a_scanned_barcode_leads_to_its_book_alone(library: Library) -> None:
    book = await library.book("活着", copies=2)
    await library.book("许三观卖血记")
    assert await library.find(q=book.barcodes[1]) == ["活着"]
    assert await library.find(q=book.barcodes[1].lower()) == ["活着"]


async def test_a_field_looks_only_in_its_field(library: Library) -> None:
    await library.book("鲁迅传", authors=("林贤治",), subjects=("传记",))
    await library.book("呐喊", authors=("鲁迅",), subjects=("小说",))
    assert await library.find(q="鲁迅", where="author") == ["呐喊"]
    assert await library.find(q="鲁迅", where="title") == ["鲁迅传"]
    assert await library.find(q="小说", where="subject") == ["呐喊"]


async def test_the_very_title_comes_before_longer_ones(library: Library) -> None:
    await library.book("History of science", language="eng", year=2024)
    await library.book("A short history", language="eng", year=2024)
    await library.book("History", language="eng", year=1990)
    assert (await library.find(q="history"))[0] == "History"


async def test_orders_are_kept(library: Library) -> None:
    for title, year in (("乙", 1999), ("甲", 2021), ("丙", 2005)):
        await library.book(f"{title}论", year=year)
    assert await library.find(q="论", sort="year") == ["甲论", "丙论", "乙论"]


async def test_facets_count_what_was_found_and_narrow_it(library: Library) -> None:
    lent = await library.book("植物学", clc="Q94", call_number="Q94/1", year=2011)
    await library.book("植物生理学", clc="Q945", call_number="Q945/1", year=2019, location="zk-3f")
    await library.book("植物图谱", clc="J2", call_number="J2/1", year=2012, material="image")
    await library.book("Plant life 植物", clc="Q94", call_number="Q94/2", year=1998, language="eng")
    await library.book("动物学", clc="Q95", call_number="Q95/1")
    await library.lend(await library.patron(), lent.barcodes[0])
    answer = await library.answer(q="植物")
    facets = {name: {v["value"]: v["count"] for v in values} for name, values in answer["facets"].items()}
    assert answer["total"] == 4
    assert facets["clc"] == {"Q": 3, "J": 1}
    assert facets["language"] == {"chi": 3, "eng": 1}
    assert facets["decade"] == {"2010": 3, "1990": 1}
    assert facets["location"] == {"wy-2f": 3, "zk-3f": 1}
    assert facets["free"] == {"1": 3}
    assert facets["material"] == {"book": 3, "image": 1}
    assert await library.find(q="植物", location="zk-3f") == ["植物生理学"]
    assert sorted(await library.find(q="植物", clc="Q", decade="2010")) == ["植物学", "植物生理学"]
    assert "植物学" not in await library.find(q="植物", free="1")


async def test_pages_follow_one_another_without_gap_or_repeat(library: Library) -> None:
    titles = [f"论语注疏第{n}卷" for n in range(45)]
    for title in titles:
        await library.book(title)
    seen: list[str] = []
    page: int | None = 1
    while page:
        answer = await library.answer(q="论语", page=str(page))
        seen += [item["title"] for item in answer["items"]]
        page = answer["next"]
    assert sorted(seen) == sorted(titles)


@pytest.mark.parametrize("typed", ["＊＊＊", "'; DROP TABLE item; --", "%", "\\", "a:*&|!()", "\x00", "'" * 50, "字" * 400])
async def test_strange_input_finds_nothing_and_breaks_nothing(library: Library, typed: str) -> None:
    await library.book("活着")
    answer = await library.get("/reader/catalogue", params={"q": typed, "page": "-3", "decade": "x", "in": "?", "sort": "?"})
    assert answer.status_code == 200


async def test_a_correction_replaces_what_is_found(library: Library) -> None:
    book = await library.book("活着吗")
    await library.heed(RecordChanged.model_validate({**book.added.model_dump(), "title": "活着"}))
    assert await library.find(q="活着") == ["活着"]
    assert await library.find(q="着吗") == []


async def test_a_suppressed_record_is_gone_even_by_its_address_until_it_is_added_again(library: Library) -> None:
    book = await library.book("活着")
    await library.heed(RecordSuppressed(instance_id=book.id, title="活着", reason="著录有误"))
    await library.heed(RecordChanged.model_validate(book.added.model_dump()))
    assert await library.find(q="活着") == []
    assert await library.find(q=book.barcodes[0]) == []
    assert (await library.get(f"/reader/catalogue/{book.number}")).status_code == 404
    await library.heed(RecordAdded.model_validate(book.added.model_dump()))
    assert await library.find(q="活着") == ["活着"]


async def test_with_its_last_copy_a_title_leaves_and_with_a_new_one_it_returns(library: Library) -> None:
    book = await library.book("活着", copies=2)
    await library.withdraw(book, book.barcodes[0])
    assert (await library.state(book))["total"] == 1
    await library.withdraw(book, book.barcodes[1])
    assert await library.find(q="活着") == []
    fresh = book.items[book.barcodes[0]].model_copy(update={"barcode": "A99991", "item_id": book.id})
    await library.heed(fresh)
    assert await library.find(q="活着") == ["活着"]


async def test_a_title_without_copies_yet_is_shown_as_such(library: Library) -> None:
    book = await library.book("在途新书", copies=0)
    assert await library.find(q="在途新书") == ["在途新书"]
    assert "暂无馆藏" in (await library.get(f"/reader/catalogue/{book.number}")).text


async def test_replay_builds_the_same_catalogue(library: Library) -> None:
    kept, gone = await library.book("活着"), await library.book("兄弟")
    await library.withdraw(gone, gone.barcodes[0])
    before = await library.answer(q="", sort="title", clc="I")
    again = [kept.added, gone.added, *kept.items.values(), *gone.items.values()]
    await library.heed(*again, replay=True)
    fact = gone.items[gone.barcodes[0]]
    from shared.events.resources import ItemWithdrawn

    await library.heed(ItemWithdrawn(
        item_id=fact.item_id, barcode=fact.barcode, title=fact.title, number="W1", instance_id=gone.id,
    ), replay=True)
    assert await library.answer(q="", sort="title", clc="I") == before
