"""What stands, what is used, what is asked for: formulas, grades, and a report that stands once it is published.

covers: RES-MGT-03
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from openpyxl import load_workbook
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.resources.app import service
from services.resources.cataloguing.items.commands import add_item
from services.resources.collections.evaluation import commands, rules
from services.resources.collections.evaluation.model import Grade, Measure, Norm
from services.resources.collections.evaluation.proposals import proposals
from services.resources.collections.evaluation.register import evaluations
from services.resources.collections.usage.commands import rebuild
from shared.database import uuid7
from shared.events.base import Envelope, Event
from shared.events.reader import (
    HoldEnded,
    HoldPlaced,
    ItemLent,
    ItemUsedInHouse,
    LoanUndone,
    SuggestionSubmitted,
)
from shared.identity import SYSTEM, Actor
from shared.refusals import Invalid, NotAllowed, SamePerson
from shared.testing.registers import han_in, keeps_its_promises
from tests.resources.collections.shelf import HERE, ISBNS, KEEPER, LEADER, THERE, get, post, shelf
from tests.resources.conftest import CLERK, House

SCOPE = {"title": "秋季评价", "month_from": "2026-10", "month_to": "2026-11"}
PATRON = Actor("20231001", "读者", kind="patron")
AFTER = datetime(2026, 12, 2, 4, tzinfo=UTC)


@dataclass
class Line:
    titles: int = 1
    copies: int = 0
    recent: int = 0
    added: int = 0
    added_cents: int = 0
    loans: int = 0
    in_house: int = 0
    lent: int = 0
    zero: int = 0
    requests: int = 0
    unmet: int = 0
    suggested: int = 0


def test_rates_are_what_the_formulas_say_and_of_nothing_there_is_none() -> None:
    assert rules.cost_per_use(6_000_000, 24_000) == 250
    assert rules.cost_per_use(100, 8) == 13
    assert rules.cost_per_use(100, 0) is None
    line, total = Line(titles=40, copies=100, loans=250, lent=60, zero=30, requests=20, unmet=3), Line(copies=1000, loans=1000)
    assert (rules.use_rate(line), rules.circulation_rate(line), rules.zero_share(line)) == (0.6, 2.5, 0.3)
    assert (rules.copies_per_title(line), rules.refusal_rate(line), rules.relative_use(line, total)) == (2.5, 0.15, 2.5)
    nothing = Line(titles=0)
    assert {rules.use_rate(nothing), rules.zero_share(nothing), rules.copies_per_title(nothing), rules.refusal_rate(nothing),
            rules.relative_use(nothing, nothing), rules.relative_use(line, nothing)} == {None}
    house = Line(copies=2_000_000, added=40_000, loans=300_000)
    norm = rules.against_norm(Norm.comprehensive, house, readers=20_000, months=6)
    assert norm is not None
    assert (norm.copies, norm.copies_due, norm.added, norm.added_due, norm.loans, norm.enough) == (100, 100, 4, 4, 15, True)
    assert rules.against_norm(Norm.engineering, house, readers=0, months=6) is None


@pytest.mark.parametrize(("line", "grade"), [
    (Line(copies=100, loans=250, lent=60, zero=30), Grade.expand),
    (Line(copies=100, loans=100, zero=40), Grade.keep),
    (Line(copies=100, loans=70, zero=40), Grade.shrink),
    (Line(copies=100, loans=40, zero=80, recent=50), Grade.relocate),
    (Line(copies=100, loans=10, zero=95, recent=10), Grade.weed),
    (Line(copies=100, loans=10, zero=95, recent=30), Grade.relocate),
    (Line(copies=100, loans=70, requests=5, unmet=1), Grade.expand),
    (Line(copies=100, loans=70, requests=4, unmet=4), Grade.shrink),
    (Line(copies=9, zero=9), Grade.keep),
    (Line(titles=0, suggested=1), Grade.expand),
    (Line(titles=0), Grade.keep),
])
def test_a_class_is_graded_by_demand_then_use_then_age(line: Line, grade: Grade) -> None:
    assert rules.grade(line, Line(copies=1000, loans=1000)) is grade


def test_bad_scopes_are_refused_with_every_reason() -> None:
    with pytest.raises(Invalid) as wrong:
        rules.span_of("2026-13", "x")
    assert set(wrong.value.errors) == {"month_from", "month_to"}
    for bad in (("2026-02", "2026-01"), ("2020-01", "2026-01")):
        with pytest.raises(Invalid):
            rules.span_of(*bad)
    assert rules.span_of("2025-12", "2025-12") == (date(2025, 12, 1), date(2026, 1, 1))
    assert (rules.subject_of(" tp "), rules.subject_of("")) == ("TP", "")
    for bad_class in ("L", "FA", "TPX", "1"):
        with pytest.raises(Invalid):
            rules.subject_of(bad_class)


async def tell(house: House, event: Event, day: str = "2026-10-15", event_id: UUID | None = None) -> UUID:
    """The department hears a fact of that day; with an id, the same fact again."""
    envelope = Envelope(
        event_id=event_id or uuid7(), name=event.name, version=event.version, source="reader", seq=1,
        at=datetime.fromisoformat(f"{day}T04:00:00").replace(tzinfo=UTC), actor="S020", actor_kind="staff", correlation=uuid7(),
    )
    async with house.kit.works.open(SYSTEM, correlation=envelope.correlation) as work:
        work.cause = envelope
        await service.handlers.handle(work, envelope, event.model_dump(mode="json"))
    return envelope.event_id


def lent(barcode: str) -> ItemLent:
    return ItemLent(barcode=barcode, title="t", loan_id="L1", card="20231001", due_on=date(2026, 11, 30))


def undone(barcode: str) -> LoanUndone:
    return LoanUndone(barcode=barcode, title="t", loan_id="L1", card="20231001")


async def autumn(house: House, tmp_path: Path) -> dict[str, str]:
    """Twelve copies each of an old D title and an old F title; D is lent, read, waited for and suggested, F is not."""
    numbers = await shelf(house, tmp_path, D=0, F=0)
    async with house.work() as work:
        await work.session.execute(text("SELECT set_config('guanwu.day', '2026-10-05', true)"))
        for mark, number in numbers.items():
            for at in range(1, 13):
                await add_item(
                    work, number=number, barcode=f"{mark}{at:05d}", location=HERE if at < 12 else THERE, call_number=f"{mark}10/{at}",
                    price_cents=1000,
                )
        await work.session.flush()
        await work.session.execute(text("UPDATE instance SET year = 1990"))
    ids = {mark: str((await house.rows("SELECT id FROM instance WHERE number = :n", n=number))[0][0]) for mark, number in numbers.items()}
    for code in ("D00001", "D00001", "D00001", "D00002", "D00003"):
        await tell(house, lent(code))
    await tell(house, undone("D00003"))
    await tell(house, lent("D00004"), "2026-12-01")  # after the period
    await tell(house, ItemUsedInHouse(barcode="D00005", title="t"))
    for hold in ("H1", "H2"):
        await tell(house, HoldPlaced(hold_id=hold, card="20231001", instance_id=ids["D"], title="t", position=1))
    await tell(house, HoldEnded(hold_id="H1", card="20231001", instance_id=ids["D"], title="t", how="lapsed", how_label="x"), "2026-11-20")
    await tell(house, HoldEnded(hold_id="H2", card="20231001", instance_id=ids["D"], title="t", how="filled", how_label="x"), "2026-11-20")
    await tell(house, SuggestionSubmitted(number="R1", card="20231001", title="再来一册", isbn=ISBNS[0]))
    await tell(house, SuggestionSubmitted(number="R2", card="20231001", title="馆里没有的书"))
    return ids


async def evaluate(house: House, **more: Any) -> str:
    async with house.work() as work:
        return str((await evaluations.open(work, **{**SCOPE, **more})).no)


async def lines(house: House, number: str, by: str = "clc") -> dict[str, Any]:
    rows = await house.rows(
        "SELECT concat_ws('/', l.location, l.clc) AS key, l.* FROM evaluation_line l JOIN evaluation e ON e.id = l.evaluation_id "
        "WHERE e.no = :no AND l.grouping = :by", no=number, by=by,
    )
    return {row.key.strip("/"): row for row in rows}


async def test_a_use_counts_once_without_anybodys_name_and_a_replay_counts_the_same(house: House, tmp_path: Path) -> None:
    await shelf(house, tmp_path, D=1)
    facts = [(lent("D00001"), uuid7()), (lent("D00001"), uuid7()), (undone("D00001"), uuid7()), (lent("STRANGE"), uuid7())]
    for _again in range(2):
        for event, event_id in facts:
            await tell(house, event, event_id=event_id)
    count = "SELECT kind, item_id IS NOT NULL AS known, sum(n) AS n FROM item_use GROUP BY 1, 2 ORDER BY 2"
    before = [tuple(row) for row in await house.rows(count)]
    assert before == [("loan", False, 1), ("loan", True, 1)]
    async with house.work() as work:
        await rebuild(work.session, "office")
        assert await work.session.scalar(text("SELECT count(*) FROM item_use")) == 4
        await rebuild(work.session, "reader")
    for event, event_id in facts:
        await tell(house, event, event_id=event_id)
    assert [tuple(row) for row in await house.rows(count)] == before
    assert not [row for row in await house.rows("SELECT item_use::text AS said FROM item_use") if "20231001" in row.said or "L1" in row.said]


async def test_an_evaluation_is_counted_judged_published_by_a_second_person_and_stands(house: House, tmp_path: Path) -> None:
    await autumn(house, tmp_path)
    number = await evaluate(house)
    classes = await lines(house, number)
    d, f = classes["D"], classes["F"]
    assert (d.titles, d.copies, d.value_cents, d.added, d.added_cents) == (1, 12, 12_000, 12, 12_000)
    assert (d.loans, d.in_house, d.lent, d.zero, d.requests, d.unmet, d.suggested, d.grade) == (4, 1, 2, 9, 2, 1, 1, "expand")
    assert (f.copies, f.loans, f.zero, f.recent, f.grade) == (12, 0, 12, 0, "weed")
    assert (classes[""].copies, classes[""].suggested, classes[""].grade) == (0, 1, "expand")
    total = (await lines(house, number, "all"))[""]
    assert (total.copies, total.loans, total.requests, total.suggested) == (24, 4, 2, 2)
    assert {key: (row.copies, row.loans) for key, row in (await lines(house, number, "location")).items()} == {HERE: (22, 4), THERE: (2, 0)}
    there = await lines(house, await evaluate(house, location=THERE, subject="D"), "clc")
    assert {key: row.copies for key, row in there.items()} == {"D": 1}
    # Another grade than the rule's says why; then proposals follow from the grades, once.
    async with house.work() as work:
        with pytest.raises(rules.NeedsWhy):
            await commands.say(work, number, clc="F", grade=Grade.relocate, comment="")
    async with house.work(CLERK) as work:
        with pytest.raises(NotAllowed):
            await commands.say(work, number, clc="F", grade=Grade.weed, comment="")
    answer = await post(house, f"/resources/evaluations/{number}/class?clc=F", data={"grade": "relocate", "comment": ""})
    assert answer.status_code == 422
    answer = await post(house, f"/resources/evaluations/{number}/class?clc=F", data={"grade": "relocate", "comment": "课程停开，先转密集库"})
    assert answer.status_code == 303
    for _again in range(2):
        async with house.work() as work:
            await evaluations.move(work, number, "propose")
            await evaluations.move(work, number, "compute")
    asked = await house.rows("SELECT no, clc, measure FROM evaluation_proposal ORDER BY clc, no")
    assert [tuple(row)[1:] for row in asked] == [("", "buy"), ("D", "buy"), ("F", "relocate")]
    async with house.work(now=datetime(2026, 11, 30, 4, tzinfo=UTC)) as work:
        with pytest.raises(rules.NotOver):
            await evaluations.move(work, number, "submit", conclusion="D 类应扩充")
    async with house.work(now=AFTER) as work:
        await evaluations.move(work, number, "submit", conclusion="D 类应扩充")
    async with house.work(now=AFTER) as work:
        with pytest.raises(SamePerson):
            await evaluations.move(work, number, "publish", audience="readers")
    assert (await get(house, f"/resources/published-evaluations/{number}", PATRON)).status_code == 404
    async with house.work(LEADER, now=AFTER) as work:
        await evaluations.move(work, number, "publish", audience="readers")
    ((_name, fact),) = await house.said("resources.evaluation.published")
    assert {one["clc"]: one["grade"] for one in fact["grades"]} == {"": "expand", "D": "expand", "F": "relocate"}
    for change in ("UPDATE evaluation_line SET loans = 0", "DELETE FROM evaluation_opinion"):
        with pytest.raises(DBAPIError):
            async with house.work() as work:
                await work.session.execute(text(change))
    async with house.work() as work:
        with pytest.raises(rules.Settled):
            await commands.say(work, number, clc="D", grade=Grade.keep, comment="晚了")
    async with house.work() as work:
        with pytest.raises(rules.Settled):
            await proposals.open(work, evaluation=number, clc="D", measure=Measure.buy, text="晚了")
    # What was proposed goes on: answered by the head, done by those who do it.
    async with house.work(LEADER) as work:
        await proposals.move(work, asked[1].no, "accept", answer="列入明年计划")
    async with house.work() as work:
        await proposals.move(work, asked[1].no, "finish", result="已列入采访计划")
    await _screens(house, number)


async def _screens(house: House, number: str) -> None:
    """Every number leads to its titles, in both languages; readers see the report and no more."""
    here = f"/resources/evaluations/{number}"
    for lang in ("zh", "en"):
        for path in ("", "/table", "/table?by=location", "/table?by=cell", "/class?clc=F", "/class?clc=-", "/titles?column=zero&clc=F",
                     "/titles?column=suggested&clc=-", "/titles?column=requests"):
            page = await get(house, here + path, KEEPER, lang)
            assert page.status_code == 200, (path, page.text[:500])
            assert lang == "zh" or not han_in(page.text), (path, han_in(page.text))
        page = await get(house, f"/resources/published-evaluations/{number}", PATRON, lang)
        assert page.status_code == 200
    assert "馆里没有的书" in (await get(house, f"{here}/titles?column=suggested&clc=-")).text
    rows = {column: (await get(house, f"{here}/titles?column={column}&clc=F")).text.count("<tr data-row") for column in ("copies", "loans", "zero")}
    assert rows == {"copies": 1, "loans": 0, "zero": 1}
    assert number in (await get(house, "/resources/published-evaluations", PATRON)).text
    assert (await get(house, here, PATRON)).status_code == 403
    assert (await get(house, "/resources/evaluations/PJ0/table")).status_code == 404
    sheet = list(load_workbook(io.BytesIO((await get(house, f"{here}/report.xlsx")).content)).worksheets[0].iter_rows(values_only=True))
    heads = {head: at for at, head in enumerate(sheet[0])}
    by_class = {row[0].split(" ")[0]: row for row in sheet[1:]}
    assert (by_class["D"][heads["利用系数"]], by_class["D"][heads["利用率 %"]], by_class["D"][heads["流通率"]]) == (2, 16.7, 0.33)
    assert (by_class["合计"][heads["册数"]], by_class["F"][heads["评语"]]) == (24, "课程停开，先转密集库")


async def test_the_registers_keep_their_promises(house: House) -> None:
    async def other(_work: Any, one: Any, _action: str) -> None:
        one.submitted_by = "T-else"

    await keeps_its_promises(
        evaluations, house.app, lambda: {"title": "评价", "month_from": "2025-01", "month_to": "2025-12", "carrier": "all", "norm": "engineering"},
        ask={"submit": {"conclusion": "一切正常"}, "send_back": {"conclusion": "请补充"}, "publish": {"audience": "internal"}}, prepare=other,
    )
    number = await evaluate(house)
    await house.place(HERE, "二层社科库")
    await house.place(THERE, "二层文学库")
    await keeps_its_promises(
        proposals, house.app, lambda: {"evaluation": number, "clc": "F", "location": HERE, "measure": "relocate", "copies": "3", "text": "转库"},
        ask={"move": {"to": THERE, "idle_years": "0"}, "accept": {"answer": "同意"}, "decline": {"answer": "暂缓"}, "finish": {"result": "已订购"}},
    )
