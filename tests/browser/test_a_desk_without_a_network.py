"""A desk whose network is gone goes on lending; when it is back everything is recorded once. And a drop box at speed.

covers: RDR-DSK-BAS-02, RDR-LED-FRD-03, RDR-CIR-OTH-05
"""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Open
from tests.flows.conftest import Story, eventually


async def _known(story: Story, title: str) -> str:
    barcode, _instance = await story.a_book(title)
    await eventually(lambda: story.item(barcode))
    return barcode


@pytest.mark.slow
async def test_scans_wait_in_the_browser_and_are_replayed_once_the_network_is_back(window: Open, story: Story) -> None:
    card, lent, back = await story.a_patron(), await _known(story, "断网照借"), await _known(story, "断网照还")
    await story.post("rdr-dsk", "/api/reader/loans", status=201, card=card, barcode=back)
    desk, head = await window("rdr-dsk"), await window("rdr-led")
    page, keys = desk.page, desk.page.keyboard
    await desk.go("/reader/offline")
    await page.fill("#device-name", "总台一号机")
    await keys.press("Enter")
    await expect(page.locator("[data-offline-says]")).to_contain_text("待责任人批准")
    await head.go("/reader/offline/devices")
    await head.page.get_by_role("button", name="批准").first.click()
    await head.says("可用")
    await page.reload()
    await expect(page.locator("[data-offline-says]")).to_contain_text("网络正常")
    await page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    await page.wait_for_function("() => caches.open('guanwu-rounds').then((kept) => kept.match(location.href)).then(Boolean)")

    await desk.context.set_offline(True)
    await page.reload()
    await expect(page.locator("[data-offline-says]")).to_contain_text("网络中断")
    for code in (card, lent):
        await keys.type(code)
        await keys.press("Enter")
    await expect(page.locator("[data-offline-patron]")).to_contain_text(card)
    await keys.press("F3")
    for code in (back, "NIX-404"):
        await keys.type(code)
        await keys.press("Enter")
    await expect(page.locator("[data-offline-rows] tr")).to_have_count(3)
    await desk.shot("1-three-scans-kept")
    await page.reload()
    await expect(page.locator("[data-offline-rows] tr")).to_have_count(3)
    assert await page.evaluate(
        "() => new Promise((done) => { indexedDB.open('guanwu-offline-desk').onsuccess = (e) => {"
        " e.target.result.transaction('self').objectStore('self').get('device').onsuccess = (r) =>"
        " done(r.target.result.keys.privateKey.extractable); }; })"
    ) is False, "the key cannot leave the browser"

    await desk.context.set_offline(False)
    await expect(page.locator("#toasts")).to_contain_text("已补传 3 条，1 条待核", timeout=40_000)
    await expect(page.locator("[data-offline-rows] tr")).to_have_count(0)
    loans = await story.get("rdr-dsk", f"/api/reader/patrons/{card}/loans")
    assert [one["barcode"] for one in loans["items"]] == [lent]
    await desk.go("/reader/offline/batches")
    await page.locator("tbody a").first.click()
    await desk.says("NIX-404")
    await desk.shot("2-the-report", whole=True)
    await page.get_by_text("不再处理").click()
    await page.fill("input[name=note]", "误扫")
    await keys.press("Enter")
    await desk.says("误扫")


@pytest.mark.slow
async def test_a_drop_box_list_works_itself_off_and_scans_join_it(window: Open, story: Story) -> None:
    card, one, two = await story.a_patron(), await _known(story, "夜投之书"), await _known(story, "晨扫之书")
    await story.post("rdr-dsk", "/api/reader/loans", status=201, card=card, barcode=one)
    desk = await window("rdr-dsk")
    page = desk.page
    await desk.go("/reader/drop-box")
    latest = await page.get_attribute("#f-on", "max")
    assert latest
    await page.fill("#f-on", latest)
    await page.fill("#f-codes", "\n".join([one, *(f"NIX{n}" for n in range(30))]))
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_text("继续处理")).to_have_count(0, timeout=30_000)
    await expect(page.locator("#drop-sums")).to_contain_text("30")
    await page.locator("[data-scan-box]").focus()
    for _n in range(2):
        await page.keyboard.type(two)
        await page.keyboard.press("Enter")
    await expect(page.locator("#scan-lines tr").filter(has_text=two)).to_have_count(1)
    await expect(page.locator("#scan-lines tr")).to_have_count(2)
    await desk.shot("3-drop-box", whole=True)
    await page.keyboard.press("F8")
    await desk.says("夜投之书")
    await desk.shot("4-sorting-list")
