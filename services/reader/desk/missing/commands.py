"""Hiding and showing what was looked for."""

from __future__ import annotations

from services.reader.desk.items import commands as items
from services.reader.desk.items import rules as item_rules
from services.reader.desk.items.model import Circulation
from services.reader.desk.items.queries import find_and_lock
from shared.events.resources import ItemsFound, ItemsMissing
from shared.work import Work

# A book with a patron, on the hold shelf or under way is where the desk knows it to be.
ON_SHELF = (Circulation.available, Circulation.to_shelve)


async def hide(work: Work, fact: ItemsMissing) -> None:
    """Nobody is sent to a shelf for them any more; locked in one order, so that two lists never wait in a circle."""
    for barcode in sorted(one.barcode for one in fact.items):
        item = await find_and_lock(work.session, barcode)
        if item is not None and item.circulation in ON_SHELF:
            item_rules.move(item, "miss", work.now)


async def show(work: Work, fact: ItemsFound) -> None:
    """They stand on a shelf, where the desk fetches them for whoever waits; what it has scanned itself meanwhile is where it put it."""
    for barcode in sorted(one.barcode for one in fact.items):
        item = await find_and_lock(work.session, barcode)
        if item is not None and item.circulation is Circulation.missing:
            item_rules.move(item, "return", work.now)
            items.put_away(work, item)
