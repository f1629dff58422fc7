"""Redeeming what a head signed beside the desk; asking one who is elsewhere, and the answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from services.reader.desk import DESK, HEAD
from services.reader.desk.signing import rules
from services.reader.desk.signing.model import Act, SignOff, SignState
from services.reader.desk.signing.queries import by_number
from shared.events.reader import SignOffAnswered, SignOffAsked, SignOffClosed, SignOffUsed
from shared.i18n import N_
from shared.identity import Approval
from shared.refusals import Invalid
from shared.states import step
from shared.work import Work


async def redeem(work: Work, approval: Approval, *, title: str = "") -> Approval:
    """Spend an approval of the gateway: kept under its own id, so that the database refuses a second time.

    Part of the act's own transaction: what is refused after all has spent nothing.
    """
    work.actor.require(*DESK)
    if approval.act not in set(Act):
        raise rules.SignedForAnother
    card, thing, *_codes = [*approval.about.split(" "), "", ""]
    rules.check(approval, actor=work.actor, act=Act(approval.act), card=card, thing=thing)
    number = await work.number(rules.NUMBERS)
    kept = await work.session.scalar(
        insert(SignOff).values(
            id=approval.id, number=number, act=Act(approval.act), card=card, thing=thing, title=title,
            reasons=[], facts={}, state=SignState.used, asked_by=work.actor.id, asked_at=work.now, note="",
            signed_by=approval.by.id, posts=list(approval.by.posts), signed_at=work.now, reason=approval.reason,
            used_at=work.now,
        ).on_conflict_do_nothing(index_elements=["id"]).returning(SignOff.id)
    )
    if kept is None:
        raise rules.SignatureUsed
    _used(work, approval, number=number, title=title)
    return approval


async def spend(work: Work, *, number: str) -> Approval:
    """Use the yes a head gave from elsewhere, once, within its time, by whoever asked."""
    work.actor.require(*DESK)
    found = await by_number(work.session, number, lock=True)
    if found.asked_by != work.actor.id:
        raise rules.UnknownSignOff(number)
    if found.state is SignState.used:
        raise rules.SignatureUsed
    found.state = step(rules.LIFE, found.state, "use")
    if found.until is None or found.until < work.now:
        raise rules.SignatureLapsed
    found.used_at = work.now
    approval = rules.as_approval(found)
    _used(work, approval, number=found.number, title=found.title)
    return approval


def _used(work: Work, approval: Approval, *, number: str, title: str) -> None:
    work.note(
        "sign-off", "sign_off", number, signed_by=approval.by.id, asked_by=work.actor.id, act=approval.act,
        reason=approval.reason,
    )
    work.emit(SignOffUsed(
        number=number, act=approval.act, act_label=Act(approval.act).label, title=title, asked_by=work.actor.id,
        signed_by=approval.by.id,
    ), by=approval.by)


async def ask(
    work: Work, *, act: Act, card: str, thing: str, reasons: Sequence[dict[str, Any]], title: str = "",
    note: str = "", line_id: UUID | None = None, facts: dict[str, Any] | None = None,
) -> SignOff:
    """Put the case on the heads' lists; pressed twice it is one request."""
    work.actor.require(*DESK)
    if not card or not rules.signable(reasons):
        raise rules.NotSignable
    found = SignOff(
        number=await work.number(rules.NUMBERS), act=act, card=card, thing=thing, title=title,
        reasons=list(reasons), facts=facts or {}, line_id=line_id, asked_by=work.actor.id, asked_at=work.now, note=note.strip()[:300],
    )
    work.session.add(found)
    try:
        await work.session.flush()
    except IntegrityError as error:
        raise rules.AlreadyAsked from error
    work.emit(SignOffAsked(**_about(found)))
    return found


async def answer(work: Work, *, number: str, grant: bool, reason: str) -> SignOff:
    """A head's yes or no, with a reason; never to an own request or about oneself."""
    work.actor.require(*HEAD)
    if len(reason.strip()) < 2:
        raise Invalid({"reason": N_("请写明签批理由")})
    found = await by_number(work.session, number, lock=True)
    rules.may_answer(found, work.actor)
    rules.answer(
        found, "grant" if grant else "refuse", actor=work.actor, reason=reason.strip()[:300], now=work.now
    )
    work.emit(SignOffAnswered(**_about(found), granted=grant, signed_by=work.actor.id))
    return found


async def withdraw(work: Work, *, number: str) -> SignOff:
    """The patron has gone, or it settled itself."""
    work.actor.require(*DESK)
    found = await by_number(work.session, number, lock=True)
    if found.asked_by != work.actor.id:
        raise rules.UnknownSignOff(number)
    _close(work, found, "withdraw")
    return found


async def lapse(work: Work) -> int:
    """Close what nobody answered or used in its time."""
    due = (await work.session.scalars(
        select(SignOff).where(
            SignOff.state.in_(rules.OPEN),
            (SignOff.until < work.now) | (SignOff.until.is_(None) & (SignOff.asked_at < work.now - rules.ASKED_FOR)),
        ).order_by(SignOff.asked_at).limit(200).with_for_update(skip_locked=True)
    )).all()
    for found in due:
        _close(work, found, "lapse")
    return len(due)


def _close(work: Work, found: SignOff, action: str) -> None:
    found.state = step(rules.LIFE, found.state, action)
    work.emit(SignOffClosed(**_about(found), how=found.state.value, how_label=found.state.label))


def _about(found: SignOff) -> dict[str, str]:
    return {
        "number": found.number, "act": found.act.value, "act_label": found.act.label, "title": found.title,
        "asked_by": found.asked_by,
    }
