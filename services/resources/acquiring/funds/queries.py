"""Budget lines one may order from."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.resources.acquiring.funds.model import FundLine
from shared.work import Work


async def lines(session: AsyncSession, *, running: bool = True) -> Sequence[FundLine]:
    """The newest year first."""
    query = select(FundLine).order_by(FundLine.year.desc(), FundLine.no)
    return (await session.scalars(query.where(FundLine.open) if running else query)).all()


async def named(session: AsyncSession, text: str) -> FundLine | None:
    """The running line with this number, or the newest one of this name."""
    query = select(FundLine).where(FundLine.open, (FundLine.no == text.strip().upper()) | (FundLine.name == text.strip()))
    return (await session.scalars(query.order_by(FundLine.year.desc()).limit(1))).first()


async def suggest(work: Work, q: str) -> list[tuple[str, str]]:
    """For whoever types."""
    found = [one for one in await lines(work.session) if q.strip() in one.no or q.strip() in one.name]
    return [(one.no, f"{one.text} · {one.available / 100:,.2f}") for one in found[:20]]
