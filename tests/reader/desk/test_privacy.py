"""What the library forgets, and who looked. covers: RDR-LED-FRD-03, RDR-DSK-BAS-04"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services.reader.app import service
from services.reader.desk.charges import commands as charges
from services.reader.desk.charges.model import Kind
from services.reader.desk.privacy import commands as privacy
from shared.identity import SYSTEM, Actor
from shared.refusals import NotAllowed
from tests.reader.desk.conftest import CLERK, HEAD
from tests.support.departments import client, opened


async def once_lent(desk, **facts) -> str:
    card, barcode = await desk.patron(college="文学院", class_name="汉语言 2301", **facts), await desk.item()
    await desk.lend(card, barcode)
    await desk.take_back(barcode)
    return card


async def linked(desk) -> list[tuple]:
    return [tuple(r) for r in await desk.rows("SELECT patron_id IS NULL, card, category, college FROM loan ORDER BY lent_at")]


async def test_the_link_is_cut_after_180_days_and_the_facts_for_counting_stay(desk) -> None:
    card = await once_lent(desk)
    desk.days_later(180)
    assert (await desk.do(privacy.cut, SYSTEM)).count == 0
    desk.days_later(1)
    proof = await desk.do(privacy.cut, SYSTEM)
    assert await linked(desk) == [(True, None, "undergraduate", "文学院")]
    assert [tuple(r) for r in await desk.rows("SELECT count, until FROM link_cut ORDER BY at")] == [
        (0, (await desk.rows("SELECT min(until) FROM link_cut"))[0][0]), (1, proof.until)
    ]
    assert (await desk.do(privacy.cut, SYSTEM)).count == 0
    assert (await desk.find_patron(card)).open_loans == 0


async def test_debts_and_consent_keep_the_link_and_open_loans_are_never_cut(desk) -> None:
    owing, keeping = await once_lent(desk), await once_lent(desk)
    await desk.lend(await desk.patron(), await desk.item())
    await desk.do(charges.charge, card=owing, kind=Kind.damage, amount_fen=500)
    me = Actor(id=keeping, kind="patron", card=keeping)
    await desk.do(privacy.keep_history, me, patron=await desk.find_patron(keeping), keep=True)
    desk.days_later(200)
    assert (await desk.do(privacy.cut, SYSTEM)).count == 0
    await desk.do(charges.pay, card=owing)
    assert (await desk.do(privacy.cut, SYSTEM)).count == 1
    done = await desk.do(privacy.keep_history, me, patron=await desk.find_patron(keeping), keep=False)
    assert (done.count, sorted(row[0] for row in await linked(desk))) == (1, [False, True, True])


async def test_a_clerk_neither_cuts_nor_chooses_for_a_patron(desk) -> None:
    card = await once_lent(desk)
    with pytest.raises(NotAllowed):
        await desk.do(privacy.cut, CLERK)
    with pytest.raises(NotAllowed):
        await desk.do(privacy.keep_history, CLERK, patron=await desk.find_patron(card), keep=True)


@pytest.fixture
async def app(database, desk, tmp_path) -> AsyncIterator[object]:
    async with opened(service, database("reader"), tmp_path) as made:
        yield made


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_heads_see_who_looked_and_patrons_take_their_data_along(app, desk, lang) -> None:
    card, other = await once_lent(desk), await once_lent(desk)
    async with client(app, CLERK) as clerk:
        await clerk.get(f"/reader/patrons/{card}/history?loans=true")
        assert (await clerk.get("/reader/privacy")).status_code == 403
    async with client(app, HEAD, cookie=f"lang={lang}") as head:
        assert card in (await head.get("/reader/privacy")).text
        assert card in (await head.get(f"/reader/privacy?who={CLERK.id}")).text
        assert f"/reader/patrons/{card}" not in (await head.get(f"/reader/privacy?q={other}")).text
    me = Actor(id=card, kind="patron", card=card)
    async with client(app, me, cookie=f"lang={lang}") as web:
        found = (await web.get("/reader/my/export.json")).json()
        assert (found["patron"]["card"], len(found["loans"]), found["looked_at_by"][0]["staff"]) == (card, 1, CLERK.id)
        assert other not in str(found)
        assert (await web.get("/reader/my/export.xlsx")).content[:2] == b"PK"
        assert (await web.post("/reader/my/history", data={"keep": "1"})).status_code == 303
        assert (await desk.find_patron(card)).keeps_history
        assert (await web.post("/reader/my/history", data={"keep": "0"})).status_code == 303
        assert (await web.post("/reader/my/report-loss")).status_code == 303
        assert (await web.get("/reader/my")).status_code == 200
        assert (await web.get("/reader/privacy")).status_code == 403
    assert (await desk.find_patron(card)).state.value == "loss_blocked"


async def looks(desk, card: str) -> list[tuple[str, str]]:
    return [tuple(row) for row in await desk.rows(
        "SELECT action, actor FROM audit WHERE subject_id = :card AND action LIKE 'read-%' ORDER BY id", card=card
    )]


async def test_every_view_of_contact_charges_and_history_is_noted_once(app, desk) -> None:
    card = await once_lent(desk, email="a@b.example", phone="13800000000")
    bare = await desk.patron()
    await desk.do(charges.charge, card=card, kind=Kind.damage, amount_fen=500)
    async with client(app, CLERK) as clerk:
        await clerk.get(f"/reader/patrons/{card}")
        assert await looks(desk, card) == [("read-charges", CLERK.id)]
        await clerk.get(f"/reader/patrons/{card}/record")
        await clerk.get(f"/api/reader/patrons/{card}")
        await clerk.get(f"/api/reader/patrons/{card}/charges")
        await clerk.get(f"/reader/patrons/{card}/history?loans=true")
        assert [what for what, _who in await looks(desk, card)] == [
            "read-charges", "read-contact", "read-contact", "read-charges", "read-loan-history"
        ]
        # Where there is nothing to see, nobody has looked at anything.
        for url in (f"/reader/patrons/{bare}", f"/reader/patrons/{bare}/record", f"/api/reader/patrons/{bare}"):
            assert (await clerk.get(url)).status_code == 200
        assert await looks(desk, bare) == []
    async with client(app, Actor(id=card, kind="patron", card=card)) as me:
        assert (await me.get(f"/api/reader/patrons/{card}")).json()["email"] == "a@b.example"
        assert (await me.get(f"/api/reader/patrons/{card}/charges")).status_code == 200
        assert len((await me.get("/reader/my/export.json")).json()["looked_at_by"]) == 5
    assert len(await looks(desk, card)) == 5
    async with client(app, HEAD) as head:
        assert (await head.get("/reader/privacy?what=read-contact")).text.count(f"/reader/patrons/{card}") == 2
        assert (await head.get("/reader/privacy?what=nonsense")).status_code == 200
    # The number of what was seen is kept, what was seen is not.
    assert "13800000000" not in str(await desk.rows("SELECT changes::text FROM audit WHERE action LIKE 'read-%'"))
