"""Obligations for programs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from services.office.people.ledger.rules import READERS
from services.office.people.obligations.commands import explain_missed
from services.office.people.obligations.model import Obligation, ObligationState
from services.office.people.obligations.queries import of_person
from services.office.people.obligations.rules import EXPLAINERS, rooms_url
from shared.doors import Router, WorkDep, allow
from shared.duties import DUTIES, title
from shared.refusals import NotAllowed

router = Router()


class Explanation(BaseModel):
    """Why something was missed."""

    reason: str = Field(min_length=2, max_length=500)


def said(obligation: Obligation) -> dict[str, Any]:
    """An obligation for programs."""
    state = ObligationState(obligation.state)
    return {
        "id": str(obligation.id), "key": obligation.key, "duty": obligation.duty,
        "title": title(DUTIES[obligation.duty]), "holder": obligation.holder,
        "on_behalf_of": obligation.on_behalf_of, "period": obligation.period,
        "due_on": obligation.due_on.isoformat(), "state": state.value, "state_label": state.text,
        "evidence": obligation.evidence_count, "minutes": obligation.minutes_done,
        "minutes_needed": obligation.minutes_needed, "explanation": obligation.explanation,
        "url": rooms_url(obligation.duty),
    }


@router.get("/api/office/obligations", dependencies=[allow("staff")])
async def obligations(work: WorkDep, holder: str = "me") -> dict[str, Any]:
    """What is due from a person, and what was in the last 31 days."""
    person = work.actor.id if holder == "me" else holder
    if person != work.actor.id and not work.actor.holds(READERS):
        raise NotAllowed
    found = await of_person(work.session, person, since=work.today - timedelta(days=31))
    return {"items": [said(o) for o in found], "total": len(found)}


@router.post("/api/office/obligations/{id}/explain", dependencies=[allow(*EXPLAINERS)])
async def explain(work: WorkDep, id: UUID, body: Explanation) -> dict[str, Any]:
    """The head says why it was missed."""
    return said(await explain_missed(work, obligation_id=id, reason=body.reason))
