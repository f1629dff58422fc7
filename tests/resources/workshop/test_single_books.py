"""A single book goes to the bindery with an order and comes back the item it was.

covers: RES-DIG-02
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from services.resources.workshop.binding import rules
from services.resources.workshop.binding.books import books
from services.resources.workshop.binding.orders import orders
from shared.identity import Actor
from shared.refusals import NotAllowed
from shared.states import NotFromHere
from shared.testing.registers import han_in
from tests.resources.conftest import BINDER, CLERK, RECORDS, House
from tests.resources.workshop.test_binding import CHECKED, FUND


async def fetched(house: House, barcode: str, who: Actor = BINDER) -> str:
    async with house.work(who) as work:
        return str((await books.open(work, barcode=barcode, reason="书脊脱胶", spine="")).no)


async def step(house: House, no: str, verb: str, who: Actor = BINDER, **asked: Any) -> Any:
    async with house.work(who) as work:
        return await books.move(work, no, verb, **asked)


async def custodian(house: House, barcode: str) -> str:
    return str((await house.rows("SELECT custodian FROM item WHERE barcode = :b", b=barcode))[0][0])


async def test_a_book_is_fetched_once_bound_done_again_and_back_with_the_desk(house: House) -> None:
    await house.places()
    await house.read(RECORDS / "bnu.mrc")
    one, two = (row[0] for row in await house.rows("SELECT barcode FROM item ORDER BY barcode LIMIT 2"))
    both = await asyncio.gather(fetched(house, one), fetched(house, one.lower()), return_exceptions=True)
    assert sum(isinstance(done, rules.OutAlready | rules.NotHere) for done in both) == 1, both
    (no,) = (done for done in both if isinstance(done, str))
    assert await custodian(house, one) == "resources"
    with pytest.raises(rules.NotHere):
        await fetched(house, "NOSUCH")
    with pytest.raises(NotAllowed):
        await fetched(house, two, CLERK)
    other = await fetched(house, two)
    await house.heed(FUND)
    async with house.work(BINDER) as work:
        order = (await orders.open(work, way="outside", binder="江畔装订厂", unit_cents="18.00", fund=FUND.budget)).no
    for number in (no, other):
        await step(house, number, "assign", order=order)
    async with house.work(BINDER) as work:
        await orders.move(work, order, "send")
    await step(house, other, "give_back", remark="纸张过脆")
    assert await custodian(house, two) == "reader"
    await step(house, no, "take_in")
    with pytest.raises(rules.StillAway):
        async with house.work(BINDER) as work:
            await orders.move(work, order, "close")
    await step(house, no, "redo", defect="spine", remark="书脊文字有误")
    await step(house, no, "take_in")
    with pytest.raises(rules.NotPassed):
        await step(house, no, "accept", **{**CHECKED, "spine_right": False})
    assert (await step(house, no, "accept", **CHECKED)).round == 2
    with pytest.raises(NotFromHere):
        await step(house, no, "redo", defect="spine", remark="x y")
    async with house.work(BINDER) as work:
        closed = await orders.move(work, order, "close")
        assert (closed.volumes, closed.sum_cents) == (1, 1800), "what came back unbound costs nothing, what was done again nothing more"
    assert await custodian(house, one) == "reader"
    told = [(name.rsplit(".", 1)[1], fact.get("bound")) for name, fact in await house.said("resources.item.to-bindery", "resources.item.rebound")]
    assert told == [("to-bindery", None), ("to-bindery", None), ("rebound", False), ("rebound", True)]
    assert await fetched(house, one) != no, "it may be bound again another time"
    async with house.client(BINDER, "en") as web:
        for url in (f"/resources/binding-orders/{order}", f"/resources/binding-orders/{order}/list", "/resources/binding-books", f"/resources/binding-books/{no}"):
            shown = await web.get(url)
            assert (shown.status_code, one in shown.text) == (200, True), url
        assert not han_in((await web.get("/resources/binding-books/new")).text)
