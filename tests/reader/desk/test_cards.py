"""Records, lost cards, new cards, notes. covers: RDR-DSK-BAS-04, RDR-LED-FRD-03"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from services.reader.app import service
from services.reader.desk.cards import commands as cards
from services.reader.desk.charges import commands as charges
from services.reader.desk.charges.model import Kind
from services.reader.desk.charges.queries import open_charges
from services.reader.desk.circulation.rules import LoanRefused
from services.reader.desk.holds import commands as holds
from services.reader.desk.passes import commands as passes
from services.reader.desk.passes.rules import PassedAlready
from services.reader.desk.patrons import commands as patrons
from services.reader.desk.patrons.model import CardState, Category, Document, Source
from services.reader.desk.patrons.rules import CardReplaced, CardTaken, IdentityNeeded
from shared.database import uuid7
from shared.identity import Actor
from shared.refusals import NotAllowed
from shared.states import NotFromHere
from tests.reader.desk.conftest import CLERK, COLLEAGUE, HEAD, OUTSIDER
from tests.support.departments import client, opened

HX = {"hx-request": "true"}
SEEN = {"document": Document.id_card, "last4": "123X"}


@pytest.fixture
async def app(database, desk, tmp_path) -> AsyncIterator[object]:
    from datetime import UTC, datetime

    desk.now = datetime.now(UTC)
    async with opened(service, database("reader"), tmp_path) as made:
        yield made


async def new_card(desk, card: str, new: str, actor=CLERK, chip: str | None = None):
    return await desk.do(cards.reissue, actor, card=card, new_card=new, chip=chip, **SEEN)


async def test_a_lost_card_is_dead_at_once_and_freed_only_after_a_look_at_a_paper(desk, reasons) -> None:
    card, barcode = await desk.patron(), await desk.item()
    await desk.do(patrons.change_card, Actor(id=card, kind="patron", card=card), card=card, action="report_loss")
    with pytest.raises(LoanRefused) as refusal:
        await desk.lend(card, barcode)
    assert reasons(refusal) == ["card-loss-blocked"]
    with pytest.raises(IdentityNeeded):
        await desk.do(patrons.change_card, card=card, action="unblock")
    with pytest.raises(IdentityNeeded):
        await desk.do(patrons.unblock, card=card, document=Document.id_card, last4="12")
    assert (await desk.find_patron(card)).state is CardState.loss_blocked
    await desk.do(patrons.unblock, card=card, document=Document.id_card, last4="32110219990101123x")
    await desk.lend(card, barcode)
    kept = await desk.rows("SELECT document, last4, checked_by, purpose FROM identity_check")
    assert [tuple(row) for row in kept] == [("id_card", "123X", CLERK.id, "unblock")]
    assert await desk.rows("SELECT 1 FROM audit WHERE changes::text LIKE '%3211021999%'") == []


async def test_losing_a_card_does_not_end_a_suspension(desk) -> None:
    card = await desk.patron()
    until = desk.today + timedelta(days=20)
    await desk.do(patrons.change_card, card=card, action="suspend", reason="违章", until=until)
    await desk.do(patrons.change_card, card=card, action="report_loss")
    await desk.do(patrons.unblock, card=card, **SEEN)
    found = await desk.find_patron(card)
    assert (found.state, found.suspended_until) == (CardState.suspended, until)


async def test_a_new_card_takes_everything_along_and_the_old_one_says_where_it_went(desk, reasons) -> None:
    card, other = await desk.patron(), await desk.patron()
    one, two = await desk.item(), await desk.item(instance="t")
    await desk.lend(card, one)
    await desk.lend(other, two)
    await desk.do(holds.place, card=card, instance_id="t")
    await desk.do(charges.charge, card=card, kind=Kind.damage, amount_fen=300)
    await desk.do(patrons.change_card, card=card, action="report_loss")
    patron, fee = await new_card(desk, card, "N0001", chip="04a1b2")
    assert (patron.state, fee) == (CardState.active, 1000)
    now = await desk.find_patron("N0001")
    assert (now.open_loans, now.holds_waiting, now.debt_fen, now.chip) == (1, 1, 1300, "04A1B2")
    async with desk.work() as work:
        assert [c.kind for c in await open_charges(work.session, now.id)] == [Kind.damage, Kind.card]
    await desk.take_back(two)
    with pytest.raises(LoanRefused) as refusal:
        await desk.lend(card, await desk.item())
    assert reasons(refusal) == ["card-replaced"]
    assert "N0001" in str(refusal.value)
    with pytest.raises(CardReplaced):
        await new_card(desk, card, "N0002")
    said = await desk.said("reader.card.reissued")
    assert (said[0][1]["old_card"], said[0][1]["card"], said[0][1]["fee_cents"]) == (card, "N0001", 1000)
    # A waiver of what was charged under the old number still finds its owner.
    first = (await desk.rows("SELECT id FROM ledger WHERE amount_fen = 300"))[0][0]
    await desk.do(charges.waive, HEAD, charge_id=first, reason="误收")
    assert (await desk.find_patron("N0001")).debt_fen == 1000


async def test_the_card_centre_charges_for_its_own_cards_itself(desk) -> None:
    card = await desk.patron(source=Source.campus)
    _patron, fee = await new_card(desk, card, "N0001")
    assert (fee, (await desk.find_patron("N0001")).debt_fen) == (0, 0)


async def test_a_number_once_given_is_never_given_again(desk) -> None:
    card, other = await desk.patron(), await desk.patron()
    await new_card(desk, card, "N0001", chip="CHIP1")
    for taken in (card, "N0001", "CHIP1"):
        with pytest.raises(CardTaken):
            await new_card(desk, other, taken)
        with pytest.raises(CardTaken):
            await desk.do(patrons.register, card=taken, name="李四", category=Category.staff)
    with pytest.raises(CardTaken):
        await desk.do(patrons.amend, card=other, chip=card)


async def test_a_closed_card_is_not_reissued(desk) -> None:
    card = await desk.patron()
    await desk.do(patrons.change_card, card=card, action="close")
    with pytest.raises(NotFromHere):
        await new_card(desk, card, "N0001")


async def test_two_desks_reissue_one_card_and_one_of_them_does(desk) -> None:
    card = await desk.patron()
    answers = await asyncio.gather(
        new_card(desk, card, "N0001"), new_card(desk, card, "N0002", COLLEAGUE), return_exceptions=True
    )
    assert sorted(type(a).__name__ for a in answers) == ["CardReplaced", "tuple"]
    assert (await desk.rows("SELECT count(*), sum(amount_fen) FROM ledger"))[0] == (1, 1000)


async def test_two_desks_give_two_people_one_number_and_one_of_them_gets_it(desk) -> None:
    one, two = await desk.patron(), await desk.patron()
    answers = await asyncio.gather(
        new_card(desk, one, "N0001"), new_card(desk, two, "N0001", COLLEAGUE), return_exceptions=True
    )
    assert sorted(type(a).__name__ for a in answers) == ["CardTaken", "tuple"]
    assert (await desk.rows("SELECT count(*) FROM card_number WHERE number = 'N0001'"))[0][0] == 1


async def test_the_chip_answers_beside_the_number_and_the_loan_bears_the_card(desk) -> None:
    card, barcode = await desk.patron(chip="04FFEE"), await desk.item()
    lent = await desk.lend("04FFEE", barcode)
    assert lent.loan.card == card
    assert (await desk.said("reader.item.lent"))[0][1]["card"] == card


async def test_a_new_category_leaves_loans_alone_and_holds_for_the_next(desk) -> None:
    card, one, two = await desk.patron(), await desk.item(), await desk.item()
    before = (await desk.lend(card, one)).loan.due_on
    await desk.do(patrons.amend, card=card, category=Category.staff)
    after = (await desk.lend(card, two)).loan.due_on
    rows = await desk.rows("SELECT due_on FROM loan WHERE barcode = :b", b=one)
    assert (rows[0][0], (after - before).days) == (before, 60)
    assert (await desk.said("reader.patron.changed"))[0][1] == {"card": card, "category": "staff"}


async def test_orientation_opens_borrowing_the_same_day_and_is_told_once(desk) -> None:
    card, barcode = await desk.patron(oriented=False), await desk.item()
    with pytest.raises(LoanRefused):
        await desk.lend(card, barcode)
    await desk.do(passes.grant, card=card, reason="已参观讲解")
    with pytest.raises(PassedAlready):
        await desk.do(passes.grant, card=card, reason="已参观讲解")
    await desk.lend(card, barcode)
    assert len(await desk.said("reader.orientation.passed")) == 1


async def test_only_the_desk_changes_records_and_cards(desk) -> None:
    card = await desk.patron()
    me = Actor(id=card, kind="patron", card=card)
    for actor in (me, OUTSIDER):
        for verb, facts in (
            (patrons.amend, {"name": "别人"}), (patrons.unblock, SEEN), (patrons.add_note, {"text": "x"}),
            (cards.reissue, {"new_card": "N1", "chip": None, **SEEN}),
        ):
            with pytest.raises(NotAllowed):
                await desk.do(verb, actor, card=card, **facts)


async def test_the_interface_of_a_record_in_one_walk(app, desk) -> None:
    async with client(app, CLERK) as api:
        made = await api.post("/api/reader/patrons", json={
            "card": "20231001", "name": "张雨桐", "category": "undergraduate", "chip": "04aa", "email": "z@uj.edu.cn",
        })
        assert made.status_code == 201
        found = (await api.get("/api/reader/patrons/04AA")).json()
        assert (found["card"], found["email"]) == ("20231001", "z@uj.edu.cn")
        bad = await api.patch("/api/reader/patrons/20231001", json={"email": "nobody"})
        assert bad.status_code == 422
        changed = (await api.patch("/api/reader/patrons/20231001", json={"phone": "0511-8879"})).json()
        assert (changed["phone"], changed["name"]) == ("0511-8879", "张雨桐")
        note = await api.post("/api/reader/patrons/20231001/notes", json={"text": "证件落在台上", "urgent": True})
        assert note.status_code == 201
        assert (await api.get("/api/reader/patrons/20231001/notes")).json()["total"] == 1
        await api.post("/api/reader/patrons/20231001/card", json={"action": "report_loss"})
        assert (await api.post("/api/reader/patrons/20231001/card", json={"action": "unblock"})).status_code == 422
        free = await api.post("/api/reader/patrons/20231001/unblock", json={"document": "student_card", "last4": "1001"})
        assert free.json()["state"] == "active"
        new = await api.post("/api/reader/patrons/20231001/reissue", json={"card": "n9", "document": "id_card", "last4": "1234"})
        assert (new.status_code, new.json()["card"], new.json()["fee_cents"]) == (201, "N9", 1000)
        assert (await api.get("/api/reader/patrons/20231001")).json()["code"] == "card-replaced"
    # Contact stays out of the audit trail.
    assert await desk.rows("SELECT 1 FROM audit WHERE changes::text LIKE '%uj.edu.cn%' OR changes::text LIKE '%8879%'") == []
    async with client(app, Actor(id="20231001", kind="patron", card="20231001")) as me:
        assert (await me.get("/reader/my")).status_code == 200  # the session still bears the old number
        assert (await me.get("/api/reader/patrons/N9/notes")).status_code == 403


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_the_tabs_show_themselves_and_their_forms_work(app, desk, lang) -> None:
    card = await desk.patron()
    at = f"/reader/patrons/{card}"
    async with client(app, CLERK, cookie=f"lang={lang}") as web:
        for tab in ("", "/record", "/cards", "/notes", "/history", "/history?loans=true"):
            assert (await web.get(at + tab)).status_code == 200
        form = {"name": "张雨", "category": "graduate", "valid_to": "", "email": "x@y.cn", "source": "own"}
        assert (await web.post(at + "/record", data={**form, "email": "x"})).status_code == 422
        assert (await web.post(at + "/record", data=form)).status_code == 303
        assert (await web.post(at + "/notes", data={"text": "借书证照片待补", "until": "2001-01-01"})).status_code == 422
        assert (await web.post(at + "/notes", data={"text": "借书证照片待补"})).status_code == 303
        s = uuid7()
        panel = await web.post("/reader/desk/scan", data={"sitting": str(s), "code": card, "mode": "lend"}, headers=HX)
        assert "借书证照片待补" in panel.text
        await web.post(at + "/state", data={"action": "report_loss"})
        assert at + "/cards" in (await web.get(at)).text
        assert (await web.post(at + "/unblock", data={"document": "id_card", "last4": "1"})).status_code == 422
        assert (await web.post(at + "/reissue", data={"card": card, "document": "id_card", "last4": "1234"})).status_code == 422
        done = await web.post(at + "/reissue", data={"card": "n77", "document": "id_card", "last4": "1234"})
        assert done.headers["location"] == "/reader/patrons/N77"
        dead = await web.post("/reader/desk/scan", data={"sitting": str(uuid7()), "code": card, "mode": "lend"}, headers=HX)
        assert "N77" in dead.text
        note = (await desk.rows("SELECT id FROM patron_note"))[0][0]
        assert (await web.post(f"/reader/patrons/N77/notes/{note}/end")).status_code == 303
        assert (await desk.find_patron("N77")).notes == 0
    async with client(app, OUTSIDER) as outside:
        assert (await outside.get("/reader/patrons/N77/record")).status_code == 403
