"""Lending rules: which decides, who may put them in force, what follows. covers: RDR-LED-FRD-01, RDR-LED-FRD-03, RDR-DSK-BAS-02"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from services.reader.app import service
from services.reader.desk.calendar import commands as calendar
from services.reader.desk.charges import commands as charges
from services.reader.desk.charges.model import Kind
from services.reader.desk.charges.rules import overdue_fine
from services.reader.desk.circulation import asking_back, losing, undo
from services.reader.desk.circulation import commands as circulation
from services.reader.desk.circulation.asking_back import RecallRefused
from services.reader.desk.circulation.rules import (
    LoanRefused,
    RenewalRefused,
    due_date,
    sentence_of,
)
from services.reader.desk.holds import commands as holds
from services.reader.desk.patrons.model import CardState, Category
from services.reader.desk.patrons.rules import TERMS, Standing, blocks, limit_block
from services.reader.desk.policies import commands as policies
from services.reader.desk.policies import rules
from services.reader.desk.policies.model import SetState
from services.reader.desk.policies.queries import book_on, set_by_number
from services.reader.desk.policies.rules import ANY, STANDARD, Book, Row, RulesRefused, resolve
from services.reader.desk.policies.values import BY_NAME, VALUES, Terms, parse, typed
from shared.database import uuid7
from shared.identity import Actor
from shared.refusals import Invalid, NotAllowed, SamePerson
from shared.states import NotFromHere, step
from tests.reader.desk.conftest import CLERK, HEAD
from tests.reader.desk.test_rules import patron
from tests.support.departments import client, opened

SECOND = Actor(id="R0009", name="吴复核", posts=("RDR-LED",), dept="reader")
SCOPES = list(itertools.product((ANY, "graduate"), (ANY, "map"), (ANY, "LIT")))
MARCH = date(2026, 3, 1)


def given_at(scopes, name="days") -> Book:
    return Book("T", tuple(
        Row(n, *scope, given={name: 10 + n}) for n, scope in enumerate(scopes, 1)
    ))


# -- which rule decides

def test_more_criteria_win_and_among_as_many_category_before_kind_before_location() -> None:
    order = sorted(SCOPES, key=lambda s: Row(1, *s).weight, reverse=True)
    assert order == [
        ("graduate", "map", "LIT"), ("graduate", "map", ANY), ("graduate", ANY, "LIT"), (ANY, "map", "LIT"),
        ("graduate", ANY, ANY), (ANY, "map", ANY), (ANY, ANY, "LIT"), (ANY, ANY, ANY),
    ]


@given(st.lists(st.sampled_from(SCOPES), unique=True, max_size=8), st.sampled_from(sorted(BY_NAME.keys() - {"hard_due_on", "hard_due_mode"})))
def test_the_most_specific_fitting_rule_wins_and_the_rest_are_named_in_order(scopes, name) -> None:
    book = given_at(scopes, name)
    ruling = resolve(book, "graduate", "map", "LIT")
    order = sorted(book.rows, key=lambda row: row.weight, reverse=True)
    if not order:
        assert ruling.terms == Terms()
        return
    assert getattr(ruling.terms, name) == order[0].given[name]
    assert (ruling.by[name].no, ruling.by[name].lost) == (order[0].no, tuple(row.no for row in order[1:]))


@given(st.lists(st.tuples(st.sampled_from(SCOPES), st.sets(st.sampled_from(["items", "days", "renewals", "grace_days"]))), unique_by=lambda r: r[0], max_size=8))
@settings(max_examples=60)
def test_every_value_is_inherited_by_itself(rows) -> None:
    book = Book("T", tuple(Row(n, *scope, given=dict.fromkeys(said, 100 + n)) for n, (scope, said) in enumerate(rows, 1)))
    for category, kind, location in itertools.product(("graduate", "staff"), ("map", "book"), ("LIT", "SCI")):
        ruling = resolve(book, category, kind, location)
        for name in ("items", "days", "renewals", "grace_days", "debt_limit"):
            fitting = [row for row in book.rows if row.fits(category, kind, location) and name in row.given]
            winner = max(fitting, key=lambda row: row.weight, default=None)
            assert getattr(ruling.terms, name) == (winner.given[name] if winner else getattr(Terms(), name))
            assert ruling.by[name].no == (winner.no if winner else 0)


def test_no_limit_in_a_specific_rule_is_not_inheritance() -> None:
    book = Book("T", (Row(1, given={"debt_limit": 500}), Row(2, "staff", given={"debt_limit": None})))
    assert resolve(book, "staff").terms.debt_limit is None
    assert resolve(book, "graduate").terms.debt_limit == 500


@pytest.mark.parametrize(("category", "items", "days", "renewals"), [
    ("undergraduate", 10, 30, 1), ("graduate", 20, 60, 1), ("staff", 30, 90, 2), ("union", 5, 30, 1),
])
def test_the_standard_rules_are_the_table_of_the_house(category, items, days, renewals) -> None:
    terms = resolve(STANDARD, category, "book", "LIT").terms
    assert (terms.items, terms.days, terms.renewals) == (items, days, renewals)
    assert (terms.fine_per_day, terms.fine_cap, terms.debt_limit, terms.hold_keep_days) == (10, "price", 1000, 5)


def test_what_people_type_is_read_back_as_typed_and_nonsense_is_named() -> None:
    full = {v.name: {"count": "3", "days": "7", "money": "0.20", "cap": "书价", "flag": "no", "date": "2027-01-15", "mode": "on"}[v.sort] for v in VALUES}
    good = parse(full)
    assert not good.errors
    assert {name: typed(name, value) for name, value in good.given.items()} == full
    assert parse({"debt_limit": "无", "days": " "}).given == {"debt_limit": None}
    bad = parse({"items": "-1", "days": "400", "fine_per_day": "0.001", "fine_cap": "1e999", "skip_closed": "x", "hard_due_on": "soon", "holds": "无", "renewals": "²"})
    assert not bad.given
    assert set(bad.errors) == {"items", "days", "fine_per_day", "fine_cap", "skip_closed", "hard_due_on", "holds", "renewals"}


@pytest.mark.parametrize(("state", "action"), list(itertools.product(SetState, ["activate", "retire"])))
def test_a_version_lives_by_its_table(state, action) -> None:
    if after := rules.LIFE.get((state, action)):
        assert step(rules.LIFE, state, action) is after
    else:
        with pytest.raises(NotFromHere):
            step(rules.LIFE, state, action)


# -- due date, fine, suspension

@pytest.mark.parametrize(("mode", "fixed", "due"), [
    ("before", "2026-03-10", "2026-03-10"), ("before", "2026-06-30", "2026-03-31"), ("on", "2026-06-30", "2026-06-30"),
    ("on", "2026-03-01", "2026-03-31"), ("before", "2026-02-01", "2026-03-31"),
])
def test_a_fixed_due_date_caps_or_sets_the_day_until_it_is_past(mode, fixed, due) -> None:
    terms = Terms(hard_due_on=date.fromisoformat(fixed), hard_due_mode=mode)
    made, explain = due_date(terms, "graduate", MARCH, ())
    assert made == date.fromisoformat(due)
    assert ("fixed" in explain) is (due == fixed)


@pytest.mark.parametrize(("late", "terms", "fen", "days"), [
    (10, {}, 100, 0), (10, {"fine_per_day": 50}, 500, 0), (10, {"fine_cap": 60}, 60, 0), (10, {"fine_cap": None}, 100, 0),
    (3, {"grace_days": 3}, 0, 0), (4, {"grace_days": 3}, 40, 0), (4, {"suspend_per_day": 2}, 40, 8),
    (4, {"suspend_per_day": 2, "suspend_cap": 5, "fine_per_day": 0}, 0, 5), (3, {"grace_days": 3, "suspend_per_day": 1}, 0, 0),
    (300, {"fine_per_day": 100}, 3800, 0),
])
def test_fines_suspensions_grace_and_caps(late, terms, fen, days) -> None:
    told = overdue_fine(MARCH, MARCH + timedelta(days=late), closed=(), price_fen=3800, terms=Terms(**terms))
    assert (told["amount_cents"], told["suspend_days"]) == (fen, days)


@pytest.mark.parametrize(("skip", "fen"), [(True, 80), (False, 100)])
def test_closed_days_are_free_only_where_the_rule_says_so(skip, fen) -> None:
    closed = {date(2026, 3, 4), date(2026, 3, 8)}
    assert overdue_fine(MARCH, date(2026, 3, 11), closed=closed, price_fen=3800, terms=Terms(skip_closed=skip))["amount_cents"] == fen


# -- the six blocks

@pytest.mark.parametrize(("terms", "standing", "code", "params"), [
    ({"overdue_max": 2}, {"overdue": 3, "earliest_due": MARCH}, "overdue", {"n": 3, "limit": 2}),
    ({"lost_max": 1}, {"lost": 2}, "lost-limit", {"n": 2, "limit": 1}),
    ({"recall_overdue_max": 0}, {"recalls_overdue": 1}, "recalls-overdue", {"n": 1, "limit": 0}),
    ({"recall_overdue_days": 4}, {"earliest_recall": MARCH - timedelta(days=5)}, "recall-overdue-days", {"n": 5, "limit": 4}),
])
def test_each_block_says_its_number_and_its_limit(terms, standing, code, params) -> None:
    found = blocks(patron(), today=MARCH, earliest_due=None, standing=Standing(**standing), terms=Terms(**terms))
    assert [r.code for r in found] == [code]
    assert params.items() <= found[0].params.items()
    assert all(str(value) in str(found[0]) for value in params.values())
    eased = Terms(**{name: limit + 1 for name, limit in terms.items()})
    assert blocks(patron(), today=MARCH, earliest_due=None, standing=Standing(**standing), terms=eased) == []


def test_debt_and_items_out_follow_the_rule_too() -> None:
    assert [r.code for r in blocks(patron(debt_fen=500), today=MARCH, earliest_due=None, terms=Terms(debt_limit=500))] == ["debt"]
    assert blocks(patron(debt_fen=90_000), today=MARCH, earliest_due=None, terms=Terms(debt_limit=None)) == []
    assert limit_block(patron(open_loans=2), Terms(items=3)) == []
    assert limit_block(patron(open_loans=3), Terms(items=3))[0].params == {"n": 3, "limit": 3}
    assert TERMS[Category.visitor].items == 2


# -- versions in the database

async def in_force(desk, *rows, on: date | None = None) -> str:
    """A version with these rules on top of the standard ones, drafted by one head, decided by another."""
    made = await desk.do(policies.draft, HEAD, note="测试")
    for scope, said in rows:
        book = await the_book(desk, made.number)
        same = next((r for r in book if (r.category, r.kind, r.location) == scope), None)
        await desk.do(
            policies.write_row, HEAD, number=made.number, no=same.no if same else 0, category=scope[0], kind=scope[1],
            location=scope[2], given={**(same.given if same else {}), **said},
        )
    await desk.do(policies.activate, SECOND, number=made.number, on=on or desk.today)
    return made.number


async def the_book(desk, number: str):
    return [Row(*r) for r in await desk.rows(
        "SELECT no, category, kind, location, given FROM rule_row JOIN rule_set s ON s.id = set_id WHERE number = :n ORDER BY no", n=number,
    )]


ALL = (ANY, ANY, ANY)


async def test_a_specific_rule_decides_a_loan_and_the_loan_says_which_won_and_which_lost(desk) -> None:
    number = await in_force(desk, (("undergraduate", "disc", ANY), {"days": 7}), ((ANY, ANY, "LIT"), {"days": 21}))
    card = await desk.patron()
    disc = (await desk.lend(card, await desk.item(kind="disc"))).loan
    assert (disc.due_on - desk.today).days == 7
    assert (disc.explain["rule"]["set"], disc.explain["by"]["days"]) == (number, {"no": 8, "lost": [2, 14, 1]})
    assert number in sentence_of(disc.explain)
    assert "8" in sentence_of(disc.explain)
    book = (await desk.lend(card, await desk.item())).loan
    assert (book.due_on - desk.today).days == 30


async def test_a_version_begins_on_its_day_and_open_loans_keep_theirs(desk) -> None:
    barcode, card = await desk.item(), await desk.patron()
    await in_force(desk, (("undergraduate", ANY, ANY), {"days": 5}), on=desk.today + timedelta(days=2))
    old = (await desk.lend(card, barcode)).loan
    assert (old.due_on - desk.today).days == 30
    desk.days_later(2)
    new = (await desk.lend(card, await desk.item())).loan
    assert (new.due_on - desk.today).days == 5
    assert [r[0] for r in await desk.rows("SELECT due_on FROM loan WHERE barcode = :b", b=barcode)] == [old.due_on]


async def test_whoever_had_a_hand_in_a_draft_does_not_put_it_in_force(desk) -> None:
    made = await desk.do(policies.draft, HEAD)
    await desk.do(policies.write_row, SECOND, number=made.number, category="staff", kind="map", location=ANY, given={"days": 3})
    for who in (HEAD, SECOND):
        with pytest.raises(SamePerson):
            await desk.do(policies.activate, who, number=made.number, on=desk.today)
    with pytest.raises(NotAllowed):
        await desk.do(policies.activate, CLERK, number=made.number, on=desk.today)
    with pytest.raises(NotAllowed):
        await desk.do(policies.draft, CLERK)


async def test_a_version_in_force_is_not_edited_and_not_simply_withdrawn(desk, reasons) -> None:
    number = await in_force(desk)
    with pytest.raises(RulesRefused) as edited:
        await desk.do(policies.write_row, HEAD, number=number, category="staff", kind="map", location=ANY, given={})
    with pytest.raises(RulesRefused) as withdrawn:
        await desk.do(policies.retire, HEAD, number=number)
    assert (reasons(edited), reasons(withdrawn)) == (["not-a-draft"], ["in-force"])


async def test_all_that_is_wrong_with_a_version_is_said_at_once(desk, reasons) -> None:
    made = await desk.do(policies.draft, HEAD)
    await desk.do(policies.remove_row, HEAD, number=made.number, no=1)
    with pytest.raises(RulesRefused) as refusal:
        await desk.do(policies.activate, SECOND, number=made.number, on=desk.today - timedelta(days=1))
    assert reasons(refusal) == ["past-day", "no-general-rule"]
    with pytest.raises(Invalid):
        await desk.do(policies.write_row, HEAD, number=made.number, category="staff", kind=ANY, location=ANY, given={})


async def test_a_new_version_retires_the_old_at_once_or_on_its_night(desk) -> None:
    first = await in_force(desk)
    second = await in_force(desk)
    third = await in_force(desk, on=desk.today + timedelta(days=3))
    desk.days_later(3)
    assert await desk.do(policies.retire_superseded) == 1
    states = dict(await desk.rows("SELECT number, state FROM rule_set"))
    assert states == {first: "retired", second: "retired", third: "active"}
    async with desk.works.sessions() as session:
        assert (await book_on(session, desk.today)).number == third


async def test_two_heads_at_once_put_one_version_in_force_on_a_day(desk) -> None:
    day = desk.today + timedelta(days=9)
    made = [await desk.do(policies.draft, HEAD) for _ in range(2)]
    ended = await asyncio.gather(
        *(desk.do(policies.activate, SECOND, number=one.number, on=day) for one in made), return_exceptions=True
    )
    assert sorted(type(e).__name__ for e in ended) == ["RuleSet", "RulesRefused"]


async def test_a_limit_for_one_kind_counts_that_kind_only(desk, reasons) -> None:
    await in_force(desk, (("undergraduate", "disc", ANY), {"items": 1}))
    card = await desk.patron()
    for kind in ("book", "book", "disc"):
        await desk.lend(card, await desk.item(kind=kind))
    with pytest.raises(LoanRefused) as refusal:
        await desk.lend(card, await desk.item(kind="disc"))
    assert reasons(refusal) == ["loan-limit"]
    assert refusal.value.reasons[0].params == {"n": 1, "limit": 1}
    assert (await desk.lend(card, await desk.item())).loan


async def test_lost_items_stop_by_their_number(desk, reasons) -> None:
    await in_force(desk, (ALL, {"lost_max": 0}))
    card, barcode = await desk.patron(), await desk.item()
    await desk.lend(card, barcode)
    await desk.do(losing.declare_lost, barcode=barcode)
    with pytest.raises(LoanRefused) as refusal:
        await desk.lend(card, await desk.item())
    assert reasons(refusal) == ["lost-limit"]


async def test_a_late_return_costs_by_the_rule_of_the_loan_and_suspends_over_closed_days(desk) -> None:
    await in_force(desk, (ALL, {"fine_per_day": 50, "suspend_per_day": 2, "suspend_cap": 3}))
    card, barcode = await desk.patron(), await desk.item()
    await desk.lend(card, barcode)
    await in_force(desk, (ALL, {"fine_per_day": 900}))
    desk.days_later(34)
    await desk.do(calendar.close, HEAD, day=desk.today + timedelta(days=1), reason="停电")
    done = await desk.take_back(barcode)
    until = desk.today + timedelta(days=4)
    assert (done.fine_fen, done.fine["suspend_days"], done.fine["suspended_until"]) == (200, 3, until.isoformat())
    assert done.fine["rule"]["no"] == 1
    found = await desk.find_patron(card)
    assert (found.state, found.suspended_until) == (CardState.suspended, until)
    with pytest.raises(LoanRefused, match="停借至"):
        await desk.lend(card, await desk.item())
    await desk.do(undo.undo, loan_id=done.loan.id)
    assert (await desk.find_patron(card)).state is CardState.active


async def test_a_longer_suspension_stays(desk) -> None:
    from services.reader.desk.patrons import commands as patrons

    await in_force(desk, (ALL, {"suspend_per_day": 1}))
    card, barcode = await desk.patron(), await desk.item()
    await desk.lend(card, barcode)
    desk.days_later(31)
    far = desk.today + timedelta(days=90)
    await desk.do(patrons.change_card, card=card, action="suspend", reason="违规", until=far)
    done = await desk.take_back(barcode)
    assert "suspended_until" not in done.fine
    assert (await desk.find_patron(card)).suspended_until == far


# -- recalls

async def test_a_recall_shortens_the_loan_tells_the_patron_and_keeps_both_days(desk, reasons) -> None:
    card, barcode = await desk.patron(Category.staff), await desk.item()
    lent = (await desk.lend(card, barcode)).loan
    desk.days_later(3)
    loan = await desk.do(asking_back.recall, barcode=barcode, reason="教学急用")
    guaranteed = lent.due_on - timedelta(days=90) + timedelta(days=14)
    assert (loan.due_on, loan.due_before) == (guaranteed, lent.due_on)
    assert "召回" in sentence_of(loan.explain)
    (_name, said, _case), = await desk.said("reader.loan.recalled")
    assert (said["card"], said["due_on"], said["due_before"]) == (card, guaranteed.isoformat(), lent.due_on.isoformat())
    with pytest.raises(RecallRefused) as again:
        await desk.do(asking_back.recall, barcode=barcode, reason="教学急用")
    with pytest.raises(RenewalRefused) as renewed:
        await desk.do(circulation.renew, barcode=barcode)
    assert (reasons(again), reasons(renewed)) == (["already-recalled"], ["loan-recalled"])


async def test_a_recall_gives_time_to_bring_it_and_needs_a_loan_a_reason_and_something_to_gain(desk, reasons) -> None:
    card, barcode = await desk.patron(), await desk.item()
    with pytest.raises(RecallRefused) as absent:
        await desk.do(asking_back.recall, barcode=barcode, reason="急")
    await desk.lend(card, barcode)
    with pytest.raises(Invalid):
        await desk.do(asking_back.recall, barcode=barcode, reason=" ")
    desk.days_later(28)
    with pytest.raises(RecallRefused) as late:
        await desk.do(asking_back.recall, barcode=barcode, reason="急")
    assert (reasons(absent), reasons(late)) == (["item-not-on-loan"], ["nothing-to-shorten"])


async def test_an_overdue_recall_stops_where_plain_lateness_would_not(desk, reasons) -> None:
    await in_force(desk, (ALL, {"overdue_max": 9, "recall_overdue_max": 0, "recall_overdue_days": 1}))
    card, barcode = await desk.patron(Category.graduate), await desk.item()
    await desk.lend(card, barcode)
    loan = await desk.do(asking_back.recall, barcode=barcode, reason="急")
    desk.days_later((loan.due_on - desk.today).days + 2)
    with pytest.raises(LoanRefused) as refusal:
        await desk.lend(card, await desk.item())
    assert reasons(refusal) == ["recalls-overdue", "recall-overdue-days"]


async def test_a_renewal_that_a_fixed_day_makes_useless_is_refused(desk, reasons) -> None:
    day = (desk.now + timedelta(days=20)).date()
    await in_force(desk, (ALL, {"hard_due_on": day.isoformat()}))
    card, barcode = await desk.patron(), await desk.item()
    assert (await desk.lend(card, barcode)).loan.due_on == day
    with pytest.raises(RenewalRefused) as refusal:
        await desk.do(circulation.renew, barcode=barcode)
    assert reasons(refusal) == ["no-later-due"]


async def test_a_hold_is_kept_and_limited_by_the_rule_of_its_patron(desk) -> None:
    await in_force(desk, (("graduate", ANY, ANY), {"hold_keep_days": 2, "holds": 0}))
    card, waits, barcode = await desk.patron(), await desk.patron(), await desk.item(instance="t")
    await desk.lend(card, barcode)
    with pytest.raises(Exception, match="上限 0 项"):
        await desk.do(holds.place, card=await desk.patron(Category.graduate), instance_id="t")
    await desk.do(holds.place, card=waits, instance_id="t")
    assert (await desk.take_back(barcode)).hold.until == desk.today + timedelta(days=5)


# -- costs

async def test_a_version_in_force_costs_a_scan_no_further_statement(desk) -> None:
    await in_force(desk, ((ANY, "map", ANY), {"items": 25}))
    card = await desk.patron(Category.staff)
    barcodes = [await desk.item(kind="map") for _ in range(12)]
    statements: list[str] = []
    await desk.lend(card, barcodes[0])  # the process reads the version once
    event.listen(desk.engine.sync_engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    counted = []
    for barcode in barcodes[1:]:
        statements.clear()
        await desk.lend(card, barcode)
        lending = len(statements)
        statements.clear()
        await desk.take_back(barcode)
        counted.append((lending, len(statements)))
    assert set(counted) == {counted[0]}
    assert counted[0][0] <= 5, counted
    assert counted[0][1] <= 6, counted


# -- doors

@pytest.fixture
async def app(database, desk, tmp_path) -> AsyncIterator[object]:
    from datetime import UTC

    desk.now = datetime.now(UTC)
    async with opened(service, database("reader"), tmp_path) as made:
        yield made


async def counts(desk) -> list[tuple[int, ...]]:
    return [tuple(r) for r in await desk.rows(
        "SELECT (SELECT count(*) FROM loan), (SELECT count(*) FROM outbox), (SELECT count(*) FROM audit),"
        " (SELECT sum(open_loans) FROM patron), (SELECT count(*) FROM item WHERE circulation = 'on_loan')"
    )]


async def test_a_dry_run_says_what_the_desk_would_say_and_changes_nothing(app, desk) -> None:
    card, barcode, spoilt = await desk.patron(), await desk.item(), await desk.patron(oriented=False)
    await desk.do(charges.charge, card=spoilt, kind=Kind.damage, amount_fen=1000)
    before = await counts(desk)
    async with client(app, CLERK) as api:
        dry = (await api.post("/api/reader/loans/dry-run", json={"card": card, "barcode": barcode})).json()
        refused = (await api.post("/api/reader/loans/dry-run", json={"card": spoilt, "barcode": barcode})).json()
        unknown = await api.post("/api/reader/loans/dry-run", json={"card": "X", "barcode": "Y"})
        assert await counts(desk) == before
        real = (await api.post("/api/reader/loans", json={"card": card, "barcode": barcode})).json()
        wanted = await api.post("/api/reader/loans", json={"card": spoilt, "barcode": await desk.item()})
    assert (dry["would_lend"], dry["reasons"], dry["due_on"]) == (True, [], real["due_on"])
    assert [{k: v for k, v in r.items() if k != "rule"} for r in refused["reasons"]] == wanted.json()["reasons"]
    assert [r["rule"] and r["rule"]["no"] for r in refused["reasons"]] == [None, 1]
    assert [r["code"] for r in unknown.json()["reasons"]] == ["unknown-card", "unknown-barcode"]


async def test_what_if_works_for_imagined_patrons_and_items_and_names_winners_and_losers(app, desk) -> None:
    await in_force(desk, (("graduate", "disc", ANY), {"days": 3, "suspend_per_day": 2}))
    card = await desk.patron(Category.graduate)
    async with client(app, CLERK) as api:
        told = (await api.get("/api/reader/rules/what-if?category=graduate&kind=disc&late=4&price_cents=30")).json()
        known = (await api.get(f"/api/reader/rules/what-if?card={card}&kind=disc")).json()
        shown = await api.get(f"/reader/rules/what-if?ask=1&card={card}&kind=disc&late=4")
        wrong = await api.get("/reader/rules/what-if?ask=1&card=NOBODY&late=many&on=never")
    days = told["values"]["days"]
    assert (days["value"], days["rule"]["no"], [r["no"] for r in days["rule"]["lost"]]) == (3, 9, [3, 1])
    assert (told["fine"]["amount_cents"], told["fine"]["capped"], told["fine"]["suspend_days"]) == (30, True, 8)
    assert known["due_on"] == told["due_on"]
    assert shown.status_code == wrong.status_code == 200
    assert "第 9 条" in shown.text
    assert "NOBODY" in wrong.text


async def test_a_loan_is_explained_to_its_patron_and_to_nobody_else(app, desk) -> None:
    number = await in_force(desk, (("undergraduate", ANY, ANY), {"days": 9}))
    card, other = await desk.patron(), await desk.patron()
    loan = (await desk.lend(card, await desk.item())).loan
    own, stranger = (Actor(id=c, kind="patron", card=c) for c in (card, other))
    async with client(app, own) as mine, client(app, stranger) as theirs, client(app, CLERK) as desk_:
        told = (await mine.get(f"/api/reader/explain?loan={loan.id}")).json()
        assert (await theirs.get(f"/api/reader/explain?loan={loan.id}")).status_code == 403
        assert (await desk_.get(f"/api/reader/explain?loan={uuid7()}")).status_code == 404
    days = told["rules"]["days"]
    assert (days["set"], days["no"], days["value"], days["lost"][0]["no"]) == (number, 2, "9", 1)


async def test_a_head_drafts_edits_and_another_activates_on_screen(app, desk) -> None:
    async with client(app, HEAD) as head, client(app, SECOND) as second, client(app, CLERK) as clerk:
        assert (await clerk.post("/reader/rules", data={})).status_code == 403
        url = (await head.post("/reader/rules", data={"note": "学期末"})).headers["location"]
        bad = await head.post(f"{url}/rows/0", data={"category": "staff", "kind": "map", "location": "*", "days": "many", "items": "4"})
        assert bad.status_code == 422
        assert 'value="many"' in bad.text
        assert 'value="4"' in bad.text
        twin = await head.post(f"{url}/rows/0", data={"category": "staff", "kind": "*", "location": "*"})
        assert twin.status_code == 422
        assert (await head.post(f"{url}/rows/0", data={"category": "staff", "kind": "map", "location": "*", "days": "4"})).status_code == 303
        assert 'value="4"' in (await head.get(f"{url}/rows/14")).text
        assert (await head.post(f"{url}/rows/7/remove")).status_code == 303
        assert (await head.post(f"{url}/rows/70/remove")).status_code == 404
        assert (await head.post(f"{url}/activate", data={"on": desk.today.isoformat()})).status_code == 409
        assert "/activate" not in (await head.get(url)).text
        assert "/activate" in (await second.get(url)).text
        day = (desk.now + timedelta(hours=8)).date()
        assert (await second.post(f"{url}/activate", data={"on": day.isoformat()})).status_code == 303
        listed = (await clerk.get("/api/reader/rules")).json()
        assert [r["no"] for r in listed["in_force"]["rules"]] == [1, 2, 3, 4, 5, 6, *range(8, 15)]
        assert listed["items"][0]["activated_by"] == SECOND.id
        for path in ("/reader/rules", url, "/reader/rules/LT-0"):
            assert (await clerk.get(path)).status_code == 200


async def test_a_draft_is_tried_on_last_months_loans_page_by_page(app, desk, monkeypatch) -> None:
    from services.reader.desk.whatif import queries as whatif

    monkeypatch.setattr(whatif, "BATCH", 7)
    today = desk.now
    card = await desk.patron(Category.staff)
    desk.now = today - timedelta(days=20)
    late = [await desk.item() for _ in range(28)]
    for barcode in late:
        await desk.lend(card, barcode)
    desk.now = today
    await desk.take_back(late[0])
    await desk.lend(await desk.patron(), await desk.item())
    made = await desk.do(policies.draft, HEAD)
    await desk.do(policies.write_row, HEAD, number=made.number, no=4, category="staff", kind=ANY, location=ANY, given={"days": 10, "fine_per_day": 20, "renewals": 2})
    before = await counts(desk)
    async with client(app, CLERK) as api:
        first = await api.get(f"/reader/rules/{made.number}/trial")
        second = await api.get(f"/reader/rules/{made.number}/trial?page=2")
    assert await counts(desk) == before
    assert (first.text.count("<tr data-row>"), second.text.count("<tr data-row>")) == (25, 3)
    async with desk.works.sessions() as session:
        found = await whatif.trial(
            session, await whatif.book_by_number(session, made.number), STANDARD, (today + timedelta(hours=8)).date()
        )
    assert (found.tally.loans, found.tally.different, found.tally.earlier, found.tally.fines) == (29, 28, 28, 28)
    assert (found.tally.fen_now, found.tally.fen_then) == (0, 28 * 200)


async def test_the_item_page_offers_a_recall_and_shows_it(app, desk) -> None:
    card, barcode, waits = await desk.patron(Category.staff), await desk.item(), await desk.patron()
    await desk.lend(card, barcode)
    async with client(app, CLERK) as api:
        assert f"/reader/items/{barcode}/recall" in (await api.get(f"/reader/items/{barcode}")).text
        sent = await api.post(f"/reader/items/{barcode}/hold", data={"card": waits, "recall": "true"})
        assert sent.status_code == 303
        text = (await api.get(f"/reader/items/{barcode}")).text
        assert "原应还" in text
        assert f"/reader/items/{barcode}/recall" not in text
        assert (await api.post("/api/reader/recalls", json={"barcode": barcode, "reason": "急"})).status_code == 409


async def test_unknown_versions_are_said_to_be_unknown(desk) -> None:
    async with desk.works.sessions() as session:
        with pytest.raises(Exception, match="GZ1999"):
            await set_by_number(session, "GZ1999-0001")
