"""Opening, counting and banking a till."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from services.reader.desk import DESK
from services.reader.desk.cash import rules
from services.reader.desk.cash.model import Deposit, Shift, ShiftState
from services.reader.desk.cash.queries import (
    in_the_drawer,
    lock_counted,
    lock_shift,
    open_shift_of,
    takings,
)
from shared.events.reader import CashBanked, CashCounted
from shared.i18n import N_
from shared.refusals import Invalid
from shared.states import step
from shared.work import Work

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('cash-shift:' || :cashier))")


async def shift_for(work: Work) -> Shift:
    """The actor's open shift, locked; the first money of the day opens it."""
    # Two terminals of one cashier must not open two: who comes second waits and finds the first's.
    await work.session.execute(_ONE_AT_A_TIME, {"cashier": work.actor.id})
    found = await open_shift_of(work.session, work.actor.id, lock=True)
    if found is None:
        found = Shift(
            no=await work.number(rules.SHIFTS), cashier=work.actor.id, opened_at=work.now,
        )
        work.session.add(found)
        await work.session.flush()
    return found


async def count(work: Work, *, no: str, counted_fen: int, reason: str = "") -> Shift:
    """A colleague counts the cash of a shift; nothing is received into it any more."""
    work.actor.require(*DESK)
    shift = await lock_shift(work.session, no)
    sums = (await takings(work.session, [shift.id]))[shift.id]
    rules.count(
        shift, actor=work.actor.id, counted_fen=counted_fen, expected_fen=sums.expected, reason=reason[:300]
    )
    shift.counted_at = work.now
    if counted_fen == 0:  # only cards and codes: there is nothing to carry to the bank
        shift.state = step(rules.LIFE, shift.state, "bank")
    await work.session.flush()
    work.emit(CashCounted(
        shift=shift.no, cashier=shift.cashier, expected_cents=sums.expected, counted_cents=counted_fen,
        difference_cents=counted_fen - sums.expected, reason=shift.reason, to_bank=counted_fen > 0,
        full=await in_the_drawer(work.session) >= rules.BANK_AT_FEN,
    ))
    return shift


async def bank(work: Work, *, slip_no: str, shifts: Sequence[str] = ()) -> Deposit:
    """Carry counted cash to the bank on one slip: the shifts named, or all that wait."""
    work.actor.require(*DESK)
    slip_no = "".join(slip_no.split()).upper()
    if not 4 <= len(slip_no) <= 40:
        raise Invalid({"slip_no": N_("请填银行缴款单号")})
    found = await lock_counted(work.session, shifts)
    if not found or (shifts and len(found) != len(set(shifts))):
        raise rules.NothingToBank
    deposit = Deposit(
        no=await work.number(rules.DEPOSITS), slip_no=slip_no, banked_on=work.today, banked_by=work.actor.id,
        banked_at=work.now, amount_fen=sum(shift.counted_fen or 0 for shift in found),
    )
    work.session.add(deposit)
    try:
        await work.session.flush()
    except IntegrityError as error:  # the database has the last word on "one slip, one deposit"
        raise rules.SlipUsed(slip=slip_no) from error
    for shift in found:
        shift.state, shift.deposit_id = step(rules.LIFE, shift.state, "bank"), deposit.id
    sums = list((await takings(work.session, [shift.id for shift in found])).values())
    work.emit(CashBanked(
        number=deposit.no, slip_no=slip_no, banked_on=deposit.banked_on, amount_cents=deposit.amount_fen,
        shifts=tuple(shift.no for shift in found),
        receipts_from=min((one.first for one in sums if one.first), default=""),
        receipts_to=max((one.last for one in sums), default=""), receipts=sum(one.receipts for one in sums),
        fines_cents=sum(one.fines for one in sums), compensation_cents=sum(one.compensation for one in sums),
        card_fees_cents=sum(one.fees for one in sums), cashless_cents=sum(one.cashless for one in sums),
        expected_cents=sum(one.expected for one in sums), deposits_cents=sum(one.deposits for one in sums),
        reason="；".join(shift.reason for shift in found if shift.reason),
    ), correlation=deposit.correlation)
    return deposit


async def note_voucher(work: Work, *, number: str, voucher: str, state: str, amount_fen: int) -> None:
    """The office's voucher of a deposit came a step further."""
    deposit = await work.session.scalar(select(Deposit).where(Deposit.no == number).with_for_update())
    if deposit is not None:
        deposit.voucher, deposit.voucher_state, deposit.voucher_fen = voucher, state, amount_fen


async def take_back_deposit(work: Work, *, number: str) -> None:
    """The office returned the slip: its shifts wait for the bank again; the old slip is kept as it was."""
    deposit = await work.session.scalar(select(Deposit).where(Deposit.no == number))
    if deposit is None:
        return
    found = await work.session.scalars(
        select(Shift).where(Shift.deposit_id == deposit.id, Shift.state == ShiftState.banked).with_for_update()
    )
    for shift in found:
        shift.state, shift.deposit_id = step(rules.LIFE, shift.state, "return"), None
