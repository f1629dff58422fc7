"""The job's side of a file: a batch of rows is taken up in statements of a fixed number.

What the file says is compared with the patrons as they are now: what others changed since the look, or an
earlier run has done, is seen. Whoever needs no change is not locked. Only when the database refuses the
batch as a whole are its rows tried one by one, so that one bad row costs no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from services.reader.desk.campus import rules
from services.reader.desk.campus.model import CardFile, CardRow, Fate, FileState
from services.reader.desk.clearance import commands as clearance
from services.reader.desk.clearance.model import LeavingKind
from services.reader.desk.patrons import commands as patrons
from services.reader.desk.patrons import rules as patron_rules
from services.reader.desk.patrons.model import CardNumber, Category, Patron
from shared.events.reader import CardFileApplied, PatronChanged, PatronRegistered
from shared.i18n import N_
from shared.refusals import Refusal
from shared.search import initials
from shared.states import step
from shared.work import Work

TAKEN = N_("证号或物理卡号已属于他人")
FAILED = N_("数据库未能收下这一行")
# All a row can speak of, and by which number the patron was found: enough to say what would become of it.
AS_THEY_ARE = (
    Patron.id, Patron.card, Patron.name, Patron.category, Patron.college, Patron.class_name, Patron.valid_to, Patron.chip,
    Patron.email, Patron.phone, Patron.state, Patron.source, Patron.oriented,
)


async def known(work: Work, cards: Sequence[str]) -> dict[str, Any]:
    """Patrons by any number they ever had, as they are now: rows of `AS_THEY_ARE`."""
    found = await work.session.execute(
        select(CardNumber.number, *AS_THEY_ARE).join(Patron, Patron.id == CardNumber.patron_id)
        .where(CardNumber.number == func.any(list(cards)))
    )
    return {row.number: row for row in found}


async def owners(work: Work, chips: Sequence[str]) -> dict[str, Any]:
    """Whose these numbers are."""
    found = await work.session.execute(
        select(CardNumber.number, CardNumber.patron_id).where(CardNumber.number == func.any(list(chips)))
    )
    return dict(found.all())


async def take_batch(work: Work, file: CardFile, *, size: int = rules.BATCH) -> bool:
    """The next rows of a file the caller has locked; False when it is through."""
    rows = (await work.session.execute(
        select(CardRow.id, CardRow.card, CardRow.fate, CardRow.data)
        .where(CardRow.file_id == file.id, CardRow.id > file.position).order_by(CardRow.id).limit(size)
    )).all()
    if not rows:
        await _finish(work, file)
        return False
    rows = _short(rows)
    wanted = [row for row in rows if row.fate is not Fate.refused]
    now = await known(work, [row.card for row in wanted])
    became: dict[int, tuple[Fate, str]] = {row.id: (Fate.same, "") for row in wanted}
    await _take_all(work, [row for row in wanted if _moves(row, now.get(row.card))], became)
    # Most rows became what was foreseen: only the others are written again.
    changed = [
        {"id": row.id, "fate": became[row.id][0], "note": became[row.id][1], "params": {}}
        for row in wanted if became[row.id] != (row.fate, "")
    ]
    if changed:
        await work.session.execute(update(CardRow), changed)
    file.position = rows[-1].id
    return True


def _short(rows: Sequence[Any]) -> Sequence[Any]:
    leavers = 0
    for place, row in enumerate(rows):
        leavers += row.fate is Fate.leave
        if leavers >= rules.LEAVERS:
            return rows[:place + 1]
    return rows


def _moves(row: Any, patron: Any) -> bool:
    if patron is not None and patron.card != row.card:
        return True  # the number was replaced since the look: settled under lock, and refused there
    return rules.fate(row.data, patron) is not Fate.same


async def _take_all(work: Work, rows: Sequence[Any], became: dict[int, tuple[Fate, str]]) -> None:
    if not rows:
        return
    locked = await _lock(work, [row.card for row in rows])
    taken = await owners(work, [n for row in rows for n in (row.card, row.data.get("chip")) if n])
    events, trail = len(work.events), len(work.audit_rows)
    try:
        async with work.session.begin_nested():
            for row in rows:
                became[row.id] = await _take(work, row, locked.get(row.card), taken)
            await work.session.flush()
    except (DBAPIError, Refusal) as error:
        _pass_on(error)
        del work.events[events:], work.audit_rows[trail:]
        locked = await _lock(work, [row.card for row in rows])
        for row in rows:
            became[row.id] = await _alone(work, row, locked.get(row.card), taken)


async def _alone(work: Work, row: Any, patron: Patron | None, taken: dict[str, Any]) -> tuple[Fate, str]:
    events, trail = len(work.events), len(work.audit_rows)
    try:
        async with work.session.begin_nested():
            done = await _take(work, row, patron, taken)
            await work.session.flush()
        return done
    except (DBAPIError, Refusal) as error:
        _pass_on(error)
        del work.events[events:], work.audit_rows[trail:]
        return Fate.refused, TAKEN if isinstance(error, IntegrityError | patron_rules.CardTaken) else FAILED


def _pass_on(error: Exception) -> None:
    """A lost connection, a deadlock or a full disk is nobody's row: the batch is rolled back and comes again."""
    if isinstance(error, DBAPIError) and (
        error.connection_invalidated or getattr(error.orig, "sqlstate", "")[:2] in {"40", "53", "55", "57"}
    ):
        raise error


async def _lock(work: Work, cards: Sequence[str]) -> dict[str, Patron]:
    found = await work.session.scalars(
        select(Patron).where(Patron.card == func.any(list(cards))).order_by(Patron.id)
        .with_for_update(key_share=True).execution_options(populate_existing=True)
    )
    return {patron.card: patron for patron in found}


async def _take(work: Work, row: Any, patron: Patron | None, taken: dict[str, Any]) -> tuple[Fate, str]:
    numbers = [n for n in (row.card, row.data.get("chip")) if n]
    if any(n in taken and (patron is None or taken[n] != patron.id) for n in numbers):
        return Fate.refused, TAKEN
    fate = rules.fate(row.data, patron)
    if fate is not Fate.same:
        await _do(work, row, fate, patron)
    return fate, ""


async def _do(work: Work, row: Any, fate: Fate, patron: Patron | None) -> None:
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
    elif fate is Fate.leave:
        await clearance.open_case(work, card=patron.card, leaving_on=work.today, kind=LeavingKind.other)
    else:
        renamed = patron.name != row.data["name"]
        for key, value in rules.wanted(row.data).items():
            setattr(patron, key, value)
        if renamed:
            patron.initials = initials(patron.name)
        if fate is Fate.loss:
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
