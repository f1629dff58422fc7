"""Borrow here, fetch there: service points and the way between them. covers: RDR-LED-FRD-01, RDR-DSK-BAS-02"""

from __future__ import annotations

import asyncio

import pytest

from services.reader.desk.circulation.rules import LoanRefused
from services.reader.desk.circulation.undo import undo
from services.reader.desk.condition.model import DamageKind, Grade
from services.reader.desk.holds import commands as holds
from services.reader.desk.holds.lists import fetch_list
from services.reader.desk.holds.model import HoldState
from services.reader.desk.holds.rules import AlreadyTaken, HoldRefused, NothingWaits
from services.reader.desk.items.model import Circulation
from services.reader.desk.transit.model import TransitState
from services.reader.desk.transit.queries import transits
from services.reader.desk.transit.rules import ReasonMissing, tone
from services.reader.rooms.service_points import commands as points
from services.reader.rooms.service_points.queries import point_here
from services.reader.rooms.service_points.rules import MainStaysOpen, PointExists, UnknownPoint
from shared.refusals import Invalid, NotAllowed
from tests.reader.desk.conftest import CLERK, COLLEAGUE, HEAD


@pytest.fixture
async def two(desk):
    """A main desk that keeps LIT, and a branch."""
    await desk.do(points.save, HEAD, code="main", name="总服务台", main=True, new=True)
    await desk.do(points.save, HEAD, code="EAST", name="东区分馆", name_en="East Branch", new=True)
    await desk.do(points.assign, HEAD, code="MAIN", locations=["LIT"])
    return desk


async def waiting(desk, *, pickup: str, instance: str = "t") -> tuple[str, str, object]:
    owner, barcode, card = await desk.patron(), await desk.item(instance=instance), await desk.patron()
    await desk.lend(owner, barcode)
    hold, _place = await desk.do(holds.place, card=card, instance_id=instance, pickup=pickup)
    return barcode, card, hold


async def state_of(desk, hold) -> str:
    return (await desk.rows("SELECT state FROM hold WHERE id = :id", id=hold.id))[0][0]


async def test_a_book_for_a_patron_elsewhere_travels_and_only_its_arrival_is_told_them(two) -> None:
    barcode, card, hold = await waiting(two, pickup="EAST")
    sent = await two.take_back(barcode, at="MAIN")
    assert (sent.next, sent.transit.origin, sent.transit.to) == ("send_hold", "MAIN", "EAST")
    assert sent.transit.number.startswith("ZT2026-")
    assert (sent.transit.card_tail, (await two.find_item(barcode)).circulation) == (card[-4:], Circulation.in_transit)
    assert not await two.said("reader.hold.ready")
    two.days_later(1)
    came = await two.take_back(barcode, at="EAST")
    assert (came.next, came.hold.id, came.hold.point) == ("hold_shelf", hold.id, "EAST")
    (_n, ready, _c), = await two.said("reader.hold.ready")
    assert (ready["barcode"], ready["point"]) == (barcode, "EAST")
    (_n, arrived, _c), = await two.said("reader.item.arrived")
    assert (arrived["at_name"], arrived["late_days"]) == ("东区分馆", 0)
    assert (await two.lend(card, barcode)).filled.id == hold.id


async def test_a_book_nobody_waits_for_goes_home_and_is_shelved_there(two) -> None:
    card, barcode = await two.patron(), await two.item()
    await two.lend(card, barcode)
    sent = await two.take_back(barcode, at="EAST")
    assert (sent.next, sent.transit.to) == ("send_home", "MAIN")
    came = await two.take_back(barcode, at="MAIN")
    assert (came.next, came.transit, came.item.circulation) == ("shelve", None, Circulation.available)


async def test_without_a_point_nothing_travels(two) -> None:
    barcode, _card, hold = await waiting(two, pickup="EAST")
    done = await two.take_back(barcode)
    assert (done.next, done.transit, done.hold.id) == ("hold_shelf", None, hold.id)


async def test_a_location_without_a_point_is_no_reason_to_send(two) -> None:
    await two.do(points.assign, HEAD, code="MAIN", locations=[])
    card, barcode = await two.patron(), await two.item()
    await two.lend(card, barcode)
    assert (await two.take_back(barcode, at="EAST")).next == "shelve"


async def test_an_unknown_or_closed_point_takes_nothing(two) -> None:
    barcode, _card, _hold = await waiting(two, pickup="EAST")
    for code in ("NOWHERE", "EAST"):
        await two.do(points.save, HEAD, code="EAST", name="东区分馆", open_=False)
        with pytest.raises(UnknownPoint):
            await two.take_back(barcode, at=code)
    assert (await two.find_item(barcode)).circulation is Circulation.on_loan


async def test_whoever_cancels_while_the_book_travels_leaves_it_to_the_next(two) -> None:
    barcode, card, hold = await waiting(two, pickup="EAST")
    other = await two.patron()
    await two.do(holds.place, card=other, instance_id="t", pickup="MAIN")
    await two.take_back(barcode, at="MAIN")
    await two.do(holds.cancel, hold_id=hold.id)
    came = await two.take_back(barcode, at="EAST")
    assert (came.next, came.hold.card, came.transit.to) == ("send_hold", other, "MAIN")
    assert (await two.take_back(barcode, at="MAIN")).hold.shelf
    assert (await two.find_patron(card)).holds_waiting == 0


async def test_a_travelling_book_is_lent_to_nobody_else(two, reasons) -> None:
    barcode, card, hold = await waiting(two, pickup="EAST")
    await two.take_back(barcode, at="MAIN")
    with pytest.raises(LoanRefused) as refusal:
        await two.lend(await two.patron(), barcode)
    assert reasons(refusal) == ["held-for-another"]
    await two.lend(card, barcode)
    assert await state_of(two, hold) == "filled"
    assert [t[0] for t in await two.rows("SELECT state FROM transit")] == ["stopped"]


async def test_a_book_that_never_came_is_missing_and_its_patron_waits_on(two) -> None:
    barcode, card, hold = await waiting(two, pickup="EAST")
    sent = await two.take_back(barcode, at="MAIN")
    with pytest.raises(ReasonMissing):
        await two.do(holds.lost_on_the_way, number=sent.transit.number, reason=" ")
    await two.do(holds.lost_on_the_way, number=sent.transit.number, reason="箱中未见")
    assert (await two.find_item(barcode)).circulation is Circulation.missing
    assert await state_of(two, hold) == "waiting"
    assert (await two.find_patron(card)).holds_waiting == 1
    found = await two.take_back(barcode, at="EAST")
    assert (found.next, found.hold.id) == ("hold_shelf", hold.id)


async def test_damage_found_on_arrival_frees_the_hold(two) -> None:
    barcode, _card, hold = await waiting(two, pickup="EAST")
    await two.take_back(barcode, at="MAIN")
    done = await two.take_back(barcode, at="EAST", damage=(DamageKind.spine, Grade.medium))
    assert (done.next, done.slip.grade, await state_of(two, hold)) == ("repair", Grade.medium, "waiting")


async def test_an_undone_return_takes_the_book_out_of_the_box(two) -> None:
    barcode, _card, hold = await waiting(two, pickup="EAST")
    sent = await two.take_back(barcode, at="MAIN")
    await two.do(undo, loan_id=sent.loan.id)
    assert ((await two.find_item(barcode)).circulation, await state_of(two, hold)) == (Circulation.on_loan, "waiting")


async def test_the_longest_overdue_stands_first_and_red(two) -> None:
    for _ in range(2):
        card, barcode = await two.patron(), await two.item()
        await two.lend(card, barcode)
        await two.take_back(barcode, at="EAST")
        two.days_later(1)
    async with two.works.sessions() as session:
        found, total = await transits(session)
    today = two.today
    assert total == 2
    assert [tone(t, today) for t in found] == ["warn", ""]
    two.days_later(1)
    assert [tone(t, two.today) for t in found] == ["bad", "warn"]


async def test_a_copy_on_the_shelf_elsewhere_is_fetched_for_the_patron(two, reasons) -> None:
    barcode, card = await two.item(instance="t"), await two.patron()
    with pytest.raises(HoldRefused) as refusal:
        await two.do(holds.place, card=card, instance_id="t", pickup="MAIN")
    assert reasons(refusal) == ["copy-available"]
    hold, _place = await two.do(holds.place, card=card, instance_id="t", pickup="EAST")
    async with two.works.sessions() as session:
        assert [item.barcode for item, _errand in await fetch_list(session)] == [barcode]
    await two.do(holds.claim, CLERK, barcode=barcode)
    with pytest.raises(AlreadyTaken):
        await two.do(holds.claim, COLLEAGUE, barcode=barcode)
    _item, got = await two.do(holds.fetch, barcode=barcode, at="MAIN")
    assert (got.id, got.state) == (hold.id, HoldState.transit)
    assert not await two.rows("SELECT 1 FROM hold_errand")
    with pytest.raises(NothingWaits):
        await two.do(holds.fetch, barcode=await two.item(), at="MAIN")


async def test_two_desks_scan_one_arrival_and_it_arrives_once(two) -> None:
    barcode, _card, hold = await waiting(two, pickup="EAST")
    await two.take_back(barcode, at="MAIN")
    done = await asyncio.gather(*(two.take_back(barcode, at="EAST") for _ in range(4)))
    assert {d.hold.id for d in done} == {hold.id}
    assert len(await two.said("reader.item.arrived")) == len(await two.said("reader.hold.ready")) == 1


async def test_the_register_of_points_refuses_what_makes_no_sense(two) -> None:
    with pytest.raises(NotAllowed):
        await two.do(points.save, CLERK, code="X1", name="某处", new=True)
    with pytest.raises(Invalid):
        await two.do(points.save, HEAD, code="一楼", name="", new=True)
    with pytest.raises(PointExists):
        await two.do(points.save, HEAD, code="EAST", name="又一处", new=True)
    with pytest.raises(MainStaysOpen):
        await two.do(points.save, HEAD, code="MAIN", name="总服务台", open_=False)
    await two.do(points.save, HEAD, code="EAST", name="东区分馆", main=True)
    async with two.works.sessions() as session:
        assert await point_here(session, "") == "EAST"
        assert await point_here(session, "MAIN") == "MAIN"
        assert await point_here(session, "GONE") == "EAST"


def test_every_end_of_a_journey_is_reached_from_under_way() -> None:
    from services.reader.desk.transit.rules import LIFE

    assert set(LIFE.values()) | {TransitState.on_way} == set(TransitState)
