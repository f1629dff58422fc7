"""Opening, changing and closing service points."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from services.reader.desk import HEAD
from services.reader.rooms.service_points import rules
from services.reader.rooms.service_points.model import PointKind, PointLocation, ServicePoint
from services.reader.rooms.service_points.queries import point_by_code
from shared.events.reader import ServicePointSaved
from shared.refusals import Invalid
from shared.work import Work


async def save(
    work: Work, *, code: str, name: str, name_en: str = "", kind: PointKind = PointKind.room,
    address: str = "", open_: bool = True, main: bool = False, new: bool = False,
) -> ServicePoint:
    """Add a point or change one; making it the main point takes that from the former one."""
    work.actor.require(*HEAD)
    code, name = code.strip().upper(), name.strip()
    if found_errors := rules.errors(code=code, name=name):
        raise Invalid(found_errors)
    point = await point_by_code(work.session, code, lock=True)
    if new and point is not None:
        raise rules.PointExists(code=code)
    if not new and point is None:
        raise rules.UnknownPoint(code)
    if not open_ and (main or (point is not None and point.main)):
        raise rules.MainStaysOpen(name=name)
    if main:
        await work.session.execute(
            update(ServicePoint).where(ServicePoint.code != code, ServicePoint.main).values(main=False)
        )
    if point is None:
        point = ServicePoint(code=code, main=False)
        work.session.add(point)
    point.name, point.name_en = name, name_en.strip()
    if point.kind is not PointKind.member:  # what belongs to a member of the union stays so
        point.kind = kind
    point.address, point.open, point.main = address.strip(), open_, main or point.main
    await work.session.flush()
    await _tell(work, code)
    return point


async def assign(work: Work, *, code: str, locations: Sequence[str]) -> None:
    """These locations, and no others, belong to the point; one kept elsewhere moves over."""
    work.actor.require(*HEAD)
    if await point_by_code(work.session, code, lock=True) is None:
        raise rules.UnknownPoint(code)
    losing = set(await work.session.scalars(
        select(PointLocation.point).where(PointLocation.location.in_(locations), PointLocation.point != code)
    ))
    await work.session.execute(
        delete(PointLocation).where(PointLocation.point == code, PointLocation.location.not_in(locations))
    )
    for location in sorted(set(locations)):
        await work.session.execute(
            insert(PointLocation).values(location=location, point=code)
            .on_conflict_do_update(index_elements=["location"], set_={"point": code})
        )
    work.note("assign-locations", "service_point", code, locations=sorted(set(locations)))
    for changed in (code, *sorted(losing)):
        await _tell(work, changed)


async def _tell(work: Work, code: str) -> None:
    """Others send things to points: they learn what a point is called and which locations it keeps."""
    point = await point_by_code(work.session, code)
    assert point is not None
    kept = await work.session.scalars(
        select(PointLocation.location).where(PointLocation.point == code).order_by(PointLocation.location)
    )
    work.emit(ServicePointSaved(
        code=code, point_name=point.name, point_name_en=point.name_en, open=point.open, locations=tuple(kept),
    ))
