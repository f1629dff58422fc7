"""The ways of the desk on its screens alone, each from the first key to the last paper.

covers: RDR-DSK-BAS-02, RDR-DSK-BAS-04, RDR-DSK-BAS-06, RDR-LED-FRD-03
"""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Open
from tests.flows.conftest import Story, eventually
from tests.support.days import local_day
from tests.support.screens import PHONE, Screen

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
ACCOUNTS = ("20252001", "20231001", "20231002", "19980301")


async def _known(story: Story, title: str) -> tuple[str, str]:
    """A new book the catalogue and the desk know: barcode and title id."""
    barcode, instance = await story.a_book(title)

    async def listed() -> bool:
        return (await story.get("rdr-dsk", "/api/reader/catalogue", q=barcode))["total"] == 1

    await eventually(listed)
    return barcode, instance


async def _scan(desk: Screen, *codes: str) -> None:
    for code in codes:
        await desk.page.keyboard.type(code, delay=2)
        await desk.page.keyboard.press("Enter")


def _line(desk: Screen, barcode: str) -> Locator:
    return desk.page.locator("#scan-lines tr", has_text=barcode).first


async def _open(page: Page, words: str) -> Locator:
    """Press the button that asks before it acts; the small form it opens."""
    ask = page.locator("details", has=page.locator("summary", has_text=words)).first
    await ask.locator("summary").click()
    # All of it in sight: not cut off by the list it stands in, nor by the edge of the window.
    await expect(ask.locator(".pop-body")).to_be_in_viewport(ratio=0.99)
    return ask


async def test_lending_renewing_and_returning_need_no_mouse(window: Open, story: Story) -> None:
    barcode, _instance = await _known(story, "键盘借还")
    card = await story.a_patron()
    desk = await window("rdr-dsk")
    await desk.go("/reader/desk")
    await expect(desk.page.locator(".scan")).to_contain_text(re.compile("F2.*F3.*F4", re.DOTALL))
    for key, codes, word in (("F2", (card, barcode), "借出"), ("F4", (barcode,), "续借"), ("F3", (barcode,), "归还")):
        await desk.page.keyboard.press("F9")
        await expect(desk.page.locator("#scan-lines tr")).to_have_count(0)
        await desk.page.keyboard.press(key)
        await _scan(desk, *codes)
        await expect(_line(desk, barcode)).to_contain_text(word)
        await expect(desk.page.locator("#patron")).to_contain_text(card)
        await expect(desk.page.locator("[data-scan-box]")).to_be_focused()
        if key != "F3":
            await expect(_line(desk, barcode)).to_contain_text(re.compile(r"\d{4}-\d\d-\d\d"))
    await desk.page.keyboard.press("F10")
    await desk.says("最近办理")
    await expect(desk.page.locator("#list tr", has_text=barcode).first).to_be_visible()
    await desk.page.keyboard.press("F10")
    await expect(desk.page.locator("[data-scan-box]")).to_be_focused()
    assert not desk.complaints, desk.complaints


async def test_a_hold_is_fetched_shelved_and_lent(window: Open, story: Story) -> None:
    barcode, instance = await _known(story, "代取之书")
    card = await story.a_patron()
    head, desk = await window("rdr-led"), await window("rdr-dsk")
    await head.go(f"/reader/holds/titles/{quote(instance, safe='')}")
    await head.page.fill("#hold-card", card)
    await head.page.fill("#hold-note", "读者行动不便")
    await head.page.locator("input[name=override]").check()
    await head.page.get_by_role("button", name="登记", exact=True).click()
    await expect(head.page.locator("main")).to_contain_text(card)

    await desk.go("/reader/holds?tab=fetch")
    row = desk.page.locator("tbody tr", has_text=barcode)
    await row.get_by_role("button", name="我去取").click()
    await expect(row).to_contain_text("杨柳")
    await row.get_by_role("button", name="已取到").click()
    await expect(row).to_have_count(0)
    await desk.go(f"/reader/holds?q={barcode}")
    kept = desk.page.locator("tbody tr", has_text=barcode)
    await expect(kept).to_contain_text(card)
    await kept.get_by_text("签条").click()
    await expect(desk.page.locator("main")).to_contain_text(card[-4:])
    await expect(desk.page.locator("main")).not_to_contain_text("故事读者")

    await desk.go("/reader/desk")
    await desk.page.keyboard.press("F2")
    await _scan(desk, card)
    await expect(desk.page.locator("#patron")).to_contain_text("预约到馆")
    await _scan(desk, barcode)
    await expect(_line(desk, barcode)).to_contain_text("借出")
    await desk.go(f"/reader/holds?q={barcode}")
    await expect(desk.page.locator("main")).to_contain_text("没有符合条件的预约")
    assert not desk.complaints, desk.complaints


async def test_a_loss_is_paid_found_again_and_the_money_asked_back(window: Open, story: Story) -> None:
    barcode, _instance = await _known(story, "失而复得")
    card = await story.a_patron()
    await story.post("rdr-dsk", "/api/reader/loans", status=201, card=card, barcode=barcode)
    desk = await window("rdr-dsk")
    page = desk.page
    await desk.go(f"/reader/patrons/{card}")
    lost = await _open(page, "遗失")
    await lost.get_by_role("button", name="挂失遗失").click()
    await page.wait_for_url("**/reader/losses/*")
    case = page.url
    await page.fill("#w-price", "25.00")
    await page.get_by_role("button", name="重算").click()
    await page.get_by_role("button", name="计收 ¥").click()
    await desk.says("按款赔偿")
    await page.get_by_text("到读者账户收款").click()
    await page.get_by_role("button", name="现金收").click()
    await page.wait_for_url("**/reader/charges/receipts/*")
    number = page.url.rsplit("/", 1)[1]
    await expect(page.locator("main")).to_contain_text("¥125.00")
    await desk.shot("receipt", whole=True)

    await page.goto(case)
    found = await _open(page, "找到")
    await found.get_by_role("button", name="完好").click()
    await desk.says("可申请退款")
    await page.fill("input[name=receipt]", "SJ0000-000000")
    await page.get_by_role("button", name="申请退款").click()
    await desk.says("收据号与这笔赔偿款不符")
    await page.goto(case)
    await page.fill("input[name=receipt]", number)
    await page.get_by_role("button", name="申请退款").click()
    await desk.says("须由收款人、申请人以外的责任人审批")
    head = await window("rdr-led")
    await head.page.goto(case)
    await head.page.get_by_role("button", name="同意，送办公室").click()
    await head.says("退款待付")
    await head.shot("refund-approved", whole=True)

    colleague = await window("rdr-dsk2")
    await colleague.go("/reader/cash-ups")
    shift = colleague.page.locator("tbody tr", has=colleague.page.get_by_text("清点", exact=True)).filter(has_text="杨柳").first
    expected = (await shift.locator("td[data-label='应有现金']").inner_text()).strip().lstrip("¥").replace(",", "")
    await shift.get_by_text("清点", exact=True).first.click()
    await shift.locator("input[name=counted]").fill(expected)
    await shift.get_by_role("button", name="清点").click()
    bank = await _open(colleague.page, "缴存 ¥")
    await bank.locator("#slip-no").fill(f"ICBC{number[-6:]}")
    await bank.get_by_role("button", name="已缴存").click()
    await colleague.says(f"ICBC{number[-6:]}")
    await colleague.shot("banked", whole=True)


async def test_a_lost_card_stops_and_is_freed_for_its_owner(window: Open, story: Story) -> None:
    card = await story.a_patron()
    desk = await window("rdr-dsk")
    page = desk.page
    await desk.go(f"/reader/patrons/{card}")
    ask = await _open(page, "挂失")
    await ask.locator("input[name=reason]").fill("电话挂失")
    await ask.locator("form button").last.click()
    await page.get_by_role("link", name="解挂或补证").click()
    form = page.locator("form[action$='/unblock']")
    await form.locator("select").select_option(label="学生证")
    await form.locator("input[name=last4]").fill("12")
    await form.locator(".form-foot button").click()
    await expect(page.locator("main")).not_to_contain_text("已解挂")
    await desk.go(f"/reader/patrons/{card}/cards")
    await form.locator("select").select_option(label="学生证")
    await form.locator("input[name=last4]").fill("7731")
    await form.locator(".form-foot button").click()
    await expect(page.locator("h1 + .subtitle, .subtitle").first).to_contain_text("正常")
    await desk.go(f"/reader/patrons/{card}/cards")
    await expect(page.locator("main")).to_contain_text("7731")


async def test_a_draft_of_the_rules_needs_a_second_person(window: Open) -> None:
    head = await window("rdr-led")
    page = head.page
    await head.go("/reader/rules")
    ask = await _open(page, "复制为新草案")
    await ask.locator("#draft-note").fill("试：教职工借期加长")
    await ask.locator("form button").last.click()
    await page.wait_for_url("**/reader/rules/LT*")
    version = page.url
    await page.get_by_role("link", name="加一条").click()
    await page.locator("select[name=category]").select_option(label="教职工")
    await page.fill("input[name=days]", "-3")
    await page.locator(".form-foot button").click()
    await head.says("请填 0 至 365 的整数")
    await page.fill("input[name=days]", "120")
    await page.locator("select[name=location]").select_option(index=1)
    await page.locator(".form-foot button").click()
    await page.wait_for_url(version)
    await head.says("须由另一位责任人复核生效")
    await expect(page.locator("summary", has_text="复核生效")).to_have_count(0)
    second = await window("head-reader")
    await second.page.goto(version)
    ask = await _open(second.page, "复核生效")
    await ask.locator("#from").fill((local_day() + timedelta(days=301)).isoformat())
    await ask.locator("form button").last.click()
    await expect(second.page.locator("main .subtitle")).to_contain_text("许清和")
    await second.shot("activated", whole=True)
    ask = await _open(second.page, "撤下")
    await ask.locator("form button").last.click()
    await expect(second.page.locator("tr", has_text=version.rsplit("/", 1)[1])).to_contain_text("停用")


async def test_a_patron_looks_after_everything_on_a_phone(window: Open, story: Story) -> None:
    lent, _ = await _known(story, "手机续借")
    wanted, _ = await _known(story, "手机预约")
    for card in ACCOUNTS:
        patron = await story.get("rdr-dsk", f"/api/reader/patrons/{card}")
        if not patron.get("blocked_by") and not patron.get("blocks"):
            break
    else:
        pytest.fail("nobody of the demonstration may borrow")
    await story.post("rdr-dsk", "/api/reader/loans", status=201, card=card, barcode=lent)
    await story.post("rdr-dsk", "/api/reader/loans", status=201, card=await story.a_patron(), barcode=wanted)
    phone = await window(card, size=PHONE)
    page = phone.page
    await phone.go("/reader/my")
    row = page.locator("#loans tr", has_text=lent)
    await row.get_by_role("button", name="续借").click()
    await expect(page.locator("#loans tr", has_text=lent)).to_contain_text("已续借 1 次")

    await phone.go(f"/reader/catalogue?q={wanted}")
    await page.locator(".hit a[data-open]").click()
    ask = await _open(page, "预约此书")
    await ask.locator("select[name=pickup]").select_option(index=0)
    await ask.get_by_role("button", name="预约", exact=True).click()
    await phone.says("您已预约")
    lists = await _open(page, "加入书单")
    await lists.locator("#new-list").fill("手机书单")
    await lists.get_by_role("button", name="新建并加入").click()
    await phone.go("/reader/my/lists")
    await page.get_by_role("link", name="手机书单").first.click()
    await expect(page.locator("main")).to_contain_text("手机预约")
    await phone.shot("list", whole=True)
    await phone.go("/reader/my")
    held = page.locator("#holds li", has_text=wanted)
    await held.locator("summary", has_text="取消").click()
    await held.get_by_role("button", name="确定取消").click()
    await expect(held).to_have_count(0)

    for press, then in (("开启借阅历史", "关闭借阅历史"), ("关闭借阅历史", "开启借阅历史")):
        button = page.locator("#history").get_by_role("button", name=press)
        if await button.count():
            await button.click()
            await expect(page.locator("#history").get_by_role("button", name=then)).to_be_visible()
    await phone.shot("account", whole=True)
    assert not phone.complaints, phone.complaints


async def test_the_catalogue_narrows_cites_and_feeds(window: Open) -> None:
    visitor = await window("")
    page = visitor.page
    await visitor.go("/reader/catalogue")
    await page.fill("main input[name=q]", "中国")
    await page.press("main input[name=q]", "Enter")
    await expect(page.locator("#results .hit").first).to_be_visible()
    value = page.locator("#facets li a").first
    label, n = await value.locator("span").inner_text(), int((await value.locator("small").inner_text()).replace(",", ""))
    await value.click()
    await expect(page.locator(".opac-chosen")).to_contain_text(label)
    await expect(page.locator("#results")).to_contain_text(re.compile(rf"\b{n}\b"))
    await page.locator(".opac-chosen a").first.click()
    await expect(page.locator(".opac-chosen")).to_have_count(0)
    await page.locator(".hit a[data-open]").first.click()
    await expect(page.locator(".cite")).to_be_visible()
    cites = await page.locator("a[href*='/cite/']").evaluate_all("(links) => links.map((a) => a.href)")
    assert len(cites) >= 3
    for url in [*cites, f"{visitor.base_url}/reader/catalogue/new.atom"]:
        answer = await visitor.context.request.get(url)
        assert answer.status == 200, url
        assert len(await answer.body()) > 40, url
    assert "atom" in answer.headers["content-type"]
    assert not visitor.complaints, visitor.complaints
