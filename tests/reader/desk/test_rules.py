"""The desk's rules, without any database. covers: RDR-DSK-BAS-02, RDR-DSK-BAS-04, RDR-LED-FRD-05"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reader.desk.calendar.rules import after_open_days, next_open, open_days_between
from services.reader.desk.charges.model import Entry, Kind, Posting
from services.reader.desk.charges.rules import overdue_fine, settle
from services.reader.desk.circulation import rules as circulation
from services.reader.desk.circulation.model import Loan
from services.reader.desk.codes import clean
from services.reader.desk.condition import rules as condition
from services.reader.desk.condition.model import OPEN, DamageKind, Grade, Slip, SlipState
from services.reader.desk.holds import rules as holds
from services.reader.desk.holds.model import HoldState
from services.reader.desk.items import rules as items
from services.reader.desk.items.model import Circulation, Condition, Custodian, Item, Stock, Use
from services.reader.desk.patrons import rules as patrons
from services.reader.desk.patrons.model import CardState, Category, Patron
from shared.database import uuid7
from shared.identity import Actor
from shared.refusals import SamePerson
from shared.states import NotFromHere, final, step

NOW = datetime(2026, 3, 1, 4, tzinfo=UTC)
MARCH = date(2026, 3, 1)
LIVES = {
    "circulation": (items.LIFE_CIRCULATION, Circulation), "condition": (items.LIFE_CONDITION, Condition),
    "stock": (items.LIFE_STOCK, Stock), "custody": (items.LIFE_CUSTODY, Custodian),
    "card": (patrons.LIFE, CardState), "hold": (holds.LIFE, HoldState), "slip": (condition.LIFE, SlipState),
}


def item(**facts) -> Item:
    return Item(**{
        "id": uuid7(), "barcode": "A1", "instance_id": "t", "title": "活着", "price_fen": 2000, **facts,
    })


def patron(**facts) -> Patron:
    return Patron(**{
        "card": "20231001", "name": "张雨桐", "category": Category.undergraduate, "registered_at": NOW, **facts,
    })


@pytest.mark.parametrize(("name", "state", "action"), [
    (name, state, action)
    for name, (life, states) in LIVES.items() for state in states
    for action in sorted({a for _s, a in life})
], ids=lambda value: str(getattr(value, "value", value)))
def test_every_move_is_in_the_table_or_refused(name, state, action) -> None:
    life, _states = LIVES[name]
    if (state, action) in life:
        assert step(life, state, action) is life[state, action]
    else:
        with pytest.raises(NotFromHere):
            step(life, state, action)


@pytest.mark.parametrize("name", LIVES)
def test_every_state_can_be_reached_or_is_a_beginning(name) -> None:
    life, states = LIVES[name]
    touched = {s for s, _a in life} | set(life.values())
    assert set(states) - touched <= {CardState.expired}


def test_only_finished_slips_are_final_and_open_ones_are_named() -> None:
    assert {s.value for s in SlipState} - set(OPEN) == {"passed", "withdrawn", "weeded"}
    assert final(condition.LIFE) == {SlipState.passed, SlipState.weeded}


def test_nothing_becomes_sound_after_damage_without_a_passed_inspection_or_a_withdrawn_slip() -> None:
    # A returned disc that was only looked at was never damaged, and only what is sound is taken to be scanned or bound.
    whole = {Condition.unchecked, Condition.digitising, Condition.at_bindery}
    for away in (Condition.digitising, Condition.at_bindery):
        assert {state for (state, _a), after in items.LIFE_CONDITION.items() if after is away} == {Condition.sound, away}
    ways = {
        action for (state, action), after in items.LIFE_CONDITION.items() if after is Condition.sound and state not in whole
    }
    assert ways == {"pass", "withdraw"}


def test_ten_days_late_is_one_yuan_and_eighty_fen_with_two_closed_days() -> None:
    due, back = date(2026, 3, 1), date(2026, 3, 11)
    assert overdue_fine(due, back, closed=(), price_fen=3800)["amount_cents"] == 100
    closed = {date(2026, 3, 4), date(2026, 3, 8)}
    told = overdue_fine(due, back, closed=closed, price_fen=3800)
    assert (told["amount_cents"], told["overdue_days"], told["closed_days"]) == (80, 10, 2)


def test_the_price_caps_the_fine_and_an_unknown_price_does_not() -> None:
    due, back = date(2026, 1, 1), date(2026, 12, 31)
    assert overdue_fine(due, back, closed=(), price_fen=500)["amount_cents"] == 500
    assert overdue_fine(due, back, closed=(), price_fen=0)["amount_cents"] == 3640


DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))


@given(DAYS, st.sets(DAYS, max_size=40))
def test_no_due_date_falls_on_a_closed_day_and_none_moves_back(start, closed) -> None:
    due, explain = circulation.due_date(patrons.TERMS[Category.graduate], "graduate", start, closed)
    assert due not in closed
    assert due >= start + timedelta(days=60)
    assert len(explain["closed"]) == (due - start).days - 60


@given(DAYS, st.integers(1, 30), st.sets(DAYS, max_size=40))
def test_counting_open_days_there_and_back_agrees(start, count, closed) -> None:
    end = after_open_days(start, count, closed)
    assert open_days_between(start, end, closed)[0] == count
    assert next_open(end, closed) == end


@given(DAYS, st.integers(0, 400), st.sets(DAYS, max_size=60), st.integers(0, 9000))
def test_a_fine_is_never_negative_nor_more_than_the_price(due, late, closed, price) -> None:
    told = overdue_fine(due, due + timedelta(days=late), closed=closed, price_fen=price)
    assert 0 <= told["amount_cents"] <= (price or late * 10)
    assert told["charged_days"] + told["closed_days"] == late


@pytest.mark.parametrize(("facts", "state", "free"), [
    ({}, "available", True),
    ({"circulation": Circulation.on_loan}, "on_loan", False),
    ({"circulation": Circulation.to_shelve, "condition": Condition.damaged}, "damaged", False),
    ({"circulation": Circulation.on_loan, "condition": Condition.damaged}, "on_loan", False),
    ({"stock": Stock.withdrawn}, "withdrawn", False),
    ({"use": Use.reference}, "available", False),
    ({"circulation": Circulation.hold_shelf}, "hold_shelf", False),
])
def test_the_one_word_and_availability_follow_from_the_axes(facts, state, free) -> None:
    found = item(**facts)
    assert items.word(found).value == state
    assert items.availability(found)[0] is free
    assert bool(items.availability(found)[1]) is not free


def test_the_strip_is_off_only_while_the_item_is_out() -> None:
    found = item()
    for action, on in (("lend", False), ("return", True), ("shelve", True)):
        items.move(found, action, NOW)
        assert found.strip_on is on


def test_late_news_leaves_an_axis_alone() -> None:
    found = item(condition=Condition.sound)
    assert not items.learn(found, "condition", "come_back")
    assert items.learn(found, "stock", "withdraw")
    assert found.stock is Stock.withdrawn


def test_an_override_needs_right_note_and_nothing_impossible() -> None:
    head, clerk = Actor("H", posts=("RDR-LED",)), Actor("C", posts=("RDR-DSK",))
    debt = patrons.blocks(patron(debt_fen=1000), today=MARCH, earliest_due=None)
    assert circulation.overridden(debt, asked=True, note="已约定", actor=head)
    assert circulation.overridden(debt, asked=True, note=" ", actor=head) is None
    assert circulation.overridden(debt, asked=True, note="已约定", actor=clerk) is None
    lost = patrons.blocks(patron(state=CardState.loss_blocked), today=MARCH, earliest_due=None)
    assert circulation.overridden(lost, asked=True, note="已约定", actor=head) is None


@pytest.mark.parametrize(("facts", "codes"), [
    ({}, []), ({"debt_fen": 999}, []), ({"debt_fen": 1000}, ["debt"]), ({"oriented": False}, ["orientation-missing"]),
    ({"oriented": False, "category": Category.union}, []), ({"valid_to": date(2026, 2, 28)}, ["card-expired"]),
    ({"valid_to": MARCH}, []), ({"state": CardState.suspended, "suspended_until": MARCH}, ["card-suspended"]),
    ({"state": CardState.suspended, "suspended_until": date(2026, 2, 28)}, []),
    ({"state": CardState.closed, "oriented": False, "debt_fen": 5000}, ["card-closed", "orientation-missing", "debt"]),
])
def test_what_stops_a_patron(facts, codes) -> None:
    assert [r.code for r in patrons.blocks(patron(**facts), today=MARCH, earliest_due=None)] == codes


def test_overdue_begins_the_day_after_the_due_date() -> None:
    for due, late in ((MARCH, False), (MARCH - timedelta(days=1), True)):
        assert bool(patrons.blocks(patron(), today=MARCH, earliest_due=due)) is late


def test_a_card_is_closed_only_with_a_clean_slate() -> None:
    with pytest.raises(patrons.StillOwing) as refusal:
        patrons.change_state(patron(open_loans=2, holds_ready=1, debt_fen=50), "close", reason="毕业")
    assert [r.code for r in refusal.value.reasons] == ["open-loans", "open-holds", "open-debt"]


def test_whoever_charged_does_not_waive() -> None:
    charge = Entry(patron_id=uuid7(), card="1", posting=Posting.charge, kind=Kind.damage, amount_fen=100, actor="A", at=NOW)
    with pytest.raises(SamePerson):
        settle(charge, Posting.waiver, actor="A", at=NOW)
    assert settle(charge, Posting.payment, actor="A", at=NOW).amount_fen == -100


def test_whoever_mended_does_not_judge() -> None:
    slip = Slip(
        number="PS1", item_id=uuid7(), barcode="A1", title="活着", kind=DamageKind.spine, grade=Grade.light,
        state=SlipState.re_inspection, correlation=uuid7(), reported_by="R", reported_at=NOW, moved_at=NOW, mended_by="M",
    )
    waiting = condition.Inspection(slip_id=slip.id, slip="PS1", barcode="A1", title="活着", opened_at=NOW, mended_by="M")
    with pytest.raises(SamePerson):
        condition.decide(waiting, slip, passed=True, by="M", now=NOW)
    condition.decide(waiting, slip, passed=False, by="R", now=NOW)
    assert (slip.fails, condition.holds_no_more(slip)) == (1, False)


@pytest.mark.parametrize(("text", "meant"), [
    ("sound", None), ("", None), ("heavy", (DamageKind.other, Grade.heavy)), ("spine", (DamageKind.spine, Grade.medium)),
    ("water:light", (DamageKind.water, Grade.light)), ("coffee", (DamageKind.other, Grade.medium)),
])
def test_a_condition_in_one_word_is_understood(text, meant) -> None:
    assert condition.shorthand(text) == meant


@pytest.mark.parametrize(("typed", "code"), [("ａ０１００２３３", "A0100233"), (" a 01-2 ", "A01-2"), ("x" * 90, "X" * 60)])
def test_codes_from_any_keyboard_are_the_same(typed, code) -> None:
    assert clean(typed) == code


def test_a_renewal_counts_how_often() -> None:
    loan = Loan(item_id=uuid7(), patron_id=uuid7(), card="1", barcode="A1", title="活着", instance_id="t", lent_at=NOW, lent_by="C", due_on=MARCH, renewals=1)
    codes = [r.code for r in circulation.renewal_objections(loan, patron(), today=MARCH, first_waiting=uuid7())]
    assert codes == ["renewal-limit", "others-wait"]


def test_hold_slots_follow_the_last_two_digits() -> None:
    assert [holds.shelf_of(card) for card in ("20231017", "T9", "ABC")] == ["A-17", "A-09", "A-00"]
