"""What we answer for of items when another department compares its copy with us."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from services.resources.cataloguing.items.commands import catalogued
from services.resources.cataloguing.items.model import Item, ItemLife, Location
from services.resources.cataloguing.records.model import Instance
from shared.copies.ledger import Ledger, Row, Span


async def told(session: AsyncSession, span: Span) -> Sequence[Row]:
    """Every item by its id as the fact it was catalogued by would say it today.

    A copy brought for a lost book is nobody's business until it is entered among the possessions: it was not told yet.
    Beside that: `copy_of`, the record whose copy it counts as (none for a disc that lies with a book), and `withdrawn`.
    """
    book = aliased(Item)
    query = (
        select(Item, Instance.title, Location, book)
        .join(Instance, Instance.id == Item.instance_id)
        .outerjoin(Location, Location.no == Item.location)
        .outerjoin(book, book.id == Item.book_id)
        .where(span.within(Item.id), ~and_(Item.loss != "", Item.life == ItemLife.in_process)).order_by(Item.id).limit(span.limit)
    )
    found: list[Row] = []
    for item, title, place, lies_with in await session.execute(query):
        fact = catalogued(item, title, place or Location(name="", name_en=""), book=lies_with)
        found.append((str(item.id), {
            **fact.model_dump(mode="json"), "copy_of": "" if item.book_id else str(item.instance_id),
            "withdrawn": item.life is ItemLife.withdrawn,
        }))
    return found


ledger = Ledger("resources.items", asked_by=("reader",), read=told)
