"""What the catalogue says of items, compared with resources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.items import commands, rules
from services.reader.desk.items.model import Item, Stock
from shared.copies.comparing import Copy
from shared.copies.ledger import Row, Span
from shared.events.resources import ItemCatalogued
from shared.i18n import N_
from shared.work import Work

# Barcode and axes are ours to say; the rest is the catalogue's.
FIELDS = (
    "title", "call_number", "location", "location_name", "location_name_en", "price_cents", "copy_no", "volume",
    "kind", "use", "copy_of", "withdrawn",
)


async def held(session: AsyncSession, span: Span) -> Sequence[Row]:
    """Our items in the catalogue's words."""
    query = select(Item).where(span.within(Item.id)).order_by(Item.id).limit(span.limit)
    return [(str(item.id), _told(item)) for item in await session.scalars(query)]


def _told(item: Item) -> dict[str, Any]:
    same = {name: getattr(item, name) for name in FIELDS if hasattr(item, name)}
    return {
        **same, "price_cents": item.price_fen, "use": item.use.value,
        "copy_of": "" if item.instance_id == f"disc-{item.id}" else item.instance_id,
        "withdrawn": item.stock is Stock.withdrawn,
    }


async def mend(work: Work, key: str, fact: dict[str, Any] | None) -> None:
    """Take the catalogue's word over; an item it does not know stays on the list, for loans may hang on it."""
    if fact is None:
        return
    item = await work.session.get(Item, UUID(key), with_for_update=True)
    said = ItemCatalogued.read({**fact, "barcode": item.barcode if item else fact["barcode"]})
    await commands.take_up(work, said)
    item = item or await work.session.get(Item, UUID(key))
    if item is not None and (item.stock is Stock.withdrawn) != fact["withdrawn"]:
        rules.learn(item, "stock", "withdraw" if fact["withdrawn"] else "readmit")


async def names(session: AsyncSession, keys: Sequence[str]) -> Mapping[str, tuple[str, str]]:
    """By their barcodes."""
    rows = await session.execute(select(Item.id, Item.barcode).where(Item.id.in_([UUID(key) for key in keys])))
    return {str(row.id): (row.barcode, f"/reader/items/{quote(row.barcode)}") for row in rows}


copy = Copy("resources.items", N_("馆藏单册（据资源建设部）"), FIELDS, held, mend, names)
