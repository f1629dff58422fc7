"""The catalogue tells the truth about the shelf at every step. covers: RDR-DSK-BAS-02, RDR-LED-FRD-01, RDR-DSK-BAS-05"""

from __future__ import annotations

from services.reader.desk.condition.model import DamageKind, Grade
from tests.reader.discovery.conftest import CLERK, Library


async def test_lending_returning_and_damage_are_seen_at_once(library: Library) -> None:
    book, patron = await library.book("活着", copies=2), await library.patron()
    assert (await library.state(book))["available"] == 2
    await library.lend(patron, book.barcodes[0])
    assert (await library.state(book))["available"] == 1
    await library.take_back(book.barcodes[0])
    assert (await library.state(book))["available"] == 2
    await library.lend(patron, book.barcodes[0])
    await library.take_back(book.barcodes[0], damage=(DamageKind.spine, Grade.heavy))
    state = await library.state(book)
    assert (state["available"], state["total"], state["can_hold"]) == (1, 2, False)


async def test_when_all_are_out_the_earliest_day_and_the_queue_are_shown(library: Library) -> None:
    book = await library.book("活着")
    first, second = await library.patron(), await library.patron()
    await library.lend(first, book.barcodes[0])
    state = await library.state(book)
    assert state["available"] == 0
    assert state["earliest_due_on"]
    assert state["can_hold"]
    placed = await library.post(f"/reader/catalogue/{book.number}/hold", second)
    assert placed.status_code == 303
    assert (await library.state(book))["holds_waiting"] == 1
    page = (await library.get(f"/reader/catalogue/{book.number}", second)).text
    assert "您已预约，排第 1 位" in page
    assert state["earliest_due_on"] in page


async def test_books_read_here_are_not_offered_to_be_waited_for(library: Library) -> None:
    book = await library.book("辞海", use="reference")
    state = await library.state(book)
    assert (state["available"], state["reading_only"], state["can_hold"]) == (0, 1, False)
    assert "馆内阅览 1 册" in (await library.get("/reader/catalogue?q=辞海")).text


async def test_who_has_a_book_is_nobodys_business(library: Library) -> None:
    book, patron = await library.book("活着"), await library.patron()
    await library.lend(patron, book.barcodes[0])
    for path in (f"/reader/catalogue/{book.number}", f"/api/reader/catalogue/{book.number}", "/reader/catalogue?q=活着"):
        text = (await library.get(path)).text
        assert patron.card not in text
        assert patron.name not in text


async def test_whoever_is_not_signed_in_is_led_to_sign_in_and_back_to_the_book(library: Library) -> None:
    book = await library.book("活着")
    await library.lend(await library.patron(), book.barcodes[0])
    back = f"/login?next=/reader/catalogue/{book.number}"
    assert back in (await library.get(f"/reader/catalogue/{book.number}")).text
    answer = await library.post(f"/reader/catalogue/{book.number}/hold")
    assert (answer.status_code, answer.headers["location"]) == (303, back)
    answer = await library.get(f"/reader/catalogue/{book.number}/hold")
    assert answer.headers["location"] == f"/reader/catalogue/{book.number}"


async def test_staff_have_no_hold_button_but_the_way_behind_the_counter(library: Library) -> None:
    book = await library.book("活着")
    await library.lend(await library.patron(), book.barcodes[0])
    page = (await library.get(f"/reader/catalogue/{book.number}", CLERK)).text
    assert "预约此书" not in page
    assert f"/resources/records/{book.number}" in page
    assert f"/timeline?item={book.barcodes[0]}" in page
    assert (await library.post(f"/reader/catalogue/{book.number}/hold", CLERK)).status_code == 403


async def test_a_hold_from_another_site_is_refused(library: Library) -> None:
    book, patron = await library.book("活着"), await library.patron()
    await library.lend(await library.patron(), book.barcodes[0])
    from shared.testing.tokens import headers

    answer = await library.client.post(
        f"/reader/catalogue/{book.number}/hold", headers={**headers(patron, "reader"), "sec-fetch-site": "cross-site"}
    )
    assert answer.status_code == 403
    assert (await library.state(book))["holds_waiting"] == 0


async def test_a_book_on_the_shelf_cannot_be_held_and_the_reason_is_said(library: Library) -> None:
    book, patron = await library.book("活着"), await library.patron()
    answer = await library.post(f"/reader/catalogue/{book.number}/hold", patron)
    assert answer.status_code == 409
    assert "有复本在架" in answer.text
