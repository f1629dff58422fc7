"""Asking for a comparison, writing down what it found, and mending what differs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from shared.copies.comparing import Ask, Copy, Outcome, asked, facts
from shared.copies.ledger import MOST_KEYS, Span, mark, word
from shared.copies.tables import copy_check, copy_difference
from shared.i18n import N_
from shared.messaging.alarm import alarm, all_clear
from shared.messaging.parked import RIGHTS
from shared.messaging.tables import inbox_parked
from shared.refusals import Refusal
from shared.work import Work

LOCK = text("SELECT seq FROM inbox_cursor WHERE source = :source FOR UPDATE")
# One go mends so many; what is left stays on the list.
A_GO = 500


class LettersFirst(Refusal):
    """A dead letter tried again after the mending would bring its old content back."""

    code = "dead-letters-first"
    status = 409
    message = N_("还有 {count} 件未处理的消息来自 {owner}，请先重试或放弃，再修复")


async def want(work: Work, copies: Sequence[Copy], *, by: str) -> None:
    """Ask for a comparison; one that is wanted already is not wanted twice."""
    for copy in copies:
        values = {"wanted_at": work.now, "wanted_by": by}
        await work.session.execute(
            insert(copy_check).values(copy=copy.ledger, **values).on_conflict_do_update(
                index_elements=["copy"], set_=values, where=copy_check.c.wanted_at.is_(None),
            )
        )


async def record(work: Work, copy: Copy, outcome: Outcome) -> None:
    """What was found is on the list; what is not found any more has settled by itself."""
    before = await open_count(work, copy)
    found = {one.key for one in outcome.differences}
    for one in outcome.differences:
        said = {"owner": one.owner, "held": one.held, "seen_at": work.now}
        await work.session.execute(
            insert(copy_difference).values(copy=copy.ledger, key=one.key, found_at=work.now, **said)
            .on_conflict_do_update(
                index_elements=["copy", "key"], index_where=copy_difference.c.settled_at.is_(None), set_=said,
            )
        )
    for row in await _open(work, copy):
        if row.key not in found:
            await _settle(work, row.id, "gone")
    await ended(work, copy, compared=outcome.compared)
    await _tell(work, copy, before)


async def ended(work: Work, copy: Copy, *, compared: int = 0, trouble: str = "") -> None:
    """The comparison is over, or could not be made and says why."""
    values: dict[str, Any] = {"wanted_at": None, "begun_at": None, "trouble": trouble}
    if not trouble:
        values |= {"ended_at": work.now, "compared": compared}
    await work.session.execute(update(copy_check).where(copy_check.c.copy == copy.ledger).values(**values))


async def mend(work: Work, copy: Copy, ask: Ask) -> tuple[int, int]:
    """Take the owner's word over where we differ; (mended, left).

    Under the lock of the cursor nothing is heard meanwhile, so the answer is never older than our copy. Where it is
    newer, the facts still to come are applied again and lead to the same end.
    """
    work.actor.require(*RIGHTS)
    await work.session.execute(LOCK, {"source": copy.owner})
    letters = await work.session.scalar(
        select(func.count()).select_from(inbox_parked)
        .where(inbox_parked.c.source == copy.owner, inbox_parked.c.resolved_at.is_(None))
    )
    if letters:
        raise LettersFirst(count=letters, owner=copy.owner)
    before, mended = await open_count(work, copy), 0
    rows = await _open(work, copy, limit=A_GO)
    for start in range(0, len(rows), MOST_KEYS):
        some = rows[start:start + MOST_KEYS]
        mended += await _mend(work, copy, ask, some)
    await _tell(work, copy, before)
    return mended, before - mended


async def _mend(work: Work, copy: Copy, ask: Ask, rows: Sequence[Row[Any]]) -> int:
    keys = tuple(row.key for row in rows)

    async def question(**said: Any) -> dict[str, Any]:
        return await asked(copy, ask, **said)

    told = await facts(question, keys)
    for key in keys:
        await copy.mend(work, key, told.get(key))
    await work.write_gathered()
    await work.flush()
    held = {key: word(fact, copy.fields) for key, fact in await copy.read(work.session, Span(keys=keys))}
    mended = 0
    for row in rows:
        owner = word(told[row.key], copy.fields) if row.key in told else None
        if mark(owner) == mark(held.get(row.key)):
            mended += 1
            await _settle(work, row.id, "mended")
            work.note("mend", "copy", f"{copy.ledger} {row.key}", owner=owner, held=row.held)
    return mended


async def open_count(work: Work, copy: Copy) -> int:
    """How many differences are on the list."""
    query = select(func.count()).select_from(copy_difference).where(
        copy_difference.c.copy == copy.ledger, copy_difference.c.settled_at.is_(None)
    )
    return await work.session.scalar(query) or 0


async def _open(work: Work, copy: Copy, *, limit: int | None = None) -> Sequence[Row[Any]]:
    query = select(copy_difference).where(
        copy_difference.c.copy == copy.ledger, copy_difference.c.settled_at.is_(None)
    )
    return (await work.session.execute(query.order_by(copy_difference.c.id).limit(limit))).all()


async def _settle(work: Work, row_id: int, how: str) -> None:
    settlement = f"{how} by {work.actor.id}"
    await work.session.execute(
        update(copy_difference).where(copy_difference.c.id == row_id)
        .values(settled_at=work.now, settlement=settlement)
    )


async def _tell(work: Work, copy: Copy, before: int) -> None:
    """Whoever keeps the systems hears of the first difference, and when the last is gone."""
    now = await open_count(work, copy)
    if now and not before:
        alarm(work, "copy", copy.ledger)
    elif before and not now:
        all_clear(work, "copy", copy.ledger)
