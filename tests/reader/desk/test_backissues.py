"""Back issues from the rack to the volume on the shelf, or out of the house.

covers: RDR-CIR-NWS-04 RDR-STK-BCK-01 RDR-STK-BCK-02 RDR-CIR-ACJ-04
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from types import SimpleNamespace
from typing import Any
from zipfile import ZipFile

import pytest

from services.reader.app import service
from services.reader.desk.handover import closing
from services.reader.desk.handover import commands as handover
from services.reader.desk.handover.handlers import handlers as handover_handlers
from services.reader.rooms.backissues import binding, commands, queries, rules
from services.reader.rooms.backissues.handlers import handlers as back_handlers
from services.reader.rooms.backissues.model import BundleState, Outcome
from services.reader.rooms.serials import checkin, gaps, shelving
from services.reader.rooms.serials import commands as serials
from services.reader.rooms.serials.model import IssueState, Shelf, TitleKind, TitleState
from services.reader.rooms.serials.numbering import Kind
from services.reader.rooms.serials.queries import issues_of, title_by_number
from services.reader.rooms.service_points import commands as points
from shared.events.resources import BindingCompleted, BindingReceived, BindingSentBack
from shared.identity import SYSTEM, Actor
from shared.refusals import Invalid, NotAllowed, SamePerson
from shared.states import NotFromHere, final
from shared.testing.registers import han_in
from tests.reader.desk.conftest import CLERK, COLLEAGUE, HEAD, OUTSIDER, Desk
from tests.reader.desk.test_handover import batch, handed
from tests.reader.desk.test_serials import WEEKLY, arrive, title
from tests.support.departments import client, opened

TODAY = date(2026, 11, 23)
OTHER_HEAD = Actor(id="R0004", name="顾主任", posts=("head-reader",), dept="reader")


def issue(day: date, state: IssueState = IssueState.arrived, shelf: Shelf = Shelf.down, kind: Kind = Kind.issue, **more: Any) -> Any:
    return SimpleNamespace(id=day, slot=str(day), issued_on=day, due_on=day, state=state, shelf=shelf, kind=kind, label=f"{day:%m月%d日}", **more)


def test_a_bundle_lacks_what_was_published_in_its_span_and_lies_nowhere_else() -> None:
    days = [date(2026, 11, n) for n in range(1, 10)]
    inside, rack, gone, told, elsewhere, unprinted, to_come, loose, old = days
    found = rules.collate([
        issue(loose), issue(inside), issue(rack, shelf=Shelf.displayed), issue(gone, IssueState.unavailable), issue(told, IssueState.missing),
        issue(elsewhere), issue(unprinted, IssueState.skipped),
        SimpleNamespace(**{**vars(issue(to_come, IssueState.expected)), "due_on": TODAY + timedelta(days=1)}),
        SimpleNamespace(**{**vars(issue(old, IssueState.missing)), "due_on": TODAY - timedelta(days=366)}),
    ], {inside}, {elsewhere}, TODAY)
    assert [one.issued_on for one in found.present] == [inside]
    assert [(g.issue.issued_on, g.lack.value, g.hopeless) for g in found.gaps] == [
        (rack, "displayed", False), (gone, "unavailable", True), (told, "missing", False), (loose, "left_out", False), (old, "missing", True),
    ]


def test_gaps_want_a_reason_and_those_that_may_be_filled_a_head() -> None:
    def gap(hopeless: bool) -> rules.Gap:
        return rules.Gap(issue(TODAY, IssueState.missing), rules.Lack.missing, hopeless)

    rules.accepted([], "", head=False)
    with pytest.raises(rules.GapsOpen) as open_:
        rules.accepted([gap(True), gap(False)], " ", head=True)
    assert len(open_.value.reasons) == 2, "every gap is named"
    with pytest.raises(rules.HeadDecides) as head:
        rules.accepted([gap(True), gap(False)], "读者急用", head=False)
    assert len(head.value.reasons) == 1
    rules.accepted([gap(True)], "书商无货", head=False)
    rules.accepted([gap(False)], "读者急用", head=True)


def test_a_bundle_is_called_by_its_year_or_its_ends_and_kept_by_the_custom_of_its_kind() -> None:
    ends = [issue(date(2026, 1, 5), kind=Kind.supplement), issue(date(2026, 1, 9)), issue(date(2026, 2, 9))]
    assert rules.label(ends, date(2026, 1, 1), date(2026, 12, 31)) == "2026年"
    assert rules.label(ends, date(2026, 1, 1), date(2026, 6, 30)) == "01月09日–02月09日"
    assert rules.label(ends[:1], date(2026, 1, 1), date(2026, 1, 31)) == "01月05日"
    assert (rules.years_kept(TitleKind.newspaper, None), rules.years_kept(TitleKind.newspaper, 0), rules.years_kept(TitleKind.journal, None)) == (1, 0, 0)
    assert (rules.kept_until(date(2024, 2, 29), 1), rules.kept_until(date(2024, 2, 29), 0)) == (date(2025, 2, 28), None)
    assert final(rules.LIFE) == {BundleState.shelved, BundleState.discarded, BundleState.dissolved}


async def taken_down(desk: Desk, number: str, *days: str) -> dict[str, Any]:
    """These issues came, and came off the rack again."""
    for day in days:
        await arrive(desk, number, day)
    async with desk.works.sessions() as session:
        found = await title_by_number(session, number)
        ids = {one.issued_on.isoformat()[5:]: one.id for one in await issues_of(session, found.id, 2026)}
    await desk.do(shelving.walk, taken=[ids[day] for day in days])
    return ids


SPAN = {"from_on": date(2026, 11, 1), "to_on": date(2026, 11, 22), "place": "过刊库 1 架"}


async def state_of(desk: Desk, number: str) -> tuple[str, str]:
    ((state, place),) = await desk.rows("SELECT state, place FROM back_bundle WHERE number = :n", n=number)
    return state, place


async def test_loose_issues_are_bundled_once_by_two_at_a_time_and_taken_apart_again(desk) -> None:
    number = await title(desk, WEEKLY)
    ids = await taken_down(desk, number, "11-09", "11-16")
    both = [ids["11-09"], ids["11-16"]]
    async with desk.work() as work:
        (pile,), total = await queries.piles(work.session, q="图书情报")
    assert (total, pile.year, pile.count, pile.first, pile.missing) == (1, 2026, 2, date(2026, 11, 9), 0)
    done = await asyncio.gather(
        *(desk.do(commands.bundle_up, who, title=number, ids=both, **SPAN) for who in (CLERK, COLLEAGUE)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in done) == ["BackBundle", "NotLoose"]
    made = next(one for one in done if not isinstance(one, Exception))
    assert await state_of(desk, made.number) == ("stored", "过刊库 1 架")
    (told,) = await desk.said("reader.serial.bundled")
    assert (told[1]["present"], told[1]["title_number"], told[1]["place"]) == (2, number, "过刊库 1 架")
    for ids_, more, no in (
        ([ids["11-23"]], {}, rules.NotLoose), ([], {}, rules.NothingTicked), (both, {"place": " "}, Invalid),
        (both, {"from_on": date(2026, 12, 1)}, Invalid),
    ):
        with pytest.raises(no):
            await desk.do(commands.bundle_up, title=number, ids=ids_, **{**SPAN, **more})
    with pytest.raises(NotAllowed):
        await desk.do(commands.bundle_up, OUTSIDER, title=number, ids=both, **SPAN)
    async with desk.work() as work:
        by_date, _n = await queries.bundles(work.session, "all", TODAY, q=number, on=date(2026, 11, 16))
        none, _n = await queries.bundles(work.session, "all", TODAY, on=date(2026, 11, 17))
    assert ([b.number for b, _t, _c in by_date], none) == ([made.number], [])
    await desk.do(commands.dissolve, number=made.number)
    with pytest.raises(NotFromHere):
        await desk.do(commands.dissolve, number=made.number)
    again = await desk.do(commands.bundle_up, title=number, ids=both, **SPAN)
    assert again.number != made.number


async def test_a_set_goes_to_the_binder_comes_back_by_a_scan_and_stands_as_a_volume(desk) -> None:
    number = await title(desk, WEEKLY)
    ids = await taken_down(desk, number, "11-09")
    made = await desk.do(commands.bundle_up, title=number, ids=[ids["11-09"]], **SPAN)
    with pytest.raises(rules.GapsOpen):
        await desk.do(binding.prepare, number=made.number)
    with pytest.raises(rules.HeadDecides):
        await desk.do(binding.prepare, number=made.number, reason="急用")
    await taken_down(desk, number, "11-16")
    assert await desk.do(commands.add, number=made.number, ids=[ids["11-16"]]) == 1
    ready = await desk.do(binding.prepare, number=made.number, colour="深蓝")
    assert (ready.gaps, ready.spine) == ([], f"图书情报工作 {ready.label}")
    with pytest.raises(rules.NotReady):
        await desk.do(binding.send, numbers=[made.number, "GK2026-9999"], binder="文印中心")
    sent = await asyncio.gather(
        *(desk.do(binding.send, who, numbers=[made.number], binder="文印中心") for who in (CLERK, COLLEAGUE)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in sent) == ["BindingBatch", "NotReady"]
    with pytest.raises(Invalid):
        await desk.do(binding.take_back, number=made.number, bound=False)
    await desk.do(binding.take_back, number=made.number, bound=False, remark="缺页")
    assert (await state_of(desk, made.number))[0] == "stored"
    await desk.do(binding.prepare, number=made.number)
    await desk.do(binding.send, numbers=[made.number], binder="文印中心")
    assert [(await desk.do(binding.take_back, number=made.number.lower()))[2] for _turn in range(2)] == [False, True]
    await desk.do(binding.redo, number=made.number, remark="次序颠倒")
    await desk.do(binding.send, numbers=[made.number], binder="文印中心")
    await desk.do(binding.take_back, number=made.number)
    taken = await desk.item()
    facts = {"number": made.number, "barcode": "B000000018", "call_number": "G25/1:2026", "room": "过刊阅览室", "rack": "3-2"}
    ticks = {"labelled": True, "stripped": True}
    for more, no in (({"rack": ""}, Invalid), ({"stripped": False}, rules.NotYetDone), ({"barcode": taken}, rules.BarcodeTaken)):
        with pytest.raises(no):
            await desk.do(binding.shelve, **{**facts, **ticks, **more})
    await desk.do(binding.shelve, **facts, **ticks)
    assert (await state_of(desk, made.number))[0] == "shelved"
    async with desk.work() as work:
        found, total = await queries.batches(work.session)
    assert (total, [tally for _b, tally in found]) == (3, [
        {one.value: int(one is outcome) for one in Outcome} for outcome in (Outcome.bound, Outcome.redo, Outcome.unbound)
    ])
    steps = [name.removeprefix("reader.serial.") for name, _p, _c in await desk.said() if name.startswith(("reader.serial.binding", "reader.serial.volume"))]
    assert steps == ["binding-ready", "binding-sent", "binding-returned"] * 2 + ["binding-returned", "binding-sent", "binding-returned", "volume-shelved"]


async def test_the_workshop_counts_a_bundle_in_sends_it_back_and_the_next_time_it_comes_as_an_item(desk) -> None:
    number = await title(desk, WEEKLY)
    ids = await taken_down(desk, number, "11-09", "11-16")
    made = await desk.do(commands.bundle_up, title=number, ids=[ids["11-09"], ids["11-16"]], **SPAN)

    async def sent() -> dict[str, Any]:
        await desk.do(binding.prepare, number=made.number, colour="深蓝")
        batch = await desk.do(binding.send, numbers=[made.number], binder="文印中心")
        told = (await desk.said("reader.serial.binding-sent"))[-1][1]
        assert (told["issues"], told["colour"], told["issn"]) == (["2026年第45期", "2026年第46期"], "深蓝", "1000-0135")
        return {
            "number": "ZB2026-0001", "bundle": made.number, "batch": batch.number, "title_number": number, "title": "图书情报工作", "label": made.label,
        }

    about = await sent()
    for _twice in range(2):
        await desk.heed(back_handlers, BindingReceived(**about, counted=2))
        await desk.heed(back_handlers, BindingSentBack(**about, reason="第 46 期缺封面"))
    await desk.heed(back_handlers, BindingReceived(**{**about, "batch": "GP2020-0001"}, counted=2))
    await desk.do(binding.take_back, number=made.number, bound=False)
    assert (await desk.said("reader.serial.binding-returned"))[-1][1]["remark"] == "第 46 期缺封面", "the workshop's reason stands where none is typed"
    about = await sent()
    item = handed("P005000010", location="LIT")
    await desk.heed(back_handlers, BindingCompleted(
        **about, item_id=item.item_id, barcode=item.barcode, instance_id=item.instance_id, call_number="G25/1:2026", location="LIT",
    ))
    assert (await state_of(desk, made.number))[0] == "sent"
    await desk.do(points.save, HEAD, code="MAIN", name="总服务台", main=True, new=True)
    await desk.do(points.assign, HEAD, code="MAIN", locations=["LIT"])
    await desk.heed(handover_handlers, batch(item))
    await desk.do(handover.count, number="JJ2026-0001", barcode=item.barcode)
    await desk.do(closing.confirm, number="JJ2026-0001")
    assert (await state_of(desk, made.number))[0] == "returned", "counted in at the desk is back from the binder"
    facts = {"number": made.number, "barcode": item.barcode, "call_number": "G25/1:2026", "room": "过刊阅览室", "rack": "3-2"}
    await desk.do(binding.shelve, **facts, labelled=True, stripped=True)
    ((lines, counted),) = await desk.rows("SELECT count(*), count(counted_at) FROM binding_line")
    assert (lines, counted) == (2, 1)


async def test_a_head_may_bind_with_a_gap_and_the_gap_is_written_down(desk) -> None:
    number = await title(desk, WEEKLY)
    ids = await taken_down(desk, number, "11-16")
    await desk.do(gaps.find, SYSTEM)
    made = await desk.do(commands.bundle_up, title=number, ids=[ids["11-16"]], **SPAN)
    with pytest.raises(rules.HeadDecides):
        await desk.do(binding.prepare, number=made.number, reason="书商停业")
    await desk.do(binding.prepare, HEAD, number=made.number, reason="书商停业")
    (told,) = await desk.said("reader.serial.binding-ready")
    assert (told[1]["present"], told[1]["lacking"], told[1]["gaps"], told[1]["reason"]) == (1, 1, ["2026年第45期"], "书商停业")
    await desk.do(binding.hold, number=made.number)
    assert (await state_of(desk, made.number))[0] == "stored"


async def test_what_is_past_its_term_is_discarded_by_a_second_person_only(desk) -> None:
    number = await title(desk, None, kind=TitleKind.newspaper)
    day = TODAY - timedelta(days=366)
    one, _title = await desk.do(checkin.take_extra, number=number, kind=Kind.special, day=day, caption="特刊")
    await desk.do(shelving.walk, taken=[one.id])
    made = await desk.do(commands.bundle_up, HEAD, title=number, from_on=day, to_on=day, ids=[one.id], place="过刊库")
    for years, no in ((0, rules.KeptForEver), (2, rules.KeptStill)):
        await desk.do(commands.keep_for, HEAD, title=number, years=years, reason="本地报纸")
        with pytest.raises(no):
            await desk.do(commands.propose, HEAD, number=made.number, reason="过期")
    with pytest.raises(NotAllowed):
        await desk.do(commands.keep_for, title=number, years=None, reason="")
    with pytest.raises(Invalid):
        await desk.do(commands.keep_for, HEAD, title=number, years=101, reason="")
    await desk.do(commands.keep_for, HEAD, title=number, years=None, reason="")
    async with desk.work() as work:
        past, _n = await queries.bundles(work.session, "past", TODAY)
        still, _n = await queries.bundles(work.session, "past", TODAY - timedelta(days=1))
        assert (await queries.counts(work.session, TODAY))["past"] == 1
    assert ([b.number for b, _t, _c in past], still) == ([made.number], [])
    await desk.do(commands.propose, HEAD, number=made.number, reason="过期")
    with pytest.raises(SamePerson):
        await desk.do(commands.decide, HEAD, number=made.number, agreed=True)
    with pytest.raises(NotAllowed):
        await desk.do(commands.decide, CLERK, number=made.number, agreed=True)
    with pytest.raises(Invalid):
        await desk.do(commands.decide, OTHER_HEAD, number=made.number, agreed=False)
    await desk.do(commands.decide, OTHER_HEAD, number=made.number, agreed=False, remark="孤本")
    await desk.do(commands.propose, CLERK, number=made.number, reason="另有缩微")
    await desk.do(commands.decide, OTHER_HEAD, number=made.number, agreed=True)
    assert (await state_of(desk, made.number))[0] == "discarded"
    assert [f[1]["outcome"] for f in await desk.said("reader.serial.disposal-decided")] == ["kept", "discarded"]


@pytest.fixture
async def app(database, desk, tmp_path) -> AsyncIterator[object]:
    desk.now = datetime.now(UTC)
    async with opened(service, database("reader"), tmp_path) as made:
        yield made


async def test_the_screens_without_script_in_both_languages(app, desk) -> None:
    async with desk.work() as work:
        day = work.today - timedelta(days=30)
    number = (await desk.do(
        serials.save, title="人民日报", title_en="People's Daily", kind=TitleKind.newspaper, foreign=False, issn="", cn="", post_code="", publisher="",
        supplier="", copies=1, room="", rack="", state=TitleState.active, from_on=day, to_on=None, tolerance_days=None, show_issues=None, show_days=None,
        continues="", note="",
    )).number
    one, _title = await desk.do(checkin.take_extra, number=number, kind=Kind.special, day=day, caption="特刊")
    await desk.do(shelving.walk, taken=[one.id])
    home, span = "/reader/backissues", {"begin": day.isoformat(), "end": day.isoformat()}
    async with client(app, CLERK) as web:
        assert "人民日报" in (await web.get(home)).text
        where = f"{home}/titles/{number}"
        wrong = await web.post(f"{where}/bundle", data={**span, "place": "过刊库 1 架"})
        assert (wrong.status_code, "请先勾选" in wrong.text, "过刊库 1 架" in wrong.text) == (422, True, True)
        made = (await web.post(f"{where}/bundle", data={**span, "place": "过刊库 1 架", "ids": str(one.id)})).headers["location"]
        bundle = made.rsplit("/", 1)[1]
        assert "没有等着捆扎的散刊" in (await web.get(home)).text
        await web.post(f"{made}/move", data={"place": "过刊库 2 架"})
        early = await web.post(f"{made}/propose", data={"reason": "过期"})
        assert (early.status_code, "还不能剔除" in early.text) == (409, True)
        await web.post(f"{made}/prepare", data={"spine": "", "colour": "红"})
        none = await web.post(f"{home}/batches", data={"binder": "文印中心"})
        assert (none.status_code, "文印中心" in none.text) == (422, True)
        batch = (await web.post(f"{home}/batches", data={"binder": "文印中心", "numbers": bundle})).headers["location"]
        assert (await web.post(f"{home}/batches/scan", data={"code": bundle, "batch": batch.rsplit("/", 1)[1]})).headers["location"] == batch
        half = await web.post(f"{made}/shelve", data={"barcode": "B000000018", "call_number": "Z2/1", "room": "过刊阅览室", "rack": "3", "labelled": "1"})
        assert (half.status_code, "Z2/1" in half.text) == (422, True)
        assert (await web.get(f"{made}/bars.svg")).text.startswith("<svg")
        for sheet in (f"{home}/loose.xlsx", f"{home}/bundles/list.xlsx"):
            ZipFile(BytesIO((await web.get(sheet)).content)).testzip()
        (row,) = (await web.get(f"/api{home}/bundles?q={number}&on={day}")).json()["items"]
        assert (row["number"], row["state"], row["place"], row["issues"]) == (bundle, "returned", "过刊库 2 架", 1)
        assert (await web.post(f"{where}/keeping", data={"years": "3", "reason": "x"})).status_code == 403
        assert (await web.get(f"{home}/bundles/GK2020-0001")).status_code == 404
    async with client(app, HEAD) as web:
        assert (await web.post(f"{where}/keeping", data={"years": "三"})).status_code == 422
        assert (await web.post(f"{where}/keeping", data={"years": "3", "reason": "地方报"})).status_code == 303
    async with client(app, OUTSIDER) as outside:
        assert (await outside.get(home)).status_code == 403
        assert (await outside.post(f"{made}/dissolve")).status_code == 403
    async with client(app, HEAD, cookie="lang=en") as web:
        for shown in (home, where, made, f"{home}/bundles", f"{home}/bundles?view=returned", f"{home}/bundles?view=past&q=none", f"{home}/batches", batch):
            answer = await web.get(shown)
            assert answer.status_code == 200, shown
            assert not han_in(answer.text), shown
