"""What a stock-take did not find is hidden and looked for; what it found again can be had.

covers: RDR-STK-CST-01
"""

from __future__ import annotations

from services.reader.desk.items.queries import item_json
from services.reader.desk.missing.handlers import handlers
from shared.events.resources import ItemsFound, ItemsMissing, SoughtItem
from tests.reader.desk.conftest import Desk


def sought(*barcodes: str) -> tuple[SoughtItem, ...]:
    return tuple(SoughtItem(item_id="i", barcode=barcode, title="活着") for barcode in barcodes)


async def test_only_what_should_stand_on_the_shelf_is_hidden_and_found_again_once(desk: Desk) -> None:
    card = await desk.patron()
    shelved, lent = await desk.item(), await desk.item()
    await desk.lend(card, lent)
    missing = ItemsMissing(number="QD2026-0001", total=2, items=sought(shelved, lent, "GONE1"))
    for _ in range(2):  # told twice
        await desk.heed(handlers, missing)
    assert item_json(await desk.find_item(shelved))["circulation"] == "missing"
    assert not item_json(await desk.find_item(shelved))["available"]
    assert (await desk.find_item(lent)).circulation.value == "on_loan"
    for _ in range(2):
        await desk.heed(handlers, ItemsFound(number="QD2026-0001", items=sought(shelved, lent)))
    assert item_json(await desk.find_item(shelved))["available"]
    assert (await desk.find_item(lent)).circulation.value == "on_loan"
    assert [fact["barcode"] for name, fact, _c in await desk.said("reader.item.shelved")] == [shelved]


async def test_a_missing_book_the_desk_scans_is_back_by_itself(desk: Desk) -> None:
    barcode = await desk.item()
    await desk.heed(handlers, ItemsMissing(number="QD2026-0001", total=1, items=sought(barcode)))
    await desk.take_back(barcode)
    assert item_json(await desk.find_item(barcode))["available"]
