"""A disc that lies with a book: an item of its own, with its own barcode, linked to that very book."""

from __future__ import annotations

from services.resources.cataloguing.items import queries, rules
from services.resources.cataloguing.items.commands import catalogued, pass_serial
from services.resources.cataloguing.items.model import Item, ItemLife, Use
from services.resources.cataloguing.marc.callnumbers import shelf_key
from services.resources.cataloguing.records.model import Instance
from shared.database import uuid7
from shared.refusals import NotFound
from shared.work import Work


async def add_disc(
    work: Work, *, book: str, barcode: str, location: str = "", pieces: int = 1, price_cents: int = 0,
    note: str = "", in_process: bool | None = None,
) -> Item:
    """Catalogue the disc of the item with the barcode `book`; place and workroom are the book's unless said otherwise.

    It bears the book's call number and copy number, and counts as no copy of the title.
    """
    work.actor.require(*rules.CATALOGUERS)
    barcode, pieces = rules.clean_barcode(barcode), rules.check_pieces(pieces)
    known = await queries.by_barcode(work.session, rules.clean_barcode(book))
    if known is None:
        raise NotFound(book)
    # The record first, as when a copy is added; then the book, which nobody withdraws meanwhile.
    record = await work.lock(Instance, Instance.id == known.instance_id)
    owner = await work.lock(Item, Item.id == known.id, what=book)
    if owner.kind == rules.DISC:
        raise rules.NotABook(barcode=owner.barcode)
    if owner.life in rules.GONE:
        raise rules.BookGone(barcode=owner.barcode, state=owner.life.text)
    place = (await queries.locations(work.session)).get(location or owner.location)
    if place is None:
        raise rules.UnknownLocation(location=location)
    if taken := await queries.by_barcode(work.session, barcode):
        other = await work.get(Instance, taken.instance_id)
        raise rules.BarcodeTaken(barcode=barcode, title=other.title)
    work.refuse_on("uq_item_barcode", rules.BarcodeTaken(barcode=barcode, title=record.title))
    waits = owner.life is ItemLife.in_process if in_process is None else in_process
    disc = Item(
        id=uuid7(), barcode=barcode, instance_id=owner.instance_id, location=place.no, call_number=owner.call_number,
        shelf_key=shelf_key(owner.call_number), copy_no=owner.copy_no, volume=owner.volume, price_cents=price_cents,
        kind=rules.DISC, book_id=owner.id, pieces=pieces, use=Use(place.use), note=note.strip(),
        created_by=work.actor.id, created_at=work.now, life=ItemLife.in_process if waits else ItemLife.in_stock,
        custodian="resources" if waits else "reader",
    )
    work.session.add(disc)
    await work.session.flush()
    await pass_serial(work, barcode)
    work.emit(catalogued(disc, record.title, place, book=owner))
    return disc
