"""A proposal, of an evaluation or by hand, leads to what it asks for, and shows where it led.

covers: RES-MGT-03, RES-MGT-04
"""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from services.resources.collections.evaluation import rules
from services.resources.collections.evaluation.model import Measure
from services.resources.collections.evaluation.proposals import proposals
from services.resources.collections.evaluation.register import evaluations
from services.resources.collections.weeding.rules import SpecialCollection
from shared.refusals import Invalid, NotAllowed, SamePerson
from shared.states import NotFromHere
from shared.testing.registers import han_in
from tests.resources.acquiring.test_orders_are_bought_received_and_paid import FUND
from tests.resources.collections.shelf import HERE, KEEPER, LEADER, THERE, get, shelf
from tests.resources.conftest import CLERK, House


async def proposed(house: House, measure: Measure, *, accepted: bool = True, **more: object) -> str:
    async with house.work() as work:
        line = await proposals.open(work, **{"measure": measure, "clc": "D", "location": HERE, "text": "近年少有人借", **more})
        await work.session.flush()
        number = str(line.no)
    if accepted:
        async with house.work(LEADER) as work:
            await proposals.move(work, number, "accept", answer="同意")
    return number


async def test_relocation_leads_to_a_transfer_plan_of_what_nobody_reads(house: House, tmp_path: Path) -> None:
    await shelf(house, tmp_path, D=3, F=1)
    async with house.work() as work:
        await work.session.execute(text(
            "INSERT INTO item_use (event_id, day, kind, barcode, item_id, n) "
            "SELECT gen_random_uuid(), CAST(:day AS date), 'loan', barcode, id, 1 FROM item WHERE barcode = 'D00001'"
        ), {"day": work.today})
    number = await proposed(house, Measure.relocate, target=THERE)
    async with house.work(CLERK) as work:
        with pytest.raises(NotAllowed):
            await proposals.move(work, number, "move", to=THERE, idle_years=1)
    async with house.work() as work:
        await proposals.move(work, number, "move", to=THERE, idle_years=1)
    rows = await house.rows("SELECT barcode, plan FROM transfer_plan_item ORDER BY barcode")
    assert [row[0] for row in rows] == ["D00002", "D00003"]
    plan = rows[0][1]
    assert await house.rows("SELECT proposal, copies, state FROM transfer_plan") == [(number, 2, "draft")]
    for lang in ("zh", "en"):
        page = (await get(house, f"/resources/evaluation-proposals/{number}", KEEPER, lang)).text
        assert f"/resources/transfer-plans/{plan}" in page
        assert lang == "zh" or not han_in(page)
    assert f"/resources/evaluation-proposals/{number}" in (await get(house, f"/resources/transfer-plans/{plan}")).text
    async with house.work() as work:  # all that is left there is read
        with pytest.raises(rules.NothingFits):
            await proposals.move(work, number, "move", to=THERE, idle_years=1)
    assert await house.rows("SELECT count(*) FROM transfer_plan") == [(1,)]
    async with house.work() as work:
        with pytest.raises(NotFromHere):
            await proposals.move(work, number, "weed", why="zero_use", years=10, most=10)


async def test_weeding_leads_to_lines_of_the_register_and_never_of_a_special_collection(house: House, tmp_path: Path) -> None:
    await shelf(house, tmp_path, D=3)
    number = await proposed(house, Measure.weed)
    async with house.work() as work:
        await proposals.move(work, number, "weed", why="zero_use", years=10, most=2)
    assert await house.rows("SELECT barcode, state, note FROM weeding_line ORDER BY barcode") == [
        (f"D0000{at}", "proposed", f"按馆藏调整建议 {number}") for at in (1, 2)
    ]
    await house.place("gj-5f", "五层古籍阅览室", special=True)
    async with house.work() as work:
        await work.session.execute(text("UPDATE item SET location = 'gj-5f' WHERE barcode = 'D00003'"))
    special = await proposed(house, Measure.reduce, location="gj-5f")
    async with house.work() as work:
        with pytest.raises(SpecialCollection):
            await proposals.move(work, special, "weed", why="zero_use", years=10, most=2)
    house_wide = await proposed(house, Measure.weed, location="")
    async with house.work() as work:
        with pytest.raises(rules.NeedsPlace):
            await proposals.move(work, house_wide, "weed", why="zero_use", years=10, most=2)


async def test_buying_more_leads_to_a_line_of_the_purchase_plan(house: House, tmp_path: Path) -> None:
    await shelf(house, tmp_path, D=1)
    await house.heed(FUND, actor="O001")
    number = await proposed(house, Measure.buy, copies=30, text="预约排队")
    async with house.work(LEADER) as work:
        await proposals.move(work, number, "buy", fund=FUND.budget, amount="3000.00", titles=20)
    rows = await house.rows("SELECT no, subject, copies, titles, amount, basis FROM plan_line")
    assert [row[1:] for row in rows] == [("D", 30, 20, 300_000, f"按馆藏调整建议 {number} 预约排队")]
    assert f"/resources/acquisition-plans/{rows[0][0]}" in (await get(house, f"/resources/evaluation-proposals/{number}")).text


async def test_whoever_proposed_does_not_decide_and_before_the_word_nothing_is_listed(house: House, tmp_path: Path) -> None:
    await shelf(house, tmp_path, D=1)
    async with house.work(LEADER) as work:
        mine = await proposals.open(work, measure=Measure.relocate, location=HERE, text="转密集书库")
    async with house.work(LEADER) as work:
        with pytest.raises(SamePerson):
            await proposals.move(work, mine.no, "accept", answer="同意")
    async with house.work() as work:
        with pytest.raises(NotFromHere):
            await proposals.move(work, mine.no, "move", to=THERE, idle_years=0)
    async with house.work() as work:
        with pytest.raises(Invalid) as wrong:
            await proposals.open(work, measure=Measure.relocate, location="nowhere", target="nowhere", text="转密集书库")
    assert set(wrong.value.errors) == {"location", "target"}


async def test_a_line_of_an_evaluation_leads_to_a_proposal_with_its_figures(house: House, tmp_path: Path) -> None:
    await shelf(house, tmp_path, D=2)
    async with house.work() as work:
        one = await evaluations.open(work, title="评价", month_from="2026-11", month_to=f"{work.today:%Y-%m}")
    table = (await get(house, f"/resources/evaluations/{one.no}/table?by=cell")).text
    assert f"/resources/evaluation-proposals/new?evaluation={one.no}&amp;clc=D&amp;location={HERE}" in table
    async with house.work() as work:
        line = await proposals.open(work, evaluation=one.no, measure=Measure.buy, clc="D", copies=5, text="复本少")
    page = (await get(house, f"/resources/evaluation-proposals/{line.no}")).text
    assert "评价时册数" in page
