"""The judge of the storms: silent before a true world, and not to be deceived by a false one; the same seed is the same storm.

covers: TEC-SYS-03
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.chaos.diary import Diary
from tests.chaos.facts import Facts
from tests.chaos.faults import KINDS, plan
from tests.chaos.judge import judge
from tests.chaos.library import OUT, Book, Library

World = tuple[Diary, Library, Facts]


def a_true_world() -> World:
    """One book lent, taken back late and lent again to whoever waited; the fine is paid; an order and its invoice."""
    diary, library = Diary(), Library()
    book = library.books["B1"] = Book("B1", "T1")

    def did(verb: str, body: dict[str, Any], answer: dict[str, Any], *, path: str = "", about: str = "B1", status: int = 200) -> None:
        deed = diary.new(actor="desk", who="rdr-dsk", verb=verb, path=path, body=body, about=about)
        begun = library.begin(book, verb, body.get("card", ""))
        deed.status, deed.answer = status, answer
        library.end(book, deed, begun)

    did("lend", {"card": "A", "barcode": "B1"}, {"loan_id": "L1"})
    did("lend", {"card": "C", "barcode": "B1"}, {"reasons": []}, status=409)
    did("hold", {"card": "C"}, {"id": "H1", "card": "C"})
    did("return", {"barcode": "B1"}, {"loan": {"loan_id": "L1", "card": "A"}, "fine_cents": 50, "next": "hold_shelf", "hold": {"card": "C"}})
    did("pay", {"card": "A"}, {"receipt": "S1", "amount_cents": 50}, about="A")
    library.owe("A", -50)
    did("lend", {"card": "C", "barcode": "B1"}, {"loan_id": "L2", "hold": {"id": "H1"}})
    did("scan", {"barcodes": ["B1"]}, {}, about="Q1")
    did("submit invoice", {}, {}, path="/api/resources/invoices/F1/submit", about="F1")
    events = {"e1": 1, "e2": 2}
    facts = Facts(
        loans=[("L1", "B1", "A", True, 0), ("L2", "B1", "C", False, 0)], holds=[("H1", "C", "T1", None, "filled")],
        ledger=[("E1", "A", "charge", 50, ""), ("E2", "A", "payment", -50, "S1")], debts={"A": 0, "C": 0},
        documents={"loan": ["L1", "L2"], "hold": ["H1"], "voucher": ["F1"]}, scans=[("Q1", "B1", 1)],
        orders=[("O1", "placed", 700, 700), ("O2", "closed", 300, 0)], invoices=[("F1", "paid", 300, 300)], budgets=[("J1", "spent", 300, 300)],
        refunds=[("Y1", "P1", 20, 20)], logs={"reader": events}, wanted={("office", "reader"): {"e1", "e2"}},
        heard={("office", "reader"): {"e1", "e2"}}, chronicle={"e1": 1, "e2": 1}, credits_due={("e1", "D")}, credits={("e1", "D")},
        copies=[("resources.items", 5, 0, "")],
    )
    return diary, library, facts


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    assert judge(*a_true_world()) == []


def _lost_loan(world: World) -> None:
    world[2].documents["loan"].remove("L2")
    world[2].loans.pop()


def _double_loan(world: World) -> None:
    world[2].documents["loan"].append("L3")
    world[2].loans.append(("L3", "B1", "A", False, 0))


def _answered_twice(world: World) -> None:
    world[0].deeds[-3].answer["loan_id"] = "L1"


def _hold_with_two_owners(world: World) -> None:
    later = copy.deepcopy(world[0].deeds[5])
    later.body["card"], later.answer["loan_id"] = "A", "L2"
    world[0].deeds.append(later)


def _never_answered(world: World) -> None:
    world[0].deeds[0].status = 0


def _taken_in_by_nobody(world: World) -> None:
    world[2].heard["office", "reader"].remove("e2")


FALSE: dict[str, Callable[[World], Any]] = {
    "answered, but not there": _lost_loan, "two open loans": _double_loan, "there, but answered to nobody": _double_loan,
    "answered for two": _answered_twice, "a hold with two owners": _hold_with_two_owners, "never answered": _never_answered,
    "facts lost": _taken_in_by_nobody,
    "a return went astray": lambda world: world[2].loans.__setitem__(0, ("L1", "B1", "A", False, 0)),
    "another borrower": lambda world: world[2].loans.__setitem__(1, ("L2", "B1", "A", False, 0)),
    "a book is elsewhere": lambda world: world[2].loans.__setitem__(1, ("L2", "B1", "C", True, 0)),
    "one book kept for two": lambda world: world[2].holds.extend([("H2", "A", "T1", "I1", "ready"), ("H3", "C", "T2", "I1", "ready")]),
    "an account does not agree": lambda world: world[2].debts.update(A=50),
    "a receipt is on one side only": lambda world: world[2].ledger.append(("E3", "C", "payment", 0, "S2")),
    "done twice": lambda world: world[2].documents["voucher"].append("F1"),
    "a scan went astray": lambda world: world[2].scans.__setitem__(0, ("Q1", "B1", 2)),
    "both sides of an order disagree": lambda world: world[2].orders.__setitem__(0, ("O1", "placed", 700, 0)),
    "both sides of an invoice disagree": lambda world: world[2].invoices.__setitem__(0, ("F1", "paid", 300, 600)),
    "both sides of a refund disagree": lambda world: world[2].refunds.__setitem__(0, ("Y1", "P1", 20, 0)),
    "a budget does not agree": lambda world: world[2].budgets.__setitem__(0, ("J1", "spent", 300, 299)),
    "facts without a place": lambda world: world[2].logs["reader"].update(e2=0),
    "two facts in one place": lambda world: world[2].logs["reader"].update(e2=1),
    "duties not credited": lambda world: world[2].credits.clear(),
    "duties credited for nothing": lambda world: world[2].credits.add(("e2", "D")),
    "the ledger of duties is broken": lambda world: setattr(world[2], "chain", "gap at 7"),
    "a dead letter": lambda world: world[2].letters.append(("office", "reader", "guanwu.reader.item.lent.v1", "item:B1", "why")),
    "a copy differs from its owner": lambda world: world[2].differences.append(("resources.items", "I1", "{}", None)),
    "a copy was not compared": lambda world: world[2].copies.append(("resources.records", 0, 0, "silent")),
}


@pytest.mark.parametrize("kind", FALSE)
def test_a_false_world_is_convicted_with_its_trace(kind: str) -> None:
    world = a_true_world()
    FALSE[kind](world)
    found = judge(*world)
    assert kind in {one.kind for one in found}
    if kind == "two open loans":
        assert [deed["verb"] for deed in next(one for one in found if one.kind == kind).trace][:2] == ["lend", "lend"]


def test_an_answer_against_the_model_is_a_finding_only_when_nobody_else_was_there() -> None:
    diary, library, facts = a_true_world()
    book = library.books["B1"]
    assert book.where == OUT
    for others, wrong in ((True, 0), (False, 1)):
        deed = diary.new(actor="desk", who="rdr-dsk", verb="lend", path="", body={"card": "A"}, about="B1")
        begun = library.begin(book, "lend", "A")
        other = library.begin(book, "return", "") if others else None
        deed.status, deed.answer = 201, {"loan_id": "L2"}
        library.end(book, deed, begun)
        if other:
            back = diary.new(actor="other", who="rdr-cir", verb="return", path="", body={}, about="B1")
            back.status = 409
            library.end(book, back, other)
            book.sure = True
        assert len(library.astray) == wrong
    assert "another answer than the model's" in {one.kind for one in judge(diary, library, facts)}


def test_the_same_seed_is_the_same_storm_and_every_kind_of_fault_comes() -> None:
    assert plan(7, 3) == plan(7, 3) != plan(8, 3)
    assert {fault.kind for fault in plan(7, 4)} == set(KINDS)
    assert all(fault.what in KINDS[fault.kind] and fault.at < 240 for fault in plan(7, 4))
