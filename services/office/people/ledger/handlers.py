"""Every fact of every department may prove a duty."""

from __future__ import annotations

from typing import Any

from services.office.people.ledger.commands import credit
from services.office.people.obligations.commands import count_evidence
from services.office.people.obligations.rules import falls_due_by_itself
from shared.events import Envelope, Event
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on_all()
async def credit_duties_on_any_event(
    work: Work, event: Event | None, envelope: Envelope, payload: dict[str, Any]
) -> None:
    """Who did it gets the credit, and what was due for it may be met."""
    for entry in await credit(work, event, envelope, payload):
        if falls_due_by_itself(entry.duty):
            await count_evidence(work, entry)
