"""The monthly settlement: counted, completed by hand, checked by another, closed for ever."""

from __future__ import annotations

from datetime import date

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from services.reader.desk import DESK, HEAD
from services.reader.desk.consortium import rules
from services.reader.desk.consortium.model import (
    Line,
    LineKind,
    Member,
    Settlement,
    SettlementState,
)
from services.reader.desk.consortium.queries import member_by_code, month_counts
from services.reader.desk.patrons.rules import yuan
from shared.events.reader import SettlementClosed
from shared.i18n import N_
from shared.refusals import Invalid, SamePerson
from shared.work import Work


async def draft(work: Work, *, member: str, month: date) -> Settlement:
    """Begin the settlement of a month that is over."""
    work.actor.require(*DESK)
    month = month.replace(day=1)
    if rules.next_month(month) > work.today:
        raise rules.MonthNotOver(month=f"{month:%Y-%m}")
    home = await member_by_code(work.session, member)
    made = Settlement(
        number=await work.number(rules.SETTLEMENTS), member_id=home.id, month=month, drafted_by=work.actor.id
    )
    work.session.add(made)
    try:
        await work.session.flush()
    except IntegrityError as error:
        raise rules.MonthExists from error
    await _count(work, made, home)
    return made


async def recount(work: Work, *, number: str) -> Settlement:
    """Count a draft again; lines by hand stay."""
    work.actor.require(*DESK)
    found = await _lock(work, number, SettlementState.draft)
    await work.session.execute(delete(Line).where(Line.settlement == number, Line.counted))
    await _count(work, found, await work.get(Member, found.member_id))
    return found


async def _count(work: Work, found: Settlement, member: Member) -> None:
    counts, debt = await month_counts(work.session, member.id, found.month)
    for kind, quantity in counts.items():
        each = rules.rate(kind, member)
        work.session.add(Line(
            settlement=found.number, kind=kind, counted=True, quantity=quantity, rate_fen=each,
            amount_fen=rules.worth(kind, quantity, each), by=work.actor.id, at=work.now,
            note=f"¥{yuan(debt)}" if kind is LineKind.debts and debt else "",
        ))
    await work.session.flush()


async def add_line(
    work: Work, *, number: str, kind: LineKind, quantity: int = 1, amount_fen: int = 0, note: str = ""
) -> Line:
    """What the member told us: loans there, lost items; or a correction of a closed month, with its amount."""
    work.actor.require(*DESK)
    errors = {}
    if kind not in rules.BY_HAND:
        errors["kind"] = N_("这一项由系统统计")
    if not 1 <= quantity <= 100_000:
        errors["quantity"] = N_("请填 1 以上的数量")
    if kind is LineKind.correction and (not amount_fen or not note.strip()):
        errors["note"] = N_("更正须写金额和被更正的结算单与理由")
    if errors:
        raise Invalid(errors)
    found = await _lock(work, number, SettlementState.draft)
    member = await work.get(Member, found.member_id)
    each = 0 if kind is LineKind.correction else rules.rate(kind, member)
    line = Line(
        settlement=number, kind=kind, counted=False, quantity=quantity, rate_fen=each,
        amount_fen=amount_fen if kind is LineKind.correction else rules.worth(kind, quantity, each),
        note=note.strip(), by=work.actor.id, at=work.now,
    )
    work.session.add(line)
    await work.session.flush()
    return line


async def check(work: Work, *, number: str) -> Settlement:
    """Another person has compared it with the records."""
    work.actor.require(*DESK)
    found = await work.lock(Settlement, Settlement.number == number, what=number)
    after = rules.move(found.state, "check")
    wrote = set(await work.session.scalars(select(Line.by).where(Line.settlement == number))) | {found.drafted_by}
    if work.actor.id in wrote:
        raise SamePerson
    found.state, found.checked_by = after, work.actor.id
    return found


async def send_back(work: Work, *, number: str) -> Settlement:
    """Something is wrong: a draft again."""
    work.actor.require(*DESK)
    found = await work.lock(Settlement, Settlement.number == number, what=number)
    found.state, found.checked_by = rules.move(found.state, "back"), ""
    return found


async def close(work: Work, *, number: str) -> Settlement:
    """Agreed with the member: final."""
    work.actor.require(*HEAD)
    found = await work.lock(Settlement, Settlement.number == number, what=number)
    found.state = rules.move(found.state, "close")
    found.closed_by, found.closed_at = work.actor.id, work.now
    member = await work.get(Member, found.member_id)
    owed = await work.session.scalar(select(func.sum(Line.amount_fen)).where(Line.settlement == number)) or 0
    work.emit(SettlementClosed(
        number=number, member=member.short, month=f"{found.month:%Y-%m}",
        amount_cents=int(owed),
    ))
    return found


async def _lock(work: Work, number: str, state: SettlementState) -> Settlement:
    found = await work.lock(Settlement, Settlement.number == number, what=number)
    if found.state is not state:
        raise rules.WrongState(state=found.state.text)
    return found
