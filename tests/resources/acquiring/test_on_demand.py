"""A supplier's foreign titles are shown to readers and bought as they are used, within a rule.

covers: RES-ACQ-02
"""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.resources.acquiring.desiderata import commands as desiderata
from services.resources.acquiring.desiderata.model import Origin
from services.resources.acquiring.funds.model import FundLine
from services.resources.acquiring.ondemand import commands, meeting, rules
from services.resources.acquiring.ondemand.model import PoolRule
from services.resources.acquiring.selections import commands as selections
from shared.events.reader import OfferUsed
from shared.refusals import Invalid, NotAllowed
from shared.states import NotFromHere
from shared.testing.registers import han_in
from tests.resources.acquiring.test_selections import BUYER, OTHER, get, send, sheet
from tests.resources.conftest import CLERK, House

BOOKS = ("9780262033848", "9780131103627", "9780596007126", "9780201633610")
RULE: dict[str, Any] = {"requests": 2, "teacher": True, "cap_cents": 50000, "month_cents": 60000, "fund": "YS1"}


async def pooled(house: House, tmp_path: Path, **rule: Any) -> str:
    """A list of four foreign titles and one bad line, shown to readers."""
    rows = [["Title", "Author", "ISBN", "Price"], *(
        [f"Foreign book {n}", "Knuth", isbn, price] for n, (isbn, price) in enumerate(zip(BOOKS, (400, 300, 900, 100), strict=True), 1)
    ), ["No number", "x", "123", 10]]
    async with house.work() as work:
        work.session.add(FundLine(no="YS1", name="外文图书", year=2026, total=200000, available=150000, told_at=work.now))
    async with house.work(BUYER) as work:
        made = await selections.upload(work, sheet(rows, tmp_path / "foreign.xlsx"), name="foreign.xlsx", supplier="某外文书商")
        await selections.remap(work, made.no, mapping=made.mapping)
    async with house.work(BUYER) as work:
        pool = await commands.draw_up(work, list_no=made.no, name="外文新书", ends_on=work.today + timedelta(days=90), rule={**RULE, **rule})
    assert pool.total == 4, "a line without a number cannot be bought by itself"
    return pool.no


def use(pool: str, n: int, requests: int, **more: Any) -> OfferUsed:
    return OfferUsed(offer=f"{pool}-{n}", pool=pool, title=f"Foreign book {n}", requests=requests, **more)


async def told(house: House, name: str) -> list[dict[str, Any]]:
    return [payload for _name, payload in await house.said(name)]


async def states(house: House) -> list[str]:
    return [row[0] for row in await house.rows("SELECT state FROM demand_offer ORDER BY no")]


def test_the_rule_counts_readers_or_one_teacher_and_names_every_obstacle() -> None:
    rule = PoolRule(requests=3, teacher=True, cap_cents=500, month_cents=800, fund="YS1")
    assert [rules.met(rule, n, t) for n, t in ((2, 0), (3, 0), (1, 1))] == [False, True, True]
    rule.teacher = False
    assert not rules.met(rule, 1, 1)
    assert rules.obstacles(rule, 500, spent=300, available=500) == []
    assert rules.obstacles(rule, 501, spent=300, available=500) == [rules.DEAR, rules.MONTH, rules.FUND]
    assert rules.obstacles(rule, 0, spent=0, available=0) == [rules.NO_PRICE]
    wrong = rules.wrong_in(name="", ends_on=date(2026, 1, 1), today=date(2026, 1, 2), requests=0, cap_cents=0, month_cents=0, fund=False)
    assert set(wrong) == {"name", "ends_on", "requests", "cap", "month", "fund"}


async def test_what_is_used_enough_is_wanted_and_what_exceeds_the_rule_goes_to_a_person(house: House, tmp_path: Path) -> None:
    pool = await pooled(house, tmp_path)
    (offered,) = await told(house, "resources.demand.offered")
    assert [one["isbn"] for one in offered["offers"]] == list(BOOKS)
    assert "price" not in str(offered)
    await house.heed(use(pool, 1, 1, wish="JY1"))
    assert await states(house) == ["offered"] * 4
    await house.heed(use(pool, 1, 2, wish="JY2"))
    (wish,) = await house.rows("SELECT no, isbn, origin, price_cents, origin_no FROM desideratum")
    assert tuple(wish)[1:] == (BOOKS[0], "demand", 40000, f"{pool}-1")
    (answer,) = await told(house, "resources.suggestion.decided")
    assert (answer["decision"], answer["wishes"], answer["title_no"], answer["progress"]) == ("accepted", ["JY1", "JY2"], wish[0], "wanted")
    await house.heed(use(pool, 1, 2, wish="JY9"))
    assert (await told(house, "resources.suggestion.decided"))[-1]["wishes"] == ["JY9"], "who asks late is answered alone"
    # The second is within the cap and beyond the month; the third beyond everything but the fund.
    await house.heed(use(pool, 2, 1, teachers=1, wish="JY3"))
    await house.heed(use(pool, 3, 2))
    assert await states(house) == ["bought", "review", "review", "offered"]
    reasons = [row[0] for row in await house.rows("SELECT reason FROM demand_offer WHERE state = 'review' ORDER BY no")]
    assert reasons == [rules.MONTH, f"{rules.DEAR}；{rules.MONTH}"]
    with pytest.raises(rules.SameBuyer):
        async with house.work(BUYER) as work:
            await meeting.decide(work, no=f"{pool}-2", buy=True)
    with pytest.raises(Invalid):
        async with house.work(OTHER) as work:
            await meeting.decide(work, no=f"{pool}-3", buy=False)
    async with house.work(OTHER) as work:
        await meeting.decide(work, no=f"{pool}-2", buy=True)
    async with house.work(OTHER) as work:
        await meeting.decide(work, no=f"{pool}-3", buy=False, reason="价格过高，已有电子版")
    assert await states(house) == ["bought", "bought", "refused", "offered"]
    with pytest.raises(NotFromHere):
        async with house.work(OTHER) as work:
            await meeting.decide(work, no=f"{pool}-3", buy=True)
    answers = [(f["decision"], f["wishes"]) for f in await told(house, "resources.suggestion.decided")]
    assert answers[2:] == [("held", ["JY3"]), ("held", []), ("accepted", ["JY3"]), ("refused", [])]


async def test_two_titles_at_once_do_not_spend_one_months_rest_twice(house: House, tmp_path: Path) -> None:
    pool = await pooled(house, tmp_path)
    await asyncio.gather(house.heed(use(pool, 1, 2)), house.heed(use(pool, 2, 2)))
    assert sorted((await states(house))[:2]) == ["bought", "review"]


async def test_what_came_on_its_way_meanwhile_is_not_bought_again(house: House, tmp_path: Path) -> None:
    pool = await pooled(house, tmp_path)
    async with house.work(BUYER) as work:
        await desiderata.want(work, title="x", isbn=BOOKS[3], origin=Origin.librarian)
    await house.heed(use(pool, 4, 5, wish="JY4"))
    assert (await states(house))[3] == "held"
    assert len(await house.rows("SELECT no FROM desideratum")) == 1
    assert (await told(house, "resources.suggestion.decided"))[-1]["decision"] == "accepted"


async def test_a_new_rule_decides_at_once_and_the_end_answers_whoever_asked(house: House, tmp_path: Path) -> None:
    pool = await pooled(house, tmp_path, requests=9)
    await house.heed(use(pool, 4, 3, wish="JY5"))
    await house.heed(use(pool, 2, 1, wish="JY6"))
    await house.heed(use(pool, 2, 0, wish="JY6", withdrawn=True))
    async with house.work(BUYER) as work:
        await commands.set_rule(work, no=pool, rule={**RULE, "requests": 3})
    assert (await states(house))[3] == "bought"
    (two,) = await house.rows("SELECT id, wishes FROM demand_offer WHERE no = :no", no=f"{pool}-2")
    assert two[1] == []
    with pytest.raises(Invalid):
        async with house.work(BUYER) as work:
            await commands.withdraw(work, no=pool, ids=[two[0]], reason=" ")
    async with house.work(BUYER) as work:
        assert await commands.withdraw(work, no=pool, ids=[two[0]], reason="书商无货") == 1
    await house.heed(use(pool, 1, 1, wish="JY7"))
    async with house.work() as work:
        work.now += timedelta(days=100)
        assert [await commands.end_due(work), await commands.end_due(work)] == [1, 0]
    assert await states(house) == ["ended", "withdrawn", "ended", "bought"]
    assert (await told(house, "resources.suggestion.decided"))[-1]["wishes"] == ["JY7"]
    assert [(f["outcome"], len(f["offers"])) for f in await told(house, "resources.demand.closed")] == [("bought", 1), ("withdrawn", 1), ("ended", 2)]
    with pytest.raises(NotAllowed):
        async with house.work(CLERK) as work:
            await commands.end(work, no=pool)


async def test_the_screens_of_a_pool_keep_what_was_typed_and_speak_both_languages(house: House, tmp_path: Path) -> None:
    pool = await pooled(house, tmp_path)
    async with house.work(BUYER) as work:
        other = await selections.upload(work, sheet([["Title", "ISBN"], ["Another", "9780137081073"]], tmp_path / "b.xlsx"), name="b.xlsx", supplier="B")
        await selections.remap(work, other.no, mapping=other.mapping)
    typed = {"list": other.no, "name": "Second", "requests": "x", "cap": "500", "month": "1000", "fund": "YS1", "ends_on": "2020-01-01"}
    wrong = await send(house, "/resources/on-demand", data=typed)
    assert (wrong.status_code, "Second" in wrong.text, "人数为 1–50" in wrong.text) == (422, True, True)
    assert (await send(house, f"/resources/on-demand/{pool}/rule", data={"requests": "0"})).status_code == 422
    good = {"requests": "4", "cap": "800", "month": "2000", "fund": "YS1"}
    assert (await send(house, f"/resources/on-demand/{pool}/rule", data=good)).status_code == 303
    assert (await send(house, f"/resources/on-demand/{pool}/end", actor=CLERK)).status_code == 403
    assert (await send(house, f"/resources/on-demand/{pool}/withdraw", data={"reason": "x"})).status_code == 422
    for url in ("/resources/on-demand", f"/resources/on-demand/new?list={other.no}", f"/resources/on-demand/{pool}", f"/resources/on-demand/{pool}?state=review&q=zz"):
        shown = await get(house, url, lang="en")
        assert shown.status_code == 200, url
        assert not [word for word in han_in(shown.text) if "外文" not in word], url
    assert (await get(house, f"/resources/on-demand/offers/{pool}-1")).headers["location"].endswith(f"?q={pool}-1")
