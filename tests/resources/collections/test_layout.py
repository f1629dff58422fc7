"""Where a copy shall stand: places, the rules that lead there, and what happens when somebody knows better.

covers: RES-MGT-01, RES-MGT-04
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.resources.cataloguing.items import rules as item_rules
from services.resources.cataloguing.items.model import StockKind
from services.resources.cataloguing.items.register import locations
from services.resources.collections.layout import rules
from services.resources.collections.layout.model import Kind, LayoutRule
from services.resources.collections.layout.register import layout_rules
from shared.identity import Actor
from shared.refusals import Invalid
from shared.testing.registers import keeps_its_promises
from tests.resources.collections.shelf import HERE, THERE, get, post, shelf
from tests.resources.conftest import House

PATRON = Actor("20231001", "读者", kind="patron")


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


def rule(no: str, **more: Any) -> LayoutRule:
    clc = more.pop("clc", "")
    return LayoutRule(**{
        "no": no, "clc_from": clc, "clc_to": clc, "material": Kind.any, "language": "", "location": no, "sample_location": "",
        "sample_copies": 0, "valid_from": date(2026, 1, 1), "valid_until": None, **more,
    })


EVERYTHING = rule("all")
RULES = [
    EVERYTHING, rule("T", clc="T"), rule("TP3", clc="TP3"), rule("wide", clc_from="N", clc_to="X"), rule("eng", language="eng"),
    rule("serials", material=Kind.serial), rule("old", clc="TP31", valid_until=date(2026, 1, 31)), rule("soon", clc="TP31", valid_from=date(2027, 1, 1)),
]


@pytest.mark.parametrize(("asked", "by"), [
    ({"clc": "TP311.13"}, "TP3"), ({"clc": "TN911"}, "T"), ({"clc": "Q12"}, "wide"), ({"clc": "X5"}, "wide"), ({"clc": "B0"}, "all"),
    ({"clc": ""}, "all"), ({"clc": "TP311", "language": "eng"}, "eng"), ({"clc": "TP311", "language": "eng", "material": "serial"}, "serials"),
])
def test_the_most_specific_rule_in_force_decides(asked: dict[str, str], by: str) -> None:
    found = rules.choose(RULES, rules.Asked(day=date(2026, 6, 1), **asked))
    assert found is not None
    assert found.no == by


def test_a_rule_that_ended_or_leads_to_a_closed_place_does_not_decide() -> None:
    asked = rules.Asked(clc="TP311", day=date(2026, 1, 31))
    assert rules.choose(RULES, asked).no == "old"  # type: ignore[union-attr]
    assert rules.choose(RULES, asked, {"old", "TP3", "T", "wide"}) is EVERYTHING
    assert rules.choose(RULES, asked, {one.location for one in RULES}) is None
    assert str(rules.why_not(RULES[-1], asked)) == "2027-01-01 起才生效"


def test_copies_are_split_until_the_sample_is_there() -> None:
    one = rule("TP3", sample_location="yb", sample_copies=1)
    assert rules.split(one, 3) == [rules.Share("yb", 1, sample=True), rules.Share("TP3", 2)]
    assert rules.split(one, 3, in_sample=1) == [rules.Share("TP3", 3)]
    assert rules.split(one, 1) == [rules.Share("yb", 1, sample=True)]
    assert rules.split(one, 2, closed={"yb"}) == [rules.Share("TP3", 2)]


def test_all_that_is_wrong_with_a_rule_is_said_at_once() -> None:
    bad = rule("x", clc_from="TP9", clc_to="TP3", location="nowhere", sample_location="sk", valid_until=date(2025, 1, 1))
    assert set(rules.errors(bad, ["sk"])) == {"clc_to", "location", "sample_copies", "valid_until"}
    assert "clc_from" in rules.errors(rule("x", clc_from="005.1"), ["x"])


async def test_the_rules_have_their_screen_and_a_new_one_that_makes_no_sense_is_refused(house: House) -> None:
    await house.place(HERE, "二层社科库")
    form = {"clc_from": "d", "material": "", "location": HERE, "valid_from": "2026-01-01"}
    await keeps_its_promises(layout_rules, house.app, lambda: form)
    bad = await post(house, "/resources/layout-rules", data={**form, "location": "nowhere"})
    assert bad.status_code == 422
    assert "没有这个馆藏地" in bad.text


async def test_a_copy_is_proposed_a_place_and_another_place_needs_a_reason(house: House, tmp_path: Path) -> None:
    numbers = await shelf(house, tmp_path, D=1)
    await house.place("yb-5f", "五层样本库")
    number = numbers["D"]
    async with house.work() as work:
        await layout_rules.open(work, clc_from="", location=THERE, sample_location="yb-5f", sample_copies=1, valid_from=date(2026, 1, 1))
    tried = (await get(house, f"/resources/layout?record={number}&copies=3")).text
    assert "1 册 → 五层样本库" in tried
    assert "2 册 → 二层文学库" in tried
    assert (await get(house, "/resources/layout?record=nothing")).status_code == 200
    assert (await get(house, f"/api/resources/layout?record={number}")).json()["shares"] == [{"location": "yb-5f", "copies": 1, "sample": True}]
    assert "按布局规则" in (await get(house, f"/resources/records/{number}")).text
    body = {"barcode": "D00100", "location": HERE, "call_number": "D1/9"}
    refused = await post(house, f"/resources/records/{number}/items", data=body)
    assert refused.status_code == 422
    assert "应入五层样本库" in refused.text
    assert (await post(house, f"/resources/records/{number}/items", data={**body, "layout_reason": "课程急用"})).status_code in {200, 303}
    listed = (await get(house, "/resources/layout/exceptions")).text
    assert "课程急用" in listed
    assert "D00100" in listed
    assert (await post(house, f"/resources/records/{number}/items", data={**body, "barcode": "D00101", "location": "yb-5f"})).status_code in {200, 303}
    assert (await get(house, f"/api/resources/layout?record={number}")).json()["shares"][0]["location"] == THERE
    assert (await get(house, "/resources/layout", PATRON)).status_code == 403
