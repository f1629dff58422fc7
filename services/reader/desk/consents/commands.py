"""Giving, revoking, and lending to a delegate."""

from __future__ import annotations

from datetime import date

from sqlalchemy.exc import IntegrityError

from services.reader.desk import DESK
from services.reader.desk.circulation import commands as circulation
from services.reader.desk.circulation.commands import Lent
from services.reader.desk.consents import rules
from services.reader.desk.consents.model import Consent
from services.reader.desk.consents.queries import open_consent, own_patron
from services.reader.desk.patrons.model import Patron
from services.reader.desk.patrons.queries import patron_by_card
from services.reader.desk.patrons.rules import UnknownCard
from shared.events.reader import ConsentGiven, ConsentRevoked
from shared.i18n import N_
from shared.identity import Approval
from shared.refusals import Conflict, Invalid, NotAllowed
from shared.work import Work


async def give(work: Work, *, delegate: str, name: str, until: date) -> Consent:
    """The principal consents from their own account; the name proves that they know the delegate."""
    principal = await own_patron(work)
    try:
        other = await patron_by_card(work.session, delegate)
    except UnknownCard as error:
        raise rules.NoSuchReader from error
    if other.name != name.strip():
        raise rules.NoSuchReader
    return await _give(work, principal, other, until=until)


async def note_paper(
    work: Work, *, principal: str, delegate: str, until: date, paper: str
) -> Consent:
    """The desk notes a signed form; its number leads back to the paper."""
    work.actor.require(*DESK)
    if not paper.strip():
        raise Invalid({"paper": N_("请填写纸质委托书编号")})
    given_by = await patron_by_card(work.session, principal)
    return await _give(
        work, given_by, await patron_by_card(work.session, delegate), until=until, paper=paper.strip()
    )


async def _give(
    work: Work, principal: Patron, delegate: Patron, *, until: date, paper: str = ""
) -> Consent:
    faults = rules.faults(until=until, today=work.today, itself=principal.id == delegate.id)
    if faults:
        raise Invalid(faults)
    former = await open_consent(
        work.session, principal_id=principal.id, delegate_id=delegate.id, lock=True
    )
    if former is not None:  # a new day replaces the old one; both stay on record
        former.revoked_at, former.revoked_by = work.now, work.actor.id
        await work.session.flush()
    consent = Consent(
        number=await work.number(rules.NUMBERS), principal_id=principal.id, principal=principal.card,
        delegate_id=delegate.id, delegate=delegate.card, until=until, paper=paper, given_at=work.now,
        given_by=work.actor.id,
    )
    work.session.add(consent)
    try:
        await work.session.flush()
    except IntegrityError as error:
        raise Conflict from error
    work.emit(ConsentGiven(
        number=consent.number, principal=principal.card, delegate=delegate.card, until=until, paper=paper
    ))
    return consent


async def revoke(work: Work, *, number: str) -> Consent:
    """The principal, the delegate or the desk ends it; loans already made stay the principal's."""
    consent = await work.lock(Consent, Consent.number == number, what=number)
    mine = work.actor.kind == "patron" and work.actor.card in {consent.principal, consent.delegate}
    if work.actor.kind == "patron" and not mine:
        raise rules.UnknownConsent(number)
    if not mine and not work.actor.holds(DESK):
        raise NotAllowed
    if consent.revoked_at is None:
        consent.revoked_at, consent.revoked_by = work.now, work.actor.id
        work.emit(ConsentRevoked(
            number=number, principal=consent.principal, delegate=consent.delegate
        ))
    return consent


async def check(work: Work, *, delegate: str, principal: str) -> tuple[Patron, Patron]:
    """Whether the delegate may fetch for the principal now; both patrons, or every reason why not."""
    other = await patron_by_card(work.session, delegate)
    own = await patron_by_card(work.session, principal)
    consent = await open_consent(work.session, principal_id=own.id, delegate_id=other.id)
    if reasons := rules.delegate_objections(consent, other, own, work.today):
        raise rules.DelegateRefused(reasons)
    return other, own


async def lend_for(
    work: Work, *, principal: str, delegate: str, barcode: str, override: bool = False, note: str = "",
    signed: Approval | None = None,
) -> Lent:
    """Lend to the delegate in the principal's name, by the principal's rules."""
    work.actor.require(*DESK)
    await check(work, delegate=delegate, principal=principal)
    done = await circulation.lend(
        work, card=principal, barcode=barcode, override=override, note=note, delegate=delegate, signed=signed
    )
    work.note(
        "lend-to-delegate", "loan", str(done.loan.id), principal=principal, delegate=delegate
    )
    return done
