"""JSON door of reading in the house."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from services.reader.desk import DESK
from services.reader.desk.codes import clean
from services.reader.desk.inhouse import commands
from shared.doors import Router, WorkDep, allow

router = Router(prefix="/api/reader", tags=["in-house use"], dependencies=[allow(*DESK)])


class UseRequest(BaseModel):
    """What is read; `card` where the collection asks for it, `left` when it was found on a table."""

    barcode: str = Field(min_length=1, max_length=60)
    card: str = Field("", max_length=60)
    left: bool = False


@router.post("/in-house", status_code=201)
async def use(work: WorkDep, body: UseRequest) -> dict[str, Any]:
    """Count a use in the house."""
    found = await commands.use(work, barcode=clean(body.barcode), card=clean(body.card), left=body.left)
    return {
        "barcode": found.barcode, "title": found.title, "call_number": found.call_number,
        "at": found.at, "ended_at": found.ended_at,
    }
