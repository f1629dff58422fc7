"""Printed card or chip, present barcode or former: the same patron, the same item, and one order of locks.

covers: RDR-DSK-BAS-02, RDR-CIR-OTH-05
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from services.reader.desk.dropbox import commands as dropbox
from services.reader.desk.items.model import Item
from services.reader.desk.offline.commands import _lock_all
from services.reader.desk.offline.proof import Sent
from services.reader.desk.processing import commands as processing
from tests.reader.desk.sip2 import Machine, listening, terminal


async def with_chip(desk: Any, chip: str = "3F00AA01") -> str:
    """A patron whose card has a chip."""
    card: str = await desk.patron(chip=chip)
    return card


async def test_the_chip_asks_again_for_what_the_card_was_lent(desk) -> None:
    await terminal(desk)
    card, book = await with_chip(desk), await desk.item()
    async with listening(desk) as server:
        machine = await Machine(server.port).connect()
        first = await machine.checkout(card, book)
        again = await machine.checkout("3f00aa01", book)
        assert (again.fixed["ok"], again.fixed["renewal"], again["AH"]) == ("1", "N", first["AH"])
        desk.days_later(10)
        renewed = await machine.checkout("3F00AA01", book)
        assert renewed.fixed["renewal"] == "Y"
        told = await machine.checkout(card, book)  # the lost answer, asked for with the other number
        assert (told["AH"], told["AA"]) == (renewed["AH"], card)
    assert [tuple(r) for r in await desk.rows("SELECT renewals FROM loan")] == [(1,)]


async def test_a_replay_by_the_other_number_is_no_second_loan(desk) -> None:
    await terminal(desk)
    card, book = await with_chip(desk), await desk.item()
    desk.days_later(1)
    told = {"no_block": "Y", "date": "20261123    180000"}
    async with listening(desk) as server:
        machine = await Machine(server.port).connect()
        assert (await machine.checkout(card, book, **told)).fixed["ok"] == "1"
        assert (await machine.checkout("3F00AA01", book, **told)).fixed["ok"] == "1"
        await machine.checkin(book, no_block="Y", date="20261123    190000")
        late = await machine.checkout("3F00AA01", book, **told)
        assert late.fixed["ok"] == "1"  # told before, and come back since
        unknown = await machine.checkout("NOBODY", book, **told)
        assert unknown.fixed["ok"] == "0"
    assert [tuple(r) for r in await desk.rows("SELECT count(*), count(returned_at) FROM loan")] == [(1, 1)]


async def test_own_loans_and_holds_are_known_by_either_number(desk) -> None:
    await terminal(desk)
    card, other, book, wanted = await with_chip(desk), await desk.patron(), await desk.item(), await desk.item(instance="w")
    await desk.lend(other, wanted)
    async with listening(desk) as server:
        machine = await Machine(server.port).connect()
        await machine.checkout(card, book)
        desk.days_later(2)
        renewed = await machine.say(f"29NN20261125    120000{' ' * 18}AO|AA3F00AA01|AB{book}|")
        assert renewed.fixed["ok"] == "1"
        theirs = await machine.say(f"29NN20261125    120000{' ' * 18}AO|AA{other}|AB{book}|")
        assert theirs.fixed["ok"] == "0"
        assert (await machine.say(f"15+20261125    120000AO|AA{card}|AB{wanted}|")).fixed["ok"] == "1"
        assert (await machine.say(f"15-20261125    120000AO|AA3F00AA01|AB{wanted}|")).fixed["ok"] == "1"
        undone = await machine.say(f"11NN20261125    120000{' ' * 18}AO|AA{other}|AB{book}|AC|BIY|")
        assert undone.fixed["ok"] == "0"
    assert [tuple(r) for r in await desk.rows("SELECT state FROM hold")] == [("cancelled",)]


async def two_items(desk: Any) -> tuple[Item, Item, list[str]]:
    """Two items whose barcodes run against their ids, and their former barcodes, the higher item's first."""
    codes = [await desk.item(), await desk.item()]
    items = sorted([await desk.find_item(code) for code in codes], key=lambda one: one.id)
    former = [one.barcode for one in items]
    for one, new in zip(items, ("Z000001", "B000001"), strict=True):
        await desk.do(processing.replace_barcode, barcode=one.barcode, new=new)
    return items[0], items[1], former[::-1]


async def blocked(desk: Any) -> None:
    """Until somebody waits for a lock."""
    for _ in range(1200):
        if await desk.rows("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("nobody waits")


@pytest.mark.parametrize("door", ["drop box", "offline"])
async def test_many_items_are_locked_in_one_order_even_by_former_barcodes(desk, door) -> None:
    low, high, scans = await two_items(desk)
    run = await desk.do(dropbox.open_run, on=desk.today, codes=scans) if door == "drop box" else None
    card = await with_chip(desk)

    async def everything() -> None:
        if run is not None:
            await desk.do(dropbox.go_on, number=run.number)
            return
        async with desk.work() as work:
            await _lock_all(work, [
                Sent(n, desk.now.isoformat(), "R0001", "lend", who, code, "")
                for n, (who, code) in enumerate(zip((card, "3F00AA01"), scans, strict=True), 1)
            ])

    look = text("SELECT 1 FROM item WHERE id = :id FOR UPDATE NOWAIT")
    async with desk.work() as work:
        await work.session.execute(look, {"id": low.id})
        other = asyncio.create_task(everything())
        await blocked(desk)
        # Whoever waits for the lower one holds nothing yet: taking the higher one now closes no circle.
        assert (await work.session.execute(look, {"id": high.id})).scalar() == 1
    await other
