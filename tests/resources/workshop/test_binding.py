"""A bundle of the reading rooms is counted in, bound, checked, and entered as an item of the serial's record.

covers: RES-DIG-02 RDR-STK-BCK-02
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pymarc
import pytest

from services.resources.acquiring.subscriptions.register import subscriptions
from services.resources.cataloguing.handover.rules import NUMBERS
from services.resources.workshop.binding import rules
from services.resources.workshop.binding.model import OrderState, SetState
from services.resources.workshop.binding.orders import orders
from services.resources.workshop.binding.register import sets
from shared.events.office import BudgetAllocated
from shared.events.reader import SerialBindingReturned, SerialBindingSent
from shared.identity import Actor
from shared.refusals import Invalid, NotAllowed
from shared.states import NotFromHere, final
from shared.testing.registers import han_in, keeps_its_promises
from tests.resources.conftest import BINDER, CATALOGUER, CLERK, House

BUYER = Actor("S011", "韩采访", posts=("RES-ACQ",), dept="resources")
FUND = BudgetAllocated(budget="JF2026-0001", fund_name="中文图书", year=2026, kind="chinese_books", total_cents=10**7, available_cents=10**7)
BUNDLE, BATCH = "GK2026-0001", "GP2026-0001"
CHECKED = {"order_right": True, "pages_right": True, "spine_right": True}


def about(**more: Any) -> dict[str, Any]:
    return {
        "number": BUNDLE, "title_number": "BK2026-0001", "title": "图书情报工作", "label": "2025年", "from_on": date(2025, 1, 1),
        "to_on": date(2025, 12, 31), "present": 3, "lacking": 0, "batch": BATCH, **more,
    }


def sent(**more: Any) -> SerialBindingSent:
    told = about(binder="文印中心", issues=("第1期", "第2期", "第3期"), spine="图书情报工作 2025", colour="深蓝", issn="1000-0135")
    return SerialBindingSent(**{**told, **more})


def back(outcome: str, **more: Any) -> SerialBindingReturned:
    return SerialBindingReturned(**about(outcome=outcome, outcome_label="x", **more))


async def number_of(house: House, bundle: str = BUNDLE, batch: str = BATCH) -> str:
    ((no,),) = await house.rows("SELECT no FROM binding_set WHERE bundle = :u AND batch = :a", u=bundle, a=batch)
    return str(no)


async def state_of(house: House, bundle: str = BUNDLE, batch: str = BATCH) -> str:
    return str((await house.rows("SELECT state FROM binding_set WHERE bundle = :u AND batch = :a", u=bundle, a=batch))[0][0])


async def step(house: House, no: str, verb: str, who: Actor = BINDER, **asked: Any) -> Any:
    async with house.work(who) as work:
        return await sets.move(work, no, verb, **asked)


async def an_order(house: House, *numbers: str, **form: Any) -> str:
    """An order that left with these sets."""
    await house.heed(FUND)
    async with house.work(BINDER) as work:
        order = await orders.open(work, **{"way": "outside", "binder": "江畔装订厂", "unit_cents": "18.00", "fund": FUND.budget, **form})
        for no in numbers:
            await sets.move(work, no, "assign", order=order.no)
    async with house.work(BINDER) as work:
        await orders.move(work, order.no, "send")
    return str(order.no)


@pytest.fixture
async def record(house: House, tmp_path: Path) -> str:
    """The serial's record, released, with ISSN and call number."""
    await house.places()
    made = pymarc.Record(force_utf8=True)
    made.leader = pymarc.Leader("00000nas a2200000   4500")
    for tag, *pairs in (
        ("001", "s1"), ("022", ("a", "1000-0135")), ("245", ("a", "图书情报工作")), ("260", ("a", "北京"), ("b", "科学出版社"), ("c", "1980-")),
        ("090", ("a", "G25/1")),
    ):
        field = pymarc.Field(tag, data=pairs[0]) if tag == "001" else pymarc.Field(  # type: ignore[arg-type]
            tag, indicators=["1", "0"], subfields=[pymarc.Subfield(*pair) for pair in pairs]
        )
        made.add_field(field)
    path = tmp_path / "serial.mrc"
    path.write_bytes(made.as_marc())
    await house.read(path)
    ((number,),) = await house.rows("SELECT number FROM instance")
    return str(number)


async def test_the_whole_way_from_the_slip_to_the_item(house: House, record: str) -> None:
    async with house.work(BUYER) as work:
        bought = await subscriptions.open(
            work, title="图书情报工作", kind="journal", source="gift", issn="10000135", price_minor="480.00", from_on=date(2025, 1, 1), to_on=date(2025, 12, 31),
        )
    for _twice in range(2):
        await house.heed(sent(subscription=bought.no), a_field_we_do_not_know=1)
    no = await number_of(house)
    with pytest.raises(rules.CountDiffers):
        await step(house, no, "count_in", counted=2)
    await step(house, no, "count_in", counted=3)
    assert [f[1]["counted"] for f in await house.said("resources.binding.received")] == [3]
    with pytest.raises(rules.NoSuchOrder):
        await step(house, no, "assign", order="ZD2020-0001")
    async with house.work(BINDER) as work:
        empty = await orders.open(work, way="own")
    async with house.work(BINDER) as work:
        with pytest.raises(rules.NothingOnIt):
            await orders.move(work, empty.no, "send")
    order = await an_order(house, no)
    with pytest.raises(rules.StillAway):
        async with house.work(BINDER) as work:
            await orders.move(work, order, "close")
    await step(house, no, "take_in")
    with pytest.raises(rules.NotPassed):
        await step(house, no, "accept", order_right=True)
    await step(house, no, "redo", defect="spine", remark="书脊年份印错")
    await step(house, no, "take_in")
    await step(house, no, "accept", **CHECKED)
    async with house.work(BINDER) as work:
        done = await orders.move(work, order, "close")
    assert (done.volumes, done.sum_cents) == (1, 1800), "what is done again is paid for once"
    with pytest.raises(NotAllowed):
        await step(house, no, "enter", place="sk-2f")
    with pytest.raises(Invalid):
        await step(house, no, "enter", CATALOGUER)
    await step(house, no, "enter", CATALOGUER, place="sk-2f")
    ((barcode, call, price, volume, kind, life),) = await house.rows("SELECT barcode, call_number, price_cents, volume, kind, life FROM item")
    assert (call, price, volume, kind, life) == ("G25/1:2025", 49_800, "2025年", "serial", "in_process")
    ((_name, told),) = await house.said("resources.binding.completed")
    assert (told["barcode"], told["bundle"], told["batch"], told["call_number"], told["round"]) == (barcode, BUNDLE, BATCH, call, 2)
    await house.heed(back("bound"))
    assert await state_of(house) == "bound", "the rooms received what they were told of"
    assert NUMBERS == "JJ"


async def test_a_volume_sent_again_is_the_same_item_and_costs_nothing(house: House, record: str) -> None:
    for batch in (BATCH, "GP2026-0002"):
        await house.heed(sent(batch=batch))
        no = await number_of(house, batch=batch)
        await step(house, no, "count_in", counted=3)
        await an_order(house, no)
        await step(house, no, "take_in")
        await step(house, no, "accept", **CHECKED)
        await step(house, no, "enter", CATALOGUER, **({"place": "sk-2f", "worth": "30.00"} if batch == BATCH else {}))
        await house.heed(back("bound", batch=batch))
        await house.heed(back("redo", batch=batch, remark="次序颠倒"))
    assert [tuple(r) for r in await house.rows("SELECT count(*), min(price_cents) FROM item")] == [(1, 3000)]
    assert [tuple(r) for r in await house.rows("SELECT round, price_cents FROM binding_set ORDER BY no")] == [(1, 1800), (2, 0)]
    assert len({f[1]["barcode"] for f in await house.said("resources.binding.completed")}) == 1


async def test_what_goes_back_is_confirmed_by_the_rooms_and_not_charged(house: House) -> None:
    await house.heed(sent())
    no = await number_of(house)
    await step(house, no, "send_back", remark="第 3 期不在捆内")
    assert [f[1]["reason"] for f in await house.said("resources.binding.sent-back")] == ["第 3 期不在捆内"]
    await house.heed(back("unbound"))
    assert await state_of(house) == "returned"
    await house.heed(sent(batch="GP2026-0002"))
    again = await number_of(house, batch="GP2026-0002")
    await step(house, again, "count_in", counted=3)
    order = await an_order(house, again)
    await step(house, again, "send_back", remark="装订厂发现缺页")
    async with house.work(BINDER) as work:
        assert (await orders.move(work, order, "close")).sum_cents == 0
    # Fetched by the rooms before it was an item: nobody here waits for it any more.
    await house.heed(sent(batch="GP2026-0003"))
    for _twice in range(2):
        await house.heed(back("bound", batch="GP2026-0003"))
    assert await state_of(house, batch="GP2026-0003") == "taken_back"
    await house.heed(back("bound", batch="GP2026-0009"))
    with pytest.raises(NotFromHere):
        await step(house, await number_of(house, batch="GP2026-0003"), "count_in", counted=3)


async def test_an_order_names_its_binder_and_lets_go_of_its_sets_when_it_is_given_up(house: House) -> None:
    with pytest.raises(Invalid):
        async with house.work(BINDER) as work:
            await orders.open(work, way="outside")
    await house.heed(sent())
    no = await number_of(house)
    await step(house, no, "count_in", counted=3)
    async with house.work(BINDER) as work:
        order = await orders.open(work, way="own", due_on=work.today)
        await sets.move(work, no, "assign", order=order.no)
    async with house.client(BINDER, "en") as web:
        for path in (f"/resources/binding-orders/{order.no}", f"/resources/binding-orders/{order.no}/list", f"/resources/binding-sets/{no}", "/resources/binding-sets?state=received"):
            shown = await web.get(path)
            assert (shown.status_code, han_in(shown.text)) == (200, []), path
            assert no in shown.text or path.endswith("/list")
    async with house.client(Actor("S099", "外人", posts=("OFF",), dept="office")) as outside:
        assert (await outside.get(f"/resources/binding-orders/{order.no}/list")).status_code == 403
    async with house.work(BINDER) as work:
        await orders.move(work, order.no, "cancel")
    assert [tuple(r) for r in await house.rows("SELECT state, order_no FROM binding_set")] == [("received", "")]
    with pytest.raises(NotAllowed):
        await step(house, no, "assign", CLERK, order=order.no)


async def test_the_registers_keep_their_promises(house: House, record: str) -> None:
    await house.heed(FUND)
    count: Iterator[int] = iter(range(1000))

    def fill() -> dict[str, Any]:
        n = next(count)
        return {
            "bundle": f"GK-{n}", "batch": "GP-1", "title_no": "BK-1", "title": "A journal", "label": "2025", "from_on": date(2025, 1, 1),
            "to_on": date(2025, 12, 31), "present": 3, "spine": "A journal 2025", "issues": ["1", "2"], "gaps": ["3"], "barcode": f"B-{n}",
        }

    async with house.work(BINDER) as work:
        draft = await orders.open(work, way="own")

    async def prepare(_work: Any, one: Any, verb: str) -> None:
        one.barcode = "" if verb == "enter" else one.barcode

    async def with_a_set(work: Any, order: Any, verb: str) -> None:
        if verb == "send":
            (await sets.open(work, **{**fill(), "order_no": order.no})).state = "received"
        order.sum_cents, order.funding = 1800, "held"

    await keeps_its_promises(sets, house.app, fill, prepare=prepare, ask={
        "assign": {"order": draft.no}, "enter": {"place": "sk-2f", "record_no": record},
        "count_in": {"counted": 3}, "send_back": {"remark": "incomplete"}, "redo": {"defect": "order", "remark": "mixed up"}, "accept": CHECKED,
    })
    await keeps_its_promises(orders, house.app, lambda: {"way": "outside", "binder": "A binder", "unit_cents": 1800, "fund": FUND.budget},
                             prepare=with_a_set, ask={"bill": {"invoice_no": "F-1", "invoiced_on": "2026-11-20", "billed_cents": "18.00"}})


def test_a_volume_is_worth_its_months_and_its_binding_and_called_by_its_year() -> None:
    assert rules.value(48_000, date(2025, 1, 1), date(2025, 12, 31), 1800) == 49_800
    assert rules.value(100, date(2025, 1, 1), date(2025, 1, 31), 0) == 8
    assert rules.value(48_000, date(2024, 7, 1), date(2025, 6, 30), 0) == 48_000
    call = rules.call_number
    assert call("G25/1", date(2025, 1, 1), date(2025, 12, 31)) == "G25/1:2025"
    assert call("G25/1", date(2025, 1, 1), date(2025, 6, 30)) == "G25/1:2025(1-6)"
    assert call("G25/1", date(2025, 3, 1), date(2025, 3, 31)) == "G25/1:2025(3)"
    assert call("G25/1", date(2024, 7, 1), date(2025, 6, 30)) == "G25/1:2024-2025(7-6)"
    assert call(" ", date(2025, 1, 1), date(2025, 12, 31)) == ""
    assert final(rules.LIFE) == {SetState.bound, SetState.returned, SetState.taken_back}
    assert final(rules.ORDER_LIFE) == {OrderState.paid, OrderState.cancelled}
