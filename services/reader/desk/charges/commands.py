"""Charging, receiving, waiving, reversing: each adds rows, none changes one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.reader.desk import DESK, HEAD
from services.reader.desk.cash.commands import shift_for
from services.reader.desk.charges import rules
from services.reader.desk.charges.model import Entry, Kind, Method, Posting
from services.reader.desk.charges.queries import (
    charge_of_loan,
    open_charge,
    open_charges,
    payment_of,
    refund_rows,
)
from services.reader.desk.patrons.model import Patron
from services.reader.desk.patrons.queries import lock_patron
from services.reader.desk.signing import commands as sign_offs
from services.reader.desk.signing import rules as signing
from services.reader.desk.signing.model import Act, SignOff
from shared.events.reader import ChargeMade, ChargeRefunded, ChargeSettled, RefundTakenBack
from shared.i18n import N_
from shared.identity import Actor, Approval
from shared.refusals import Invalid
from shared.work import Work


def post_charge(
    work: Work, *, patron_id: UUID, card: str, kind: Kind, amount_fen: int, loan_id: UUID | None = None,
    barcode: str = "", title: str = "", reason: str = "", explain: dict[str, Any] | None = None,
) -> Entry:
    """Post what a patron owes; the caller has decided the amount."""
    entry = Entry(
        patron_id=patron_id, card=card, posting=Posting.charge, kind=kind, amount_fen=amount_fen,
        loan_id=loan_id, barcode=barcode, title=title, reason=reason, explain=explain or {},
        actor=work.actor.id, at=work.now,
    )
    work.session.add(entry)
    work.emit(ChargeMade(
        charge_id=str(entry.id), card=card, kind=kind.value, kind_label=kind.label,
        amount_cents=amount_fen, barcode=barcode,
    ))
    return entry


async def charge(
    work: Work, *, card: str, kind: Kind, amount_fen: int, barcode: str = "", title: str = "",
    reason: str = "", explain: dict[str, Any] | None = None,
) -> Entry:
    """A charge decided at the desk, such as a damage no rate covers."""
    work.actor.require(*DESK)
    if amount_fen <= 0:
        raise Invalid({"amount_cents": N_("须大于 0")})
    patron = await lock_patron(work.session, card)
    return post_charge(
        work, patron_id=patron.id, card=patron.card, kind=kind, amount_fen=amount_fen, barcode=barcode,
        title=title, reason=reason, explain=explain,
    )


async def charge_by_rule(
    work: Work, *, card: str, kind: Kind, number: int = 1, barcode: str = "", reason: str = ""
) -> Entry:
    """A charge whose amount the rates give, with its reckoning."""
    explain = rules.by_rule(kind, number=number)
    return await charge(
        work, card=card, kind=kind, amount_fen=explain["amount_cents"], barcode=barcode, reason=reason,
        explain=explain,
    )


async def drop(work: Work, *, charge_id: UUID, card: str, reason: str) -> bool:
    """Take back a charge whose ground is gone; False when it is settled already."""
    await lock_patron(work.session, card)
    found = await open_charge(work.session, charge_id)
    if found is None:
        return False
    row = rules.settle(
        found, Posting.reversal, actor=work.actor.id, at=work.now, receipt=await work.number(rules.RECEIPTS),
        reason=reason,
    )
    work.session.add(row)
    _tell(work, row)
    await work.session.flush()
    return True


async def refund(
    work: Work, *, charge_id: UUID, voucher: str, reason: str, people: dict[str, str] | None = None
) -> Entry:
    """The office has given the money of a charge back; the database refuses a second time.

    `people` are those the receipt names: who asked, who approved, who paid.
    """
    payment = await payment_of(work.session, charge_id)
    if payment is None:
        raise rules.NotPaid
    await lock_patron(work.session, payment.card)
    undone, _credit, _refund = await refund_rows(work.session, payment.id)
    credit, paid_out = rules.give_back(
        payment, round=undone, actor=work.actor.id, at=work.now, receipt=await work.number(rules.RECEIPTS),
        reason=reason, explain={"voucher": voucher, "original": payment.receipt, "received_by": payment.actor, **(people or {})},
    )
    work.session.add_all([credit, paid_out])
    await work.session.flush()
    work.emit(ChargeRefunded(
        charge_id=str(charge_id), card=payment.card, amount_cents=paid_out.amount_fen,
        receipt=paid_out.receipt, voucher=voucher,
    ))
    return paid_out


async def undo_refund(work: Work, *, charge_id: UUID, voucher: str, reason: str) -> Entry | None:
    """The office reversed the payment of a refund: its two rows are undone by two of their own; None when nothing is given back now."""
    payment = await payment_of(work.session, charge_id)
    if payment is None:
        raise rules.NotPaid
    await lock_patron(work.session, payment.card)
    _undone, credit, refund_ = await refund_rows(work.session, payment.id)
    if credit is None or refund_ is None:
        return None
    money, debt = rules.take_back(
        credit, refund_, actor=work.actor.id, at=work.now, receipt=await work.number(rules.RECEIPTS), reason=reason,
        explain={"voucher": voucher, "original": refund_.receipt},
    )
    work.session.add_all([money, debt])
    await work.session.flush()
    work.emit(RefundTakenBack(
        charge_id=str(charge_id), card=payment.card, amount_cents=-money.amount_fen, receipt=money.receipt, voucher=voucher,
    ))
    return money


async def pay(
    work: Work, *, card: str, charges: Sequence[UUID] = (), method: Method = Method.cash, held: str = ""
) -> tuple[str, list[Entry]]:
    """Receive money for these charges (all of them when none is named) on one receipt.

    `held` is the receipt of the deposit they are taken from; whoever gives it posts that side as well.
    """
    work.actor.require(*DESK)
    if (method is Method.deposit) is not bool(held):
        raise Invalid({"method": N_("押金只在退证时抵扣欠费，请到“联合共享体 → 联合证”办理")})
    patron = await lock_patron(work.session, card)
    due = await open_charges(work.session, patron.id, only=charges)
    if not due:
        raise rules.NothingToPay
    if charges and len(due) != len(set(charges)):
        raise rules.UnknownCharge
    shift = await shift_for(work)
    receipt = await work.number(rules.RECEIPTS)
    paid = []
    for entry in due:
        row = rules.settle(
            entry, Posting.payment, actor=work.actor.id, at=work.now, receipt=receipt, method=method,
            shift_id=shift.id, reason=held,
        )
        work.session.add(row)
        _tell(work, row)
        paid.append(row)
    await work.session.flush()
    return receipt, paid


async def waive(work: Work, *, charge_id: UUID, reason: str = "", signed: Approval | None = None) -> Entry:
    """Let a patron off; a head of the point decides (here or by signature), and never about an own charge."""
    work.actor.require(*DESK)
    who, reason = (signed.by, signed.reason) if signed else (work.actor, reason)
    who.require(*HEAD)
    if not reason.strip():
        raise Invalid({"reason": N_("请写明减免理由")})
    found = await open_charge(work.session, charge_id)
    if found is not None:
        # Then look again: it may just have been paid. The card may have been replaced since the charge.
        await work.lock(Patron, Patron.id == found.patron_id)
        found = await open_charge(work.session, charge_id)
    if found is None:
        raise rules.UnknownCharge
    if signed:
        signing.check(signed, actor=work.actor, act=Act.waive, card=found.card, thing=str(charge_id))
    receipt = await work.number(rules.RECEIPTS)
    row = rules.settle(
        found, Posting.waiver, actor=who.id, at=work.now, receipt=receipt, reason=reason.strip(),
        explain={"desk_of": work.actor.id} if signed else {},
    )
    work.session.add(row)
    _tell(work, row, by=who)
    await work.session.flush()
    return row


async def ask_waiver(work: Work, *, charge_id: UUID, note: str = "") -> SignOff:
    """Ask a head who is elsewhere to let the patron off."""
    found = await open_charge(work.session, charge_id)
    if found is None:
        raise rules.UnknownCharge
    return await sign_offs.ask(
        work, act=Act.waive, card=found.card, thing=str(charge_id), reasons=[rules.needs_a_head(found.amount_fen)],
        title=found.title, note=note,
    )


async def reverse_fine(work: Work, loan_id: UUID) -> int:
    """Take a fine back with the return that caused it; what was paid stays paid."""
    found = await charge_of_loan(work.session, loan_id)
    if found is None:
        return 0
    entry, settled = found
    if settled is not None:
        raise rules.FineWasPaid
    receipt = await work.number(rules.RECEIPTS)
    row = rules.settle(entry, Posting.reversal, actor=work.actor.id, at=work.now, receipt=receipt)
    work.session.add(row)
    _tell(work, row)
    return entry.amount_fen


def _tell(work: Work, row: Entry, *, by: Actor | None = None) -> None:
    work.emit(ChargeSettled(
        charge_id=str(row.charge_id), card=row.card, how=row.posting.value, how_label=row.posting.label,
        amount_cents=-row.amount_fen, receipt=row.receipt,
    ), by=by)
