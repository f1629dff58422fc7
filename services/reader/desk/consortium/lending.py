"""Union cards and the money held for them."""

from __future__ import annotations

from datetime import date

from services.reader.desk import DESK, HEAD
from services.reader.desk.charges.model import Method
from services.reader.desk.consortium import rules
from services.reader.desk.consortium.model import Deposit, DepositPosting, Member, UnionCard
from services.reader.desk.consortium.queries import member_by_code
from services.reader.desk.patrons import commands as patrons
from services.reader.desk.patrons.model import Category, Document, Patron
from services.reader.desk.patrons.queries import lock_patron
from shared.events.reader import UnionCardIssued, UnionDepositRefunded, UnionRefundAsked
from shared.i18n import N_
from shared.refusals import Invalid, SamePerson
from shared.work import Work


async def issue(
    work: Work, *, card: str, name: str, member: str, document: Document, last4: str, valid_to: date,
    method: Method = Method.cash,
) -> Deposit:
    """A union card for somebody whose paper was seen and whose deposit is here."""
    work.actor.require(*DESK)
    if valid_to <= work.today:
        raise Invalid({"valid_to": N_("有效期应在今天之后")})
    home = await member_by_code(work.session, member)
    if not home.active:
        raise Invalid({"member": N_("该馆已停用")})
    patron = await patrons.register(work, card=card, name=name, category=Category.union, valid_to=valid_to)
    patrons.check_identity(work, patron, purpose="union", document=document, last4=last4)
    work.session.add(UnionCard(patron_id=patron.id, member_id=home.id, issued_by=work.actor.id, issued_at=work.now))
    deposit = await _post(work, patron, DepositPosting.received, rules.DEPOSIT_FEN, method)
    work.emit(UnionCardIssued(card=card, member=home.short, receipt=deposit.receipt, deposit_cents=rules.DEPOSIT_FEN))
    return deposit


async def renew(work: Work, *, card: str, valid_to: date) -> None:
    """A later last day of a card that is not closed."""
    work.actor.require(*DESK)
    if valid_to <= work.today:
        raise Invalid({"valid_to": N_("有效期应在今天之后")})
    patron, union, _home = await _lock(work, card)
    if union.closed_at is not None:
        raise rules.NoDeposit
    await patrons.extend(work, card=patron.card, valid_to=valid_to)


async def ask_refund(work: Work, *, card: str) -> None:
    """The reader gives the card back; somebody else decides about the money."""
    work.actor.require(*DESK)
    patron, union, home = await _lock(work, card)
    if union.closed_at is not None or union.refund_asked_at is not None:
        raise rules.NoDeposit
    rules.clear(patron)
    union.refund_asked_by, union.refund_asked_at = work.actor.id, work.now
    work.emit(UnionRefundAsked(card=patron.card, member=home.short, receipt="", deposit_cents=rules.DEPOSIT_FEN))


async def refund(work: Work, *, card: str, method: Method = Method.cash) -> Deposit:
    """Approve and pay back; never by whoever took the money or asked for the refund."""
    work.actor.require(*HEAD)
    patron, union, home = await _lock(work, card)
    if union.closed_at is not None or union.refund_asked_at is None:
        raise rules.NoDeposit
    if work.actor.id in {union.refund_asked_by, union.issued_by}:
        raise SamePerson
    rules.clear(patron)
    await patrons.change_card(work, card=patron.card, action="close")
    union.closed_at = work.now
    back = await _post(work, patron, DepositPosting.refunded, -rules.DEPOSIT_FEN, method)
    work.emit(UnionDepositRefunded(
        card=patron.card, member=home.short, receipt=back.receipt, deposit_cents=-rules.DEPOSIT_FEN,
    ))
    return back


async def _lock(work: Work, card: str) -> tuple[Patron, UnionCard, Member]:
    patron = await lock_patron(work.session, card)
    union = await work.lock(UnionCard, UnionCard.patron_id == patron.id, what=card)
    return patron, union, await work.get(Member, union.member_id)


async def _post(work: Work, patron: Patron, posting: DepositPosting, fen: int, method: Method) -> Deposit:
    row = Deposit(
        patron_id=patron.id, posting=posting, amount_fen=fen, method=method,
        receipt=await work.number(rules.DEPOSITS), actor=work.actor.id, at=work.now,
    )
    work.session.add(row)
    await work.session.flush()
    return row
