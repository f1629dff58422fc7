"""Agreeing on a month, and settling what was left."""

from __future__ import annotations

from sqlalchemy import select

from services.office.money.expenditure import commands as expenditure
from services.office.money.expenditure import register as vouchers
from services.office.money.expenditure.model import Voucher, VoucherState
from services.office.money.reconciliation import queries, rules
from services.office.money.reconciliation.model import Agreement, AgreementState, Difference
from shared.i18n import N_
from shared.web.register.moves import tell
from shared.work import Work

AGREED = N_("对账相符")


async def agree(work: Work, agreement: Agreement) -> None:
    """Both books say the same: the month's vouchers are reconciled, those with an open line wait for it."""
    rules.check_over(agreement.period, work.now)
    found = await queries.executed_in(work.session, agreement.period, lock=True)
    lines = await queries.lines_of(work.session, agreement.no)
    ours = rules.totals(found)
    rules.check_agrees(
        ours, {"income": agreement.income_theirs, "spending": agreement.spending_theirs}, lines
    )
    waiting = {line.voucher for line in lines if line.voucher and line.state == rules.L.open}
    for voucher in found:
        if voucher.state == VoucherState.executed and voucher.no not in waiting:
            _reconcile(work, voucher, agreement.no)
    agreement.income_ours, agreement.spending_ours = ours["income"], ours["spending"]
    agreement.vouchers, agreement.agreed_by, agreement.agreed_at = len(found), work.actor.id, work.now


def _reconcile(work: Work, voucher: Voucher, agreement: str) -> None:
    expenditure.reconcile(work, voucher, agreement)
    tell(vouchers.REGISTER, work, voucher, "reconcile", AGREED)


async def add_line(work: Work, line: Difference) -> None:
    """A difference of a month that is still open; it may name one of the month's vouchers."""
    rules.check_amount(line.amount)
    agreement = await work.lock(Agreement, Agreement.no == line.agreement.strip().upper(), what=line.agreement)
    if agreement.state != AgreementState.draft:
        raise rules.AlreadyAgreed(no=agreement.no)
    line.agreement, line.voucher = agreement.no, line.voucher.strip().upper()
    if line.voucher:
        known = {voucher.no: voucher for voucher in await queries.executed_in(work.session, agreement.period)}
        if line.voucher not in known:
            raise rules.UnknownVoucher(line.voucher)
        line.direction = known[line.voucher].direction
    line.correlation = agreement.correlation


async def settle(work: Work, line: Difference) -> None:
    """The difference is put right; its voucher agrees from now on, once the month itself does."""
    line.settled_by = work.actor.id
    agreement = await work.lock(Agreement, Agreement.no == line.agreement, what=line.agreement)
    if not line.voucher or agreement.state != AgreementState.agreed:
        return
    others = [
        one for one in await queries.lines_of(work.session, agreement.no)
        if one.voucher == line.voucher and one.no != line.no and one.state == rules.L.open
    ]
    voucher = await work.session.scalar(
        select(Voucher).where(Voucher.no == line.voucher).with_for_update().execution_options(populate_existing=True)
    )
    if voucher is not None and voucher.state == VoucherState.executed and not others:
        _reconcile(work, voucher, agreement.no)
