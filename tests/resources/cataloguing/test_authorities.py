"""Authorities are made and verified by two people; headings are found, linked, changed everywhere, and put back.

covers: RES-MGT-01, RES-ACQ-01
"""

from __future__ import annotations

import asyncio
import html
import re
from typing import Any

import pytest

from services.resources.cataloguing.authorities import commands, following, indexing, queries, rules
from services.resources.cataloguing.authorities import records as marcs
from services.resources.cataloguing.authorities.model import AuthorityState
from services.resources.cataloguing.authorities.runner import Runner
from services.resources.cataloguing.imports import runner as imports
from services.resources.cataloguing.marc import headings
from services.resources.cataloguing.marc.crosswalk import convert
from services.resources.cataloguing.marc.record import Field, Record
from services.resources.cataloguing.records import commands as records
from services.resources.cataloguing.records import queries as catalogue
from services.resources.cataloguing.records.queries import by_key
from services.resources.cataloguing.versions import commands as versions
from services.resources.cataloguing.versions import queries as version_queries
from shared.identity import Actor
from shared.refusals import NotAllowed, SamePerson
from shared.testing.registers import han_in
from tests.resources.conftest import CATALOGUER, CLERK, EXPERT, House, event_time

LUXUN = {"name": "鲁迅 | 1881-1936", "variants": "周树人\n周樟寿\n迅行 | 笔名", "source": "中国大百科全书"}


def cn(name: str, *, title: str = "呐喊", tag: str = "701", more: tuple[tuple[str, str], ...] = (), subject: str = "") -> Record:
    fields = [
        Field("100", "  ", (("a", "20120101d2012    em y0chiy50      ea"),)), Field("101", "0 ", (("a", "chi"),)),
        Field("200", "1 ", (("a", title), ("f", f"{name}著"))), Field("210", "  ", (("a", "北京"), ("c", "人民文学出版社"), ("d", "2012"))),
        Field("300", "  ", (("a", "无书号"),)), *([Field("606", "0 ", (("a", subject), ("x", "研究"), ("y", "中国")))] if subject else []),
        Field("690", "  ", (("a", "I210.6"), ("v", "5"))), Field(tag, " 0", (("a", name), *more, ("4", "著"))), Field("801", " 0", (("a", "CN"), ("b", "JUL"))),
    ]
    return Record("     nam0 22     3i 450 ", tuple(fields), "cnmarc")


async def book(house: House, marc: Record, *, released: bool = True) -> str:
    async with house.work() as work:
        number = (await versions.create(work, marc, anyway=True)).record.number
    if released:
        async with house.work(EXPERT) as work:
            await records.release(work, number)
    return number


async def authority(house: House, kind: str = "person", *, verified: bool = True, **given: str) -> str:
    async with house.work() as work:
        no = (await commands.create(work, rules.told_of(kind, given or LUXUN))).no
    if verified:
        await verify(house, no)
    return no


async def verify(house: House, no: str, actor: Actor = EXPERT) -> str:
    async with house.work(actor) as work:
        _one, change = await commands.verify(work, no)
    await run(house)
    return change.no if change else ""


async def run(house: House) -> None:
    runner = Runner(house.kit)
    while await runner.once():
        pass


async def field(house: House, number: str, tag: str = "701") -> Field:
    async with house.kit.reading() as session:
        record = await by_key(session, number, whole=True)
        return Record.from_json(record.fields).of(tag)[0]


async def search(house: House, q: str) -> set[str]:
    async with house.kit.reading() as session:
        return {one.number for one in (await catalogue.find(session, q))[0]}


async def open_(house: House, **asked: Any) -> list[queries.Open]:
    async with house.kit.reading() as session:
        return await queries.open_headings(session, limit=50, **asked)


async def change(house: House, no: str) -> Any:
    async with house.kit.reading() as session:
        return await queries.change_of(session, no)


def test_headings_read_alike_in_both_families() -> None:
    ours = headings.read(Field("701", " 1", (("a", "Lu"), ("b", "Xun"), ("f", "1881-1936"), ("4", "著"))), "cnmarc")
    theirs = headings.read(Field("100", "1 ", (("a", "Lu, Xun,"), ("d", "1881-1936,"), ("e", "author."))), "marc21")
    assert ours is not None
    assert theirs is not None
    assert (ours.bare, ours.marks, ours.text) == (theirs.bare, theirs.marks, "Lu, Xun, 1881-1936") == (theirs.bare, ["1881-1936"], theirs.text)
    assert headings.bare("person", (("a", "魯迅"),)) == headings.bare("person", (("a", "鲁迅"),))
    assert headings.read(Field("600", "10", (("a", "Kubo, Sakae,"), ("t", "Kazanbaichi."))), "marc21") is None
    assert headings.read(Field("650", " 7", (("a", "China"), ("2", "fast"))), "marc21") is None


def test_the_established_form_touches_nothing_but_the_heading() -> None:
    parts = (("a", "Lu, Xun"), ("d", "1881-1936"))
    old = Field("100", "1 ", (("6", "880-01"), ("a", "Chou, Shu-jen,"), ("e", "author."), ("0", "(DLC)n80"), ("0", "AU0000007")))
    new = headings.established(old, "person", parts, "AU0000001", "marc21")
    assert new.subfields == (
        ("6", "880-01"), ("a", "Lu, Xun,"), ("d", "1881-1936,"), ("e", "author."), ("0", "(DLC)n80"), ("0", "AU0000001"),
    )
    topic = headings.established(Field("606", "0 ", (("a", "章回体"), ("x", "研究"))), "topic", (("a", "章回小说"),), "AU0000002", "cnmarc")
    assert topic.subfields == (("a", "章回小说"), ("x", "研究"), ("3", "AU0000002"))
    back = headings.established(Field("701", " 0", (("a", "周树人"), ("A", "Zhou Shuren"), ("4", "著"))), "person", (("a", "鲁迅"), ("d", "1881-1936")), "AU0000001", "cnmarc")
    assert back.subfields == (("a", "鲁迅"), ("f", "1881-1936"), ("4", "著"), ("3", "AU0000001"))


def test_a_link_crosses_from_one_family_to_the_other_and_back() -> None:
    linked = cn("鲁迅", more=(("3", "AU0000001"),), subject="章回小说")
    there = convert(linked, "marc21")
    assert there.first("700", "0") == "AU0000001"
    assert not [one for one in there.of("886") if one.first("a") == "701"]
    assert convert(there, "cnmarc").first("701", "3") == "AU0000001"


def test_an_authority_comes_back_from_either_format_as_it_went() -> None:
    from datetime import UTC, datetime

    told = rules.told_of("person", {**LUXUN, "related": "周作人 | 1885-1967", "note": "原名周樟寿"})
    for dialect in ("cnmarc", "marc21"):
        marc = marcs.written(told, "AU0000001", dialect=dialect, changed=datetime(2026, 1, 2, tzinfo=UTC), agency="GW", provisional=False)
        back = marcs.read(Record(marc.leader, marc.fields, dialect, "authority"))
        assert back is not None
        assert (back.form, set(back.variants), back.relations, back.source, back.note) == (told.form, set(told.variants), told.relations, told.source, told.note)
        assert dialect == "cnmarc" or len(marc.first("008")) == 40


@pytest.mark.parametrize(("established", "same", "owner", "verdict"), [
    ((), (), (), "unknown"), ((True,), (True,), (1,), "exact"), ((False,), (True,), (1,), "variant"), ((True, False), (True, True), (1, 2), "ambiguous"),
    ((True, True), (True, False), (1, 2), "exact"), ((True, True), (False, False), (1, 2), "ambiguous"),
])
def test_a_heading_is_judged_by_what_it_may_be(established: tuple[bool, ...], same: tuple[bool, ...], owner: tuple[int, ...], verdict: str) -> None:
    may = [rules.Match(o, f"AU{o:07d}", "person", "verified", "x", [], e, s) for e, s, o in zip(established, same, owner, strict=True)]
    assert rules.judge(may).what == verdict


async def test_two_people_make_an_authority_and_records_follow_it(house: House) -> None:
    plain, by_pen = await book(house, cn("魯迅")), await book(house, cn("周树人", title="彷徨"))
    no = await authority(house, verified=False)
    with pytest.raises(SamePerson):
        async with house.work() as work:
            await commands.verify(work, no)
    with pytest.raises(NotAllowed):
        async with house.work(CLERK) as work:
            await commands.create(work, rules.told_of("person", LUXUN))
    assert (await field(house, plain)).first("3") == ""
    found = {one.text: (one.what, one.no) for one in await open_(house, kind="person")}
    assert found == {"魯迅": ("exact", no), "周树人": ("variant", no)}
    done = await change(house, await verify(house, no))
    assert (done.state.value, done.total, done.done) == ("done", 1, 1)
    # The name was found alike, and stands in its established form now, with the link; nobody need proofread that.
    assert (await field(house, plain)).subfields == (("a", "鲁迅"), ("f", "1881-1936"), ("4", "著"), ("3", no))
    async with house.kit.reading() as session:
        assert await version_queries.open_of(session, (await by_key(session, plain)).id) is None
    # Patrons find it by the names they know, as soon as the fact reaches their catalogue.
    told = [payload["also"] for _name, payload in await house.said("resources.record.changed")]
    assert told == [["周树人", "周樟寿", "迅行, 笔名"]]
    # A variant is replaced only when somebody says so.
    assert (await field(house, by_pen)).first("a") == "周树人"
    async with house.work() as work:
        await commands.link(work, no=no, kind="person", bare="周树人", marks=[])
    await run(house)
    assert (await field(house, by_pen)).first("a3") == "鲁迅"
    assert await open_(house, kind="person") == []
    # Whoever catalogues the next one has it linked at the save.
    assert (await field(house, await book(house, cn("鲁迅", title="故事新编")))).first("3") == no
    said = [name for name, _payload in await house.said() if name.startswith("resources.authority")]
    assert said == ["resources.authority.saved", "resources.authority.verified", "resources.authority.followed", "resources.authority.followed"]


async def test_a_changed_heading_changes_every_record_once_it_is_verified_and_back_again(house: House) -> None:
    no = await authority(house)
    books = [await book(house, cn("鲁迅", title=title)) for title in ("呐喊", "彷徨", "野草")]
    # One has a correction that waits; it keeps what it says, and the change says why.
    async with house.work() as work:
        one = await by_key(work.session, books[2], whole=True)
        marc = Record.from_json(one.fields)
        await versions.save(work, books[2], marc.with_fields([*marc.fields, Field("330", "  ", (("a", "散文诗"),))]), base=one.revision)
    async with house.work() as work:
        told = rules.told_of("person", {**LUXUN, "name": "鲁迅 | 1881.9-1936.10"})
        await commands.edit(work, no, told, base=(await queries.by_no(work.session, no)).revision)
    assert (await field(house, books[0])).first("f") == ""
    made = await verify(house, no)
    done = await change(house, made)
    assert (done.total, done.done, done.skipped) == (3, 2, 1)
    assert [(await field(house, number)).first("f") for number in books] == ["1881.9-1936.10", "1881.9-1936.10", ""]
    async with house.work(EXPERT) as work:
        await following.undo(work, made, reason="生卒年写法不对")
    await run(house)
    assert (await change(house, made)).state.value == "undone"
    assert [(await field(house, number)).first("f3") for number in books[:2]] == [no, no]
    assert await search(house, "周树人") == set(books)


async def test_a_first_verification_that_was_wrong_is_taken_back(house: House) -> None:
    number, no = await book(house, cn("魯迅")), await authority(house, verified=False)
    made = await verify(house, no)
    async with house.work(EXPERT) as work:
        await following.undo(work, made, reason="不是同一人")
    await run(house)
    assert (await field(house, number)).subfields == (("a", "魯迅"), ("4", "著"))
    assert await search(house, "周樟寿") == set()
    async with house.kit.reading() as session:
        assert (await queries.by_no(session, no)).state is AuthorityState.provisional
    async with house.kit.reading() as session:
        assert (await queries.by_no(session, no)).heading == "鲁迅, 1881-1936"


async def test_what_was_changed_since_is_not_undone(house: House) -> None:
    no = await authority(house)
    number = await book(house, cn("鲁迅"))
    async with house.work() as work:
        await commands.edit(work, no, rules.told_of("person", {"name": "鲁迅 | 1881-1937"}), base=2)
    made = await verify(house, no)
    async with house.work() as work:
        await versions.save(work, number, cn("别人"), base=(await by_key(work.session, number)).revision)
    with pytest.raises(rules.UndoRefused) as refused:
        async with house.work(EXPERT) as work:
            await following.undo(work, made, reason="误改")
    assert [reason.code for reason in refused.value.reasons] == ["undo.record"]


async def test_two_authorities_become_one_and_come_apart(house: House) -> None:
    into = await authority(house)
    gone = await authority(house, name="周豫才")
    number = await book(house, cn("周豫才"))
    assert (await field(house, number)).first("3") == gone
    with pytest.raises(rules.MergeRefused):
        async with house.work(EXPERT) as work:
            await commands.merge(work, into=into, gone=into)
    async with house.work(EXPERT) as work:
        made = (await commands.merge(work, into=into, gone=gone, reason="同一人")).no
    await run(house)
    assert (await field(house, number)).subfields == (("a", "鲁迅"), ("f", "1881-1936"), ("4", "著"), ("3", into))
    async with house.kit.reading() as session:
        lost = await queries.by_no(session, gone)
        assert lost.state is AuthorityState.merged
        assert (await queries.today(session, lost)).no == into
        assert "周豫才" in {form.text for form in (await queries.told(session, await queries.by_no(session, into))).variants}
    async with house.work(EXPERT) as work:
        await following.undo(work, made, reason="不是同一人")
    await run(house)
    assert (await field(house, number)).subfields == (("a", "周豫才"), ("4", "著"), ("3", gone))
    async with house.kit.reading() as session:
        assert (await queries.by_no(session, gone)).state is AuthorityState.verified
        assert await queries.counts(session, [(await queries.by_no(session, gone)).id]) == {(await queries.by_no(session, gone)).id: 1}


async def test_two_who_make_the_same_heading_at_once_get_one(house: House) -> None:
    async def make(actor: Actor) -> str:
        async with house.work(actor) as work:
            return (await commands.create(work, rules.told_of("topic", {"name": "章回小说"}))).no
    made = await asyncio.gather(make(CATALOGUER), make(EXPERT), return_exceptions=True)
    assert sorted(type(one).__name__ for one in made) == ["SameHeading", "str"]


async def test_all_that_match_exactly_are_linked_at_once(house: House) -> None:
    async with house.work(EXPERT) as work:
        await commands.choose(work, link_on_save=False)
    books = [await book(house, cn("鲁迅", subject="章回小说", title=f"书{n}")) for n in range(3)]
    no, topic = await authority(house), await authority(house, "topic", name="章回小说", variants="章回体")
    async with house.work() as work:
        made = (await commands.link_all(work)).no
    await run(house)
    assert (await change(house, made)).done == 3
    assert {(await field(house, one)).first("3") for one in books} == {no}
    assert (await field(house, books[0], "606")).subfields == (("a", "章回小说"), ("x", "研究"), ("y", "中国"), ("3", topic))
    with pytest.raises(rules.NothingToLink):
        async with house.work() as work:
            await commands.link_all(work)


def made(kind: str, number: str, dialect: str, **given: str) -> bytes:
    marc = marcs.written(rules.told_of(kind, given), number, dialect=dialect, changed=event_time(), agency="NLC", provisional=False)
    return marc.to_iso2709()


async def test_a_file_of_authorities_is_tried_and_then_taken(house: House) -> None:
    known = await authority(house)
    data = b"".join((
        made("person", "001", "cnmarc", name="鲁迅 | 1881-1936"), made("person", "002", "cnmarc", name="金庸 | 1924-2018", variants="查良镛"),
        made("topic", "003", "cnmarc", name="武侠小说", broader="小说"), made("topic", "004", "cnmarc", name="小说"),
        made("person", "002", "cnmarc", name="金庸 | 1924-2018", variants="查良镛"), made("person", "005", "cnmarc", name="周樟寿"),
    ))
    async with house.client() as client, house.client(EXPERT) as other:
        sent = await client.post("/resources/authorities/import", files={"file": ("nlc.iso", data)})
        assert sent.status_code == 303
        look = (await client.get(sent.headers["location"])).text
        assert re.findall(r"<td class=\"state\"><span[^>]*>([^<]+)<", look) == ["标目相同", "新规范", "新规范", "新规范", "文件内重复", "新规范"]
        assert known in look
        assert "可能是同一个" in look
        assert [row[0] for row in await house.rows("SELECT count(*) FROM authority")] == [1]
        job = sent.headers["location"].rsplit("/", 1)[-1]
        await client.post(f"/resources/imports/{job}/start")
        runner = imports.Runner(house.kit)
        while await runner.once():
            pass
        assert [line["outcome"] for line in await house.lines(await house.job(job))] == ["duplicate", "added", "added", "added", "duplicate", "added"]
        assert (await client.get(sent.headers["location"])).headers["location"] == f"/resources/imports/{job}"
        own = await client.post("/resources/authorities/verify", data={"job": job})
        done = await other.post("/resources/authorities/verify", data={"job": job})
        assert [own.status_code, done.status_code] == [303, 303]
        page = (await other.get("/resources/authorities", params={"q": "查良镛"})).text
        assert "金庸, 1924-2018" in page
        novel = (await other.get("/resources/authorities/lookup", params={"q": "武侠小说"})).json()[0]["value"]
        assert "小说" in re.findall(r"上位：<a[^>]*>([^<]+)<", (await other.get(f"/resources/authorities/{novel}")).text)
        empty = await client.post("/resources/authorities/import", data={"dialect": "auto"})
        assert empty.status_code == 422
    rows = await house.rows("SELECT state, count(*) FROM authority GROUP BY state")
    assert dict(map(tuple, rows)) == {"verified": 5}
    async with house.client(lang="en") as english:
        assert han_in((await english.get("/resources/authorities/import")).text) == []


async def test_the_editor_finds_the_authority_of_a_line_by_any_of_its_forms(house: House) -> None:
    no = await authority(house)
    number = await book(house, cn("周树人"), released=False)
    url = f"/resources/records/{number}/edit"
    async with house.client() as client:
        page = (await client.get(url)).text
        rows = [line for line in re.findall(r'name="tag" value="([^"]*)"', page) if line]
        n = rows.index("701")
        texts = [html.unescape(one) for one in re.findall(r'<textarea class="form-control mono data" name="text"[^>]*>\n([^<]*)</textarea>', page)][: len(rows)]
        sheet = {"tag": rows, "ind1": [""] * len(rows), "ind2": [""] * len(rows), "text": texts, "leader": "     nam0 22     3i 450 ", "base": "1"}
        found = (await client.post(url, data={**sheet, "act": f"find:{n}"})).text
        assert f'value="use:{n}:{no}"' in found
        again = (await client.post(url, data={**sheet, "act": f"find:{n}", "find-row": str(n), "find-q": "zhoushuren"})).text
        assert f'value="use:{n}:{no}"' in again
        used = (await client.post(url, data={**sheet, "act": f"use:{n}:{no}"})).text
        assert f"$a鲁迅$f1881-1936$4著$3{no}" in html.unescape(used)
        assert "不是标目字段" in (await client.post(url, data={**sheet, "act": "find:0"})).text
        assert "没有找到相符的规范" in (await client.post(url, data={**sheet, "act": f"find:{n}", "find-row": str(n), "find-q": "无此人"})).text
        gone = await client.post(url, data={**sheet, "act": f"use:{n}:AU9999999"})
        assert "周树人" in gone.text


async def test_a_discarded_draft_leaves_no_heading(house: House) -> None:
    number = await book(house, cn("张三"), released=False)
    async with house.work(EXPERT) as work:
        await records.discard(work, number)
    assert await open_(house) == []
    assert indexing.headings_of(cn("张三")) != []


async def test_the_screens_lead_from_a_heading_to_the_works(house: House) -> None:
    number = await book(house, cn("鲁迅", subject="中国文学"))
    async with house.client() as one, house.client(EXPERT) as other:
        listed = await one.get("/resources/authority-headings")
        assert "建规范" in listed.text
        assert "规范档没有" in listed.text
        assert "中国文学" in listed.text
        assert "中国文学" not in (await one.get("/resources/authority-headings", params={"kind": "person"})).text
        made = await one.post("/resources/authority-headings/make", data={"kind": "person", "bare": "鲁迅", "marks": ""})
        assert made.status_code == 303
        no = re.findall(r"AU\d+", made.headers["location"])[0]
        form = await one.get(made.headers["location"])
        assert "据馆藏书目" in form.text
        wrong = await one.post(f"/resources/authorities/{no}/edit", data={"name": " ", "variants": "周树人", "base": "1"})
        assert wrong.status_code == 422
        assert "请填写标目" in wrong.text
        assert "周树人" in wrong.text
        kept = await one.post(f"/resources/authorities/{no}/edit", data={"name": "鲁迅 | 1881-1936", "variants": "周树人", "broader": "中国作家", "base": "1"})
        assert kept.status_code == 303
        stale = await one.post(f"/resources/authorities/{no}/edit", data={"name": "鲁迅", "base": "1"})
        assert stale.status_code == 409
        assert "已被修改" in stale.text
        page = (await other.get(f"/resources/authorities/{no}")).text
        assert "1 条联接或标目相符的书目随之更改" in page
        assert "中国作家" in page
        done = await other.post(f"/resources/authorities/{no}/verify")
        await run(house)
        assert "已完成" in (await one.get(done.headers["location"])).text
        assert number in (await one.get(f"/resources/authorities/{no}")).text
        assert no in (await one.get("/resources/authorities", params={"q": "周树人"})).text
        assert (await one.get("/resources/authorities/lookup", params={"q": "zsr"})).json()[0]["value"] == no
        assert (await one.get(f"/resources/authorities/{no}/marc", params={"dialect": "marc21"})).content[6:7] == b"z"
        assert b"<datafield" in (await one.get("/resources/authorities/export", params={"form": "xml"})).content
        assert (await one.get(f"/resources/authorities/{no}/merge", params={"into": "AU9999999"})).status_code in (403, 404)
        second = await authority(house, name="周豫才")
        both = (await other.get(f"/resources/authorities/{second}/merge", params={"into": no})).text
        assert "1 条书目改用“鲁迅, 1881-1936”" in both
        assert "未联接" in (await one.get(f"/resources/records/{number}")).text
        linked = await other.post(f"/resources/authorities/{no}/withdraw", data={"reason": "不用"})
        assert linked.status_code == 409
        assert "不能停用" in linked.text
        assert "已完成" in (await one.get("/resources/authority-changes")).text
    async with house.client(CLERK) as stranger:
        assert (await stranger.get("/resources/authorities")).status_code == 403
        assert (await stranger.post(f"/resources/authorities/{no}/verify")).status_code == 403
    async with house.client(lang="en") as english:
        for url in ("/resources/authorities", f"/resources/authorities/{no}", f"/resources/authorities/{no}/edit", "/resources/authority-headings",
                    "/resources/authority-changes", done.headers["location"], f"/resources/authorities/{no}/merge", "/resources/authorities/new",
                    "/resources/authority-headings/one?kind=topic&bare=中国文学"):
            assert han_in((await english.get(url)).text) == [], url
