"""In a large house what asks every copy is done beside the page: asked once, done once, and what went wrong is said there.

covers: RES-MGT-04
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from services.resources.cataloguing.items import rules as items
from services.resources.collections.batches.register import batches
from services.resources.collections.evaluation.register import evaluations
from services.resources.collections.monthly import commands as monthly
from services.resources.collections.monthly.register import holdings
from services.resources.collections.stocktake.register import stocktakes
from shared.identity import Actor
from shared.web.register.errands import Errands, UnderWay, want
from tests.resources.collections.shelf import HERE, KEEPER, LEADER, get, post, shelf
from tests.resources.conftest import House

HOME = "/resources/holdings"


@pytest.fixture(autouse=True)
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every house is a large one; a table that was never counted is believed to have -1 rows."""
    monkeypatch.setattr(items, "AT_ONCE", -2)


def runner(house: House) -> Errands:
    return Errands(house.kit.works, [holdings, stocktakes, evaluations, batches])


async def last_month(house: House) -> str:
    async with house.work() as work:
        before = work.today.replace(day=1)
        period = f"{before.year - (before.month == 1)}-{(before.month - 2) % 12 + 1:02d}"
        return str((await holdings.open(work, period=period)).no)


async def test_a_month_is_counted_beside_its_page(house: House, tmp_path: Path) -> None:
    await shelf(house, tmp_path, D=2)
    number = await last_month(house)
    waiting = await get(house, f"{HOME}/{number}")
    assert "正在办理“重新计算”" in waiting.text
    assert 'hx-trigger="every 3s"' in waiting.text
    assert "/act/submit" not in waiting.text
    english = (await get(house, f"{HOME}/{number}", lang="en")).text
    assert "正在办理" not in english
    # Asked once more while it waits: a sentence.
    again = await post(house, f"{HOME}/{number}/act/compute")
    assert again.status_code == 409
    assert "正在后台办理" in again.text

    assert await runner(house).once() == 1
    assert await runner(house).once() == 0
    done = (await get(house, f"{HOME}/{number}")).text
    assert "正在办理" not in done
    assert "/act/submit" in done
    ((computed,),) = await house.rows("SELECT computed_at IS NOT NULL FROM holdings_month WHERE no = :no", no=number)
    assert computed

    sent = await post(house, f"{HOME}/{number}/act/submit", data={"explanation": "没有差异"}, follow_redirects=True)
    assert "正在办理“提交审核”" in sent.text
    async with house.client(KEEPER) as client:
        answer = await client.post(f"/api{HOME}/{number}/compute", json={})
        assert answer.status_code == 409
    assert await runner(house).once() == 1
    ((state, by),) = await house.rows("SELECT state, submitted_by FROM holdings_month WHERE no = :no", no=number)
    assert (state, by) == ("submitted", KEEPER.id)
    # What may be refused at once is refused at once.
    assert (await post(house, f"{HOME}/{number}/act/compute")).status_code in (403, 409)
    async with house.client(KEEPER) as client:
        assert (await client.post(f"/api{HOME}/{number}/compute", json={})).status_code in (403, 409)


async def test_what_is_refused_later_stands_on_the_page_until_it_is_done(house: House) -> None:
    async with house.work() as work:
        number = (await holdings.open(work, period=f"{work.today:%Y-%m}")).no
    assert await runner(house).once() == 1
    async with house.client(KEEPER) as client:
        answer = await client.post(f"/api{HOME}/{number}/submit", json={"explanation": ""})
        assert answer.status_code == 202
    assert await runner(house).once() == 1
    page = (await get(house, f"{HOME}/{number}")).text
    assert "“提交审核”未办成：" in page
    assert "/act/submit" in page
    ((state,),) = await house.rows("SELECT state FROM holdings_month WHERE no = :no", no=number)
    assert state == "draft"
    await post(house, f"{HOME}/{number}/act/compute")
    assert await runner(house).once() == 1
    assert "未办成" not in (await get(house, f"{HOME}/{number}")).text


async def test_a_fault_is_said_and_a_database_that_was_away_is_waited_for(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    number = await last_month(house)

    class Cut(Exception):
        sqlstate = "57014"

    failing: Any = RuntimeError("boom")

    async def fails(*_args: Any) -> None:
        raise failing

    compute = holdings.verbs["compute"]
    monkeypatch.setitem(holdings.verbs, "compute", replace(compute, do=fails))
    failing = OperationalError("select", {}, Exception("server closed the connection"))
    with pytest.raises(OperationalError):
        await runner(house).once()
    assert "正在办理" in (await get(house, f"{HOME}/{number}")).text
    for failing, words in ((OperationalError("select", {}, Cut()), "数据量太大"), (RuntimeError("boom"), "程序出错")):  # noqa: B007
        assert await runner(house).once() == 1
        assert f"“重新计算”未办成：{words}" in (await get(house, f"{HOME}/{number}")).text
        async with house.work() as work:
            await want(work, "holdings", number, "compute")


async def test_two_runners_do_it_once_and_a_dead_one_leaves_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await last_month(house)
    begun, go_on, times = asyncio.Event(), asyncio.Event(), 0
    compute = holdings.verbs["compute"]

    async def slowly(work: Any, month: Any, form: Any) -> None:
        nonlocal times
        times += 1
        begun.set()
        await go_on.wait()
        await monthly.compute(work, month, form)

    monkeypatch.setitem(holdings.verbs, "compute", replace(compute, do=slowly))
    dying = asyncio.create_task(runner(house).once())
    await begun.wait()
    assert await runner(house).once() == 0
    dying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await dying
    go_on.set()
    assert await runner(house).once() == 1
    assert times == 2
    assert (await house.rows("SELECT count(*) FROM errand"))[0][0] == 0


async def test_a_stocktake_an_evaluation_and_a_weeding_batch_go_the_same_way(house: House, tmp_path: Path) -> None:
    await shelf(house, tmp_path, D=2)
    async with house.work() as work:
        count = (await stocktakes.open(work, title="年度清点", places=[HERE])).no
        year = work.today.year
        value = (await evaluations.open(work, title="评价", month_from=f"{year - 1}-01", month_to=f"{year - 1}-12")).no
        batch = (await batches.open(work, title="剔旧", grounds=["zero_use"], years=10, include_last=True)).no
    assert (await post(house, f"/resources/stocktakes/{count}/act/open")).status_code == 303
    assert (await post(house, f"/resources/weeding-lists/{batch}/act/build")).status_code == 303
    assert await runner(house).once() == 3
    assert (await house.rows("SELECT state, expected FROM stocktake WHERE no = :no", no=count)) == [("counting", 2)]
    assert (await house.rows("SELECT built_at IS NOT NULL FROM weeding_batch WHERE no = :no", no=batch)) == [(True,)]
    assert (await house.rows("SELECT computed_at IS NOT NULL FROM evaluation WHERE no = :no", no=value)) == [(True,)]
    # Rights are asked again when it is done, of whoever asked.
    async with house.work(Actor("X1", "外人", posts=("RDR-DSK",), dept="reader")) as work:
        await want(work, "stocktakes", count, "check")
    assert await runner(house).once() == 1
    assert "未办成" in (await get(house, f"/resources/stocktakes/{count}", LEADER)).text
    async with house.work() as work:
        await want(work, "stocktakes", count, "check")
        with pytest.raises(UnderWay):
            await want(work, "stocktakes", count, "check")
