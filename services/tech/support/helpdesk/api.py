"""`POST /api/tech/faults`: the shortest way to report; everything else is the register's API."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from services.tech.support.helpdesk import opening
from services.tech.support.helpdesk.model import Kind, Priority
from services.tech.support.helpdesk.register import orders
from shared.doors import Router, WorkDep, allow
from shared.web.register.api import as_json

router = Router(prefix="/api/tech", tags=["helpdesk"])


class Report(BaseModel):
    """What the reporter says."""

    place: str = Field(min_length=1, max_length=80)
    kind: Kind = Kind.other
    note: str = Field(min_length=2, max_length=2000)
    title: str = Field(default="", max_length=60)
    priority: Priority | None = None


@router.post("/faults", status_code=201, dependencies=[allow("staff")])
async def report(work: WorkDep, body: Report) -> dict[str, Any]:
    order = await opening.report_fault(work, **body.model_dump())
    return as_json(orders, work, order)
