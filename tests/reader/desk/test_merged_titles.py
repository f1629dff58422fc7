"""Two records become one: what the desk keeps under either follows, in the order of asking, and goes home if it is undone.

covers: RES-MGT-01, RDR-LED-FRD-01, RDR-LED-FRD-06
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from services.reader.app import service
from services.reader.desk.circulation import losing
from services.reader.desk.holds import adjusting, joining
from services.reader.desk.holds import commands as holds
from services.reader.desk.holds.model import Hold, HoldState
from shared.database import uuid7
from shared.events.resources import ItemCatalogued, ItemWithdrawn, RecordSuppressed, RecordUnmerged
from tests.reader.desk.conftest import HEAD, Desk


def merged(this: str = "old", into: str = "new", no: str = "HB2026-0001") -> RecordSuppressed:
    return RecordSuppressed(
        instance_id=this, title=f"《{this}》", reason=no, merged_into=into, into_number=into.upper(), into_title=f"书 {into}", merge=no,
    )


def unmerged(this: str = "old", into: str = "new", no: str = "HB2026-0001") -> RecordUnmerged:
    return RecordUnmerged(
        merge=no, instance_id=this, number=this.upper(), title=f"书 {this}", into=into, into_number=into.upper(), into_title=f"书 {into}",
        reason="并错了",
    )


async def hear(desk: Desk, *events: Any) -> None:
    for event in events:
        await desk.heed(service.handlers, event)


async def out(desk: Desk, instance: str) -> tuple[str, str]:
    """A copy of the title that somebody has: who, and its barcode."""
    card, barcode = await desk.patron(), await desk.item(instance=instance, title=f"书 {instance}")
    await desk.lend(card, barcode)
    return card, barcode


async def ask(desk: Desk, instance: str, card: str = "") -> str:
    card = card or await desk.patron()
    await desk.do(holds.place, card=card, instance_id=instance)
    return card


async def queue(desk: Desk, instance: str) -> list[str]:
    return [row[0] for row in await desk.rows(
        "SELECT card FROM hold WHERE instance_id = :i AND state = 'waiting' ORDER BY turn", i=instance)]


async def picture(desk: Desk) -> list[Any]:
    """Everything that stands under a title, and what was said of holds."""
    tables = ("item", "loan", "loss", "hold", "list_entry", "suggestion")
    found = [await desk.rows(f"SELECT '{table}', id, instance_id FROM {table} ORDER BY id") for table in tables]
    return [*found, await desk.said("reader.hold.ended", "reader.hold.placed")]


async def test_two_queues_become_one_in_the_order_of_asking_and_part_again(desk: Desk) -> None:
    _one, old = await out(desk, "old")
    _two, new = await out(desk, "new")
    first, second, third = await ask(desk, "old"), await ask(desk, "new"), await ask(desk, "old")
    await hear(desk, merged())
    assert await queue(desk, "new") == [first, second, third]
    assert await queue(desk, "old") == []
    item = await desk.find_item(old)
    assert (item.instance_id, item.title) == ("new", "书 new")
    assert await desk.rows("SELECT DISTINCT instance_id FROM loan") == [("new",)]
    moves = await desk.rows("SELECT card, was, became, from_instance, reason FROM hold_move ORDER BY became")
    assert [tuple(row) for row in moves] == [
        (first, 1, 1, "old", joining.MERGED), (second, 1, 2, "", joining.MERGED), (third, 2, 3, "old", joining.MERGED),
    ]
    # A copy of the old record now serves whoever asked first, and a page of yesterday still places holds.
    back = await desk.take_back(old)
    assert back.hold is not None
    assert back.hold.card == first
    late = await ask(desk, "old")
    assert await queue(desk, "new") == [second, third, late]
    await hear(desk, unmerged())
    assert await queue(desk, "old") == [third]
    assert await queue(desk, "new") == [second, late]  # what came since stays
    assert ((await desk.find_item(old)).instance_id, (await desk.find_item(old)).title) == ("old", "书 old")
    assert (await desk.find_item(new)).instance_id == "new"
    assert {tuple(row) for row in await desk.rows("SELECT barcode, instance_id FROM loan")} == {(old, "old"), (new, "new")}
    assert await desk.rows("SELECT * FROM title_followed") == []


async def test_whoever_waits_in_both_keeps_the_older_place_and_is_told(desk: Desk) -> None:
    await out(desk, "old")
    await out(desk, "new")
    both = await ask(desk, "new")
    other = await ask(desk, "old")
    desk.days_later(1)
    await ask(desk, "old", both)
    await hear(desk, merged())
    assert await queue(desk, "new") == [both, other]
    ((_name, told, _case),) = await desk.said("reader.hold.ended")
    assert (told["card"], told["how"], told["how_label"]) == (both, "cancelled", joining.TWICE)
    assert await desk.rows("SELECT hook, state FROM notice WHERE hook = 'hold_cancelled'") == [("hold_cancelled", "queued")]
    patron = await desk.find_patron(both)
    assert patron.holds_waiting == 1
    await hear(desk, unmerged())
    assert await queue(desk, "new") == [both]
    assert await queue(desk, "old") == [other, both]
    assert (await desk.find_patron(both)).holds_waiting == 2


async def test_a_book_that_stands_ready_for_the_younger_hold_is_not_lost(desk: Desk) -> None:
    _who, old = await out(desk, "old")
    await out(desk, "new")
    both = await ask(desk, "new")
    desk.days_later(1)
    await ask(desk, "old", both)
    await desk.take_back(old)
    await hear(desk, merged())
    rows = await desk.rows("SELECT instance_id, state, barcode FROM hold ORDER BY placed_at")
    assert [tuple(row) for row in rows] == [("new", "ready", old), ("new", "cancelled", old)]
    assert (await desk.lend(both, old)).loan.instance_id == "new"
    await hear(desk, unmerged())  # who has the book wants no second one
    assert await queue(desk, "old") == []


async def test_a_heads_change_of_order_survives_although_both_queues_bear_one_number(desk: Desk) -> None:
    await out(desk, "old")
    await out(desk, "new")
    cards = {title: [await ask(desk, title), await ask(desk, title)] for title in ("old", "new")}
    (last,) = await desk.rows("SELECT id FROM hold WHERE card = :c", c=cards["new"][1])
    await desk.do(adjusting.move, HEAD, hold_id=last[0], to="first", reason="导师急用")
    same = await desk.rows("SELECT turn FROM hold GROUP BY turn HAVING count(*) > 1")
    assert same != []
    await hear(desk, merged())
    assert await queue(desk, "new") == [*cards["old"], cards["new"][1], cards["new"][0]]
    assert await queue(desk, "new") + [await ask(desk, "new")] == await queue(desk, "new")


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (2, 1, 0), (1, 2, 0)])
async def test_facts_that_come_twice_late_or_in_any_order_lead_to_the_same(desk: Desk, order: tuple[int, ...]) -> None:
    """a → b → c, and d catalogued late; every order, every fact twice."""
    await out(desk, "a")
    await out(desk, "b")
    for title in ("a", "b", "a"):
        await ask(desk, title)
    late = ItemCatalogued(
        item_id=str(uuid7()), barcode="A777777", title="书 a", instance_id="a", call_number="I247/1", location="LIT", price_cents=100,
    )
    facts = [merged("a", "b", "HB1"), merged("b", "c", "HB2"), late]
    for n in order:
        await hear(desk, facts[n], facts[n])
    assert await desk.rows("SELECT DISTINCT instance_id FROM item") == [("c",)]
    assert await desk.rows("SELECT DISTINCT instance_id FROM hold") == [("c",)]
    before = await picture(desk)
    await hear(desk, *facts)
    assert await picture(desk) == before
    # The last merge is undone: what had been one before stays one.
    await hear(desk, unmerged("b", "c", "HB2"), unmerged("b", "c", "HB2"), merged("b", "c", "HB2"))
    assert await desk.rows("SELECT DISTINCT instance_id FROM item") == [("b",)]
    assert await desk.rows("SELECT DISTINCT instance_id FROM hold") == [("b",)]
    await hear(desk, unmerged("a", "b", "HB1"), merged("a", "b", "HB1"))
    counts = await desk.rows("SELECT instance_id, count(*) FROM item GROUP BY 1 ORDER BY 1")
    assert [tuple(row) for row in counts] == [("a", 2), ("b", 1)]
    assert [tuple(r) for r in await desk.rows("SELECT instance_id, count(*) FROM hold GROUP BY 1 ORDER BY 1")] == [("a", 2), ("b", 1)]


async def test_a_hold_placed_while_the_merge_is_under_way_lands_in_the_one_queue(desk: Desk) -> None:
    await out(desk, "old")
    await out(desk, "new")
    cards = [await desk.patron() for _ in range(6)]
    await asyncio.gather(
        *(ask(desk, "old", card) for card in cards[:3]), hear(desk, merged()), *(ask(desk, "old", card) for card in cards[3:]),
    )
    assert sorted(await queue(desk, "new")) == sorted(cards)


async def test_losses_follow_their_item_and_last_copies_end_nobodys_wait_wrongly(desk: Desk) -> None:
    _who, old = await out(desk, "old")
    await out(desk, "new")
    waits = await ask(desk, "old")
    await hear(desk, merged())
    await desk.do(losing.declare_lost, barcode=old)
    assert await desk.rows("SELECT instance_id FROM loss") == [("new",)]
    # Told of the old title, that its last item is gone: the other title still has one.
    item = await desk.find_item(old)
    await hear(desk, ItemWithdrawn(
        item_id=str(item.id), barcode=old, title="书 old", number="TJ1", instance_id="old", items_left=0,
    ))
    assert await queue(desk, "new") == [waits]
    await hear(desk, unmerged())
    assert await desk.rows("SELECT instance_id FROM loss") == [("old",)]


async def test_a_record_that_is_merely_hidden_moves_nothing(desk: Desk) -> None:
    await out(desk, "old")
    waits = await ask(desk, "old")
    await hear(desk, RecordSuppressed(instance_id="old", title="旧", reason="著录有误"))
    assert await queue(desk, "old") == [waits]
    assert await desk.rows("SELECT * FROM title_merge") == []


def test_the_older_of_two_is_told_by_the_time_of_asking() -> None:
    patron = uuid7()

    def hold(turn: int, minute: int, state: HoldState = HoldState.waiting) -> Hold:
        return Hold(
            turn=turn, instance_id="t", title="t", patron_id=patron, card="1", state=state, placed_by="x",
            placed_at=datetime(2026, 11, 1, 8, minute, tzinfo=UTC),
        )

    early, late = hold(9, 1), hold(-3, 2)
    assert joining.doubles([late, early]) == [(early, late)]
    assert joining.doubles([early]) == []
    assert not joining.passes_on(early, late)
    assert joining.passes_on(early, hold(4, 3, HoldState.ready))
    third = hold(9, 3)
    joining.line_up([third, late, early])
    assert (late.turn, early.turn, third.turn) == (-3, 8, 9)

