"""JavaScript switched off: signing in, searching, listing, creating, acting, language and theme all work."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.conftest import Open
from tests.flows.conftest import Story, eventually
from tests.support.screens import PHONE, Chromium, sign_in

PLACE, WHAT = "五层走廊", "灯管闪烁，晚间无法自习"


async def test_signing_in_and_out(window: Open, browser: Chromium) -> None:
    visitor = await window("", scripts=False)
    await visitor.go("/work")
    assert "/login?next=" in visitor.page.url, "whoever is not signed in is asked to"
    await sign_in(visitor.page, "rdr-cir", browser.password)
    assert visitor.page.url.endswith("/work"), "and comes to where they were going"
    await visitor.shot("signed-in")
    await visitor.page.locator(".side-foot summary").click()
    await visitor.page.get_by_role("button", name="退出登录").click()
    await expect(visitor.page.get_by_role("heading", name="登录")).to_be_visible()


async def test_searching_the_catalogue(window: Open, story: Story) -> None:
    barcode, _instance = await story.a_book("无脚本也能查")

    async def listed() -> bool:
        return (await story.get("rdr-dsk", "/api/reader/catalogue", q=barcode))["total"] == 1

    await eventually(listed)
    visitor = await window("", scripts=False, size=PHONE)
    await visitor.go("/reader/catalogue")
    await visitor.page.fill("main input[name=q]", "无脚本也能查")
    await visitor.page.get_by_role("button", name="检索").click()
    hit = visitor.page.locator(".hit", has_text=barcode)
    await expect(hit).to_be_visible()
    await visitor.shot("catalogue")
    await hit.locator("a[data-open]").click()
    await expect(visitor.page.locator("#copies")).to_contain_text(barcode)
    await expect(visitor.page.locator("#copies")).to_contain_text("在架")


async def test_a_fault_is_reported_listed_and_taken_on(window: Open) -> None:
    reporter = await window("rdr-cir", scripts=False)
    await reporter.go("/tech/work-orders")
    await reporter.page.locator("main a[data-new]").click()
    form = reporter.page.locator("main form[enctype]")
    await form.locator("[name=place]").fill(PLACE)
    await form.locator("[name=note]").fill("灯")
    await form.locator(".form-foot button").click()
    await expect(reporter.page.locator(".error-summary")).to_contain_text("至少 2 个字")
    await expect(form.locator("[name=place]")).to_have_value(PLACE)
    await reporter.shot("mistakes")
    await form.locator("[name=note]").fill(WHAT)
    await form.locator("select[name=kind]").select_option("power")
    await form.locator(".form-foot button").click()
    await expect(reporter.page.locator("main")).to_contain_text(WHAT)
    await expect(reporter.page.locator("main")).to_contain_text("待受理")
    await reporter.shot("reported", whole=True)

    fitter = await window("tec-sys", scripts=False)
    await fitter.go("/tech/work-orders")
    await fitter.page.fill("main input[name=q]", PLACE)
    await fitter.page.get_by_role("button", name="查询").click()
    row = fitter.page.locator("tbody tr", has_text=PLACE).first
    await row.locator("td.ref a").first.click()
    await fitter.page.get_by_role("group", name="可办理").get_by_role("button", name="受理").click()
    await fitter.shot("taken-on", whole=True)
    await expect(fitter.page.locator("main")).to_contain_text("处理中")


async def test_language_and_theme_are_links(window: Open) -> None:
    reader = await window("off-adm", scripts=False)
    await reader.go("/office/supplies?state=all")
    await reader.page.locator(".top [data-set-lang]").click()
    await expect(reader.page.get_by_role("heading", level=1)).to_have_text("Stock items")
    await reader.page.locator(".top [data-set-theme=dark]").click()
    await expect(reader.page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    await expect(reader.page.get_by_role("heading", level=1)).to_have_text("Stock items")
    await reader.shot("english-and-dark")
