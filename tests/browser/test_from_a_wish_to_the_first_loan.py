"""The chain of a book on screens alone: reader, selector, head, finance, acceptor, cataloguers, workroom and desk.

covers: OFF-FIN-01 RES-ACQ-01 RES-ACQ-02 RES-MGT-01 RES-MGT-04 RDR-LED-FRD-02 RDR-DSK-BAS-02
"""

from __future__ import annotations

import re
import time

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Open
from tests.flows.conftest import Story, eventually
from tests.flows.test_new_books_reach_their_readers import POINT, a_point
from tests.support.screens import PHONE, Screen

READER = "20231002"
SOON = 30_000
TITLE = "运河与城市记忆"


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_from_a_readers_wish_to_the_first_loan_on_screens_only(window: Open, story: Story) -> None:
    await a_point(story)
    title = f"{TITLE} {time.time_ns() % 10**9}"
    reader, buyer = await window(READER, size=PHONE), await window("res-acq")
    head, finance, office = await window("head-resources"), await window("off-fin"), await window("head-office")
    acceptor, desk = await window("res-mgt"), await window("rdr-dsk")

    await _wish(reader, title)
    await _agree(buyer, title)
    await _hears(reader, title, "已采纳")
    order = await _order(buyer, title)
    await _approve(head, order)
    await _send(buyer, order)
    await _money_is_held(finance, order)
    await _hears(reader, title, "已订购")
    record = await _accept(acceptor, order)
    await _pay(buyer, finance, office, order)
    barcode = await _catalogue(acceptor, buyer, record)
    batch = await _hand_over(acceptor, barcode)
    await _count_in(desk, batch, barcode)
    await _first_hold(reader, title)
    await _lend(desk, barcode)
    await _whole_way(reader, buyer, title, order)
    for screen in (reader, buyer, head, finance, office, acceptor, desk):
        assert not screen.complaints, f"{screen.name}: {screen.complaints}"


async def _act(screen: Screen, label: str, **asked: str) -> None:
    """Press an action of the record on screen and answer what its small form asks."""
    ways = screen.page.get_by_role("group", name="可办理")
    await expect(ways).to_be_visible()
    form = ways.locator("details", has=screen.page.locator("summary").get_by_text(label, exact=True))
    if await form.count():
        await form.locator("summary").click()
        for name, value in asked.items():
            await form.locator(f"[name={name}]").fill(value)
        press = form.locator("button[type=submit]").last
    else:
        press = ways.get_by_role("button", name=label, exact=True)
    async with screen.page.expect_navigation(wait_until="load"):
        await press.click()


def _isbn() -> str:
    """A number of a book nobody has."""
    digits = f"9787{time.time_ns() % 10**8:08d}"
    return digits + str(-sum(int(d) * (3 if n % 2 else 1) for n, d in enumerate(digits)) % 10)


async def _wish(reader: Screen, title: str) -> None:
    await reader.go("/reader/my/suggestions/new")
    await reader.page.fill("main [name=title]", title)
    await reader.page.fill("main [name=author]", "某人")
    await reader.page.fill("main [name=publisher]", "云山大学出版社")
    await reader.page.fill("main [name=year]", "2026")
    await reader.page.fill("main [name=isbn]", _isbn())
    await reader.page.fill("main [name=reason]", "毕业论文要用")
    await reader.shot("01-reader-asks", whole=True)
    await reader.page.get_by_role("button", name="提交荐购").click()
    await reader.says(title)
    await reader.shot("02-reader-has-asked", whole=True)


async def _agree(buyer: Screen, title: str) -> None:
    """On the buyer's list by itself; decided on its page."""
    await buyer.go(f"/resources/suggestions?q={title}")
    row = buyer.page.locator("#list tr", has_text=title)
    await expect(row).to_be_visible(timeout=SOON)
    number = re.search(r"[A-Z]+\d{4}-\d+", await row.inner_text())
    assert number
    await buyer.go(f"/resources/suggestions/{number[0]}")
    await buyer.shot("03-buyer-sees-who-waits", whole=True)
    await _act(buyer, "采纳", copies="1", answer="已列入本月采购")
    await buyer.says("已采纳")


async def _hears(reader: Screen, title: str, stage: str) -> None:
    """The reader's own page says how far it is."""
    async def told() -> bool:
        await reader.go("/reader/my/suggestions")
        return stage in await reader.page.locator("main li, main article", has_text=title).first.inner_text()

    await eventually(told)
    await reader.shot(f"04-reader-hears-{stage}", whole=True)


async def _order(buyer: Screen, title: str) -> str:
    await buyer.go("/resources/orders/new")
    await buyer.page.fill("main [name=supplier]", "江畔新华")
    await buyer.page.fill("main [name=fund]", "中文图书")
    await buyer.page.locator("main form button.btn-primary").click()
    found = re.search(r"/resources/orders/(CG\d{4}-\d+)", buyer.page.url)
    assert found, await buyer.page.inner_text("main")
    order = found[1]
    await buyer.go(f"/resources/orders/{order}/pick")
    await buyer.page.locator("tr", has_text=title).locator("input[name=ids]").check()
    await buyer.shot("05-buyer-picks-the-title", whole=True)
    await buyer.page.get_by_role("button", name="加入订单").click()
    await buyer.go(f"/resources/orders/{order}/lines")
    row = buyer.page.locator("tr", has_text=title)
    await expect(row).to_be_visible()
    await row.locator("summary").first.click()
    await row.locator("[name=list_minor]").fill("45.00")
    await row.get_by_role("button", name="保存").click()
    await buyer.go(f"/resources/orders/{order}")
    await _act(buyer, "查重", again_reason="无")
    return order


async def _approve(head: Screen, order: str) -> None:
    await head.go(f"/resources/orders/{order}")
    await head.shot("06-head-approves", whole=True)
    await _act(head, "批准")
    await head.says("已批准")


async def _send(buyer: Screen, order: str) -> None:
    """Sent once the office has held the money: the page changes by itself."""
    await buyer.go(f"/resources/orders/{order}")
    await _act(buyer, "申请经费并发订")

    async def sent() -> bool:
        await buyer.go(f"/resources/orders/{order}")
        return "已发订" in await buyer.page.inner_text("main")

    await eventually(sent)
    await buyer.shot("07-buyer-order-is-sent", whole=True)


async def _money_is_held(finance: Screen, order: str) -> None:
    await finance.go(f"/office/reservations?q={order}")
    await expect(finance.page.locator("#list tr", has_text=order)).to_contain_text("已占用")
    await finance.shot("08-finance-sees-the-money-held")


async def _accept(acceptor: Screen, order: str) -> str:
    """Counted and accepted by somebody else; the record is a draft of what the order said."""
    page = acceptor.page
    await acceptor.go("/resources/acceptances/new")
    await page.fill("main [name=order_no]", order)
    await page.fill("main [name=arrived_on]", time.strftime("%Y-%m-%d"))
    await page.fill("main [name=location]", "sk-2f")
    await page.locator("main form button.btn-primary").click()
    found = re.search(r"/resources/acceptances/(\S+?)(?:[?#]|$)", page.url)
    assert found, await page.inner_text("main")
    await acceptor.go(f"/resources/acceptances/{found[1]}/count")
    row = page.locator("tbody tr").first
    await row.locator("summary").click()
    await row.locator("[name=arrived]").fill("1")
    await acceptor.shot("09-acceptor-counts")
    await row.get_by_role("button", name="保存").click()
    await expect(page.locator("tbody tr").first).to_contain_text("1")
    await acceptor.go(f"/resources/acceptances/{found[1]}")
    await _act(acceptor, "验收完成")
    await acceptor.says("已验收")
    await acceptor.shot("10-acceptor-has-accepted", whole=True)
    link = page.locator("main a[href*='/resources/records/']").first  # the draft made of the order's words
    return (await link.get_attribute("href") or "").rpartition("/")[2]


async def _pay(buyer: Screen, finance: Screen, office: Screen, order: str) -> None:
    """The invoice stands beside order and acceptance; its voucher is audited, approved and executed by different people."""
    page = buyer.page
    await buyer.go(f"/resources/orders/{order}")
    net = re.search(r"实洋\s*¥?\s*([\d,.]+)", await page.inner_text("main"))
    assert net
    await buyer.go("/resources/invoices/new")
    await page.fill("main [name=order_no]", order)
    await page.fill("main [name=invoice_no]", f"F-{order}")
    await page.fill("main [name=invoiced_on]", time.strftime("%Y-%m-%d"))
    await page.fill("main [name=amount]", net[1].replace(",", ""))
    await page.locator("main form button.btn-primary").click()
    bill = re.search(r"/resources/invoices/([A-Z]+\d{4}-\d+)", page.url)
    assert bill, await page.inner_text("main")
    await buyer.shot("11-buyer-three-way-match", whole=True)
    await _act(buyer, "提请付款", difference_reason="")

    async def voucher() -> str:
        await finance.go(f"/office/vouchers?q={bill[1]}")
        found = re.search(r"PZ\d{4}-\d+", await finance.page.inner_text("main"))
        return found[0] if found else ""

    number = await eventually(voucher)
    for screen, label, asked in ((finance, "审核通过", {}), (office, "审批同意", {}), (finance, "执行", {"method": "转账"})):
        await screen.go(f"/office/vouchers/{number}")
        await screen.shot(f"12-voucher-{label}", whole=True)
        await _act(screen, label, **asked)

    async def closed() -> bool:
        await buyer.go(f"/resources/orders/{order}")
        return "已付款，结案" in await buyer.page.inner_text("main")

    await eventually(closed)


async def _catalogue(cataloguer: Screen, proofreader: Screen, record: str) -> str:
    """The draft is made whole in the MARC editor by one, read and released by another; its copy is an item now."""
    page = cataloguer.page
    await cataloguer.go(f"/resources/records/{record}/edit")
    await page.locator("button[data-row=append]").click()
    last = page.locator("tr:has(input[name=tag])").last
    await last.locator("[name=tag]").fill("101")
    await last.locator("[name=text]").fill("$achi")
    await page.fill("[name=reason]", "补语种")
    await cataloguer.shot("13-cataloguer-edits", whole=True)
    await page.locator("[data-marc-save]").click()
    await cataloguer.says("chi")
    await cataloguer.go(f"/resources/records/{record}/class")
    await page.locator("main form[method=get] input:not([type=hidden])").first.fill("K928.4")
    await page.get_by_role("button", name="看这一类").click()
    await page.get_by_role("button", name="分入此类并取号").click()
    await cataloguer.says("K928.4/")
    await proofreader.go(f"/resources/proofing/{record}")
    await proofreader.shot("14-proofreader-reads", whole=True)
    await proofreader.go(f"/resources/records/{record}")
    await proofreader.page.get_by_role("button", name="校对通过并发布").click()
    await proofreader.says("已发布")

    async def item() -> str:
        await cataloguer.go(f"/resources/records/{record}")
        found = re.search(r"[A-Z]\d{9}", await page.locator("main table").first.inner_text())
        return found[0] if found else ""

    barcode = str(await eventually(item))
    await cataloguer.shot("15-record-with-its-item", whole=True)
    return barcode


async def _scan(screen: Screen, code: str) -> None:
    """As a scanner does it: the box has the focus, the code, Enter."""
    await expect(screen.page.locator("[data-scan-box]")).to_be_focused()
    await screen.page.keyboard.type(code, delay=3)
    await screen.page.keyboard.press("Enter")


async def _hand_over(workroom: Screen, barcode: str) -> str:
    page = workroom.page
    await workroom.go("/resources/handovers/new")
    await page.locator("main [name=point]").select_option(POINT)
    await page.locator("main form button.btn-primary").click()
    found = re.search(r"/resources/handovers/([A-Z]+\d{4}-\d+)", page.url)
    assert found, await page.inner_text("main")
    for key, counted in (("F2", "已核条码"), ("F3", "已核书标")):  # into the batch, then its label held against the record
        await page.keyboard.press(key)
        await _scan(workroom, barcode)
        await expect(page.locator("#sums")).to_contain_text(re.compile(rf"{counted}\s*1"))
    await workroom.shot("16-workroom-batch", whole=True)
    await page.get_by_role("button", name="发出", exact=True).click()
    await workroom.says("在谁手里")
    return found[1]


async def _count_in(desk: Screen, batch: str, barcode: str) -> None:
    async def listed() -> bool:
        return (await desk.go(f"/reader/handovers/{batch}")).status == 200

    await eventually(listed)
    await _scan(desk, barcode)
    await expect(desk.page.locator("tr", has_text=barcode).first).to_contain_text("相符")
    await desk.shot("17-desk-counts-in", whole=True)
    await desk.page.get_by_role("button", name="确认接收").click()
    await desk.says("已接收")


async def _first_hold(reader: Screen, title: str) -> None:
    """Who asked for it is first in line, without asking again."""
    async def ready() -> bool:
        await reader.go("/reader/my")
        holds = reader.page.locator("#holds")
        return title in await holds.inner_text() and "领取" in await holds.inner_text()

    await eventually(ready)
    await reader.shot("18-reader-can-fetch-it", whole=True)


async def _lend(desk: Screen, barcode: str) -> None:
    await desk.go("/reader/desk")
    await desk.page.keyboard.press("F2")
    for code in (READER, barcode):
        await _scan(desk, code)
        await expect(desk.page.locator("#patron")).to_contain_text(READER)
    await expect(desk.page.locator("#scan-lines tr", has_text=barcode).first).to_contain_text("借出")
    await desk.shot("19-desk-lends")


async def _whole_way(reader: Screen, buyer: Screen, title: str, order: str) -> None:
    """The wish shows every stage, the order's timeline who did what and how long it took."""
    await reader.go("/reader/my/suggestions")
    await reader.shot("20-reader-sees-every-stage", whole=True)
    await buyer.go(f"/timeline?case={order}")
    text = await buyer.page.inner_text("main")
    assert all(word in text for word in ("办公室", "资源建设部")), text
    await expect(buyer.page.locator("main .timeline .gap").first).to_be_visible()
    await buyer.shot("21-timeline-of-the-order", whole=True)
