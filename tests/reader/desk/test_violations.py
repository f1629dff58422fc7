"""Rules broken, evidence, decision, appeal. covers: RDR-CIR-OTH-05, RDR-DSK-BAS-04"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from services.reader.app import service
from services.reader.desk.charges import commands as charges
from services.reader.desk.violations import commands, handlers, rules
from services.reader.desk.violations.model import Measure, Violation, ViolationState, What
from services.reader.desk.violations.register import violations
from shared.events.office import PaymentPaid
from shared.identity import Actor
from shared.refusals import Invalid, NotAllowed, SamePerson
from shared.testing.registers import keeps_its_promises
from tests.reader.desk.conftest import CLERK, COLLEAGUE, HEAD, OUTSIDER
from tests.support.departments import client, opened

OTHER_HEAD = Actor("R0009", "许", posts=("head-reader",), dept="reader")
TOLD = {"judgement": "证据充分"}


async def found(desk, card: str = "", *, what: str = "tearing", barcode: str = "", actor: Actor = CLERK) -> str:
    card = card or await desk.patron()
    async with desk.work(actor) as work:
        return (await violations.open(
            work, card=card, what=what, happened_on=work.today.isoformat(), barcode=barcode, facts="撕下第 12 至 15 页", place="三层阅览区",
        )).no


async def act(desk, no: str, action: str, actor: Actor = HEAD, **asked: Any) -> None:
    async with desk.work(actor) as work:
        await violations.move(work, no, action, **asked)


async def decided(desk, measure: str, *, card: str = "", barcode: str = "", what: str = "tearing", **more: Any) -> str:
    no = await found(desk, card, barcode=barcode, what=what)
    await act(desk, no, "prove", CLERK, evidence="现场照片三张", rule="入馆须知第 8 条")
    await act(desk, no, "decide", HEAD, measure=measure, decision="按规定处理", **more)
    return no


async def case(desk, no: str) -> Violation:
    async with desk.works.sessions() as session:
        return (await session.scalars(select(Violation).where(Violation.no == no))).one()


@pytest.mark.parametrize(("day", "closed", "until"), [
    (date(2026, 11, 23), (), date(2026, 11, 30)),  # Monday: Tuesday to Friday, and Monday
    (date(2026, 11, 27), (), date(2026, 12, 4)), (date(2026, 11, 28), (), date(2026, 12, 4)),
    (date(2026, 12, 30), (date(2027, 1, 1),), date(2027, 1, 7)),
])
def test_an_appeal_is_open_for_five_working_days(day, closed, until) -> None:
    assert rules.appeal_until(day, closed) == until


@pytest.mark.parametrize(("measure", "until", "fen", "wrong"), [
    (Measure.suspension, None, 0, "suspended_until"), (Measure.suspension, date(2026, 11, 23), 0, "suspended_until"),
    (Measure.suspension, date(2027, 11, 24), 0, "suspended_until"), (Measure.reminder, date(2026, 12, 1), 0, "suspended_until"),
    (Measure.college, None, 100, "amount_fen"),
])
def test_a_measure_that_does_not_fit_is_said(measure, until, fen, wrong) -> None:
    broken = Violation(no="WZ1", card="1", what=What.other, measure=measure, suspended_until=until, amount_fen=fen)
    with pytest.raises(Invalid) as refusal:
        rules.check_measure(broken, date(2026, 11, 23))
    assert wrong in refusal.value.errors


async def test_who_found_it_does_not_decide_and_who_decided_does_not_judge(desk) -> None:
    no = await found(desk, actor=HEAD)
    await act(desk, no, "prove", CLERK, evidence="现场照片三张", rule="入馆须知第 8 条")
    with pytest.raises(NotAllowed):
        await act(desk, no, "decide", COLLEAGUE, measure="reminder", decision="口头提醒")
    with pytest.raises(SamePerson):
        await act(desk, no, "decide", HEAD, measure="reminder", decision="口头提醒")
    await act(desk, no, "decide", OTHER_HEAD, measure="reminder", decision="口头提醒")
    await act(desk, no, "appeal", CLERK, appeal="当时不在馆内")
    for judge in (HEAD, OTHER_HEAD):
        with pytest.raises(SamePerson):
            await act(desk, no, "uphold", judge, **TOLD)
    third = Actor("R0010", "第三人", posts=("RDR-LED",), dept="reader")
    await act(desk, no, "uphold", third, **TOLD)
    assert (await case(desk, no)).state == ViolationState.closed
    for wrong in ("decided_by = created_by", "judged_by = decided_by"):
        with pytest.raises(IntegrityError):
            async with desk.works.sessions() as session:
                await session.execute(text(f"UPDATE violation SET {wrong}"))


async def test_a_suspension_stops_lending_and_falls_with_its_decision(desk) -> None:
    card = await desk.patron()
    no = await decided(desk, "suspension", card=card, suspended_until=(date(2026, 12, 23)).isoformat())
    patron = await desk.find_patron(card)
    assert (patron.state.value, patron.suspended_until) == ("suspended", date(2026, 12, 23))
    await act(desk, no, "appeal", CLERK, appeal="书原已破损")
    await act(desk, no, "revoke", OTHER_HEAD, judgement="证据不足")
    assert ((await desk.find_patron(card)).state.value, (await case(desk, no)).state) == ("active", "revoked")


async def test_tearing_a_priced_book_costs_ten_times_its_price(desk) -> None:
    card, barcode = await desk.patron(), await desk.item(price_cents=3800)
    no = await decided(desk, "compensation", card=card, barcode=barcode)
    assert ((await case(desk, no)).amount_fen, (await desk.find_patron(card)).debt_fen) == (38000, 38000)
    for what, about in (("card", barcode), ("theft", "")):
        with pytest.raises(rules.NoPrice):
            await decided(desk, "compensation", what=what, barcode=about)
    other = await decided(desk, "compensation", what="defacing", amount_fen="12.50")
    assert (await case(desk, other)).amount_fen == 1250


async def test_an_unpaid_compensation_goes_with_the_decision_and_a_paid_one_through_the_office(desk) -> None:
    card = await desk.patron()
    unpaid = await decided(desk, "compensation", card=card, amount_fen="10.00")
    await act(desk, unpaid, "appeal", CLERK, appeal="不是我撕的")
    await act(desk, unpaid, "revoke", OTHER_HEAD, judgement="证据不足")
    assert ((await desk.find_patron(card)).debt_fen, (await case(desk, unpaid)).state) == (0, "revoked")
    paid = await decided(desk, "compensation", card=card, amount_fen="10.00")
    receipt, _rows = await desk.do(charges.pay, card=card)
    await act(desk, paid, "appeal", CLERK, appeal="不是我撕的")
    cashier = Actor(CLERK.id, CLERK.name, posts=("RDR-LED",), dept="reader")
    with pytest.raises(SamePerson):
        await act(desk, paid, "revoke", cashier, judgement="证据不足")
    await act(desk, paid, "revoke", OTHER_HEAD, judgement="证据不足")
    (said,) = await desk.said("reader.refund.requested")
    assert (said[1]["number"], said[1]["receipt"], said[1]["amount_cents"], said[1]["page"]) == (
        paid, receipt, 1000, f"/reader/violations/{paid}",
    )
    fact = PaymentPaid(voucher="PZ2026-0001", reference=paid, amount_cents=1000, paid_on=date(2026, 12, 1))
    for _ in range(2):
        await desk.heed(handlers.handlers, fact)
    done = await case(desk, paid)
    assert (done.state, done.voucher, (await desk.find_patron(card)).debt_fen) == ("revoked", "PZ2026-0001", 0)


async def test_late_appeals_and_early_ends_are_refused(desk) -> None:
    no = await decided(desk, "reminder")
    until = (await case(desk, no)).appeal_until
    with pytest.raises(rules.AppealOpen):
        await act(desk, no, "close")
    desk.days_later((until - date(2026, 11, 23)).days)
    with pytest.raises(rules.AppealOpen):
        await act(desk, no, "close")
    desk.days_later(1)
    with pytest.raises(rules.AppealTooLate):
        await act(desk, no, "appeal", CLERK, appeal="不服处理")
    await act(desk, no, "close")
    desk.days_later(rules.KEEP_DAYS)
    assert await desk.do(commands.forget) == 0
    desk.days_later(1)
    assert await desk.do(commands.forget) == 1
    assert await desk.do(commands.forget) == 0


async def test_nonsense_is_said_and_strangers_open_nothing(desk) -> None:
    card = await desk.patron()
    good = {"card": card, "what": "tearing", "happened_on": "2026-11-23", "facts": "撕下第 12 页"}
    for wrong in ({"card": "000"}, {"barcode": "X000"}, {"happened_on": "2026-11-24"}):
        with pytest.raises(Invalid) as refusal:
            async with desk.work() as work:
                await violations.open(work, **{**good, **wrong})
        assert set(refusal.value.errors) == set(wrong)
    assert not violations.can_create(OUTSIDER)
    assert not await desk.rows("SELECT 1 FROM violation")


async def test_two_heads_who_decide_at_once_decide_once(desk) -> None:
    card = await desk.patron()
    no = await found(desk, card)
    await act(desk, no, "prove", CLERK, evidence="现场照片三张", rule="入馆须知第 8 条")
    done = await asyncio.gather(*(
        act(desk, no, "decide", who, measure="compensation", decision="照价赔偿", amount_fen="10.00") for who in (HEAD, OTHER_HEAD)
    ), return_exceptions=True)
    assert sum(one is None for one in done) == 1
    assert (await desk.find_patron(card)).debt_fen == 1000


@pytest.fixture
async def app(database, desk, tmp_path) -> AsyncIterator[object]:
    desk.now = datetime.now(UTC)
    async with opened(service, database("reader"), tmp_path) as made:
        yield made


async def test_the_register_keeps_its_promises(app, desk) -> None:
    card = await desk.patron()

    def fill() -> dict[str, str]:
        return {"card": card, "what": "tearing", "happened_on": "2026-11-01", "facts": "Torn pages 12-15", "place": "Hall", "barcode": ""}

    ask = {
        "prove": {"evidence": "Photos", "rule": "Rule 8"}, "appeal": {"appeal": "Not me"}, "drop": {"decision": "Too small"},
        "decide": {"measure": "reminder", "decision": "A word"}, "uphold": {"judgement": "It stands"},
        "revoke": {"judgement": "It falls"}, "refunded": {"voucher": "PZ2026-0001"},
    }

    async def prepare(work: Any, record: Violation, action: str) -> None:
        if action == "close":
            record.appeal_until = work.today - timedelta(days=1)
        if action in {"refunded", "refund_again"}:
            work.actor = CLERK
            entry = await charges.charge(work, card=card, kind=charges.Kind.damage, amount_fen=100)
            await work.session.flush()
            await charges.pay(work, card=card, charges=[entry.id])
            record.charge_id = entry.id

    await keeps_its_promises(violations, app, fill, ask=ask, prepare=prepare)


async def test_patrons_read_and_appeal_their_own_decisions_and_nobody_elses(app, desk) -> None:
    desk.now = datetime.now(UTC)
    card, other = await desk.patron(), await desk.patron()
    mine, theirs = await decided(desk, "reminder", card=card), await decided(desk, "reminder", card=other)
    hidden = await found(desk, card)  # what is not decided is not told
    me = Actor(card, "张雨桐", posts=("patron",), kind="patron", card=card)
    home, data = "/reader/my/violations", "/api/reader/my/violations"
    async with client(app, me) as web, client(app, CLERK) as staff:
        assert (await staff.get(home)).status_code == 403
        account = (await web.get("/reader/my")).text
        assert f"{home}/{mine}" in account  # the term is short: it stands on top
        listed = (await web.get(home)).text
        assert (mine in listed, theirs in listed, hidden in listed) == (True, False, False)
        for no in (theirs, hidden):
            assert (await web.get(f"{home}/{no}")).status_code == 404
            assert (await web.post(f"{data}/{no}/appeal", json={"appeal": "不是我"})).status_code == 404
            assert (await web.post(f"/api/reader/violations/{no}/appeal", json={"appeal": "不是我所为"})).status_code == 403
        assert "按规定处理" in (await web.get(f"{home}/{mine}")).text
        assert "现场照片" not in (await web.get(f"{home}/{mine}")).text  # evidence is for those who decide
        short = await web.post(f"{home}/{mine}/appeal", data={"appeal": "否"})
        assert (short.status_code, ">否</textarea>" in short.text) == (422, True)
        assert (await web.post(f"{home}/{mine}/appeal", data={"appeal": "当时不在馆内，有课表为证"})).status_code == 303
        again = await web.post(f"{data}/{mine}/appeal", json={"appeal": "再说一遍同样的话"})
        assert again.json()["code"] == "not-from-here"
        (item,) = (await web.get(data)).json()["items"]
        assert (item["state"], item["appeal"], item["may_appeal"]) == ("appealed", "当时不在馆内，有课表为证", False)
        assert mine in (await web.get("/reader/my/export.json")).text
    await act(desk, mine, "uphold", OTHER_HEAD, **TOLD)
    async with client(app, me, cookie="lang=en") as web:
        assert "证据充分" in (await web.get(f"{home}/{mine}")).text


async def test_the_patron_is_written_the_decision_and_the_judgement(desk) -> None:
    """RDR-CIR-OTH-05: a decision that can be objected to has to reach whom it concerns."""
    no = await decided(desk, "reminder")
    told = "SELECT hook, facts ->> 'what_label', facts ->> 'until', state FROM notice WHERE about = :no ORDER BY at, id"
    until = (await case(desk, no)).appeal_until
    assert [tuple(r) for r in await desk.rows(told, no=no)] == [("violation", "提醒教育", until.isoformat(), "queued")]
    await act(desk, no, "appeal", CLERK, appeal="当时不在场")
    await act(desk, no, "uphold", OTHER_HEAD, **TOLD)
    assert [tuple(r) for r in await desk.rows(told, no=no)][1:] == [("violation_judged", "维持处理决定", None, "queued")]
