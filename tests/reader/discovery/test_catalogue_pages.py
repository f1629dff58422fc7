"""The pages work for everybody: without script, in both languages, for reference managers. covers: RDR-LED-FRD-01"""

from __future__ import annotations

import pytest

from services.reader.discovery.catalogue.citation import citation, cited_name
from services.reader.discovery.catalogue.model import CatalogueRecord
from shared.identity import Actor
from shared.testing.registers import han_in
from tests.reader.discovery.conftest import CLERK, Library


async def test_a_search_is_an_address_and_needs_no_script(library: Library) -> None:
    for n in range(25):
        await library.book(f"论语注疏第{n}卷", year=1990 + n)
    page = (await library.get("/reader/catalogue?q=论语&sort=title&decade=2000")).text
    assert "共 10 种" in page
    assert 'href="/reader/catalogue?q=%E8%AE%BA%E8%AF%AD&amp;sort=title"' in page  # the way back from the filter
    assert '<form class="opac-find" method="get"' in page
    page = (await library.get("/reader/catalogue?q=论语")).text
    assert "page=2" in page


async def test_a_fragment_is_only_the_results(library: Library) -> None:
    await library.book("活着")
    answer = await library.client.get("/reader/catalogue?q=活着", headers={"hx-request": "true"})
    assert answer.text.lstrip().startswith('<div id="results">')
    assert "活着" in answer.text


async def test_nothing_found_leads_on_to_something(library: Library) -> None:
    await library.book("红楼梦")
    await library.book("活着", authors=("余华",))
    page = (await library.get("/reader/catalogue?q=红楼梦魇考")).text
    assert "改查“红楼" in page
    page = (await library.get("/reader/catalogue?q=余华 活着了没有")).text
    assert "改查“余华”" in page
    page = (await library.get("/reader/catalogue?q=余华&in=title")).text
    assert "在任意词中查“余华”" in page
    page = (await library.get("/reader/catalogue?q=红楼梦&language=eng")).text
    assert "去掉筛选条件" in page


async def test_the_first_page_shows_new_books_and_classes(library: Library) -> None:
    assert "目录还是空的" in (await library.get("/reader/catalogue")).text
    await library.book("活着")
    page = (await library.get("/reader/catalogue")).text
    assert "新书通报" in page
    assert "/reader/catalogue?clc=I" in page


@pytest.mark.parametrize("actor", [None, CLERK], ids=["anybody", "staff"])
async def test_english_pages_have_no_chinese_of_ours(library: Library, actor: Actor | None) -> None:
    book = await library.book("活着", copies=2, authors=("余华",), subjects=("长篇小说",), isbns=("9787506365437",))
    await library.lend(await library.patron(), book.barcodes[0])
    for path in ("/reader/catalogue", "/reader/catalogue?clc=I", "/reader/catalogue?q=zzz", f"/reader/catalogue/{book.number}"):
        library.client.cookies.set("lang", "en")
        assert han_in((await library.get(path, actor)).text) == [], path


async def test_reference_managers_and_search_engines_can_read_a_record(library: Library) -> None:
    book = await library.book("活着", authors=("余华",), publisher="作家出版社", place="北京", isbns=("9787506365437",))
    page = (await library.get(f"/reader/catalogue/{book.number}")).text
    assert 'class="Z3988"' in page
    assert "rft.isbn=9787506365437" in page
    assert 'itemtype="https://schema.org/Book"' in page
    assert "余华. 活着[M]. 北京: 作家出版社, 2020." in page


@pytest.mark.parametrize(("heading", "name"), [
    ("(清)曹雪芹", "曹雪芹"), ("余华, 1960-", "余华"), ("Jefferson, Thomas, 1743-1826", "JEFFERSON T"),
    ("Lewis, C. S. (Clive Staples)", "LEWIS C S"), ("鲁迅著", "鲁迅"), ("World Health Organization", "World Health Organization"),
])
def test_names_are_cited_as_the_standard_wants(heading: str, name: str) -> None:
    assert cited_name(heading) == name


def test_at_most_three_authors_are_cited() -> None:
    record = CatalogueRecord(
        instance_id="i", number="n", title="数据结构", authors=["甲一", "乙二", "丙三", "丁四"], edition="第2版",
        place="北京", publisher="清华大学出版社", year=2018,
    )
    assert citation(record) == "甲一, 乙二, 丙三, 等. 数据结构[M]. 第2版. 北京: 清华大学出版社, 2018."


async def test_the_neighbours_are_those_on_the_shelf(library: Library) -> None:
    books = [await library.book(f"第{n}种", call_number=f"I247.57/{n}") for n in (9, 10, 11, 100)]
    page = (await library.get(f"/reader/catalogue/{books[1].number}")).text
    shelf = page[page.index("书架上的左邻右舍"):]
    assert shelf.index("第9种") < shelf.index("第10种") < shelf.index("第11种") < shelf.index("第100种")


async def test_the_search_of_the_house_shows_books_to_patrons(library: Library) -> None:
    book = await library.book("红楼梦", authors=("曹雪芹",))
    patron = await library.patron()
    answer = (await library.get("/api/reader/search?q=hlm", patron)).json()
    assert answer["groups"][0]["label"] == "馆藏书目"
    hit = answer["groups"][0]["items"][0]
    assert (hit["title"], hit["url"]) == ("红楼梦", f"/reader/catalogue/{book.number}")
    assert "在架 1 / 共 1" in hit["note"]
