"""JSON door of re-issue."""

from __future__ import annotations

from typing import Any

from services.reader.desk import DESK
from services.reader.desk.cards import commands
from services.reader.desk.codes import clean
from services.reader.desk.patrons.form import NewCard
from services.reader.desk.patrons.queries import patron_json
from shared.doors import Router, WorkDep, allow

router = Router(prefix="/api/reader", tags=["patrons"], dependencies=[allow(*DESK)])


@router.post("/patrons/{card}/reissue", status_code=201)
async def reissue(work: WorkDep, card: str, body: NewCard) -> dict[str, Any]:
    """Another card for the same person; the old number is dead for ever."""
    patron, fee = await commands.reissue(
        work, card=clean(card), new_card=clean(body.card), chip=body.chip, document=body.document, last4=body.last4
    )
    return {**patron_json(patron, work.today), "fee_cents": fee}
