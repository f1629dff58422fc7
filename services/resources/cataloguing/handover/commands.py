"""Gathering, checking, sending, settling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import delete, select, update

from services.resources.cataloguing.handover import rules
from services.resources.cataloguing.handover.model import Batch, BatchState, Line, Outcome, Point
from services.resources.cataloguing.handover.queries import (
    line_count,
    lines_of,
    open_batch_of,
    point_of,
    ready_items,
)
from services.resources.cataloguing.items import queries as items
from services.resources.cataloguing.items.commands import called
from services.resources.cataloguing.items.model import Item
from services.resources.cataloguing.items.rules import LIFE as ITEM_LIFE
from services.resources.cataloguing.records.model import Instance
from services.resources.collections.collation.queries import open_defects
from shared.database import uuid7
from shared.events.resources import HandedItem, HandoverSettled, ItemsHandedOver
from shared.i18n import N_
from shared.refusals import Reason, Refusal
from shared.states import NotFromHere, step
from shared.work import Work


@dataclass(slots=True)
class Gathered:
    """What became of a list of barcodes."""

    added: list[str] = field(default_factory=list)
    already: list[str] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)


async def open_batch(
    work: Work, *, point: str, note: str = "", codes: Sequence[str] = ()
) -> tuple[Batch, Gathered]:
    """A batch for one point, perhaps with a list of barcodes at once."""
    work.actor.require(*rules.HANDERS)
    found = await point_of(work.session, point)
    batch = Batch(
        number=await work.number(rules.NUMBERS), point=found.code, note=note.strip(), made_at=work.now,
        made_by=work.actor.id, correlation=uuid7(), state=BatchState.draft,
    )
    work.session.add(batch)
    await work.session.flush()
    return batch, await gather(work, number=batch.number, codes=codes) if codes else Gathered()


async def _draft(work: Work, number: str) -> Batch:
    work.actor.require(*rules.HANDERS)
    await work.session.flush()  # what this transaction did before is read anew below
    batch = await work.lock(Batch, Batch.number == number, what=number)
    if batch.state is not BatchState.draft:
        raise NotFromHere(batch.state, "gather")
    return batch


async def gather(work: Work, *, number: str, codes: Sequence[str], scanned: bool = False) -> Gathered:
    """Put items into the batch. `scanned`: the book was in the hand, so its barcode has been read."""
    batch = await _draft(work, number)
    point = await point_of(work.session, batch.point)
    places = await items.locations(work.session)
    done, count = Gathered(), await line_count(work.session, number)
    # In one order, so that two people who gather the same books wait for one another and never in a circle.
    for code in sorted(codes) if len(codes) > 1 else codes:
        known = await items.by_barcode(work.session, code)
        if known is None:
            done.refused.append(rules.NotGathered([Reason("unknown", N_("没有这个条码的单册"))], barcode=code))
            continue
        item = await work.lock(Item, Item.id == known.id, what=code)
        elsewhere = await open_batch_of(work.session, item.id)
        if elsewhere == number:
            done.already.append(item.barcode)
            continue
        why = rules.objections(item, places.get(item.location), point, elsewhere=elsewhere, count=count)
        if why:
            done.refused.append(rules.NotGathered(why, barcode=code))
            continue
        record = await work.get(Instance, item.instance_id)
        work.session.add(_line(batch.number, item, record.title, scanned=scanned))
        await work.session.flush()
        done.added.append(item.barcode)
        count += 1
    return done


def _line(number: str, item: Item, title: str, *, scanned: bool) -> Line:
    return Line(
        batch=number, item_id=item.id, barcode=item.barcode, title=called(item, title), call_number=item.call_number,
        location=item.location, volume=item.volume, price_cents=item.price_cents, barcode_read=scanned,
        open=True, outcome=Outcome.open, label_right=False,
    )


async def gather_ready(work: Work, *, number: str) -> Gathered:
    """Everything in process for the locations of this point, as far as one batch goes."""
    batch = await _draft(work, number)
    point = await point_of(work.session, batch.point)
    room = rules.LARGEST - await line_count(work.session, number)
    found, _total = await ready_items(work.session, locations=point.locations, limit=max(room, 0))
    return await gather(work, number=number, codes=[item.barcode for item, _title in found])


async def check(work: Work, *, number: str, barcode: str) -> Line:
    """The book is in the hand: its barcode reads as listed and its label says what the screen says."""
    await _draft(work, number)
    item = await items.by_barcode(work.session, barcode)
    line = None
    if item is not None:
        line = await work.session.scalar(select(Line).where(Line.batch == number, Line.item_id == item.id))
    if line is None:
        raise rules.NotOnList(barcode=barcode, number=number)
    line.barcode_read = line.label_right = True
    return line


async def check_labels(work: Work, *, number: str) -> int:
    """Whoever compared every label at once says so; how many were still open."""
    await _draft(work, number)
    done = await work.session.execute(
        update(Line).where(Line.batch == number, ~Line.label_right).values(label_right=True)
    )
    count = int(getattr(done, "rowcount", 0))
    work.note("check-labels", "handover", number, count=count)
    return count


async def take_out(work: Work, *, number: str, barcode: str) -> None:
    """The item stays in the workroom."""
    await _draft(work, number)
    await work.session.execute(delete(Line).where(Line.batch == number, Line.barcode == barcode))


async def send(work: Work, *, number: str) -> Batch:
    """The box leaves: its items are in handover until the point has counted them."""
    batch = await _draft(work, number)
    point = await point_of(work.session, batch.point)
    lines = await lines_of(work.session, number)
    stock = {item.id: item for item in await work.session.scalars(
        select(Item).where(Item.id.in_([line.item_id for line in lines])).order_by(Item.barcode)
        .with_for_update().execution_options(populate_existing=True)
    )}
    rules.check_ready(lines, {key: item.life for key, item in stock.items()}, await open_defects(work.session, list(stock)))
    places, titles = await items.locations(work.session), await _titles(work, stock)
    books = await items.barcodes_of(work.session, [item.book_id for item in stock.values() if item.book_id])
    handed = []
    for line in lines:
        item = stock[line.item_id]
        item.life = step(ITEM_LIFE, item.life, "hand_over")
        title, place = titles[item.id], places.get(item.location)
        line.barcode, line.title, line.call_number = item.barcode, title, item.call_number
        line.location, line.price_cents, line.volume = item.location, item.price_cents, item.volume
        handed.append(HandedItem(
            item_id=str(item.id), barcode=item.barcode, title=title, instance_id=str(item.instance_id),
            call_number=item.call_number, location=item.location, location_name=place.name if place else "",
            location_name_en=place.name_en if place else "", price_cents=item.price_cents, copy_no=item.copy_no,
            volume=item.volume, kind=item.kind, use=item.use.value, book_id=str(item.book_id or ""),
            book_barcode=books.get(item.book_id, "") if item.book_id else "", pieces=item.pieces,
        ))
    batch.state = step(rules.LIFE, batch.state, "send")
    batch.sent_at, batch.sent_by = work.now, work.actor.id
    batch.due_on = rules.working_day(work.today, rules.WORKING_DAYS)
    work.follow(batch.correlation)
    work.emit(ItemsHandedOver(
        number=number, point=point.code, point_name=point.name, count=len(handed), lines=tuple(handed),
        sent_by=work.actor.id, due_on=batch.due_on, note=batch.note,
    ))
    return batch


async def _titles(work: Work, stock: Mapping[UUID, Item]) -> dict[UUID, str]:
    rows = await work.session.execute(
        select(Item.id, Instance.title).join(Instance, Instance.id == Item.instance_id)
        .where(Item.id.in_(list(stock)))
    )
    return {key: called(stock[key], title) for key, title in rows.all()}


async def cancel(work: Work, *, number: str) -> Batch:
    """The batch is not sent; its items are free for another."""
    batch = await _draft(work, number)
    batch.state = step(rules.LIFE, batch.state, "cancel")
    await work.session.execute(update(Line).where(Line.batch == number).values(open=False))
    return batch


async def settle(work: Work, *, number: str, note: str) -> Batch:
    """The differences were dealt with; `note` says how."""
    work.actor.require(*rules.HANDERS)
    batch = await work.lock(Batch, Batch.number == number, what=number)
    if not note.strip():
        raise rules.WordsMissing
    batch.state = step(rules.LIFE, batch.state, "settle")
    batch.settlement, batch.settled_at, batch.settled_by = note.strip(), work.now, work.actor.id
    point = await point_name(work, batch.point)
    work.follow(batch.correlation)
    work.emit(HandoverSettled(number=number, point=batch.point, point_name=point, note=batch.settlement))
    return batch


async def point_name(work: Work, code: str) -> str:
    """What the point is called, open or not."""
    return await work.session.scalar(select(Point.name).where(Point.code == code)) or code
