"""What is done with items."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select, text

from services.resources.cataloguing.items import queries, rules
from services.resources.cataloguing.items.model import (
    FormerBarcode,
    Item,
    ItemLife,
    Location,
    StockKind,
    Use,
)
from services.resources.cataloguing.marc.callnumbers import shelf_key
from services.resources.cataloguing.records.model import Instance, RecordState
from services.resources.cataloguing.records.queries import by_key
from services.resources.cataloguing.records.rules import DraftRecord
from services.resources.cataloguing.versions.rules import Merged
from shared.barcodes import DESK_SERIAL, serial_of
from shared.database import uuid7
from shared.events.reader import ItemBarcodeReplaced, ItemTransferred
from shared.events.resources import ItemCatalogued, ItemRelocated, LocationSaved, disc_title
from shared.i18n import N_
from shared.refusals import Invalid, NotFound
from shared.states import step
from shared.work import Work

_PASSED = text(
    "INSERT INTO number_sequence (kind, year, last) VALUES ('item-barcode', 0, :serial) "
    "ON CONFLICT (kind, year) DO UPDATE SET last = greatest(number_sequence.last, :serial)"
)


def called(item: Item, title: str) -> str:
    """What the item is called at the desk: the title of its record, and that it is the disc."""
    return disc_title(title) if item.book_id else title


def catalogued(item: Item, title: str, place: Location, *, book: Item | None = None) -> ItemCatalogued:
    """The fact that reader services take the item up by; `book` is what a disc lies with."""
    return ItemCatalogued(
        item_id=str(item.id), barcode=item.barcode, title=called(item, title), call_number=item.call_number,
        location=item.location, instance_id=str(item.instance_id), location_name=place.name,
        location_name_en=place.name_en, price_cents=item.price_cents, copy_no=item.copy_no,
        volume=item.volume, kind=item.kind, use=item.use.value, life=item.life.value,
        book_id=str(book.id) if book else "", book_barcode=book.barcode if book else "", pieces=item.pieces,
    )


def relocated(item: Item, title: str, place: Location) -> ItemRelocated:
    """The fact that the desk follows an item to another place by."""
    return ItemRelocated(
        item_id=str(item.id), barcode=item.barcode, title=called(item, title), call_number=item.call_number,
        location=item.location, location_name=place.name, location_name_en=place.name_en, use=item.use.value,
    )


async def tell_place(work: Work, place: Location, _form: Any) -> None:
    """Others show names where we write codes."""
    if place.opens_on and place.closes_on and place.closes_on < place.opens_on:
        raise Invalid({"closes_on": N_("停用日期早于启用日期")})
    work.emit(LocationSaved(
        code=place.no, place_name=place.name, place_name_en=place.name_en, use=Use(place.use).value,
        stock=StockKind(place.stock or StockKind.lending).value, special=bool(place.special), building=place.building or "",
        floor=place.floor or "", keeper=place.keeper or "", opens_on=place.opens_on, closes_on=place.closes_on,
        metres=place.metres or 0, volumes=place.volumes or 0,
    ))


async def add_item(
    work: Work, *, number: str = "", instance_id: str = "", barcode: str, location: str, call_number: str = "",
    price_cents: int = 0, volume: str = "", note: str = "", in_process: bool = False,
) -> Item:
    """Add a copy to a record; the record is named by its number or its id.

    `in_process`: the book lies in the workroom and goes to its point with a batch; else it stands there already.
    """
    work.actor.require(*rules.CATALOGUERS)
    barcode = rules.clean_barcode(barcode)
    known = await by_key(work.session, number or instance_id)
    # Copies of one record are numbered one after the other.
    record = await work.lock(Instance, Instance.id == known.id, what=known.number)
    if record.state is RecordState.draft:
        raise DraftRecord(number=record.number)
    if record.merged_into is not None:
        raise Merged(number=record.number)
    place = (await queries.locations(work.session)).get(location)
    if place is None:
        raise rules.UnknownLocation(location=location)
    if taken := await queries.by_barcode(work.session, barcode):
        other = await work.get(Instance, taken.instance_id)
        raise rules.BarcodeTaken(barcode=barcode, title=other.title)
    last = await work.session.scalar(
        select(func.max(Item.copy_no)).where(Item.instance_id == record.id)
    )
    call = call_number.strip() or record.call_number
    item = Item(
        id=uuid7(), barcode=barcode, instance_id=record.id, location=location, call_number=call,
        shelf_key=shelf_key(call), copy_no=(last or 0) + 1, volume=volume.strip(), price_cents=price_cents,
        kind=record.material, use=Use(place.use), note=note.strip(), created_by=work.actor.id,
        created_at=work.now, life=ItemLife.in_process if in_process else ItemLife.in_stock,
        custodian="resources" if in_process else "reader",
    )
    work.session.add(item)
    await pass_serial(work, barcode)
    work.emit(catalogued(item, record.title, place))
    return item


async def pass_serial(work: Work, barcode: str) -> None:
    """The next barcode is proposed from beyond this one, if it is of our own numbering."""
    if (serial := serial_of(barcode)) is not None and rules.FIRST_SERIAL < serial < DESK_SERIAL:
        await work.session.execute(_PASSED, {"serial": serial})


async def relocate(work: Work, barcode: str, *, location: str = "", call_number: str = "") -> Item:
    """Change where an item stands or how it is called for; the desk follows by event."""
    work.actor.require("RES-MGT")
    known = await queries.by_barcode(work.session, barcode)
    if known is None:
        raise NotFound(barcode)
    item = await work.lock(Item, Item.id == known.id, what=barcode)
    record = await work.get(Instance, item.instance_id)
    place = (await queries.locations(work.session)).get(location or item.location)
    if place is None:
        raise rules.UnknownLocation(location=location)
    if item.life is ItemLife.withdrawn:
        raise rules.NoLongerStock(barcode=barcode)
    item.location, item.use = place.no, Use(place.use)
    item.call_number = call_number.strip() or item.call_number
    item.shelf_key = shelf_key(item.call_number)
    work.emit(relocated(item, record.title, place))
    return item


async def move_life(work: Work, barcode: str, action: str) -> Item | None:
    """Take a step in the item's life when it is possible from where it stands; else leave it."""
    item = await queries.by_barcode(work.session, barcode)
    if item is None:
        raise NotFound(barcode)
    if (item.life, action) in rules.LIFE:
        item.life = step(rules.LIFE, item.life, action)
    return item


async def hand_custody(work: Work, barcode: str, custodian: str) -> None:
    """Who may change the item now."""
    item = await queries.by_barcode(work.session, barcode)
    if item is not None:
        item.custodian = custodian


async def follow_transfer(work: Work, fact: ItemTransferred) -> None:
    """The desk received the item at another location; a place we do not know is left for a person to see."""
    item = await queries.by_barcode(work.session, fact.barcode)
    place = (await queries.locations(work.session)).get(fact.to_location)
    if item is None or place is None or item.life is ItemLife.withdrawn or item.location == place.no:
        return
    record = await work.get(Instance, item.instance_id)
    item.location, item.use = place.no, Use(place.use)
    work.emit(relocated(item, record.title, place))


async def follow_barcode(work: Work, fact: ItemBarcodeReplaced) -> None:
    """The desk put a new barcode on an item; the old one goes on answering for it."""
    item = await queries.by_barcode(work.session, fact.former)
    if item is None or item.barcode != fact.former:
        return
    item.barcode = fact.barcode
    work.session.add(FormerBarcode(barcode=fact.former, item_id=item.id, ended_at=work.now))
