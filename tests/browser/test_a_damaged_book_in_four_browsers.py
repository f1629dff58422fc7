"""The main job on screens alone: two clerks, the workshop and a patron, each at a browser of their own.

covers: RDR-DSK-BAS-02 RDR-DSK-BAS-05 RES-DIG-02
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from playwright.async_api import Locator, expect

from tests.browser.conftest import Open
from tests.flows.conftest import Story, eventually
from tests.support.screens import PHONE, Screen

SOON = 30_000
CARDS = ("20231001", "20231002", "20252001", "19980301")


@dataclass
class Cast:
    """Everybody of the story at their own screen."""

    desk: Screen
    second: Screen
    workshop: Screen
    patron: Screen

    def everyone(self) -> list[Screen]:
        return [self.desk, self.second, self.workshop, self.patron]


@pytest.mark.slow
@pytest.mark.timeout(420)
async def test_from_the_return_to_the_next_patron_on_screens_only(window: Open, story: Story) -> None:
    barcode, _instance = await story.a_book("古籍修补图说")
    first = await story.a_patron()
    card, name = await _somebody_who_may_borrow(story)
    cast = Cast(
        await window("rdr-dsk"), await window("rdr-dsk2"), await window("res-dig"),
        await window(card, size=PHONE),
    )

    await _lend(cast.desk, first, barcode)
    await cast.desk.shot("01-desk-lends")
    await _place_a_hold(cast.patron, barcode)
    await cast.workshop.go("/resources/repairs")
    await cast.second.go("/reader/inspections")
    await _return_damaged(cast.desk, barcode)

    number = await _appears_at_the_workshop(cast.workshop, barcode)
    await _mend(cast.workshop, number)
    await _passes_at_the_desk(cast.second, barcode)
    await _is_told(cast.patron, barcode)
    await _lend(cast.desk, card, barcode)
    await expect(cast.desk.page.locator("#patron")).to_contain_text(name)
    await cast.desk.shot("13-desk-lends-to-the-patron-who-waited")
    await cast.patron.says("在借")
    await expect(cast.patron.page.locator("#loans, main").first).to_contain_text(barcode)
    await cast.patron.shot("14-patron-has-it", whole=True)

    await _chain(cast.desk, barcode)
    await _credit(cast)
    for screen in cast.everyone():
        assert not screen.complaints, f"{screen.name}: {screen.complaints}"


async def _somebody_who_may_borrow(story: Story) -> tuple[str, str]:
    """A patron of the demonstration who can sign in and is not blocked today."""
    for card in CARDS:
        patron = await story.get("rdr-dsk", f"/api/reader/patrons/{card}")
        if not patron.get("blocked_by") and not patron.get("blocks"):
            return card, patron["name"]
    pytest.fail("nobody of the demonstration may borrow")


async def _scan(screen: Screen, code: str) -> None:
    await screen.page.keyboard.type(code, delay=3)
    await screen.page.keyboard.press("Enter")


def _row(screen: Screen, barcode: str) -> Locator:
    return screen.page.locator("#scan-lines tr", has_text=barcode).first


async def _lend(desk: Screen, card: str, barcode: str) -> None:
    """Keyboard only: F9 the next in line, F2 lending, card, book."""
    if "/reader/desk" not in desk.page.url:
        await desk.go("/reader/desk")
    else:
        await desk.page.keyboard.press("F9")
        await expect(desk.page.locator("#scan-lines tr")).to_have_count(0)
    await desk.page.keyboard.press("F2")
    await _scan(desk, card)
    await expect(desk.page.locator("#patron")).to_contain_text(card)
    await _scan(desk, barcode)
    await expect(_row(desk, barcode)).to_contain_text("借出")


async def _place_a_hold(patron: Screen, barcode: str) -> None:
    """On a phone: find the book in the catalogue and ask for it."""
    await patron.go("/reader/catalogue")
    await patron.page.fill("main input[name=q]", barcode)
    await patron.page.press("main input[name=q]", "Enter")
    hit = patron.page.locator("#results .hit", has_text=barcode)
    await expect(hit).to_be_visible()
    await patron.shot("02-patron-finds-the-book")
    await hit.locator("a[data-open]").click()
    await patron.page.locator("summary", has_text="预约此书").click()
    await patron.page.get_by_role("button", name="预约", exact=True).click()
    await patron.says("您已预约")
    await patron.shot("03-patron-asks-for-it")
    await patron.go("/reader/my")
    await expect(patron.page.locator("#holds")).to_contain_text(barcode)
    await patron.shot("04-patron-waits", whole=True)


async def _return_damaged(desk: Screen, barcode: str) -> None:
    """F3, the book, then 破损 in its row: what kind, and how bad."""
    await desk.page.keyboard.press("F9")
    await desk.page.keyboard.press("F3")
    await _scan(desk, barcode)
    row = _row(desk, barcode)
    await expect(row).to_be_visible()
    await desk.shot("05-desk-takes-it-back")
    await row.locator("summary", has_text="破损").click()
    await row.get_by_text("书脊开裂").click()
    await desk.shot("06-desk-presses-damaged")
    await row.get_by_role("button", name="中度").click()
    await expect(row).to_contain_text("已登记破损")
    await desk.shot("07-desk-has-reported-it")


async def _appears_at_the_workshop(workshop: Screen, barcode: str) -> str:
    """Live: nobody reloads the list."""
    row = workshop.page.locator("#list tr", has_text=barcode)
    await expect(row).to_be_visible(timeout=SOON)
    await workshop.shot("08-workshop-sees-the-job-live")
    number = re.search(r"XB\d{4}-\d+", await row.inner_text())
    assert number
    return number.group()


async def _mend(workshop: Screen, number: str) -> None:
    """Both small forms: what is wrong, then what was done."""
    page = workshop.page
    await page.locator("#list tr", has_text=number).get_by_text("开始修补").click()
    await page.locator("#drawer textarea").fill("书脊脱胶，重新裱背")
    await workshop.shot("09-workshop-begins")
    await page.locator("#drawer button.btn-primary").click()
    await expect(page.locator("#drawer")).to_be_hidden()
    row = page.locator("#list tr", has_text=number)
    await expect(row).to_contain_text("修补中")
    await row.get_by_text("修补完毕").click()
    await page.locator("#drawer textarea").fill("上胶压平，换衬页")
    await page.locator("#drawer input[name=minutes]").fill("25")
    await workshop.shot("10-workshop-finishes")
    await page.locator("#drawer button.btn-primary").click()
    await expect(page.locator("#drawer")).to_be_hidden()


async def _passes_at_the_desk(second: Screen, barcode: str) -> None:
    """Live on the list of the other clerk, who ticks what was looked at and passes it."""
    card = second.page.locator("#list li", has_text=barcode)
    await expect(card).to_be_visible(timeout=SOON)
    await second.shot("11-second-clerk-sees-it-live")
    for box in await card.locator("input[type=checkbox]").all():
        await box.check()
    await card.get_by_role("button", name="合格", exact=True).click()
    await second.says("预约架")
    await second.shot("12-second-clerk-passes-it")


async def _is_told(patron: Screen, barcode: str) -> None:
    """The account page has changed by itself, and the bell rang."""
    await expect(patron.page.locator("#holds")).to_contain_text("领取", timeout=SOON)
    await expect(patron.page.locator("#holds")).to_contain_text(barcode)
    await patron.shot("12-patron-sees-it-ready", whole=True)
    await patron.go("/notices")
    await expect(patron.page.locator("main")).to_contain_text(barcode)
    await patron.shot("12-patron-was-told")
    await patron.go("/reader/my")


async def _chain(desk: Screen, barcode: str) -> None:
    """The item's own page leads to its timeline: both departments, one sentence a step, time in between."""
    await desk.go(f"/reader/items/{barcode}")
    await desk.shot("15-item", whole=True)

    async def told() -> bool:
        await desk.go(f"/timeline?item={barcode}")
        text = await desk.page.inner_text("main")
        return all(word in text for word in ("回验", "修补", "破损", "资源建设部", "读者服务部"))

    await eventually(told)
    main = desk.page.locator("main")
    await expect(main.locator(".timeline .gap").first).to_contain_text("间隔")
    await desk.shot("16-timeline-of-the-item", whole=True)
    await main.locator("li", has_text="破损").get_by_text("整个事件链").first.click()
    await expect(main.locator(".stages")).to_contain_text("用时")
    await desk.shot("17-timeline-of-the-case", whole=True)


async def _credit(cast: Cast) -> None:
    """The homes of the three colleagues show the duty this story is evidence of."""
    for n, (screen, duty) in enumerate((
        (cast.desk, "RDR-DSK-BAS-05"), (cast.workshop, "RES-DIG-02"), (cast.second, "RDR-DSK-BAS-05"),
    )):  # fmt: skip

        async def credited(screen: Screen = screen, duty: str = duty) -> bool:
            await screen.go("/duties")
            row = screen.page.locator("tr", has_text=duty)
            return (await row.locator("td.num").inner_text()).strip().isdigit()

        await eventually(credited)
        await screen.shot(f"{18 + n}-duties-of-{screen.name}", whole=True)
        await screen.go("/")
        await screen.says("本月实绩")
        await screen.shot(f"{18 + n}-home-of-{screen.name}", whole=True)
