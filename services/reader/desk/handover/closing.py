"""The end of a count: what was right is ours, what was not goes back with its reason."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from services.reader.desk.circulation import commands as circulation
from services.reader.desk.handover import rules
from services.reader.desk.handover.commands import open_batch, point_name
from services.reader.desk.handover.model import Handover, HandoverExtra, HandoverLine, Verdict
from services.reader.desk.handover.queries import extras_of, lines_of
from services.reader.desk.items import rules as item_rules
from services.reader.desk.items.model import Circulation, Custodian, Item
from services.reader.rooms.backissues import following as volumes
from shared.events.reader import (
    CountedItem,
    ExtraItem,
    HandoverConfirmed,
    HandoverDisputed,
    ReturnedItem,
)
from shared.refusals import SamePerson
from shared.states import step
from shared.work import Work


async def confirm(work: Work, *, number: str) -> Handover:
    """Everything is as listed, nothing else was in the box."""
    handover, lines, extras = await _whole(work, number)
    why = rules.differences(lines, extras)
    if why:
        raise rules.Differs(why)
    late = rules.days_late(handover, work.today)
    _close(work, handover, "confirm")
    work.emit(HandoverConfirmed(
        number=number, point=handover.point, point_name=await point_name(work, handover.point), count=len(lines),
        accepted=tuple(_counted(line) for line in lines), received_by=work.actor.id, late_days=late,
    ))
    await _move(work, handover, lines)
    return handover


async def dispute(work: Work, *, number: str, note: str = "") -> Handover:
    """The box differs: lines that were right stay here, the others go back to the workroom."""
    handover, lines, extras = await _whole(work, number)
    if not rules.differences(lines, extras):
        raise rules.NothingDiffers
    for line in lines:
        if line.verdict is Verdict.expected:
            line.verdict = Verdict.missing
    right = [line for line in lines if line.verdict is Verdict.ok]
    back = [line for line in lines if line.verdict is not Verdict.ok]
    late = rules.days_late(handover, work.today)
    _close(work, handover, "dispute")
    handover.remark = note.strip()
    work.emit(HandoverDisputed(
        number=number, point=handover.point, point_name=await point_name(work, handover.point), count=len(right),
        back=len(back), more=len(extras), accepted=tuple(_counted(line) for line in right),
        returned=tuple(
            ReturnedItem(
                item_id=str(line.item_id), barcode=line.barcode, verdict=line.verdict.value,
                verdict_label=line.verdict.label, note=line.note,
            ) for line in back
        ),
        extras=tuple(ExtraItem(barcode=x.barcode, title=x.title, other=x.other) for x in extras),
        received_by=work.actor.id, note=handover.remark, late_days=late,
    ))
    await _move(work, handover, lines)
    return handover


async def _whole(
    work: Work, number: str
) -> tuple[Handover, Sequence[HandoverLine], Sequence[HandoverExtra]]:
    handover = await open_batch(work, number)
    if handover.sent_by == work.actor.id:  # two signatures are of two people
        raise SamePerson
    work.follow(handover.correlation)
    return handover, await lines_of(work.session, number), await extras_of(work.session, number)


def _close(work: Work, handover: Handover, how: str) -> None:
    handover.state = step(rules.LIFE, handover.state, how)
    handover.closed_at, handover.received_by = work.now, work.actor.id


def _counted(line: HandoverLine) -> CountedItem:
    return CountedItem(item_id=str(line.item_id), barcode=line.barcode)


async def _move(work: Work, handover: Handover, lines: Sequence[HandoverLine]) -> None:
    """Items follow what was said of their lines; a sound one goes to whoever is next, else to its shelf."""
    found = {item.id: item for item in await work.session.scalars(
        select(Item).where(Item.id.in_([line.item_id for line in lines])).order_by(Item.barcode)
        .with_for_update(key_share=True).execution_options(populate_existing=True)
    )}
    for line in sorted(lines, key=lambda one: one.barcode):
        item = found.get(line.item_id)
        if item is None or item.circulation is not Circulation.in_handover:
            continue
        if line.verdict is not Verdict.ok:
            item_rules.move(item, "dispute", work.now)
            continue
        item_rules.move(item, "accept", work.now)
        item.custodian = Custodian.reader
        line.went = await _place(work, item, handover.point)
    await volumes.arrived(work, [line.barcode for line in lines if line.verdict is Verdict.ok])


async def _place(work: Work, item: Item, point: str) -> str:
    next_ = item_rules.next_step(item)
    hold, way = await circulation.place(work, item, "hold_shelf" if next_ == "shelve" else next_, at=point)
    if way is not None:
        return f"send_{way.why.value}"
    return "hold_shelf" if hold is not None else next_
