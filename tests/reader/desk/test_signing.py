"""A head signs for what a clerk may not decide: beside the desk or from elsewhere, once, for this very act. covers: RDR-LED-FRD-03"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from services.reader.app import service
from services.reader.desk.charges import commands as charges
from services.reader.desk.charges.model import Kind
from services.reader.desk.counter import commands as counter
from services.reader.desk.counter import second
from services.reader.desk.counter.model import Line, Mode, Outcome
from services.reader.desk.holds import commands as holds
from services.reader.desk.privacy import commands as privacy
from services.reader.desk.signing import commands as signing
from services.reader.desk.signing import rules
from services.reader.desk.signing.model import SignState
from services.reader.desk.signing.rules import LIFE, about
from shared.database import uuid7
from shared.identity import SYSTEM, Approval
from shared.refusals import Invalid, NotAllowed, Refusal
from shared.states import NotFromHere, final
from shared.testing.tokens import approval, token
from tests.reader.desk.conftest import CLERK, COLLEAGUE, HEAD, Desk
from tests.support.departments import client, opened

HX = {"hx-request": "true"}
TWIN = replace(HEAD, id="R0009", name="另一责任人")


@pytest.fixture
async def app(database, desk, tmp_path) -> AsyncIterator[object]:
    desk.now = datetime.now(UTC)
    async with opened(service, database("reader"), tmp_path) as made:
        yield made


async def refused(desk: Desk, *, actor=CLERK) -> Line:
    """A patron without the library introduction and the line their book left on the desk's screen."""
    card, book, sitting = await desk.patron(oriented=False), await desk.item(), uuid7()
    for code in (card, book):
        async with desk.work(actor) as work:
            line = await counter.scan(
                work, await counter.open_sitting(work, sitting), code=code, mode=Mode.lend
            )
            await work.session.flush()
    assert line is not None
    assert (line.outcome, line.card) == (Outcome.refused, card)
    return line


def signed_for(line: Line, *, by=HEAD, of=CLERK, **other: str) -> Approval:
    facts = {"act": "lend", "about": about(line.card, line.code, ["orientation-missing"]), **other}
    return Approval(uuid7(), by, of.id, reason="已当面讲解", **facts)


async def loans(desk: Desk) -> int:
    return (await desk.rows("SELECT count(*) FROM loan"))[0][0]


async def carry_out(desk: Desk, line: Line, given: Approval, actor=CLERK) -> Line:
    async with desk.work(actor) as work:
        _sitting, done = await second.override_line(
            work, line.id, signed=await signing.redeem(work, given, title=line.title)
        )
        return done


async def test_a_head_signs_beside_the_desk_and_the_override_is_theirs(desk) -> None:
    line = await refused(desk)
    done = await carry_out(desk, line, signed_for(line))
    assert done.outcome is Outcome.lent
    override = (await desk.rows("SELECT override, lent_by FROM loan"))[0]
    assert override == (
        [{"code": "orientation-missing", "by": HEAD.id, "note": "已当面讲解", "desk_of": CLERK.id}], CLERK.id,
    )
    trail = (await desk.rows("SELECT actor, changes FROM audit WHERE action = 'sign-off'"))[0]
    assert trail[0] == CLERK.id
    assert (trail[1]["signed_by"], trail[1]["asked_by"]) == (HEAD.id, CLERK.id)
    # The ledger credits whoever a fact names as its actor: the signature is the head's, the loan the clerk's.
    said = await desk.rows("SELECT subject, headers->>'actor', headers->'posts' FROM outbox ORDER BY id DESC LIMIT 2")
    by = {subject: (who, posts) for subject, who, posts in said}
    assert by["guanwu.reader.sign-off.used.v1"] == (HEAD.id, ["RDR-LED"])
    assert by["guanwu.reader.item.lent.v1"][0] == CLERK.id


async def test_an_approval_is_good_once_however_many_desks_present_it(desk) -> None:
    line = await refused(desk)
    given = signed_for(line)

    async def present() -> str:
        async with desk.work() as work:
            await signing.redeem(work, given)
        return "redeemed"

    answers = await asyncio.gather(*(present() for _ in range(4)), return_exceptions=True)
    assert [a for a in answers if a == "redeemed"] == ["redeemed"]
    assert {type(a) for a in answers if a != "redeemed"} == {rules.SignatureUsed}


async def test_what_is_refused_after_all_has_spent_nothing(desk, reasons) -> None:
    line = await refused(desk)
    given = signed_for(line)
    await desk.rows("SELECT 1")
    other = await desk.patron()
    await desk.lend(other, line.code)
    with pytest.raises(Refusal) as refusal:
        await carry_out(desk, line, given)
    assert reasons(refusal) == ["item-on-loan", "orientation-missing"]
    await desk.take_back(line.code)
    assert (await carry_out(desk, line, given)).outcome is Outcome.lent


@pytest.mark.parametrize("changed", [
    {"act": "renew"}, {"about": "X A1 orientation-missing"}, {"of": COLLEAGUE}, {"act": "sing"},
])
async def test_a_signature_for_something_else_is_worth_nothing_here(desk, changed) -> None:
    line = await refused(desk)
    with pytest.raises(rules.SignedForAnother):
        await carry_out(desk, line, signed_for(line, **changed))
    assert await loans(desk) == 0


async def test_a_signature_for_one_patron_does_not_lend_to_the_next_one_at_the_desk(desk) -> None:
    line = await refused(desk)
    given, next_card = signed_for(line), await desk.patron(oriented=False)
    async with desk.work() as work:  # the next patron's card is scanned before the head has signed
        await counter.scan(work, await counter.open_sitting(work, line.sitting_id), code=next_card, mode=Mode.lend)
    with pytest.raises(rules.SignedForAnother):
        await carry_out(desk, line, given)


async def test_only_the_reasons_the_head_has_seen_are_set_aside(desk, reasons) -> None:
    line = await refused(desk)
    given = signed_for(line, about=about(line.card, line.code, ["debt"]))
    with pytest.raises(Refusal) as refusal:
        await carry_out(desk, line, given)
    assert reasons(refusal) == ["orientation-missing"]


async def test_nobody_signs_for_themselves_and_only_a_head_signs(desk, reasons) -> None:
    line = await refused(desk, actor=HEAD)
    with pytest.raises(rules.SignedForOneself):
        await carry_out(desk, line, signed_for(line, of=HEAD), actor=HEAD)
    theirs = await refused(desk)
    with pytest.raises(rules.SignedForOneself):  # the patron is the head
        await carry_out(desk, theirs, signed_for(theirs, by=replace(HEAD, card=theirs.card)))
    with pytest.raises(Refusal) as refusal:
        await carry_out(desk, theirs, signed_for(theirs, by=COLLEAGUE))
    assert reasons(refusal) == ["orientation-missing"]
    assert await loans(desk) == 0


async def test_a_renewal_goes_on_by_signature(desk) -> None:
    card, other, book = await desk.patron(), await desk.patron(), await desk.item(instance="t")
    lent = await desk.lend(card, book)
    await desk.do(holds.place, card=other, instance_id="t")
    sitting = uuid7()
    async with desk.work() as work:
        line = await counter.scan(work, await counter.open_sitting(work, sitting), code=book, mode=Mode.renew)
        await work.session.flush()
    assert (line.outcome, line.card) == (Outcome.refused, card)
    done = await carry_out(desk, line, signed_for(line, act="renew", about=about(card, book, ["others-wait"])))
    assert done.outcome is Outcome.renewed
    assert done.due_on > lent.loan.due_on or done.due_on is not None
    assert (await desk.rows("SELECT override->0->>'by' FROM loan"))[0][0] == HEAD.id


async def test_a_colleagues_return_is_undone_on_a_signature(desk) -> None:
    card, book, sitting = await desk.patron(), await desk.item(), uuid7()
    await desk.lend(card, book, COLLEAGUE)
    async with desk.work(COLLEAGUE) as work:
        line = await counter.scan(work, await counter.open_sitting(work, sitting), code=book, mode=Mode.take_back)
        await work.session.flush()
    given = Approval(uuid7(), HEAD, CLERK.id, "undo", about(card, book), "扫错了书")
    async with desk.work() as work:
        _s, undone = await second.undo_line(work, line.id, signed=await signing.redeem(work, given))
    assert undone.outcome is Outcome.undone
    assert (await desk.find_item(book)).circulation == "on_loan"


async def test_a_waiver_on_a_signature_is_the_heads_and_never_of_their_own_charge(desk) -> None:
    card = await desk.patron()
    mine = await desk.do(charges.charge, card=card, kind=Kind.damage, amount_fen=500)
    theirs = await desk.do(charges.charge, HEAD, card=card, kind=Kind.damage, amount_fen=300)

    async def waive(charge: UUID, by=HEAD) -> object:
        given = Approval(uuid7(), by, CLERK.id, "waive", about(card, str(charge)), "初次，已批评教育")
        async with desk.work() as work:
            return await charges.waive(work, charge_id=charge, signed=await signing.redeem(work, given))

    row = await waive(mine.id)
    assert (row.actor, row.reason, row.explain) == (HEAD.id, "初次，已批评教育", {"desk_of": CLERK.id})
    with pytest.raises(Refusal) as refusal:  # who charged it does not let off
        await waive(theirs.id)
    assert refusal.value.code == "same-person"
    assert (await waive(theirs.id, TWIN)).actor == TWIN.id
    with pytest.raises(NotAllowed):
        await desk.do(charges.waive, charge_id=mine.id, reason="我说了算")


async def test_a_head_who_is_elsewhere_is_asked_once_and_the_yes_serves_once(desk) -> None:
    line = await refused(desk)
    async with desk.work() as work:
        _s, _l, asked = await second.ask_line(work, line.id, note="新生，讲座在下周")
    with pytest.raises(rules.AlreadyAsked):
        await desk.do(second.ask_line, line_id=line.id, note="再问一次")
    with pytest.raises(NotAllowed):
        await desk.do(signing.answer, COLLEAGUE, number=asked.number, grant=True, reason="可以")
    with pytest.raises(Invalid):
        await desk.do(signing.answer, HEAD, number=asked.number, grant=True, reason=" ")
    await desk.do(signing.answer, HEAD, number=asked.number, grant=True, reason="先借一册")
    with pytest.raises(NotFromHere):
        await desk.do(signing.answer, TWIN, number=asked.number, grant=False, reason="不行")

    async def use(actor=CLERK) -> Line:
        async with desk.work(actor) as work:
            given = await signing.spend(work, number=asked.number)
            return (await second.override_line(work, line.id, signed=given))[1]

    with pytest.raises(rules.UnknownSignOff):
        await use(COLLEAGUE)
    answers = await asyncio.gather(use(), use(), return_exceptions=True)
    assert sorted(type(a).__name__ for a in answers) == ["Line", "SignatureUsed"]
    assert (await desk.rows("SELECT override->0->>'by', override->0->>'note' FROM loan"))[0] == (HEAD.id, "先借一册")
    facts = [name for name, _p, _c in await desk.said() if "sign-off" in name]
    assert facts == ["reader.sign-off.asked", "reader.sign-off.answered", "reader.sign-off.used"]


async def test_a_head_does_not_answer_their_own_request(desk) -> None:
    line = await refused(desk, actor=HEAD)
    async with desk.work(HEAD) as work:
        _s, _l, asked = await second.ask_line(work, line.id, note="")
    with pytest.raises(rules.SignedForOneself):
        await desk.do(signing.answer, HEAD, number=asked.number, grant=True, reason="给自己批")


async def test_two_heads_who_answer_at_once_give_one_answer(desk) -> None:
    line = await refused(desk)
    async with desk.work() as work:
        _s, _l, asked = await second.ask_line(work, line.id, note="")
    answers = await asyncio.gather(
        desk.do(signing.answer, HEAD, number=asked.number, grant=True, reason="可以"),
        desk.do(signing.answer, TWIN, number=asked.number, grant=False, reason="不可以"), return_exceptions=True,
    )
    assert sorted(type(a).__name__ for a in answers) == ["NotFromHere", "SignOff"]


async def test_a_request_nobody_answers_and_a_yes_nobody_uses_are_over_in_time(desk) -> None:
    first, other = await refused(desk), await refused(desk)
    async with desk.work() as work:
        _s, _l, asked = await second.ask_line(work, first.id, note="")
        _s, _l, granted = await second.ask_line(work, other.id, note="")
    await desk.do(signing.answer, HEAD, number=granted.number, grant=True, reason="可以")
    desk.now += rules.GRANTED_FOR
    assert await desk.do(signing.lapse, SYSTEM) == 0
    desk.now += (rules.ASKED_FOR - rules.GRANTED_FOR) * 1.1
    with pytest.raises(rules.SignatureLapsed):
        await desk.do(signing.spend, number=granted.number)
    assert await desk.do(signing.lapse, SYSTEM) == 2
    rows = await desk.rows("SELECT number, state FROM sign_off ORDER BY number")
    assert [tuple(row) for row in rows] == [(asked.number, "lapsed"), (granted.number, "lapsed")]
    async with desk.work() as work:  # and may be asked again
        await second.ask_line(work, first.id, note="")


async def test_what_no_head_may_set_aside_cannot_be_asked_for(desk) -> None:
    card, other, book, sitting = await desk.patron(), await desk.patron(), await desk.item(), uuid7()
    await desk.lend(other, book)
    for code in (card, book):
        async with desk.work() as work:
            line = await counter.scan(work, await counter.open_sitting(work, sitting), code=code, mode=Mode.lend)
            await work.session.flush()
    with pytest.raises(rules.NotSignable):
        await desk.do(second.ask_line, line_id=line.id, note="")


async def test_whose_book_it_was_is_forgotten_with_the_loan(desk) -> None:
    line = await refused(desk)
    await carry_out(desk, line, signed_for(line))
    desk.days_later(200)
    async with desk.works.open(SYSTEM, now=desk.now) as work:
        await privacy.cut(work)
    assert (await desk.rows("SELECT card, signed_by FROM sign_off"))[0] == ("", HEAD.id)


def test_every_state_of_a_signature_ends() -> None:
    assert final(LIFE) == {SignState.used, SignState.refused, SignState.withdrawn, SignState.lapsed}


# ---- through the doors


async def _row_refused(app, desk) -> tuple[str, str, str, str]:
    card, book, sitting = await desk.patron(oriented=False), await desk.item(), str(uuid7())
    async with client(app, CLERK, **HX) as page:
        await page.post("/reader/desk/scan", data={"sitting": sitting, "code": card})
        answer = await page.post("/reader/desk/scan", data={"sitting": sitting, "code": book})
    line = re.search(r'id="line-([0-9a-f-]+)"', answer.text)[1]
    said = re.search(r'name="about" value="([^"]+)"', answer.text)[1]
    assert 'action="/sign-off"' in answer.text
    return card, book, line, said


async def test_the_row_offers_the_form_and_the_signed_row_is_the_loan(app, desk) -> None:
    card, book, line, said = await _row_refused(app, desk)
    given = Approval(uuid7(), HEAD, CLERK.id, "lend", said, "已当面讲解")
    form = {"approval": approval(given, "reader")}
    async with client(app, CLERK, **HX) as page, client(app, COLLEAGUE, **HX) as other:
        assert (await other.post(f"/reader/desk/lines/{line}/signed", data=form)).status_code == 409
        done = await page.post(f"/reader/desk/lines/{line}/signed", data=form)
        assert done.status_code == 200
        assert "借出" in done.text
        again = await page.post(f"/reader/desk/lines/{line}/signed", data=form)
        assert again.status_code == 404  # the refused line is gone; the approval with it
    loan = (await desk.rows("SELECT card, barcode FROM loan"))[0]
    assert tuple(loan) == (card, book)


async def test_an_approval_too_old_or_for_another_house_is_refused_and_a_sign_in_token_is_none(app, desk) -> None:
    _card, _book, line, said = await _row_refused(app, desk)
    given = Approval(uuid7(), HEAD, CLERK.id, "lend", said, "已当面讲解")
    worthless = (
        approval(given, "reader", ago=200), approval(given, "office"), token(HEAD, "reader"), "x.y.z", "nonsense",
    )
    async with client(app, CLERK, accept="application/json") as page:
        for one in worthless:
            answer = await page.post(f"/reader/desk/lines/{line}/signed", data={"approval": one})
            assert (answer.status_code, answer.json()["code"]) == (409, "approval-worthless")
    async with client(app, None, authorization=f"Bearer {approval(given, 'reader')}") as page:
        assert (await page.get("/api/reader/sign-offs")).status_code == 401  # and it opens no door by itself
    assert await loans(desk) == 0


async def test_the_published_interface_takes_an_approval_once(app, desk) -> None:
    card, book = await desk.patron(oriented=False), await desk.item()
    given = Approval(uuid7(), HEAD, CLERK.id, "lend", about(card, book, ["orientation-missing"]), "已当面讲解")
    body = {"card": card, "barcode": book, "approval": approval(given, "reader")}
    async with client(app, CLERK) as api:
        made = await api.post("/api/reader/loans", json=body)
        assert (made.status_code, made.json()["override"][0]["by"]) == (201, HEAD.id)
        await api.post("/api/reader/returns", json={"barcode": book})
        again = await api.post("/api/reader/loans", json=body)
        assert (again.status_code, again.json()["code"]) == (409, "signature-used")


async def test_the_clerk_sees_the_answer_in_the_row_and_carries_it_out(app, desk) -> None:
    _card, _book, line, _said = await _row_refused(app, desk)
    async with client(app, CLERK, **HX) as page, client(app, HEAD) as head, client(app, COLLEAGUE, **HX) as other:
        asked = await page.post(f"/reader/desk/lines/{line}/ask", data={"note": "讲座在下周"})
        assert 'data-live="reader.sign-offs"' in asked.text
        listed = (await head.get("/api/reader/sign-offs")).json()["items"]
        number = listed[0]["number"]
        assert "讲座在下周" in (await head.get(f"/reader/sign-offs/{number}")).text
        assert (await other.get(f"/reader/sign-offs/{number}")).status_code == 404
        assert (await other.get(f"/reader/desk/lines/{line}")).status_code == 404
        assert (await page.post(f"/reader/sign-offs/{number}/answer", data={"grant": "yes", "reason": "可以"})).status_code == 403
        await head.post(f"/reader/sign-offs/{number}/answer", data={"grant": "yes", "reason": "先借一册"})
        row = (await page.get(f"/reader/desk/lines/{line}")).text
        assert "先借一册" in row
        assert "按批复办理" in row
        done = await page.post(f"/reader/desk/lines/{line}/signed", data={"number": number})
        assert "借出" in done.text
        assert "已办理" in (await page.get("/reader/sign-offs?tab=done")).text
    assert await loans(desk) == 1


async def test_a_no_is_shown_with_its_reason_and_may_be_asked_again(app, desk) -> None:
    _card, _book, line, _said = await _row_refused(app, desk)
    async with client(app, CLERK, **HX) as page, client(app, HEAD) as head:
        await page.post(f"/reader/desk/lines/{line}/ask", data={})
        number = (await head.get("/api/reader/sign-offs")).json()["items"][0]["number"]
        await head.post(f"/api/reader/sign-offs/{number}/answer", json={"grant": False, "reason": "请先听讲座"})
        row = (await page.get(f"/reader/desk/lines/{line}")).text
        assert "请先听讲座" in row
        assert "按批复办理" not in row
        assert 'action="/sign-off"' in row
        refusal = await page.post(f"/reader/desk/lines/{line}/signed", data={"number": number})
        assert refusal.status_code == 409


async def test_a_waiver_is_asked_for_on_the_patrons_page(app, desk) -> None:
    card = await desk.patron()
    owed = await desk.do(charges.charge, card=card, kind=Kind.damage, amount_fen=500)
    async with client(app, CLERK) as page, client(app, HEAD) as head:
        assert f'value="{about(card, str(owed.id))}"' in (await page.get(f"/reader/patrons/{card}")).text
        asked = await page.post(f"/reader/charges/{owed.id}/ask", data={"note": "家庭困难"})
        url = asked.headers["location"]
        assert "5.00" in (await head.get(url)).text
        await head.post(f"{url}/answer", data={"grant": "yes", "reason": "同意减免"})
        assert f"/reader/charges/{owed.id}/waive" in (await page.get(url)).text
        done = await page.post(f"/reader/charges/{owed.id}/waive", data={"number": url.rsplit("/", 1)[1]})
        assert done.status_code == 303
        bare = await page.post(f"/reader/charges/{owed.id}/waive", data={"reason": "没有批复"})
        assert bare.status_code == 403
    assert (await desk.find_patron(card)).debt_fen == 0


async def test_a_refused_hold_goes_on_by_signature_for_the_reasons_seen_and_no_others(app, desk, reasons) -> None:
    card, book = await desk.patron(), await desk.item(instance="t-hold")
    ask = {"card": card, "instance_id": "t-hold", "barcode": "", "pickup": "", "needed_by": ""}
    async with client(app, CLERK, accept="text/html") as page:
        shown = await page.post("/reader/holds/place", data=ask)
        assert (shown.status_code, 'action="/sign-off"' in shown.text) == (409, True)
        said = re.search(r'name="about" value="([^"]+)"', shown.text)[1]
        assert said == about(card, "t-hold", ["copy-available"])
        given = Approval(uuid7(), HEAD, CLERK.id, "hold", said, "读者在东校区")
        other = await desk.patron()
        wrong = await page.post("/reader/holds/signed", data={**ask, "card": other, "approval": approval(given, "reader")})
        assert wrong.status_code == 409
        done = await page.post("/reader/holds/signed", data={**ask, "approval": approval(given, "reader")})
        assert done.status_code == 303
        again = await page.post("/reader/holds/signed", data={**ask, "approval": approval(given, "reader")})
        assert again.status_code == 409  # it was good once
    rows = await desk.rows("SELECT card, reason, placed_by FROM hold")
    assert [tuple(row) for row in rows] == [(card, "读者在东校区", CLERK.id)]
    assert (await desk.rows("SELECT signed_by, act FROM sign_off"))[0] == (HEAD.id, "hold")
    # What the head has not seen is not set aside, and what nobody may set aside is not offered for signing.
    unseen = Approval(uuid7(), HEAD, CLERK.id, "hold", about(other, "t-hold", ["hold-limit"]), "可以")
    with pytest.raises(Refusal) as refusal:
        await desk.do(holds.place, card=other, instance_id="t-hold", signed=unseen)
    assert reasons(refusal) == ["copy-available"]
    async with client(app, CLERK, accept="text/html") as page:
        twice = await page.post(f"/reader/items/{book}/hold", data={"card": card})
        assert (twice.status_code, 'action="/sign-off"' in twice.text) == (409, False)
    async with client(app, HEAD, accept="text/html", cookie="lang=en") as head:
        mine = await head.post("/reader/holds/place", data={**ask, "card": other})
        assert (mine.status_code, 'name="override"' in mine.text) == (409, True)
        assert (await head.post("/reader/holds/place", data={**ask, "card": other, "override": "true", "note": "当面说明"})).status_code == 303


async def test_a_head_elsewhere_lets_a_hold_be_placed_as_it_was_asked_for(app, desk) -> None:
    card, _book = await desk.patron(), await desk.item(instance="t-ask")
    ask = {"card": card, "instance_id": "t-ask", "note": "读者行动不便"}
    async with client(app, CLERK, accept="text/html") as page, client(app, HEAD, accept="text/html") as head:
        asked = await page.post("/reader/holds/ask", data=ask)
        number = asked.headers["location"].rsplit("/", 1)[1]
        assert (await page.post("/reader/holds/ask", data=ask)).status_code == 409  # one request
        assert "/reader/holds/titles/t-ask" in (await head.get(f"/reader/sign-offs/{number}")).text
        await head.post(f"/reader/sign-offs/{number}/answer", data={"grant": "yes", "reason": "同意代取"})
        assert "/reader/holds/signed" in (await page.get(f"/reader/sign-offs/{number}")).text
        # What is asked for now does not matter: it is carried out as it was signed for.
        done = await page.post("/reader/holds/signed", data={"number": number, "card": "NOBODY", "instance_id": "other"})
        assert done.status_code == 303
        assert (await page.post("/reader/holds/signed", data={"number": number})).status_code == 409
    assert [tuple(row) for row in await desk.rows("SELECT card, instance_id, reason FROM hold")] == [(card, "t-ask", "同意代取")]
