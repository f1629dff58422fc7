"""Devices, batches, and what waits for a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.circulation.model import Loan
from services.reader.desk.items.model import Item
from services.reader.desk.offline.model import Batch, Device, Result, Scan
from services.reader.desk.offline.rules import OPEN, shape
from services.reader.desk.patrons.model import Patron
from shared.i18n import _
from shared.refusals import NotFound

_OPEN = (Scan.result.in_(OPEN), Scan.decision.is_(None))


async def devices(session: AsyncSession) -> Sequence[Device]:
    """All devices, those that wait for approval first."""
    return (await session.scalars(
        select(Device).order_by(Device.state != "asked", Device.asked_at.desc()).limit(200)
    )).all()


async def batch_by_number(session: AsyncSession, number: str) -> Batch:
    """The batch."""
    found = await session.scalar(select(Batch).where(Batch.number == number))
    if found is None:
        raise NotFound(number)
    return found


async def batches(
    session: AsyncSession, *, limit: int, offset: int = 0
) -> tuple[list[tuple[Batch, str, int, int]], int]:
    """Batches, newest first: with their device, how many scans, how many wait for a person."""
    rows = (await session.execute(
        select(Batch, Device.name, func.count(Scan.id), func.count(Scan.id).filter(*_OPEN))
        .join(Device, Device.id == Batch.device_id).outerjoin(Scan, Scan.batch_id == Batch.id)
        .group_by(Batch.id, Device.name).order_by(Batch.at.desc(), Batch.number.desc())
        .limit(limit).offset(offset)
    )).all()
    total = await session.scalar(select(func.count()).select_from(Batch))
    return [(batch, name, n, open_) for batch, name, n, open_ in rows], int(total or 0)


async def scans_of(session: AsyncSession, batch_id: UUID) -> Sequence[Scan]:
    """The scans of a batch: what waits for a person first, the rest in order."""
    found = (await session.scalars(
        select(Scan).where(Scan.batch_id == batch_id).order_by(Scan.seq)
    )).all()
    return sorted(found, key=lambda one: (one.result not in OPEN or one.decision is not None, one.seq))


async def open_count(session: AsyncSession, batch_id: UUID) -> int:
    """How many scans of a batch wait for a person."""
    return int(await session.scalar(
        select(func.count()).select_from(Scan).where(Scan.batch_id == batch_id, *_OPEN)
    ) or 0)


async def came_back_since(session: AsyncSession, item_id: UUID, at: datetime) -> bool:
    """Whether the item was on loan at a moment and has been taken back after it."""
    return await session.scalar(
        select(Loan.id).where(
            Loan.item_id == item_id, Loan.lent_at <= at, Loan.returned_at >= at, Loan.undone.is_(False)
        ).limit(1)
    ) is not None


async def card_shapes(session: AsyncSession) -> list[str]:
    """What a card looks like (9 for a digit, A for a letter) where no barcode looks so: then a scan without
    a network can tell the next patron from the next book. Judged by the newest of both.
    """
    cards = await session.scalars(select(Patron.card).order_by(Patron.id.desc()).limit(500))
    codes = await session.scalars(select(Item.barcode).order_by(Item.id.desc()).limit(500))
    return sorted({shape(card) for card in cards} - {shape(code) for code in codes})


def report_json(batch: Batch, scans: Sequence[Scan]) -> dict[str, Any]:
    """The report of a batch on the wire, in the order of the scans."""
    counts = {result.value: sum(one.result is result for one in scans) for result in Result}
    return {
        "number": batch.number, "batch": str(batch.id), "at": batch.at, "counts": counts,
        "open": sum(one.result in OPEN and one.decision is None for one in scans),
        "items": [
            {
                "seq": one.seq, "at": one.at, "mode": one.mode, "card": one.card, "code": one.code,
                "title": one.title, "result": one.result.value, "result_label": one.result.text,
                "next": one.next, "decision": one.decision.value if one.decision else None,
                "reasons": [_(r["message"], **r["params"]) for r in one.reasons],
            }
            for one in sorted(scans, key=lambda one: one.seq)
        ],
    }
