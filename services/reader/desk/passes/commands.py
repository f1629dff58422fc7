"""Taking up lists of results, letting single patrons pass, taking a pass back, setting the mark."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, BinaryIO

from sqlalchemy import func, insert, select, update

from services.reader.desk import DESK, HEAD
from services.reader.desk.campus.reading import digest, table
from services.reader.desk.campus.taking import known
from services.reader.desk.passes import rules
from services.reader.desk.passes.model import (
    Fate,
    OrientationPass,
    PassList,
    PassMark,
    PassRow,
    Way,
)
from services.reader.desk.passes.queries import mark_now
from services.reader.desk.patrons.model import Patron
from services.reader.desk.patrons.queries import lock_patron
from shared.database import uuid7
from shared.events.reader import OrientationPassed, OrientationWithdrawn
from shared.i18n import N_
from shared.refusals import Invalid
from shared.states import step
from shared.work import Work


async def look(work: Work, source: BinaryIO, *, name: str) -> PassList:
    """Keep the rows of a list with what would become of each; nobody is let in yet."""
    work.actor.require(*HEAD)
    lines = await asyncio.to_thread(_read, source, name, work.today)
    mark = await mark_now(work.session)
    found = PassList(
        number=await work.number(rules.NUMBERS), file_name=name[:200], mark=mark, rows=len(lines), created_by=work.actor.id,
        digest=await asyncio.to_thread(digest, source), created_at=work.now, correlation=work.correlation,
    )
    people = await known(work, [line.card for line in lines])
    values = _foreseen(found, lines, people)
    found.counts = _counts(values)
    work.session.add(found)
    await work.session.flush()
    for n in range(0, len(values), 2000):
        await work.session.execute(insert(PassRow), values[n:n + 2000])
    return found


def _read(source: BinaryIO, name: str, today: date) -> list[rules.Result]:
    return [
        rules.result(number, texts, today)
        for number, texts in table(source, name, rules.HEADS, rules.NEEDED, most=rules.MOST_ROWS)
    ]


def _foreseen(found: PassList, lines: Sequence[rules.Result], people: dict[str, Any]) -> list[dict[str, Any]]:
    passing: dict[str, int] = {}
    values = []
    for line in lines:
        patron = people.get(line.card)
        fate = rules.fate(line, patron, mark=found.mark, passed_before=passing.get(line.card))
        if fate in {Fate.passes, Fate.already}:
            passing.setdefault(line.card, line.line)
        values.append({
            "list_id": found.id, "line": line.line, "card": line.card,
            "name": line.name or (patron.name if patron is not None else ""), "passed_on": line.passed_on,
            "score": line.score, "fate": fate, "note": line.note, "params": line.params,
        })
    return values


def _counts(values: Iterable[dict[str, Any]]) -> dict[str, int]:
    return dict(Counter(str(one["fate"].value) for one in values))


async def apply(work: Work, *, number: str) -> PassList:
    """Open borrowing for everybody the list lets in, today; who passed meanwhile or left is passed over."""
    work.actor.require(*HEAD)
    found = await work.lock(PassList, PassList.number == number, what=number)
    found.state = step(rules.LIFE, found.state, "apply")
    found.finished_by, found.finished_at = work.actor.id, work.now
    work.follow(found.correlation)
    rows = (await work.session.scalars(
        select(PassRow).where(PassRow.list_id == found.id, PassRow.fate == Fate.passes).order_by(PassRow.id)
    )).all()
    patrons = await _lock(work, [row.card for row in rows])
    changed = []
    for row in rows:
        # The name was compared at the look.
        line = rules.Result(row.line, row.card, "", row.passed_on, row.score)
        patron = patrons.get(row.card)
        fate = rules.fate(line, patron, mark=found.mark, passed_before=None)
        if fate is Fate.passes and patron is not None:
            record(
                work, patron, way=Way.list, passed_on=row.passed_on or work.today, score=row.score, list_number=number
            )
        else:
            changed.append({"id": row.id, "fate": fate, "note": line.note, "params": line.params})
    if changed:
        await work.session.execute(update(PassRow), changed)
    await work.session.flush()
    counted = await work.session.execute(
        select(PassRow.fate, func.count()).where(PassRow.list_id == found.id).group_by(PassRow.fate)
    )
    found.counts = {fate.value: n for fate, n in counted}
    return found


async def drop(work: Work, *, number: str) -> PassList:
    """Put the list away; nobody was let in by it."""
    work.actor.require(*HEAD)
    found = await work.lock(PassList, PassList.number == number, what=number)
    found.state = step(rules.LIFE, found.state, "drop")
    found.finished_by, found.finished_at = work.actor.id, work.now
    return found


async def _lock(work: Work, cards: Sequence[str]) -> dict[str, Patron]:
    rows = await work.session.scalars(
        select(Patron).where(Patron.card == func.any(list(cards))).order_by(Patron.id)
        .with_for_update(key_share=True).execution_options(populate_existing=True)
    )
    return {patron.card: patron for patron in rows}


def record(
    work: Work, patron: Patron, *, way: Way, passed_on: date, score: float | None = None, list_number: str = "",
    reason: str = "",
) -> OrientationPass:
    """A pass of a patron the caller has locked: borrowing is open from now on. For lists, the desk and the exam."""
    made = OrientationPass(
        id=uuid7(), patron_id=patron.id, way=way, passed_on=passed_on, score=score, list_number=list_number,
        reason=reason, by=work.actor.id, at=work.now,
    )
    work.session.add(made)
    patron.oriented = True
    work.emit(OrientationPassed(card=patron.card))
    return made


async def grant(work: Work, *, card: str, reason: str, passed_on: date | None = None, score: float | None = None) -> Patron:
    """The desk lets one patron pass, and says why."""
    work.actor.require(*DESK)
    reason = _reason(reason)
    if passed_on and passed_on > work.today:
        raise Invalid({"passed_on": N_("日期还没到")})
    patron = await lock_patron(work.session, card)
    if patron.oriented:
        raise rules.PassedAlready
    record(work, patron, way=Way.desk, passed_on=passed_on or work.today, score=score, reason=reason)
    return patron


async def grant_many(work: Work, *, cards: Sequence[str], reason: str) -> int:
    """A class that was shown around, say; who has passed meanwhile is passed over."""
    work.actor.require(*HEAD)
    reason = _reason(reason)
    if not cards:
        raise Invalid({"card": N_("请先勾选读者")})
    if len(cards) > rules.MOST_AT_ONCE:
        raise Invalid({"card": N_("一次最多 500 人")})
    done = 0
    for patron in (await _lock(work, cards)).values():
        if not patron.oriented:
            record(work, patron, way=Way.desk, passed_on=work.today, reason=reason)
            done += 1
    return done


async def withdraw(work: Work, *, card: str, reason: str) -> Patron:
    """The pass was a mistake: nothing more is lent until it is passed again; what is out stays out."""
    work.actor.require(*HEAD)
    reason = _reason(reason)
    patron = await lock_patron(work.session, card)
    if not patron.oriented:
        raise rules.NothingToWithdraw
    patron.oriented = False
    held = await work.session.scalar(
        select(OrientationPass)
        .where(OrientationPass.patron_id == patron.id, OrientationPass.withdrawn_at.is_(None)).with_for_update()
    )
    if held is None:  # passed before passes were written down one by one
        held = OrientationPass(
            id=uuid7(), patron_id=patron.id, way=Way.desk, passed_on=work.today, by=work.actor.id, at=work.now
        )
        work.session.add(held)
    held.withdrawn_by, held.withdrawn_at, held.withdrawn_why = work.actor.id, work.now, reason
    work.emit(OrientationWithdrawn(card=patron.card))
    return patron


async def set_mark(work: Work, *, mark: int) -> PassMark:
    """The mark lists are measured by from now on; what was handed in before keeps its own."""
    work.actor.require(*HEAD)
    if not 1 <= mark <= rules.HIGHEST:
        raise Invalid({"mark": N_("分数线在 1–100 之间")})
    made = PassMark(id=uuid7(), mark=mark, by=work.actor.id, at=work.now)
    work.session.add(made)
    return made


def _reason(text: str) -> str:
    if len(text.strip()) < rules.LEAST_REASON:
        raise Invalid({"reason": N_("请写明原因")})
    return text.strip()[:200]
