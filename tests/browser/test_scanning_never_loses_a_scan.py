"""A scanner at the desk: as fast as it types, with the network gone, under an input method, at two desks at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Route, expect

from deploy.local.suite import Suite
from tests.browser.conftest import Open
from tests.flows.conftest import Story, eventually
from tests.support.screens import Screen

Shelf = Callable[[int], Awaitable[list[str]]]
pytestmark = pytest.mark.slow


@pytest.fixture
async def shelf(story: Story) -> Shelf:
    """`await shelf(10)`: barcodes of that many new copies of one title, known at the desk."""

    async def copies(n: int) -> list[str]:
        first, instance = await story.a_book("十册同书")
        found = [first, *(f"{first}{letter}" for letter in "ABCDEFGHJ"[: n - 1])]
        for barcode in found[1:]:
            await story.post(
                "res-mgt", "/api/resources/items", status=201, instance_id=instance, barcode=barcode,
                location="sk-2f", call_number="G253/1", price_cents=3000,
            )  # fmt: skip
        for barcode in found:
            await eventually(lambda barcode=barcode: story.item(barcode))
        return found

    return copies


async def _desk(window: Open, key: str = "", who: str = "rdr-dsk") -> Screen:
    screen = await window(who)
    await screen.go("/reader/desk")
    if key:
        await screen.page.keyboard.press(key)
    return screen


async def _scan(screen: Screen, *codes: str, gap: int = 0) -> None:
    for code in codes:
        await screen.page.keyboard.type(code, delay=gap)
        await screen.page.keyboard.press("Enter")


async def _serve(screen: Screen, card: str) -> None:
    """F9, F2, the card: this patron stands here now."""
    await screen.page.keyboard.press("F9")
    await screen.page.keyboard.press("F2")
    await _scan(screen, card)
    await expect(screen.page.locator("#patron")).to_contain_text(card)


async def _rows(screen: Screen) -> list[str]:
    """Barcodes of the rows, in the order they were scanned."""
    return (await screen.page.locator("#scan-lines tr td.ref").all_inner_texts())[::-1]


async def _lent(story: Story, card: str) -> list[str]:
    page = await story.get("rdr-dsk", f"/api/reader/patrons/{card}/loans", limit=100)
    return sorted(loan["barcode"] for loan in page["items"])


async def test_ten_scans_leave_ten_rows_in_order_however_fast(window: Open, story: Story, shelf: Shelf) -> None:
    books = await shelf(10)
    card = await story.a_patron("graduate")
    desk = await _desk(window)
    rows = desk.page.locator("#scan-lines tr")
    for gap, key, word in ((0, "F2", "借出"), (4, "F3", "归还"), (15, "F2", "借出")):
        # The card and the books come right behind F9, as a hurried hand does it: nothing overtakes anything.
        await desk.page.keyboard.press("F9")
        await desk.page.keyboard.press(key)
        await _scan(desk, *([card] if key == "F2" else []), *books, gap=gap)
        await expect(rows.filter(has_text=word)).to_have_count(10, timeout=30_000)
        await expect(rows).to_have_count(10, timeout=30_000)
        assert await _rows(desk) == books, f"{gap} ms between keys"
        assert all(word in text for text in await rows.all_inner_texts())
    await desk.shot("ten-scans")
    assert await _lent(story, card) == sorted(books)


@pytest.mark.timeout(240)
async def test_a_desk_without_its_service_keeps_the_scans_and_sends_them(
    window: Open, story: Story, shelf: Shelf, suite: Suite
) -> None:
    books = await shelf(3)
    card = await story.a_patron()
    desk = await _desk(window)
    await _serve(desk, card)
    suite.kill("reader")
    try:
        await _scan(desk, *books, gap=4)
        await expect(desk.page.locator("[data-scan-state]")).to_contain_text("3 条待发送", timeout=30_000)
        await desk.shot("service-down-three-waiting")
    finally:
        await asyncio.to_thread(suite.start_one, "reader")
    await expect(desk.page.locator("#scan-lines tr")).to_have_count(3, timeout=60_000)
    await expect(desk.page.locator("[data-scan-state]")).to_be_empty()
    assert await _rows(desk) == books
    assert await _lent(story, card) == sorted(books)


async def test_an_answer_lost_on_the_way_lends_once(window: Open, story: Story, shelf: Shelf) -> None:
    (book,) = await shelf(1)
    card = await story.a_patron()
    desk = await _desk(window)
    await _serve(desk, card)
    keys: list[str | None] = []

    async def lose_the_first_answer(route: Route) -> None:
        keys.append(route.request.headers.get("idempotency-key"))
        if len(keys) == 1:
            await route.fetch()
            await route.abort()
        else:
            await route.continue_()

    await desk.page.route("**/reader/desk/scan", lose_the_first_answer)
    await _scan(desk, book)
    await expect(desk.page.locator("#scan-lines tr")).to_have_count(1, timeout=30_000)
    await expect(desk.page.locator("#scan-lines tr")).to_contain_text("借出")
    assert len(keys) == 2
    assert keys[0]
    assert len(set(keys)) == 1, "a repeat has the key of the first"
    assert await _lent(story, card) == [book]


async def test_two_desks_scan_the_same_book_at_once_and_it_is_lent_once(
    window: Open, story: Story, shelf: Shelf
) -> None:
    (book,) = await shelf(1)
    desks = [await _desk(window, who=who) for who in ("rdr-dsk", "rdr-dsk2")]
    cards = [await story.a_patron() for _ in desks]
    for desk, card in zip(desks, cards, strict=True):
        await _serve(desk, card)
        await desk.page.keyboard.type(book)
    await asyncio.gather(*(desk.page.keyboard.press("Enter") for desk in desks))
    said = []
    for n, desk in enumerate(desks):
        await expect(desk.page.locator("#scan-lines tr")).to_have_count(1)
        said.append(await desk.page.locator("#scan-lines tr .chip").first.inner_text())
        await desk.shot(f"two-desks-{n}")
    assert sorted(text.strip() == "借出" for text in said) == [False, True], said
    assert sum([await _lent(story, card) == [book] for card in cards]) == 1


async def test_an_input_method_does_not_swallow_the_scanner(window: Open, story: Story, shelf: Shelf) -> None:
    (book,) = await shelf(1)
    desk = await _desk(window, "F3")
    tool = await desk.context.new_cdp_session(desk.page)
    for n, letter in enumerate(book, 1):
        code = f"Digit{letter}" if letter.isdigit() else f"Key{letter}"
        await tool.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", "windowsVirtualKeyCode": 229, "key": "Process", "code": code})
        await tool.send("Input.imeSetComposition", {"text": book[:n].lower(), "selectionStart": n, "selectionEnd": n})
        await tool.send("Input.dispatchKeyEvent", {"type": "keyUp", "windowsVirtualKeyCode": 229, "key": "Process", "code": code})
    await tool.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", "windowsVirtualKeyCode": 229, "key": "Process", "code": "Enter"})
    await expect(desk.page.locator("#scan-lines tr")).to_have_count(1)
    await expect(desk.page.locator("#scan-lines tr")).to_contain_text(book)
    await expect(desk.page.locator("#toasts")).to_contain_text("中文输入法")
    await expect(desk.page.locator("[data-scan-box]")).to_have_value("")
    await desk.shot("input-method-on")
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in book)
    await desk.page.keyboard.insert_text(wide.lower())
    await desk.page.keyboard.press("Enter")
    await expect(desk.page.locator("#scan-lines tr")).to_have_count(2)
    assert await _rows(desk) == [book, book], "full-width letters are the same code"


async def test_the_box_takes_the_focus_back_unless_another_field_has_it(window: Open, shelf: Shelf) -> None:
    (book,) = await shelf(1)
    desk = await _desk(window, "F3")
    box, find = desk.page.locator("[data-scan-box]"), desk.page.locator(".find input")
    await expect(box).to_be_focused()
    calm = await box.evaluate("(box) => getComputedStyle(box).borderColor")
    await desk.page.mouse.click(1000, 800)
    await expect(box).to_be_focused()
    await desk.page.keyboard.press("Control+k")
    await desk.page.locator("#palette input").wait_for()
    await desk.page.keyboard.type("借还台")
    assert await box.input_value() == ""
    assert await box.evaluate("(box) => getComputedStyle(box).borderColor") != calm, "amber while it does not listen"
    await desk.page.keyboard.press("Escape")
    await expect(box).to_be_focused()
    await _scan(desk, book)
    row = desk.page.locator("#scan-lines tr")
    await expect(row).to_have_count(1)
    await row.locator("summary", has_text="破损").click()
    await row.locator("input[name=note]").fill("书角折")
    await expect(row.locator("input[name=note]")).to_be_focused()
    await desk.page.keyboard.press("Escape")
    await desk.page.mouse.click(1000, 800)
    await expect(box).to_be_focused()
    assert await find.count() == 1
