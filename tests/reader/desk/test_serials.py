"""The day's delivery, gaps and racks at the desk, and what those who buy answer.

covers: RDR-CIR-NWS-01 RDR-CIR-NWS-02 RDR-CIR-ACJ-01 RDR-CIR-ACJ-02
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from services.reader.app import service
from services.reader.desk.calendar import commands as calendar
from services.reader.rooms.serials import checkin, commands, gaps, queries, rules, shelving
from services.reader.rooms.serials.handlers import handlers
from services.reader.rooms.serials.model import Claim, IssueState, Shelf, TitleKind, TitleState
from services.reader.rooms.serials.numbering import Kind, Style
from services.reader.rooms.serials.patterns import Numbering, Pattern
from services.reader.rooms.serials.recurrence import Frequency, Recurrence
from shared.events.resources import (
    IssueOnTheWay,
    SerialClaimed,
    SerialDelivered,
    SerialSubscribed,
    SerialUnsubscribed,
)
from shared.identity import SYSTEM
from shared.refusals import Invalid, NotAllowed
from shared.testing.registers import han_in
from tests.reader.desk.conftest import CLERK, COLLEAGUE, HEAD, OUTSIDER, Desk
from tests.support.departments import client, opened

F = Frequency
TODAY = date(2026, 11, 23)
CODE = "9771000013032"


async def title(desk: Desk, pattern: Pattern | None = None, **more: Any) -> str:
    values = {
        "title": "图书情报工作", "title_en": "", "kind": TitleKind.journal, "foreign": False, "issn": "1000-0135", "cn": "", "post_code": "",
        "publisher": "", "supplier": "", "copies": 1, "room": "报刊阅览室", "rack": "A-1-2", "state": TitleState.active, "from_on": date(2026, 11, 1),
        "to_on": None, "tolerance_days": None, "show_issues": None, "show_days": None, "continues": "", "note": "", **more,
    }
    number = str((await desk.do(commands.save, **values)).number)
    if pattern is not None:
        await desk.do(commands.set_pattern, number=number, pattern=pattern)
    return number


WEEKLY = Pattern(Recurrence(F.weekly), date(2026, 11, 9), numbering=Numbering(45))
DAILY = Pattern(Recurrence(F.daily), date(2026, 11, 20), style=Style.day, numbering=Numbering(None))


async def issues(desk: Desk, number: str) -> dict[str, Any]:
    async with desk.works.sessions() as session:
        found = await queries.title_by_number(session, number)
        return {one.issued_on.isoformat()[5:]: one for one in await queries.issues_of(session, found.id, 2026)}


async def arrive(desk: Desk, number: str, day: str, actor: Any = CLERK, n: int | None = None) -> Any:
    one = (await issues(desk, number))[day]
    return await desk.do(checkin.arrive, actor, copies={one.id: n})


async def test_what_is_foreseen_is_foreseen_once_and_follows_a_new_pattern(desk) -> None:
    number = await title(desk, WEEKLY, to_on=date(2026, 12, 31))
    first = await issues(desk, number)
    assert [one.issue_no for one in first.values()] == [45, 46, 47, 48, 49, 50, 51, 52]
    await arrive(desk, number, "11-09")
    assert await desk.do(commands.foresee_all, SYSTEM) == 0
    moved = Pattern(Recurrence(F.weekly), date(2026, 11, 25), numbering=Numbering(48))
    await desk.do(commands.set_pattern, HEAD, number=number, pattern=moved)
    again = await issues(desk, number)
    assert [(day, one.issue_no) for day, one in again.items()][:5] == [("11-09", 45), ("11-16", 46), ("11-23", 47), ("11-25", 48), ("12-02", 49)]
    assert [tuple(row) for row in await desk.rows("SELECT version, active FROM serial_pattern ORDER BY version")] == [(1, False), (2, True)]
    await desk.do(calendar.close, HEAD, day=date(2026, 12, 2), reason="馆庆")
    await desk.do(commands.set_pattern, number=number, pattern=moved)
    assert (await issues(desk, number))["12-02"].due_on == date(2026, 12, 3), "nothing comes on a closed day"


async def test_two_desks_tick_one_issue_once_and_a_wrong_tick_is_taken_back(desk) -> None:
    number = await title(desk, WEEKLY, copies=3)
    one = (await issues(desk, number))["11-23"]
    both = await asyncio.gather(*(desk.do(checkin.arrive, who, copies={one.id: 2}) for who in (CLERK, COLLEAGUE)))
    assert sorted((len(r.done), len(r.again)) for r in both) == [(0, 1), (1, 0)]
    got = (await issues(desk, number))["11-23"]
    assert (got.state, got.arrived, got.copies, got.arrived_on) == (IssueState.arrived, 2, 3, TODAY)
    with pytest.raises(Invalid):
        await desk.do(checkin.note_damage, issue_id=one.id, copies=3, words="水渍")
    with pytest.raises(Invalid):
        await desk.do(checkin.note_damage, issue_id=one.id, copies=1, words=" ")
    await desk.do(checkin.note_damage, issue_id=one.id, copies=1, words="水渍")
    assert await desk.do(checkin.stamp, ids=[one.id]) == 1
    assert await desk.do(checkin.stamp, ids=[one.id]) == 0
    await desk.do(checkin.undo, issue_id=one.id)
    back = (await issues(desk, number))["11-23"]
    assert (back.state, back.arrived, back.damaged, back.stamped_at) == (IssueState.expected, 0, 0, None)
    with pytest.raises(Invalid):
        await desk.do(checkin.arrive, copies={one.id: 100})
    with pytest.raises(rules.NothingTicked):
        await desk.do(checkin.arrive, copies={})
    with pytest.raises(NotAllowed):
        await desk.do(checkin.arrive, OUTSIDER, copies={one.id: 1})


async def test_a_scan_finds_the_title_and_the_issue_and_never_counts_twice(desk) -> None:
    number = await title(desk, WEEKLY)
    found, again = await desk.do(checkin.scan, code=CODE)
    assert (found.done[0][0].issue_no, again) == (47, False)
    found, _again = await desk.do(checkin.scan, code=f"{CODE} 46")
    assert found.done[0][0].issue_no == 46
    await arrive(desk, number, "11-09")
    for _turn in range(6):  # weeks ahead, as far as a scan reaches
        await desk.do(checkin.scan, code="1000-0135")
    found, again = await desk.do(checkin.scan, code=number)
    assert again
    assert not found.done
    with pytest.raises(rules.UnknownCode):
        await desk.do(checkin.scan, code="9771234567003")


async def test_an_unlisted_supplement_belongs_to_its_title_and_counts_no_number(desk) -> None:
    number = await title(desk, WEEKLY)
    extra = {"number": number, "kind": Kind.supplement, "day": date(2026, 11, 20), "caption": "年会专辑", "copies": 2}
    issue, _title = await desk.do(checkin.take_extra, **extra)
    assert (issue.label, issue.arrived, issue.state) == ("2026年增刊（年会专辑）", 2, IssueState.arrived)
    with pytest.raises(rules.AlreadyThere):
        await desk.do(checkin.take_extra, **extra)
    with pytest.raises(Invalid):
        await desk.do(checkin.take_extra, **{**extra, "day": date(2029, 1, 1), "copies": 0})
    await desk.do(commands.set_pattern, number=number, pattern=WEEKLY)
    assert "11-20" in await issues(desk, number), "a new pattern leaves it"
    await desk.do(checkin.undo, issue_id=issue.id)
    assert "11-20" not in await issues(desk, number)


async def test_a_gap_is_found_told_claimed_sent_and_closed(desk) -> None:
    number = await title(desk, WEEKLY, subscription="")
    await arrive(desk, number, "11-16")
    assert await desk.do(gaps.find, SYSTEM) == 1, "of the 9th: a weekly may be seven days late"
    assert await desk.do(gaps.find, SYSTEM) == 0
    (told,) = await desk.said("reader.serial.missing")
    assert (told[1]["label"], told[1]["due_on"], told[1]["open"]) == ("2026年第45期", "2026-11-09", 1)
    about = {"number": "QK2026-0001", "title_number": number, "title": "图书情报工作", "issue": told[1]["issue"], "label": told[1]["label"]}
    await desk.heed(handlers, SerialClaimed(**about, step="claimed", step_label="一催", round=1))
    await desk.heed(handlers, SerialClaimed(**about, step="promised", step_label="答复补寄", round=1, promised_on=date(2026, 12, 1), answer="已补寄"))
    gap = (await issues(desk, number))["11-09"]
    assert (gap.state, gap.claim, gap.claim_round, gap.promised_on) == (IssueState.missing, Claim.promised, 1, date(2026, 12, 1))
    line = IssueOnTheWay(title_number=number, title="x", issue=told[1]["issue"], label="x")
    await desk.heed(handlers, SerialDelivered(number="QK2026-0001", count=1, issues=(line,)))
    gap = (await issues(desk, number))["11-09"]
    assert (gap.state, gap.claim, gap.due_on) == (IssueState.expected, Claim.sent, TODAY)
    await arrive(desk, number, "11-09")
    assert [f[1]["outcome"] for f in await desk.said("reader.serial.gap-closed")] == ["arrived"]


async def test_a_gap_without_hope_ends_and_what_arrives_even_then_is_taken_in(desk) -> None:
    number = await title(desk, WEEKLY)
    desk.days_later(14)
    assert await desk.do(gaps.find, SYSTEM) == 3
    by_day = await issues(desk, number)
    about = {"number": "QK2026-0002", "title_number": number, "title": "x", "label": "x"}
    await desk.heed(handlers, SerialClaimed(**about, issue=str(by_day["11-09"].id), step="refused", step_label="无法补到", round=3))
    await desk.do(checkin.skip, issue_id=by_day["11-16"].id)
    await desk.do(checkin.arrive, copies={by_day["11-23"].id: None})
    assert [(f[1]["outcome"], f[1]["open"]) for f in await desk.said("reader.serial.gap-closed")] == [("unavailable", 2), ("skipped", 1), ("arrived", 0)]
    await desk.do(checkin.undo, issue_id=by_day["11-23"].id)
    assert (await issues(desk, number))["11-23"].state is IssueState.missing
    assert len(await desk.said("reader.serial.missing")) == 4, "an arrival undone is a gap once more"
    await desk.do(checkin.arrive, copies={by_day["11-09"].id: None})
    assert (await issues(desk, number))["11-09"].state is IssueState.arrived


async def test_new_issues_go_up_and_old_ones_come_down(desk) -> None:
    number = await title(desk, WEEKLY, show_issues=1)
    for day in ("11-09", "11-16"):
        await arrive(desk, number, day)
    ids = {day: one.id for day, one in (await issues(desk, number)).items()}
    async with desk.work() as work:
        assert await shelving.lists(work) == ([], []), "what bears no stamp does not go on display"
    await desk.do(checkin.stamp, ids=[ids["11-09"], ids["11-16"]])
    assert await desk.do(shelving.walk, put=[ids["11-09"]]) == (1, 0)
    async with desk.work() as work:
        put, off = await shelving.lists(work)
    assert ([i.id for i, _t in put], [i.id for i, _t in off]) == ([ids["11-16"]], [ids["11-09"]])
    both = {"put": [ids["11-16"]], "taken": [ids["11-09"]]}
    done = await asyncio.gather(*(desk.do(shelving.walk, who, **both) for who in (CLERK, COLLEAGUE)))
    assert sorted(done) == [(0, 0), (1, 1)]
    assert (await issues(desk, number))["11-09"].shelf is Shelf.down
    with pytest.raises(rules.AlreadyShelved):
        await desk.do(checkin.undo, issue_id=ids["11-16"])


async def test_a_day_is_handed_over_once_even_by_two_at_a_time(desk) -> None:
    await title(desk, WEEKLY)
    done = await asyncio.gather(
        *(desk.do(checkin.hand_over, who, room="", sender="投递员") for who in (CLERK, COLLEAGUE)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in done) == ["HandedOver", "SerialHandover"]
    (told,) = await desk.said("reader.serial.handed-over")
    assert (told[1]["expected"], told[1]["arrived"], told[1]["late"]) == (1, 0, 3)


async def test_a_subscription_makes_a_title_once_and_its_end_forgets_what_was_awaited(desk) -> None:
    said = SerialSubscribed(
        number="DK2026-0001", title="中国图书馆学报", kind="journal", issn="1001-8867", supplier="报刊发行局", copies=2,
        from_on=date(2026, 11, 1), to_on=date(2026, 12, 31),
    )
    for _turn in range(2):
        await desk.heed(handlers, said)
    (row,) = await desk.rows("SELECT number, copies, state FROM serial_title")
    await desk.do(commands.set_pattern, number=row[0], pattern=WEEKLY)
    assert list(await issues(desk, row[0]))[-1] == "12-28"
    await desk.heed(handlers, SerialUnsubscribed(number="DK2026-0001", title="x", to_on=date(2026, 11, 30), reason="经费"))
    assert list(await issues(desk, row[0]))[-1] == "11-30"
    later = said.model_copy(update={"number": "DK2027-0001", "renews": "DK2026-0001", "to_on": date(2027, 12, 31), "copies": 1})
    await desk.heed(handlers, later)
    assert [tuple(r) for r in await desk.rows("SELECT subscription, copies FROM serial_title")] == [("DK2027-0001", 1)]
    assert len(await issues(desk, row[0])) > 7


@pytest.fixture
async def app(database, desk, tmp_path) -> AsyncIterator[object]:
    desk.now = datetime.now(UTC)
    async with opened(service, database("reader"), tmp_path) as made:
        yield made


async def test_the_screens_of_a_day_without_script_in_both_languages(app, desk) -> None:
    async with desk.work() as work:
        today = work.today
    async with client(app, CLERK) as web:
        form = {"title": "人民日报", "kind": "newspaper", "copies": "2", "from_on": today.isoformat(), "state": "active", "room": "报刊阅览室", "rack": "A-1", "issn": "1000-0136"}
        wrong = await web.post("/reader/serials/titles", data=form)
        assert (wrong.status_code, "ISSN 不对" in wrong.text, "人民日报" in wrong.text) == (422, True, True)
        made = await web.post("/reader/serials/titles", data={**form, "issn": "1000-0135"})
        path = made.headers["location"].removesuffix("/pattern")
        rule = {"frequency": "daily", "first": today.isoformat(), "style": "day", "restart": "never", "which": "preview"}
        seen = await web.post(f"{path}/pattern", data=rule)
        assert seen.text.count("<tr>") >= 13
        bad = await web.post(f"{path}/pattern", data={**rule, "spans": "13-01", "which": "keep"})
        assert (bad.status_code, "13-01" in bad.text) == (422, True)
        marc = await web.post(f"{path}/pattern", data={**rule, "which": "853", "marc853": "$a v. $b no. $u 12 $v r $w m"})
        assert "v.1:no.1(" in marc.text
        await web.post(f"{path}/pattern", data={**rule, "which": "keep"})
        listed = await web.get("/reader/serials")
        key = listed.text.split('name="due" value="')[1].split('"')[0]
        scanned = await web.post("/reader/serials/scan", data={"code": "1000-0135"}, headers={"hx-request": "true"})
        assert (scanned.headers["x-sound"], f"in-{key}" in scanned.text) == ("ok", True)
        await web.post(f"/reader/serials/issues/{key}/undo", data={"back": "https://elsewhere.test/"})
        sent = await web.post("/reader/serials/arrive", data={"which": "all", "due": key, f"n-{key}": "1"})
        assert sent.headers["location"] == "/reader/serials"
        await web.post("/reader/serials/stamp", data={"ids": key})
        refused = await web.post("/reader/serials/handover", data={"sender": "", "note": "雨天"})
        assert (refused.status_code, "雨天" in refused.text) == (422, True)
        handed = await web.post("/reader/serials/handover", data={"sender": "投递员老吴"})
        assert (await web.post("/reader/serials/handover", data={"sender": "又一次"})).status_code == 409
        await web.post("/reader/serials/display", data={"put": key})
        sheet = (await web.get(handed.headers["location"])).text
        assert "投递员老吴" in sheet
    async with client(app, None) as anybody:
        newest = (await anybody.get("/api/reader/serials/newest")).json()
        assert (newest["total"], newest["items"][0]["rack"]) == (1, "A-1")
        assert (await anybody.get("/reader/new-issues?q=人民")).status_code == 200
        assert (await anybody.get("/api/reader/serials/newest?kind=magazine")).json()["total"] == 0
    async with client(app, OUTSIDER) as outside:
        assert (await outside.post("/reader/serials/arrive", data={"ids": key})).status_code == 403
    async with client(app, CLERK, cookie="lang=en") as web:
        for page in (
            "/reader/serials", "/reader/serials/titles", "/reader/serials/titles/new", path, f"{path}/edit", f"{path}/pattern", f"{path}/extra",
            "/reader/serials/gaps", "/reader/serials/display", "/reader/serials/handovers", handed.headers["location"], "/reader/new-issues",
        ):
            shown = await web.get(page)
            assert shown.status_code == 200, page
            assert not han_in(shown.text), page
    assert UUID(key)
