"""Nobody leaves with our books, nobody clear is kept waiting. covers: RDR-DSK-BAS-04"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta

import pytest

from services.reader.app import service
from services.reader.desk.charges import commands as charges
from services.reader.desk.charges.model import Kind
from services.reader.desk.clearance import colleges
from services.reader.desk.clearance import commands as clearance
from services.reader.desk.clearance.handlers import handlers
from services.reader.desk.clearance.rules import NoCollege, NotClear
from services.reader.desk.notices import commands as letters
from services.reader.desk.notices.sender import NO_CONTACT, send_due
from services.reader.desk.patrons.model import CardState
from shared.events.institute import StudentLeaving, StudentStays
from shared.identity import SYSTEM, Actor
from shared.refusals import NotAllowed
from shared.settings import Settings
from tests.reader.desk.conftest import CLERK, COLLEAGUE, HEAD, NOON, OUTSIDER
from tests.support.departments import client, opened
from tests.support.mailbox import Mailbox, new_mailbox

SOON = NOON.date() + timedelta(days=10)


def leaving(card: str, day: date = SOON, number: str = "LXDJ2026-0001") -> StudentLeaving:
    return StudentLeaving(number=number, card=card, kind="graduation", leaving_on=day)


async def states(desk) -> list[str]:
    return [row[0] for row in await desk.rows("SELECT state FROM clearance ORDER BY number")]


async def told(desk) -> list[str]:
    return [name.removeprefix("reader.clearance.") for name, _p, _c in await desk.said() if "clearance" in name]


async def test_who_has_nothing_open_is_let_go_at_once(desk) -> None:
    card = await desk.patron()
    await desk.heed(handlers, leaving(card))
    assert (await states(desk), await told(desk)) == (["granted"], ["granted"])
    said = (await desk.said("reader.clearance.granted"))[0][1]
    assert (said["student_case"], said["card"]) == ("LXDJ2026-0001", card)
    assert (await desk.find_patron(card)).state is CardState.active  # until the day
    assert await desk.do(clearance.close_due, SYSTEM) == 0
    desk.days_later(11)
    assert await desk.do(clearance.close_due, SYSTEM) == 1
    assert (await desk.find_patron(card)).state is CardState.closed
    assert await told(desk) == ["granted", "closed"]


async def test_open_things_are_listed_and_the_last_of_them_settled_grants(desk) -> None:
    card, barcode = await desk.patron(), await desk.item()
    await desk.lend(card, barcode)
    await desk.do(charges.charge, card=card, kind=Kind.damage, amount_fen=500)
    await desk.heed(handlers, leaving(card))
    opened_ = (await desk.said("reader.clearance.opened"))[0][1]
    assert (opened_["loans"], opened_["holds"], opened_["yuan"]) == (1, 0, "5.00")
    await desk.take_back(barcode)
    assert await desk.do(clearance.check_all, SYSTEM) == 0
    with pytest.raises(NotClear) as refusal:
        await desk.do(clearance.grant, number=opened_["number"])
    assert [r.code for r in refusal.value.reasons] == ["open-debt"]
    await desk.do(charges.pay, card=card)
    assert await desk.do(clearance.check_all, SYSTEM) == 1
    assert await states(desk) == ["granted"]


async def test_a_new_loan_before_the_card_is_closed_takes_the_word_back(desk) -> None:
    card, barcode = await desk.patron(), await desk.item()
    await desk.heed(handlers, leaving(card))
    await desk.lend(card, barcode)
    await desk.do(clearance.check_all, SYSTEM)
    assert await told(desk) == ["granted", "revoked"]
    await desk.take_back(barcode)
    await desk.do(clearance.check_all, SYSTEM)
    assert await told(desk) == ["granted", "revoked", "granted"]


async def test_closing_looks_once_more(desk) -> None:
    card, barcode = await desk.patron(), await desk.item()
    await desk.heed(handlers, leaving(card))
    await desk.lend(card, barcode)
    desk.days_later(11)
    await desk.do(clearance.close_due, SYSTEM)
    assert ((await desk.find_patron(card)).state, await states(desk)) == (CardState.active, ["revoked"])


async def test_lending_and_closing_at_once_never_leave_a_loan_on_a_closed_card(desk) -> None:
    card, barcode = await desk.patron(), await desk.item()
    await desk.heed(handlers, leaving(card))
    number = (await desk.rows("SELECT number FROM clearance"))[0][0]
    await asyncio.gather(
        desk.lend(card, barcode), desk.do(clearance.close, COLLEAGUE, number=number), return_exceptions=True
    )
    patron = await desk.find_patron(card)
    assert (patron.state, patron.open_loans) in {(CardState.closed, 0), (CardState.active, 1)}


async def test_told_twice_it_is_one_case_and_an_unknown_number_owes_nothing(desk) -> None:
    card = await desk.patron()
    await desk.do(clearance.open_case, card=card, leaving_on=SOON)
    for _ in range(2):
        await desk.heed(handlers, leaving(card))
    assert await desk.rows("SELECT student_case FROM clearance") == [("LXDJ2026-0001",)]
    assert [p["student_case"] for _n, p, _c in await desk.said("reader.clearance.granted")] == ["", "LXDJ2026-0001"]
    await desk.heed(handlers, leaving("NOBODY", number="LXDJ2026-0002"))
    assert await states(desk) == ["granted", "closed"]


async def test_two_desks_begin_one_case(desk) -> None:
    card = await desk.patron()
    await asyncio.gather(*(desk.do(clearance.open_case, who, card=card, leaving_on=SOON) for who in (CLERK, COLLEAGUE)))
    assert await states(desk) == ["granted"]


async def test_who_stays_keeps_the_card(desk) -> None:
    card = await desk.patron()
    await desk.heed(handlers, leaving(card))
    await desk.heed(handlers, StudentStays(number="LXDJ2026-0001", card=card))
    desk.days_later(20)
    await desk.do(clearance.close_due, SYSTEM)
    assert ((await desk.find_patron(card)).state, await states(desk)) == (CardState.active, ["cancelled"])
    assert await told(desk) == ["granted", "cancelled"]


async def test_only_the_desk_clears_and_only_a_head_cancels(desk) -> None:
    card = await desk.patron()
    case = await desk.do(clearance.open_case, card=card, leaving_on=SOON)
    for actor in (OUTSIDER, Actor(id=card, kind="patron", card=card)):
        with pytest.raises(NotAllowed):
            await desk.do(clearance.close, actor, number=case.number)
    with pytest.raises(NotAllowed):
        await desk.do(clearance.cancel, CLERK, number=case.number, reason="误登")


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with new_mailbox().open() as made:
        yield made


async def test_the_college_is_asked_a_week_before_on_the_last_day_and_told_when_it_is_settled(desk, mailbox) -> None:
    settings = Settings(service="reader", database_url="postgresql://nowhere")

    async def morning() -> list[str]:
        for _twice in range(2):
            await desk.do(colleges.tell_due, SYSTEM)
        before = len(mailbox.letters)
        await send_due(desk.works, settings, mailbox.post, now=desk.now)
        return [text for one, text in list(zip(mailbox.letters, mailbox.texts(), strict=True))[before:] if one["To"] == "wang@lit.yunshan.example"]

    await desk.do(letters.save_contact, HEAD, college="文学院", name="王老师", email="wang@lit.yunshan.example")
    books = [await desk.item(title=title) for title in ("活着", "围城")]
    cards = [await desk.patron(college="文学院") for _ in books]
    alone = await desk.patron(college="")
    for card, barcode in zip([*cards, alone], [*books, await desk.item()], strict=True):
        await desk.lend(card, barcode)
    for n, card in enumerate([*cards, alone]):
        await desk.heed(handlers, leaving(card, number=f"LXDJ2026-000{n}"))
    assert await morning() == []  # ten days before: they were told themselves
    desk.days_later(3)
    (asked,) = await morning()  # one list for the college
    assert all(word in asked for word in ("王老师 老师", *cards, "在借 1 册", SOON.isoformat()))
    assert "活着" not in asked  # nobody's reading is a college's business
    assert alone not in asked
    desk.days_later(1)
    assert await morning() == []
    await desk.take_back(books[0])
    await desk.do(clearance.check_all, SYSTEM)
    (settled,) = await morning()
    assert (cards[0] in settled, cards[1] in settled, "已全部结清" in settled) == (True, False, True)
    desk.days_later(6)
    (last,) = await morning()
    assert (cards[0] in last, cards[1] in last) == (False, True)
    rows = await desk.rows("SELECT state, college FROM letter WHERE hook = 'college_clearance'")
    assert [tuple(row) for row in rows] == [("sent", "文学院")] * 3


async def test_a_letter_to_a_college_nobody_is_named_at_has_failed_and_can_be_sent_again(desk, mailbox) -> None:
    settings = Settings(service="reader", database_url="postgresql://nowhere")
    card, barcode = await desk.patron(college="理学院"), await desk.item()
    await desk.lend(card, barcode)
    await desk.heed(handlers, leaving(card))
    ((number,),) = await desk.rows("SELECT number FROM clearance")
    assert [await desk.do(colleges.tell_now, number=number) for _twice in range(2)] == [True, False]
    await send_due(desk.works, settings, mailbox.post, now=desk.now)
    ((id_, state, answer),) = await desk.rows("SELECT id, state, answer FROM notice WHERE hook = 'college_clearance'")
    assert (state, answer) == ("failed", NO_CONTACT)
    await desk.do(letters.save_contact, HEAD, college="理学院", name="", email="office@sci.yunshan.example")
    await desk.do(letters.send_again, notice_id=id_)
    await send_due(desk.works, settings, mailbox.post, now=desk.now)
    assert [one["To"] for one in mailbox.letters if "sci" in one["To"]] == ["office@sci.yunshan.example"]
    with pytest.raises(NotAllowed):
        await desk.do(colleges.tell_now, OUTSIDER, number=number)
    await desk.take_back(barcode)
    await desk.do(clearance.check_all, SYSTEM)
    with pytest.raises(NoCollege):
        await desk.do(colleges.tell_now, number=number)


@pytest.fixture
async def app(database, desk, tmp_path) -> AsyncIterator[object]:
    async with opened(service, database("reader"), tmp_path) as made:
        yield made


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_the_screens_show_who_leaves_and_what_is_missing(app, desk, lang) -> None:
    card, barcode = await desk.patron(), await desk.item()
    await desk.lend(card, barcode)
    async with client(app, HEAD, cookie=f"lang={lang}") as web:
        made = await web.post("/reader/clearances", data={"card": card, "leaving_on": "2027-06-30", "kind": "graduation"})
        at = made.headers["location"]
        assert (await web.get(at)).text.count(card) >= 1
        for url in ("/reader/clearances", "/reader/clearances?state=waiting", f"/reader/clearances?q={card}"):
            assert at in (await web.get(url)).text
        assert at not in (await web.get("/reader/clearances?state=closed")).text
        assert (await web.post(at + "/grant", headers={"accept": "application/json"})).status_code == 409
        await desk.take_back(barcode)
        assert (await web.post(at + "/grant")).status_code == 303
        assert (await web.get("/api/reader/clearances")).json()["items"][0]["state"] == "granted"
        assert (await web.post(at + "/close")).status_code == 303
        assert (await web.get(at)).status_code == 200
    assert (await desk.find_patron(card)).state is CardState.closed
    async with client(app, OUTSIDER) as outside:
        assert (await outside.get("/reader/clearances")).status_code == 403


async def notices(desk, hook: str) -> list[tuple]:
    return [tuple(row) for row in await desk.rows(
        "SELECT facts ->> 'what_label', facts ->> 'barcode', facts ->> 'amount_cents', state FROM notice "
        "WHERE hook = :hook ORDER BY stage", hook=hook,
    )]


async def test_who_leaves_is_told_what_is_open_in_one_letter_and_then_that_nothing_is(desk) -> None:
    card, barcode = await desk.patron(), await desk.item()
    await desk.lend(card, barcode)
    await desk.do(charges.charge, card=card, kind=Kind.damage, amount_fen=500)
    await desk.heed(handlers, leaving(card))
    await desk.heed(handlers, leaving(card))  # told twice, it is one case
    told_ = await notices(desk, "clearance")
    assert sorted(told_, key=str) == sorted([("在借", barcode, None, "queued"), ("欠费", None, "500", "queued")], key=str)
    assert await desk.rows("SELECT DISTINCT party FROM notice WHERE hook = 'clearance'") == [
        (f"clearance:{(await desk.find_patron(card)).id}",)
    ]
    await desk.take_back(barcode)
    assert await notices(desk, "clearance_settled") == []
    await desk.do(charges.pay, card=card)
    await desk.do(clearance.check_all, SYSTEM)
    assert await states(desk) == ["granted"]
    assert len(await notices(desk, "clearance_settled")) == 1
    # What was settled before the letter left is not asked for any more; that all is settled still is true.
    await send_due(desk.works, Settings(service="reader", database_url="unused"), None, now=desk.now + timedelta(hours=1))
    assert {row[3] for row in await notices(desk, "clearance")} == {"dropped"}
    assert [row[3] for row in await notices(desk, "clearance_settled")] == ["kept"]
    assert card not in (await desk.rows("SELECT text FROM letter WHERE hook = 'clearance_settled'"))[0][0]


async def test_a_new_loan_takes_the_word_back_and_is_told_anew(desk) -> None:
    card, barcode = await desk.patron(), await desk.item()
    await desk.heed(handlers, leaving(card))
    assert len(await notices(desk, "clearance_settled")) == 1
    for _round in range(2):
        await desk.lend(card, barcode)
        await desk.do(clearance.check_all, SYSTEM)
        await desk.take_back(barcode)
        await desk.do(clearance.check_all, SYSTEM)
    assert len(await notices(desk, "clearance")) == 2
    assert len(await notices(desk, "clearance_settled")) == 3
