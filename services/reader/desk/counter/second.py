"""A second look at a line: taking it back, going on regardless, asking a head or presenting their signature."""

from __future__ import annotations

from uuid import UUID

from services.reader.desk import HEAD
from services.reader.desk.circulation.model import Loan
from services.reader.desk.circulation.rules import UndoRefused, undo_objections
from services.reader.desk.circulation.undo import undo, undo_renewal
from services.reader.desk.counter import rules
from services.reader.desk.counter.commands import act, own
from services.reader.desk.counter.model import Line, Outcome, Sitting
from services.reader.desk.signing import commands as signing
from services.reader.desk.signing.model import Act, SignOff
from services.reader.desk.signing.rules import NotSignable
from shared.i18n import N_
from shared.identity import Approval
from shared.refusals import NotFound, Reason
from shared.work import Work


async def undo_line(work: Work, line_id: UUID, *, signed: Approval | None = None) -> tuple[Sitting, Line]:
    """Take back what a line did; of a colleague's line, a head may, or whoever has a head's signature."""
    others = (signed.by if signed else work.actor).holds(HEAD)
    sitting, line = await own(work, line_id, others)
    if line.loan_id is None or line.outcome not in rules.UNDOABLE:
        raise NotFound(line.title)
    loan = await work.lock(Loan, Loan.id == line.loan_id)
    if rules.overtaken(line, loan):
        raise UndoRefused([Reason("overtaken", N_("之后又办过这笔借阅，请先撤销后一步"))])
    if line.outcome is Outcome.renewed:
        await undo_renewal(work, loan_id=line.loan_id, signed=signed)
    else:
        await undo(work, loan_id=line.loan_id, signed=signed)
    line.outcome, line.facts = Outcome.undone, {"was": line.outcome.value}
    return sitting, line


async def override_line(
    work: Work, line_id: UUID, *, note: str = "", signed: Approval | None = None
) -> tuple[Sitting, Line]:
    """Go on regardless, with the right and a reason, or with a head's signature; the refused line becomes the done one."""
    sitting, line = await own(work, line_id)
    if line.outcome is not Outcome.refused:
        raise NotFound(line.code)
    again = await act(work, sitting, line.code, line.mode, override=True, note=note, signed=signed)
    await work.session.delete(line)
    return sitting, again


async def ask_line(work: Work, line_id: UUID, *, note: str) -> tuple[Sitting, Line, SignOff]:
    """Ask a head who is elsewhere about a refused line."""
    sitting, line = await own(work, line_id)
    if not rules.signable(line):
        raise NotSignable
    found = await signing.ask(
        work, act=rules.ACTS[line.mode], card=line.card, thing=line.code, reasons=line.facts["reasons"],
        title=line.title, note=note, line_id=line.id,
    )
    return sitting, line, found


async def ask_undo(work: Work, line_id: UUID, *, note: str) -> SignOff:
    """Ask a head to let a colleague's line be taken back."""
    _sitting, line = await own(work, line_id, True)
    loan = await work.session.get(Loan, line.loan_id) if line.loan_id else None
    if loan is None or line.outcome not in rules.UNDOABLE:
        raise NotFound(line.title)
    by, at = (
        (loan.renewed_by, loan.renewed_at) if line.outcome is Outcome.renewed
        else (loan.returned_by, loan.returned_at) if loan.returned_at else (loan.lent_by, loan.lent_at)
    )
    reasons = undo_objections(by=by, at=at or loan.lent_at, actor=work.actor, now=work.now)
    return await signing.ask(
        work, act=Act.undo, card=loan.card or "", thing=loan.barcode, reasons=rules.as_kept(reasons),
        title=loan.title, note=note, line_id=line.id,
    )
