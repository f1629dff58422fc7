"""Writing down where call numbers stand."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from services.reader.discovery.shelves import queries, rules
from services.reader.discovery.shelves.model import ShelfRange
from services.reader.rooms.locations.queries import place_of as place_named
from shared.database import uuid7
from shared.work import Work

KEEPERS = ("RDR-LED", "RDR-CIR", "head-reader")


async def settle(work: Work, place: ShelfRange, _form: Any) -> None:
    """Compute the keys (who may write is the register's to check); two people who write down one location at the same time come one after the other."""
    place.location = place.location.strip()
    known = await place_named(work.session, place.location)
    place.location_name = known.name if known else ""
    place.low, place.high = rules.keys(place.from_call, place.to_call)
    place.id = place.id or uuid7()
    await work.session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))"), {"what": f"shelf:{place.location}"}
    )
    if other := await queries.overlapping(work.session, place):
        raise rules.Overlaps(no=other.no, low=other.from_call, high=other.to_call)
