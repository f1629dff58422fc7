"""Questions about items."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.resources.cataloguing.items import rules
from services.resources.cataloguing.items.model import FormerBarcode, Item, ItemLife, Location
from shared.barcodes import barcode
from shared.i18n import pick
from shared.work import Work


async def of_instance(session: AsyncSession, instance_id: UUID) -> Sequence[Item]:
    """The items of a record by copy number; a page shows at most 500."""
    query = select(Item).where(Item.instance_id == instance_id).order_by(Item.copy_no, Item.barcode).limit(500)
    return (await session.scalars(query)).all()


async def counts(session: AsyncSession, instances: Iterable[UUID]) -> dict[UUID, int]:
    """How many copies of each record are there: neither withdrawn nor lost nor replaced, nor a disc that lies with one."""
    query = (
        select(Item.instance_id, func.count())
        .where(Item.instance_id.in_(list(instances)), Item.life.not_in(rules.GONE), Item.book_id.is_(None))
        .group_by(Item.instance_id)
    )
    return {row[0]: row[1] for row in await session.execute(query)}


async def plenty(work: Work, _record: Any = None) -> bool:
    """Whether the house has so many items (as the planner believes) that asking all of them takes longer than a page may."""
    return (await work.session.scalar(text("SELECT reltuples FROM pg_class WHERE oid = 'item'::regclass")) or 0) > rules.AT_ONCE


async def locations(session: AsyncSession) -> dict[str, Location]:
    """Places by code."""
    return {place.no: place for place in await session.scalars(select(Location).order_by(Location.no))}


async def named_places(work: Work) -> dict[str, str]:
    """What the codes of places are called, in the reader's language."""
    return {code: pick(place.name, place.name_en) or code for code, place in (await locations(work.session)).items()}


async def around_place(work: Work, place: Location) -> dict[str, Any]:
    """How many copies stand there, lives apart, and how full it is."""
    rows = await work.session.execute(
        select(Item.life, func.count()).where(Item.location == place.no).group_by(Item.life).order_by(Item.life)
    )
    lives = {ItemLife(life): n for life, n in rows.all()}
    here = sum(n for life, n in lives.items() if life not in rules.GONE)
    return {"place": place, "lives": lives, "here": here, "today": work.today, "full": rules.filled(here, place.volumes)}


async def next_barcode(session: AsyncSession, material: str) -> str:
    """The barcode after the highest one given out; a proposal, not a promise."""
    last = await session.scalar(text("SELECT last FROM number_sequence WHERE kind = 'item-barcode' AND year = 0"))
    return barcode(rules.letter_of(material), (last or rules.FIRST_SERIAL) + 1)


def item_json(item: Item, title: str, place: Location | None) -> dict[str, Any]:
    """An item for programs."""
    return {
        "id": str(item.id), "barcode": item.barcode, "title": title, "instance_id": str(item.instance_id),
        "location": item.location, "location_name": place.name if place else "", "call_number": item.call_number,
        "copy_no": item.copy_no, "volume": item.volume, "price_cents": item.price_cents, "kind": item.kind,
        "use": item.use.value, "life": item.life.value, "life_label": item.life.text, "custodian": item.custodian,
        "note": item.note, "loss": item.loss, "created_at": item.created_at,
        "book_id": str(item.book_id) if item.book_id else None, "pieces": item.pieces,
    }


async def barcodes_of(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, str]:
    """What these items bear today."""
    if not ids:
        return {}
    rows = await session.execute(select(Item.id, Item.barcode).where(Item.id.in_(ids)))
    return dict(rows.all())


async def discs_of(session: AsyncSession, book: Item) -> Sequence[Item]:
    """The discs that lie with this item."""
    return (await session.scalars(select(Item).where(Item.book_id == book.id).order_by(Item.barcode))).all()


async def by_barcode(session: AsyncSession, barcode: str) -> Item | None:
    """The item that bears the barcode, or bore it before the desk replaced it."""
    found = (await session.scalars(select(Item).where(Item.barcode == barcode))).one_or_none()
    if found is None:
        found = await session.scalar(
            select(Item).join(FormerBarcode, FormerBarcode.item_id == Item.id)
            .where(FormerBarcode.barcode == barcode)
        )
    return found
