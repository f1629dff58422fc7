"""Counting a delivery, and what its acceptance makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from services.resources.acquiring.desiderata import commands as desiderata
from services.resources.acquiring.desiderata.rules import clean_isbn
from services.resources.acquiring.orders import commands as orders
from services.resources.acquiring.orders import queries as order_queries
from services.resources.acquiring.orders.model import Order, OrderLine, OrderState
from services.resources.cataloguing.items.commands import add_item
from services.resources.cataloguing.items.queries import locations, next_barcode
from services.resources.cataloguing.records.model import Instance, RecordState
from services.resources.collections.layout import queries as layout
from services.resources.collections.layout.commands import place_for
from services.resources.receiving.acceptance import queries, rules
from services.resources.receiving.acceptance.drafting import draft_record
from services.resources.receiving.acceptance.model import (
    Acceptance,
    AcceptanceState,
    Accession,
    Count,
    Stray,
)
from shared.database import uuid7
from shared.events.resources import OrderAccepted
from shared.i18n import N_
from shared.refusals import Invalid
from shared.states import NotFromHere
from shared.work import Work

_SERIALS = text(
    "INSERT INTO number_sequence (kind, year, last) VALUES ('accession', 0, :n) "
    "ON CONFLICT (kind, year) DO UPDATE SET last = number_sequence.last + :n RETURNING last"
)


async def open_delivery(work: Work, record: Acceptance) -> None:
    """A delivery of an order that was sent, counted by somebody else."""
    order = await order_queries.order_of(work.session, record.order_no)
    rules.check_acceptor(order, work.actor.id)
    if OrderState(order.state) not in rules.RECEIVABLE:
        raise rules.NotReceivable(order=order.no, state=OrderState(order.state).text)
    record.location = record.location.strip()
    if record.location and record.location not in await locations(work.session):
        raise Invalid({"location": N_("没有这个馆藏地")})
    if not record.location and not await layout.takes_everything(work.session, work.today):
        raise Invalid({"location": N_("没有不限分类、类型和文种的布局规则兜底，请选馆藏地")})
    record.order_no, record.supplier_name, record.correlation = order.no, order.supplier_name, order.correlation


async def _counting(work: Work, number: str) -> tuple[Acceptance, Order]:
    work.actor.require(*rules.ACCEPTORS)
    record = await work.lock(Acceptance, Acceptance.no == number, what=number)
    if AcceptanceState(record.state) is not AcceptanceState.counting:
        raise NotFromHere(AcceptanceState(record.state), "count")
    order = await work.lock(Order, Order.no == record.order_no, what=record.order_no)
    rules.check_acceptor(order, work.actor.id)
    work.follow(record.correlation)
    return record, order


async def scan(work: Work, number: str, code: str) -> OrderLine | None:
    """One more copy of the book in the hand; None when it is not on the order (noted as sent by mistake)."""
    record, order = await _counting(work, number)
    isbn = clean_isbn(code)
    line = await queries.line_with(work.session, order.no, isbn)
    if line is None:
        row = insert(Stray).values(id=uuid7(), acceptance=number, code=isbn[:60] or "—", copies=1)
        await work.session.execute(row.on_conflict_do_update(
            index_elements=["acceptance", "code"], set_={"copies": Stray.copies + 1}
        ))
        return None
    known = (await queries.counts_of(work.session, number)).get(line.id)
    arrived = (known.arrived if known else 0) + 1
    await _count(work, record, order, line, known, arrived=arrived, damaged=known.damaged if known else 0,
                 wrong=known.wrong if known else 0, price_minor=known.price_minor if known else None)
    return line


async def count(
    work: Work, number: str, line_id: UUID, *, arrived: int, damaged: int = 0, wrong: int = 0, price_minor: int | None = None
) -> None:
    """A line counted by hand."""
    record, order = await _counting(work, number)
    line = (await order_queries.lines_by_id(work.session, [line_id], lock=True)).get(line_id)
    if line is None or line.order_no != order.no:
        raise rules.NotOnOrder(code=str(line_id), order=order.no)
    if min(arrived, damaged, wrong) < 0 or damaged + wrong > arrived:
        raise rules.Impossible
    known = (await queries.counts_of(work.session, number)).get(line.id)
    await _count(work, record, order, line, known, arrived=arrived, damaged=damaged, wrong=wrong, price_minor=price_minor)


async def _count(
    work: Work, record: Acceptance, order: Order, line: OrderLine, known: Count | None, *, arrived: int, damaged: int, wrong: int,
    price_minor: int | None,
) -> None:
    before = known.arrived if known else 0
    if known is None:
        known = Count(acceptance=record.no, line_id=line.id)
        work.session.add(known)
    known.arrived, known.damaged, known.wrong = arrived, damaged, wrong
    known.price_minor = None if price_minor == line.list_minor else price_minor
    await work.session.flush()
    await orders.count_off(work, {line.id: arrived - before}, OrderLine.arrived)
    order.state = OrderState.arrived if await order_queries.all_arrived(work.session, order.no) else OrderState.part_arrived


async def cancel(work: Work, record: Acceptance) -> None:
    """Counted by mistake: as if nothing had come."""
    counts = await queries.counts_of(work.session, record.no)
    await orders.count_off(work, {key: -one.arrived for key, one in counts.items()}, OrderLine.arrived)
    await orders.follow_lines(work, record.order_no)


async def accept(work: Work, record: Acceptance) -> None:
    """What is sound is ours: numbered, an item in process, and whoever wanted it hears."""
    _same, order = await _counting(work, record.no)
    counts = await queries.counts_of(work.session, record.no)
    lines = await order_queries.lines_by_id(work.session, list(counts), lock=True)
    if not any(one.arrived for one in counts.values()):
        raise rules.NothingCounted
    found = {key: rules.outcome(line, counts[key]) for key, line in lines.items()}
    taken = [line for key, line in lines.items() if found[key].taken]
    await order_queries.mark_duplicates(work.session, taken)
    entries: list[Accession] = []
    last = int(await work.session.scalar(_SERIALS, {"n": sum(one.taken for one in found.values())}) or 0)
    serial = last - sum(one.taken for one in found.values())
    for line in taken:
        instance = await _record(work, line, record.no)
        line.instance_id = instance.id
        for price, net in rules.values(line, counts[line.id], found[line.id].taken, order.rate):
            serial += 1
            entries.append(Accession(
                no=rules.accession(serial), acceptance=record.no, order_no=order.no, line_id=line.id, title=line.title,
                isbn=line.isbn, price=price, net=net, location=record.location, entered_on=work.today, instance_id=instance.id,
                created_by=work.actor.id, created_at=work.now, correlation=record.correlation,
            ))
    work.session.add_all(entries)
    for key, one in found.items():
        counts[key].taken, counts[key].extra = one.taken, one.extra
    await work.session.flush()
    await orders.count_off(work, {key: one.taken for key, one in found.items()}, OrderLine.accepted)
    # What goes back has not come: it may come again.
    await orders.count_off(work, {key: one.taken - counts[key].arrived for key, one in found.items()}, OrderLine.arrived)
    _sum(record, entries, differences=sum(one.differs for one in found.values()) + len(await queries.strays_of(work.session, record.no)))
    record.titles, record.accepted_by, record.accepted_at = len(taken), work.actor.id, work.now
    await shelve(work, entries)
    for line in taken:
        if line.desideratum:
            await desiderata.move_all(work, [line.desideratum], "receive", instance_id=line.instance_id)
    await _catalogued(work, [line for line in taken if line.desideratum])
    await orders.follow_lines(work, order.no)
    work.emit(OrderAccepted(
        number=record.no, order=order.no, supplier=order.supplier_name, copies=record.copies, value_cents=record.net,
        differences=record.differences, accession_from=record.accession_from, accession_to=record.accession_to,
    ), correlation=record.correlation)


def _sum(record: Acceptance, entries: Sequence[Accession], *, differences: int) -> None:
    record.copies, record.value = len(entries), sum(one.price for one in entries)
    record.net, record.differences = sum(one.net for one in entries), differences
    if entries:
        record.accession_from, record.accession_to = entries[0].no, entries[-1].no


async def _record(work: Work, line: OrderLine, source: str) -> Instance:
    """The record the line's books belong to, found by number or title; else a draft of what the order says."""
    known = await work.session.get(Instance, line.instance_id) if line.instance_id else None
    return known if known is not None else await draft_record(work, line, source)


async def shelve(work: Work, entries: Sequence[Accession]) -> None:
    """Each copy whose record is released is an item in process; the others wait for the release."""
    for entry in entries:
        instance = await work.get(Instance, entry.instance_id)
        if instance.state is RecordState.draft:
            continue
        # Copy by copy: the first may be the sample, the next one not.
        entry.location = entry.location or await place_for(work, instance)
        barcode = await next_barcode(work.session, instance.material)
        item = await add_item(
            work, number=instance.number, barcode=barcode, location=entry.location, price_cents=entry.price,
            note=entry.no, in_process=True,
        )
        entry.item_id, entry.barcode = item.id, item.barcode
        await work.session.flush()


async def _catalogued(work: Work, lines: Sequence[OrderLine]) -> None:
    """A title whose record stood in the catalogue before needs no cataloguing."""
    for line in lines:
        instance = await work.session.get(Instance, line.instance_id)
        if instance is not None and instance.state is not RecordState.draft:
            await desiderata.move_all(work, [line.desideratum], "catalogue", instance_id=instance.id)


async def follow_release(work: Work, instance_id: UUID) -> None:
    """A draft was released: its copies become items, its wanted titles are catalogued."""
    await shelve(work, await queries.without_item(work.session, instance_id))
    await desiderata.move_all(
        work, list(await queries.wishes_of_record(work.session, instance_id)), "catalogue", instance_id=instance_id
    )


async def follow_batch(work: Work, batch: str) -> None:
    """A batch reached its point: its wanted titles stand there."""
    await desiderata.move_all(work, list(await queries.wishes_of_batch(work.session, batch)), "shelve")

