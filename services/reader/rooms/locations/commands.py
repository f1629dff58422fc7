"""Learning what a place is called."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from services.reader.discovery.shelves.model import ShelfRange
from services.reader.rooms.locations.model import Place
from shared.events.resources import LocationSaved
from shared.work import Work


async def know(work: Work, fact: LocationSaved) -> None:
    """The place as it is now; the rack table shows its name. Items bear the name they came with."""
    row = {
        "code": fact.code, "name": fact.place_name, "name_en": fact.place_name_en, "stock": fact.stock, "building": fact.building,
        "floor": fact.floor, "closes_on": fact.closes_on, "volumes": fact.volumes,
    }
    await work.session.execute(insert(Place).values(row).on_conflict_do_update(index_elements=["code"], set_=row))
    await work.session.execute(
        update(ShelfRange).where(ShelfRange.location == fact.code, ShelfRange.location_name != fact.place_name)
        .values(location_name=fact.place_name)
    )
