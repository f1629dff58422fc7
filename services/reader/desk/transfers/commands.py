"""Listing, the sending scan, the receiving scan, closing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select

from services.reader.desk.calendar.queries import closed_days
from services.reader.desk.calendar.rules import HORIZON, ONE, after_open_days
from services.reader.desk.circulation import commands as circulation
from services.reader.desk.items import rules as item_rules
from services.reader.desk.items.model import Circulation, Item
from services.reader.desk.items.queries import lock_item
from services.reader.desk.processing.commands import ask_label
from services.reader.desk.processing.model import Cause
from services.reader.desk.transfers import rules
from services.reader.desk.transfers.model import LineState, Transfer, TransferLine, TransferState
from services.reader.desk.transfers.queries import (
    is_wanted,
    line_for,
    lines_of,
    named,
    open_list_of,
)
from services.reader.rooms.service_points.queries import home_of, open_point, point_by_code
from shared.database import uuid7
from shared.events.reader import ItemTransferred, TransferCancelled, TransferClosed, TransferSent
from shared.refusals import Refusal
from shared.states import step
from shared.work import Work


@dataclass(slots=True)
class Listed:
    """What became of a list of barcodes."""

    added: list[str] = field(default_factory=list)
    refused: list[tuple[str, Refusal]] = field(default_factory=list)


async def open_transfer(
    work: Work, *, origin: str, location: str, to: str = "", reason: str = "", codes: Sequence[str] = ()
) -> tuple[Transfer, Listed]:
    """A list of books for another location, perhaps with barcodes at once; they are still on their shelves."""
    work.actor.require(*rules.MOVERS)
    start = await open_point(work.session, origin)
    names = await named(work.session, location) if location else None
    if names is None:
        raise rules.UnknownLocation
    target = to or await home_of(work.session, location)
    if not target:
        raise rules.WhereTo(location=names[0] or location)
    end = await open_point(work.session, target)
    transfer = Transfer(
        number=await work.number(rules.NUMBERS), origin=start.code, to=end.code, location=location,
        location_name=names[0], location_name_en=names[1], reason=reason.strip(), correlation=uuid7(),
        made_at=work.now, made_by=work.actor.id, state=TransferState.draft,
    )
    work.session.add(transfer)
    await work.session.flush()
    return transfer, await listing(work, number=transfer.number, codes=codes) if codes else Listed()


async def in_state(work: Work, number: str, *states: TransferState) -> Transfer:
    """The list, locked, while it stands in one of these."""
    work.actor.require(*rules.MOVERS)
    await work.session.flush()  # what this transaction did before is read anew below
    transfer = await work.session.scalar(
        select(Transfer).where(Transfer.number == number).with_for_update().execution_options(populate_existing=True)
    )
    if transfer is None:
        raise rules.UnknownTransfer(number)
    if transfer.state not in states:
        raise rules.NotInState(number=number, state=transfer.state.text)
    work.follow(transfer.correlation)
    return transfer


async def listing(work: Work, *, number: str, codes: Sequence[str]) -> Listed:
    """Note books to be fetched for this list; they stay lendable until they are scanned out."""
    transfer = await in_state(work, number, TransferState.draft)
    done = Listed()
    for code in sorted(codes):
        try:
            item = await lock_item(work.session, code)
            if await line_for(work.session, number, item.id) is None:
                await _add(work, transfer, item)
                done.added.append(item.barcode)
        except Refusal as refusal:
            done.refused.append((code, refusal))
    return done


async def list_one(work: Work, *, number: str, barcode: str) -> tuple[TransferLine, bool]:
    """Note the book just scanned; True when it stood on the list already."""
    transfer = await in_state(work, number, TransferState.draft)
    item = await lock_item(work.session, barcode)
    line = await line_for(work.session, number, item.id)
    return (line, True) if line is not None else (await _add(work, transfer, item), False)


async def _check(work: Work, transfer: Transfer, item: Item, *, listed: bool) -> None:
    elsewhere = await open_list_of(work.session, item.id)
    count = 0 if listed else await work.session.scalar(
        select(func.count()).where(TransferLine.transfer == transfer.number)
    ) or 0
    why = rules.objections(
        item, transfer, elsewhere="" if elsewhere == transfer.number else elsewhere,
        wanted=await is_wanted(work.session, item.id), count=count,
    )
    if why:
        raise rules.NotMoved(why, barcode=item.barcode)


async def _add(work: Work, transfer: Transfer, item: Item) -> TransferLine:
    await _check(work, transfer, item, listed=False)
    line = TransferLine(
        transfer=transfer.number, item_id=item.id, barcode=item.barcode, title=item.title,
        call_number=item.call_number, from_location=item.location, from_name=item.location_name or item.location,
        price_fen=item.price_fen, state=LineState.listed, open=True,
    )
    work.session.add(line)
    await work.session.flush()
    return line


async def scan_out(work: Work, *, number: str, barcode: str) -> tuple[TransferLine, bool]:
    """发出扫描: the approved book is in the box, on its way from this moment; True when it was in already."""
    transfer = await in_state(work, number, TransferState.approved)
    item = await lock_item(work.session, barcode)
    line = await line_for(work.session, number, item.id)
    if line is not None and line.state is LineState.out:
        return line, True
    if line is None:
        raise rules.NotApproved(barcode=item.barcode)
    await _check(work, transfer, item, listed=True)
    line.state = step(rules.LIFE_LINE, line.state, "send")
    line.sent_at, line.sent_by = work.now, work.actor.id
    item_rules.move(item, "relocate", work.now)
    return line, False


async def take_out(work: Work, *, number: str, barcode: str) -> None:
    """The book stays: off the list, and back on its shelf if it was in the box."""
    await in_state(work, number, TransferState.draft, TransferState.approved)
    item = await lock_item(work.session, barcode)
    line = await line_for(work.session, number, item.id)
    if line is not None:
        await _stays(work, item)
        await work.session.delete(line)


async def _stays(work: Work, item: Item) -> None:
    if item.circulation is Circulation.relocating:
        item_rules.move(item, "receive", work.now)
        await _settle(work, item, "")


async def _settle(work: Work, item: Item, at: str) -> str:
    """To whoever waits, else to its shelf, unless it is unfit; says where it went."""
    next_ = item_rules.next_step(item)
    hold, way = await circulation.place(work, item, "hold_shelf" if next_ == "shelve" else next_, at=at)
    return f"send_{way.why.value}" if way else "hold_shelf" if hold else next_


async def cancel(work: Work, *, number: str) -> Transfer:
    """Nothing leaves; what was in the box goes back."""
    transfer = await in_state(work, number, TransferState.draft, TransferState.submitted, TransferState.approved)
    for line in sorted(await lines_of(work.session, number), key=lambda one: one.barcode):
        await _stays(work, await lock_item(work.session, line.barcode))
        line.open, line.state = False, LineState.unsent
    transfer.state = step(rules.LIFE, transfer.state, "cancel")
    transfer.closed_at, transfer.closed_by = work.now, work.actor.id
    work.emit(TransferCancelled(**await about(work, transfer)))
    return transfer


async def send(work: Work, *, number: str) -> Transfer:
    """The box leaves; what was listed and not found stays behind, lendable as before."""
    transfer = await in_state(work, number, TransferState.approved)
    lines = await lines_of(work.session, number)
    out = sorted(line.barcode for line in lines if line.state is LineState.out)
    if not out:
        raise rules.NothingToSend
    for line in lines:
        if line.state is LineState.listed:
            line.state, line.open = step(rules.LIFE_LINE, line.state, "leave"), False
    closed = await closed_days(work.session, work.today, work.today + ONE * HORIZON)
    transfer.state = step(rules.LIFE, transfer.state, "send")
    transfer.sent_at, transfer.sent_by = work.now, work.actor.id
    transfer.due_on = after_open_days(work.today, rules.TARGET_OPEN_DAYS, closed)
    work.emit(TransferSent(
        **await about(work, transfer), count=len(out), barcodes=tuple(out), due_on=transfer.due_on
    ))
    return transfer


async def scan_in(work: Work, *, number: str, barcode: str) -> tuple[TransferLine, bool]:
    """接收扫描: the book belongs here now; True when it had been received. The last one closes the list."""
    transfer = await in_state(work, number, TransferState.sent)
    item = await lock_item(work.session, barcode)
    line = await line_for(work.session, number, item.id)
    if line is None:
        raise rules.NotOnList(barcode=item.barcode, number=number)
    if line.state is LineState.received:
        return line, True
    if line.state is LineState.unsent:  # it came without a scan at the other end
        await _check(work, transfer, item, listed=True)
        item_rules.move(item, "relocate", work.now)
    line.state, line.open = step(rules.LIFE_LINE, line.state, "receive"), False
    line.received_at, line.received_by = work.now, work.actor.id
    item_rules.move(item, "receive", work.now)
    item.location, item.location_name = transfer.location, transfer.location_name
    item.location_name_en = transfer.location_name_en
    work.emit(ItemTransferred(
        **item_rules.about(item), number=number, item_id=str(item.id), from_location=line.from_location,
        from_name=line.from_name, to_location=transfer.location,
    ))
    await ask_label(work, item, Cause.moved)
    line.went = await _settle(work, item, transfer.to)
    await work.session.flush()
    lines = await lines_of(work.session, number)
    if not any(one.state is LineState.out for one in lines):
        await _close(work, transfer, lines, "complete")
    return line, False


async def close(work: Work, *, number: str, reason: str) -> Transfer:
    """What has not come is looked for as missing; the list is done."""
    transfer = await in_state(work, number, TransferState.sent)
    lines = await lines_of(work.session, number)
    out = [line for line in lines if line.state is LineState.out]
    if not out:
        raise rules.NothingDiffers
    if not reason.strip():
        raise rules.WordsMissing
    for line in sorted(out, key=lambda one: one.barcode):
        item = await lock_item(work.session, line.barcode)
        item_rules.move(item, "miss", work.now)
        line.state, line.open = step(rules.LIFE_LINE, line.state, "miss"), False
    transfer.remark = reason.strip()
    await _close(work, transfer, lines, "close")
    return transfer


async def _close(work: Work, transfer: Transfer, lines: Sequence[TransferLine], how: str) -> None:
    transfer.state = step(rules.LIFE, transfer.state, how)
    transfer.closed_at, transfer.closed_by = work.now, work.actor.id
    missing = sorted(line.barcode for line in lines if line.state is LineState.missing)
    received = sum(line.state is LineState.received for line in lines)
    work.emit(TransferClosed(
        **await about(work, transfer), sent=received + len(missing), received=received, missing=len(missing),
        missing_barcodes=tuple(missing), reason=transfer.remark,
    ))


async def about(work: Work, transfer: Transfer) -> dict[str, str]:
    """The fields every fact about a list carries."""
    start, end = [await point_by_code(work.session, code) for code in (transfer.origin, transfer.to)]
    return {
        "number": transfer.number, "origin": transfer.origin, "origin_name": start.name if start else transfer.origin,
        "to": transfer.to, "to_name": end.name if end else transfer.to, "location": transfer.location,
        "location_name": transfer.location_name or transfer.location,
    }
