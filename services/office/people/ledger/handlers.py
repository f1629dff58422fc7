"""Every fact of every department may prove a duty."""

from __future__ import annotations

from typing import Any

from services.office.people.ledger.commands import Deed, credit, credit_gathered
from services.office.people.ledger.rules import counted
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
    """Who did it gets the credit, and what was due for it may be met.

    A fact newer than our catalogue names no duties we know and is passed over.
    """
    duties = counted(event.duties, envelope) if event is not None else ()
    if event is None or not duties:
        return
    deed = Deed(event, envelope, payload, duties)
    if not any(falls_due_by_itself(duty) for duty in duties):
        work.gather(credit_gathered, deed)
        return
    await work.write_gathered()  # what came before stands before it in the chain
    for entry in await credit(work, [deed]):
        if falls_due_by_itself(entry.duty):
            await count_evidence(work, entry)
