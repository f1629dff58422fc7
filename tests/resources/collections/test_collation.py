"""Before it leaves the workroom an item is compared by somebody who did not process it; what is wrong stays. covers: RES-MGT-01"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from services.resources.cataloguing.handover import commands as handover
from services.resources.cataloguing.handover import following
from services.resources.cataloguing.handover.rules import NotReady
from services.resources.collections.collation import commands, rules
from shared.events.reader import ServicePointSaved
from shared.refusals import NotAllowed, NotFound
from shared.testing.registers import han_in
from tests.resources.collections.shelf import KEEPER, copy, get, post, shelf
from tests.resources.conftest import CLERK, EXPERT, House


async def workroom(house: House, tmp_path: Path) -> None:
    """One copy on its shelf, two in the workroom."""
    number = (await shelf(house, tmp_path, D=1))["D"]
    for code in ("W00001", "W00002"):
        await copy(house, number, code, f"D9/{code[-1]}", in_process=True)


async def test_another_person_looks_and_only_at_what_is_in_the_workroom(house: House, tmp_path: Path) -> None:
    await workroom(house, tmp_path)
    for who, code, why in ((KEEPER, "W00001", rules.CheckedOwn), (EXPERT, "D00001", rules.NotInWorkroom), (EXPERT, "W99999", NotFound), (CLERK, "W00001", NotAllowed)):
        async with house.work(who) as work:
            with pytest.raises(why):
                await commands.pass_(work, code)
    for code in ("W00001", "W00002"):
        async with house.work(EXPERT) as work:
            await commands.pass_(work, code)
    assert len(await house.said("resources.collation.begun")) == 1
    assert (await get(house, "/resources/collation", CLERK)).status_code == 403


async def test_what_is_wrong_keeps_the_batch_until_it_is_mended(house: House, tmp_path: Path) -> None:
    await workroom(house, tmp_path)
    async with house.work() as work:
        await following.know_point(work, ServicePointSaved(code="MAIN", point_name="总服务台"))
        batch, _done = await handover.open_batch(work, point="MAIN", codes=["W00001", "W00002"])
        for code in ("W00001", "W00002"):
            await handover.check(work, number=batch.number, barcode=code)
    async with house.work(EXPERT) as work:
        with pytest.raises(rules.WhatIsWrong):
            await commands.send_back(work, "W00001", aspects=["nothing"])
    async with house.work(EXPERT) as work:
        check = await commands.send_back(work, "W00001", aspects=["stamp", "label", "label"], note="书标贴反")
        assert check.aspects == ["label", "stamp"]
    async with house.work() as work:
        with pytest.raises(NotReady) as kept:
            await handover.send(work, number=batch.number)
    assert [reason.code for reason in kept.value.reasons] == ["collation"]
    async with house.work(EXPERT) as work:
        with pytest.raises(rules.StillWrong):
            await commands.pass_(work, "W00001")
    async with house.work() as work:
        await commands.mend(work, "W00001")
    async with house.work() as work:
        with pytest.raises(rules.NothingOpen):
            await commands.mend(work, "W00001")
    async with house.work() as work:
        await handover.send(work, number=batch.number)
    assert [name for name, _fact in await house.said("resources.collation.returned", "resources.collation.mended")] == [
        "resources.collation.returned", "resources.collation.mended",
    ]


async def test_two_who_send_one_book_back_at_once_leave_one_line(house: House, tmp_path: Path) -> None:
    await workroom(house, tmp_path)

    async def back() -> str:
        async with house.work(EXPERT) as work:
            try:
                await commands.send_back(work, "W00001", aspects=["strip"])
            except rules.StillWrong:
                return "late"
            return "first"

    assert sorted(await asyncio.gather(back(), back())) == ["first", "late"]


async def test_the_desk_shows_the_book_beside_its_record_and_the_share_of_errors(house: House, tmp_path: Path) -> None:
    await workroom(house, tmp_path)
    shown = await get(house, "/resources/collation?code=w00001", EXPERT)
    assert "D9/1" in shown.text
    assert (await get(house, "/resources/collation?code=w00001", KEEPER)).status_code == 409
    nothing = await post(house, "/resources/collation", EXPERT, data={"code": "W00001", "verdict": "wrong"})
    assert nothing.status_code in {200, 303}
    await post(house, "/resources/collation", EXPERT, data={"code": "W00001", "verdict": "wrong", "aspects": ["label"], "note": "贴反"})
    await post(house, "/resources/collation", EXPERT, data={"code": "W00002", "verdict": "right"})
    assert await house.rows("SELECT barcode, open FROM collation_check ORDER BY barcode") == [("W00001", True), ("W00002", False)]
    page = (await get(house, "/resources/collation", EXPERT)).text
    assert "50.0%" in page
    assert "贴反" in page
    english = await get(house, "/resources/collation?code=W00002", EXPERT, "en")
    assert not han_in(english.text), han_in(english.text)
    await post(house, "/resources/collation/mended", KEEPER, data={"code": "W00001"})
    assert await house.rows("SELECT count(*) FROM collation_check WHERE open") == [(0,)]
