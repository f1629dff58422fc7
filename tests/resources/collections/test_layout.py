"""Where a copy shall stand: places, the rules that lead there, and what happens when somebody knows better.

covers: RES-MGT-01, RES-MGT-04
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from services.resources.cataloguing.items import rules as item_rules
from services.resources.cataloguing.items.model import StockKind
from services.resources.cataloguing.items.register import locations
from shared.refusals import Invalid
from tests.resources.collections.shelf import HERE, get, shelf
from tests.resources.conftest import House


async def test_a_place_says_what_it_is_for_how_full_it_is_and_is_told_to_others(house: House, tmp_path: Path) -> None:
    await shelf(house, tmp_path, D=3)
    async with house.work() as work:
        await locations.amend(work, HERE, name="二层社科库", volumes=6, stock=StockKind.lending, floor="二层", closes_on=date(2020, 1, 1))
    told = [fact for name, fact in await house.said("resources.location.saved") if fact["code"] == HERE]
    assert (told[-1]["volumes"], told[-1]["stock"], told[-1]["closes_on"]) == (6, "lending", "2020-01-01")
    page = (await get(house, f"/resources/locations/{HERE}")).text
    assert "占 50%" in page
    assert "已停用" in page
    with pytest.raises(Invalid):
        async with house.work() as work:
            await locations.amend(work, HERE, opens_on=date(2020, 2, 1))


def test_how_full_a_place_is_is_not_said_where_nobody_measured() -> None:
    assert (item_rules.filled(30, 0), item_rules.filled(30, 60), item_rules.filled(0, 60)) == (None, 50, 0)
