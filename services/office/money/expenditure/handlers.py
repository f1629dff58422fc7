"""Vouchers that follow from what the desk states."""

from __future__ import annotations

from sqlalchemy import select

from services.office.money.budgets import commands as budgets
from services.office.money.contracts.queries import by_no as contract_named
from services.office.money.contracts.rules import why_not_payable
from services.office.money.expenditure.commands import tell
from services.office.money.expenditure.model import Voucher, VoucherState
from services.office.money.expenditure.register import REGISTER, SUSPENSE
from services.office.money.expenditure.rules import explain_by
from shared.events.reader import CashBanked, RefundRequested, UnionRefundRequested
from shared.events.resources import InvoiceSubmitted
from shared.i18n import N_
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


async def _known(work: Work, reference: str, attempt: int = 0) -> bool:
    found = await work.session.scalar(
        select(Voucher.id).where(Voucher.reference == reference, Voucher.attempt == attempt, Voucher.state != VoucherState.returned)
    )
    return found is not None


@handlers.on(CashBanked)
async def prepare_on_cash_banked(work: Work, event: CashBanked) -> None:
    """Banked income is an income voucher; what its receipts do not explain waits in suspense."""
    if await _known(work, event.number):
        return
    difference = event.amount_cents - event.expected_cents
    voucher = await REGISTER.open(
        work, direction="income", subject=N_("借还台收入缴存"), amount=event.amount_cents,
        made_on=event.banked_on.isoformat(), party=N_("读者服务部"), reference=event.number,
        source=event.link(), slip_no=event.slip_no, receipts=f"{event.receipts_from}–{event.receipts_to}",
        breakdown=breakdown(event), expected=event.expected_cents, correlation=work.correlation,
    )
    tell(work, voucher, VoucherState.prepared)
    if difference:
        entry = await SUSPENSE.open(
            work, voucher=voucher.no, reference=event.number, difference=difference,
            due_on=explain_by(work.today), told=event.reason, correlation=work.correlation,
        )
        voucher.suspense = entry.no


@handlers.on(RefundRequested)
async def prepare_on_refund_requested(work: Work, event: RefundRequested) -> None:
    """A refund the desk has approved is a spending voucher, audited and approved anew here."""
    if await _known(work, event.number, event.attempt):
        return
    voucher = await REGISTER.open(
        work, direction="spending", attempt=event.attempt, subject=N_("退还违章赔偿款") if event.page else N_("退还遗失赔偿款"), amount=event.amount_cents,
        made_on=work.today.isoformat(), party=event.card, reference=event.number, source=event.link(),
        receipts=event.receipt, correlation=work.correlation,
    )
    tell(work, voucher, VoucherState.prepared)


@handlers.on(UnionRefundRequested)
async def prepare_on_union_refund_requested(work: Work, event: UnionRefundRequested) -> None:
    """A deposit the desk has approved to give back is a spending voucher; it was held and never income."""
    if await _known(work, event.number):
        return
    await REGISTER.open(
        work, direction="spending", subject=N_("退还联合证押金"), amount=event.deposit_cents,
        made_on=work.today.isoformat(), party=event.card, reference=event.number, source=event.link(),
        receipts=event.receipt, correlation=work.correlation,
    )


@handlers.on(InvoiceSubmitted)
async def prepare_on_invoice_submitted(work: Work, event: InvoiceSubmitted) -> None:
    """An invoice that agrees with order and acceptance is a spending voucher; each attempt once.

    One that names a contract which does not allow the payment goes back at once; one that prepayments cover needs no money.
    """
    if await _known(work, event.number, event.attempt) or not await budgets.expect(work, event.number, event.attempt, event.shares):
        return
    if not event.amount_cents:
        await budgets.settle(work, event.number, "")
        return
    voucher = await REGISTER.open(
        work, direction="spending", subject=N_("文献采购预付款") if event.prepayment else N_("文献采购付款"), amount=event.amount_cents, made_on=work.today.isoformat(),
        party=event.supplier[:60], reference=event.number, source=event.link(), receipts=event.invoice_no,
        fund="、".join(sorted({share.budget for share in event.shares}))[:40], correlation=work.correlation, attempt=event.attempt,
        contract=event.contract, prepayment=event.prepayment,
    )
    tell(work, voucher, VoucherState.prepared)
    if event.contract:
        found = await contract_named(work.session, event.contract)
        if why := why_not_payable(found, event.amount_cents, prepayment=event.prepayment):
            await REGISTER.move(work, voucher.no, "return", return_reason="；".join(str(one) for one in why))


def breakdown(event: CashBanked) -> str:
    """Fines, compensation, card fees and what came without cash, as one reads them off the slip."""
    return (
        f"逾期费 {event.fines_cents / 100:.2f}；赔偿 {event.compensation_cents / 100:.2f}；"
        f"证件费 {event.card_fees_cents / 100:.2f}；其中非现金 {event.cashless_cents / 100:.2f}"
    ) + (f"；联合证押金（代管，不计收入） {event.deposits_cents / 100:.2f}" if event.deposits_cents else "")
