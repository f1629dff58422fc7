"""A wanted title goes one way from wish to shelf, and whoever asked hears each step.

covers: RES-ACQ-01 RES-ACQ-02
"""

from __future__ import annotations

import itertools

import pytest

from services.resources.acquiring.desiderata import commands, rules
from services.resources.acquiring.desiderata.model import Origin, TitleState
from services.resources.acquiring.desiderata.register import wishes
from shared.identity import Actor
from shared.states import NotFromHere
from shared.testing.registers import keeps_its_promises
from tests.resources.conftest import House

BUYER = Actor("S011", "韩采访", posts=("RES-ACQ",), dept="resources")


async def want(house: House, *, isbn: str = "7-5617-2236-2", **more: object) -> str:
    async with house.work(BUYER) as work:
        wish = await commands.want(work, title="文学理论", origin=Origin.suggestion, origin_no="JG1", isbn=isbn, **more)  # type: ignore[arg-type]
    return wish.no


async def step(house: House, number: str, action: str, **more: object) -> str:
    async with house.work(BUYER) as work:
        return (await commands.move(work, number, action, **more)).state  # type: ignore[arg-type]


async def test_a_title_goes_from_wish_to_shelf_and_says_so_each_time(house: House) -> None:
    number = await want(house)
    assert await step(house, number, "order", order_no="DD1") == TitleState.ordered
    for action, state in (("receive", "received"), ("catalogue", "catalogued"), ("shelve", "on_shelf")):
        assert await step(house, number, action) == state
    facts = [fact for _name, fact in await house.said("resources.title.progressed")]
    assert [fact["progress"] for fact in facts] == ["wanted", "ordered", "received", "catalogued", "on_shelf"]
    assert {fact["origin_no"] for fact in facts} == {"JG1"}
    with pytest.raises(NotFromHere):
        await step(house, number, "order")


async def test_the_same_title_is_wanted_once_however_its_number_is_written(house: House) -> None:
    number = await want(house)
    with pytest.raises(rules.AlreadyWanted) as refused:
        await want(house, isbn="9787561722367")
    assert number in str(refused.value)
    assert await want(house, again=True) != number
    await step(house, number, "cancel", reason="已有电子版")


async def test_a_cancelled_order_puts_the_title_back(house: House) -> None:
    number = await want(house)
    await step(house, number, "order", order_no="DD1")
    assert await step(house, number, "release", order_no="") == TitleState.wanted
    rows = await house.rows("SELECT order_no FROM desideratum WHERE no = :n", n=number)
    assert rows[0][0] == ""


FILL = {"title": "红楼梦研究", "price_cents": "59.70", "copies": "2"}


async def test_the_list_keeps_a_registers_promises(house: House) -> None:
    count = itertools.count(1)
    async with house.work(BUYER) as work:
        made = await wishes.open(work, **FILL, isbn="702000220X")
        assert (made.isbn, made.price_cents, made.origin) == ("9787020002207", 5970, Origin.librarian)
    # No title is wanted twice: each copy has a number of its own.
    await keeps_its_promises(
        wishes, house.app, lambda: {**FILL, "isbn": f"内部资料 {next(count)}"}, ask={"cancel": {"cancel_reason": "绝版"}},
    )
