"""Other systems search our catalogue in both versions of SRU, and every no is the diagnostic the standard names.

covers: RES-ACQ-05, RES-MGT-01
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest

from services.resources.cataloguing.records.commands import suppress
from services.resources.cataloguing.records.queries import by_key
from services.resources.cataloguing.sru import rules
from services.resources.cataloguing.sru.cql import MANY, Boolean, Clause, parse
from services.resources.cataloguing.sru.rules import Diagnostic
from shared.identity import Actor
from tests.resources.conftest import RECORDS, House
from tests.resources.exchange.harvester import NEW, OLD, SLIM, XCHANGE

STRANGER = Actor("anonymous", kind="anonymous")
OLD_DIAGNOSTIC, NEW_DIAGNOSTIC = (
    "{http://www.loc.gov/zing/srw/diagnostic/}", "{http://docs.oasis-open.org/ns/search-ws/diagnostic}",
)


def some(step: int) -> bytes:
    """Every so-maniest record of the demonstration's files."""
    found = []
    for name in ("bnu.mrc", "classics.mrc", "foreign.mrc"):
        records = (RECORDS / name).read_bytes().split(b"\x1d")[:-1]
        found += records if name == "bnu.mrc" else records[::step]
    return b"".join(record + b"\x1d" for record in found)


@pytest.fixture
async def stocked(house: House, tmp_path: Path) -> House:
    await house.place()
    (tmp_path / "some.mrc").write_bytes(some(3))
    await house.read(tmp_path / "some.mrc", location="sk-2f")
    return house


async def ask(client: httpx.AsyncClient, query: str, **more: Any) -> ET.Element:
    """A search in 1.2."""
    answer = await client.get("/sru", params={"operation": "searchRetrieve", "version": "1.2", "query": query, **more})
    assert answer.status_code == 200
    return ET.fromstring(answer.content)


def count(root: ET.Element) -> int:
    return int(root.findtext(f"{OLD}numberOfRecords") or root.findtext(f"{NEW}numberOfRecords") or 0)


def numbers(root: ET.Element) -> list[str]:
    return [one.text or "" for one in root.iter() if one.tag.endswith("}recordIdentifier")]


def diagnostic(root: ET.Element) -> int:
    uris = [one.text or "" for one in root.iter() if one.tag.endswith("}uri")]
    return int(uris[0].rpartition("/")[2]) if uris else 0


async def every(client: httpx.AsyncClient, query: str) -> set[str]:
    """All records a query finds, page by page."""
    found: list[str] = []
    start = 1
    while True:
        root = await ask(client, query, startRecord=start, maximumRecords=100)
        assert not diagnostic(root), ET.tostring(root)
        found += numbers(root)
        following = root.findtext(f"{OLD}nextRecordPosition")
        if following is None:
            assert len(found) == len(set(found)) == count(root)
            return set(found)
        start = int(following)


async def by_sql(house: House, where: str, **values: Any) -> set[str]:
    return {row[0] for row in await house.rows(f"SELECT number FROM instance WHERE {where}", **values)}


async def test_indexes_find_exactly_what_the_records_say(stocked: House):
    (one,) = await stocked.rows(
        "SELECT number, title, year, clc, projection FROM instance WHERE dialect = 'cnmarc' AND clc <> '' "
        "AND jsonb_array_length(projection->'isbns') > 0 AND jsonb_array_length(projection->'authors') > 0 "
        "AND projection->'isbns'->0->>'isbn13' <> '' AND projection->>'publisher' <> '' ORDER BY number LIMIT 1"
    )
    told = one.projection
    isbn, author = told["isbns"][0]["isbn13"], told["authors"][0]["name"]
    async with stocked.client(STRANGER) as client:
        assert await every(client, f'dc.title = "{told["title"]}"') >= {one.number}
        assert await every(client, f'dc.title == "{one.title}"') == await by_sql(stocked, "title = :t", t=one.title)
        assert await every(client, f"bath.isbn = {isbn}") == {one.number}
        assert await every(client, f'bath.isbn = "{isbn[:3]}-{isbn[3:]}"') == {one.number}
        assert await every(client, f"dc.identifier = {isbn[:9]}*") >= {one.number}
        exactly = "projection->'authors' @> jsonb_build_array(jsonb_build_object('name', CAST(:a AS text)))"
        assert await every(client, f'dc.creator == "{author}"') == await by_sql(stocked, exactly, a=author)
        assert await every(client, f'dc.publisher == "{told["publisher"]}"') == await by_sql(
            stocked, "projection->>'publisher' = :p", p=told["publisher"]
        )
        assert await every(client, f"dc.date = {one.year}") == await by_sql(stocked, "year = :y", y=one.year)
        assert await every(client, "dc.date >= 2000 and dc.date < 2010") == await by_sql(stocked, "year >= 2000 AND year < 2010")
        assert await every(client, 'dc.date within "2000 2009"') == await by_sql(stocked, "year BETWEEN 2000 AND 2009")
        letter = one.clc[0]
        assert await every(client, f"local.class = {letter}") == await by_sql(
            stocked, "projection->'clc' @> '[]' AND EXISTS (SELECT FROM jsonb_array_elements_text(projection->'clc') c WHERE upper(ltrim(c, '[ ')) LIKE :l)", l=f"{letter}%"
        )
        assert await every(client, "dc.language = eng") == await by_sql(stocked, "projection->'languages' @> '[\"eng\"]'")
        assert await every(client, "dc.type = serial") == await by_sql(stocked, "material = 'serial'")
        assert await every(client, f"rec.identifier = {one.number}") == {one.number}
        assert await every(client, "cql.allRecords = 1") == await by_sql(stocked, "true")


async def test_a_name_in_a_title_is_not_a_creator(stocked: House):
    async with stocked.client(STRANGER) as client:
        (row,) = await stocked.rows(
            "SELECT title FROM instance WHERE dialect = 'marc21' AND title ~ '^[A-Za-z]{7,}' "
            "AND projection->>'authors' NOT LIKE '%' || (regexp_match(title, '^[A-Za-z]+'))[1] || '%' ORDER BY number LIMIT 1"
        )
        word = row.title.split()[0].strip(",.:;")
        assert await every(client, f'dc.title = "{word}"')
        by_creator = await every(client, f'dc.creator = "{word}"')
        assert not by_creator & await by_sql(stocked, "title = :t", t=row.title)


async def test_booleans_and_words(stocked: House):
    async with stocked.client(STRANGER) as client:
        everything = await every(client, "cql.allRecords = 1")
        a, b = await every(client, "dc.language = eng"), await every(client, "dc.date < 1990")
        assert await every(client, "dc.language = eng and dc.date < 1990") == a & b
        assert await every(client, "dc.language = eng or dc.date < 1990") == a | b
        assert await every(client, "dc.language = eng not dc.date < 1990") == a - b
        assert await every(client, "dc.language <> eng") == everything - a
        # Left to right, unless parentheses say otherwise.
        assert await every(client, "dc.type = serial or dc.language = eng not dc.date < 1990") == (
            await every(client, "(dc.type = serial or dc.language = eng) not dc.date < 1990")
        )
        assert await every(client, "history and music") <= await every(client, "history") & await every(client, "music")
        assert await every(client, 'cql.anywhere any "history music"') == await every(client, "history or music")
        assert await every(client, 'cql.anywhere all "history world"') == await every(client, "history and world")
        whole = await every(client, "dc.title = history")
        assert whole
        assert whole < await every(client, "dc.title = hist*")
        assert await every(client, "HISTORY") == await every(client, "history")
        ((title,),) = await stocked.rows("SELECT sort_title FROM instance WHERE sort_title ~ '^[a-z]{5,} ' ORDER BY number LIMIT 1")
        word = title.split()[0]
        assert await every(client, f'dc.title = "^{word}"') == await by_sql(stocked, "sort_title ~ :w", w=rf"^{word}\M")


async def test_prefixes_name_context_sets(stocked: House):
    async with stocked.client(STRANGER) as client:
        plain = await every(client, "dc.title = history")
        assert plain == await every(client, '> d = "info:srw/cql-context-set/1/dc-v1.1" d.title = history')
        assert plain == await every(client, '> "info:srw/cql-context-set/1/dc-v1.1" title = history')
        assert plain == await every(client, "title = history")
        assert plain == await every(client, "DC.Title = history")
        assert diagnostic(await ask(client, '> x = "urn:unknown" x.title = history')) == 15


async def test_a_page_tells_where_to_go_on(stocked: House):
    async with stocked.client(STRANGER) as client:
        root = await ask(client, "cql.allRecords = 1", maximumRecords=3, startRecord=2)
        assert len(numbers(root)) == 3
        assert root.findtext(f"{OLD}nextRecordPosition") == "5"
        assert [one.text for one in root.iter(f"{OLD}recordPosition")] == ["2", "3", "4"]
        assert root.findtext(f"{OLD}version") == "1.2"
        counted = await ask(client, "cql.allRecords = 1", maximumRecords=0)
        assert count(counted) == count(root) > 100
        assert counted.find(f"{OLD}records") is None
        assert len(numbers(await ask(client, "cql.allRecords = 1", maximumRecords=5000))) == rules.MOST_RECORDS
        nothing = await ask(client, "zyxwvutsrq")
        assert (count(nothing), diagnostic(nothing)) == (0, 0)


async def test_schemas_and_packing(stocked: House):
    async with stocked.client(STRANGER) as client:
        chinese, foreign = "dc.language = chi and dc.date > 1900", "dc.language = eng"
        own = await ask(client, foreign, maximumRecords=2)
        assert {one.attrib["format"] for one in own.iter(f"{XCHANGE}record")} == {"MARC21"}
        slim = await ask(client, foreign, maximumRecords=2, recordSchema="info:srw/schema/1/marcxml-v1.1")
        assert len(list(slim.iter(f"{SLIM}record"))) == 2
        own = await ask(client, "rec.identifier = B0000001", recordSchema="cnmarcxml")
        assert {one.attrib["format"] for one in own.iter(f"{XCHANGE}record")} == {"CNMARC"}
        instead = await ask(client, "rec.identifier = B0000001", recordSchema="marcxml")
        assert diagnostic(instead) == 67
        assert count(instead) == 1
        assert instead.findtext(f".//{OLD}recordSchema") == rules.DIAGNOSTIC_SCHEMA
        text = await ask(client, chinese, recordSchema="dc", recordPacking="string", maximumRecords=1)
        data = ET.fromstring(text.findtext(f".//{OLD}recordData") or "")
        assert data.tag == "{info:srw/schema/1/dc-v1.1}dc"
        assert data.find("{http://purl.org/dc/elements/1.1/}title") is not None


async def test_the_newer_version_has_its_own_words(stocked: House):
    async with stocked.client(STRANGER) as client:
        answer = await client.get("/sru", params={"query": "dc.language = eng", "maximumRecords": 1, "recordXMLEscaping": "string"})
        root = ET.fromstring(answer.content)
        assert root.tag == f"{NEW}searchRetrieveResponse"
        assert root.find(f"{NEW}version") is None
        assert root.findtext(f".//{NEW}recordXMLEscaping") == "string"
        words = await client.get("/sru", params={"query": "history music", "queryType": "searchTerms"})
        assert count(ET.fromstring(words.content)) == len(await every(client, "history and music"))
        wrong = ET.fromstring((await client.get("/sru", params={"query": "dc.nothing = x"})).content)
        assert wrong.findtext(f".//{NEW_DIAGNOSTIC}uri") == "info:srw/diagnostic/1/16"
        posted = await client.post("/sru", data={"query": "dc.language = eng", "maximumRecords": "0"})
        assert count(ET.fromstring(posted.content)) == count(root)


async def test_order_is_as_asked(stocked: House):
    async with stocked.client(STRANGER) as client:
        root = await ask(client, "dc.date > 1000 sortBy dc.date/sort.descending dc.title", maximumRecords=100)
        years = {row.number: row.year for row in await stocked.rows("SELECT number, year FROM instance")}
        got = [years[number] for number in numbers(root)]
        assert got == sorted(got, reverse=True)
        assert got[0] == max(year for year in years.values() if year)
        assert diagnostic(await ask(client, "dc.date > 1000 sortBy dc.subject")) == 82
        assert diagnostic(await ask(client, "dc.date > 1000", sortKeys="title")) == 80


async def test_what_is_hidden_is_not_found(stocked: House):
    async with stocked.client(STRANGER) as client:
        assert await every(client, "rec.identifier = B0000001") == {"B0000001"}
        async with stocked.work() as work:
            await suppress(work, await by_key(work.session, "B0000001"), reason="剔旧")
        assert await every(client, "rec.identifier = B0000001") == set()
        assert "B0000001" not in await every(client, "cql.allRecords = 1")


async def test_explain_names_what_is_truly_answered(stocked: House):
    zeerex = "{http://explain.z3950.org/dtd/2.0/}"
    async with stocked.client(STRANGER) as client:
        for params in ({}, {"operation": "explain", "version": "1.2"}):
            root = ET.fromstring((await client.get("/sru", params=params)).content)
            assert root.tag.endswith("}explainResponse")
            names = [(one.attrib["set"], one.text or "") for one in root.iter(f"{zeerex}name")]
            assert len(names) == len(rules.INDEXES)
        terms = {"year": "2001", "number": "9787303000012", "record": "B0000001", "code": "eng", "class": "I2"}
        for set_, name in names:
            index = rules.INDEXES[set_, name]
            assert not diagnostic(await ask(client, f"{set_}.{name} = {terms.get(index.kind, 'history')}")), (set_, name)
        assert {one.attrib["name"] for one in root.iter(f"{zeerex}schema")} == set(rules.SCHEMAS)


async def test_titles_are_scanned_in_their_order(stocked: House):
    async with stocked.client(STRANGER) as client:
        asked: dict[str, Any] = {"operation": "scan", "version": "1.2", "scanClause": "dc.title = m", "maximumTerms": 9}
        root = ET.fromstring((await client.get("/sru", params=asked)).content)
        terms = [one.text for one in root.iter(f"{OLD}value")]
        rows = await stocked.rows("SELECT sort_title, count(*) FROM instance WHERE sort_title >= 'm' GROUP BY 1 ORDER BY 1 LIMIT 9")
        assert terms == [row[0] for row in rows]
        assert [int(one.text or 0) for one in root.iter(f"{OLD}numberOfRecords")] == [row[1] for row in rows]
        middle = ET.fromstring((await client.get("/sru", params={**asked, "responsePosition": 4})).content)
        assert [one.text for one in middle.iter(f"{OLD}value")][3:] == terms[:6]
        assert diagnostic(ET.fromstring((await client.get("/sru", params={**asked, "scanClause": "dc.creator = m"})).content)) == 16
        assert diagnostic(ET.fromstring((await client.get("/sru", params={**asked, "maximumTerms": 5000})).content)) == 121


NO = [
    ({"operation": "searchRetrieve", "version": "1.2"}, 7), ({"operation": "explode", "version": "1.2"}, 4),
    ({"operation": "searchRetrieve", "query": "a"}, 7), ({"operation": "searchRetrieve", "version": "9", "query": "a"}, 5),
    ({"query": "a", "nonsense": "1"}, 8), ({"query": "a", "startRecord": "0"}, 6), ({"query": "a", "maximumRecords": "-1"}, 6),
    ({"query": "a", "startRecord": "99999999999"}, 6), ({"query": "a", "startRecord": "20000"}, 61),
    ({"query": "a", "recordSchema": "mods"}, 66), ({"query": "a", "recordXMLEscaping": "json"}, 71),
    ({"query": "a", "queryType": "sql"}, 6), ({"query": "a", "stylesheet": "x.xsl"}, 95), ({"scanClause": ""}, 7),
    ({"query": "cql.allRecords = 1", "startRecord": "5"}, 61), ({"operation": "scan", "version": "1.2"}, 7),
]


async def test_each_bad_request_has_its_number(house: House):
    async with house.client(STRANGER) as client:
        for params, code in NO:
            answer = await client.get("/sru", params=params)
            assert answer.status_code == 200
            assert diagnostic(ET.fromstring(answer.content)) == code, params
        twice = await client.get("/sru?query=a&query=b")
        assert diagnostic(ET.fromstring(twice.content)) == 8


WRONG = [
    ("a and", 10), ("and a", 10), ("a b", 10), ("(a", 13), ("a)", 13), ('"a', 14), ("dc.title =", 10), ("= a", 10),
    ("a prox b", 39), ("a prox/distance<3 b", 39), ("a and/x b", 46), ("dc.title foo bar", 19), ("dc.title =/stem a", 20),
    ("dc.nothing = a", 16), ("nothing = a", 16), ("xx.title = a", 15), ("dc.title < a", 22), ("dc.date = spring", 36),
    ('dc.date = "2001 2002"', 24), ("dc.title within a", 22), ("bath.isbn = abc", 36), ('dc.title = ""', 27),
    ("dc.title = a?c", 28), ("dc.title = *", 29), ("dc.title = *bc", 49), ("dc.title = a*c", 49), ("dc.creator = ^a", 31),
    ("dc.title = a^", 32), (r"dc.title = a\b", 26), ("cql.resultSetId = 1", 50), ("dc.title = '!!'", 36), ("", 27),
    (" or ".join(["a"] * 60), 38), ("(" * 30 + "a" + ")" * 30, 13), ("x" * 5000, 12), ("y" * 400, 23), ("a sortBy", 10),
    ("a sortBy dc.title/x", 82), ("'; DROP TABLE instance; --", 19), ("dc.title = \"'; DROP TABLE instance; --\"", 0),
    ("dc.title = \"' & !x | (\"", 0), ("dc.title = 'a\\\\'", 0), ("\"a\\\\b\" or \"<>:*|&!'\"", 49), ('"<>:|&!"', 36),
]


async def test_each_mistake_in_a_query_has_its_number(house: House):
    async with house.client(STRANGER) as client:
        for query, code in WRONG:
            assert diagnostic(await ask(client, query, maximumRecords=1)) == code, query
    assert await house.rows("SELECT count(*) FROM instance")


def test_the_tree_of_a_query():
    tree = parse('dc.title any/relevant "红楼梦 hong*" and (author = "a \\"b\\"" or c) not d sortBy dc.date').root
    assert isinstance(tree, Boolean)
    assert (tree.operator, tree.right) == ("not", Clause("cql.serverChoice", "=", "d"))
    left = tree.left
    assert isinstance(left, Boolean)
    first = left.left
    assert isinstance(first, Clause)
    assert (first.index, first.relation, first.term, first.modifiers[0].name) == ("dc.title", "any", f"红楼梦 hong{MANY}", "relevant")
    inner = left.right
    assert isinstance(inner, Boolean)
    assert isinstance(inner.left, Clause)
    assert inner.left.term == 'a "b"'
    assert parse('title == "a\\*"').root == Clause("title", "==", "a*")
    with pytest.raises(Diagnostic):
        parse("a or or b")
