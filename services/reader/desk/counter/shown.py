"""What is done for the patron on the screen, whatever was scanned last."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from services.reader.desk.charges import commands as charges
from services.reader.desk.charges.model import Method
from services.reader.desk.circulation.queries import loans_of
from services.reader.desk.counter import rules
from services.reader.desk.counter.commands import open_sitting, scan
from services.reader.desk.counter.model import Line, Mode, Sitting
from services.reader.desk.patrons.model import Patron
from shared.work import Work


async def pay_at_desk(work: Work, sitting_id: UUID, *, method: Method) -> tuple[Sitting, str, int]:
    """Receive everything the shown patron owes."""
    sitting = await open_sitting(work, sitting_id)
    card = await _shown_card(work, sitting)
    receipt, rows = await charges.pay(work, card=card, method=method)
    return sitting, receipt, -sum(row.amount_fen for row in rows)


async def renew_all(work: Work, sitting_id: UUID) -> tuple[Sitting, list[Line]]:
    """Renew whatever the shown patron has and may keep; each loan answers for itself."""
    sitting = await open_sitting(work, sitting_id)
    shown = sitting.patron_id or sitting.seen_id
    lines = []
    for loan in await loans_of(work.session, shown) if shown else []:
        line = await scan(work, sitting, code=loan.barcode, mode=Mode.renew)
        await work.session.flush()
        if line is not None:
            lines.append(line)
    return sitting, lines


async def _shown_card(work: Work, sitting: Sitting) -> str:
    shown = sitting.patron_id or sitting.seen_id
    card = await work.session.scalar(select(Patron.card).where(Patron.id == shown))
    if card is None:
        raise rules.CardFirst
    return card
