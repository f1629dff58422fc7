"""Requests and signatures, for the desk that asked and the head who answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.signing.model import SignOff, SignState
from services.reader.desk.signing.rules import OPEN, UnknownSignOff

TABS: dict[str, tuple[SignState, ...]] = {
    "open": OPEN,
    "done": (SignState.used, SignState.refused, SignState.withdrawn, SignState.lapsed),
}


async def by_number(session: AsyncSession, number: str, *, lock: bool = False) -> SignOff:
    """The request of this number, or `UnknownSignOff`."""
    query = select(SignOff).where(SignOff.number == number)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = await session.scalar(query)
    if found is None:
        raise UnknownSignOff(number)
    return found


async def of_lines(session: AsyncSession, lines: Iterable[UUID]) -> dict[UUID, SignOff]:
    """Line of the counter → its latest request."""
    wanted = list(lines)
    if not wanted:
        return {}
    found = await session.scalars(
        select(SignOff).where(SignOff.line_id.in_(wanted)).order_by(SignOff.asked_at, SignOff.id)
        .execution_options(populate_existing=True)
    )
    return {row.line_id: row for row in found if row.line_id}


async def of_things(session: AsyncSession, *, asked_by: str, things: Iterable[str]) -> dict[str, SignOff]:
    """Thing → my latest request for it."""
    wanted = list(things)
    if not wanted:
        return {}
    found = await session.scalars(
        select(SignOff).where(SignOff.asked_by == asked_by, SignOff.thing.in_(wanted), SignOff.line_id.is_(None))
        .order_by(SignOff.asked_at, SignOff.id)
    )
    return {row.thing: row for row in found}


async def listed(
    session: AsyncSession, tab: str, *, asked_by: str = "", limit: int = 25, offset: int = 0
) -> tuple[Sequence[SignOff], int]:
    """One tab, those that wait first come first; and how many there are."""
    where: list[Any] = [SignOff.state.in_(TABS[tab])]
    if asked_by:
        where.append(SignOff.asked_by == asked_by)
    order = SignOff.asked_at if tab == "open" else SignOff.asked_at.desc()
    total = await session.scalar(select(func.count()).select_from(SignOff).where(*where))
    found = await session.scalars(select(SignOff).where(*where).order_by(order, SignOff.id).limit(limit).offset(offset))
    return found.all(), int(total or 0)


def sign_off_json(found: SignOff) -> dict[str, Any]:
    """A request on the wire."""
    return {
        "number": found.number, "act": found.act.value, "card": found.card, "thing": found.thing,
        "title": found.title, "state": found.state.value, "state_label": found.state.text,
        "reasons": [reason["code"] for reason in found.reasons], "asked_by": found.asked_by,
        "asked_at": found.asked_at, "note": found.note, "signed_by": found.signed_by or None,
        "signed_at": found.signed_at, "reason": found.reason, "until": found.until,
    }
