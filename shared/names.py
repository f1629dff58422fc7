"""Every department knows its colleagues by name: one handler and one copy, included by each service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.copies.comparing import Copy
from shared.copies.ledger import Row, Span
from shared.events.office import StaffChanged, StaffJoined
from shared.i18n import N_
from shared.messaging.handlers import Handlers
from shared.web.register.people import forget, remember
from shared.web.register.tables import person_name
from shared.work import Work

handlers = Handlers()


@handlers.on(StaffJoined, read_model=True)
async def remember_name_on_staff_joined(work: Work, event: StaffJoined) -> None:
    await remember(work, event.staff_no, event.staff_name)


@handlers.on(StaffChanged, read_model=True)
async def remember_name_on_staff_changed(work: Work, event: StaffChanged) -> None:
    await remember(work, event.staff_no, event.staff_name)


async def held(session: AsyncSession, span: Span) -> Sequence[Row]:
    """The names of colleagues as we know them."""
    name = person_name.c
    query = select(name.id, name.name).where(span.within(name.id), name.kind == "staff").order_by(name.id).limit(span.limit)
    return [(row.id, {"staff_name": row.name}) for row in await session.execute(query)]


async def mend(work: Work, key: str, fact: dict[str, Any] | None) -> None:
    """Take the office's name over; whom it does not know has none here."""
    if fact is None:
        await forget(work, key)
    else:
        await remember(work, key, fact["staff_name"])


async def names(session: AsyncSession, keys: Sequence[str]) -> Mapping[str, tuple[str, str]]:
    """The number, and the name we know."""
    known = {key: told["staff_name"] for key, told in await held(session, Span(keys=tuple(keys)))}
    return {key: (f"{key} {known.get(key, '')}".strip(), "") for key in keys}


copy = Copy("office.staff", N_("馆员姓名（据办公室）"), ("staff_name",), held, mend, names)
