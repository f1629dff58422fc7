"""The desk's word of lending, compared with the desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from sqlalchemy import delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.resources.cataloguing.items.model import Item, ItemLife
from services.resources.collections.sightings.commands import saw
from services.resources.collections.sightings.model import Sighting, Whereabouts
from shared.copies.comparing import Copy
from shared.copies.ledger import Row, Span
from shared.i18n import N_
from shared.work import Work


async def held(session: AsyncSession, span: Span) -> Sequence[Row]:
    """What we take to be lent; what is lost stays where it was seen last, and is nobody's loan any more."""
    lost = exists().where(Item.barcode == Sighting.barcode, Item.life.in_((ItemLife.lost, ItemLife.replaced)))
    query = (
        select(Sighting.barcode)
        .where(span.within(Sighting.barcode), Sighting.place == Whereabouts.loan, ~lost)
        .order_by(Sighting.barcode).limit(span.limit)
    )
    return [(barcode, {"place": "loan"}) for barcode in await session.scalars(query)]


async def mend(work: Work, key: str, fact: dict[str, Any] | None) -> None:
    """Lent, or no word at all: where else it may be the desk tells with the next move."""
    if fact is not None:
        saw(work, [key], Whereabouts.loan)
    else:
        gone = delete(Sighting).where(Sighting.barcode == key, Sighting.place == Whereabouts.loan)
        await work.session.execute(gone)


async def names(_session: AsyncSession, keys: Sequence[str]) -> Mapping[str, tuple[str, str]]:
    """The barcode is what people call it."""
    return {key: (key, f"/resources/items/{quote(key)}") for key in keys}


copy = Copy("reader.lending", N_("借出的书（据读者服务部）"), ("place",), held, mend, names)
