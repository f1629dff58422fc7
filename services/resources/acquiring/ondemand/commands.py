"""Drawing a pool up, its rule, and its end; what becomes of a title lies in `meeting`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from services.resources.acquiring.checking.rules import Verdict
from services.resources.acquiring.funds.queries import named
from services.resources.acquiring.ondemand import meeting, queries, rules
from services.resources.acquiring.ondemand.model import (
    DemandPool,
    OfferState,
    PoolOffer,
    PoolRule,
    PoolState,
)
from services.resources.acquiring.selections.model import Decision, SelectionList, SelectionRow
from services.resources.acquiring.selections.rules import LIFE as LISTS
from services.resources.cataloguing.marc.isbn import isbn13
from shared.database import uuid7
from shared.events.resources import OfferedTitle, TitlesOffered
from shared.i18n import N_
from shared.refusals import Invalid
from shared.states import step
from shared.work import Work

NUMBER = "AX"
AT_ONCE = 200


async def _fund(work: Work, *, name: str, ends_on: date | None, rule: dict[str, Any]) -> str:
    """The running line of the rule, when name, day and rule can stand."""
    line = await named(work.session, str(rule["fund"]))
    if wrong := rules.wrong_in(
        name=name, ends_on=ends_on, today=work.today, requests=rule["requests"], cap_cents=rule["cap_cents"],
        month_cents=rule["month_cents"], fund=line is not None,
    ):
        raise Invalid(wrong)
    return line.no if line else ""


async def _write(work: Work, pool: DemandPool, rule: dict[str, Any], fund: str) -> None:
    work.session.add(PoolRule(pool_id=pool.id, version=pool.rule, made_by=work.actor.id, made_at=work.now, **{**rule, "fund": fund}))
    await work.session.flush()


async def draw_up(work: Work, *, list_no: str, name: str, ends_on: date | None, rule: dict[str, Any]) -> DemandPool:
    """What a supplier's list offers and the house neither holds nor awaits is shown to readers until a day."""
    work.actor.require(*rules.BUYERS)
    source = await work.lock(SelectionList, SelectionList.no == list_no, what=list_no)
    source.state = step(LISTS, source.state, "pool")
    fund = await _fund(work, name=name, ends_on=ends_on, rule=rule)
    assert ends_on is not None
    rows = [row for row in await work.session.scalars(
        select(SelectionRow).where(
            SelectionRow.list_id == source.id, SelectionRow.decision != Decision.leave, SelectionRow.title != "", SelectionRow.same_row == 0,
            SelectionRow.verdict.not_in((Verdict.held, Verdict.coming)),
        ).order_by(SelectionRow.number)
    ) if isbn13(row.isbn)]
    if not rows:
        raise rules.NothingToOffer
    pool = DemandPool(
        id=uuid7(), no=await work.number(NUMBER), name=name.strip()[:80], supplier=source.supplier, list_no=source.no, ends_on=ends_on, total=len(rows),
        created_by=work.actor.id, created_at=work.now, correlation=work.correlation,
    )
    work.session.add(pool)
    await work.session.flush()
    await _write(work, pool, rule, fund)
    values = [
        {
            "id": uuid7(), "no": f"{pool.no}-{n}", "pool_id": pool.id, "title": row.title, "author": row.author, "publisher": row.publisher,
            "year": row.year, "isbn": row.isbn, "subject": row.subject, "price_cents": row.price_cents, "state": OfferState.offered, "requests": 0,
            "teachers": 0, "wishes": [], "title_no": "", "reason": "", "decided_by": "",
        }
        for n, row in enumerate(rows, 1)
    ]
    for at in range(0, len(values), AT_ONCE):
        part = values[at:at + AT_ONCE]
        await work.session.execute(insert(PoolOffer), part)
        work.emit(TitlesOffered(pool=pool.no, ends_on=ends_on, offers=tuple(
            OfferedTitle(number=str(one["no"]), **{key: str(one[key]) for key in ("title", "author", "publisher", "year", "isbn", "subject")}) for one in part
        )), correlation=pool.correlation)
    return pool


async def set_rule(work: Work, *, no: str, rule: dict[str, Any]) -> DemandPool:
    """Another version of the rule; what meets it now is decided at once."""
    work.actor.require(*rules.BUYERS)
    pool = await queries.pool_by_no(work.session, no, lock=True)
    if pool.state is PoolState.ended:
        raise Invalid({"": N_("这个池已截止")})
    fund = await _fund(work, name=pool.name, ends_on=pool.ends_on, rule=rule)
    pool.rule += 1
    await _write(work, pool, rule, fund)
    for offer in await queries.locked(work.session, PoolOffer.pool_id == pool.id, PoolOffer.state == OfferState.offered, PoolOffer.requests > 0):
        await meeting.weigh(work, pool, offer)
    return pool


async def withdraw(work: Work, *, no: str, ids: Sequence[UUID], reason: str) -> int:
    """The supplier cannot deliver these, or we do not want them any more; whoever asked hears why."""
    work.actor.require(*rules.BUYERS)
    if not ids:
        raise rules.NothingPicked
    if not reason.strip():
        raise Invalid({"reason": N_("请写明撤出的原因")})
    pool = await queries.pool_by_no(work.session, no, lock=True)
    found = await queries.locked(work.session, PoolOffer.pool_id == pool.id, PoolOffer.id.in_(ids), PoolOffer.state.in_((OfferState.offered, OfferState.review)))
    await meeting.close(work, pool, found, "withdraw", reason.strip()[:200])
    return len(found)


async def end(work: Work, *, no: str, by_clock: bool = False) -> DemandPool:
    """Nothing more can be asked for; what a person still has to decide stays with them."""
    if not by_clock:
        work.actor.require(*rules.BUYERS)
    pool = await queries.pool_by_no(work.session, no, lock=True)
    if pool.state is PoolState.ended:
        return pool
    pool.state, pool.ended_at, pool.ended_by = PoolState.ended, work.now, work.actor.id
    await meeting.close(work, pool, await queries.locked(work.session, PoolOffer.pool_id == pool.id, PoolOffer.state == OfferState.offered), "end", N_("按需采购已截止"))
    return pool


async def end_due(work: Work) -> int:
    """Pools whose day has passed."""
    due = (await work.session.scalars(select(DemandPool.no).where(DemandPool.state == PoolState.open, DemandPool.ends_on < work.today))).all()
    for no in due:
        await end(work, no=no, by_clock=True)
    return len(due)
