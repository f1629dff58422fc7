"""Beginning a run, its next batch, and a patron's word on keeping what they read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from services.reader.desk.charges.model import Entry
from services.reader.desk.patrons.model import Patron
from services.reader.desk.privacy import rules
from services.reader.desk.privacy.forgetting import STEPS, Turn
from services.reader.desk.privacy.model import LinkCut, RunState
from shared.database import uuid7
from shared.events.reader import LoanLinksCut
from shared.work import Work

_WHO = ("RDR-LED", "head-reader", "patron")


async def begin(work: Work, *, patron_id: UUID | None = None) -> LinkCut:
    """A run, or the one that is under way: the clock and two heads begin one together."""
    work.actor.require(*_WHO)
    last = await work.session.scalar(
        select(LinkCut).where(LinkCut.patron_id.is_(None), LinkCut.state == RunState.done)
        .order_by(LinkCut.at.desc()).limit(1)
    )
    values = {
        "id": uuid7(), "at": work.now, "until": rules.until(work.today), "count": 0, "lines": 0,
        "patron_id": patron_id, "state": RunState.running, "step": rules.following("", own=patron_id is not None),
        "since": last.until - timedelta(days=rules.OVERLAP_DAYS) if last else None,
        "position": last.position if last else 0, "counts": {}, "money": {"before": await money(work)},
    }
    made = await work.session.scalar(insert(LinkCut).values(values).on_conflict_do_nothing().returning(LinkCut.id))
    if made is not None:
        return await work.lock(LinkCut, LinkCut.id == made)
    return await work.lock(LinkCut, LinkCut.state == RunState.running, LinkCut.patron_id.is_(None))


async def advance(work: Work, run: LinkCut, *, size: int = rules.BATCH) -> bool:
    """The next batch of a run the caller has locked; False when it is through."""
    done = await STEPS[run.step](Turn(work, run, size))
    run.counts = {**run.counts, run.step: run.counts.get(run.step, 0) + done}
    if done < size:
        run.step = rules.following(run.step, own=run.patron_id is not None)
    if run.step:
        return True
    run.state, run.finished_at = RunState.done, work.now
    run.money = {**run.money, "after": await money(work)}
    if run.count:
        work.emit(LoanLinksCut(count=run.count, until=run.until))
    return False


async def cut(work: Work, *, patron_id: UUID | None = None, size: int = rules.BATCH) -> LinkCut:
    """A whole run in this transaction: for one patron, whose loans are few."""
    run = await begin(work, patron_id=patron_id)
    while await advance(work, run, size=size):
        pass
    return run


async def money(work: Work) -> dict[str, Any]:
    """What the ledger comes to: forgetting leaves it as it is."""
    rows, fen = (await work.session.execute(
        select(func.count(), func.coalesce(func.sum(Entry.amount_fen), 0))
    )).one()
    return {"rows": int(rows), "fen": int(fen)}


async def keep_history(work: Work, *, patron: Patron, keep: bool) -> LinkCut | None:
    """The patron's own choice; switching it off cuts what is old enough at once."""
    if work.actor.kind != "patron":
        work.actor.require("patron")
    found = await work.lock(Patron, Patron.id == patron.id)
    found.keeps_history = keep
    await work.session.flush()
    return None if keep else await cut(work, patron_id=found.id)
