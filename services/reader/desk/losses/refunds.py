"""Money that goes back because the original did: asked, approved by another, paid by the office."""

from __future__ import annotations

from sqlalchemy import select

from services.reader.desk import DESK, HEAD
from services.reader.desk.charges import commands as charges
from services.reader.desk.charges.queries import payment_of
from services.reader.desk.items.model import Item
from services.reader.desk.losses import rules
from services.reader.desk.losses.commands import about
from services.reader.desk.losses.model import Loss, LossState
from services.reader.desk.losses.queries import loss_by_no, open_loss_of
from services.reader.desk.notices import commands as notices
from services.reader.desk.notices.model import Hook
from shared.events.reader import (
    ItemRecovered,
    RefundAsked,
    RefundPaid,
    RefundRefused,
    RefundRequested,
    RefundUndone,
)
from shared.i18n import N_
from shared.refusals import Invalid
from shared.settings import LOCAL
from shared.work import Work


async def recovered(work: Work, item: Item, *, damaged: bool) -> Loss | None:
    """The item of a running case came over the desk; the caller has locked it. None when there is no case."""
    loss = await open_loss_of(work.session, item.id, lock=True)
    if loss is None:
        return None
    if loss.state not in {LossState.searching, LossState.open, LossState.money}:
        return loss
    payment = await payment_of(work.session, loss.charge_id) if loss.charge_id else None
    refundable = loss.state is LossState.money and not rules.refund_objections(
        loss, payment, returned_on=work.today, damaged=damaged
    )
    if loss.charge_id and payment is None:
        await charges.drop(work, charge_id=loss.charge_id, card=loss.card, reason=N_("原书找回"))
    rules.move(loss, "find_paid" if refundable else "find", work.now)
    loss.recovered_at = work.now
    work.emit(
        ItemRecovered(**about(loss), damaged=damaged, refundable=refundable), correlation=loss.correlation
    )
    await work.session.flush()
    return loss


async def ask(work: Work, *, no: str, receipt: str) -> Loss:
    """The patron shows the receipt and wants the compensation back."""
    work.actor.require(*DESK)
    loss = await loss_by_no(work.session, no, lock=True)
    payment = await payment_of(work.session, loss.charge_id) if loss.charge_id else None
    returned = loss.recovered_at.astimezone(LOCAL).date() if loss.recovered_at else work.today
    reasons = rules.refund_objections(loss, payment, returned_on=returned, damaged=False)
    if reasons:
        raise rules.NotRefundable(reasons)
    rules.move(loss, "ask", work.now)
    assert payment is not None
    rules.check_receipt(payment, receipt)
    loss.refund_receipt, loss.refund_asked_by, loss.refused = payment.receipt, work.actor.id, ""
    loss.refund_approved_by = ""
    work.refuse_on("uq_loss_open", rules.OtherCaseRuns())
    await work.flush()
    work.emit(
        RefundAsked(**about(loss), receipt=payment.receipt, amount_cents=-payment.amount_fen),
        correlation=loss.correlation,
    )
    await work.session.flush()
    return loss


async def approve(work: Work, *, no: str) -> Loss:
    """A head of the point who neither took the money nor asked for it sends the refund to the office."""
    work.actor.require(*HEAD)
    loss = await loss_by_no(work.session, no, lock=True)
    rules.move(loss, "approve", work.now)
    payment = await payment_of(work.session, loss.charge_id)
    assert payment is not None
    rules.check_approver(loss, payment, work.actor.id)
    loss.refund_approved_by = work.actor.id
    work.emit(RefundRequested(
        **about(loss), receipt=payment.receipt, amount_cents=-payment.amount_fen, asked_by=loss.refund_asked_by, attempt=loss.refund_round,
    ), correlation=loss.correlation)
    await work.session.flush()
    return loss


async def refuse(work: Work, *, no: str, reason: str) -> Loss:
    """The refund is not approved; the case stays open with the reason."""
    work.actor.require(*HEAD)
    if len(reason.strip()) < 2:
        raise Invalid({"reason": N_("请写明不同意的理由")})
    loss = await loss_by_no(work.session, no, lock=True)
    _reopen(work, loss, "refuse", reason.strip())
    await work.session.flush()
    return loss


async def forgo(work: Work, *, no: str) -> Loss:
    """The patron has no receipt or does not want the money: the case ends."""
    work.actor.require(*DESK)
    loss = await loss_by_no(work.session, no, lock=True)
    rules.move(loss, "forgo", work.now)
    work.emit(ItemRecovered(**about(loss)), correlation=loss.correlation)
    return loss


async def paid(work: Work, *, no: str, voucher: str, attempt: int = 0) -> None:
    """The office has paid: the ledger says so."""
    loss = await _waiting_for_office(work, no, attempt)
    if loss is None:
        return
    rules.move(loss, "pay", work.now)
    assert loss.charge_id is not None
    payer = work.cause.actor if work.cause else work.actor.id
    row = await charges.refund(
        work, charge_id=loss.charge_id, voucher=voucher, reason=loss.no, people={
            "asked_by": loss.refund_asked_by, "approved_by": loss.refund_approved_by, "paid_by": payer,
        },
    )
    loss.refund_voucher = voucher
    work.emit(
        RefundPaid(**about(loss), voucher=voucher, amount_cents=row.amount_fen), correlation=loss.correlation
    )


async def note_voucher(work: Work, *, no: str, voucher: str, state: str, amount_fen: int) -> None:
    """The office's voucher of a refund came a step further."""
    loss = await work.session.scalar(select(Loss).where(Loss.no == no).with_for_update())
    if loss is not None:
        loss.refund_voucher, loss.voucher_state, loss.voucher_fen = voucher, state, amount_fen


async def undone(work: Work, *, no: str, voucher: str, reason: str, attempt: int = 0) -> None:
    """The office reversed its payment: the ledger takes the refund back, the case may ask anew, and the patron is told.

    Heard before the payment itself, it is a payment that never was; the late word of it is about an earlier asking then.
    """
    loss = await work.session.scalar(select(Loss).where(Loss.no == no).with_for_update())
    if loss is None or loss.refund_round != attempt:
        return
    if loss.state is LossState.refund_due:
        loss.refund_round += 1
        _reopen(work, loss, "return", reason)
    elif loss.state is LossState.refunded:
        assert loss.charge_id is not None
        rules.move(loss, "undo", work.now)
        row = await charges.undo_refund(work, charge_id=loss.charge_id, voucher=voucher, reason=loss.no)
        loss.refund_round, loss.refund_approved_by, loss.refused = loss.refund_round + 1, "", reason[:300]
        loss.refund_voucher, loss.voucher_state, loss.voucher_fen = voucher, "", None
        fen = -row.amount_fen if row is not None else 0
        work.emit(
            RefundUndone(**about(loss), voucher=voucher, amount_cents=fen, reason=loss.refused), correlation=loss.correlation
        )
        if row is not None:
            await notices.queue(work, hook=Hook.refund_undone, patron_id=row.patron_id, about=loss.no, stage=voucher, facts={
                "what_label": N_("退还遗失赔偿款"), "amount_cents": fen, "reason": loss.refused, "card": loss.card,
            })


async def returned(work: Work, *, no: str, reason: str, attempt: int = 0) -> None:
    """The office did not pay: the case is open again with the reason."""
    loss = await _waiting_for_office(work, no, attempt)
    if loss is not None:
        _reopen(work, loss, "return", reason)


async def _waiting_for_office(work: Work, no: str, attempt: int) -> Loss | None:
    """The case the office speaks of, unless its answer came before or is about an earlier asking."""
    loss = await work.session.scalar(select(Loss).where(Loss.no == no).with_for_update())
    return loss if loss is not None and loss.state is LossState.refund_due and loss.refund_round == attempt else None


def _reopen(work: Work, loss: Loss, action: str, reason: str) -> None:
    rules.move(loss, action, work.now)
    loss.refused = reason[:300]
    work.emit(RefundRefused(**about(loss), reason=loss.refused), correlation=loss.correlation)
