"""Invited people pick by ISBN, are answered at once, online or later, and what the buyer keeps is wanted.

covers: RES-ACQ-02
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.resources.acquiring.checking.rules import Known
from services.resources.acquiring.onsite import rules
from services.resources.acquiring.onsite.model import Answer
from services.resources.acquiring.onsite.register import onsite
from shared.identity import Actor
from shared.testing.registers import han_in
from tests.resources.acquiring.test_selections import BUYER, COMING, HELD, NEW, get, marc, send
from tests.resources.conftest import House

READER = Actor("20230001", "张雨桐", kind="patron", card="20230001")
SECOND = Actor("20230002", "李明", kind="patron", card="20230002")
STRANGER = Actor("20239999", "旁人", kind="patron", card="20239999")
THIRD, FOURTH = "9787532537013", "9787101052039"


async def event(house: House, *, opened: bool = True) -> str:
    async with house.work(BUYER) as work:
        made = await onsite.open(work, title="秋季书市", held_on="2026-12-01", budget_cents="100.00", barred="考研\n题库")
    refused = await send(house, f"/api/resources/on-site/{made.no}/open")
    assert refused.json()["code"] == "on-site-nobody"
    assert (await send(house, f"/resources/on-site/{made.no}/people", data={"people": "20230001，20230002\nS011"})).status_code == 303
    if opened:
        assert (await send(house, f"/api/resources/on-site/{made.no}/open")).status_code == 200
    return str(made.no)


async def pick(house: House, number: str, who: Actor, isbn: str, price: str = "30", *, key: str = "", **more: str) -> httpx.Response:
    extra: dict[str, Any] = {"headers": {"Idempotency-Key": key}} if key else {}
    return await send(house, f"/resources/on-site-picking/{number}/picks", who, data={"isbn": isbn, "price": price, **more}, **extra)


async def mine(house: House, number: str, who: Actor = READER) -> dict[str, Any]:
    return (await get(house, f"/api/resources/on-site-picking/{number}", who)).json()


async def test_each_number_is_answered_at_once_and_what_is_kept_is_wanted(house: House, tmp_path: Path) -> None:
    await house.place()
    await house.read(marc(tmp_path / "held.mrc", HELD, barcode="A000001"), location="sk-2f")
    number = await event(house)
    for isbn, price, title in ((HELD, "20", ""), (NEW, "60", "世界史纲"), (THIRD, "30", "考研英语真题"), (FOURTH, "41", "万历十五年")):
        assert (await pick(house, number, READER, isbn, price, title=title)).status_code == 303
    assert (await pick(house, number, SECOND, NEW, "60")).status_code == 303
    found = await mine(house, number)
    assert [p["answer"] for p in found["picks"]] == ["over", "barred", "picked", "held"]
    assert found["spent_cents"] == 6000
    assert [p["answer"] for p in (await mine(house, number, SECOND))["picks"]] == ["taken"]
    for isbn, price, code in (("123", "1", "on-site-isbn"), (COMING, "", "on-site-price")):
        refused = await pick(house, number, READER, isbn, price)
        assert refused.status_code == 422, code
    assert (await pick(house, number, STRANGER, COMING)).status_code == 403
    assert (await get(house, f"/resources/on-site-picking/{number}", STRANGER)).status_code == 403
    for lang in ("zh", "en"):
        for who, path in (
            (READER, "/resources/on-site-picking"), (READER, f"/resources/on-site-picking/{number}"),
            (BUYER, "/resources/on-site"), (BUYER, f"/resources/on-site/{number}"), (BUYER, "/resources/on-site/new"),
        ):
            page = await get(house, path, who, lang)
            assert page.status_code == 200, page.text[:400]
            assert lang == "zh" or not han_in(page.text), (path, han_in(page.text))
    assert (await send(house, f"/api/resources/on-site/{number}/close")).status_code == 200
    (row,) = await house.rows("SELECT id FROM on_site_pick WHERE answer = 'picked'")
    kept = await send(house, f"/resources/on-site/{number}/picks/{row[0]}", data={"keep": "1", "title": "世界史纲", "author": "威尔斯"})
    assert kept.status_code == 303
    assert (await send(house, f"/api/resources/on-site/{number}/settle")).json()["wanted"] == 1
    wanted = await house.rows("SELECT title, author, price_cents, origin FROM desideratum")
    assert [tuple(r) for r in wanted] == [("世界史纲", "威尔斯", 6000, "on_site")]
    # Settled: nobody can tell who picked what.
    assert {r[0] for r in await house.rows("SELECT person FROM on_site_pick")} == {""}
    assert not await house.rows("SELECT 1 FROM on_site_invitation")


async def test_one_book_is_picked_once_however_many_phones_and_however_often_sent(house: House) -> None:
    number = await event(house)
    both = await asyncio.gather(pick(house, number, READER, NEW), pick(house, number, SECOND, NEW))
    assert [a.status_code for a in both] == [303, 303]
    answers = [p["answer"] for who in (READER, SECOND) for p in (await mine(house, number, who))["picks"]]
    assert sorted(answers) == ["picked", "taken"]
    # A queue that was sent and got no answer sends again.
    before = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
    for _ in range(2):
        assert (await pick(house, number, READER, THIRD, key="k-1", picked_at=before)).status_code == 303
    assert len([p for p in (await mine(house, number))["picks"] if p["isbn"] == THIRD]) == 1
    assert (await send(house, f"/api/resources/on-site/{number}/close")).status_code == 200
    # Picked before the end without a network, and sent only now: it counts. Picked after the end: it does not.
    assert (await pick(house, number, READER, FOURTH, picked_at=before)).status_code == 303
    assert (await pick(house, number, READER, COMING, picked_at=datetime.now(UTC).isoformat())).status_code == 409
    assert (await pick(house, number, READER, COMING)).status_code == 409


@pytest.mark.parametrize(("known", "taken", "title", "price", "expected"), [
    (Known(record="B1", copies=1), True, "考研", 1, Answer.held), (Known(coming="DG1"), True, "", 1, Answer.coming),
    (Known(record="B1", copies=0), True, "考研", 1, Answer.taken), (Known(), False, "2027 考 研政治", 1, Answer.barred),
    (Known(), False, "史记", 41, Answer.over), (Known(), False, "史记", 40, Answer.picked),
])
def test_the_surest_reason_is_said_first(known: Known, taken: bool, title: str, price: int, expected: Answer) -> None:
    said, _detail = rules.answer(
        known, taken=taken, title=title, barred=rules.words_of("考研\n"), price_cents=price, spent_cents=60, budget_cents=100,
    )
    assert said is expected


def test_a_phones_clock_is_believed_within_reason() -> None:
    now = datetime(2026, 12, 1, 4, tzinfo=UTC)
    assert rules.moment("2026-12-01T03:00:00+00:00", now) == now - timedelta(hours=1)
    for said in ("", "yesterday", "2026-12-01T03:00:00", "2026-12-02T03:00:00+00:00", "2026-11-01T03:00:00+00:00"):
        assert rules.moment(said, now) == now
