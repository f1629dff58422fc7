"""A cataloguer looks in other libraries, takes a record over, and a second one releases it.

covers: RES-MGT-01, RES-ACQ-05
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from services.resources.cataloguing.copying import rules
from services.resources.cataloguing.copying.model import Target, Version
from services.resources.cataloguing.copying.register import targets
from services.resources.cataloguing.marc.reading import read_one
from shared.identity import Actor
from shared.reach import reachable
from shared.testing.registers import han_in, keeps_its_promises
from tests.gateway.standin import serving
from tests.resources.conftest import CATALOGUER, CLERK, EXPERT, RECORDS, House

URL = "/resources/copying"
MARC = b"<record xmlns='http://www.loc.gov/MARC21/slim'><leader>00000nam a2200000   4500</leader>%s</record>"


def field(tag: str, **subfields: str) -> bytes:
    inner = "".join(f"<subfield code='{code}'>{value}</subfield>" for code, value in subfields.items())
    return f"<datafield tag='{tag}' ind1=' ' ind2=' '>{inner}</datafield>".encode()


def answer(*records: bytes, extra: bytes = b"") -> bytes:
    inner = b"".join(b"<record><recordData>" + one + b"</recordData></record>" for one in records)
    return (
        b"<searchRetrieveResponse xmlns='http://www.loc.gov/zing/srw/'><numberOfRecords>%d</numberOfRecords>"
        b"<records>%s</records>%s</searchRetrieveResponse>" % (len(records), inner, extra)
    )


TEA = MARC % (
    b"<controlfield tag='001'>T1</controlfield><controlfield tag='003'>XX</controlfield>"
    + field("020", a="9787302511854") + field("245", a="The book of tea /", c="Okakura") + field("260", a="London :", b="Tea Press,", c="2001")
    + field("952", p="OTHER001", o="T1") + field("852", b="main", p="OTHER001")
)
THIN = MARC % (field("020", a="9787302511854") + field("245", a="The book of tea") + field("260", c="2001"))


class Abroad:
    """Another library, as good or bad as the test wants."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.says = answer(TEA)

    def app(self) -> Starlette:
        async def sru(request: Request) -> Response:
            self.asked.append({**request.query_params, "how": request.path_params["how"]})
            match request.path_params["how"]:
                case "elsewhere":
                    return RedirectResponse("/good")
                case "broken":
                    return Response("no", 500)
                case "slow":
                    await asyncio.Event().wait()
                case "endless":
                    return Response(b"x" * (rules.LARGEST + 1), media_type="text/xml")
                case "entity":
                    return Response(b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>", media_type="text/xml")
                case "page":
                    return Response("<html><br></html", media_type="text/html")
                case "no":
                    said = b"<diagnostics><diagnostic xmlns='http://www.loc.gov/zing/srw/diagnostic/'><message>Unsupported index</message></diagnostic></diagnostics>"
                    return Response(answer(extra=said), media_type="text/xml")
            return Response(self.says, media_type="text/xml")

        return Starlette(routes=[Route("/{how}", sru)])


@pytest.fixture
async def abroad() -> AsyncIterator[tuple[Abroad, str]]:
    library = Abroad()
    async with serving(library.app()) as address:
        yield library, address


async def target(house: House, code: str, url: str, **more: Any) -> None:
    async with house.work() as work:
        await targets.open(work, no=code, name=f"馆{code}", url=url, **{"inside": True, "seconds": 20, **more})


async def search(client: httpx.AsyncClient, *codes: str, **asked: str) -> httpx.Response:
    """The result page."""
    made = await client.post(URL, data={**asked, "targets": list(codes)})
    assert made.status_code == 303, made.text
    return await client.get(made.headers["location"])


async def hits(house: House) -> list[Any]:
    return await house.rows("SELECT id, target, title, place, edition, record FROM copy_hit ORDER BY search_id, place")


async def test_our_own_server_is_a_target_like_any_other(house: House):
    await house.places()
    await house.read(RECORDS / "bnu.mrc")
    (told,) = await house.rows("SELECT id, number, title, projection->'isbns'->0->>'isbn13' AS isbn, fields FROM instance ORDER BY number LIMIT 1")
    async with serving(house.app) as address, house.client() as client:
        for version, schema in (("1.1", "marcxchange"), ("1.2", "cnmarcxml"), ("2.0", "")):
            await target(house, f"own{version[0]}{version[2]}", f"{address}/sru", protocol=Version(version), record_schema=schema)
        page = await search(client, "own11", "own12", "own20", isbn=told.isbn)
        assert page.status_code == 200
        found = await hits(house)
        assert [(one.target, one.title) for one in found] == [(code, told.title) for code in ("own11", "own12", "own20")]
        assert len({one.edition for one in found}) == 1
        assert page.text.count("馆内已有") == 3
        close = await client.get(f"{URL}/hits/{found[0].id}")
        assert "馆内已有同一版本" in close.text
        assert "转为本馆草稿" not in close.text
        refused = await client.post(f"{URL}/hits/{found[0].id}/take", headers={"accept": "application/json"})
        assert (refused.status_code, refused.json()["code"]) == (409, "copying.already-held")
        # Were it not held, it would come in field by field as it is there, but for the holdings.
        async with house.work() as work:
            for statement in ("DELETE FROM item WHERE instance_id = :id", "DELETE FROM instance_key WHERE instance_id = :id", "DELETE FROM instance WHERE id = :id"):
                await work.session.execute(text(statement), {"id": told.id})
        taken = await client.post(f"{URL}/hits/{found[0].id}/take")
        assert taken.status_code == 303, taken.text
        number = taken.headers["location"].rpartition("/")[2]
        (draft,) = await house.rows("SELECT state, fields FROM instance WHERE number = :n", n=number)
        assert draft.state == "draft"
        kept = [one for one in told.fields["fields"] if not next(iter(one)).startswith("9")]
        assert draft.fields["fields"] == kept
        assert await house.rows("SELECT 1 FROM item i JOIN instance r ON r.id = i.instance_id WHERE r.number = :n", n=number) == []


async def test_a_draft_is_released_by_another_person_and_only_then_told(house: House, abroad: tuple[Abroad, str]):
    await house.place()
    await target(house, "tea", f"{abroad[1]}/good")
    async with house.client() as client, house.client(EXPERT) as second, house.client(CLERK) as stranger:
        await search(client, "tea", title="book of tea")
        (hit,) = await hits(house)
        assert (await second.get(f"{URL}/hits/{hit.id}")).status_code == 404, "a search is its maker's own"
        assert (await stranger.get(URL)).status_code == 403
        looked = await client.get(f"{URL}/hits/{hit.id}")
        assert "对方馆藏，不转入" in looked.text
        number = (await client.post(f"{URL}/hits/{hit.id}/take")).headers["location"].rpartition("/")[2]
        record = f"/resources/records/{number}"
        assert await house.said("resources.record.added", "resources.item.catalogued") == []
        assert await house.rows("SELECT 1 FROM oai_record") == []
        assert "校对通过并发布" not in (await client.get(record)).text
        assert "校对通过并发布" in (await second.get(record)).text
        json = {"accept": "application/json"}
        early = await client.post("/api/resources/items", json={"instance_id": number, "barcode": "A900000010", "location": "sk-2f"})
        assert (early.status_code, early.json()["code"]) == (409, "record.draft")
        same = await client.post(f"{record}/release", headers=json)
        assert (same.status_code, same.json()["code"]) == (409, "same-person")
        assert (await stranger.post(f"{record}/release", headers=json)).status_code == 403
        assert (await second.post(f"{record}/release")).status_code == 303
        again = await second.post(f"{record}/release", headers=json)
        assert (again.status_code, again.json()["code"]) == (409, "record.no-draft")
        ((_name, fact),) = await house.said("resources.record.added")
        assert (fact["number"], fact["title"], fact["isbns"]) == (number, "The book of tea", ["9787302511854"])
        assert len(await house.rows("SELECT 1 FROM oai_record WHERE NOT deleted")) == 1
        home = await client.get(URL)
        assert "馆tea" in home.text
        assert "1 条" in home.text


async def test_a_draft_thrown_away_can_be_taken_anew(house: House, abroad: tuple[Abroad, str]):
    await target(house, "tea", f"{abroad[1]}/good")
    async with house.client() as client:
        await search(client, "tea", any="tea")
        (hit,) = await hits(house)
        first = (await client.post(f"{URL}/hits/{hit.id}/take")).headers["location"]
        assert (await client.post(f"{first}/discard")).status_code == 303
        assert (await client.get(first)).status_code == 404
        assert "转为本馆草稿" in (await client.get(f"{URL}/hits/{hit.id}")).text
        second = (await client.post(f"{URL}/hits/{hit.id}/take")).headers["location"]
        assert second != first


async def test_two_who_take_the_same_record_make_one_draft(house: House, abroad: tuple[Abroad, str]):
    await target(house, "tea", f"{abroad[1]}/good")
    async with house.client() as one, house.client(EXPERT) as other:
        await search(one, "tea", any="tea")
        await search(other, "tea", any="tea")
        first, second = await hits(house)
        owner = dict(await house.rows("SELECT h.id, s.created_by FROM copy_hit h JOIN copy_search s ON s.id = h.search_id"))
        mine, theirs = (first, second) if owner[first.id] == CATALOGUER.id else (second, first)
        answers = await asyncio.gather(
            one.post(f"{URL}/hits/{mine.id}/take", headers={"accept": "application/json"}),
            other.post(f"{URL}/hits/{theirs.id}/take", headers={"accept": "application/json"}),
        )
        assert sorted(a.status_code for a in answers) == [303, 409]
        assert len(await house.rows("SELECT 1 FROM instance")) == 1


async def test_one_list_of_all_targets_with_editions_together(house: House, abroad: tuple[Abroad, str]):
    library, address = abroad
    other = MARC % (field("245", a="Tea in Japan") + field("260", c="1999"))
    library.says = answer(THIN, other, TEA)
    await target(house, "a", f"{address}/good")
    await target(house, "b", f"{address}/good")
    await target(house, "c", f"{address}/broken")
    async with house.client() as client:
        page = await search(client, "a", "b", "c", title="tea", author='O"k*')
        found = await hits(house)
        assert [one.title for one in found] == ["The book of tea"] * 4 + ["Tea in Japan"] * 2
        lacks = [row[0] for row in await house.rows("SELECT jsonb_array_length(lacks) FROM copy_hit ORDER BY place LIMIT 4")]
        assert lacks == sorted(lacks), "the fullest record of an edition comes first"
        assert "对方答复 HTTP 500" in page.text
        assert library.asked[0]["query"] == 'dc.title all "tea" and dc.creator all "O\\"k\\*"'
        assert (library.asked[0]["version"], library.asked[0]["recordSchema"]) == ("1.2", "marcxml")
        english = await client.get(str(page.url), headers={"cookie": "lang=en"})
        assert not han_in(english.text)


FAILURES = [
    ("elsewhere", "没有跟去"), ("broken", "HTTP 500"), ("endless", "已停止接收"), ("entity", "不是可读的 XML"),
    ("page", "不是可读的 XML"), ("no", "Unsupported index"), ("slow", "1 秒内没有答复"),
]


async def test_a_bad_answer_is_said_and_hurts_nobody(house: House, abroad: tuple[Abroad, str]):
    for how, _said in FAILURES:
        await target(house, how, f"{abroad[1]}/{how}", seconds=1 if how == "slow" else 20)
    async with house.client() as client:
        for how, said in FAILURES:
            page = await search(client, how, title="tea")
            assert said in page.text, how
            assert "没有取回可用的记录" in page.text, how
        # Whether the slow one heard us before our second was over is its own affair.
        heard = sorted(one["how"] for one in abroad[0].asked if one["how"] != "slow")
        assert heard == sorted(how for how, _said in FAILURES if how != "slow"), "nobody was asked twice, no redirect was followed"


async def test_nobody_is_asked_on_a_network_that_is_not_allowed(house: House, abroad: tuple[Abroad, str]):
    port = abroad[1].rpartition(":")[2]
    for code, host in (("literal", "127.0.0.1"), ("name", "localhost"), ("six", "[::ffff:127.0.0.1]")):
        await target(house, code, f"http://{host}:{port}/good", inside=False)
    async with house.client() as client:
        page = await search(client, "literal", "name", "six", title="tea")
        assert page.text.count("地址属于内部网络") == 3
        assert abroad[0].asked == []


REACHED = [
    ("93.184.216.34", True, True), ("10.1.2.3", False, True), ("192.168.0.9", False, True), ("127.0.0.1", False, True),
    ("169.254.169.254", False, False), ("0.0.0.0", False, False), ("224.0.0.1", False, False), ("100.64.0.1", False, False),
    ("::1", False, True), ("fd00::1", False, True), ("fe80::1", False, False), ("::ffff:10.0.0.1", False, True),
    ("::ffff:169.254.169.254", False, False), ("64:ff9b::a00:1", False, False), ("2002:a00:1::", False, False),
    ("2606:2800:220:1::1", True, True),
]


@pytest.mark.parametrize(("address", "outside", "inside"), REACHED)
def test_where_we_may_go(address: str, outside: bool, inside: bool):
    assert reachable(address, inside=False) is outside
    assert reachable(address, inside=True) is inside


@pytest.mark.parametrize("url", [
    "ftp://lib.example.com/sru", "file:///etc/passwd", "http://", "http://user@lib.example.com/", "http://lib.example.com/?x=1",
    "http://lib.example.com/#x", "http://lib example.com/", "http://lib.example.com:0/", "http://lib.example.com:99999/", "gopher://x/",
])
def test_addresses_we_would_not_go_to_are_refused(url: str):
    with pytest.raises(rules.BadAddress):
        rules.checked_address(url)


async def test_a_search_needs_a_word_and_a_place(house: House, abroad: tuple[Abroad, str]):
    async with house.client() as client:
        assert "还没有可检索的目标" in (await client.get(URL)).text
        await target(house, "x", f"{abroad[1]}/good")
        nothing = await client.post(URL, data={"targets": "x", "title": "  "})
        assert (nothing.status_code, "请至少填一项" in nothing.text) == (422, True)
        nowhere = await client.post(URL, data={"title": "红楼梦"})
        assert (nowhere.status_code, "请至少选一个" in nowhere.text, "红楼梦" in nowhere.text) == (422, True, True)
        unknown = await client.post(URL, data={"title": "x", "targets": "http://10.0.0.1/"})
        assert unknown.status_code == 422
        assert abroad[0].asked == []


async def test_an_index_the_target_has_not_is_not_asked(house: House, abroad: tuple[Abroad, str]):
    await target(house, "x", f"{abroad[1]}/good", author_index="")
    async with house.client() as client:
        assert "没有可用于此项的检索点" in (await search(client, "x", author="鲁迅")).text
        assert abroad[0].asked == []


async def test_targets_keep_the_promises_of_a_register(house: House):
    codes = (f"t{n}" for n in range(100))
    form = {"name": "国家图书馆", "url": "https://sru.lib.example.com/sru", "protocol": "1.2", "record_schema": "marcxml"}
    await keeps_its_promises(targets, house.app, lambda: {"no": next(codes), **form})
    async with house.client() as client:
        refused = await client.post("/resources/sru-targets", data={"no": "bad", **form, "url": "ftp://lib.example.com/x"})
        assert (refused.status_code, "地址须以 http" in refused.text, "ftp://lib.example.com/x" in refused.text) == (422, True, True)


def test_of_a_record_only_the_other_librarys_holdings_are_left_out():
    record = read_one(TEA).record  # type: ignore[union-attr]
    assert [one.tag for one in rules.ours(record).fields] == ["001", "003", "020", "245", "260"]
    chinese = replace(record, dialect="cnmarc")
    assert "852" not in [one.tag for one in rules.ours(chinese).fields]


def test_the_request_is_what_the_version_wants():
    known = Target(no="x", name="x", url="https://lib.example.com/sru", protocol=Version.v20, created_by="S001")
    assert rules.address(known, "a b") == "https://lib.example.com/sru?query=a+b&maximumRecords=20&recordSchema=marcxml"
    assert rules.question(known, {"isbn": "978-7-302-51185-4"}) == 'bath.isbn = "9787302511854"'


STRANGER = Actor("anonymous", kind="anonymous")


async def test_nobody_copies_without_signing_in(house: House):
    async with house.client(STRANGER) as client:
        assert (await client.get(URL)).status_code == 303
        assert (await client.post(URL, data={"title": "x"}, headers={"accept": "application/json"})).status_code in (401, 403)
