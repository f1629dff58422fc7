"""What the page of a ticket says beside its fields."""

from __future__ import annotations

from typing import Any

from services.resources.workshop.digitisation import rules
from services.resources.workshop.digitisation.model import Ticket
from shared.work import Work


async def rights_of(work: Work, ticket: Ticket) -> dict[str, Any]:
    """The ground it was cleared on; before that, what the rule would say today."""
    if ticket.basis:
        return {"basis": rules.BASES[ticket.basis], "against": [], "least": rules.sample(ticket.pages)}
    found = rules.rights(ticket, work.today.year)
    return {
        "basis": rules.BASES.get(found.basis, ""), "against": [str(reason) for reason in found.against], "least": rules.sample(ticket.pages),
    }
