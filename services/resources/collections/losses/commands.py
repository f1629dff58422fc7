"""What a step does to the stock: the lost item, the copy in its place, the original that is there again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from services.resources.cataloguing.items import commands as items
from services.resources.cataloguing.items import rules as item_rules
from services.resources.cataloguing.items.model import Item, ItemLife, Use
from services.resources.cataloguing.items.queries import by_barcode, locations
from services.resources.cataloguing.marc.callnumbers import shelf_key
from services.resources.cataloguing.records.commands import show_again
from services.resources.cataloguing.records.model import Instance
from services.resources.cataloguing.records.queries import by_key
from services.resources.collections.losses import queries, rules
from services.resources.collections.losses.model import LostItem, LostState, Replacement
from shared.database import uuid7
from shared.events.resources import ItemReadmitted
from shared.i18n import N_
from shared.refusals import Invalid, NotFound
from shared.states import step
from shared.work import Work


def move(loss: LostItem, action: str) -> bool:
    """Take the step when it is possible from where the loss stands; else leave it."""
    after = rules.LIFE.get((LostState(loss.state), action))
    if after is not None:
        loss.state = after
    return after is not None


async def lock_item(work: Work, item_id: UUID | None) -> Item | None:
    """The item of a loss, locked."""
    if item_id is None:
        return None
    return await work.session.scalar(
        select(Item).where(Item.id == item_id).with_for_update().execution_options(populate_existing=True)
    )


def move_item(item: Item, action: str) -> None:
    """Take a step of the item's life when it is possible."""
    if (item.life, action) in item_rules.LIFE:
        item.life = step(item_rules.LIFE, item.life, action)


async def new_copy(
    work: Work, record: Instance, *, barcode: str, like: Item | None, place: str = "", price_cents: int = 0, note: str = "",
    loss: str = "",
) -> Item:
    """An item in process for the copy a patron brought; it stands where the lost one stood."""
    await work.lock(Instance, Instance.id == record.id, what=record.number)
    last = await work.session.scalar(select(func.max(Item.copy_no)).where(Item.instance_id == record.id))
    call = like.call_number if like is not None and like.instance_id == record.id else record.call_number
    item = Item(
        id=uuid7(), barcode=barcode, instance_id=record.id, location=place or (like.location if like else ""),
        call_number=call, shelf_key=shelf_key(call), copy_no=(last or 0) + 1, volume=like.volume if like else "",
        price_cents=price_cents or (like.price_cents if like else 0), kind=record.material,
        use=like.use if like else Use.loan, life=ItemLife.in_process, custodian="resources", note=note, loss=loss,
        created_by=work.actor.id, created_at=work.now,
    )
    work.session.add(item)
    await work.session.flush()
    return item


async def check(work: Work, copy: Replacement, form: Any) -> None:
    """The copy is compared: which record it belongs to, where it will stand, what it is worth."""
    record = await by_key(work.session, form.record)
    place = (await locations(work.session)).get(form.location)
    if place is None:
        raise Invalid({"location": N_("没有这个馆藏地")})
    item = await lock_item(work, copy.item_id)
    if item is None:
        item = await _take_in(work, copy, record, form)
    if item.instance_id != record.id:
        await work.lock(Instance, Instance.id == record.id, what=record.number)
        last = await work.session.scalar(select(func.max(Item.copy_no)).where(Item.instance_id == record.id))
        item.instance_id, item.copy_no, item.call_number = record.id, (last or 0) + 1, record.call_number
        item.shelf_key, item.kind = shelf_key(record.call_number), record.material
    item.location, item.use, item.price_cents = place.no, Use(place.use), form.price_cents
    copy.record, copy.location, copy.price_cents = record.number, place.no, form.price_cents
    copy.checked_by = work.actor.id


async def _take_in(work: Work, copy: Replacement, record: Instance, form: Any) -> Item:
    """The copy the desk told us of had no barcode we could use: now it has one."""
    wanted = form.new_barcode.strip() or copy.barcode
    barcode = item_rules.clean_barcode(wanted)
    if await by_barcode(work.session, barcode) is not None:
        raise rules.NoItemYet(barcode=barcode)
    item = await new_copy(work, record, barcode=barcode, like=None, place=form.location, loss=copy.loss, note=copy.note)
    copy.item_id, copy.barcode = item.id, barcode
    return item


async def register(work: Work, copy: Replacement, _form: Any) -> None:
    """The copy is entered among the possessions: stock from now on, and the desk may lend it."""
    item = await lock_item(work, copy.item_id)
    if item is None:
        raise NotFound(copy.barcode)
    record = await work.get(Instance, item.instance_id)
    place = (await locations(work.session)).get(item.location)
    if place is None:
        raise item_rules.UnknownLocation(location=item.location)
    move_item(item, "release")
    item.custodian, copy.registered_by = "reader", work.actor.id
    work.emit(items.catalogued(item, record.title, place), correlation=copy.correlation)


async def keep(work: Work, loss: LostItem, _form: Any) -> None:
    """The original that turned up is an additional copy."""
    item = await lock_item(work, loss.item_id)
    if item is None:
        raise NotFound(loss.barcode)
    loss.decided_by = work.actor.id
    await readmit(work, loss, item)


async def readmit(work: Work, loss: LostItem, item: Item) -> None:
    """The item is stock again, and its title shows."""
    move_item(item, "readmit")
    item.custodian = "reader"
    record = await work.get(Instance, item.instance_id)
    await show_again(work, record)
    work.emit(ItemReadmitted(
        item_id=str(item.id), barcode=item.barcode, title=record.title, call_number=item.call_number,
        location=item.location, number=loss.no, instance_id=str(record.id), reason=loss.decision,
    ), correlation=loss.correlation)


async def weeding_kept(work: Work, item: Item) -> None:
    """The weeding register decided to keep what is still lost: it stays on the list of losses."""
    loss = await queries.open_loss_of(work.session, item.id)
    if loss is not None and move(loss, "wait"):
        loss.weeding, loss.write_off_on = "", rules.term_of(work.today, ours=True, special=False)
    if loss is not None and item.life is ItemLife.in_stock:
        move_item(item, "lose")


async def weeding_done(work: Work, item_id: UUID, line: str) -> None:
    """A lost item is written off."""
    loss = await queries.open_loss_of(work.session, item_id)
    if loss is not None:
        if LostState(loss.state) is LostState.lost:  # proposed before it was lost
            loss.state = LostState.proposed
        loss.weeding = line
        move(loss, "write_off")
