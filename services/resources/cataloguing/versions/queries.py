"""Questions about versions."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from services.resources.cataloguing.marc.record import Record
from services.resources.cataloguing.records.model import Instance
from services.resources.cataloguing.versions.model import RecordVersion
from services.resources.cataloguing.versions.rules import OPEN
from shared.refusals import NotFound

_WHOLE = undefer(RecordVersion.fields)


async def of_record(session: AsyncSession, instance_id: UUID, *, limit: int, offset: int = 0) -> Sequence[RecordVersion]:
    """Versions of a record, the newest first."""
    query = select(RecordVersion).where(RecordVersion.instance_id == instance_id).order_by(RecordVersion.no.desc())
    return (await session.scalars(query.limit(limit).offset(offset))).all()


async def count(session: AsyncSession, instance_id: UUID) -> int:
    """How many there are."""
    return await session.scalar(select(func.count()).where(RecordVersion.instance_id == instance_id)) or 0


async def version(session: AsyncSession, instance_id: UUID, no: int) -> RecordVersion:
    """One version with what it said."""
    query = select(RecordVersion).where(RecordVersion.instance_id == instance_id, RecordVersion.no == no)
    found = (await session.scalars(query.options(_WHOLE))).one_or_none()
    if found is None:
        raise NotFound(no)
    return found


async def open_of(session: AsyncSession, instance_id: UUID) -> RecordVersion | None:
    """The correction that waits, or was returned, with what it says."""
    query = select(RecordVersion).where(RecordVersion.instance_id == instance_id, RecordVersion.state.in_(OPEN))
    return (await session.scalars(query.options(_WHOLE))).one_or_none()


async def working(session: AsyncSession, record: Instance) -> Record:
    """What a cataloguer goes on from: the open correction, else what patrons see."""
    found = await open_of(session, record.id)
    if found is not None:
        return Record.from_json(found.fields)
    await session.refresh(record, ["fields"])
    return Record.from_json(record.fields)


async def makers(session: AsyncSession, record: Instance) -> set[str]:
    """Who wrote what nobody has proofread yet."""
    query = select(RecordVersion.made_by).where(
        RecordVersion.instance_id == record.id, RecordVersion.no > record.proofread
    )
    found = set(await session.scalars(query))
    return found if record.proofread or found else {record.created_by}


async def last_agency(session: AsyncSession, actor: str) -> str:
    """Whose code the cataloguer last wrote as the source of a record; empty for a beginner."""
    query = (
        select(Instance.projection["agency"].astext).join(RecordVersion, RecordVersion.instance_id == Instance.id)
        .where(RecordVersion.made_by == actor, RecordVersion.origin == "new").order_by(RecordVersion.made_at.desc()).limit(1)
    )
    return await session.scalar(query) or ""


async def as_of(session: AsyncSession, record: Instance, no: int) -> Record:
    """What a cataloguer saw who opened the record when this was its last version."""
    # Before the first save there was no version; the first save kept that text as number 1.
    query = select(RecordVersion).where(RecordVersion.instance_id == record.id, RecordVersion.no == max(no, 1))
    found = (await session.scalars(query.options(_WHOLE))).one_or_none()
    return Record.from_json(found.fields) if found else await working(session, record)
