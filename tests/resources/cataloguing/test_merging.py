"""Duplicates are found, compared, merged and taken apart again; whatever pointed to the lost record points to the other.

covers: RES-MGT-01, RDR-LED-FRD-06
"""

from __future__ import annotations

import asyncio
import re
from typing import Any

import httpx
import pytest

from services.resources.cataloguing.items import commands as items
from services.resources.cataloguing.marc import typed
from services.resources.cataloguing.marc.record import Field, Record
from services.resources.cataloguing.merging import commands, finding, queries, rules, undoing
from services.resources.cataloguing.merging.model import MergeState
from services.resources.cataloguing.oai import commands as oai
from services.resources.cataloguing.records import commands as records
from services.resources.cataloguing.records.queries import by_key
from services.resources.cataloguing.versions import commands as versions
from services.resources.cataloguing.versions import queries as version_queries
from services.resources.cataloguing.versions.rules import compare
from shared.events.reader import ItemBarcodeReplaced, ItemLent, ItemReturned
from shared.identity import Actor
from shared.refusals import NotAllowed, SamePerson
from shared.states import NotFromHere
from shared.testing.registers import han_in
from shared.work import Work
from tests.resources.conftest import BINDER, CATALOGUER, CLERK, EXPERT, House

THIRD = Actor("S004", "白校对", posts=("RES-MGT",), dept="resources")
BOOK = {"title": "活着", "by": "余华", "house": "作家出版社", "year": "2012", "isbn": "978-7-5063-6543-7"}


def record(**facts: str) -> Record:
    told = {**BOOK, **facts}
    fields = [
        Field("010", "  ", (("a", told["isbn"]), ("d", "CNY20.00"))) if told["isbn"] else None,
        Field("100", "  ", (("a", f"20120101d{told['year']}    em y0chiy50      ea"),)),
        Field("101", "0 ", (("a", "chi"),)),
        Field("200", "1 ", (("a", told["title"]), ("f", f"{told['by']}著"), *((("h", told["part"]),) if told.get("part") else ()))),
        Field("210", "  ", (("a", "北京"), ("c", told["house"]), ("d", told["year"]))),
        None if told["isbn"] else Field("300", "  ", (("a", "无书号"),)),
        Field("606", "0 ", (("a", told["subject"]),)) if told.get("subject") else None,
        Field("690", "  ", (("a", "I247.57"), ("v", "5"))),
        Field("701", " 0", (("a", told["by"]), ("4", "著"))),
        Field("801", " 0", (("a", "CN"), ("b", told.get("agency", "JUL")))),
    ]
    return Record("     nam0 22     3i 450 ", tuple(one for one in fields if one), "cnmarc")


async def book(house: House, copies: int = 0, **facts: str) -> str:
    """A released record with copies."""
    async with house.work() as work:
        saved = await versions.create(work, record(**facts), anyway=True)
        number = saved.record.number
    async with house.work(EXPERT) as work:
        await records.release(work, number)
    for n in range(copies):
        async with house.work() as work:
            await items.add_item(work, number=number, barcode=f"A{number[-3:]}{n:03d}", location="sk-2f", call_number="I247.57/5")
    return number


async def merge(house: House, into: str, gone: str, actor: Actor = CATALOGUER, choices: dict[int, str] | None = None) -> Any:
    async with house.work(actor) as work:
        one, other = await by_key(work.session, into), await by_key(work.session, gone)
        return await commands.propose(
            work, into=into, gone=gone, bases=(one.revision, other.revision), choices=choices or {}, reason="同一种书",
        )


async def find(house: House) -> int:
    async with house.work() as work:
        return await finding.find(work)


async def groups(house: House) -> list[tuple[int, list[str], list[str]]]:
    async with house.kit.reading() as session:
        found, _total = await queries.groups(session, limit=50, offset=0)
    return [(g.score, [r.number for r in g.records], g.pairs[0].reasons) for g in found]


async def where(house: House, number: str) -> list[str]:
    return [row[0] for row in await house.rows(
        "SELECT item.barcode FROM item JOIN instance i ON i.id = item.instance_id WHERE i.number = :n ORDER BY 1", n=number)]


def reasons(refusal: Any) -> list[str]:
    return [one.code for one in refusal.value.reasons]


@pytest.fixture
async def two(house: House) -> tuple[House, str, str]:
    """Two records of one book; the second has its own subject, one copy each."""
    await house.place()
    kept = await book(house, copies=1)
    gone = await book(house, copies=1, isbn="750636543X", subject="长篇小说", agency="NLC")
    return house, kept, gone


async def test_what_looks_alike_is_found_scored_and_grouped(house: House):
    one = await book(house)
    ten = await book(house, isbn="7-5063-6543-X")  # the same number in its old form
    bare = await book(house, isbn="")  # no number at all, the same description
    other = await book(house, title="许三观卖血记", year="1998")  # the same number, wrongly
    edition = await book(house, isbn="9787544253994")  # like it, with a number of its own
    await book(house, part="第1卷", isbn="9787020002207", title="红楼梦")
    await book(house, part="第2卷", isbn="9787020002207", title="红楼梦")  # volumes of a set share numbers
    assert await find(house) == 1
    ((score, members, why),) = await groups(house)
    assert (score, members) == (100, [one, ten, bare, other, edition])
    assert why == ["isbn", "alike"]
    pairs = {frozenset((a, b)): (n, codes) for a, b, n, codes in await house.rows(
        "SELECT a.number, b.number, score, reasons FROM likeness JOIN instance a ON a.id = a_id JOIN instance b ON b.id = b_id")}
    assert pairs[frozenset((one, bare))] == (80, ["alike"])
    assert pairs[frozenset((one, other))] == (55, ["isbn", "other-title", "other-year"])
    assert pairs[frozenset((bare, edition))] == (80, ["alike"])  # it may be either
    assert not {frozenset((bare, other)), frozenset((one, edition)), frozenset((ten, edition))} & set(pairs)
    # Corrected, a record is no candidate any more; a second look adds nothing.
    async with house.work() as work:
        known = await by_key(work.session, other)
        marc = typed.write(await version_queries.working(work.session, known), {"isbns": "9787506365680"})
        await versions.save(work, other, marc, base=known.revision)
    async with house.work(EXPERT) as work:
        await versions.accept(work, other)
    assert await find(house) == 1
    assert (await groups(house))[0][1] == [one, ten, bare, edition]


async def test_no_is_remembered_for_ever_and_can_be_taken_back(two: tuple[House, str, str]):
    house, kept, gone = two
    await find(house)
    ((pair,),) = await house.rows("SELECT id FROM likeness")
    async with house.client() as client:
        said = await client.post(f"/resources/duplicates/{kept}/distinct", data={"pair": str(pair), "note": "平装与精装"})
        assert (said.status_code, said.headers["location"]) == (303, "/resources/duplicates")
        assert await find(house) == 0
        page = (await client.get("/resources/duplicates?tab=distinct")).text
        assert "平装与精装" in page
        await client.post("/resources/duplicates/reconsider", data={"pair": str(pair)})
    assert [one[1] for one in await groups(house)] == [[kept, gone]]


async def test_a_merge_takes_everything_along_and_undone_gives_everything_back(two: tuple[House, str, str]):
    house, kept, gone = two
    lost_barcode, kept_barcode = (await where(house, gone))[0], (await where(house, kept))[0]
    ids = {number: str(uid) for number, uid in await house.rows("SELECT number, id FROM instance")}
    async with house.work() as work:
        await items_disc(work, lost_barcode)
    await find(house)
    async with house.kit.works.open() as work:
        await oai.stamp(work)
    lines = await lines_of(house, kept, gone)
    subject = next(n for n, line in enumerate(lines) if line.new is not None and line.new.tag == "606")
    case = await merge(house, kept, gone, choices={subject: rules.TAKE})
    assert case.state is MergeState.done
    assert await where(house, kept) == sorted([kept_barcode, lost_barcode, "D900001"])
    assert await where(house, gone) == []
    ((state, into),) = await house.rows("SELECT state, merged_into::text FROM instance WHERE number = :n", n=gone)
    assert (state, into) == ("suppressed", ids[kept])
    (fact,) = [payload for _name, payload in await house.said("resources.record.suppressed")]
    assert (fact["instance_id"], fact["merged_into"], fact["into_number"], fact["merge"]) == (ids[gone], ids[kept], kept, case.no)
    # What patrons read of the survivor changes when another person has read it, as ever.
    assert await house.said("resources.record.changed") == []
    async with house.work(EXPERT) as work:
        await versions.accept(work, kept)
    (changed,) = [payload for _name, payload in await house.said("resources.record.changed")]
    assert changed["subjects"] == ["长篇小说"]
    # Number and link answer for the other; harvesters hear of the deletion and of the survivor's new place.
    async with house.client(CLERK) as client:
        led = await client.get(f"/resources/records/{gone}")
        assert (led.status_code, led.headers["location"]) == (303, f"/resources/records/{kept}")
        shell = await client.get(f"/resources/records/{gone}?shell=1")
        assert f"已并入 {kept}" in shell.text
        told = (await client.get(f"/api/resources/instances/{gone}")).json()
        assert (told["number"], told["asked"], told["items"]) == (kept, gone, 3)
        assert [one["number"] for one in (await client.get("/api/resources/instances", params={"q": "活着"})).json()["items"]] == [kept]
        assert (await client.get(f"/resources/records/{gone}/marc")).content[5:6] == b"d"
        assert (await client.get(f"/resources/records/{kept}/marc")).content[5:6] == b"n"
        assert case.no in (await client.get(f"/resources/records/{kept}")).text
    header = await house.rows("SELECT deleted, stamp FROM oai_record WHERE number = :n", n=gone)
    assert [tuple(row) for row in header] == [(True, None)]
    with pytest.raises(rules.MergeRefused) as refusal:
        await merge(house, gone, kept)
    assert reasons(refusal) == ["merge.merged"]
    # Undone, both stand as before.
    async with house.work(EXPERT) as work:
        await undoing.undo(work, case.no, reason="并错了")
    assert await where(house, gone) == sorted([lost_barcode, "D900001"])
    assert await where(house, kept) == [kept_barcode]
    assert [tuple(row) for row in await house.rows("SELECT state, merged_into FROM instance")] == [("released", None)] * 2
    assert [name for name, _payload in (await house.said())[-2:]] == ["resources.record.unmerged", "resources.record.added"]
    async with house.work() as work:
        now = await version_queries.working(work.session, await by_key(work.session, kept))
    assert now.of("606") == []
    assert [one[1] for one in await groups(house)] == [[kept, gone]]
    with pytest.raises(NotFromHere):
        async with house.work(EXPERT) as work:
            await undoing.undo(work, case.no, reason="再撤一次")


async def items_disc(work: Work, barcode: str) -> None:
    from services.resources.cataloguing.items.accompanying import add_disc

    await add_disc(work, book=barcode, barcode="D900001")


async def lines_of(house: House, kept: str, gone: str) -> list[Any]:
    async with house.work() as work:
        one, other = [
            await version_queries.working(work.session, await by_key(work.session, number)) for number in (kept, gone)
        ]
    return rules.side_by_side(one, other)


async def test_lent_items_and_many_items_need_a_second_person(two: tuple[House, str, str]):
    house, kept, gone = two
    barcode = (await where(house, gone))[0]
    about = {"barcode": barcode, "title": "活着"}
    lent = ItemLent(**about, loan_id="1", card="2023", due_on="2026-12-20")
    await house.heed(lent)
    await house.heed(lent)  # twice
    await house.heed(ItemBarcodeReplaced(item_id="x", former=barcode, **{**about, "barcode": "A555555"}))
    case = await merge(house, kept, gone)
    assert (case.state, case.on_loan, case.items) == (MergeState.proposed, 1, 1)
    assert await where(house, kept) != [barcode]
    waits = await house.said("resources.merge.proposed")
    assert waits[0][1]["on_loan"] == 1
    for work_of, error in ((CATALOGUER, SamePerson), (BINDER, NotAllowed)):
        with pytest.raises(error):
            async with house.work(work_of) as work:
                await commands.release(work, case.no)
    with pytest.raises(rules.MergeRefused) as refusal:
        await merge(house, gone, kept, actor=EXPERT)
    assert reasons(refusal) == ["merge.waits", "merge.waits"]
    async with house.work(EXPERT) as work:
        await commands.release(work, case.no)
    assert await where(house, gone) == []
    # Back from the patron, one item is one person's affair; unless the house says no item at all is.
    third = await book(house, copies=1)
    await house.heed(ItemReturned(**{**about, "barcode": "A555555"}))
    assert (await merge(house, kept, third)).state is MergeState.done
    async with house.work() as work:
        await commands.set_most(work, "0")
    fourth = await book(house, copies=1)
    case = await merge(house, kept, fourth)
    assert case.state is MergeState.proposed
    async with house.work(EXPERT) as work:
        await commands.decline(work, case.no, reason="版本不同")
    assert await where(house, fourth) != []


async def test_all_reasons_against_a_merge_are_said_at_once(two: tuple[House, str, str]):
    house, kept, gone = two
    async with house.work(THIRD) as work:
        known = await by_key(work.session, gone)
        marc = typed.write(await version_queries.working(work.session, known), {"note": "附彩图"})
        await versions.save(work, gone, marc, base=known.revision)
    async with house.work(EXPERT) as work:
        await records.hide(work, kept, reason="著录有误")
        draft = (await versions.create(work, record(isbn="9787544253994"), anyway=True)).record.number
    with pytest.raises(rules.MergeRefused) as refusal:
        async with house.work() as work:
            await commands.propose(work, into=kept, gone=gone, bases=(7, 2), choices={}, reason="")
    assert reasons(refusal) == ["merge.open", "merge.hidden", "merge.changed"]
    with pytest.raises(rules.MergeRefused) as refusal:
        await merge(house, draft, draft)
    assert reasons(refusal) == ["merge.same"]
    with pytest.raises(rules.MergeRefused) as refusal:
        await merge(house, draft, kept)
    assert reasons(refusal) == ["merge.draft"]
    with pytest.raises(NotAllowed):
        await merge(house, kept, gone, actor=CLERK)


async def test_after_something_new_a_merge_is_not_undone(two: tuple[House, str, str]):
    house, kept, gone = two
    first = await merge(house, kept, gone)
    final = await book(house, isbn="9787544253994")
    second = await merge(house, final, kept)
    # A number of long ago leads straight to today's record.
    async with house.client(CLERK) as client:
        assert (await client.get(f"/resources/records/{gone}")).headers["location"] == f"/resources/records/{final}"
    with pytest.raises(rules.UndoRefused) as refusal:
        async with house.work(EXPERT) as work:
            await undoing.undo(work, first.no, reason="并错了")
    assert reasons(refusal) == ["undo.merged-on", "undo.items"]
    with pytest.raises(rules.NeedsReason):
        async with house.work(EXPERT) as work:
            await undoing.undo(work, second.no, reason=" ")
    for no in (second.no, first.no):  # the last one first
        async with house.work(EXPERT) as work:
            await undoing.undo(work, no, reason="并错了")
    assert len(await where(house, gone)) == 1


async def test_two_cataloguers_who_merge_crosswise_get_one_merge(two: tuple[House, str, str]):
    house, kept, gone = two
    done = await asyncio.gather(merge(house, kept, gone), merge(house, gone, kept, actor=EXPERT), return_exceptions=True)
    assert sum(isinstance(one, rules.MergeRefused) for one in done) == 1, done
    assert [row[0] for row in await house.rows("SELECT count(*) FROM instance WHERE merged_into IS NOT NULL")] == [1]


async def test_an_import_finds_the_survivor_by_the_lost_records_numbers(house: House, tmp_path: Any):
    await house.place()
    kept, gone = await book(house), await book(house, isbn="9787544253994")
    await merge(house, kept, gone)
    path = tmp_path / "again.mrc"
    path.write_bytes(record(isbn="9787544253994").to_iso2709())
    job = await house.read(path)
    (line,) = await house.lines(job)
    assert (line["outcome"], line["record"]) == ("duplicate", kept)


async def test_the_screens_lead_from_the_list_to_the_merge_and_back(two: tuple[House, str, str]):
    house, kept, gone = two
    async with house.client() as client, house.client(EXPERT, lang="en") as other:
        assert "还没有查过" in (await client.get("/resources/duplicates")).text
        found = await client.post("/resources/duplicates/find")
        assert found.status_code == 303
        listed = (await client.get("/resources/duplicates")).text
        assert f"/resources/duplicates/{kept}" in listed
        group = (await client.get(f"/resources/duplicates/{gone}")).text
        link = re.search(r'href="(/resources/merges/new\?into=[^"]+)"[^>]*>(?:<svg.*?</svg>)?对照合并', group, re.DOTALL)
        assert link, group
        compare_page = await client.get(f"/resources/merges/new?into={kept}&gone={gone}")
        assert "带过来" in compare_page.text
        assert (await client.get(f"/resources/merges/new?into={kept}&gone=B9999999")).status_code == 404
        assert "与哪一条合并" in (await client.get(f"/resources/merges/new?into={kept}")).text
        bases = dict(re.findall(r'name="(into_base|gone_base)" value="(\d+)"', compare_page.text))
        stale = await client.post("/resources/merges", data={"into": kept, "gone": gone, **bases, "into_base": "9", "line-5": "take", "reason": "留着的理由"})
        assert stale.status_code == 409
        assert "在对照之后已改动" in stale.text
        assert "留着的理由" in stale.text
        done = await client.post("/resources/merges", data={"into": kept, "gone": gone, **bases, "line-x": "take", "line-9999": "take"})
        assert done.status_code == 303, done.text
        case = done.headers["location"]
        page = (await other.get(case)).text
        assert not han_in(page), han_in(page)
        assert "Undo the merge" in page
        assert not han_in((await other.get("/resources/duplicates?tab=merged")).text)
        empty = await other.post(f"{case}/undo", data={"reason": ""})
        assert empty.status_code == 422
        assert (await other.post(f"{case}/undo", data={"reason": "wrong"})).status_code == 303
        bad = await client.post("/resources/duplicates/settings", data={"most_items": "many"})
        assert bad.status_code == 422
        assert "many" in bad.text
    async with house.client(CLERK) as clerk:
        refused: httpx.Response = await clerk.post("/resources/duplicates/find")
        assert refused.status_code == 403


def test_what_is_chosen_line_by_line_is_what_the_record_says():
    left, right = record(), record(subject="长篇小说", house="上海文艺出版社")
    right = right.with_fields([*right.fields, Field("905", "  ", (("s", "X"),))])
    lines = rules.side_by_side(left, right)
    tags = frozenset(one.tag for one in left.fields)
    by_tag = {(line.new or line.old or Field("")).tag: n for n, line in enumerate(lines)}
    assert rules.proposed(lines[by_tag["606"]], tags) == rules.TAKE
    assert rules.proposed(lines[by_tag["210"]], tags) == rules.KEEP
    assert rules.offers(lines[by_tag["905"]]) == ()
    assert rules.joined(left, lines, {}) == left
    made = rules.joined(left, lines, {by_tag["606"]: rules.TAKE, by_tag["210"]: rules.BOTH, by_tag["905"]: rules.TAKE})
    assert [one.tag for one in made.fields] == ["010", "100", "101", "200", "210", "210", "606", "690", "701", "801"]
    assert rules.joined(left, lines, {by_tag["210"]: rules.TAKE}).first("210", "c") == "上海文艺出版社"
    assert compare(left, made)


@pytest.mark.parametrize(("items", "on_loan", "second"), [(5, 0, False), (6, 0, True), (0, 1, True), (0, 0, False)])
def test_who_may_merge_alone(items: int, on_loan: int, second: bool):
    assert rules.needs_second(items, on_loan, rules.MOST_ITEMS) is second
