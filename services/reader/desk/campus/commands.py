"""Looking at a file, applying it, taking its rows up."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from services.reader.desk import HEAD
from services.reader.desk.campus import reading, rules
from services.reader.desk.campus.model import CardFile, CardRow, Fate, FileState
from services.reader.desk.clearance import commands as clearance
from services.reader.desk.clearance.model import LeavingKind
from services.reader.desk.patrons import commands as patrons
from services.reader.desk.patrons import rules as patron_rules
from services.reader.desk.patrons.model import CardNumber, CardState, Category, Patron, Source
from shared.database import uuid7
from shared.events.reader import CardFileApplied, PatronChanged, PatronRegistered
from shared.i18n import N_
from shared.refusals import Refusal
from shared.search import initials
from shared.states import step
from shared.work import Work

TAKEN = N_("证号或物理卡号已属于他人")
FAILED = N_("数据库未能收下这一行")


async def look(work: Work, data: bytes, *, name: str, full: bool = False) -> CardFile:
    """Keep the rows of a file with what would become of each; nothing of a patron is touched.

    `full` says that the file lists everybody: campus patrons it does not name are leaving.
    """
    work.actor.require(*HEAD)
    read = await asyncio.to_thread(reading.read, data, name)
    file = CardFile(
        id=uuid7(), number=await work.number(rules.NUMBERS), file_name=name[:200], digest=hashlib.sha256(data).hexdigest(),
        full=full, rows=len(read), created_by=work.actor.id, posts=" ".join(work.actor.posts),
        created_at=work.now, correlation=work.correlation,
    )
    known = await _known(work, [row.card for row in read])
    taken = await _owners(work, [row.data["chip"] for row in read if "chip" in row.data])
    values = [_foreseen(file, row, known.get(row.card), taken) for row in read]
    if full:
        values += await _absent(work, file, {row.card for row in read})
    file.counts = dict(Counter(str(one["fate"].value) for one in values))
    work.session.add(file)
    await work.session.flush()
    for n in range(0, len(values), 5000):
        await work.session.execute(insert(CardRow), values[n:n + 5000])
    return file


def _foreseen(file: CardFile, row: reading.Read, patron: Patron | None, taken: dict[str, Any]) -> dict[str, Any]:
    note, params = row.note, row.params
    fate = Fate.refused
    if not note:
        owner = taken.get(row.data.get("chip", ""))
        if owner is not None and (patron is None or owner != patron.id):
            note = TAKEN
        elif patron is not None and patron.card != row.card:
            note, params = N_("该证已换为 {card}"), {"card": patron.card}
        else:
            fate = rules.fate(row.data, patron)
    return {
        "file_id": file.id, "line": row.line, "card": row.card, "fate": fate, "data": row.data,
        "note": note, "params": params, "taken_up": False,
    }


async def _known(work: Work, cards: Sequence[str]) -> dict[str, Patron]:
    """Patrons by any number they ever had."""
    rows = await work.session.execute(
        select(CardNumber.number, Patron).join(Patron, Patron.id == CardNumber.patron_id)
        .where(CardNumber.number == func.any(list(cards)))
    )
    return dict(rows.all())


async def _owners(work: Work, chips: Sequence[str]) -> dict[str, Any]:
    rows = await work.session.execute(
        select(CardNumber.number, CardNumber.patron_id).where(CardNumber.number == func.any(list(chips)))
    )
    return dict(rows.all())


async def _absent(work: Work, file: CardFile, named: set[str]) -> list[dict[str, Any]]:
    rows = await work.session.execute(
        select(Patron.card, Patron.name).where(Patron.source == Source.campus, Patron.state != CardState.closed)
    )
    campus = rows.all()
    return [
        {
            "file_id": file.id, "line": 0, "card": row.card, "fate": Fate.leave, "note": N_("全量名单中没有此人"),
            "data": {"name": row.name, "status": "left"}, "params": {"of": len(campus)}, "taken_up": False,
        }
        for row in campus if row.card not in named
    ]


async def apply(work: Work, *, number: str) -> CardFile:
    """Let the job begin."""
    work.actor.require(*HEAD)
    file = await work.lock(CardFile, CardFile.number == number, what=number)
    if file.full:
        absent = await work.session.execute(
            select(func.count(), func.max(CardRow.params["of"].as_integer()))
            .where(CardRow.file_id == file.id, CardRow.line == 0)
        )
        n, of = absent.one()
        if n and n > of * rules.MOST_LEAVING:
            raise rules.TooManyLeave(n=n)
    file.state = step(rules.LIFE, file.state, "apply")
    file.started_at = work.now
    return file


async def drop(work: Work, *, number: str) -> CardFile:
    """Put the file away without touching anybody."""
    work.actor.require(*HEAD)
    file = await work.lock(CardFile, CardFile.number == number, what=number)
    file.state = step(rules.LIFE, file.state, "drop")
    file.finished_at = work.now
    return file


async def take_batch(work: Work, file: CardFile, *, size: int = rules.BATCH) -> bool:
    """The next rows of a file the caller has locked; False when it is through.

    What the file says is compared with the patron as they are now, under lock: what others changed
    since the look, or an earlier run has done, is seen.
    """
    rows = (await work.session.scalars(
        select(CardRow).where(CardRow.file_id == file.id, CardRow.id > file.position).order_by(CardRow.id).limit(size)
    )).all()
    if not rows:
        await _finish(work, file)
        return False
    await work.session.execute(
        select(Patron.id).where(Patron.card.in_([r.card for r in rows])).order_by(Patron.id).with_for_update(key_share=True)
    )
    found = await work.session.scalars(
        select(Patron).where(Patron.card.in_([r.card for r in rows])).execution_options(populate_existing=True)
    )
    known = {patron.card: patron for patron in found}
    for row in rows:
        await _take(work, row, known.get(row.card))
    file.position = rows[-1].id
    return True


async def _take(work: Work, row: CardRow, patron: Patron | None) -> None:
    if row.fate is Fate.refused:
        return
    events, trail = len(work.events), len(work.audit_rows)
    try:
        row.fate, row.note, row.params = rules.fate(row.data, patron), "", {}
        if row.fate is not Fate.same:
            async with work.session.begin_nested():
                await _do(work, row, patron)
                await work.session.flush()
    except (DBAPIError, Refusal) as error:
        del work.events[events:], work.audit_rows[trail:]
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise
        row.fate = Fate.refused
        row.note = TAKEN if isinstance(error, IntegrityError | patron_rules.CardTaken) else FAILED
    row.taken_up = True


async def _do(work: Work, row: CardRow, patron: Patron | None) -> None:
    if patron is None:
        values = rules.wanted(row.data)
        patron = Patron(
            card=row.card, initials=initials(values["name"]), registered_at=work.now,
            oriented=Category(row.data["category"]) not in patron_rules.NEED_ORIENTATION, **values,
        )
        work.session.add(patron)
        work.emit(PatronRegistered(card=row.card, category=patron.category.value))
        if row.data["status"] == "lost":
            patrons.tell(work, patron, patron_rules.change_state(patron, "report_loss", reason=""), "report_loss")
    elif row.fate is Fate.leave:
        await clearance.open_case(work, card=patron.card, leaving_on=work.today, kind=LeavingKind.other)
    else:
        for key, value in rules.wanted(row.data).items():
            setattr(patron, key, value)
        patron.initials = initials(patron.name)
        if row.fate is Fate.loss:
            patrons.tell(work, patron, patron_rules.change_state(patron, "report_loss", reason=""), "report_loss")
        work.emit(PatronChanged(card=patron.card, category=patron.category.value))


async def _finish(work: Work, file: CardFile) -> None:
    counted = await work.session.execute(
        select(CardRow.fate, func.count()).where(CardRow.file_id == file.id).group_by(CardRow.fate)
    )
    file.counts = {fate.value: n for fate, n in counted}
    file.state, file.finished_at = step(rules.LIFE, FileState(file.state), "finish"), work.now
    work.emit(CardFileApplied(
        number=file.number, **{f.value if f is not Fate.insert else "inserted": file.counts.get(f.value, 0) for f in Fate}
    ), correlation=file.correlation)
