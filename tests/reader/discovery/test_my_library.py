"""A patron's own account: everything about it, and nobody else's. covers: RDR-DSK-BAS-02, RDR-DSK-BAS-04"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from services.reader.desk.charges import commands as charges
from services.reader.desk.charges.model import Kind, Method
from services.reader.desk.patrons.model import Category
from shared.identity import Actor
from shared.testing.registers import han_in
from tests.reader.discovery.conftest import CLERK, Library


async def _overdue(library: Library, barcode: str, days: int) -> None:
    """As if the day had passed."""
    async with library.work() as work:
        await work.session.execute(
            text("UPDATE loan SET due_on = :day WHERE barcode = :barcode AND returned_at IS NULL"),
            {"day": work.today - timedelta(days=days), "barcode": barcode},
        )


async def test_the_page_says_what_is_due_and_why_this_day(library: Library) -> None:
    book, patron = await library.book("活着"), await library.patron()
    await library.lend(patron, book.barcodes[0])
    page = (await library.get("/reader/my", patron)).text
    assert "活着" in page
    assert "本科生借期 30 天" in page
    assert "还有 30 天" in page
    assert f"/reader/catalogue/{book.number}" in page
    mine = (await library.get("/api/reader/my", patron)).json()
    (loan,) = mine["loans"]
    assert (loan["renewable"], loan["overdue"], loan["days_left"]) == (True, False, 30)


async def test_one_renewal_is_granted_and_the_next_refused_with_its_reason(library: Library) -> None:
    book, patron = await library.book("活着"), await library.patron()
    await library.lend(patron, book.barcodes[0])
    assert (await library.post("/reader/my/renew", patron, data={"barcode": book.barcodes[0]})).status_code == 303
    answer = await library.post("/reader/my/renew", patron, data={"barcode": book.barcodes[0]})
    assert answer.status_code == 409
    assert "已续借 1 次，达到上限" in answer.text
    page = (await library.get("/reader/my", patron)).text
    assert "不能续借：已续借 1 次，达到上限" in page
    assert "/reader/my/renew\"" not in page  # no button that could only be refused


async def test_renewing_all_renews_what_can_be_and_names_the_rest(library: Library) -> None:
    patron = await library.patron()
    fine, late, wanted = [await library.book(title) for title in ("可续", "超期", "有人等")]
    for book in (fine, late, wanted):
        await library.lend(patron, book.barcodes[0])
    await _overdue(library, late.barcodes[0], 2)
    assert (await library.post(f"/reader/catalogue/{wanted.number}/hold", await library.patron())).status_code == 303
    answer = (await library.post("/api/reader/my/renew-all", patron)).json()
    assert [loan["barcode"] for loan in answer["renewed"]] == fine.barcodes
    refused = {r["barcode"]: [reason["code"] for reason in r["reasons"]] for r in answer["refused"]}
    assert refused == {late.barcodes[0]: ["loan-overdue"], wanted.barcodes[0]: ["others-wait"]}


async def test_what_is_late_is_told_first_with_todays_fine(library: Library) -> None:
    book, patron = await library.book("活着"), await library.patron()
    await library.lend(patron, book.barcodes[0])
    await _overdue(library, book.barcodes[0], 3)
    mine = (await library.get("/api/reader/my", patron)).json()
    assert mine["notices"][0]["tone"] == "bad"
    assert mine["loans"][0]["fine_today_cents"] == 30
    assert "超期 3 天" in (await library.get("/reader/my", patron)).text


async def test_a_hold_shows_its_place_then_its_shelf_and_can_be_given_up(library: Library) -> None:
    book = await library.book("活着")
    holder, patron = await library.patron(), await library.patron()
    await library.lend(holder, book.barcodes[0])
    await library.post(f"/reader/catalogue/{book.number}/hold", patron)
    assert "排第 1 位" in (await library.get("/reader/my", patron)).text
    await library.take_back(book.barcodes[0])
    mine = (await library.get("/api/reader/my", patron)).json()
    (hold,) = mine["holds"]
    assert (hold["state"], hold["shelf"]) == ("ready", f"A-{patron.card[-2:]}")
    assert "到馆待取" in mine["notices"][0]["text"]
    assert (await library.post(f"/reader/my/holds/{hold['id']}/cancel", holder)).status_code == 404
    assert (await library.post(f"/reader/my/holds/{hold['id']}/cancel", patron)).status_code == 303
    assert (await library.get("/api/reader/my", patron)).json()["holds"] == []


async def test_money_is_explained_and_receipts_are_ones_own(library: Library) -> None:
    patron, other = await library.patron(), await library.patron()
    async with library.work() as work:
        await charges.charge(work, card=patron.card, kind=Kind.card, amount_fen=500, reason="补证")
    page = (await library.get("/reader/my", patron)).text
    assert "合计待缴 ¥5.00" in page
    async with library.work() as work:
        number, _rows = await charges.pay(work, card=patron.card, method=Method.cash)
    page = (await library.get("/reader/my", patron)).text
    assert "没有待缴费用" in page
    assert f"/reader/my/receipts/{number}" in page
    assert "¥5.00" in (await library.get(f"/reader/my/receipts/{number}", patron)).text
    assert (await library.get(f"/reader/my/receipts/{number}", other)).status_code == 404


async def test_returned_books_are_shown_only_with_their_patrons_consent(library: Library) -> None:
    book, patron = await library.book("活着"), await library.patron()
    await library.lend(patron, book.barcodes[0])
    await library.take_back(book.barcodes[0])
    page = (await library.get("/reader/my?history=1", patron)).text
    assert "活着" not in page
    assert "您没有开启借阅历史" in page
    assert (await library.post("/reader/my/history", patron, data={"keep": "1"})).status_code == 303
    page = (await library.get("/reader/my", patron)).text
    assert "活着" not in page
    assert "/reader/my?history=1#history" in page
    await library.post("/reader/my/history", patron, data={"keep": "0"})
    assert "活着" not in (await library.get("/reader/my?history=1", patron)).text
    assert (await library.post("/reader/my/history", CLERK, data={"keep": "1"})).status_code == 403


async def test_nobody_gets_at_another_account(library: Library) -> None:
    book = await library.book("活着")
    patron, other = await library.patron(), await library.patron()
    await library.lend(patron, book.barcodes[0])
    assert "活着" not in (await library.get("/reader/my", other)).text
    assert (await library.post("/reader/my/renew", other, data={"barcode": book.barcodes[0]})).status_code == 403
    assert (await library.get(f"/api/reader/patrons/{patron.card}/loans", other)).status_code == 403
    for path in ("/reader/my", "/api/reader/my"):
        assert (await library.get(path, CLERK)).status_code == 403
    assert (await library.get("/api/reader/my")).status_code == 401
    answer = await library.get("/reader/my")
    assert answer.headers["location"] == "/login?next=%2Freader%2Fmy"


async def test_a_patron_unknown_to_the_desk_is_told_so(library: Library) -> None:
    stranger = Actor(id="X1", name="外人", kind="patron", card="X1")
    answer = await library.get("/reader/my", stranger)
    assert answer.status_code == 404
    assert "没有读者证 X1" in answer.text


@pytest.mark.parametrize("category", [Category.undergraduate, Category.visitor])
async def test_the_english_account_has_no_chinese_of_ours(library: Library, category: Category) -> None:
    patron = await library.patron(category)
    book = await library.book("活着")
    await library.lend(patron, book.barcodes[0])
    await _overdue(library, book.barcodes[0], 1)
    library.client.cookies.set("lang", "en")
    left = han_in((await library.get("/reader/my?history=1", patron)).text)
    assert [word for word in left if word not in {patron.name, book.added.title}] == []
