"""What a step of the decision does besides moving the line."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from services.resources.cataloguing.items.commands import hand_custody, move_life
from services.resources.cataloguing.items.model import Item, ItemLife, Location
from services.resources.cataloguing.items.queries import locations
from services.resources.cataloguing.items.rules import GONE
from services.resources.cataloguing.items.rules import LIFE as ITEM_LIFE
from services.resources.cataloguing.records.commands import show_again, suppress
from services.resources.cataloguing.records.model import Instance
from services.resources.collections.losses import commands as losses
from services.resources.collections.weeding import rules
from services.resources.collections.weeding.model import Reason, WeedingLine, WeedingState
from shared.i18n import N_
from shared.refusals import NotFound
from shared.states import Choice
from shared.work import Work


async def _not_special(work: Work, location: str) -> None:
    place = await _place(work, location)
    if place is not None and place.special:
        raise rules.SpecialCollection(place=place.name)


async def _place(work: Work, code: str) -> Location | None:
    return (await locations(work.session)).get(code)


async def prepare(work: Work, line: WeedingLine, _form: Any) -> None:
    """Take up what the catalogue knows of the item, and hold it back from readers."""
    barcode = line.barcode.strip().upper()
    item = (await work.session.scalars(select(Item).where(Item.barcode == barcode).with_for_update())).one_or_none()
    if item is None:
        raise NotFound(barcode)
    if other := await open_line(work, barcode):
        raise rules.AlreadyListed(barcode=barcode, number=other.no)
    # What is lost or replaced is listed through its loss, which then is the source of the line.
    if (item.life, "propose") not in ITEM_LIFE or (item.life is not ItemLife.in_stock and not line.source):
        raise rules.NotStock(barcode=barcode, life=item.life.text)
    if not line.source:
        await _not_special(work, item.location)
    record = await work.get(Instance, item.instance_id)
    line.barcode, line.item_id, line.instance_id, line.title = barcode, item.id, record.id, record.title
    line.call_number, line.location, line.price_cents = item.call_number, item.location, item.price_cents
    place = await _place(work, item.location)
    line.location_name = place.name if place else item.location
    line.proposer = line.proposer or work.actor.id
    line.reason = Reason(line.reason)
    line.last_copy = await _left(work, record.id, item.id) == 0
    await move_life(work, barcode, "propose")
    work.emit(rules.proposed(line), correlation=line.correlation)
    if line.reason is Reason.ordered and line.last_copy:  # it goes at once, the papers follow
        await suppress(work, record, reason=N_("上级要求下架"))


async def open_line(work: Work, barcode: str) -> WeedingLine | None:
    """The line that holds the item back, or withdrew it."""
    query = select(WeedingLine).where(WeedingLine.barcode == barcode, WeedingLine.state.not_in(rules.ENDED))
    return (await work.session.scalars(query)).first()


async def view(work: Work, line: WeedingLine, _form: Any) -> None:
    """The expert's advice."""
    line.expert = work.actor.id


async def _others(work: Work, line: WeedingLine) -> int:
    """Copies that stay when this one goes; two decisions about one title wait for each other."""
    await work.lock(Instance, Instance.id == line.instance_id)
    return await _left(work, line.instance_id, line.item_id)


async def _left(work: Work, instance_id: UUID, item_id: UUID) -> int:
    query = select(func.count()).select_from(Item).where(
        Item.instance_id == instance_id, Item.id != item_id, Item.book_id.is_(None), Item.life.not_in(GONE)
    )
    return await work.session.scalar(query) or 0


async def approve(work: Work, line: WeedingLine, _form: Any) -> Choice | None:
    """The library meeting agrees; a last copy waits for the director's second word."""
    await _not_special(work, line.location)
    line.approver = work.actor.id
    if not rules.needs_second(line, await _others(work, line)):
        return None
    if work.actor.kind != "system" and work.actor.holds(rules.DIRECTOR):
        raise rules.KeepYourWord
    return WeedingState.second


async def approve_last(work: Work, line: WeedingLine, _form: Any) -> None:
    """The title may vanish."""
    line.second_by = work.actor.id


async def write_off(work: Work, line: WeedingLine, _form: Any) -> Choice | None:
    """The asset office agreed: the item leaves the catalogue and the stock, the title with its last item.

    What has become the last copy since the meeting goes back to the meeting.
    """
    left = await _others(work, line)
    if rules.needs_second(line, left):
        return WeedingState.reviewed
    item = await move_life(work, line.barcode, "withdraw")
    line.withdrawn_on, line.withdrawn_by, line.decided_at = work.today, work.actor.id, work.now
    work.emit(rules.withdrawn(line, left))
    if not left and item is not None:
        await suppress(work, await work.get(Instance, item.instance_id), reason=N_("最后一册已剔除"))
    for disc in await _discs(work, line, ItemLife.in_stock, ItemLife.in_process, ItemLife.candidate):
        disc.life = ItemLife.withdrawn
        work.emit(rules.disc_withdrawn(line, disc.id, disc.barcode, left))
    await losses.weeding_done(work, line.item_id, line.no)
    if line.reason is Reason.lost:  # there is nothing to dispose of
        line.proof = line.source
        return WeedingState.disposed
    return None


async def _discs(work: Work, line: WeedingLine, *lives: ItemLife) -> list[Item]:
    """What lies with the book, locked."""
    query = select(Item).where(Item.book_id == line.item_id, Item.life.in_(lives)).order_by(Item.barcode).with_for_update()
    return list(await work.session.scalars(query))


async def keep(work: Work, line: WeedingLine, _form: Any) -> None:
    """It stays: back to the desk, which looks at it again."""
    item = await move_life(work, line.barcode, "keep")
    if item is not None:
        await losses.weeding_kept(work, item)
        if line.reason is Reason.ordered:
            await show_again(work, await work.get(Instance, item.instance_id))
    await hand_custody(work, line.barcode, "reader")
    line.decided_at = work.now
    work.emit(rules.kept(line))


async def restore(work: Work, line: WeedingLine, _form: Any) -> None:
    """The paper is still there: the item is stock again, its discs with it, and its title shows."""
    item = await move_life(work, line.barcode, "readmit")
    if item is None or item.life is not ItemLife.in_stock:
        raise NotFound(line.barcode)
    item.custodian = "reader"
    await show_again(work, await work.get(Instance, item.instance_id))
    line.decided_at = work.now
    work.emit(rules.readmitted(line, item.id, item.barcode))
    for disc in await _discs(work, line, ItemLife.withdrawn):
        disc.life = ItemLife.in_stock
        work.emit(rules.readmitted(line, disc.id, disc.barcode, disc=True))
