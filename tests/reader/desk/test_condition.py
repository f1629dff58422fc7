"""A damaged book finds its way back. covers: RDR-DSK-BAS-05, RDR-LED-FRD-05, RDR-CIR-OTH-05"""

from __future__ import annotations

import pytest

from services.reader.desk.circulation.rules import LoanRefused
from services.reader.desk.condition import commands as condition
from services.reader.desk.condition.handlers import handlers
from services.reader.desk.condition.model import DamageKind, Grade, SlipState
from services.reader.desk.condition.queries import (
    inspections,
    slip_by_number,
    stepper,
    waiting_inspection,
)
from services.reader.desk.condition.rules import AlreadyDecided, AlreadyReported
from services.reader.desk.holds import commands as holds
from services.reader.desk.items.handlers import handlers as item_handlers
from services.reader.desk.items.model import Circulation, Condition, Custodian, Stock
from shared.events import resources
from shared.refusals import Invalid, SamePerson
from shared.states import NotFromHere
from tests.reader.desk.conftest import CLERK, COLLEAGUE, HEAD


def repair(fact, barcode: str, slip: str, **facts):
    return fact(item_id="x", barcode=barcode, title="活着", number="XB2026-0001", slip=slip, **facts)


async def report(desk, barcode: str, grade: Grade = Grade.medium, actor=CLERK):
    return await desk.do(condition.report, actor, barcode=barcode, kind=DamageKind.spine, grade=grade, note="书脊脱胶")


async def slip_of(desk, number: str):
    async with desk.works.sessions() as session:
        slip = await slip_by_number(session, number)
        return slip, await waiting_inspection(session, slip.id)


async def come_back(desk, barcode: str, slip: str, **facts) -> None:
    await desk.heed(handlers, repair(resources.RepairStarted, barcode, slip, operator="D0001"))
    await desk.heed(handlers, repair(resources.RepairCompleted, barcode, slip, minutes=25, **facts))


async def test_a_medium_damage_asks_the_workshop_and_the_item_is_unlendable_at_once(desk) -> None:
    card, barcode = await desk.patron(), await desk.item()
    slip = await report(desk, barcode)
    assert slip.state is SlipState.to_workshop
    (_n, told, case), = await desk.said("reader.item.damaged")
    assert (told["slip"], told["grade"], case) == (slip.number, "medium", str(slip.correlation))
    with pytest.raises(LoanRefused):
        await desk.lend(card, barcode)


async def test_the_whole_story_ends_on_the_shelf_under_one_correlation(desk) -> None:
    barcode = await desk.item()
    slip = await report(desk, barcode)
    await desk.heed(handlers, repair(resources.RepairOpened, barcode, slip.number, kind="spine", grade="medium"))
    await desk.heed(handlers, repair(resources.RepairStarted, barcode, slip.number))
    item = await desk.find_item(barcode)
    assert (item.condition, item.custodian) == (Condition.in_repair, Custodian.resources)
    await desk.heed(handlers, repair(resources.RepairCompleted, barcode, slip.number, minutes=30))
    _slip, waiting = await slip_of(desk, slip.number)
    done = await desk.do(condition.judge, COLLEAGUE, inspection_id=waiting.id, passed=True, checklist=["spine", "junk"])
    assert (done.next, done.inspection.checklist) == ("shelve", ["spine"])
    item = await desk.find_item(barcode)
    assert (item.condition, item.circulation, item.custodian) == (
        Condition.sound, Circulation.available, Custodian.reader
    )
    ours = [(n, case) for n, _p, case in await desk.said()]
    assert [n for n, _case in ours] == [
        "reader.item.damaged", "reader.inspection.opened", "reader.inspection.passed", "reader.item.shelved"
    ]
    assert {case for _n, case in ours} == {str(slip.correlation)}


async def test_a_passed_item_goes_to_whoever_waits(desk) -> None:
    barcode = await desk.item(instance="t")
    slip = await report(desk, barcode)
    card = await desk.patron()
    await desk.do(holds.place, card=card, instance_id="t")
    await come_back(desk, barcode, slip.number)
    _slip, waiting = await slip_of(desk, slip.number)
    done = await desk.do(condition.judge, inspection_id=waiting.id, passed=True)
    assert (done.next, done.hold.card) == ("hold_shelf", card)
    assert (await desk.said("reader.hold.ready"))[0][2] == str(slip.correlation)


async def test_light_damage_is_mended_at_the_desk_and_seen_by_a_second_pair_of_eyes(desk) -> None:
    barcode = await desk.item()
    slip = await report(desk, barcode, Grade.light)
    assert slip.state is SlipState.to_mend
    await desk.do(condition.start_mending, number=slip.number)
    await desk.do(condition.finish_mending, number=slip.number, minutes=8, material="糨糊、棉纸")
    _slip, waiting = await slip_of(desk, slip.number)
    with pytest.raises(SamePerson):
        await desk.do(condition.judge, CLERK, inspection_id=waiting.id, passed=True)
    done = await desk.do(condition.judge, COLLEAGUE, inspection_id=waiting.id, passed=True)
    assert done.slip.state is SlipState.passed
    assert [n for n, *_ in await desk.said()][1:3] == ["reader.item.mended", "reader.inspection.opened"]


async def test_light_damage_that_is_worse_goes_to_the_workshop_after_all(desk) -> None:
    slip = await report(desk, await desk.item(), Grade.light)
    slip = await desk.do(condition.send_to_workshop, number=slip.number, note="内芯散开")
    assert (slip.state, slip.grade) == (SlipState.to_workshop, Grade.medium)
    assert [p["grade"] for _n, p, _c in await desk.said("reader.item.damaged")] == ["light", "medium"]


async def test_heavy_damage_goes_to_weeding_at_once(desk) -> None:
    barcode = await desk.item()
    slip = await report(desk, barcode, Grade.heavy)
    assert slip.state is SlipState.irreparable
    assert (await desk.find_item(barcode)).condition is Condition.irreparable
    assert [n for n, *_ in await desk.said()] == ["reader.item.damaged", "reader.item.irreparable"]


async def test_a_failed_inspection_needs_a_reason_and_the_second_failure_is_the_last(desk) -> None:
    barcode = await desk.item()
    slip = await report(desk, barcode)
    await come_back(desk, barcode, slip.number)
    _slip, waiting = await slip_of(desk, slip.number)
    with pytest.raises(Invalid):
        await desk.do(condition.judge, inspection_id=waiting.id, passed=False)
    done = await desk.do(condition.judge, inspection_id=waiting.id, passed=False, note="仍开胶")
    assert (done.next, done.slip.state) == ("repair", SlipState.to_workshop)
    with pytest.raises(AlreadyDecided):
        await desk.do(condition.judge, inspection_id=waiting.id, passed=True)
    await come_back(desk, barcode, slip.number, round=2)
    _slip, waiting = await slip_of(desk, slip.number)
    assert waiting.round == 2
    done = await desk.do(condition.judge, inspection_id=waiting.id, passed=False, note="又开胶")
    assert done.slip.state is SlipState.irreparable
    assert [n for n, *_ in await desk.said()][-2:] == ["reader.inspection.failed", "reader.item.irreparable"]


async def test_a_slip_withdrawn_before_pickup_frees_the_item(desk) -> None:
    barcode = await desk.item()
    slip = await report(desk, barcode)
    await desk.do(condition.withdraw, number=slip.number, reason="看错了")
    assert (await desk.find_item(barcode)).circulation is Circulation.available
    assert await desk.said("reader.damage.withdrawn")
    with pytest.raises(NotFromHere):
        await desk.do(condition.withdraw, number=slip.number, reason="再来")


async def test_the_workshop_was_quicker_than_the_withdrawal(desk) -> None:
    barcode = await desk.item()
    slip = await report(desk, barcode)
    await desk.do(condition.withdraw, number=slip.number, reason="看错了")
    await desk.heed(handlers, repair(resources.RepairStarted, barcode, slip.number))
    found, _none = await slip_of(desk, slip.number)
    item = await desk.find_item(barcode)
    assert (found.state, item.condition, item.circulation) == (
        SlipState.in_repair, Condition.in_repair, Circulation.to_shelve
    )


async def test_an_item_has_one_open_slip(desk) -> None:
    barcode = await desk.item()
    slip = await report(desk, barcode)
    with pytest.raises(AlreadyReported, match=slip.number):
        await report(desk, barcode)


async def test_damage_seen_while_lending_waits_for_the_return(desk) -> None:
    card, barcode = await desk.patron(), await desk.item()
    await desk.lend(card, barcode)
    await report(desk, barcode)
    assert (await desk.find_item(barcode)).circulation is Circulation.on_loan
    done = await desk.take_back(barcode)
    assert (done.next, done.item.circulation) == ("repair", Circulation.to_shelve)


async def test_facts_twice_or_out_of_order_do_no_harm(desk) -> None:
    barcode = await desk.item()
    slip = await report(desk, barcode)
    done = repair(resources.RepairCompleted, barcode, slip.number, minutes=5)
    started = repair(resources.RepairStarted, barcode, slip.number)
    for fact in (done, done, started, repair(resources.RepairOpened, barcode, "PS-none", kind="spine", grade="medium")):
        await desk.heed(handlers, fact)
    async with desk.works.sessions() as session:
        found, total = await inspections(session, state=None)
    assert (total, found[0].slip) == (1, slip.number)
    assert (await desk.find_item(barcode)).condition is Condition.re_inspection


async def test_weeding_kept_brings_a_condemned_item_back_to_the_desk(desk) -> None:
    barcode = await desk.item()
    slip = await report(desk, barcode)
    await desk.heed(handlers, repair(resources.RepairIrreparable, barcode, slip.number, note="霉烂"))
    about = {"item_id": "x", "barcode": barcode, "title": "活着", "number": "TX2026-0001"}
    await desk.heed(item_handlers, resources.WeedingProposed(**about, reason="damaged", reason_label="破损"))
    assert (await desk.find_item(barcode)).stock is Stock.withdrawal_candidate
    await desk.heed(handlers, resources.WeedingKept(**about, reason="孤本"))
    found, waiting = await slip_of(desk, slip.number)
    assert (found.state, waiting is not None) == (SlipState.re_inspection, True)
    done = await desk.do(condition.judge, HEAD, inspection_id=waiting.id, passed=True)
    assert (done.next, (await desk.find_item(barcode)).circulation) == ("shelve", Circulation.available)


async def test_a_withdrawn_item_closes_its_slip_and_cannot_be_lent(desk, reasons) -> None:
    barcode = await desk.item()
    slip = await report(desk, barcode, Grade.heavy)
    gone = resources.ItemWithdrawn(item_id="x", barcode=barcode, title="活着", number="TX1", instance_id="t")
    for heeded in (item_handlers, handlers):
        await desk.heed(heeded, gone)
    found, _none = await slip_of(desk, slip.number)
    assert found.state is SlipState.weeded
    with pytest.raises(LoanRefused) as refusal:
        await desk.lend(await desk.patron(), barcode)
    assert reasons(refusal)[0] == "item-withdrawn"


async def test_the_stage_bar_names_who_has_the_book(desk) -> None:
    barcode = await desk.item()
    slip = await report(desk, barcode)
    await desk.heed(handlers, repair(resources.RepairStarted, barcode, slip.number))
    found, _none = await slip_of(desk, slip.number)
    now = next(step for step in stepper(found) if step["state"] == "now")
    assert (now["label"], now["who"]) == ("工场修补中", "文印中心")
