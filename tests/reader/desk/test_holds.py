"""The queue and the hold shelf. covers: RDR-LED-FRD-01, RDR-DSK-BAS-02"""

from __future__ import annotations

import asyncio

import pytest

from services.reader.desk.circulation.rules import LoanRefused
from services.reader.desk.condition import commands as condition
from services.reader.desk.condition.model import DamageKind, Grade
from services.reader.desk.holds import commands as holds
from services.reader.desk.holds.handlers import handlers
from services.reader.desk.holds.lists import to_pull
from services.reader.desk.holds.queries import holds_of
from services.reader.desk.holds.rules import HoldRefused, StillKept, UnknownHold, UnknownTitle
from services.reader.desk.items.model import Circulation
from services.reader.desk.items.queries import lock_item
from services.reader.desk.patrons.model import CardState
from services.reader.desk.patrons.rules import standing
from shared.events.resources import ItemWithdrawn
from shared.identity import Actor
from tests.reader.desk.conftest import CLERK, HEAD


async def lent_out(desk, instance: str = "t") -> tuple[str, str]:
    card, barcode = await desk.patron(), await desk.item(instance=instance)
    await desk.lend(card, barcode)
    return card, barcode


async def test_a_hold_wants_every_copy_out(desk, reasons) -> None:
    await desk.item(instance="t")
    card = await desk.patron()
    with pytest.raises(HoldRefused) as refusal:
        await desk.do(holds.place, card=card, instance_id="t")
    assert reasons(refusal) == ["copy-available"]
    hold, _position = await desk.do(holds.place, HEAD, card=card, instance_id="t", override=True, note="行动不便")
    assert hold.reason == "行动不便"


async def test_the_queue_is_first_come_first_served_and_nobody_stands_in_it_twice(desk, reasons) -> None:
    await lent_out(desk)
    first, second = await desk.patron(), await desk.patron()
    assert (await desk.do(holds.place, card=first, instance_id="t"))[1] == 1
    assert (await desk.do(holds.place, card=second, instance_id="t"))[1] == 2
    with pytest.raises(HoldRefused) as refusal:
        await desk.do(holds.place, card=first, instance_id="t")
    assert reasons(refusal) == ["hold-exists"]


async def test_one_patron_at_many_screens_holds_a_title_once(desk) -> None:
    await lent_out(desk)
    card = await desk.patron()
    ended = await asyncio.gather(
        *(desk.do(holds.place, card=card, instance_id="t") for _ in range(5)), return_exceptions=True
    )
    assert sum(isinstance(e, tuple) for e in ended) == 1


async def test_whoever_has_the_book_need_not_wait_for_it(desk, reasons) -> None:
    card, _barcode = await lent_out(desk)
    with pytest.raises(HoldRefused) as refusal:
        await desk.do(holds.place, card=card, instance_id="t")
    assert reasons(refusal) == ["title-on-loan-to-patron"]


async def test_a_title_we_do_not_hold_cannot_be_waited_for(desk) -> None:
    with pytest.raises(UnknownTitle):
        await desk.do(holds.place, card=await desk.patron(), instance_id="none")


async def test_a_return_goes_to_the_first_in_turn_with_shelf_and_last_day(desk) -> None:
    _card, barcode = await lent_out(desk)
    first = await desk.patron()
    await desk.do(holds.place, card=first, instance_id="t")
    done = await desk.take_back(barcode)
    assert (done.next, done.hold.card, done.hold.shelf) == ("hold_shelf", first, f"A-{first[-2:]}")
    assert (done.hold.until - desk.today).days == 5
    assert (await desk.find_patron(first)).holds_ready == 1
    (_n, ready, _c), = await desk.said("reader.hold.ready")
    assert ready["barcode"] == barcode


async def test_a_kept_item_is_lent_to_its_patron_alone(desk, reasons) -> None:
    other, barcode = await lent_out(desk)
    card = await desk.patron()
    await desk.do(holds.place, card=card, instance_id="t")
    await desk.take_back(barcode)
    with pytest.raises(LoanRefused) as refusal:
        await desk.lend(other, barcode)
    assert reasons(refusal) == ["held-for-another"]
    done = await desk.lend(card, barcode)
    assert done.filled.card == card
    patron = await desk.find_patron(card)
    assert (patron.holds_ready, patron.holds_waiting, patron.open_loans) == (0, 0, 1)


async def test_two_copies_back_at_once_serve_two_patrons(desk) -> None:
    _a, one = await lent_out(desk)
    _b, two = await lent_out(desk)
    waiting = [await desk.patron(), await desk.patron()]
    for card in waiting:
        await desk.do(holds.place, card=card, instance_id="t")
    done = await asyncio.gather(desk.take_back(one), desk.take_back(two))
    assert sorted(d.hold.card for d in done) == sorted(waiting)


async def test_an_unfetched_hold_ends_and_the_item_goes_to_the_next(desk) -> None:
    _card, barcode = await lent_out(desk)
    late, next_ = await desk.patron(), await desk.patron()
    for card in (late, next_):
        await desk.do(holds.place, card=card, instance_id="t")
    await desk.take_back(barcode)
    desk.days_later(5)
    assert await desk.do(holds.expire) == 0
    desk.days_later(1)
    assert await desk.do(holds.expire) == 1
    async with desk.works.sessions() as session:
        assert [i.barcode for i in await to_pull(session)] == [barcode]
    done = await desk.take_back(barcode)
    assert (done.next, done.hold.card) == ("hold_shelf", next_)
    assert (await desk.find_patron(late)).no_shows == 1


@pytest.mark.parametrize("others_wait", [True, False])
async def test_what_is_kept_for_somebody_is_not_taken_off_the_shelf(desk, others_wait: bool) -> None:
    _card, barcode = await lent_out(desk)
    told = await desk.patron()
    hold, _place = await desk.do(holds.place, card=told, instance_id="t")
    if others_wait:
        await desk.do(holds.place, card=await desk.patron(), instance_id="t")
    await desk.take_back(barcode)

    async def pull(work):
        return await holds.pull(work, await lock_item(work.session, barcode))

    for take_off in (pull, lambda work: holds.fetch(work, barcode=barcode)):
        with pytest.raises(StillKept):
            await desk.do(take_off)
    assert (await desk.find_item(barcode)).circulation is Circulation.hold_shelf
    await desk.do(holds.cancel, hold_id=hold.id)
    next_ = await desk.do(pull)
    assert (next_ is not None) is others_wait


async def test_three_unfetched_holds_suspend_for_five_days(desk) -> None:
    late = await desk.patron()
    for n in range(3):
        _card, barcode = await lent_out(desk, f"t{n}")
        await desk.do(holds.place, card=late, instance_id=f"t{n}")
        await desk.take_back(barcode)
    desk.days_later(6)
    await desk.do(holds.expire)
    patron = await desk.find_patron(late)
    assert patron.state is CardState.suspended
    assert standing(patron, patron.suspended_until) is CardState.suspended
    desk.days_later(6)
    assert standing(patron, desk.today) is CardState.active
    assert await desk.said("reader.card.state-changed")


async def test_a_cancelled_hold_frees_the_place_and_only_its_owner_may(desk) -> None:
    _card, _barcode = await lent_out(desk)
    first, second = await desk.patron(), await desk.patron()
    hold, _p = await desk.do(holds.place, card=first, instance_id="t")
    await desk.do(holds.place, card=second, instance_id="t")
    with pytest.raises(UnknownHold):
        await desk.do(holds.cancel, Actor(id=second, kind="patron", card=second), hold_id=hold.id)
    await desk.do(holds.cancel, Actor(id=first, kind="patron", card=first), hold_id=hold.id)
    patron = await desk.find_patron(second)
    async with desk.works.sessions() as session:
        assert [place for _h, place in await holds_of(session, patron.id)] == [1]


async def test_damage_on_the_hold_shelf_puts_the_patron_back_at_the_head(desk) -> None:
    _card, barcode = await lent_out(desk)
    card = await desk.patron()
    await desk.do(holds.place, card=card, instance_id="t")
    await desk.take_back(barcode)
    await desk.do(condition.report, barcode=barcode, kind=DamageKind.water, grade=Grade.medium)
    assert (await desk.find_patron(card)).holds_waiting == 1
    (_n, told, _c), = await desk.said("reader.hold.postponed")
    assert (told["card"], told["position"]) == (card, 1)


async def test_the_last_copy_withdrawn_ends_every_hold_and_says_so(desk) -> None:
    _card, barcode = await lent_out(desk)
    cards = [await desk.patron(), await desk.patron()]
    for card in cards:
        await desk.do(holds.place, card=card, instance_id="t")
    await desk.heed(handlers, ItemWithdrawn(
        item_id="x", barcode=barcode, title="活着", number="TX1", instance_id="t", items_left=0
    ))
    assert sorted(told["card"] for _n, told, _c in await desk.said("reader.hold.ended")) == sorted(cards)
    assert all([(await desk.find_patron(card)).holds_waiting == 0 for card in cards])


async def test_a_waiting_patron_who_finds_another_copy_leaves_the_queue(desk) -> None:
    _card, _barcode = await lent_out(desk)
    card = await desk.patron()
    await desk.do(holds.place, card=card, instance_id="t")
    found = await desk.item(instance="t")
    done = await desk.lend(card, found, CLERK)
    assert done.filled is not None
    assert (await desk.find_item(found)).circulation is Circulation.on_loan
