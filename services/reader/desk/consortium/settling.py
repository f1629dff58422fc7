"""The monthly settlement: counted, completed by hand, checked by another, closed for ever."""

from __future__ import annotations

from datetime import date

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from services.reader.desk import DESK, HEAD
from services.reader.desk.consortium import months, rules
from services.reader.desk.consortium.counting import month_rows, settlement_with_lines
from services.reader.desk.consortium.model import (
    Line,
    LineKind,
    Member,
    Settlement,
    SettlementState,
)
from services.reader.desk.consortium.queries import member_by_code, members
from services.reader.desk.patrons.rules import yuan
from shared.events.reader import SettlementClosed
from shared.i18n import N_, _
from shared.refusals import Invalid, SamePerson
from shared.work import Work


async def draft(work: Work, *, member: str, month: date) -> Settlement:
    """Begin the settlement of a month that is over."""
    work.actor.require(*DESK)
    month = month.replace(day=1)
    if months.next_month(month) > work.today:
        raise months.MonthNotOver(month=f"{month:%Y-%m}")
    home = await member_by_code(work.session, member)
    made = Settlement(
        number=await work.number(rules.SETTLEMENTS), member_id=home.id, month=month, drafted_by=work.actor.id
    )
    work.session.add(made)
    try:
        await work.session.flush()
    except IntegrityError as error:
        raise months.MonthExists from error
    await _count(work, made, home)
    return made


async def draft_all(work: Work, *, month: date) -> list[Settlement]:
    """The month with every active member that has none yet; the same month again changes nothing."""
    work.actor.require(*DESK)
    month = month.replace(day=1)
    known = set(await work.session.scalars(select(Settlement.member_id).where(Settlement.month == month)))
    wanted = [m for m in await members(work.session) if m.active and m.id not in known]
    if not wanted and months.next_month(month) > work.today:
        raise months.MonthNotOver(month=f"{month:%Y-%m}")
    return [await draft(work, member=one.code, month=month) for one in wanted]


async def recount(work: Work, *, number: str) -> Settlement:
    """Count a draft again; lines by hand stay."""
    work.actor.require(*DESK)
    found = await _lock(work, number, SettlementState.draft)
    await work.session.execute(delete(Line).where(Line.settlement == number, Line.counted))
    await _count(work, found, await work.get(Member, found.member_id))
    return found


async def _count(work: Work, found: Settlement, member: Member) -> None:
    for kind, rows in (await month_rows(work.session, member.id, found.month)).items():
        each = months.rate(kind, member)
        owed = sum(row.get("fen", 0) for row in rows)
        work.session.add(Line(
            settlement=found.number, kind=kind, counted=True, quantity=len(rows), rate_fen=each, rows=rows,
            amount_fen=months.worth(kind, len(rows), each), by=work.actor.id, at=work.now,
            note=f"¥{yuan(owed)}" if owed else "",
        ))
    await work.session.flush()


async def add_line(work: Work, *, number: str, kind: LineKind, quantity: int = 1, note: str = "") -> Line:
    """What the member told us: loans there, lost items; the agreed rate makes the money."""
    work.actor.require(*DESK)
    errors = {}
    if kind not in months.BY_HAND:
        errors["kind"] = N_("更正请从被更正的结算单办理") if kind is LineKind.correction else N_("这一项由系统统计")
    if not 1 <= quantity <= 100_000:
        errors["quantity"] = N_("请填 1 以上的数量")
    if errors:
        raise Invalid(errors)
    found = await _lock(work, number, SettlementState.draft)
    member = await work.get(Member, found.member_id)
    each = months.rate(kind, member)
    line = Line(
        settlement=number, kind=kind, counted=False, quantity=quantity, rate_fen=each,
        amount_fen=months.worth(kind, quantity, each), note=note.strip(), by=work.actor.id, at=work.now,
    )
    work.session.add(line)
    await work.session.flush()
    return line


async def drop_line(work: Work, *, number: str, line_id: object) -> None:
    """A line by hand was wrong and nothing is closed yet."""
    work.actor.require(*DESK)
    await _lock(work, number, SettlementState.draft)
    line = await work.lock(Line, Line.id == line_id, Line.settlement == number, ~Line.counted, what=str(line_id))
    await work.session.delete(line)
    await work.session.flush()


async def correct(work: Work, *, number: str, amount_fen: int, note: str) -> Line:
    """A closed month stays as it is; what was wrong in it is a line of the member's first later draft."""
    work.actor.require(*DESK)
    errors = {}
    if not amount_fen:
        errors["yuan"] = N_("请填更正金额，应付对方的写负数")
    if len(note.strip()) < 2:
        errors["note"] = N_("请写明更正的理由")
    if errors:
        raise Invalid(errors)
    wrong = await _lock(work, number, SettlementState.closed)
    later = await work.session.scalar(
        select(Settlement).where(
            Settlement.member_id == wrong.member_id, Settlement.month > wrong.month,
            Settlement.state == SettlementState.draft,
        ).order_by(Settlement.month).limit(1).with_for_update()
    )
    if later is None:
        raise months.NoDraft
    line = Line(
        settlement=later.number, kind=LineKind.correction, counted=False, quantity=1, amount_fen=amount_fen,
        corrects=number, note=note.strip(), by=work.actor.id, at=work.now,
    )
    work.session.add(line)
    await work.session.flush()
    return line


async def check(work: Work, *, number: str) -> Settlement:
    """Another person has compared it with the records, which must still say the same."""
    work.actor.require(*DESK)
    found = await _lock(work, number)
    after = months.move(found.state, "check")
    wrote = set(await work.session.scalars(select(Line.by).where(Line.settlement == number))) | {found.drafted_by}
    if work.actor.id in wrote:
        raise SamePerson
    await _still_so(work, found)
    found.state, found.checked_by = after, work.actor.id
    return found


async def send_back(work: Work, *, number: str) -> Settlement:
    """Something is wrong: a draft again."""
    work.actor.require(*DESK)
    found = await _lock(work, number)
    found.state, found.checked_by = months.move(found.state, "back"), ""
    return found


async def close(work: Work, *, number: str) -> Settlement:
    """Agreed with the member: final. The member's row is held, so that nothing is counted into the month meanwhile."""
    work.actor.require(*HEAD)
    mine = select(Settlement.member_id).where(Settlement.number == number).scalar_subquery()
    member = await work.lock(Member, Member.id == mine, what=number)
    found = await _lock(work, number)
    after = months.move(found.state, "close")
    await _still_so(work, found)
    found.state, found.closed_by, found.closed_at = after, work.actor.id, work.now
    owed = await work.session.scalar(select(func.sum(Line.amount_fen)).where(Line.settlement == number)) or 0
    work.emit(SettlementClosed(
        number=number, member=member.short, month=f"{found.month:%Y-%m}",
        amount_cents=int(owed),
    ))
    return found


async def _still_so(work: Work, found: Settlement) -> None:
    """Refuse when the records have changed since the count."""
    _one, _member, lines = await settlement_with_lines(work.session, found.number)
    now = await month_rows(work.session, found.member_id, found.month)
    moved = [
        line.kind for line in lines
        if line.counted and line.kind not in months.AS_OF_THE_COUNT and line.rows != now[line.kind]
    ]
    if moved:
        raise months.Moved(kinds="、".join(_(kind.label) for kind in moved))


async def _lock(work: Work, number: str, state: SettlementState | None = None) -> Settlement:
    found = await work.lock(Settlement, Settlement.number == number, what=number)
    if state is not None and found.state is not state:
        raise rules.WrongState(state=found.state.text)
    return found
