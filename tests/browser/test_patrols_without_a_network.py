"""A round through a building whose stairwells have no network: stamps wait on the phone and arrive by themselves.

covers: TEC-LOG-03
"""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Open
from tests.flows.conftest import Story
from tests.support.screens import PHONE


@pytest.mark.slow
async def test_stamps_wait_on_the_phone_and_arrive_once(window: Open, story: Story) -> None:
    walker = await window("tec-log", size=PHONE)
    page = walker.page
    await walker.go("/tech/patrols")
    await page.get_by_role("button", name="开始巡视").or_(page.get_by_role("link", name="继续巡视")).first.click()
    points = page.locator("[data-letter]")
    await expect(points.first).to_be_visible()
    number = page.url.rsplit("/", 1)[1]
    await page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    await page.wait_for_function("() => caches.open('guanwu-rounds').then((kept) => kept.match(location.href)).then(Boolean)")
    await points.nth(0).get_by_role("button", name="正常").click()
    await expect(points.nth(0)).to_contain_text(re.compile(r"\d\d:\d\d"), timeout=20_000)
    await walker.shot("1-with-a-network")

    await walker.context.set_offline(True)
    await points.nth(1).get_by_role("button", name="正常").click()
    await expect(page.locator("#toasts")).to_contain_text("已存在本机")
    await expect(points.nth(1)).to_contain_text("待发送")
    await expect(points.nth(1).get_by_role("button", name="正常")).to_be_hidden()
    await points.nth(2).locator("summary").click()
    await points.nth(2).locator("textarea").fill("安全出口指示灯不亮")
    await points.nth(2).get_by_role("button", name="记录并开工单").click()
    await expect(points.nth(2)).to_contain_text("待发送")
    await expect(page.locator(".net-line.is-outbox")).to_contain_text("2")
    await walker.shot("2-two-wait-on-the-phone")

    await page.reload()
    await expect(points.nth(2)).to_contain_text("待发送")
    await expect(page.locator(".net-line.is-outbox")).to_contain_text("2")
    await walker.shot("3-opened-anew-without-a-network")

    await walker.context.set_offline(False)
    await expect(page.locator("#toasts")).to_contain_text("已补发 2 条", timeout=40_000)
    await expect(points.nth(1)).to_contain_text(re.compile(r"正常\s*\d\d:\d\d"))
    await expect(points.nth(2)).to_contain_text(re.compile(r"BX\d{4}-\d+"))
    await expect(page.locator(".net-line.is-outbox")).to_have_count(0)
    await walker.shot("4-all-have-arrived", whole=True)
    await expect(page.locator("#walk")).to_contain_text("已到 3 /")
    rounds = (await story.get("tec-log", "/api/tech/patrols"))["items"]
    assert next(one for one in rounds if one["number"] == number)["anomalies"] == 1, "one note, one work order"
