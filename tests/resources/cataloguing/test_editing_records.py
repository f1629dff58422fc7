"""Records are made and corrected in the editor, every save a version; a second person releases, and patrons see it then.

covers: RES-MGT-01, RES-MGT-02
"""

from __future__ import annotations

import asyncio
import html
import io
import re
from collections.abc import Iterable
from datetime import date
from typing import Any

import httpx
import pytest
from sqlalchemy import event, text

from services.resources.cataloguing.editing import rules as editing
from services.resources.cataloguing.items.rules import CATALOGUERS
from services.resources.cataloguing.marc import typed
from services.resources.cataloguing.marc.outcome import Accepted
from services.resources.cataloguing.marc.reading import read
from services.resources.cataloguing.marc.record import Record
from services.resources.cataloguing.marc.rows import Row
from services.resources.cataloguing.proofing import commands as proofing
from services.resources.cataloguing.proofing import queries as proofs
from services.resources.cataloguing.proofing import rules as weights
from services.resources.cataloguing.proofing.register import defect_codes
from services.resources.cataloguing.records.queries import by_key
from services.resources.cataloguing.versions import commands, queries, rules
from shared.identity import Actor
from shared.refusals import NotAllowed, SamePerson
from shared.testing.registers import han_in, keeps_its_promises
from tests.resources.conftest import BINDER, CATALOGUER, CLERK, EXPERT, RECORDS, House

THIRD = Actor("S004", "白校对", posts=("RES-MGT",), dept="resources")


@pytest.fixture
async def stocked(house: House) -> House:
    await house.places()
    await house.read(RECORDS / "bnu.mrc")
    return house


async def words(house: House, number: str) -> Record:
    async with house.work() as work:
        return await queries.working(work.session, await by_key(work.session, number))


async def sheet(house: House, number: str) -> editing.Sheet:
    async with house.work() as work:
        record = await by_key(work.session, number)
        return editing.sheet_of(await queries.working(work.session, record), base=record.revision)


def form(sheet: editing.Sheet, lines: Iterable[Row] | None = None, **more: Any) -> dict[str, Any]:
    rows = list(sheet.rows if lines is None else lines)
    return {
        **{name: [getattr(row, name) for row in rows] for name in Row._fields}, "leader": sheet.leader, "base": str(sheet.base),
        **{f"was-{part}": data for part, data in editing.coded(sheet).items()}, "reason": "更正题名", **more,
    }


def retitled(sheet: editing.Sheet, title: str) -> list[Row]:
    return [row._replace(text=re.sub(r"^\$a[^$]*", f"$a{title}", row.text)) if row.tag == "200" else row for row in sheet.rows]


async def state(house: House, number: str) -> tuple[str, str, int, str]:
    ((title, kind, revision, states),) = await house.rows(
        "SELECT i.title, i.state, i.revision, coalesce(string_agg(v.no || v.state, ' ' ORDER BY v.no), '') FROM instance i "
        "LEFT JOIN record_version v ON v.instance_id = i.id WHERE i.number = :n GROUP BY i.id", n=number,
    )
    return title, kind, revision, states


async def post(client: httpx.AsyncClient, url: str, data: dict[str, Any]) -> httpx.Response:
    return await client.post(url, data=data)


async def test_a_correction_waits_for_a_second_person_and_then_reaches_everybody(stocked: House):
    url = "/resources/records/B0000001/edit"
    opened = await sheet(stocked, "B0000001")
    before = (await state(stocked, "B0000001"))[0]
    async with stocked.client() as client, stocked.client(EXPERT) as other:
        page = await client.get(url)
        assert page.status_code == 200
        assert "题名与责任说明" in page.text
        saved = await post(client, url, form(opened, retitled(opened, "九四中国发展报告")))
        assert (saved.status_code, saved.headers["location"]) == (303, url)
        assert await state(stocked, "B0000001") == (before, "released", 2, "1live 2pending")
        assert "第 2 版更正待校对" in (await client.get("/resources/records/B0000001")).text
        # Saved once more, the correction goes on; the maker may not release it.
        again = await sheet(stocked, "B0000001")
        await post(client, url, form(again, retitled(again, "中国发展报告 1994")))
        mine = await client.post("/resources/proofing/B0000001/pass", data={"version": "3"})
        assert mine.status_code == 409
        stale = await other.post("/resources/proofing/B0000001/pass", data={"version": "2"})
        assert stale.status_code == 409
        close = await other.get("/resources/proofing/B0000001")
        assert close.text.count("中国发展报告 1994") >= 2
        done = await other.post("/resources/proofing/B0000001/pass", data={"version": "3"})
        assert done.status_code == 303, done.text
    title, kind, revision, states = await state(stocked, "B0000001")
    assert (title, kind, revision, states) == ("中国发展报告 1994", "released", 3, "1former 2replaced 3live")
    (changed,) = await stocked.said("resources.record.changed")
    assert (changed[1]["title"], changed[1]["number"]) == ("中国发展报告 1994", "B0000001")
    assert [one[1]["revision"] for one in await stocked.said("resources.record.saved")] == [2, 3]
    async with stocked.client(CLERK) as client:
        found = (await client.get("/api/resources/instances", params={"q": "中国发展报告 1994"})).json()["items"]
    assert found[0]["number"] == "B0000001"
    marc = await words(stocked, "B0000001")
    kept = [one for one in opened.record().fields if one.tag not in ("200", "005")]
    assert [one for one in marc.fields if one.tag not in ("200", "005")] == kept


async def test_two_cataloguers_at_once_lose_nothing(stocked: House):
    url = "/resources/records/B0000002/edit"
    opened = await sheet(stocked, "B0000002")
    async with stocked.client() as one, stocked.client(EXPERT) as other:
        answers = await asyncio.gather(
            post(one, url, form(opened, retitled(opened, "甲的题名"))), post(other, url, form(opened, retitled(opened, "乙的题名"))),
        )
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    lost, kept = ("甲的题名", "乙的题名") if answers[0].status_code == 409 else ("乙的题名", "甲的题名")
    page = html.unescape(next(answer.text for answer in answers if answer.status_code == 409))
    assert f"$a{lost}" in page
    assert kept in page
    assert "没有写入，也没有丢失" in page
    assert 'name="base" value="2"' in page
    assert (await words(stocked, "B0000002")).first("200", "a") == kept


async def test_the_short_form_keeps_what_another_changed_meanwhile(stocked: House):
    url = "/resources/records/B0000003/form"
    marc = await words(stocked, "B0000003")
    seen = {**typed.read(marc), "base": "0", "reason": "补提要", "summary": "一本年鉴"}
    async with stocked.client() as client, stocked.client(EXPERT) as other:
        assert (await client.get(url)).status_code == 200
        bad = await client.post(url, data={**seen, "title": " ", "isbns": "978"})
        assert bad.status_code == 422
        assert "题名不能为空" in bad.text
        assert "一本年鉴" in bad.text
        assert (await other.post(url, data={**typed.read(marc), "base": "0", "edition": "第2版"})).status_code == 303
        clash = await client.post(url, data=seen)
        assert clash.status_code == 409
        assert 'value="第2版"' in clash.text
        assert "一本年鉴" in clash.text
        assert 'name="base" value="2"' in clash.text
        assert (await client.post(url, data={**seen, "edition": "第2版", "base": "2"})).status_code == 303
    now = await words(stocked, "B0000003")
    assert (now.first("205", "a"), now.first("330", "a")) == ("第2版", "一本年鉴")


async def test_a_new_record_is_a_draft_until_it_is_fit_and_read(house: House):
    url = "/resources/records/new/cnmarc/book"
    async with house.client() as client, house.client(EXPERT) as other:
        assert "cnmarc/serial" in (await client.get("/resources/records/new")).text
        page = await client.get(url)
        rows = re.findall(r'name="tag" value="(\w*)".*?name="ind1" value="(.?)".*?name="ind2" value="(.?)".*?<textarea[^>]*>\n(.*?)</textarea>', page.text, re.S)
        leader = re.search(r'name="leader" value="([^"]+)"', page.text)
        assert leader
        lines = [Row(*map(html.unescape, row)) for row in rows if row[0]]
        blank = editing.Sheet("cnmarc", leader[1], tuple(lines))
        added = await post(client, url, form(blank, act="add:2"))
        assert added.text.count('name="tag"') == page.text.count('name="tag"') + 1
        nonsense = await post(client, url, form(blank, [*lines, Row("7x", "", "", "不能丢的字")]))
        assert nonsense.status_code == 422
        assert "不能丢的字" in nonsense.text
        assert "字段号须为三位数字或字母" in nonsense.text
        made = await post(client, url, form(blank, [r._replace(text="$a编目手册$f沈编") if r.tag == "200" else r for r in lines]))
        assert made.headers["location"] == "/resources/records/B0000001/edit"
        refused = await other.post("/resources/proofing/B0000001/pass")
        assert refused.status_code == 422
        for reason in ("缺少标准书号", "缺少出版发行项", "缺少分类号"):
            assert reason in refused.text
        back = await other.post("/resources/proofing/B0000001/return", data={"note": "缺出版项"})
        assert back.status_code == 303
        opened = await sheet(house, "B0000001")
        assert "缺出版项" in (await client.get("/resources/records/B0000001/edit")).text
        whole = [*opened.rows, Row("010", "", "", "$a978-7-5633-6300-1$dCNY30.00"), Row("210", "", "", "$a北京$c书社$d2026"), Row("690", "", "", "$aG254$v5"), Row("801", "", "0", "$aCN$bYS")]
        whole = [row for n, row in enumerate(whole) if row.tag not in ("010", "210", "690", "801") or n >= len(opened.rows)]
        assert (await post(client, "/resources/records/B0000001/edit", form(opened, whole))).status_code == 303
        assert (await state(house, "B0000001"))[1:] == ("draft", 2, "1former 2live")
        done = await other.post("/resources/proofing/B0000001/pass", data={"version": "2"})
        assert done.status_code == 303, done.text
        # The next one like it is recognised, and made only when the cataloguer insists.
        held = await post(client, url, form(blank, [r for r in whole if r.tag not in ("001", "005")]))
        assert held.status_code == 409
        assert "仍要新建" in held.text
        twice = await post(client, url, form(blank, [r for r in whole if r.tag not in ("001", "005")], anyway="1"))
        assert twice.status_code == 303
        assert "YS" in (await client.get(url)).text
    (fact,) = await house.said("resources.record.added")
    assert (fact[1]["title"], fact[1]["clc"], fact[1]["isbns"]) == ("编目手册", "G254", ["9787563363001"])
    waits = [one[1]["passed"] for one in await house.said("resources.record.proofread")]
    assert waits == [False, True]


async def test_an_older_version_comes_back_and_a_correction_can_be_dropped(stocked: House):
    async with stocked.work() as work:
        marc = await queries.working(work.session, await by_key(work.session, "B0000001"))
        await commands.save(work, "B0000001", typed.write(marc, {"title": "错题名"}), base=0)
    with pytest.raises(rules.NothingChanged):
        async with stocked.work() as work:
            await commands.save(work, "B0000001", await words(stocked, "B0000001"), base=2)
    async with stocked.client() as client:
        page = await client.get("/resources/records/B0000001/versions")
        assert "错题名" in page.text
        assert (await client.post("/resources/records/B0000001/versions/1/restore", data={"base": "1"})).status_code == 409
        assert (await client.post("/resources/records/B0000001/versions/1/restore", data={"base": "2"})).status_code == 303
    assert rules.same(await words(stocked, "B0000001"), marc)
    async with stocked.client() as client:
        assert (await client.post("/resources/records/B0000001/correction/drop")).status_code == 303
    assert (await state(stocked, "B0000001"))[1:] == ("released", 3, "1live 2replaced 3dropped")
    assert [name for name, _p in await stocked.said("resources.record.changed", "resources.record.discarded")] == ["resources.record.discarded"]


async def test_a_hidden_record_stays_hidden_when_it_is_corrected(stocked: House):
    async with stocked.client() as client:
        assert (await client.post("/resources/records/B0000004/suppress", data={"reason": " "})).status_code == 422
        assert (await client.post("/resources/records/B0000004/suppress", data={"reason": "版权投诉"})).status_code == 303
    async with stocked.work() as work:
        marc = await queries.working(work.session, await by_key(work.session, "B0000004"))
        await commands.save(work, "B0000004", typed.write(marc, {"title": "改过"}), base=0)
    async with stocked.work(EXPERT) as work:
        await proofing.passed(work, "B0000004")
    assert (await state(stocked, "B0000004"))[:2] == ("改过", "suppressed")
    assert not await stocked.said("resources.record.changed")
    async with stocked.client() as client:
        assert (await client.post("/resources/records/B0000004/reveal")).status_code == 303
    assert [one[1]["title"] for one in await stocked.said("resources.record.added")][-1] == "改过"


async def test_only_cataloguers_edit_and_nobody_reads_their_own(stocked: House):
    async with stocked.client(BINDER) as client, stocked.client(CLERK) as clerk:
        for url in ("/resources/records/new", "/resources/records/B0000001/edit", "/resources/records/B0000001/form", "/resources/proofing/B0000001"):
            assert [(await one.get(url)).status_code for one in (client, clerk)] == [403, 403], url
        assert (await client.post("/resources/records/B0000001/suppress", data={"reason": "x"})).status_code == 403
        assert (await clerk.get("/resources/records/B0000001/versions")).status_code == 200
    with pytest.raises(NotAllowed):
        async with stocked.work(BINDER) as work:
            await commands.save(work, "B0000001", await words(stocked, "B0000001"), base=0)
    # Whoever wrote one of the unread versions is a maker too.
    for actor, title in ((CATALOGUER, "甲"), (EXPERT, "乙")):
        async with stocked.work(actor) as work:
            record = await by_key(work.session, "B0000001")
            marc = typed.write(await queries.working(work.session, record), {"title": title})
            await commands.save(work, "B0000001", marc, base=record.revision)
    for actor in (CATALOGUER, EXPERT):
        with pytest.raises(SamePerson):
            async with stocked.work(actor) as work:
                await proofing.passed(work, "B0000001")
    async with stocked.work(THIRD) as work:
        await proofing.passed(work, "B0000001")
    assert "RES-MGT" in CATALOGUERS


async def test_correcting_a_title_with_ten_thousand_items_touches_none_of_them(stocked: House):
    async with stocked.work() as work:
        record = await by_key(work.session, "B0000005")
        await work.session.execute(text(
            "INSERT INTO item (id, barcode, instance_id, location, call_number, shelf_key, copy_no, volume, price_cents, kind, use, life, custodian, note, loss, pieces, created_by, created_at) "
            "SELECT gen_random_uuid(), 'Z' || lpad(n::text, 9, '0'), :id, 'sk-2f', '', '', n + 100, '', 0, 'book', 'loan', 'in_stock', 'reader', '', '', 1, 'S001', now() FROM generate_series(1, 10000) n"
        ), {"id": record.id})
    asked: list[str] = []

    def note(_link: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    engine = stocked.kit.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        async with stocked.work() as work:
            marc = typed.write(await queries.working(work.session, await by_key(work.session, "B0000005")), {"title": "多册"})
            await commands.save(work, "B0000005", marc, base=0)
        async with stocked.work(EXPERT) as work:
            await proofing.passed(work, "B0000005")
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert [one for one in asked if "record_version" in one]
    assert not [one for one in asked if re.search(r"\b(FROM|UPDATE|INTO|JOIN)\s+item\b", one, re.I)]
    assert [name for name, _p in await stocked.said() if name.startswith("resources.item")] == [
        name for name, p in await stocked.said() if name.startswith("resources.item") and not p["barcode"].startswith("Z")
    ]


async def test_error_rates_follow_from_defects_and_withhold_the_right_to_release(stocked: House):
    async with stocked.work() as work:
        await defect_codes.open(work, no="C1", name="分类号错误", name_en="Class wrong", weight=60)
        await defect_codes.open(work, no="W1", name="错别字", name_en="Misspelling", weight=20)
    for turn in range(weights.ENOUGH):
        async with stocked.work(CATALOGUER) as work:
            record = await by_key(work.session, "B0000001")
            marc = typed.write(await queries.working(work.session, record), {"title": f"第{turn}次"})
            await commands.save(work, "B0000001", marc, base=record.revision)
        async with stocked.work(EXPERT) as work:
            found = await proofing.named(work, [("C1", "690", "过粗"), ("W1", "200", ""), ("ZZ", "", "")] if turn < 2 else [])
            await proofing.passed(work, "B0000001", defects=found)
    async with stocked.work() as work:
        last = await proofs.last_proofs(work.session, CATALOGUER.id)
        assert weights.error_rate(last) == pytest.approx(0.08)
        (told,) = await proofs.month_work(work.session, work.today.replace(day=1))
        assert (told.read, told.trusted, told.last_read) == (20, False, 20)
    async with stocked.work(EXPERT) as work:
        record = await by_key(work.session, "B0000002")
        marc = typed.write(await queries.working(work.session, record), {"title": "别人的"})
        await commands.save(work, "B0000002", marc, base=0)
    with pytest.raises(weights.ReleaseWithheld):
        async with stocked.work(CATALOGUER) as work:
            await proofing.passed(work, "B0000002")
    month = ""
    async with stocked.work(EXPERT) as work:
        first = work.today.replace(day=1)
        month = f"{first:%Y-%m}"
        assert await proofing.draw(work, first) == 1
    async with stocked.client(EXPERT) as client, stocked.client(CATALOGUER) as maker:
        assert (await client.post(f"/resources/proofing/sample/{month}/draw")).status_code == 303
        assert (await maker.post(f"/resources/proofing/sample/{month}/B0000001")).status_code == 409
        assert (await client.get(f"/resources/proofing/sample/{month}/B0000001")).status_code == 200
        read = {"defect": "W1", "tag-W1": "330", "note-W1": "的地得"}
        assert (await client.post(f"/resources/proofing/sample/{month}/B0000001", data=read)).status_code == 303
        assert (await client.post(f"/resources/proofing/sample/{month}/B0000001", data=read)).status_code == 409
        assert "有差错" in (await client.get(f"/resources/proofing/sample?month={month}")).text
    assert weights.next_month(date(2026, 12, 1)) == date(2027, 1, 1)


async def test_the_screens_speak_both_languages(stocked: House):
    async with stocked.work() as work:
        await defect_codes.open(work, no="C1", name="分类号错误", name_en="Class wrong", weight=60)
        marc = await queries.working(work.session, await by_key(work.session, "B0000001"))
        await commands.save(work, "B0000001", typed.write(marc, {"title": "Other"}), base=0)
    async with stocked.client(EXPERT, lang="en") as client:
        for url in (
            "records/new", "records/new/marc21/serial", "records/B0000001/edit", "records/B0000001/form", "records/B0000001/versions",
            "records/B0000001", "proofing", "proofing/B0000001", "proofing/sample",
        ):
            page = await client.get(f"/resources/{url}")
            assert page.status_code == 200, url
            assert not han_in(page.text), f"{url}: {han_in(page.text)}"


async def test_defect_codes_are_a_list_like_any_other(house: House):
    n = iter(range(100))
    await keeps_its_promises(
        defect_codes, house.app, lambda: {"no": f"D{next(n)}", "name": "错别字", "name_en": "Misspelling", "weight": 20, "active": True},
    )


async def test_records_leave_in_either_dialect_and_a_record_turns_and_turns_back(stocked: House):
    url = "/resources/records/B0000001"
    before = await words(stocked, "B0000001")
    async with stocked.client() as client:
        for ending in ("iso", "xml", "json"):
            for dialect in ("", "cnmarc", "marc21"):
                one = await client.get(f"{url}/export", params={"form": ending, "dialect": dialect})
                every = await client.get("/resources/records/export", params={"form": ending, "dialect": dialect, "q": ""})
                assert (one.status_code, every.status_code) == (200, 200)
                got = [outcome.record for outcome in read(io.BytesIO(every.content)) if isinstance(outcome, Accepted)]
                assert [record.dialect for record in got] == [dialect or "cnmarc"] * 5, (ending, dialect)
        assert (await client.get(f"{url}/export", params={"form": "doc"})).status_code == 422
        assert (await client.post(f"{url}/convert", data={"base": "0"})).status_code == 303
        turned = await words(stocked, "B0000001")
        assert (turned.dialect, turned.first("245", "a")) == ("marc21", before.first("200", "a"))
        assert (await client.post(f"{url}/convert", data={"base": "1"})).status_code == 409
        assert (await client.post(f"{url}/convert", data={"base": "2"})).status_code == 303
    again = await words(stocked, "B0000001")
    assert sorted((f for f in again.fields if f.tag != "005"), key=repr) == sorted((f for f in before.fields if f.tag != "005"), key=repr)


async def test_whatever_is_typed_is_answered(stocked: House):
    url = "/resources/records/B0000002"
    opened = await sheet(stocked, "B0000002")
    nul = [row._replace(ind1="\0", text=row.text + "\0\x1b") if row.tag == "300" else row for row in opened.rows]
    async with stocked.client() as client:
        sent = form(opened, [*nul, Row("300", "", "", "$a\0附注")], **{"fix-100-9": "\0"})
        sent["reason"] = "\0理由"
        assert (await post(client, f"{url}/edit", sent)).status_code == 303
        odd = {"base": "x", "leader": "\0", "act": "up:99999", "tag": ["245", "\0"], "text": "only one"}
        assert (await post(client, f"{url}/edit", odd)).status_code in (200, 409, 422)
        many = {"base": "2", "tag": ["300"] * 5_001, "text": ["$ax"] * 5_001}
        assert (await post(client, f"{url}/edit", many)).status_code == 422
        assert (await client.post(f"{url}/form", data={"title": "题\0名", "base": "2", "note": "\0"})).status_code == 303
    assert (await words(stocked, "B0000002")).first("200", "a") == "题名"
