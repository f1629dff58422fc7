"""References, covers, feeds and data for machines. covers: RDR-LED-FRD-01"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET

import pytest

from services.reader.discovery.catalogue.citation import citation
from services.reader.discovery.catalogue.cover import draw, lines
from services.reader.discovery.catalogue.formats import bibtex, endnote, exported, ris
from services.reader.discovery.catalogue.model import CatalogueRecord
from shared.testing.registers import han_in
from tests.reader.discovery.conftest import Library


def _record(**facts: object) -> CatalogueRecord:
    return CatalogueRecord(**{
        "instance_id": "i", "number": "B000001", "title": "活着", "title_rest": "", "other_titles": [], "responsibility": "",
        "authors": ["余华, 1960-"], "publisher": "作家出版社", "place": "北京", "year": 2012, "edition": "", "extent": "",
        "series": [], "isbns": ["9787506365437"], "issns": [], "language": "chi", "subjects": ["长篇小说"], "clc": "I247.57",
        "clc_main": "I", "call_number": "I247.57/12", "material": "book", "summary": "", **facts,
    })


@pytest.mark.parametrize(("facts", "cited"), [
    ({}, "余华. 活着[M]. 北京: 作家出版社, 2012."),
    ({"material": "thesis", "title": "高校图书馆空间再造研究", "place": "武汉", "publisher": "武汉大学"},
     "余华. 高校图书馆空间再造研究[D]. 武汉: 武汉大学, 2012."),
    ({"material": "conference", "authors": [], "title": "数字图书馆论坛论文集"}, "数字图书馆论坛论文集[C]. 北京: 作家出版社, 2012."),
    ({"material": "serial", "authors": [], "title": "大学图书馆学报", "year": None}, "大学图书馆学报[J]. 北京: 作家出版社."),
    ({"material": "newspaper", "authors": [], "title": "人民日报", "publisher": "人民日报社"}, "人民日报[N]. 北京: 人民日报社, 2012."),
    ({"material": "report", "publisher": "", "place": ""}, "余华. 活着[R]. 2012."),
    ({"material": "standard", "authors": ["全国信息与文献标准化技术委员会"], "title": "信息与文献 参考文献著录规则",
      "series": ["GB/T 7714—2015"], "publisher": "中国标准出版社", "year": 2015},
     "全国信息与文献标准化技术委员会. 信息与文献 参考文献著录规则: GB/T 7714—2015[S]. 北京: 中国标准出版社, 2015."),
    ({"material": "patent", "title": "一种图书定位装置", "series": ["CN104012345A"], "publisher": "", "place": ""},
     "余华. 一种图书定位装置: CN104012345A[P]. 2012."),
])
def test_each_kind_is_cited_by_the_standard(facts: dict[str, object], cited: str) -> None:
    assert citation(_record(**facts)) == cited


def test_a_list_is_numbered_in_the_numeric_style() -> None:
    assert exported([_record(), _record(title="兄弟")], "gbt7714").splitlines()[1].startswith("[2] 余华. 兄弟[M].")


def test_bibtex_cannot_be_broken_by_a_title() -> None:
    entry = bibtex(_record(title="100% {C} & #1\n}\n@book{evil", authors=["Knuth, Donald E., 1938-", "余华"]))
    assert entry.startswith("@book{B000001,\n")
    assert r"title = {{100\% \{C\} \& \#1 \} @book\{evil}}" in entry
    assert "author = {Knuth, Donald E. and 余华}" in entry
    unescaped = re.sub(r"\\[{}]", "", entry)
    assert unescaped.count("{") == unescaped.count("}")


def test_ris_and_endnote_keep_one_value_a_line() -> None:
    record = _record(title="a\r\nER  - \r\nTY  - BOOK", subjects=["x\u2028y"])
    text = ris(record)
    assert text.startswith("TY  - BOOK\r\n")
    assert [line[:2] for line in text.split("\r\n")].count("ER") == 1
    assert text.endswith("ER  - \r\n")
    assert "PY  - 2012\r\n" in text
    tagged = endnote(record).splitlines()
    assert tagged[0] == "%0 Book"
    assert all(line.startswith("%") for line in tagged)


async def test_references_are_files_of_their_own_type(library: Library) -> None:
    book = await library.book("活着", authors=("余华",), publisher="作家出版社")
    for form, suffix, begins in (("bibtex", "bib", "@book{"), ("ris", "ris", "TY  - BOOK"), ("endnote", "enw", "%0 Book"), ("gbt7714", "txt", "[1] 余华")):
        answer = await library.get(f"/reader/catalogue/{book.number}/cite/{form}")
        assert answer.status_code == 200
        assert answer.text.startswith(begins)
        assert answer.headers["content-disposition"] == f"attachment; filename*=UTF-8''{book.number}.{suffix}"
    assert (await library.get(f"/reader/catalogue/{book.number}/cite/word")).status_code == 404
    assert (await library.get("/reader/catalogue/nothing/cite/ris")).status_code == 404


def test_a_cover_is_drawn_the_same_each_time_and_is_sound_xml() -> None:
    record = _record(title='<script>alert("&")</script>\x07 ' + "很长的题名" * 20)
    assert draw(record) == draw(record)
    svg = ET.fromstring(draw(record))
    assert svg.tag.endswith("svg")
    assert not [e for e in svg.iter() if e.tag.endswith("script")]
    assert lines("A short history of nearly everything", 18) == ["A short history of", "nearly everything"]
    assert lines("", 18) == []
    assert lines("x" * 40, 18, 2)[-1].endswith("…")


async def test_covers_and_feeds_may_be_kept_by_others(library: Library) -> None:
    book = await library.book("活着 & <死>", authors=("余华",))
    await library.book("红楼梦", clc="I242.4", call_number="I242.4/1")
    await library.book("会计学", clc="F230", call_number="F230/1")
    for path, media in ((f"/reader/catalogue/{book.number}/cover.svg", "image/svg+xml"), ("/reader/catalogue/new.atom", "application/atom+xml")):
        answer = await library.get(path)
        assert answer.headers["content-type"].startswith(media)
        assert answer.headers["cache-control"].startswith("public")
        assert "set-cookie" not in answer.headers
        again = await library.client.get(path, headers={"if-none-match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


async def test_the_feed_has_the_new_books_of_a_class(library: Library) -> None:
    book = await library.book("活着 & <死>", authors=("余华",))
    await library.book("会计学", clc="F230", call_number="F230/1")
    atom = "{http://www.w3.org/2005/Atom}"
    for query, titles in (("", {"活着 & <死>", "会计学"}), ("?clc=I", {"活着 & <死>"}), ("?clc=Z", set())):
        feed = ET.fromstring((await library.get(f"/reader/catalogue/new.atom{query}")).text)
        assert {entry.findtext(f"{atom}title") for entry in feed.iter(f"{atom}entry")} == titles
    ids = [e.text for e in ET.fromstring((await library.get("/reader/catalogue/new.atom?clc=I")).text).iter(f"{atom}id")]
    assert ids[1] == f"http://tests/reader/catalogue/{book.number}"
    assert (await library.get("/reader/catalogue/new.atom?clc=LL")).status_code == 404


async def test_the_data_block_is_json_whatever_the_title_says(library: Library) -> None:
    title = '</script><script>alert(1)</script> "活着" & \u2028'
    book = await library.book(title, authors=("余华, 1960-",), isbns=("9787506365437",))
    page = (await library.get(f"/reader/catalogue/{book.number}")).text
    block = page.partition('<script type="application/ld+json">')[2].partition("</script>")[0]
    about = json.loads(block)
    assert about["name"] == title
    assert (about["@type"], about["isbn"], about["inLanguage"]) == ("Book", ["9787506365437"], "zh")
    assert about["author"] == [{"@type": "Person", "name": "余华"}]
    assert about["offers"]["availability"] == "https://schema.org/InStock"
    assert "alert(1)</script>" not in page
    assert f'<link rel="canonical" href="http://tests/reader/catalogue/{book.number}">' in page
    assert 'property="og:title"' in page


async def test_results_are_not_for_search_engines_but_records_are(library: Library) -> None:
    book = await library.book("活着")
    assert 'content="noindex, follow"' in (await library.get("/reader/catalogue?q=活着")).text
    assert 'content="index, follow"' in (await library.get(f"/reader/catalogue/{book.number}")).text


@pytest.mark.parametrize("path", [
    "/reader/catalogue", "/reader/catalogue?q=活着", "/reader/catalogue/{n}", "/reader/catalogue/new.atom",
    "/reader/catalogue/{n}/cover.svg", "/reader/catalogue/{n}/cite/ris", "/api/reader/catalogue?q=活着",
])
async def test_the_catalogue_needs_nobody_to_sign_in(library: Library, path: str) -> None:
    book = await library.book("活着")
    assert (await library.get(path.format(n=book.number))).status_code == 200


async def test_the_english_search_page_explains_itself_in_english(library: Library) -> None:
    await library.book("红楼梦")
    library.client.cookies.set("lang", "en")
    left = han_in((await library.get("/reader/catalogue?q=红搂梦")).text)
    assert left == ["Nothing found for “红搂梦”"]  # the words that were asked for
