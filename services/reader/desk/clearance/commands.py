"""Opening, granting, revoking, closing a clearance. Locks the patron first, then the case."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select

from services.reader.desk import DESK, HEAD
from services.reader.desk.clearance import colleges, rules
from services.reader.desk.clearance.model import Clearance, ClearanceState, LeavingKind
from services.reader.desk.clearance.telling import tell_open, tell_settled
from services.reader.desk.patrons import commands as patrons
from services.reader.desk.patrons import rules as patron_rules
from services.reader.desk.patrons.model import CardState, Patron
from services.reader.desk.patrons.queries import patron_ever
from shared.events.reader import (
    ClearanceCancelled,
    ClearanceClosed,
    ClearanceGranted,
    ClearanceOpened,
    ClearanceRevoked,
)
from shared.i18n import N_
from shared.refusals import Invalid
from shared.states import step
from shared.work import Work

S = ClearanceState


async def open_case(
    work: Work, *, card: str, leaving_on: date, kind: LeavingKind = LeavingKind.other, student_case: str = ""
) -> Clearance:
    """Somebody leaves: let them go at once when nothing is open, else say what is.

    Told twice, it is one case; the institute's number is added to a case others began.
    """
    work.actor.require(*DESK)
    patron = await patron_ever(work.session, card)
    if patron is not None:
        patron = await _lock(work, patron.id)
        known = await work.session.scalar(
            select(Clearance).where(Clearance.patron_id == patron.id, Clearance.state.in_(rules.OPEN))
        )
        if known is not None:
            return await _adopt(work, known, patron, student_case)
    case = Clearance(
        number=await work.number(rules.NUMBERS), student_case=student_case, patron_id=patron.id if patron else None,
        card=patron.card if patron else card, kind=kind, leaving_on=leaving_on, opened_at=work.now,
        opened_by=work.actor.id, correlation=work.correlation,
    )
    work.session.add(case)
    if patron is not None and rules.missing(patron):
        work.emit(ClearanceOpened(**_about(case), **rules.figures(patron), leaving_on=leaving_on))
        await tell_open(work, case, patron, stage="opened")
    else:
        await _grant(work, case, patron)
    await work.session.flush()
    return case


async def _adopt(work: Work, case: Clearance, patron: Patron, student_case: str) -> Clearance:
    """The institute speaks of a case that is open already: it is answered under its own number."""
    if student_case and not case.student_case:
        case.student_case, case.correlation = student_case, work.correlation
        if case.state is S.granted:
            work.emit(ClearanceGranted(**_about(case)), correlation=case.correlation)
        else:
            work.emit(
                ClearanceOpened(**_about(case), **rules.figures(patron), leaving_on=case.leaving_on),
                correlation=case.correlation,
            )
    return case


async def check(work: Work, *, number: str) -> Clearance:
    """Look again: grant what is clear, take back what is not."""
    work.actor.require(*DESK)
    case, patron = await _locked(work, number)
    if case.state in {S.waiting, S.revoked} and not rules.missing(patron):
        await _grant(work, case, patron)
    elif case.state is S.granted and rules.missing(patron):
        await _revoke(work, case, patron)
    return case


async def grant(work: Work, *, number: str) -> Clearance:
    """The desk lets somebody go now, or hears what is in the way."""
    work.actor.require(*DESK)
    case, patron = await _locked(work, number)
    if reasons := rules.missing(patron):
        raise rules.NotClear(reasons)
    await _grant(work, case, patron)
    return case


async def close(work: Work, *, number: str) -> Clearance:
    """Close the card; what appeared meanwhile takes the word back instead."""
    work.actor.require(*DESK)
    case, patron = await _locked(work, number)
    if case.state is S.granted and rules.missing(patron):
        await _revoke(work, case, patron)
        return case
    _close(work, case, patron)
    return case


async def cancel(work: Work, *, number: str, reason: str) -> Clearance:
    """The person stays after all; a head of the point decides."""
    work.actor.require(*HEAD)
    if not reason.strip():
        raise Invalid({"reason": N_("必填")})
    case, _patron = await _locked(work, number)
    case.state = step(rules.LIFE, case.state, "cancel")
    case.ended_at, case.reason = work.now, reason.strip()
    await colleges.call_off(work, case)
    work.emit(ClearanceCancelled(**_about(case)), correlation=case.correlation)
    return case


async def cancel_for(work: Work, *, student_case: str) -> None:
    """The institute dropped its case; ours goes with it unless the card is closed already."""
    number = await work.session.scalar(
        select(Clearance.number).where(Clearance.student_case == student_case, Clearance.state.in_(rules.OPEN))
    )
    if number is not None:
        await cancel(work, number=number, reason=student_case)


async def check_all(work: Work) -> int:
    """Every case whose word no longer fits the patron's counters; one indexed statement when none."""
    clean = and_(
        Patron.open_loans == 0, Patron.holds_waiting + Patron.holds_ready == 0, Patron.debt_fen <= 0,
        Patron.deposit_fen == 0,
    )
    numbers = (await work.session.scalars(
        select(Clearance.number).join(Patron, Patron.id == Clearance.patron_id).where(or_(
            and_(Clearance.state.in_([S.waiting, S.revoked]), clean), and_(Clearance.state == S.granted, ~clean)
        )).order_by(Clearance.number).limit(200)
    )).all()
    for number in numbers:
        await check(work, number=number)
    return len(numbers)


async def close_due(work: Work) -> int:
    """Cards of those who left yesterday or before."""
    numbers = (await work.session.scalars(
        select(Clearance.number).where(Clearance.state == S.granted, Clearance.leaving_on < work.today)
        .order_by(Clearance.number).limit(500)
    )).all()
    for number in numbers:
        await close(work, number=number)
    return len(numbers)


async def _grant(work: Work, case: Clearance, patron: Patron | None) -> None:
    case.state = step(rules.LIFE, case.state, "grant")
    case.granted_at, case.granted_by = work.now, work.actor.id
    fact = work.emit(ClearanceGranted(**_about(case)), correlation=case.correlation)
    if patron is not None and patron.state is not CardState.closed:
        await tell_settled(work, case, patron, stage=str(fact))
        await colleges.tell_settled(work, case, patron, stage=str(fact))
    if patron is None or case.leaving_on < work.today:
        _close(work, case, patron)


async def _revoke(work: Work, case: Clearance, patron: Patron | None) -> None:
    case.state = step(rules.LIFE, case.state, "revoke")
    case.revoked_at = work.now
    fact = work.emit(ClearanceRevoked(**_about(case), **rules.figures(patron)), correlation=case.correlation)
    if patron is not None:
        await tell_open(work, case, patron, stage=str(fact))


def _close(work: Work, case: Clearance, patron: Patron | None) -> None:
    case.state = step(rules.LIFE, case.state, "close")
    case.ended_at = work.now
    if patron is not None and patron.state is not CardState.closed:
        state = patron_rules.change_state(patron, "close", reason=case.number)
        patrons.tell(work, patron, state, "close")
    work.emit(ClearanceClosed(**_about(case)), correlation=case.correlation)


def _about(case: Clearance) -> dict[str, Any]:
    return {"number": case.number, "student_case": case.student_case, "card": case.card}


async def _lock(work: Work, patron_id: UUID) -> Patron:
    return await work.lock(Patron, Patron.id == patron_id)


async def _locked(work: Work, number: str) -> tuple[Clearance, Patron | None]:
    found = await work.session.scalar(select(Clearance.patron_id).where(Clearance.number == number))
    patron = await _lock(work, found) if found else None
    return await work.lock(Clearance, Clearance.number == number, what=number), patron
