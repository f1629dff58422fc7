"""Books for readers who fetch them at a member. covers: RDR-LED-FRD-04, RDR-LED-FRD-01"""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime

import pytest

from services.reader.desk.circulation.rules import LoanRefused
from services.reader.desk.consortium import commands, counting, holding, lending, rules
from services.reader.desk.consortium.model import LineKind
from services.reader.desk.holds import adjusting
from services.reader.desk.holds import commands as holds
from services.reader.desk.holds.model import HoldState
from services.reader.desk.holds.pickup import PickupElsewhere
from services.reader.desk.holds.rules import HoldRefused
from services.reader.desk.items.model import Circulation
from services.reader.rooms.service_points import commands as points
from shared.identity import Actor
from tests.reader.desk.conftest import HEAD
from tests.reader.desk.test_consortium import CITY, READER

MINE = Actor(id="p-u001", name="李晓", kind="patron", card="U001")


async def union(desk) -> None:
    await desk.do(points.save, HEAD, code="MAIN", name="总服务台", main=True, new=True)
    await desk.do(commands.save_member, HEAD, **CITY, pickup=True)
    await desk.do(lending.issue, **READER, online=True)


async def on_the_way(desk, title: str = "t") -> tuple[str, object]:
    """A free book, asked for from home by a union reader, fetched from its shelf."""
    barcode = await desk.item(instance=title)
    hold, _place = await desk.do(holds.place, MINE, card="U001", instance_id=title, pickup="U-ZJT")
    await desk.do(holds.fetch, barcode=barcode, at="MAIN")
    return barcode, hold


async def state_of(desk, hold) -> tuple[str, str]:
    return (await desk.rows("SELECT state, point FROM hold WHERE id = :i", i=hold.id))[0]


async def test_a_book_asked_for_from_home_goes_by_the_box_and_is_told_when_it_is_there(desk) -> None:
    await union(desk)
    barcode, hold = await on_the_way(desk)
    got = await asyncio.gather(*(desk.do(commands.scan_in, barcode=barcode) for _ in range(3)))
    assert len({box.number for box, _m, _again in got}) == 1
    assert sorted(again for _b, _m, again in got) == [False, True, True]
    number = got[0][0].number
    await desk.do(commands.receive_foreign, barcode="ZJT0001")  # travels in the same box
    assert await desk.rows("SELECT count(*), count(*) FILTER (WHERE transit <> '') FROM union_box_item") == [(2, 1)]
    await desk.do(commands.send, number=number, carrier="赵")
    assert await desk.said("reader.hold.ready") == []
    await desk.do(commands.received, number=number, signed_by="王")
    ((_n, ready, _c),) = await desk.said("reader.hold.ready")
    assert (ready["barcode"], ready["point"]) == (barcode, "U-ZJT")
    assert tuple(await state_of(desk, hold)) == ("ready", "U-ZJT")
    loan = await desk.do(holding.lent_there, member="ZJT", card="u001", barcode=barcode, on=date(2026, 11, 23))
    assert loan is not None
    assert await desk.do(holding.lent_there, member="ZJT", card="U001", barcode=barcode, on=date(2026, 11, 23)) is None
    assert (await state_of(desk, hold))[0] == HoldState.filled
    assert (await desk.find_patron("U001")).open_loans == 1
    async with desk.work() as work:
        member = await commands.member_by_code(work.session, "ZJT")
        rows = await counting.month_rows(work.session, member.id, date(2026, 11, 1))
    assert {kind: [r["ref"] for r in rows[kind]] for kind in (LineKind.loans_here, LineKind.lent_there, LineKind.holds_sent, LineKind.sent_home)} == {
        LineKind.loans_here: [], LineKind.lent_there: [barcode], LineKind.holds_sent: [barcode], LineKind.sent_home: ["ZJT0001"],
    }


async def test_only_readers_of_the_union_fetch_at_a_member(desk) -> None:
    await union(desk)
    ours, barcode = await desk.patron(), await desk.item(instance="t")
    with pytest.raises(PickupElsewhere):
        await desk.do(holds.place, card=ours, instance_id="t", pickup="U-ZJT")
    await desk.lend(ours, barcode)
    other = await desk.patron()
    hold, _place = await desk.do(holds.place, card=other, instance_id="t")
    with pytest.raises(PickupElsewhere):
        await desk.do(adjusting.fetch_at, hold_id=hold.id, pickup="U-ZJT")
    await desk.item(instance="free")
    with pytest.raises(HoldRefused):  # at our own desk a free book is simply borrowed
        await desk.do(holds.place, MINE, card="U001", instance_id="free", pickup="MAIN")


async def test_what_nobody_fetches_there_comes_home_for_the_next(desk) -> None:
    await union(desk)
    barcode, hold = await on_the_way(desk)
    box, _m, _again = await desk.do(commands.scan_in, barcode=barcode)
    await desk.do(commands.send, number=box.number, carrier="赵")
    await desk.do(commands.received, number=box.number, signed_by="王")
    desk.days_later(30)
    assert await desk.do(holds.expire) == 1
    assert tuple(await state_of(desk, hold)) == ("expired", "U-ZJT")
    waiting, _place = await desk.do(holds.place, HEAD, card=await desk.patron(), instance_id="t")
    assert [await desk.do(holding.call_home) for _ in range(2)] == [1, 0]
    assert (await desk.find_item(barcode)).circulation is Circulation.in_transit
    home = await desk.do(commands.come_home, member="ZJT", barcode=barcode, returned_on=desk.today, at="MAIN")
    assert (home.loan, home.hold.id) == (None, waiting.id)
    assert await desk.rows("SELECT count(*) FROM union_return_there") == [(0,)]


async def test_a_hold_given_up_under_way_is_no_arrival_and_its_box_row_says_so(desk) -> None:
    await union(desk)
    barcode, hold = await on_the_way(desk)
    box, _m, _again = await desk.do(commands.scan_in, barcode=barcode)
    await desk.do(commands.send, number=box.number, carrier="赵")
    await desk.do(holds.cancel, MINE, hold_id=hold.id)
    await desk.do(commands.received, number=box.number, signed_by="王")
    assert await desk.said("reader.hold.ready") == []
    assert (await desk.find_item(barcode)).circulation is Circulation.in_transit  # until it is sent back
    back = await desk.take_back(barcode, at="MAIN")
    assert back.next == "shelve"
    assert await desk.rows("SELECT home FROM union_box_item") == [(True,)]


async def test_a_book_taken_off_its_way_leaves_the_box_that_is_being_filled(desk) -> None:
    await union(desk)
    barcode, _hold = await on_the_way(desk)
    await desk.do(commands.scan_in, barcode=barcode)
    await desk.lend("U001", barcode)  # the reader came to us after all
    assert await desk.rows("SELECT 1 FROM union_box_item") == []
    with pytest.raises(rules.OwnItem):
        await desk.do(commands.scan_in, barcode=barcode)


async def test_a_pickup_is_not_taken_away_under_those_who_wait(desk) -> None:
    await union(desk)
    _barcode, hold = await on_the_way(desk)
    with pytest.raises(rules.WaitsThere):
        await desk.do(commands.save_member, HEAD, code="ZJT", name="镇江市图书馆", short="市图", pickup=False)
    await desk.do(holds.cancel, MINE, hold_id=hold.id)
    gone = await desk.do(commands.save_member, HEAD, code="ZJT", name="镇江市图书馆", short="市图", pickup=False)
    assert gone.point == ""
    assert await desk.rows("SELECT open FROM service_point WHERE code = 'U-ZJT'") == [(False,)]
    again = await desk.do(commands.save_member, HEAD, code="ZJT", name="镇江市图书馆", short="市图", pickup=True)
    assert again.point == "U-ZJT"


async def test_a_loan_elsewhere_is_refused_for_strangers_and_tomorrow(desk) -> None:
    await union(desk)
    barcode, ours = await desk.item(), await desk.patron()
    with pytest.raises(rules.NotUnionCard):
        await desk.do(holding.lent_there, member="ZJT", card=ours, barcode=barcode, on=date(2026, 11, 23))
    with pytest.raises(rules.LoanDate):
        await desk.do(holding.lent_there, member="ZJT", card="U001", barcode=barcode, on=date(2026, 11, 24))
    await desk.lend(ours, barcode)
    with pytest.raises(LoanRefused):
        await desk.do(holding.lent_there, member="ZJT", card="U001", barcode=barcode, on=date(2026, 11, 23))
    assert desk.now == datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
