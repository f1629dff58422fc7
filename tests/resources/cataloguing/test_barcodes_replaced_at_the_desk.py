"""The desk puts a new barcode on an item: the catalogue follows, and the old one is never free again.

covers: RDR-DSK-BAS-05, RES-MGT-01
"""

from __future__ import annotations

import pytest

from services.resources.cataloguing.items import commands, queries
from services.resources.cataloguing.items.rules import BarcodeTaken
from shared.events.reader import ItemBarcodeReplaced
from tests.resources.conftest import RECORDS, House


async def test_the_catalogue_follows_once_and_keeps_the_old_barcode_for_ever(house: House):
    await house.places()
    await house.read(RECORDS / "bnu.mrc")
    ((old, item_id, place, number),) = await house.rows(
        "SELECT i.barcode, i.id, i.location, r.number FROM item i JOIN instance r ON r.id = i.instance_id ORDER BY 1 LIMIT 1"
    )
    fact = ItemBarcodeReplaced(barcode="B000777", title="活着", item_id=str(item_id), former=old)
    for _ in range(2):
        await house.heed(fact)
    async with house.work() as work:
        for code in (old, "B000777"):
            found = await queries.by_barcode(work.session, code)
            assert found is not None
            assert (found.id, found.barcode) == (item_id, "B000777")
        assert (await commands.relocate(work, old, call_number="I247/9")).barcode == "B000777"
    for code in (old, "B000777"):
        with pytest.raises(BarcodeTaken):
            async with house.work() as work:
                await commands.add_item(work, number=number, barcode=code, location=place)
