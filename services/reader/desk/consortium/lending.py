"""Union cards and the money held for them.

The money comes in through the till of whoever issues the card and is banked with it. It goes back through
the office, as every refund does: asked at the desk, approved by a second person, paid by the office; the
card closes in the transaction that posts the payment.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from services.reader.desk import DESK, HEAD
from services.reader.desk.cash.commands import shift_for
from services.reader.desk.charges import commands as charges
from services.reader.desk.charges.model import Method
from services.reader.desk.consortium import rules
from services.reader.desk.consortium.model import Deposit, DepositPosting, Member, UnionCard
from services.reader.desk.consortium.queries import (
    member_by_code,
    received_for,
    refund_by_voucher,
    restored_times,
)
from services.reader.desk.notices import commands as notices
from services.reader.desk.notices.model import Hook
from services.reader.desk.patrons import commands as patrons
from services.reader.desk.patrons.model import CardState, Category, Document, Patron
from services.reader.desk.patrons.queries import lock_patron
from services.reader.desk.patrons.rules import standing
from shared.events.reader import (
    UnionCardIssued,
    UnionDepositKept,
    UnionDepositRefunded,
    UnionRefundAsked,
    UnionRefundRefused,
    UnionRefundRequested,
    UnionRefundUndone,
)
from shared.i18n import N_
from shared.refusals import Invalid, SamePerson
from shared.work import Work


async def issue(
    work: Work, *, card: str, name: str, member: str, document: Document, last4: str, valid_to: date,
    method: Method = Method.cash, online: bool = False, email: str = "",
) -> Deposit:
    """A union card for somebody whose paper was seen and whose deposit is here.

    `online` asks for an account, so that the reader can place holds from home.
    """
    work.actor.require(*DESK)
    if valid_to <= work.today:
        raise Invalid({"valid_to": N_("有效期应在今天之后")})
    home = await member_by_code(work.session, member)
    if not home.active:
        raise Invalid({"member": N_("该馆已停用")})
    patron = await patrons.register(
        work, card=card, name=name, category=Category.union, college=home.name, valid_to=valid_to,
        login=card if online else "", email=email,
    )
    patrons.check_identity(work, patron, purpose="union", document=document, last4=last4)
    work.session.add(UnionCard(patron_id=patron.id, member_id=home.id, issued_by=work.actor.id, issued_at=work.now))
    deposit = Deposit(
        patron_id=patron.id, posting=DepositPosting.received, amount_fen=rules.DEPOSIT_FEN, method=method,
        receipt=await work.number(rules.DEPOSITS), shift_id=(await shift_for(work)).id, actor=work.actor.id,
        at=work.now,
    )
    work.session.add(deposit)
    await work.session.flush()
    work.emit(UnionCardIssued(card=card, member=home.short, receipt=deposit.receipt, deposit_cents=rules.DEPOSIT_FEN))
    return deposit


async def renew(work: Work, *, card: str, valid_to: date) -> None:
    """A later last day of a card that is not closed and not on its way back."""
    work.actor.require(*DESK)
    if valid_to <= work.today:
        raise Invalid({"valid_to": N_("有效期应在今天之后")})
    patron, union, _home = await _lock(work, card)
    rules.may_renew(union)
    await patrons.extend(work, card=patron.card, valid_to=valid_to)


async def ask_refund(work: Work, *, card: str, from_deposit: bool = False) -> None:
    """The reader gives the card back; from now on it lends nothing, and somebody else decides about the money.

    `from_deposit`: the reader agrees that what is owed is taken from it, and the rest comes back.
    """
    work.actor.require(*DESK)
    patron, union, home = await _lock(work, card)
    rules.may_ask(union)
    rules.clear(patron, from_deposit=from_deposit)
    union.refund_keeps = from_deposit
    union.refund_no = union.refund_no or await work.number(rules.REFUNDS)
    union.refund_asked_by, union.refund_asked_at, union.refund_refused = work.actor.id, work.now, ""
    if standing(patron, work.today) in {CardState.active, CardState.expired}:
        await patrons.change_card(work, card=patron.card, action="suspend", reason=rules.GIVEN_BACK)
    work.emit(UnionRefundAsked(**await _about(work, patron, union, home)))


async def refuse_refund(work: Work, *, card: str, reason: str) -> None:
    """Withdrawn by the reader or not approved: the card is as it was and the money stays held."""
    work.actor.require(*DESK)
    if len(reason.strip()) < 2:
        raise Invalid({"reason": N_("请写明原因")})
    patron, union, home = await _lock(work, card)
    if rules.stage(union) is not rules.Stage.asked:
        raise rules.NoDeposit
    await _as_before(work, patron, union, home, reason)


async def approve_refund(work: Work, *, card: str) -> str:
    """A head who neither issued the card nor asked for the refund sends it to the office; returns its number.

    What is owed is taken from the deposit first, if the reader agreed. Is nothing left, there is nothing to pay:
    the card closes at once and the number is empty.
    """
    work.actor.require(*HEAD)
    patron, union, home = await _lock(work, card)
    if rules.stage(union) is not rules.Stage.asked:
        raise rules.NoDeposit
    if work.actor.id in {union.refund_asked_by, union.issued_by}:
        raise SamePerson
    rules.clear(patron, from_deposit=union.refund_keeps)
    union.refund_approved_by = work.actor.id
    if union.refund_keeps and patron.debt_fen > 0:
        await _set_off(work, patron, home)
    if not patron.deposit_fen:
        union.closed_at = work.now
        await patrons.change_card(work, card=patron.card, action="close", reason=union.refund_no or "")
        return ""
    work.emit(UnionRefundRequested(**await _about(work, patron, union, home)))
    assert union.refund_no is not None
    return union.refund_no


async def _set_off(work: Work, patron: Patron, home: Member) -> None:
    """What is owed is paid out of what is held: one row here, a payment for every charge in the ledger, one sum."""
    held = await work.number(rules.DEPOSITS)
    receipt, rows = await charges.pay(work, card=patron.card, method=Method.deposit, held=held)
    amount = sum(row.amount_fen for row in rows)
    work.session.add(Deposit(
        patron_id=patron.id, posting=DepositPosting.kept, amount_fen=amount, receipt=held, settles=receipt,
        actor=work.actor.id, at=work.now,
    ))
    await work.session.flush()
    await work.session.refresh(patron)
    work.emit(UnionDepositKept(
        card=patron.card, member=home.short, receipt=held, deposit_cents=amount, settles=receipt, left_cents=patron.deposit_fen,
    ))


async def refund_paid(work: Work, *, number: str, voucher: str) -> Deposit | None:
    """The office has paid: the money is posted as given back and the card closed, both or neither.

    What came open meanwhile keeps the card, suspended, until it is settled; the money is gone all the same.
    """
    found = await _waiting_for_office(work, number)
    if found is None:
        return None
    patron, union, home = found
    back = Deposit(
        patron_id=patron.id, posting=DepositPosting.refunded, amount_fen=-patron.deposit_fen, voucher=voucher,
        round=await restored_times(work.session, patron.id),
        receipt=await work.number(rules.DEPOSITS), actor=work.actor.id, at=work.now,
    )
    work.session.add(back)
    await work.session.flush()
    await work.session.refresh(patron)
    union.closed_at = work.now
    if not rules.open_matters(patron):
        await patrons.change_card(work, card=patron.card, action="close", reason=union.refund_no or "")
    work.emit(UnionDepositRefunded(
        card=patron.card, member=home.short, receipt=back.receipt, deposit_cents=back.amount_fen,
    ))
    return back


async def refund_returned(work: Work, *, number: str, reason: str) -> None:
    """The office did not pay: the card is as it was, with the reason."""
    found = await _waiting_for_office(work, number)
    if found is not None:
        await _as_before(work, *found, reason)


async def refund_undone(work: Work, *, number: str, reverses: str, voucher: str, reason: str) -> None:
    """The office reversed its payment: the money is held again, the card that was closed over it is suspended, and the reader is told.

    Heard before the payment itself, it is a refund that was not paid; the late word of it finds no case then.
    """
    if (found := await _waiting_for_office(work, number)) is not None:
        await _as_before(work, *found, reason)
        return
    patron_id = await work.session.scalar(select(UnionCard.patron_id).where(UnionCard.refund_no == number))
    back = await refund_by_voucher(work.session, patron_id, reverses) if patron_id is not None else None
    if patron_id is None or back is None:
        return
    patron = await work.lock(Patron, Patron.id == patron_id)
    union = await work.lock(UnionCard, UnionCard.patron_id == patron_id)
    home = await work.get(Member, union.member_id)
    if patron.state is CardState.closed:
        await patrons.change_card(work, card=patron.card, action="restore", reason=rules.GIVEN_BACK)
        await work.session.flush()
    work.session.add(Deposit(
        patron_id=patron.id, posting=DepositPosting.restored, amount_fen=-back.amount_fen, voucher=voucher, round=back.round,
        receipt=await work.number(rules.DEPOSITS), actor=work.actor.id, at=work.now,
    ))
    await work.session.flush()
    await work.session.refresh(patron)
    said = await _about(work, patron, union, home)
    union.closed_at, union.refund_asked_at, union.refund_asked_by, union.refund_approved_by = None, None, "", ""
    union.refund_refused, union.refund_keeps, union.refund_no = reason.strip()[:300], False, None
    work.emit(UnionRefundUndone(**said, reason=union.refund_refused, voucher=voucher))
    await notices.queue(work, hook=Hook.refund_undone, patron_id=patron.id, about=number, stage=voucher, facts={
        "what_label": N_("退还联合证押金"), "amount_cents": -back.amount_fen, "reason": union.refund_refused, "card": patron.card,
    })


async def _waiting_for_office(work: Work, number: str) -> tuple[Patron, UnionCard, Member] | None:
    """The card whose refund the office speaks of, unless its answer came before."""
    patron_id = await work.session.scalar(select(UnionCard.patron_id).where(UnionCard.refund_no == number))
    if patron_id is None:
        return None
    patron = await work.lock(Patron, Patron.id == patron_id)
    union = await work.lock(UnionCard, UnionCard.patron_id == patron_id)
    if rules.stage(union) is not rules.Stage.approved:
        return None
    return patron, union, await work.get(Member, union.member_id)


async def _as_before(work: Work, patron: Patron, union: UnionCard, home: Member, reason: str) -> None:
    said = await _about(work, patron, union, home)
    union.refund_asked_at, union.refund_asked_by, union.refund_approved_by = None, "", ""
    union.refund_refused, union.refund_keeps = reason.strip()[:300], False
    # The office's voucher answered to the number; another attempt gets another one.
    union.refund_no = None
    if patron.state is CardState.suspended and patron.state_reason == rules.GIVEN_BACK:
        await patrons.change_card(work, card=patron.card, action="resume")
    work.emit(UnionRefundRefused(**said, reason=union.refund_refused))


async def _about(work: Work, patron: Patron, union: UnionCard, home: Member) -> dict[str, Any]:
    paid = await received_for(work.session, patron.id)
    return {
        "card": patron.card, "member": home.short, "number": union.refund_no or "",
        "receipt": paid.receipt if paid else "", "deposit_cents": patron.deposit_fen,
    }


async def _lock(work: Work, card: str) -> tuple[Patron, UnionCard, Member]:
    patron = await lock_patron(work.session, card)
    union = await work.lock(UnionCard, UnionCard.patron_id == patron.id, what=card)
    return patron, union, await work.get(Member, union.member_id)
