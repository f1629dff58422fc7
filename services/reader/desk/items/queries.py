"""Reads of items, for the desk, for the screens and for the catalogue search of patrons."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.items.model import Circulation, Condition, FormerBarcode, Item, Stock, Use
from services.reader.desk.items.rules import UnknownBarcode, availability, told_former, word
from shared.i18n import pick

FREE = (
    Item.circulation == Circulation.available, Item.condition == Condition.sound,
    Item.stock == Stock.in_stock, Item.use == Use.loan,
)


async def current_barcode(session: AsyncSession, barcode: str) -> str | None:
    """What an item is called now that bore this barcode before; asked only where nothing bears it today."""
    return await session.scalar(
        select(Item.barcode).join(FormerBarcode, FormerBarcode.item_id == Item.id)
        .where(FormerBarcode.barcode == barcode)
    )


async def find_item(session: AsyncSession, barcode: str) -> Item | None:
    """The item that bears the barcode or bore it before, or None."""
    found = await session.scalar(select(Item).where(Item.barcode == barcode))
    if found is None:
        found = await session.scalar(
            select(Item).join(FormerBarcode, FormerBarcode.item_id == Item.id)
            .where(FormerBarcode.barcode == barcode)
        )
    return found


async def former_barcodes(session: AsyncSession, item_id: UUID) -> Sequence[FormerBarcode]:
    """What the item was called before, latest first."""
    return (await session.scalars(
        select(FormerBarcode).where(FormerBarcode.item_id == item_id).order_by(FormerBarcode.ended_at.desc())
    )).all()


def renamed(item: Item, asked: str) -> dict[str, Any] | None:
    """Whoever asked by a barcode the item no longer bears hears which one it bears now."""
    if not asked or asked == item.barcode:
        return None
    return {"former": asked, "current": item.barcode, "message": told_former(asked, item.barcode)}


async def item_by_barcode(session: AsyncSession, barcode: str) -> Item:
    """The item, or `UnknownBarcode`."""
    found = await find_item(session, barcode)
    if found is None:
        raise UnknownBarcode(barcode)
    return found


async def items_of(session: AsyncSession, instance_id: str, limit: int = 500) -> Sequence[Item]:
    """The items of a title that are not withdrawn, in shelf order."""
    found = await session.scalars(
        select(Item)
        .where(Item.instance_id == instance_id, Item.stock != Stock.withdrawn)
        .order_by(Item.location, Item.call_number, Item.copy_no, Item.barcode).limit(limit)
    )
    return found.all()


async def any_free(session: AsyncSession, instance_id: str) -> bool:
    """Whether a copy stands on the shelf for anybody to take; costs the same for 1 or 1,000 copies."""
    return bool(await session.scalar(select(exists().where(Item.instance_id == instance_id, *FREE))))


async def title_of(session: AsyncSession, instance_id: str) -> str | None:
    """The title as the items of the instance bear it; None when the library holds none."""
    return await session.scalar(
        select(Item.title).where(Item.instance_id == instance_id, Item.stock != Stock.withdrawn).limit(1)
    )


async def availability_of(
    session: AsyncSession, instance_ids: Iterable[str]
) -> dict[str, tuple[int, int]]:
    """Per title: (copies free now, copies in stock), in one statement for a page of results."""
    rows = await session.execute(
        select(Item.instance_id, func.count().filter(*FREE), func.count())
        .where(Item.instance_id.in_(list(instance_ids)), Item.stock != Stock.withdrawn)
        .group_by(Item.instance_id)
    )
    return {instance: (free, total) for instance, free, total in rows}


async def with_patron(session: AsyncSession, instance_id: str, patron_id: UUID) -> bool:
    """Whether the patron has a copy of the title at home."""
    return bool(await session.scalar(
        select(exists().where(Item.patron_id == patron_id, Item.instance_id == instance_id))
    ))


_LOCK = (
    select(Item).where(Item.barcode == bindparam("barcode"))
    .with_for_update(key_share=True).execution_options(populate_existing=True)
)


async def find_and_lock(session: AsyncSession, barcode: str) -> Item | None:
    """The item under its present or a former barcode, locked; None when there is none."""
    found: Item | None = await session.scalar(_LOCK, {"barcode": barcode})
    # A second look: the barcode may be replaced while we wait for the lock.
    if found is None and (current := await current_barcode(session, barcode)):
        found = await session.scalar(_LOCK, {"barcode": current})
    return found


async def lock_item(session: AsyncSession, barcode: str) -> Item:
    """The item, locked until the end of the transaction: whoever moves an item begins here."""
    found = await find_and_lock(session, barcode)
    if found is None:
        raise UnknownBarcode(barcode)
    return found


async def lock_items(session: AsyncSession, barcodes: Iterable[str]) -> Sequence[UUID]:
    """Items by present and former barcodes, all locked in the one order of their ids.

    Two people who take many items at once may wait for one another, but never in a circle, whichever
    of an item's barcodes each of them scanned.
    """
    codes = list(dict.fromkeys(barcodes))
    named = select(Item.id).where(Item.barcode.in_(codes)).union(
        select(FormerBarcode.item_id).where(FormerBarcode.barcode.in_(codes))
    )
    return await lock_by_id(session, (await session.scalars(named)).all())


async def lock_by_id(session: AsyncSession, ids: Iterable[UUID]) -> Sequence[UUID]:
    """These items, locked in the order of their ids: what a barcode is changed to meanwhile does not matter."""
    wanted = sorted(ids)
    if not wanted:
        return []
    return (await session.scalars(
        select(Item.id).where(Item.id.in_(wanted)).order_by(Item.id).with_for_update(key_share=True)
    )).all()


def item_json(item: Item) -> dict[str, Any]:
    """The item on the wire: its axes, the one word, and whether it can be had."""
    free, why = availability(item)
    state = word(item)
    return {
        "barcode": item.barcode, "title": item.title, "call_number": item.call_number,
        "location": item.location, "location_name": pick(item.location_name, item.location_name_en),
        "instance_id": item.instance_id, "copy_no": item.copy_no, "volume": item.volume,
        "circulation": item.circulation.value, "condition": item.condition.value,
        "stock": item.stock.value, "custodian": item.custodian.value, "use": item.use.value,
        "state": state.value, "state_label": state.text, "strip": "on" if item.strip_on else "off",
        "available": free, "why_not": [reason.as_json() for reason in why],
    }
