"""Original records of certified cataloguers go to the union catalogue once, whatever happens to the answers.

covers: RES-ACQ-05, RES-MGT-01
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text, update

from services.resources.cataloguing.items import commands as items
from services.resources.cataloguing.marc.record import Field, Record
from services.resources.cataloguing.records import commands as records
from services.resources.cataloguing.records.queries import by_key
from services.resources.cataloguing.union import client, commands, rules
from services.resources.cataloguing.union.model import Contribution, Level, Scope, UnionLine
from services.resources.cataloguing.union.register import agreements, certificates, contributions
from services.resources.cataloguing.union.runner import Runner
from services.resources.cataloguing.versions import commands as versions
from shared.refusals import Invalid, NotAllowed
from shared.settings import LOCAL
from shared.testing.registers import han_in, keeps_its_promises
from tests.gateway.standin import serving
from tests.resources.conftest import CATALOGUER, CLERK, EXPERT, House
from tests.resources.exchange.union import Union

URL = "/resources/union-catalogue"
SETTINGS: dict[str, Any] = {
    "open": True, "name": "CALIS", "code": "CALIS", "target": "", "url": "", "inside": True, "account": "211060", "format": "marcxml",
    "every_hours": "24", "seconds": "20",
}


def cn(title: str, *, more: tuple[Field, ...] = ()) -> Record:
    fields = (
        *more, Field("100", "  ", (("a", "20120101d2012    em y0chiy50      ea"),)), Field("101", "0 ", (("a", "chi"),)),
        Field("200", "1 ", (("a", title), ("f", "沈某著"))), Field("210", "  ", (("a", "镇江"), ("c", "江苏大学出版社"), ("d", "2012"))),
        Field("300", "  ", (("a", "无书号"),)), Field("690", "  ", (("a", "I210.6"), ("v", "5"))), Field("801", " 0", (("a", "CN"), ("b", "JUL"))),
        Field("905", "  ", (("a", "JUL"), ("b", "A0000001"))),
    )
    return Record("     nam0 22     3i 450 ", fields, "cnmarc")


class Set:
    """The department beside a union catalogue."""

    def __init__(self, house: House, union: Union, url: str) -> None:
        self.house, self.union, self.url = house, union, url

    async def book(self, title: str = "梦溪笔谈校读", *, released: bool = True) -> str:
        async with self.house.work() as work:
            number = (await versions.create(work, cn(title), anyway=True)).record.number
        if released:
            async with self.house.work(EXPERT) as work:
                await records.release(work, number)
        return number

    async def propose(self, record: str) -> str:
        async with self.house.work() as work:
            return (await commands.propose(work, record)).no

    async def run(self) -> None:
        """Somebody asks for it, and the runner sends."""
        async with self.house.work() as work:
            await commands.send_now(work)
        runner = Runner(self.house.kit)
        while await runner.once():
            pass

    async def row(self, no: str) -> Any:
        (found,) = await self.house.rows("SELECT * FROM union_contribution WHERE no = :no", no=no)
        return found

    async def marc(self, record: str) -> Record:
        async with self.house.kit.reading() as session:
            return Record.from_json((await by_key(session, record, whole=True)).fields)

    async def posts(self) -> list[str]:
        return [about for method, about in self.union.heard if method == "POST"]

    async def mend(self, record: str) -> None:
        """A correction by one, read by another."""
        async with self.house.work() as work:
            known = await by_key(work.session, record, whole=True)
            marc = Record.from_json(known.fields)
            await versions.save(work, record, marc.with_fields([*marc.fields, Field("330", "  ", (("a", "提要"),))]), base=known.revision)
        async with self.house.work(EXPERT) as work:
            await versions.accept(work, record)


async def certify(house: House, person: str = CATALOGUER.id, **more: Any) -> None:
    async with house.work() as work:
        given = {
            "no": f"C{person}", "person": person, "level": Level.cataloguer, "scope": Scope.chinese, "issued_on": work.today - timedelta(days=9),
            "valid_until": work.today + timedelta(days=9),
        }
        await certificates.open(work, **{**given, **more})


@pytest.fixture
async def shared(house: House) -> AsyncIterator[Set]:
    union = Union()
    async with serving(union.app()) as address:
        async with house.work() as work:
            await commands.save_settings(work, {**SETTINGS, "url": f"{address}/update"})
        await certify(house)
        yield Set(house, union, f"{address}/update")


async def test_a_record_is_taken_in_and_its_number_kept_without_proofreading(shared: Set):
    record = await shared.book()
    no = await shared.propose(record)
    await shared.run()
    one = await shared.row(no)
    assert (one.state, one.control_no, one.noted, one.tries) == ("accepted", "000001", True, 1)
    assert (await shared.marc(record)).first("035", "a") == "(CALIS)000001"
    assert await shared.house.rows("SELECT 1 FROM record_version WHERE state IN ('pending', 'returned')") == []
    assert [row.origin for row in await shared.house.rows("SELECT origin FROM record_version ORDER BY no")] == ["new", "union"]
    assert b"A0000001" not in shared.union.bodies[0], "our barcodes are nobody's business"
    assert b"info:srw/action/1/create" in shared.union.bodies[0]
    assert shared.union.accounts == ["211060:"]
    ((_name, fact),) = await shared.house.said("resources.union-record.accepted")
    assert (fact["record"], fact["control_no"], fact["cataloguer"]) == (record, "000001", CATALOGUER.id)
    await shared.run()
    assert len(await shared.posts()) == 1
    # It is on the month's list, and no candidate any more.
    async with shared.house.client(lang="en") as client:
        month = f"{one.answered_at.astimezone(LOCAL):%Y-%m}"
        home = await client.get(URL)
        assert f"{URL}/{month}?what=uploads" in home.text
        assert not han_in(home.text)
        rows = await client.get(f"{URL}/{month}?what=uploads")
        assert record in rows.text
        assert "000001" in rows.text
        assert not han_in(rows.text)
        assert record not in (await client.get(f"{URL}/candidates")).text
        detail = await client.get(f"/resources/union-contributions/{no}")
        assert not han_in(detail.text)


async def test_a_change_and_the_end_of_the_last_copy_follow_there_and_are_counted_apart(shared: Set):
    record = await shared.book()
    no = await shared.propose(record)
    await shared.run()
    await shared.run()
    assert len(await shared.posts()) == 1, "their own number in our record is no change"
    await shared.mend(record)
    shared.union.how = "return"
    await shared.run()
    one = await shared.row(no)
    assert (one.state, one.act, one.control_no) == ("returned", "change", "000001"), "a change comes back to the same list"
    shared.union.how = "take"
    await shared.mend(record)
    async with shared.house.work() as work:
        await contributions.move(work, no, "fix")
    await shared.run()
    assert b"info:srw/action/1/replace" in shared.union.bodies[-1]
    assert b"<recordIdentifier>000001</recordIdentifier>" in shared.union.bodies[-1]
    assert ((await shared.row(no)).state, len(shared.union.titles)) == ("accepted", 1)
    await shared.run()
    assert len(await shared.posts()) == 3
    await shared.house.place()
    async with shared.house.work() as work:
        await items.add_item(work, number=record, barcode="A000009", location="sk-2f", price_cents=100)
    await shared.run()
    assert len(await shared.posts()) == 3
    async with shared.house.work() as work:
        await work.session.execute(text("UPDATE item SET life = 'withdrawn' WHERE barcode = 'A000009'"))
    await shared.run()
    await shared.run()
    one = await shared.row(no)
    assert (one.state, one.act, shared.union.titles) == ("withdrawn", "remove", {})
    assert len(set(await shared.posts())) == 4, "each sending has a name of its own"
    assert [fact["act"] for _name, fact in await shared.house.said("resources.union-record.changed")] == ["change", "remove"]
    async with shared.house.client(lang="en") as client:
        month = f"{one.answered_at.astimezone(LOCAL):%Y-%m}"
        for what in ("uploads", "changes", "withdrawals", "errors"):
            rows = await client.get(f"{URL}/{month}?what={what}")
            assert rows.text.count(f"/resources/records/{record}") == 1, what
            assert not han_in(rows.text)
        sheet = await client.get(f"{URL}/months.xlsx")
        assert (sheet.status_code, sheet.content[:2]) == (200, b"PK")


async def test_a_change_that_is_given_up_leaves_what_is_there_and_waits_for_the_next(shared: Set):
    record = await shared.book()
    no = await shared.propose(record)
    await shared.run()
    await shared.mend(record)
    shared.union.how = "return"
    await shared.run()
    async with shared.house.work() as work:
        await contributions.move(work, no, "give_up", reason="对方不收")
    shared.union.how = "take"
    await shared.run()
    assert ((await shared.row(no)).state, len(await shared.posts())) == ("accepted", 2)
    await shared.mend(record)
    await shared.run()
    assert len(await shared.posts()) == 3


async def test_everything_against_a_record_is_said_at_once(shared: Set):
    draft = await shared.book("草稿一种", released=False)
    with pytest.raises(rules.NotFitToSend) as told:
        await shared.propose(draft)
    assert [one.code for one in told.value.reasons] == ["union.not-released"]
    async with shared.house.work() as work:
        await work.session.execute(text("UPDATE union_certificate SET valid_until = issued_on"))
    record = await shared.book()
    async with shared.house.work() as work:
        known = await by_key(work.session, record, whole=True)
        marc = Record.from_json(known.fields)
        await versions.save(work, record, marc.with_fields([*marc.fields, Field("035", "  ", (("a", "(CALIS)7"),))]), base=known.revision)
    with pytest.raises(rules.NotFitToSend) as told:
        await shared.propose(record)
    assert [one.code for one in told.value.reasons] == ["union.open-correction", "union.no-certificate"]
    async with shared.house.work(CLERK) as work:
        with pytest.raises(NotAllowed):
            await commands.propose(work, record)


async def test_a_record_is_proposed_once_even_by_two_at_a_time(shared: Set):
    record = await shared.book()
    found = await asyncio.gather(shared.propose(record), shared.propose(record), return_exceptions=True)
    assert [type(one) for one in sorted(found, key=lambda one: isinstance(one, Exception))] == [str, rules.ContributedAlready]


async def test_two_runners_send_a_record_once(shared: Set):
    for n in range(3):
        await shared.propose(await shared.book(f"同题之书{n}"))
    async with shared.house.work() as work:
        await commands.send_now(work)
    await asyncio.gather(Runner(shared.house.kit).once(), Runner(shared.house.kit).once())
    assert len(await shared.posts()) == len(set(await shared.posts())) == 3


async def test_a_lost_answer_is_asked_for_and_nothing_goes_twice(shared: Set):
    no = await shared.propose(await shared.book())
    shared.union.how = "lost"
    await shared.run()
    assert (await shared.row(no)).state == "unclear"
    (line,) = await shared.house.rows("SELECT failures, failure FROM union_line")
    assert (line.failures, line.failure) == (1, "status")
    shared.union.how = "take"
    await shared.run()
    one = await shared.row(no)
    assert (one.state, one.control_no) == ("accepted", "000001")
    assert await shared.posts() == [one.request]
    assert len(shared.union.titles) == 1


async def test_what_never_arrived_goes_again_and_what_nobody_knows_waits_for_a_person(shared: Set):
    no = await shared.propose(await shared.book())
    shared.union.how = "dropped"
    await shared.run()
    assert (await shared.row(no)).state == "unclear"
    shared.union.how, shared.union.knows_status = "take", False
    await shared.run()
    assert (await shared.row(no)).state == "unclear"
    assert len(await shared.posts()) == 1, "nobody guesses"
    other = await shared.propose(await shared.book("另一种书"))
    await shared.run()
    assert (await shared.row(other)).state == "accepted", "one that waits for a person holds nobody up"
    shared.union.knows_status = True
    await shared.run()
    assert (await shared.row(no)).state == "queued"
    await shared.run()
    assert (await shared.row(no)).state == "accepted"
    # Where the union catalogue cannot say, a person can.
    third = await shared.propose(await shared.book("第三种书"))
    shared.union.how, shared.union.knows_status = "lost", False
    await shared.run()
    async with shared.house.client() as client:
        done = await client.post(f"/resources/union-contributions/{third}/act/settle", data={"control_no": "000003"})
        assert done.status_code == 303, done.text
    one = await shared.row(third)
    assert (one.state, one.control_no, one.noted) == ("accepted", "000003", True)


async def test_what_comes_back_is_mended_before_it_goes_again(shared: Set):
    record = await shared.book()
    no = await shared.propose(record)
    shared.union.how = "return"
    await shared.run()
    one = await shared.row(no)
    assert (one.state, one.said) == ("returned", "690 missing edition give $v")
    page = f"/resources/union-contributions/{no}"
    async with shared.house.client() as client:
        json = {"accept": "application/json"}
        refused = await client.post(f"{page}/act/fix", headers=json)
        assert refused.json()["code"] == "union.not-mended"
        assert "690 missing edition" in (await client.get("/resources/union-contributions?state=returned")).text
        await shared.mend(record)
        assert (await client.post(f"{page}/act/fix")).status_code == 303
        shared.union.how = "take"
        await shared.run()
        assert [f.state for f in [await shared.row(no)]] == ["accepted"]
        assert len(set(await shared.posts())) == 2, "a newer version is a sending of its own"
        assert [n for n, _f in await shared.house.said("resources.union-record.returned", "resources.union-record.settled")] == [
            "resources.union-record.returned", "resources.union-record.settled",
        ]
        other = await shared.propose(await shared.book("不传之书"))
        assert (await client.post(f"/resources/union-contributions/{other}/act/give_up", data={"reason": "内部资料"})).status_code == 303
        assert (await shared.row(other)).reason == "内部资料"


async def test_a_title_they_have_is_not_ours_to_number(shared: Set):
    shared.union.titles["梦溪笔谈校读"] = "900001"
    record = await shared.book()
    no = await shared.propose(record)
    await shared.run()
    one = await shared.row(no)
    assert (one.state, one.control_no) == ("duplicate", "900001")
    assert (await shared.marc(record)).first("035", "a") == ""
    assert await shared.house.said("resources.union-record.accepted") == []


async def test_pauses_grow_and_are_shown_and_nothing_is_lost(shared: Set):
    numbers = [await shared.propose(await shared.book(f"连载之书{n}")) for n in range(2)]
    shared.union.how = "away"
    await shared.run()
    await shared.run()
    assert [(await shared.row(no)).state for no in numbers] == ["queued", "queued"]
    assert len(await shared.posts()) == 2, "the first failure ends a sending"
    (line,) = await shared.house.rows("SELECT failures, next_at - last_at AS pause FROM union_line")
    assert (line.failures, line.pause) == (2, timedelta(minutes=4))
    async with shared.house.client() as client:
        assert "对方答复 HTTP 503" in (await client.get(URL)).text
    before = len(shared.union.heard)
    assert not await Runner(shared.house.kit).once()
    assert len(shared.union.heard) == before, "nobody knocks during a pause"
    shared.union.how = "take"
    await shared.run()
    assert [(await shared.row(no)).state for no in numbers] == ["accepted", "accepted"]
    assert (await shared.house.rows("SELECT failures FROM union_line"))[0].failures == 0


async def test_the_number_waits_for_an_open_correction(shared: Set):
    record = await shared.book()
    no = await shared.propose(record)
    async with shared.house.work() as work:
        await commands.send_now(work)
    async with shared.house.work() as work:
        (parcel,) = await commands.claim(work) or []
    async with shared.house.work() as work:
        known = await by_key(work.session, record, whole=True)
        marc = Record.from_json(known.fields)
        await versions.save(work, record, marc.with_fields([*marc.fields, Field("330", "  ", (("a", "提要"),))]), base=known.revision)
    said = client.Said("accepted", "000042")
    for _twice in range(2):
        async with shared.house.work() as work:
            await commands.answered(work, parcel, said)
    one = await shared.row(no)
    assert (one.state, one.noted) == ("accepted", False)
    assert len(await shared.house.rows("SELECT 1 FROM union_answer")) == 1
    async with shared.house.work(EXPERT) as work:
        await versions.accept(work, record)
    await shared.run()
    marc = await shared.marc(record)
    assert (marc.first("035", "a"), marc.first("330", "a")) == ("(CALIS)000042", "提要")


async def test_whoever_died_while_sending_is_asked_about(shared: Set):
    no = await shared.propose(await shared.book())
    async with shared.house.work() as work:
        await commands.send_now(work)
    async with shared.house.work() as work:
        await commands.claim(work)
    await shared.run()
    assert (await shared.row(no)).state == "sending", "it may still be under way"
    async with shared.house.work() as work:
        await work.session.execute(update(Contribution).values(sent_at=work.now - rules.FORGOTTEN - timedelta(minutes=1)))
        await work.session.execute(update(UnionLine).values(next_at=work.now))
    await shared.run()
    assert (await shared.row(no)).state == "queued", "it had not arrived"
    assert [method for method, _about in shared.union.heard] == ["GET"]


BAD = [("forbidden", "queued", "status"), ("elsewhere", "queued", "redirect"), ("entity", "unclear", "bad-xml")]


async def test_bad_answers_hurt_nobody(shared: Set):
    no = await shared.propose(await shared.book())
    for how, state, failure in BAD:
        shared.union.how = how
        await shared.run()
        (line,) = await shared.house.rows("SELECT failure FROM union_line")
        assert ((await shared.row(no)).state, line.failure) == (state, failure), how
    assert shared.union.titles == {}
    async with shared.house.work() as work:
        await work.session.execute(update(Contribution).values(state="queued"))
        await work.session.execute(text("UPDATE union_settings SET inside = false"))
    before = len(shared.union.heard)
    await shared.run()
    assert len(shared.union.heard) == before, "an address of the inner network is not gone to"
    assert (await shared.house.rows("SELECT failure FROM union_line"))[0].failure == "private"


async def test_iso_2709_arrives_as_it_is(shared: Set):
    async with shared.house.work() as work:
        await commands.save_settings(work, {**SETTINGS, "url": shared.url, "format": "iso2709"})
    no = await shared.propose(await shared.book())
    await shared.run()
    assert (await shared.row(no)).state == "accepted"
    assert shared.union.bodies[0].endswith(b"\x1d")


async def test_candidates_are_ticked_and_settings_say_what_is_wrong(shared: Set):
    record, draft = await shared.book(), await shared.book("草稿一种", released=False)
    async with shared.house.client() as client, shared.house.client(CLERK) as stranger:
        page = await client.get(f"{URL}/candidates")
        assert record in page.text
        assert draft not in page.text
        mixed = await client.post(f"{URL}/candidates", data={"record": [record, draft]})
        assert mixed.status_code == 200
        assert "记录没有发布" in mixed.text
        assert [row.record for row in await shared.house.rows("SELECT record FROM union_contribution")] == [record]
        assert (await client.post(f"{URL}/candidates", data={})).status_code == 422
        wrong = await client.post(URL, data={**SETTINGS, "open": "true", "inside": "", "url": "http://union.example/update", "every_hours": "0"})
        assert wrong.status_code == 422
        assert "须用 https://" in wrong.text
        assert "http://union.example/update" in wrong.text
        assert (await client.post(f"{URL}/send")).status_code == 303
        assert (await client.get(f"{URL}/2026-13")).status_code == 404
        assert (await stranger.get(URL)).status_code == 403
        assert (await stranger.post(f"{URL}/send")).status_code == 403
    async with shared.house.work() as work:
        with pytest.raises(Invalid) as told:
            await commands.save_settings(work, {**SETTINGS, "url": "https://x", "target": "nowhere", "account": "a:b", "seconds": "x"})
    assert set(told.value.errors) == {"target", "account", "seconds"}


async def test_registers_keep_their_promises(house: House):
    codes = (f"Z{n}" for n in range(100))
    await keeps_its_promises(certificates, house.app, lambda: {
        "no": next(codes), "person": "S001", "level": "cataloguer", "scope": "cnmarc", "issued_on": "2026-01-01", "valid_until": "2029-01-01",
    })
    await keeps_its_promises(agreements, house.app, lambda: {
        "partner": "CALIS", "service": "delivery", "direction": "both", "content": "原文传递", "from_on": "2026-01-01",
    })
    assert contributions.create == ()


def test_pauses_have_an_end() -> None:
    assert [rules.pause(n) for n in (1, 2, 20)] == [timedelta(minutes=2), timedelta(minutes=4), timedelta(hours=6)]


def test_a_number_replaces_its_older_one_only() -> None:
    marc = cn("书", more=(Field("035", "  ", (("a", "(OCoLC)1"),)), Field("035", "  ", (("a", "(CALIS)1"),))))
    assert rules.numbered(marc, "CALIS", "2").all("035", "a") == ["(OCoLC)1", "(CALIS)2"]
