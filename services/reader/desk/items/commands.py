"""Keeping the read copy of the catalogue, and shelving."""

from __future__ import annotations

from uuid import UUID

import structlog
from sqlalchemy import or_, select, update

from services.reader.desk import DESK
from services.reader.desk.items import rules
from services.reader.desk.items.model import Circulation, Condition, Custodian, Item, Stock, Use
from services.reader.desk.items.queries import find_and_lock, find_item, lock_item
from shared.events.reader import ItemShelved
from shared.events.resources import ItemCatalogued, ItemRelocated
from shared.work import Work

log = structlog.get_logger()


def use_of(text: str) -> Use:
    """What the catalogue says of lending; a word we do not know means reading on the spot."""
    return Use(text) if text in set(Use) else Use.reference


async def take_up(work: Work, fact: ItemCatalogued) -> None:
    """Know the item from now on; a repeated fact refreshes what the catalogue says, never the axes."""
    found = await work.session.scalar(
        select(Item).where(or_(Item.barcode == fact.barcode, Item.id == UUID(fact.item_id)))
    )
    if found is None:
        found = Item(id=UUID(fact.item_id), barcode=fact.barcode, moved_at=work.now)
        if fact.life == "in_process":
            found.circulation, found.custodian = Circulation.in_process, Custodian.resources
        work.session.add(found)
    elif str(found.id) != fact.item_id:
        log.warning("a barcode came twice with different items", barcode=fact.barcode)
        return
    found.instance_id = rules.waited_for_as(fact.instance_id, fact.item_id, fact.book_id)
    found.title, found.call_number = fact.title, fact.call_number
    found.location, found.location_name = fact.location, fact.location_name
    found.location_name_en, found.price_fen = fact.location_name_en, fact.price_cents
    found.copy_no, found.volume, found.kind = fact.copy_no, fact.volume, fact.kind
    found.use = use_of(fact.use)


async def relocate(work: Work, fact: ItemRelocated) -> None:
    """Follow a new place, call number or loan rule; unknown items were withdrawn before we heard."""
    found = await find_item(work.session, fact.barcode)
    if found is None:
        return
    found.title, found.call_number, found.location = fact.title, fact.call_number, fact.location
    found.location_name, found.location_name_en = fact.location_name, fact.location_name_en
    found.use = use_of(fact.use)


async def retitle(work: Work, *, instance_id: str, title: str) -> None:
    """Show the corrected title at the desk."""
    await work.session.execute(
        update(Item).where(Item.instance_id == instance_id, Item.title != title).values(title=title)
    )


async def learn_stock(work: Work, *, barcode: str, action: str) -> Item | None:
    """Follow a decision of the weeding register; None when we never knew the item."""
    item = await find_and_lock(work.session, barcode)
    if item is not None:
        rules.learn(item, "stock", action)
    return item


async def give_to_workshop(work: Work, *, barcode: str, action: str) -> None:
    """The workshop took the item off its shelf (to `scan` or to `bind`); what was found damaged meanwhile keeps that word."""
    item = await find_and_lock(work.session, barcode)
    if item is not None and rules.learn(item, "condition", action):
        rules.learn(item, "custodian", "take")
        if item.circulation is Circulation.available:
            rules.move(item, "take_off", work.now)


async def take_from_workshop(work: Work, *, barcode: str, action: str) -> None:
    """The workshop is done with it: `scanned`, `bound`."""
    item = await find_and_lock(work.session, barcode)
    if item is not None and rules.learn(item, "condition", action):
        rules.learn(item, "custodian", "give_back")


async def shelve(work: Work, *, barcode: str) -> Item:
    """The item stands in its place again."""
    work.actor.require(*DESK)
    item = await lock_item(work.session, barcode)
    put_away(work, item)
    return item


def put_away(work: Work, item: Item) -> None:
    """Shelve an item the caller has locked; what is unfit stays off the shelf."""
    if item.condition is not Condition.sound or item.stock is not Stock.in_stock:
        return
    rules.move(item, "shelve", work.now)
    work.emit(ItemShelved(**rules.about(item)))


def take_off(work: Work, item: Item) -> None:
    """Remove an item the caller has locked from shelf or hold shelf, unless a patron has it."""
    if item.circulation in {Circulation.available, Circulation.hold_shelf, Circulation.to_shelve}:
        rules.move(item, "take_off", work.now)
