"""Learning what a place is called."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from services.reader.discovery.shelves.model import ShelfRange
from services.reader.rooms.locations.model import HoldingsReport, Place
from shared.events.resources import EvaluationPublished, HoldingsReported, LocationSaved
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


async def keep_month(work: Work, fact: HoldingsReported) -> None:
    """Each place as the month left it; an older month that comes late changes nothing."""
    for one in fact.locations:
        row = {
            "period": fact.period, "titles": one.titles, "copies": one.copies, "opening": one.opening, "added": one.added,
            "moved_in": one.moved_in, "moved_out": one.moved_out, "gone": one.withdrawn + one.lost,
        }
        if not one.location:
            continue
        await work.session.execute(
            insert(Place).values(code=one.location, name=one.location, **row)
            .on_conflict_do_update(index_elements=["code"], set_=row, where=Place.period < fact.period)
        )
    await _keep(work, fact.number, "month", fact.period, fact.link())


async def keep_evaluation(work: Work, fact: EvaluationPublished) -> None:
    """What the house thinks of its stock, to be read before one proposes anything."""
    await _keep(work, fact.number, "evaluation", fact.title, fact.link())


async def _keep(work: Work, number: str, kind: str, title: str, link: str) -> None:
    await work.session.execute(
        insert(HoldingsReport).values(number=number, kind=kind, title=title, link=link, told_on=work.today)
        .on_conflict_do_nothing(index_elements=["number"])
    )
