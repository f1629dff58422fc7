"""Taking up a member's file: tried row by row and rolled back, then done row by row and kept.

A dry run does exactly what the real run does, so it foresees everything: a barcode of somebody else, a book
that came twice, a card another library has issued. What is recorded already is left alone, so the same file
again changes nothing.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import insert, select

from services.reader.desk import DESK, HEAD
from services.reader.desk.attempts import attempt
from services.reader.desk.consortium import commands, holding, reading, rules
from services.reader.desk.consortium.lists import Fate, Subject, UnionFile, UnionRow
from services.reader.desk.consortium.model import BoxItem, Member, ReturnThere, UnionCard
from services.reader.desk.consortium.queries import box_item_of, member_by_code
from services.reader.desk.patrons import commands as patrons
from services.reader.desk.patrons.model import CardState, Category
from services.reader.desk.patrons.queries import lock_patron, patron_ever
from services.reader.desk.patrons.rules import CardTaken
from shared.database import uuid7
from shared.events.reader import UnionCardIssued, UnionFileApplied
from shared.refusals import Refusal
from shared.states import step
from shared.work import Work

Outcome = tuple[Fate, list[dict[str, Any]]]


class _TriedOut(Exception):
    """Ends a dry run: everything it did is taken back."""


async def look(work: Work, data: bytes, *, name: str, member: str, subject: Subject) -> UnionFile:
    """Keep the rows of a file with what would become of each; nothing else is touched."""
    _require(work, subject)
    home = await member_by_code(work.session, member)
    member_id, code = home.id, home.code
    rows = await asyncio.to_thread(reading.read, data, name, subject)
    outcomes: list[Outcome] = []
    events, trail, later = len(work.events), len(work.audit_rows), len(work.after_commit)
    try:
        async with work.session.begin_nested():
            outcomes = [await _try(work, code, subject, row.data, row.wrong) for row in rows]
            raise _TriedOut
    except _TriedOut:
        del work.events[events:], work.audit_rows[trail:], work.after_commit[later:]
    file = UnionFile(
        id=uuid7(), number=await work.number(rules.FILES), member_id=member_id, subject=subject, file_name=name[:200],
        counts=_counts(outcomes), created_by=work.actor.id, created_at=work.now,
    )
    work.session.add(file)
    await work.session.flush()
    await work.session.execute(insert(UnionRow), [
        {"file_id": file.id, "line": row.line, "ref": row.ref, "data": row.data, "fate": fate, "notes": notes}
        for row, (fate, notes) in zip(rows, outcomes, strict=True)
    ])
    return file


async def apply(work: Work, *, number: str) -> UnionFile:
    """Do what the file says, all rows that can be done; each answers for itself."""
    file = await work.lock(UnionFile, UnionFile.number == number, what=number)
    _require(work, file.subject)
    file.state = step(rules.FILE_LIFE, file.state, "apply")
    home = await work.get(Member, file.member_id)
    outcomes = []
    for row in (await work.session.scalars(select(UnionRow).where(UnionRow.file_id == file.id).order_by(UnionRow.line))).all():
        if not row.data.get("wrong"):
            row.fate, row.notes = await _try(work, home.code, file.subject, row.data, [])
        outcomes.append((row.fate, row.notes))
    file.counts, file.finished_by, file.finished_at = _counts(outcomes), work.actor.id, work.now
    work.emit(UnionFileApplied(
        number=number, member=home.short, subject_kind=file.subject.value,
        **{fate.value: file.counts.get(fate.value, 0) for fate in Fate},
    ))
    return file


async def drop(work: Work, *, number: str) -> UnionFile:
    """Put the file away; nothing was touched."""
    work.actor.require(*DESK)
    file = await work.lock(UnionFile, UnionFile.number == number, what=number)
    file.state = step(rules.FILE_LIFE, file.state, "drop")
    file.finished_by, file.finished_at = work.actor.id, work.now
    return file


def _require(work: Work, subject: Subject) -> None:
    """Cards bring people in whose deposit somebody else holds: a head decides."""
    work.actor.require(*(HEAD if subject is Subject.cards else DESK))


def _counts(outcomes: list[Outcome]) -> dict[str, Any]:
    return dict(Counter(fate.value for fate, _notes in outcomes))


async def _try(work: Work, member: str, subject: Subject, data: dict[str, Any], wrong: list[Any]) -> Outcome:
    if wrong:
        data["wrong"] = True
        return Fate.refused, [rules.kept(reason) for reason in wrong]
    try:
        async with attempt(work):
            done = await DO[subject](work, member, data)
    except Refusal as refusal:
        return Fate.refused, [rules.kept(reason) for reason in refusal.reasons]
    return (Fate.new if done else Fate.same), []


async def _foreign(work: Work, member: str, data: Mapping[str, Any]) -> bool:
    on = date.fromisoformat(data["on"])
    if await box_item_of(work.session, member, data["barcode"], on) is not None:
        return False
    _box, _member, again = await commands.receive_foreign(work, barcode=data["barcode"], on=on, of=member)
    return not again


async def _home(work: Work, member: str, data: Mapping[str, Any]) -> bool:
    on = date.fromisoformat(data["on"])
    known = await work.session.scalar(select(ReturnThere.id).join(Member, Member.id == ReturnThere.member_id).where(
        Member.code == member, ReturnThere.barcode == data["barcode"], ReturnThere.returned_on == on, ~ReturnThere.undone,
    ))
    if known is None:
        await commands.come_home(work, member=member, barcode=data["barcode"], returned_on=on)
    return known is None


async def _arrival(work: Work, member: str, data: Mapping[str, Any]) -> bool:
    home = await member_by_code(work.session, member)
    await work.lock(Member, Member.id == home.id)
    if await holding.arrive(work, home, data["barcode"]) is not None:
        return True
    arrived = await work.session.scalar(
        select(BoxItem.id).where(BoxItem.barcode == data["barcode"], BoxItem.transit != "", BoxItem.home).limit(1)
    )
    if arrived is None:
        raise rules.NotOnTheWay(barcode=data["barcode"])
    return False


async def _loan(work: Work, member: str, data: Mapping[str, Any]) -> bool:
    on = date.fromisoformat(data["on"])
    return await holding.lent_there(work, member=member, card=data["card"], barcode=data["barcode"], on=on) is not None


async def _card(work: Work, member: str, data: Mapping[str, Any]) -> bool:
    """A card the member issued: its reader may borrow here; loss and closing follow the member's list."""
    home = await member_by_code(work.session, member)
    valid_to = date.fromisoformat(data["valid_to"]) if data.get("valid_to") else None
    patron = await patron_ever(work.session, data["card"])
    if patron is None:
        if data["status"] == "left":
            return False
        patron = await patrons.register(
            work, card=data["card"], name=data["name"], category=Category.union, college=home.name, valid_to=valid_to
        )
        work.session.add(UnionCard(
            patron_id=patron.id, member_id=home.id, ours=False, issued_by=work.actor.id, issued_at=work.now
        ))
        await work.session.flush()
        work.emit(UnionCardIssued(card=patron.card, member=home.short, receipt="", deposit_cents=0))
        if data["status"] == "lost":
            await patrons.change_card(work, card=patron.card, action="report_loss")
        return True
    union = await work.session.scalar(select(UnionCard).where(UnionCard.patron_id == patron.id))
    if union is None or union.ours or union.member_id != home.id:
        raise CardTaken(card=data["card"])
    return await _follow(work, patron.card, data, valid_to)


async def _follow(work: Work, card: str, data: Mapping[str, Any], valid_to: date | None) -> bool:
    patron = await lock_patron(work.session, card)
    changed = False
    if patron.name != data["name"] or (valid_to is not None and patron.valid_to != valid_to):
        await patrons.amend(work, card=card, name=data["name"], valid_to=valid_to or patron.valid_to)
        changed = True
    if data["status"] == "lost" and patron.state in {CardState.active, CardState.suspended}:
        await patrons.change_card(work, card=card, action="report_loss")
        changed = True
    elif data["status"] == "left" and patron.state is not CardState.closed:
        await patrons.change_card(work, card=card, action="close")
        changed = True
    return changed


DO: Mapping[Subject, Callable[[Work, str, Mapping[str, Any]], Awaitable[bool]]] = {
    Subject.foreign: _foreign, Subject.home: _home, Subject.arrivals: _arrival, Subject.loans: _loan, Subject.cards: _card,
}
