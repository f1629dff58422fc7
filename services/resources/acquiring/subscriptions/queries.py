"""Reads of subscriptions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.resources.acquiring.subscriptions.model import Subscription, SubscriptionState


async def by_no(session: AsyncSession, number: str) -> Subscription | None:
    """The subscription with this number."""
    return await session.scalar(select(Subscription).where(Subscription.no == number)) if number else None


async def next_of(session: AsyncSession, number: str) -> str:
    """The term that renews this one, unless it was given up."""
    return await session.scalar(
        select(Subscription.no).where(Subscription.renews == number, Subscription.state != SubscriptionState.cancelled)
    ) or ""


async def over(session: AsyncSession, today: date) -> Sequence[str]:
    """Running ones whose last day is past."""
    return (await session.scalars(
        select(Subscription.no).where(Subscription.state == SubscriptionState.running, Subscription.to_on < today).order_by(Subscription.no)
    )).all()
