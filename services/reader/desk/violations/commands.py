"""What the steps of a violation do: suspensions, compensations, and taking both back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from services.reader.desk.calendar.queries import closed_days
from services.reader.desk.charges import commands as charges
from services.reader.desk.charges.compensation import Facts, reckon
from services.reader.desk.charges.model import Kind
from services.reader.desk.charges.queries import payment_of
from services.reader.desk.items.queries import find_item
from services.reader.desk.losses.rules import CashierApproves
from services.reader.desk.notices import commands as notices
from services.reader.desk.notices.model import Hook
from services.reader.desk.patrons import commands as patrons
from services.reader.desk.patrons.model import CardState
from services.reader.desk.patrons.queries import lock_patron, patron_by_card
from services.reader.desk.violations import rules
from services.reader.desk.violations.model import Measure, Violation, ViolationState
from shared.events.reader import RefundRequested, RefundUndone
from shared.i18n import N_
from shared.refusals import Invalid, Refusal
from shared.states import Choice
from shared.work import Work


async def open_case(work: Work, case: Violation, _form: Any) -> None:
    """Found today or before; about a reader we know, perhaps about a book we know."""
    if case.happened_on > work.today:
        raise Invalid({"happened_on": N_("日期不能晚于今天")})
    try:
        case.card = (await patron_by_card(work.session, case.card.strip().upper())).card
    except Refusal as error:
        raise Invalid({"card": N_("没有这个读者证")}) from error
    if case.barcode:
        item = await find_item(work.session, case.barcode.strip().upper())
        if item is None:
            raise Invalid({"barcode": N_("没有这个条码")})
        case.barcode = item.barcode


async def decide(work: Work, case: Violation, _form: Any) -> None:
    """A head decides: lending stops until a day, or money is owed, or a word is said."""
    rules.check_measure(case, work.today)
    case.decided_by, case.decided_at = work.actor.id, work.now
    closed = await closed_days(work.session, work.today, work.today + timedelta(days=60))
    case.appeal_until = rules.appeal_until(work.today, closed)
    if case.measure is Measure.suspension:
        await patrons.change_card(
            work, card=case.card, action="suspend", reason=f"{case.no} {case.what.label}", until=case.suspended_until
        )
    elif case.measure is Measure.compensation:
        await _charge(work, case)
    assert case.measure is not None
    await _tell(work, case, Hook.violation, case.measure.label, case.decision, until=case.appeal_until.isoformat())


async def _tell(work: Work, case: Violation, hook: Hook, what: str, why: str, **more: Any) -> None:
    """The patron hears it by letter, under whichever card the case was noted."""
    patron = await patron_by_card(work.session, case.card)
    await notices.queue(
        work, hook=hook, patron_id=patron.id, about=case.no,
        facts={"what_label": what, "reason": why, "amount_cents": case.amount_fen, "card": patron.card, **more},
    )


async def _charge(work: Work, case: Violation) -> None:
    item = await find_item(work.session, case.barcode) if case.barcode else None
    explain: dict[str, Any] | None = None
    if not case.amount_fen:
        if item is None or not item.price_fen or case.what not in rules.TENFOLD:
            raise rules.NoPrice
        explain = reckon(Facts(price_fen=item.price_fen, stolen=True))
        case.amount_fen = explain["amount_cents"]
    entry = await charges.charge(
        work, card=case.card, kind=Kind.damage, amount_fen=case.amount_fen, barcode=case.barcode,
        title=item.title if item else "", reason=case.no, explain=explain,
    )
    case.charge_id = entry.id


async def appeal(work: Work, case: Violation, _form: Any) -> None:
    """The reader does not agree, in time and in writing."""
    rules.check_appeal(case, work.today)
    case.appealed_at = work.now


async def close(work: Work, case: Violation, _form: Any) -> None:
    """Nobody has appealed and nobody can any more."""
    rules.check_close(case, work.today)
    case.ended_on = work.today


async def uphold(work: Work, case: Violation, _form: Any) -> None:
    """The decision stands."""
    case.judged_by, case.ended_on = work.actor.id, work.today
    await _tell(work, case, Hook.violation_judged, N_("维持处理决定"), case.judgement)


async def revoke(work: Work, case: Violation, _form: Any) -> Choice | None:
    """The decision falls with what it brought: lending opens, the charge goes; what was paid the office gives back."""
    case.judged_by = work.actor.id
    await _tell(work, case, Hook.violation_judged, N_("撤销处理决定"), case.judgement)
    # Dropped while nobody pays, or found paid: the patron's row is locked from here on.
    dropped = case.charge_id is not None and await charges.drop(
        work, charge_id=case.charge_id, card=case.card, reason=f"{case.no} 撤销"
    )
    payment = None if dropped or case.charge_id is None else await payment_of(work.session, case.charge_id)
    if payment is not None and payment.actor == work.actor.id:
        raise CashierApproves
    if case.measure is Measure.suspension:
        patron = await lock_patron(work.session, case.card)
        if patron.state is CardState.suspended and patron.suspended_until == case.suspended_until:
            await patrons.change_card(work, card=case.card, action="resume", reason=case.no)
    if payment is not None:
        await ask_refund(work, case)
        return ViolationState.refund_due
    case.ended_on = work.today
    return None


async def ask_refund(work: Work, case: Violation) -> None:
    """Who judged the appeal neither took the money nor charged it: the office pays."""
    payment = await payment_of(work.session, case.charge_id)
    assert payment is not None
    work.emit(RefundRequested(
        barcode=case.barcode, title=payment.title or case.what.label, instance_id="", number=case.no, card=payment.card,
        receipt=payment.receipt, amount_cents=-payment.amount_fen, asked_by=case.judged_by,
        page=f"/reader/violations/{case.no}", attempt=case.refund_round,
    ), correlation=case.correlation)


async def drop(work: Work, case: Violation, _form: Any) -> None:
    """Nothing is done about it."""
    case.ended_on = work.today


async def refunded(work: Work, case: Violation, voucher: str) -> None:
    """The office has paid: the ledger says so."""
    assert case.charge_id is not None
    payer = work.cause.actor if work.cause else work.actor.id
    await charges.refund(
        work, charge_id=case.charge_id, voucher=voucher, reason=case.no, people={
            "asked_by": case.judged_by, "approved_by": case.judged_by, "paid_by": payer,
        },
    )
    case.voucher, case.ended_on = voucher, work.today


async def waiting_for_office(work: Work, no: str, attempt: int) -> bool:
    """Whether the office's answer is about a violation that waits for it, and about its last asking."""
    found = (await work.session.execute(select(Violation.state, Violation.refund_round).where(Violation.no == no))).first()
    return found is not None and tuple(found) == (ViolationState.refund_due, attempt)


async def undone(work: Work, *, no: str, reverses: str, voucher: str, reason: str, attempt: int) -> Violation | None:
    """The office reversed its payment: the ledger takes the refund back and the case waits once more. No row of LIFE: an undoing."""
    case = await work.session.scalar(
        select(Violation).where(Violation.no == no).with_for_update().execution_options(populate_existing=True)
    )
    if case is None or case.refund_round != attempt:
        return None
    if case.state == ViolationState.refund_due:
        case.refund_round += 1
        return None
    if case.state != ViolationState.revoked or case.voucher != reverses or case.charge_id is None:
        return None
    row = await charges.undo_refund(work, charge_id=case.charge_id, voucher=voucher, reason=case.no)
    case.state, case.ended_on, case.voucher, case.refund_round = ViolationState.refund_due, None, "", case.refund_round + 1
    if row is not None:
        work.emit(RefundUndone(
            barcode=case.barcode, title=row.title or case.what.label, instance_id="", number=case.no, card=row.card, voucher=voucher,
            amount_cents=-row.amount_fen, reason=reason[:300], page=f"/reader/violations/{case.no}",
        ), correlation=case.correlation)
        await notices.queue(work, hook=Hook.refund_undone, patron_id=row.patron_id, about=case.no, stage=voucher, facts={
            "what_label": N_("退还违章赔偿款"), "amount_cents": -row.amount_fen, "reason": reason[:300], "card": row.card,
        })
    return case


async def forget(work: Work) -> int:
    """Two years after its end a case is deleted; the money it moved stays in the ledger."""
    gone = await work.session.execute(
        delete(Violation).where(Violation.ended_on < work.today - timedelta(days=rules.KEEP_DAYS)).returning(Violation.no)
    )
    numbers = sorted(row.no for row in gone)
    if numbers:
        work.note("forget", "violation", numbers[0], count=len(numbers), last=numbers[-1])
    return len(numbers)
