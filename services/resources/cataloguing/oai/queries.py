"""Questions harvesters ask, each by key and of bounded size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from services.resources.cataloguing.items.model import Location
from services.resources.cataloguing.oai.model import Harvest, OaiRecord, OaiSettings
from services.resources.cataloguing.oai.rules import CLASSES, DIALECTS, Asked, Place
from services.resources.cataloguing.records.model import Instance, RecordState
from shared.settings import Settings

_NOW = text(
    "SELECT date_trunc('second', clock_timestamp()) AS now, EXISTS (SELECT FROM oai_record WHERE stamp IS NULL) AS due"
)


@dataclass(frozen=True, slots=True)
class House:
    """Who we are to the outside; what is not set follows from the process's settings."""

    open: bool
    name: str
    mail: str
    domain: str
    page_size: int
    secret: str


async def settings_of(session: AsyncSession) -> OaiSettings:
    """The one row, written by the first migration."""
    return (await session.scalars(select(OaiSettings))).one()


async def house(session: AsyncSession, process: Settings) -> House:
    """The settings in force."""
    kept = await settings_of(session)
    domain = kept.domain or "library.local"
    return House(
        kept.open, kept.name or process.library_name, kept.mail or f"library@{domain}", domain, kept.page_size,
        kept.secret,
    )


async def clock(session: AsyncSession) -> tuple[datetime, bool]:
    """The database's second, and whether changes wait for their stamp."""
    row = (await session.execute(_NOW)).one()
    return row.now, row.due


async def earliest(session: AsyncSession) -> datetime | None:
    """The oldest stamp; none before the first record."""
    found: datetime | None = await session.scalar(select(func.min(OaiRecord.stamp)))
    return found


async def header(session: AsyncSession, number: str) -> OaiRecord | None:
    """The header of one record."""
    query = select(OaiRecord).where(OaiRecord.number == number, OaiRecord.stamp.is_not(None))
    return (await session.scalars(query)).one_or_none()


def _wanted(asked: Asked) -> list[Any]:
    where: list[Any] = [OaiRecord.stamp.is_not(None)]
    if asked.since:
        where.append(OaiRecord.stamp >= asked.since)
    if asked.until:
        where.append(OaiRecord.stamp <= asked.until)
    if dialects := DIALECTS[asked.prefix]:
        where.append(OaiRecord.dialect.in_(dialects))
    if asked.set_spec:
        where.append(OaiRecord.sets.contains([asked.set_spec]))
    return where


async def size(session: AsyncSession, asked: Asked) -> int:
    """How many records the list has now; asked once a harvest."""
    return await session.scalar(select(func.count()).select_from(OaiRecord).where(*_wanted(asked))) or 0


async def after(session: AsyncSession, asked: Asked, place: Place, limit: int) -> Sequence[Any]:
    """The next headers in the order of their stamps, found by key however far the list has come."""
    query = select(
        OaiRecord.instance_id, OaiRecord.number, OaiRecord.stamp, OaiRecord.deleted, OaiRecord.sets, OaiRecord.dialect,
    ).where(*_wanted(asked))
    if place.stamp:
        query = query.where(tuple_(OaiRecord.stamp, OaiRecord.instance_id) > (place.stamp, place.record))
    return (await session.execute(query.order_by(OaiRecord.stamp, OaiRecord.instance_id).limit(limit))).all()


async def contents(session: AsyncSession, ids: Sequence[UUID], prefix: str) -> dict[UUID, Any]:
    """What the records say, for those that may still be told: the projection, or the fields themselves."""
    told = Instance.projection if prefix == "oai_dc" else Instance.fields
    query = select(Instance.id, told).where(Instance.id.in_(ids), Instance.state == RecordState.released)
    return {row[0]: row[1] for row in await session.execute(query)}


async def sets(session: AsyncSession) -> list[tuple[str, str]]:
    """Every set with its name: the classes of the CLC and the places of the house."""
    places = await session.execute(select(Location.no, Location.name).order_by(Location.no))
    return [
        ("clc", "中国图书馆分类法"), *((f"clc:{mark}", name) for mark, name in CLASSES.items()),
        ("loc", "馆藏地"), *((f"loc:{row.no}", row.name) for row in places),
    ]


async def harvests(session: AsyncSession, *, limit: int, offset: int) -> tuple[Sequence[Harvest], int]:
    """Harvests, the latest first, and how many are remembered."""
    total = await session.scalar(select(func.count()).select_from(Harvest)) or 0
    query = select(Harvest).order_by(Harvest.last_at.desc(), Harvest.id).limit(limit).offset(offset)
    return (await session.scalars(query)).all(), total


async def stock(session: AsyncSession) -> dict[str, int]:
    """How many records are told, and how many as deleted."""
    row = (await session.execute(
        select(func.count(), func.count().filter(OaiRecord.deleted)).select_from(OaiRecord)
    )).one()
    return {"told": row[0] - row[1], "deleted": row[1]}
