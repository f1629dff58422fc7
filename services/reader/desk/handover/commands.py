"""Hearing of a batch, counting it, confirming or disputing it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from services.reader.desk import DESK
from services.reader.desk.calendar.queries import closed_days
from services.reader.desk.calendar.rules import ONE
from services.reader.desk.handover import rules
from services.reader.desk.handover.model import (
    Handover,
    HandoverExtra,
    HandoverLine,
    HandoverState,
    Verdict,
)
from services.reader.desk.handover.queries import line_for, other_batch
from services.reader.desk.items import commands as items
from services.reader.desk.items import rules as item_rules
from services.reader.desk.items.model import Circulation, Item
from services.reader.desk.items.queries import find_item
from services.reader.rooms.service_points.queries import point_by_code
from shared.database import uuid7
from shared.events.reader import HandoverAwaited
from shared.events.resources import ItemCatalogued, ItemsHandedOver
from shared.refusals import NotFound
from shared.work import Work


@dataclass(frozen=True, slots=True)
class Counted:
    """What a scan did: a line or an extra book; `again` when it had been done before."""

    line: HandoverLine | None = None
    extra: HandoverExtra | None = None
    again: bool = False


async def await_batch(work: Work, fact: ItemsHandedOver) -> None:
    """The list of the box that is coming; heard again it changes nothing."""
    closed = await closed_days(work.session, work.today, work.today + rules.AHEAD * ONE)
    new = await work.session.scalar(
        insert(Handover).values(
            id=uuid7(), number=fact.number, point=fact.point, note=fact.note, state=HandoverState.waiting,
            correlation=work.correlation, sent_at=work.cause.at if work.cause else work.now, sent_by=fact.sent_by,
            due_on=rules.due_on(work.today, closed), received_by="", remark="",
        ).on_conflict_do_nothing(index_elements=["number"]).returning(Handover.due_on)
    )
    if new is None:
        return
    for seat, line in enumerate(fact.lines, 1):
        work.session.add(HandoverLine(
            handover=fact.number, seat=seat, item_id=UUID(line.item_id), barcode=line.barcode, title=line.title,
            call_number=line.call_number, location=line.location, location_name=line.location_name,
            location_name_en=line.location_name_en, price_fen=line.price_cents, verdict=Verdict.expected,
        ))
    await work.session.flush()
    # In one order; whoever has not heard of an item yet hears of it here.
    for line in sorted(fact.lines, key=lambda one: one.barcode):
        await items.take_up(work, ItemCatalogued(**line.model_dump(), life="in_process"))
        await work.session.flush()
        item = await work.session.scalar(
            select(Item).where(Item.id == UUID(line.item_id)).with_for_update(key_share=True)
        )
        if item is not None and item.circulation is Circulation.in_process:
            item_rules.move(item, "hand_over", work.now)
    work.emit(HandoverAwaited(
        number=fact.number, point=fact.point, point_name=await point_name(work, fact.point, fact.point_name),
        count=len(fact.lines), due_on=new,
    ))


async def point_name(work: Work, code: str, known: str = "") -> str:
    """What the point is called."""
    point = await point_by_code(work.session, code)
    return point.name if point is not None else known or code


async def open_batch(work: Work, number: str) -> Handover:
    """The batch, locked, while it can still be counted: two desks count by turns."""
    work.actor.require(*DESK)
    await work.session.flush()  # what this transaction did before is read anew below
    handover = await work.session.scalar(
        select(Handover).where(Handover.number == number).with_for_update().execution_options(populate_existing=True)
    )
    if handover is None:
        raise rules.UnknownHandover(number)
    if handover.state is not HandoverState.waiting:
        raise rules.Done(number=number, state=handover.state.text)
    return handover


async def count(work: Work, *, number: str, barcode: str, verdict: Verdict = Verdict.ok, note: str = "") -> Counted:
    """A book out of the box, and how it is. What is not on the list is named and stays beside it."""
    await open_batch(work, number)
    if verdict not in rules.SCANNED:
        raise NotFound(verdict)
    item = await find_item(work.session, barcode)
    line = await line_for(work.session, number, item_id=item.id if item else None, barcode=barcode)
    if line is None:
        return await _extra(work, number, barcode, item)
    if not rules.counted(line, verdict):
        return Counted(line, again=True)
    _judge(work, line, verdict, note)
    return Counted(line)


def _judge(work: Work, line: HandoverLine, verdict: Verdict, note: str) -> None:
    line.verdict, line.note = verdict, note.strip()
    fresh = verdict is Verdict.expected
    line.counted_at, line.counted_by = (None, "") if fresh else (work.now, work.actor.id)


async def _extra(work: Work, number: str, barcode: str, item: Item | None) -> Counted:
    other = await other_batch(work.session, number, item_id=item.id if item else None, barcode=barcode)
    new = await work.session.scalar(
        insert(HandoverExtra).values(
            id=uuid7(), handover=number, barcode=item.barcode if item else barcode, title=item.title if item else "",
            other=other, state_label=item_rules.word(item).label if item else "", found_at=work.now, found_by=work.actor.id,
        ).on_conflict_do_nothing(index_elements=["handover", "barcode"]).returning(HandoverExtra.id)
    )
    extra = (await work.session.scalars(select(HandoverExtra).where(
        HandoverExtra.handover == number, HandoverExtra.barcode == (item.barcode if item else barcode)
    ))).one()
    return Counted(extra=extra, again=new is None)


async def judge(work: Work, *, line_id: UUID, verdict: Verdict, note: str = "") -> HandoverLine:
    """改判: a person says of one line how it is, or that it was not counted after all."""
    work.actor.require(*DESK)
    number = await work.session.scalar(select(HandoverLine.handover).where(HandoverLine.id == line_id))
    if number is None or verdict is Verdict.missing:
        raise NotFound(line_id)
    await open_batch(work, number)
    line = await work.lock(HandoverLine, HandoverLine.id == line_id)
    _judge(work, line, verdict, note)
    return line


async def put_aside(work: Work, *, number: str, barcode: str) -> None:
    """The extra book is out of the box again: it came in by mistake."""
    await open_batch(work, number)
    await work.session.execute(
        delete(HandoverExtra).where(HandoverExtra.handover == number, HandoverExtra.barcode == barcode)
    )
