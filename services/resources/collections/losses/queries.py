"""Reads of losses and compensation copies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.resources.cataloguing.items.queries import locations
from services.resources.cataloguing.records import queries as records
from services.resources.collections.losses.model import CopyState, LostItem, LostState, Replacement
from services.resources.collections.losses.rules import BATCH
from shared.i18n import pick
from shared.work import Work


async def loss_by_no(session: AsyncSession, no: str) -> LostItem | None:
    """The loss the desk calls so, locked."""
    return await session.scalar(
        select(LostItem).where(LostItem.no == no).with_for_update().execution_options(populate_existing=True)
    )


async def open_loss_of(session: AsyncSession, item_id: UUID) -> LostItem | None:
    """The loss of an item that is neither back nor replaced, locked."""
    return await session.scalar(
        select(LostItem).where(LostItem.item_id == item_id, LostItem.state.in_((LostState.lost, LostState.proposed)))
        .order_by(LostItem.created_at.desc()).limit(1).with_for_update()
    )


async def copy_for(session: AsyncSession, loss: str) -> Replacement | None:
    """The copy brought in a case."""
    return await session.scalar(select(Replacement).where(Replacement.loss == loss))


async def overdue(session: AsyncSession, today: date) -> Sequence[str]:
    """Losses whose term is over, the oldest first."""
    return (await session.scalars(
        select(LostItem.no).where(
            LostItem.state == LostState.lost, LostItem.write_off_on.is_not(None), LostItem.write_off_on <= today
        ).order_by(LostItem.write_off_on, LostItem.no).limit(BATCH)
    )).all()


async def around(work: Work, loss: LostItem) -> dict[str, Any]:
    """The desk's case, the weeding line and the copy of a loss."""
    copy = await copy_for(work.session, loss.no)
    return {"loss": loss, "brought": copy, "brought_state": CopyState(copy.state) if copy else None}


async def records_named(work: Work, q: str) -> Sequence[tuple[str, str]]:
    """Records for what was typed, by number."""
    found, _total = await records.find(work.session, q, limit=12)
    return [(record.number, f"{record.title} {record.year or ''}".strip()) for record in found]


async def places(work: Work, q: str) -> Sequence[tuple[str, str]]:
    """Places whose code or name begins so."""
    asked = q.strip().lower()
    return [
        (place.no, pick(place.name, place.name_en)) for place in (await locations(work.session)).values()
        if place.no.lower().startswith(asked) or place.name.startswith(q.strip())
    ][:15]
