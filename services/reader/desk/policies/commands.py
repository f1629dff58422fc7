"""Drafting, changing, putting in force and giving up versions of the rules."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from services.reader.desk import HEAD
from services.reader.desk.policies import rules
from services.reader.desk.policies.model import RuleRow, RuleSet, SetState
from services.reader.desk.policies.queries import book_on
from shared.events.reader import LoanRulesActivated
from shared.i18n import N_
from shared.refusals import Invalid, NotFound, Reason
from shared.work import Work


async def draft(work: Work, *, note: str = "") -> RuleSet:
    """A new draft that begins as a copy of what decides today."""
    work.actor.require(*HEAD)
    book = await book_on(work.session, work.today)
    made = RuleSet(
        number=await work.number(rules.NUMBERS), note=note.strip()[:200], drafted_by=work.actor.id,
        drafted_at=work.now, editors=[work.actor.id],
    )
    work.session.add(made)
    await work.session.flush()
    for row in book.rows:
        work.session.add(RuleRow(
            set_id=made.id, no=row.no, category=row.category, kind=row.kind, location=row.location,
            given=dict(row.given),
        ))
    await work.session.flush()
    return made


async def _open(work: Work, number: str) -> RuleSet:
    work.actor.require(*HEAD)
    found = await work.lock(RuleSet, RuleSet.number == number, what=number)
    rules.check_open(found)
    if work.actor.id not in found.editors:
        found.editors = [*found.editors, work.actor.id]
    return found


async def write_row(
    work: Work, *, number: str, no: int = 0, category: str, kind: str, location: str,
    given: dict[str, Any],
) -> RuleRow:
    """Add a rule to a draft (`no` 0), or change one; a scope occurs once in a version."""
    found = await _open(work, number)
    twin = await work.session.scalar(select(RuleRow.no).where(
        RuleRow.set_id == found.id, RuleRow.category == category, RuleRow.kind == kind,
        RuleRow.location == location, RuleRow.no != no,
    ))
    if twin is not None:
        raise Invalid({"category": N_("本版已有适用范围相同的规则")})
    if no:
        row = await work.session.scalar(
            select(RuleRow).where(RuleRow.set_id == found.id, RuleRow.no == no)
        )
        if row is None:
            raise NotFound(no)
    else:
        last = await work.session.scalar(select(func.max(RuleRow.no)).where(RuleRow.set_id == found.id))
        row = RuleRow(set_id=found.id, no=(last or 0) + 1)
        work.session.add(row)
    row.category, row.kind, row.location, row.given = category, kind, location, given
    await work.session.flush()
    return row


async def remove_row(work: Work, *, number: str, no: int) -> None:
    """Take a rule out of a draft."""
    found = await _open(work, number)
    gone = await work.session.scalar(
        delete(RuleRow).where(RuleRow.set_id == found.id, RuleRow.no == no).returning(RuleRow.no)
    )
    if gone is None:
        raise NotFound(no)
    work.note("delete", "rule_row", f"{number}/{no}")


async def activate(work: Work, *, number: str, on: date) -> RuleSet:
    """Put a draft in force from a day on; what it replaces today is retired at once."""
    work.actor.require(*HEAD)
    found = await work.lock(RuleSet, RuleSet.number == number, what=number)
    others = (await work.session.scalars(
        select(RuleSet).where(RuleSet.state == SetState.active).order_by(RuleSet.number).with_for_update()
    )).all()
    general = await work.session.scalar(select(RuleRow.id).where(
        RuleRow.set_id == found.id, RuleRow.category == rules.ANY, RuleRow.kind == rules.ANY,
        RuleRow.location == rules.ANY,
    ))
    replaced = [one for one in others if one.effective_from and one.effective_from <= on <= work.today]
    taken = any(one.effective_from == on for one in others if one not in replaced)
    for one in replaced:
        one.state, one.retired_at = SetState.retired, work.now
    await work.session.flush()  # the day is free before it is taken again
    rules.activate(
        found, on=on, today=work.today, by=work.actor.id, general=general is not None, taken=taken
    )
    found.activated_by, found.activated_at = work.actor.id, work.now
    try:
        await work.session.flush()
    except IntegrityError as error:  # the database has the last word on "one version a day"
        raise rules.RulesRefused([
            Reason("day-taken", N_("{day} 已有另一版本生效"), params={"day": on})
        ]) from error
    work.emit(LoanRulesActivated(number=found.number, effective_from=on, drafted_by=found.drafted_by))
    return found


async def retire(work: Work, *, number: str) -> RuleSet:
    """Give up a draft or a version whose day has not come."""
    work.actor.require(*HEAD)
    found = await work.lock(RuleSet, RuleSet.number == number, what=number)
    rules.retire(found, today=work.today)
    found.retired_at = work.now
    return found


async def retire_superseded(work: Work) -> int:
    """Close the versions that a newer one has replaced; run every night."""
    found = (await work.session.scalars(
        select(RuleSet)
        .where(RuleSet.state == SetState.active, RuleSet.effective_from <= work.today)
        .order_by(RuleSet.effective_from.desc()).offset(1).with_for_update()
    )).all()
    for one in found:
        one.state, one.retired_at = SetState.retired, work.now
    return len(found)
