"""Borrowing for somebody else: with their consent, in their name. covers: RDR-DSK-BAS-02, RDR-CIR-OTH-05"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest

from services.reader.app import service
from services.reader.desk.circulation.rules import LoanRefused
from services.reader.desk.consents import commands as consents
from services.reader.desk.consents.rules import DelegateRefused, NoSuchReader, UnknownConsent
from services.reader.desk.patrons import commands as patrons
from services.reader.desk.patrons.model import Category
from shared.identity import Actor
from shared.refusals import Invalid, NotAllowed
from tests.reader.desk.conftest import OUTSIDER
from tests.support.departments import client, opened

UNTIL = date(2026, 12, 31)


def reader(card: str) -> Actor:
    return Actor(id=card, kind="patron", card=card)


async def test_the_loan_is_the_principals_and_both_cards_are_on_record(desk) -> None:
    principal, delegate, book = await desk.patron(Category.staff), await desk.patron(), await desk.item()
    await desk.do(consents.give, reader(principal), delegate=delegate, name="张雨桐", until=UNTIL)
    done = await desk.do(consents.lend_for, principal=principal, delegate=delegate, barcode=book)
    assert (done.loan.card, done.loan.delegate_card) == (principal, delegate)
    assert done.loan.due_on == date(2027, 2, 21), "the principal's ninety days, not the delegate's thirty"
    trail = await desk.rows("SELECT changes FROM audit WHERE action = 'lend-to-delegate'")
    assert trail[0][0] == {"principal": principal, "delegate": delegate}
    assert [n for n, _p, _c in await desk.said("reader.consent.given", "reader.item.lent")] == ["reader.consent.given", "reader.item.lent"]


async def test_without_consent_or_past_its_day_or_revoked_nothing_is_lent(desk, reasons) -> None:
    principal, delegate, book = await desk.patron(), await desk.patron(), await desk.item()
    with pytest.raises(DelegateRefused) as refused:
        await desk.do(consents.lend_for, principal=principal, delegate=delegate, barcode=book)
    assert reasons(refused) == ["no-consent"]
    given = await desk.do(consents.give, reader(principal), delegate=delegate, name="张雨桐", until=desk.today)
    with pytest.raises(DelegateRefused):  # it does not work the other way round
        await desk.do(consents.lend_for, principal=delegate, delegate=principal, barcode=book)
    desk.days_later(1)
    with pytest.raises(DelegateRefused):
        await desk.do(consents.lend_for, principal=principal, delegate=delegate, barcode=book)
    again = await desk.do(consents.give, reader(principal), delegate=delegate, name="张雨桐", until=UNTIL)
    assert again.number != given.number
    await desk.do(consents.revoke, reader(principal), number=again.number)
    with pytest.raises(DelegateRefused):
        await desk.do(consents.lend_for, principal=principal, delegate=delegate, barcode=book)


async def test_the_principals_rules_hold_and_a_lost_card_of_the_delegate_stops_it(desk, reasons) -> None:
    principal, delegate = await desk.patron(Category.visitor), await desk.patron()
    await desk.do(consents.note_paper, principal=principal, delegate=delegate, until=UNTIL, paper="W-7")
    for _n in range(2):
        await desk.do(consents.lend_for, principal=principal, delegate=delegate, barcode=await desk.item())
    with pytest.raises(LoanRefused) as full:
        await desk.do(consents.lend_for, principal=principal, delegate=delegate, barcode=await desk.item())
    assert reasons(full) == ["loan-limit"]
    await desk.do(patrons.change_card, card=delegate, action="report_loss", reason="丢失")
    with pytest.raises(DelegateRefused) as lost:
        await desk.do(consents.lend_for, principal=principal, delegate=delegate, barcode=await desk.item())
    assert reasons(lost) == ["card-loss-blocked"]


async def test_bad_consents_say_what_is_wrong_and_tell_no_names(desk) -> None:
    principal, delegate = await desk.patron(), await desk.patron()
    give = {"delegate": delegate, "name": "张雨桐", "until": UNTIL}
    for wrong in ({"name": "别人"}, {"delegate": "99999999"}):
        with pytest.raises(NoSuchReader):
            await desk.do(consents.give, reader(principal), **{**give, **wrong})
    for field, change in (
        ("until", {"until": desk.today - timedelta(days=1)}), ("until", {"until": date(2028, 1, 1)}),
        ("delegate", {"delegate": principal}),
    ):
        with pytest.raises(Invalid) as refused:
            await desk.do(consents.give, reader(principal), **{**give, **change})
        assert field in refused.value.errors
    with pytest.raises(Invalid):
        await desk.do(consents.note_paper, principal=principal, delegate=delegate, until=UNTIL, paper=" ")
    with pytest.raises(NotAllowed):
        await desk.do(consents.give, **give)


async def test_two_consents_at_once_leave_one_that_holds(desk) -> None:
    principal, delegate = await desk.patron(), await desk.patron()
    sent = [desk.do(consents.give, reader(principal), delegate=delegate, name="张雨桐", until=UNTIL) for _ in range(4)]
    await asyncio.gather(*sent, return_exceptions=True)
    assert [r[0] for r in await desk.rows("SELECT count(*) FROM consent WHERE revoked_at IS NULL")] == [1]


async def test_strangers_neither_revoke_nor_read(desk) -> None:
    principal, delegate, third = await desk.patron(), await desk.patron(), await desk.patron()
    given = await desk.do(consents.give, reader(principal), delegate=delegate, name="张雨桐", until=UNTIL)
    with pytest.raises(UnknownConsent):
        await desk.do(consents.revoke, reader(third), number=given.number)
    with pytest.raises(NotAllowed):
        await desk.do(consents.revoke, OUTSIDER, number=given.number)
    ended = await desk.do(consents.revoke, reader(delegate), number=given.number)
    assert ended.revoked_by == delegate


@pytest.fixture
async def app(database, desk, tmp_path) -> AsyncIterator[object]:
    from datetime import UTC, datetime

    desk.now = datetime.now(UTC)
    async with opened(service, database("reader"), tmp_path) as made:
        yield made


async def test_the_screens_of_patron_and_desk_and_two_cards_at_the_counter(app, desk) -> None:
    from shared.database import uuid7
    from tests.reader.desk.conftest import CLERK

    principal, delegate, book = await desk.patron(), await desk.patron(), await desk.item()
    until = (desk.today + timedelta(days=20)).isoformat()
    async with client(app, reader(principal)) as me, client(app, CLERK) as api:
        wrong = await me.post("/reader/my-consents", data={"delegate": delegate, "name": "错", "until": until})
        assert wrong.status_code == 422
        assert f'value="{delegate}"' in wrong.text, "what was typed is not lost"
        assert (await me.post("/reader/my-consents", data={"delegate": delegate, "name": "张雨桐", "until": until})).status_code == 303
        assert delegate in (await me.get("/reader/my-consents")).text
        assert (await me.get("/reader/consents")).status_code == 403
        sitting = str(uuid7())

        async def scan(code: str, mode: str = "delegate") -> str:
            return (await api.post("/reader/desk/scan", data={"sitting": sitting, "code": code, "mode": mode}, headers={"hx-request": "true"})).text

        await scan(delegate)
        assert "请先扫代借人" in await scan(book)
        assert "代借人" in await scan(principal)
        assert "代借" in await scan(book)
        loans = (await api.get(f"/api/reader/patrons/{principal}/loans")).json()
        assert [one["barcode"] for one in loans["items"]] == [book]
        listed = (await api.get("/reader/consents", params={"q": principal})).text
        number = (await me.get("/api/reader/my/consents")).json()["items"][0]["number"]
        assert number in listed
        assert book not in listed
        assert "由" in (await me.get("/reader/my-consents")).text
        bad = await api.post("/reader/consents", data={"principal": "x", "delegate": delegate, "paper": "W-9", "until": "soon"})
        assert bad.status_code == 422
        assert 'value="W-9"' in bad.text
        assert (await api.post(f"/reader/consents/{number}/revoke")).status_code == 303
