"""Every state a copy can have in the library's rules, and where it may go from there.

People speak of one word; the desk keeps axes. Each row here names the word, how it reads on the axes,
and every move of its axis. What no row allows is refused, move by move, not by sample.

Not in this release, and shown below to be absent so that nobody takes it for covered: ordering (on-order).
At the bindery are single books; issues are no copies, and their volume is one when it comes.

covers: RDR-LED-FRD-01, RDR-LED-FRD-02, RDR-DSK-BAS-05
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from services.reader.desk.circulation.rules import LoanRefused
from services.reader.desk.condition import commands as condition
from services.reader.desk.condition.model import DamageKind, Grade
from services.reader.desk.holds import commands as holds
from services.reader.desk.items import rules
from services.reader.desk.items.handlers import handlers as items_handlers
from services.reader.desk.items.model import Circulation, Condition, Custodian, Stock, Use
from shared.events.resources import ItemDigitised, ItemDigitising, ItemRebound, ItemToBindery
from shared.states import NotFromHere, step
from tests.reader.desk.conftest import COLLEAGUE

C, K, S = Circulation, Condition, Stock

# word → (axis, state on it, {move: state after}).
ROWS: dict[str, tuple[Any, Any, dict[str, Any]]] = {
    "in-process": (rules.LIFE_CIRCULATION, C.in_process, {"hand_over": C.in_handover}),
    "in-handover": (rules.LIFE_CIRCULATION, C.in_handover, {"accept": C.to_shelve, "dispute": C.in_process}),
    "relocating": (rules.LIFE_CIRCULATION, C.relocating, {"receive": C.to_shelve, "miss": C.missing}),
    "to-shelve": (rules.LIFE_CIRCULATION, C.to_shelve, {
        "shelve": C.available, "lend": C.on_loan, "hold": C.hold_shelf, "send": C.in_transit, "miss": C.missing,
        "return": C.to_shelve, "take_off": C.to_shelve, "lose": C.lost, "relocate": C.relocating,
    }),
    "available": (rules.LIFE_CIRCULATION, C.available, {
        "lend": C.on_loan, "return": C.to_shelve, "take_off": C.to_shelve, "use": C.in_house_use,
        "send": C.in_transit, "miss": C.missing, "relocate": C.relocating,
    }),
    "in-house-use": (rules.LIFE_CIRCULATION, C.in_house_use, {
        "return": C.to_shelve, "lend": C.on_loan, "miss": C.missing,
    }),
    "on-loan": (rules.LIFE_CIRCULATION, C.on_loan, {
        "return": C.to_shelve, "lose": C.lost, "claim": C.claimed_returned,
    }),
    "on-hold-shelf": (rules.LIFE_CIRCULATION, C.hold_shelf, {
        "lend": C.on_loan, "return": C.to_shelve, "take_off": C.to_shelve, "miss": C.missing,
    }),
    "in-transit": (rules.LIFE_CIRCULATION, C.in_transit, {
        "return": C.to_shelve, "lend": C.on_loan, "miss": C.missing,
    }),
    "claimed-returned": (rules.LIFE_CIRCULATION, C.claimed_returned, {"return": C.to_shelve, "lose": C.lost}),
    "missing": (rules.LIFE_CIRCULATION, C.missing, {"return": C.to_shelve, "lend": C.on_loan}),
    "lost": (rules.LIFE_CIRCULATION, C.lost, {"return": C.to_shelve, "replace": C.replaced}),
    "replaced": (rules.LIFE_CIRCULATION, C.replaced, {"readmit": C.to_shelve}),
    "unchecked": (rules.LIFE_CONDITION, K.unchecked, {"check": K.unchecked, "checked": K.sound}),
    "damaged": (rules.LIFE_CONDITION, K.damaged, {
        "withdraw": K.sound, "mend": K.desk_repair, "take": K.in_repair, "come_back": K.re_inspection,
        "regrade": K.damaged, "condemn": K.irreparable,
    }),
    "desk-repair": (rules.LIFE_CONDITION, K.desk_repair, {
        "withdraw": K.sound, "come_back": K.re_inspection, "regrade": K.damaged, "condemn": K.irreparable,
    }),
    "in-repair": (rules.LIFE_CONDITION, K.in_repair, {"come_back": K.re_inspection, "condemn": K.irreparable}),
    "re-inspection": (rules.LIFE_CONDITION, K.re_inspection, {
        "pass": K.sound, "fail": K.damaged, "condemn": K.irreparable,
    }),
    "digitising": (rules.LIFE_CONDITION, K.digitising, {"scan": K.digitising, "scanned": K.sound}),
    "at-bindery": (rules.LIFE_CONDITION, K.at_bindery, {"bind": K.at_bindery, "bound": K.sound}),
    "withdrawal-candidate": (rules.LIFE_STOCK, S.withdrawal_candidate, {"readmit": S.in_stock,
        "propose": S.withdrawal_candidate, "keep": S.in_stock, "withdraw": S.withdrawn,
    }),
    "withdrawn": (rules.LIFE_STOCK, S.withdrawn, {"readmit": S.in_stock, "withdraw": S.withdrawn}),
}
# Where no word of their own belongs to a state of an axis: it is the ordinary one, or a damage's last.
PLAIN = {K.sound, K.irreparable, S.in_stock}
LATER = {"on-order"}


def copy(**axes: Any) -> Any:
    """An item as the rules see it."""
    return SimpleNamespace(**{
        "circulation": C.available, "condition": K.sound, "stock": S.in_stock, "use": Use.loan,
        "strip_on": True, "patron_id": None, "moved_at": None, **axes,
    })


@pytest.mark.parametrize("name", list(ROWS))
def test_a_row_goes_where_it_may_and_nowhere_else(name: str) -> None:
    life, state, moves = ROWS[name]
    for action in {action for _state, action in life}:
        if action in moves:
            assert step(life, state, action) is moves[action], action
        else:
            with pytest.raises(NotFromHere) as refusal:
                step(life, state, action)
            assert refusal.value.state is state


@pytest.mark.parametrize("name", list(ROWS))
def test_the_axes_read_as_the_one_word(name: str) -> None:
    state = ROWS[name][1]
    axis = {C: "circulation", K: "condition", S: "stock"}[type(state)]
    assert rules.word(copy(**{axis: state})) is state


def test_no_state_of_the_axes_is_left_out_of_the_rows() -> None:
    assert {*C, *K, *S} - {state for _life, state, _moves in ROWS.values()} == PLAIN


def test_states_of_later_work_are_absent() -> None:
    known = {state.value.replace("_", "-") for state in (*C, *K, *S)}
    assert known.isdisjoint(LATER)


def test_only_a_passed_inspection_or_a_slip_taken_back_makes_a_damaged_book_sound() -> None:
    ways = {(state, action) for (state, action), after in rules.LIFE_CONDITION.items() if after is K.sound}
    # A disc that was looked at and a book that was scanned or bound were not damaged.
    checked, scanned, bound = (K.unchecked, "checked"), (K.digitising, "scanned"), (K.at_bindery, "bound")
    assert ways == {checked, scanned, bound, (K.re_inspection, "pass"), (K.damaged, "withdraw"), (K.desk_repair, "withdraw")}
    for condition_ in set(K) - {K.sound}:
        assert not rules.availability(copy(condition=condition_))[0]


@pytest.mark.parametrize("state", list(C))
def test_only_a_sound_book_of_the_stock_on_its_shelf_is_available(state) -> None:
    assert rules.availability(copy(circulation=state))[0] is (state is C.available)
    assert not rules.availability(copy(circulation=state, stock=S.withdrawn))[0]


async def test_the_strip_is_off_only_while_the_book_is_lent(desk) -> None:
    card, code = await desk.patron(), await desk.item()
    assert (await desk.find_item(code)).strip_on
    await desk.lend(card, code)
    assert not (await desk.find_item(code)).strip_on
    await desk.take_back(code)
    assert (await desk.find_item(code)).strip_on
    for (state, action), after in rules.LIFE_CIRCULATION.items():
        item = copy(circulation=state)
        rules.move(item, action, desk.now)
        assert item.strip_on is (after is not C.on_loan), (state, action)


async def test_a_book_returned_damaged_is_not_available_until_a_second_person_passed_it(desk) -> None:
    card, code = await desk.patron(), await desk.item()
    await desk.lend(card, code)
    back = await desk.take_back(code, damage=(DamageKind("label"), Grade.light))
    assert not rules.availability(await desk.find_item(code))[0]
    await desk.do(condition.finish_mending, number=back.slip.number, minutes=5)
    assert not rules.availability(await desk.find_item(code))[0]
    ((inspection,),) = await desk.rows("SELECT id FROM inspection")
    await desk.do(condition.judge, COLLEAGUE, inspection_id=inspection, passed=True)
    assert rules.availability(await desk.find_item(code))[0]


async def test_a_book_at_the_bindery_is_not_lent_and_its_hold_waits_until_it_is_back(desk) -> None:
    code = await desk.item(instance="i-bound")
    about = {"item_id": "x", "barcode": code, "title": "活着", "number": "ZL2026-0001"}
    await desk.heed(items_handlers, ItemToBindery(**about, reason="散页"))
    item = await desk.find_item(code)
    assert (rules.word(item), item.custodian, item.circulation, rules.next_step(item)) == (K.at_bindery, Custodian.resources, C.to_shelve, "transit")
    card = await desk.patron()
    with pytest.raises(LoanRefused):
        await desk.lend(card, code)
    await desk.do(holds.place, card=card, instance_id="i-bound")
    assert [row[0] for row in await desk.rows("SELECT state FROM hold")] == ["waiting"]
    for _twice in range(2):
        await desk.heed(items_handlers, ItemRebound(**about))
    item = await desk.find_item(code)
    assert (item.condition, item.custodian, item.circulation) == (K.sound, Custodian.reader, C.to_shelve)
    back = await desk.take_back(code)
    assert back.next == "hold_shelf"


async def test_a_book_taken_to_be_scanned_is_nobodys_to_fetch_until_it_is_back_and_shelved(desk) -> None:
    code = await desk.item()
    about = {"item_id": "x", "barcode": code, "title": "活着", "number": "SZ2026-0001"}
    for _twice in range(2):
        await desk.heed(items_handlers, ItemDigitising(**about))
    item = await desk.find_item(code)
    assert (rules.word(item), item.custodian, item.circulation) == (K.digitising, Custodian.resources, C.to_shelve)
    assert (rules.availability(item)[0], rules.next_step(item)) == (False, "transit")
    for _twice in range(2):
        await desk.heed(items_handlers, ItemDigitised(**about, pages=40))
    item = await desk.find_item(code)
    assert (item.condition, item.custodian, item.circulation) == (K.sound, Custodian.reader, C.to_shelve)
    await desk.heed(items_handlers, ItemDigitising(**{**about, "barcode": "Z000000000"}))
