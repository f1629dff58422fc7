"""Demonstration: each location keeps one side of a rack for every main class it holds."""

from __future__ import annotations

from sqlalchemy import func, select

from services.reader.desk.items.model import Item
from services.reader.discovery.catalogue.vocabulary import CLASSES
from services.reader.discovery.shelves.model import ShelfRange
from services.reader.discovery.shelves.register import shelf_ranges
from shared.demo import person
from shared.service import Kit


async def seed(kit: Kit) -> None:
    """Once there are items and no ranges yet."""
    async with kit.sessions() as session:
        if await session.scalar(select(ShelfRange.id).limit(1)):
            return
        letter = func.upper(func.substr(Item.call_number, 1, 1))
        held = (await session.execute(
            select(Item.location, func.min(Item.location_name), letter).where(letter.in_(list(CLASSES)))
            .group_by(Item.location, letter).order_by(Item.location, letter)
        )).all()
    sides: dict[str, int] = {}
    async with kit.works.open(person("rdr-led")) as work:
        for location, name, mark in held:
            n = sides[location] = sides.get(location, -1) + 1
            # 二层社科库: the floor is its first two characters.
            floor, hall = (name[:2], name[2:]) if name[1:2] == "层" and name[2:] else ("—", name or location)
            await shelf_ranges.open(
                work, location=location, from_call=mark, to_call=mark, floor=floor, hall=hall, rack=n // 2 + 1,
                side="AB"[n % 2], note="",
            )
