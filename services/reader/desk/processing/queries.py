"""Reads of the label queue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.items.model import FormerBarcode, Item
from services.reader.desk.processing.model import LabelJob


async def jobs(
    session: AsyncSession, *, done: bool, limit: int = 25, offset: int = 0
) -> tuple[list[tuple[LabelJob, Item]], int]:
    """Labels to print in shelf order, or those printed, latest first; and how many there are."""
    where = _printed(done)
    order = (LabelJob.done_at.desc(),) if done else (Item.location, Item.call_number, Item.barcode)
    rows = await session.execute(
        select(LabelJob, Item).join(Item, Item.id == LabelJob.item_id).where(where)
        .order_by(*order, LabelJob.id).limit(limit).offset(offset)
    )
    return [(job, item) for job, item in rows], await job_count(session, done=done)


async def job_count(session: AsyncSession, *, done: bool) -> int:
    """How many labels wait, or were printed."""
    return await session.scalar(select(func.count()).select_from(LabelJob).where(_printed(done))) or 0


def _printed(done: bool) -> Any:
    return LabelJob.done_at.is_not(None) if done else LabelJob.done_at.is_(None)


async def label_waits(session: AsyncSession, item_id: UUID) -> bool:
    """Whether the item's label is in the queue already."""
    return bool(await session.scalar(
        select(exists().where(LabelJob.item_id == item_id, LabelJob.done_at.is_(None)))
    ))


async def open_job(session: AsyncSession, item_id: UUID) -> LabelJob:
    """The waiting label of an item that was just queued."""
    return (await session.scalars(
        select(LabelJob).where(LabelJob.item_id == item_id, LabelJob.done_at.is_(None))
    )).one()


def job_json(job: LabelJob, item: Item) -> dict[str, Any]:
    """A label to print, or printed, on the wire."""
    return {
        "id": str(job.id), "barcode": item.barcode, "title": item.title, "call_number": item.call_number,
        "location": item.location, "cause": job.cause.value, "cause_label": job.cause.text,
        "asked_at": job.asked_at, "printed_at": job.done_at, "printed_by": job.done_by,
    }


def former_json(former: FormerBarcode) -> dict[str, Any]:
    """A barcode that was given up, on the wire."""
    return {
        "barcode": former.barcode, "ended_at": former.ended_at, "ended_by": former.ended_by, "reason": former.reason,
    }


async def items_named(session: AsyncSession, codes: Sequence[str]) -> tuple[list[Item], list[str]]:
    """Items by present or former barcodes in the order asked for, and what nobody knows."""
    found = {item.barcode: item for item in await session.scalars(select(Item).where(Item.barcode.in_(codes)))}
    former = await session.execute(
        select(FormerBarcode.barcode, Item).join(Item, Item.id == FormerBarcode.item_id)
        .where(FormerBarcode.barcode.in_([code for code in codes if code not in found]))
    )
    found.update((row[0], row[1]) for row in former)
    return [found[code] for code in codes if code in found], [code for code in codes if code not in found]
