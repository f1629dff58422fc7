"""Somebody who leaves is told what is still open, thing by thing, and when nothing is any more."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import select

from services.reader.desk.circulation.model import Loan
from services.reader.desk.clearance.model import Clearance
from services.reader.desk.holds.model import Hold, HoldState
from services.reader.desk.notices import commands as notices
from services.reader.desk.notices.model import Hook
from services.reader.desk.patrons.model import Patron
from shared.i18n import N_
from shared.work import Work

ACTIVE = (HoldState.waiting, HoldState.transit, HoldState.ready)


async def tell_open(work: Work, case: Clearance, patron: Patron, *, stage: str) -> None:
    """One line for each thing to settle; they leave in one letter. `stage` tells the first word from a later one."""
    async for key, facts in _open_things(work, patron):
        await notices.queue(
            work, hook=Hook.clearance, patron_id=patron.id, about=case.number, stage=f"{stage}/{key}",
            facts={"card": patron.card, **facts},
        )


async def tell_settled(work: Work, case: Clearance, patron: Patron, *, stage: str) -> None:
    """Nothing is open: the library has let them go."""
    await notices.queue(
        work, hook=Hook.clearance_settled, patron_id=patron.id, about=case.number, stage=stage,
        facts={"card": patron.card, "until": case.leaving_on.isoformat()},
    )


async def _open_things(work: Work, patron: Patron) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    loans = await work.session.scalars(
        select(Loan).where(Loan.patron_id == patron.id, Loan.returned_at.is_(None)).order_by(Loan.due_on, Loan.id)
    )
    for loan in loans.all():
        yield str(loan.id), {
            "what_label": N_("在借"), "title": loan.title, "barcode": loan.barcode, "due_on": loan.due_on.isoformat(),
            "loan_id": str(loan.id),
        }
    holds = await work.session.scalars(
        select(Hold).where(Hold.patron_id == patron.id, Hold.state.in_(ACTIVE)).order_by(Hold.placed_at, Hold.id)
    )
    for hold in holds.all():
        yield str(hold.id), {
            "what_label": N_("预约"), "title": hold.title, "barcode": hold.barcode, "hold_id": str(hold.id),
        }
    if patron.debt_fen > 0:
        yield "debt", {"what_label": N_("欠费"), "amount_cents": patron.debt_fen}
