"""The order of a queue under change, from many desks at once. covers: RDR-LED-FRD-01, RDR-DSK-BAS-02"""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from services.reader.desk.holds import adjusting, rules
from services.reader.desk.holds import commands as holds
from services.reader.desk.holds.queries import copies_of, places_of, queue_of
from services.reader.desk.items.model import Circulation
from services.reader.rooms.service_points import commands as points
from shared.identity import Actor
from shared.refusals import NotAllowed, Refusal
from tests.reader.desk.conftest import CLERK, COLLEAGUE, HEAD

DEADLOCK = "40P01"


async def lent_out(desk, instance: str = "t") -> tuple[str, str]:
    card, barcode = await desk.patron(), await desk.item(instance=instance)
    await desk.lend(card, barcode)
    return card, barcode


async def queue(desk, n: int, instance: str = "t") -> list:
    await lent_out(desk, instance)
    return [(await desk.do(holds.place, card=await desk.patron(), instance_id=instance))[0] for _ in range(n)]


async def order(desk, instance: str = "t") -> list:
    async with desk.works.sessions() as session:
        found = await queue_of(session, instance)
        places = await places_of(session, [hold.id for hold in found])
    assert [places[hold.id] for hold in found] == list(range(1, len(found) + 1))
    return [hold.id for hold in found]


async def test_the_head_changes_the_order_with_a_reason_that_is_kept(desk) -> None:
    a, b, c = [hold.id for hold in await queue(desk, 3)]
    assert await desk.do(adjusting.move, HEAD, hold_id=c, to="first", reason="课程指定参考书") == (3, 1)
    assert await desk.do(adjusting.move, HEAD, hold_id=a, to="down", reason="本人同意让后") == (2, 3)
    assert await desk.do(adjusting.move, HEAD, hold_id=a, to="up", reason="撤回让后") == (3, 2)
    assert await order(desk) == [c, a, b]
    assert await desk.rows("SELECT by, was, became, reason FROM hold_move ORDER BY at, id LIMIT 1") == [
        (HEAD.id, 3, 1, "课程指定参考书"),
    ]
    assert len(await desk.said("reader.hold.moved")) == 3


async def test_no_reason_no_right_and_no_room_move_nobody(desk) -> None:
    a, b = [hold.id for hold in await queue(desk, 2)]
    with pytest.raises(rules.ReasonMissing):
        await desk.do(adjusting.move, HEAD, hold_id=b, to="up", reason=" ")
    with pytest.raises(NotAllowed):
        await desk.do(adjusting.move, CLERK, hold_id=b, to="up", reason="插队")
    for hold_id, to in ((a, "up"), (a, "first"), (b, "down")):
        with pytest.raises(rules.NotMovable):
            await desk.do(adjusting.move, HEAD, hold_id=hold_id, to=to, reason="测试一下")
    assert await order(desk) == [a, b]


async def test_whoever_is_moved_first_is_served_first_and_a_released_hold_takes_nobodys_turn(desk) -> None:
    _card, barcode = await lent_out(desk)
    a, b, c = [(await desk.do(holds.place, card=await desk.patron(), instance_id="t"))[0].id for _ in range(3)]
    await desk.take_back(barcode)
    await desk.do(adjusting.move, HEAD, hold_id=c, to="first", reason="急用开题")
    async with desk.work() as work:
        from services.reader.desk.items.queries import lock_item

        await holds.put_back(work, await lock_item(work.session, barcode), reason="书况")
    assert await order(desk) == [c, a, b]


async def test_a_suspended_hold_keeps_its_place_and_takes_no_book(desk) -> None:
    _card, barcode = await lent_out(desk)
    first, second = [(await desk.do(holds.place, card=await desk.patron(), instance_id="t"))[0] for _ in range(2)]
    me = Actor(id=first.card, kind="patron", card=first.card)
    until = desk.today + timedelta(days=10)
    await desk.do(adjusting.pause, me, hold_id=first.id, until=until)
    with pytest.raises(rules.UnknownHold):
        await desk.do(adjusting.pause, me, hold_id=second.id, until=until)
    with pytest.raises(rules.BadDay):
        await desk.do(adjusting.pause, me, hold_id=first.id, until=desk.today)
    assert (await desk.take_back(barcode)).hold.id == second.id
    assert await order(desk) == [first.id]
    desk.days_later(10)
    await desk.do(holds.expire)
    assert (await desk.take_back(barcode)).hold.id == first.id


async def test_a_hold_ends_when_its_day_is_over(desk) -> None:
    await lent_out(desk)
    card = await desk.patron()
    by = desk.today + timedelta(days=3)
    await desk.do(holds.place, card=card, instance_id="t", needed_by=by)
    desk.days_later(3)
    assert await desk.do(holds.expire) == 0
    desk.days_later(1)
    assert await desk.do(holds.expire) == 1
    patron = await desk.find_patron(card)
    assert (patron.holds_waiting, patron.no_shows) == (0, 0)
    (_n, told, _c), = await desk.said("reader.hold.ended")
    assert told["how"] == "lapsed"


async def test_a_hold_for_one_item_takes_no_other(desk) -> None:
    (_a, one), (_b, two) = await lent_out(desk), await lent_out(desk)
    choosy, easy = await desk.patron(), await desk.patron()
    await desk.do(holds.place, card=choosy, barcode=two)
    await desk.do(holds.place, card=easy, instance_id="t")
    assert (await desk.take_back(one)).hold.card == easy
    assert (await desk.take_back(two)).hold.card == choosy


async def test_what_never_comes_back_cannot_be_waited_for(desk, reasons) -> None:
    await desk.item(instance="t", use="reference")
    with pytest.raises(rules.HoldRefused) as refusal:
        await desk.do(holds.place, card=await desk.patron(), instance_id="t")
    assert reasons(refusal) == ["no-copy-to-wait-for"]


@pytest.mark.parametrize("level", [rules.Asks.any, rules.Asks.item])
@pytest.mark.parametrize("state", list(Circulation))
def test_the_matrix_answers_for_every_state(level, state) -> None:
    assert (level, state) in rules.MAY_HOLD
    here = rules.Copy(state, home="MAIN")
    assert rules.answer([here], level=level, pickup="") == rules.MAY_HOLD[level, state]
    assert rules.answer([], level=level, pickup="") == "no"


async def test_the_queue_says_why_there_is_no_book_yet(desk) -> None:
    hold = (await queue(desk, 2))[1]
    async with desk.works.sessions() as session:
        copies = (await copies_of(session, ["t"]))["t"]
    due = desk.today + timedelta(days=30)
    assert rules.explain(hold, 2, copies, {}) == f"第 2 位：前面 1 人；全部 1 册借出，最早应还 {due}"


async def test_heads_at_many_screens_leave_no_gap(desk) -> None:
    ids = [hold.id for hold in await queue(desk, 5)]
    chance = random.Random(7)
    ended = await asyncio.gather(*(
        desk.do(adjusting.move, HEAD, hold_id=chance.choice(ids), to=chance.choice(["up", "down", "first"]), reason="并发调整")
        for _ in range(20)
    ), return_exceptions=True)
    assert all(isinstance(e, (tuple, rules.NotMovable)) for e in ended), ended
    assert sorted(await order(desk)) == sorted(ids)


async def once_more(make):
    """As the door does: a deadlock is repeated once; a refusal is an answer."""
    for last in (False, True):
        try:
            return await make()
        except Refusal:
            return None
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", "") != DEADLOCK or last:
                if last and getattr(error.orig, "sqlstate", "") == DEADLOCK:
                    return None
                raise
    return None


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_no_interleaving_gives_one_item_to_two_or_one_hold_two_items(desk, seed) -> None:
    await desk.do(points.save, HEAD, code="MAIN", name="总服务台", main=True, new=True)
    await desk.do(points.save, HEAD, code="EAST", name="分馆", new=True)
    await desk.do(points.assign, HEAD, code="MAIN", locations=["LIT"])
    chance = random.Random(seed)
    cards = [await desk.patron() for _ in range(5)]
    items = [await desk.item(instance="t") for _ in range(3)]
    for card, barcode in zip(cards, items, strict=False):
        await desk.lend(card, barcode)

    async def known() -> list:
        return [row[0] for row in await desk.rows("SELECT id FROM hold")]

    for step in range(8):
        ids = await known()
        if step == 5:
            desk.days_later(7)
        jobs = []
        for _ in range(9):
            card, barcode, desk_of = chance.choice(cards), chance.choice(items), chance.choice([CLERK, COLLEAGUE])
            at, pickup = chance.choice(["MAIN", "EAST", ""]), chance.choice(["MAIN", "EAST", ""])
            wanted = {"barcode": barcode} if chance.random() < 0.3 else {"instance_id": "t"}
            makers = [
                lambda c=card, p=pickup, w=wanted: desk.do(holds.place, card=c, pickup=p, **w),
                lambda b=barcode, a=at, d=desk_of: desk.take_back(b, d, at=a),
                lambda b=barcode, a=at, d=desk_of: desk.take_back(b, d, at=a),
                lambda c=card, b=barcode, d=desk_of: desk.lend(c, b, d),
                lambda: desk.do(holds.expire),
            ]
            if ids:
                chosen, to = chance.choice(ids), chance.choice(["up", "down", "first"])
                makers += [
                    lambda h=chosen: desk.do(holds.cancel, hold_id=h),
                    lambda h=chosen, t=to: desk.do(adjusting.move, HEAD, hold_id=h, to=t, reason="并发"),
                ]
            jobs.append(once_more(chance.choice(makers)))
        await asyncio.gather(*jobs)
        await check(desk)


CONTRADICTIONS = {
    "the item and its loan": """
        SELECT i.barcode FROM item i WHERE (i.circulation = 'on_loan') <> EXISTS
        (SELECT 1 FROM loan l WHERE l.item_id = i.id AND l.returned_at IS NULL)""",
    "a ready hold and its item": """
        SELECT h.id FROM hold h LEFT JOIN item i ON i.id = h.item_id
        WHERE h.state = 'ready' AND i.circulation IS DISTINCT FROM 'hold_shelf'""",
    "a travelling hold and its item": """
        SELECT h.id FROM hold h LEFT JOIN item i ON i.id = h.item_id
        WHERE h.state = 'transit' AND i.circulation IS DISTINCT FROM 'in_transit'""",
    "the item wanted and the item kept": """
        SELECT id FROM hold WHERE state IN ('ready', 'transit') AND wanted_id IS NOT NULL AND wanted_id <> item_id""",
    "waiting with an item": "SELECT id FROM hold WHERE state = 'waiting' AND item_id IS NOT NULL",
    "a journey and its slip": """
        SELECT i.barcode FROM item i WHERE (i.circulation = 'in_transit') <> EXISTS
        (SELECT 1 FROM transit t WHERE t.item_id = i.id AND t.state = 'on_way')""",
    "the counters and the rows": """
        SELECT p.card FROM patron p WHERE p.holds_waiting <>
        (SELECT count(*) FROM hold h WHERE h.patron_id = p.id AND h.state IN ('waiting', 'transit'))
        OR p.holds_ready <> (SELECT count(*) FROM hold h WHERE h.patron_id = p.id AND h.state = 'ready')""",
}


async def check(desk) -> None:
    await order(desk)
    for what, sql in CONTRADICTIONS.items():
        assert not await desk.rows(sql), what


async def many_wait(desk, instance: str, n: int) -> None:
    """A thousand patrons who want one title, put there at once."""
    model = await desk.patron()
    async with desk.works.sessions() as session:
        from sqlalchemy import text

        await session.execute(text(
            "INSERT INTO patron SELECT (jsonb_populate_record(p, jsonb_build_object('id', gen_random_uuid(), 'card', 'X' || n))).*"
            " FROM patron p, generate_series(1, :n) n WHERE p.card = :card"
        ), {"n": n, "card": model})
        await session.execute(text(
            "INSERT INTO hold (id, instance_id, title, patron_id, card, state, placed_at, placed_by, barcode, shelf, reason, pickup, point, wanted)"
            " SELECT gen_random_uuid(), :i, '活着', id, card, 'waiting', now(), 'x', '', '', '', '', '', '' FROM patron WHERE card LIKE 'X%'"
        ), {"i": instance})
        await session.commit()
        await session.execute(text("ANALYZE hold"))
        await session.commit()


async def test_a_thousand_holds_cost_a_loan_and_a_return_nothing_more(desk) -> None:
    counted: list[str] = []
    event.listen(desk.engine.sync_engine, "before_cursor_execute", lambda _c, _cur, sql, *_r: counted.append(sql))

    async def statements(instance: str, more: int = 0) -> list[str]:
        card, barcode = await desk.patron(), await desk.item(instance=instance)
        await desk.lend(card, barcode)
        await desk.do(holds.place, card=await desk.patron(), instance_id=instance)
        if more:
            await many_wait(desk, instance, more)
        counted.clear()
        await desk.take_back(barcode)
        found = list(counted)
        counted.clear()
        with pytest.raises(Refusal):
            await desk.lend(card, barcode)
        return found + counted

    alone = await statements("alone")
    assert await statements("crowd", 1000) == alone
    plan = "\n".join(row[0] for row in await desk.rows(
        "EXPLAIN SELECT patron_id FROM hold WHERE instance_id = 'crowd' AND state = 'waiting' AND paused_until IS NULL"
        " AND (wanted_id IS NULL OR wanted_id = gen_random_uuid()) ORDER BY turn LIMIT 1"
    ))
    # Which of the three indexes over (instance_id, turn) answers is the planner's choice: all read the first in turn and stop.
    for word, said in (("Index", True), ("instance_id = 'crowd'", True), ("Sort", False), ("Seq Scan", False)):
        assert (word in plan) is said, plan
