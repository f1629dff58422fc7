"""What a loss costs, and rates of the desk. covers: RDR-DSK-BAS-04, RDR-LED-FRD-03"""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reader.desk.charges.amounts import fen
from services.reader.desk.charges.compensation import MIN_FEN, Facts, Work, reckon, sentence_of
from services.reader.desk.charges.model import Entry, Kind, Posting
from services.reader.desk.charges.rules import NoRate, NotPaid, by_rule, give_back
from services.reader.desk.charges.rules import sentence_of as said
from services.reader.desk.losses.model import How, Loss, LossState
from services.reader.desk.losses.rules import (
    LIFE,
    OlderEdition,
    check_edition,
    last_day,
    refund_objections,
)
from shared.database import uuid7
from shared.refusals import Invalid


@pytest.mark.parametrize(("facts", "line", "amount"), [
    (Facts(3800, 3), "few", 152_00),  # the example of the rule book
    (Facts(3800, 2), "few", 152_00), (Facts(3800, 4), "few", 152_00), (Facts(3800, 5), "many", 114_00),
    (Facts(3800, 1), "single", 190_00), (Facts(3800, 9, foreign=True), "foreign", 190_00),
    (Facts(3800, 9, year=1992), "old", 380_00), (Facts(3800, 9, year=1993), "many", 114_00),
    (Facts(3800, 9, foreign=True, year=1980), "old", 380_00),
    (Facts(3800, 9, stolen=True), "stolen", 380_00), (Facts(3800, 1, Work.set, set_price_fen=20000), "whole_set", 600_00),
    (Facts(3800, 9, Work.set), "volume", 190_00), (Facts(500, 9, Work.issue, year_price_fen=12000), "issue", 120_00),
    (Facts(0, 1, Work.bound, year_price_fen=12000), "bound", 366_00), (Facts(300, 9), "many", 20_00),
    (Facts(500, 1, Work.issue, year_price_fen=1000), "issue", 20_00),
])
def test_every_line_of_the_table(facts, line, amount) -> None:
    told = reckon(facts)
    assert (told["line"], told["amount_cents"]) == (line, amount)


def test_the_reckoning_names_line_copies_and_minimum() -> None:
    assert sentence_of(reckon(Facts(3800, 3))) == "中文图书，馆藏 2–4 本：4 倍；¥38.00 × 4 = ¥152.00（馆藏 3 本）"
    assert "¥6.00" in sentence_of(reckon(Facts(0, 1, Work.bound, year_price_fen=12000)))
    assert "按 ¥20.00 收" in sentence_of(reckon(Facts(300, 9)))


@given(price=st.integers(1, 10**7), copies=st.integers(1, 50))
def test_more_copies_never_cost_more_and_nothing_costs_less_than_the_minimum(price, copies) -> None:
    here, one_more = (reckon(Facts(price, n))["amount_cents"] for n in (copies, copies + 1))
    assert here >= one_more >= MIN_FEN


@pytest.mark.parametrize(("kind", "number", "amount"), [
    (Kind.damage, 3, 150), (Kind.barcode, 1, 100), (Kind.disc, 2, 2000), (Kind.card, 1, 1000), (Kind.processing, 1, 500),
])
def test_fixed_rates(kind, number, amount) -> None:
    told = by_rule(kind, number=number)
    assert told["amount_cents"] == amount
    assert str(number) in said(told)


def test_what_has_no_rate_or_no_sense_is_refused() -> None:
    with pytest.raises(NoRate):
        by_rule(Kind.lost)
    for number in (0, -1, 501):
        with pytest.raises(Invalid):
            by_rule(Kind.damage, number=number)


@pytest.mark.parametrize("text", ["1.005", "-1", "abc", "NaN", "1e99", "Infinity"])
def test_amounts_that_are_no_amounts(text) -> None:
    with pytest.raises(Invalid):
        fen(text, "yuan")


def test_amounts_as_people_type_them() -> None:
    assert [fen(t, "x") for t in ("12.5", "¥ 12.50".replace(" ", ""), "1,200", "")] == [1250, 1250, 120000, None]


def entry(posting: Posting, amount: int, at: datetime) -> Entry:
    return Entry(patron_id=uuid7(), card="1", posting=posting, kind=Kind.lost, amount_fen=amount, actor="a", at=at, receipt="SJ1")


def test_a_refund_is_a_pair_that_leaves_the_debt_alone() -> None:
    at = datetime(2026, 1, 31, 4, tzinfo=UTC)
    credit, refund = give_back(entry(Posting.payment, -15200, at), actor="b", at=at)
    assert (credit.amount_fen, refund.amount_fen) == (-15200, 15200)
    with pytest.raises(NotPaid):
        give_back(entry(Posting.waiver, -15200, at), actor="b", at=at)


@pytest.mark.parametrize(("paid", "last"), [
    (date(2026, 1, 31), date(2026, 2, 28)), (date(2026, 12, 15), date(2027, 1, 15)), (date(2026, 3, 1), date(2026, 4, 1)),
])
def test_the_month_of_a_refund(paid, last) -> None:
    assert last_day(paid) == last


def test_why_money_stays() -> None:
    at = datetime(2026, 1, 31, 4, tzinfo=UTC)
    loss = Loss(no="YS1", barcode="A", title="t", instance_id="i", how=How.declared, state=LossState.money, item_id=uuid7(),
                opened_at=at, opened_by="a", moved_at=at)
    paid = entry(Posting.payment, -15200, at)
    ask = {"returned_on": date(2026, 2, 28), "damaged": False}
    assert refund_objections(loss, paid, **ask) == []
    assert [r.code for r in refund_objections(loss, None, **ask)] == ["not-paid"]
    late = refund_objections(loss, paid, returned_on=date(2026, 3, 1), damaged=True)
    assert [r.code for r in late] == ["too-late", "not-intact"]
    loss.new_barcode = "B"
    assert [r.code for r in refund_objections(loss, paid, **ask)] == ["replaced"]


def test_a_copy_is_never_older() -> None:
    check_edition(2010, 2010)
    check_edition(2010, None)
    with pytest.raises(OlderEdition):
        check_edition(2010, 2009)


def test_every_state_of_a_case_can_be_reached_and_left_or_is_an_end() -> None:
    reached = {LossState.searching, LossState.open} | set(LIFE.values())
    assert reached == set(LossState)
    assert set(LossState) - {state for state, _verb in LIFE} == {
        LossState.found, LossState.kept_both, LossState.let_go,
    }
