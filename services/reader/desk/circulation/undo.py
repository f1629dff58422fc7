"""Taking back a slip of the hand: recorded as a correction, never erased."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select

from services.reader.desk import DESK
from services.reader.desk.charges import commands as charges
from services.reader.desk.circulation import rules
from services.reader.desk.circulation.model import Loan
from services.reader.desk.circulation.queries import open_loan_of_item
from services.reader.desk.discs import commands as discs
from services.reader.desk.holds import commands as holds
from services.reader.desk.items import commands as items
from services.reader.desk.items import rules as item_rules
from services.reader.desk.items.model import Circulation, Condition, Item
from services.reader.desk.items.queries import lock_item
from services.reader.desk.patrons import commands as patrons
from services.reader.desk.patrons.model import CardState
from services.reader.desk.patrons.queries import lock_patron
from services.reader.desk.patrons.rules import change_state
from services.reader.desk.signing import rules as signing
from services.reader.desk.signing.model import Act
from shared.events.reader import LoanUndone, RenewalUndone, ReturnUndone
from shared.i18n import N_
from shared.identity import Actor, Approval
from shared.refusals import NotFound, Reason
from shared.work import Work


async def undo(work: Work, *, loan_id: UUID, signed: Approval | None = None) -> tuple[str, Loan]:
    """Undo the last step of a loan: its return if it was returned, else the lending itself."""
    work.actor.require(*DESK)
    loan, item = await _both(work, loan_id)
    who = _decides(work, loan, signed)
    if loan.undone:
        raise rules.UndoRefused([Reason("already-undone", N_("这笔借阅已经撤销"))])
    if loan.returned_at is not None:
        await _undo_return(work, loan, item, who)
        return "return", loan
    await _undo_lend(work, loan, item, who)
    return "lend", loan


def _decides(work: Work, loan: Loan, signed: Approval | None) -> Actor:
    """Whose right it is: the head's who signed for this very loan, else whoever acts."""
    if signed is None:
        return work.actor
    signing.check(signed, actor=work.actor, act=Act.undo, card=loan.card or "", thing=loan.barcode)
    return signed.by


async def undo_renewal(work: Work, *, loan_id: UUID, signed: Approval | None = None) -> Loan:
    """Take the last renewal back: the former due date, reason and count, exactly as they were."""
    work.actor.require(*DESK)
    loan, item = await _both(work, loan_id)
    before = loan.explain.get("before")
    if not before or loan.renewed_at is None:
        raise rules.UndoRefused([Reason("not-renewed", N_("没有可撤销的续借"))])
    reasons = rules.undo_objections(
        by=loan.renewed_by, at=loan.renewed_at, actor=_decides(work, loan, signed), now=work.now
    )
    if loan.returned_at is not None:
        reasons.append(Reason("returned-since", N_("该册已归还")))
    if reasons:
        raise rules.UndoRefused(reasons)
    loan.due_on, loan.renewals = date.fromisoformat(before["due_on"]), before["renewals"]
    loan.explain, loan.override = before["explain"], before["override"]
    loan.renewed_at, loan.renewed_by = None, ""
    work.emit(RenewalUndone(
        **item_rules.about(item), loan_id=str(loan.id), card=loan.card or "", due_on=loan.due_on
    ))
    await work.session.flush()
    return loan


async def _undo_lend(work: Work, loan: Loan, item: Item, who: Actor) -> None:
    reasons = rules.undo_objections(by=loan.lent_by, at=loan.lent_at, actor=who, now=work.now)
    if loan.renewals:
        reasons.append(Reason("renewed-since", N_("借出后已续借")))
    if reasons:
        raise rules.UndoRefused(reasons)
    lent_at = loan.lent_at
    loan.undone, loan.returned_at, loan.returned_by = True, work.now, work.actor.id
    item_rules.move(item, "return", work.now)
    item.loans = max(item.loans - 1, 0)
    work.emit(LoanUndone(
        **item_rules.about(item), loan_id=str(loan.id), card=loan.card or ""
    ))
    if loan.patron_id:
        await holds.unfill(work, patron_id=loan.patron_id, instance_id=loan.instance_id, lent_at=lent_at)
    await work.session.flush()
    if item_rules.next_step(item) == "shelve" and await holds.offer(work, item) is None:
        items.put_away(work, item)


async def _undo_return(work: Work, loan: Loan, item: Item, who: Actor) -> None:
    assert loan.returned_at is not None
    reasons = rules.undo_objections(
        by=loan.returned_by, at=loan.returned_at, actor=who, now=work.now
    )
    if await open_loan_of_item(work.session, item.id) is not None:
        reasons.append(Reason("lent-again", N_("该册已再次借出")))
    elif item.condition not in {Condition.sound, Condition.unchecked}:
        reasons.append(Reason("damage-reported", N_("还书时登记了破损，请先撤回破损单")))
    if loan.patron_id is None:
        reasons.append(Reason("link-cut", N_("借阅记录已脱敏")))
    if reasons:
        raise rules.UndoRefused(reasons)
    await charges.reverse_fine(work, loan.id)
    if item.condition is Condition.unchecked:
        await discs.drop(work, item, reason=N_("还书撤销"))
    await _lift_suspension(work, loan)
    await holds.put_back(work, item, reason=N_("还书撤销"))
    loan.returned_at, loan.returned_by, loan.fine_fen, loan.fine_explain = None, "", 0, None
    if item.circulation is not Circulation.to_shelve:
        item_rules.move(item, "take_off", work.now)
    item_rules.move(item, "lend", work.now)
    item.patron_id = loan.patron_id
    work.emit(ReturnUndone(
        **item_rules.about(item), loan_id=str(loan.id), card=loan.card or "", due_on=loan.due_on
    ))
    await work.session.flush()


async def _lift_suspension(work: Work, loan: Loan) -> None:
    """The suspension this return brought goes with it, unless somebody has changed it since."""
    fine = loan.fine_explain or {}
    if not fine.get("suspended_until") or not loan.card:
        return
    patron = await lock_patron(work.session, loan.card)
    if str(patron.suspended_until) != fine["suspended_until"] or patron.state is not CardState.suspended:
        return
    if before := fine.get("suspended_before"):
        patron.suspended_until = date.fromisoformat(before)
    else:
        change_state(patron, "resume", reason=N_("还书撤销"))
    patrons.tell(work, patron, patron.state)


async def _both(work: Work, loan_id: UUID) -> tuple[Loan, Item]:
    known = await work.session.get(Loan, loan_id)
    if known is None:
        raise NotFound(loan_id)
    item = await lock_item(work.session, known.barcode)
    loan = await work.session.scalar(
        select(Loan).where(Loan.id == loan_id).execution_options(populate_existing=True)
    )
    assert loan is not None
    return loan, item
