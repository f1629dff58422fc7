"""Every department knows its colleagues by name: one handler, included by each service."""

from __future__ import annotations

from shared.events.office import StaffChanged, StaffJoined
from shared.messaging.handlers import Handlers
from shared.web.register.people import remember
from shared.work import Work

handlers = Handlers()


@handlers.on(StaffJoined, read_model=True)
async def remember_name_on_staff_joined(work: Work, event: StaffJoined) -> None:
    await remember(work, event.staff_no, event.staff_name)


@handlers.on(StaffChanged, read_model=True)
async def remember_name_on_staff_changed(work: Work, event: StaffChanged) -> None:
    await remember(work, event.staff_no, event.staff_name)
