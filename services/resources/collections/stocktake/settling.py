"""Working off the differences, one by one or many at once."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import update

from services.resources.cataloguing.items import commands as items
from services.resources.collections.missing import commands as missing
from services.resources.collections.stocktake import commands, queries, rules
from services.resources.collections.stocktake.model import (
    Expected,
    Result,
    Scan,
    Settled,
    Stocktake,
    StocktakeState,
)
from shared.work import Work


async def settle(
    work: Work, number: str, *, kind: Result, how: Settled, ids: Sequence[UUID] = (), everything: bool = False,
) -> int:
    """Deal with these differences of one kind, or with all of it that is open; says how many were."""
    work.actor.require(*rules.KEEPERS)
    one = await queries.locked(work.session, number)
    if StocktakeState(one.state) is not StocktakeState.checking:
        raise rules.NotCounting(title=one.title)
    if how not in rules.WAYS.get(kind, ()):
        raise rules.NotThisWay
    work.follow(one.correlation)
    if kind is Result.missing:
        return await _told(work, one, None if everything else ids)
    return await _done(work, one, kind, how, None if everything else ids)


async def _told(work: Work, one: Stocktake, ids: Sequence[UUID] | None) -> int:
    """The desk hides them and looks. What was lent or came back since the comparison is not called missing."""
    await commands.recompare(work, one)
    query = update(Expected).where(
        Expected.stocktake_id == one.id, Expected.result == Result.missing, Expected.settled == Settled.open,
    ).values(settled=Settled.told, settled_by=work.actor.id, settled_at=work.now).returning(Expected.item_id)
    if ids is not None:
        query = query.where(Expected.item_id.in_(list(ids)[:rules.BATCH]))
    done = (await work.session.scalars(query.execution_options(synchronize_session=False))).all()
    if done:
        await missing.miss(work, sorted(done), stocktake=one.no)
    return len(done)


async def _done(work: Work, one: Stocktake, kind: Result, how: Settled, ids: Sequence[UUID] | None) -> int:
    query = update(Scan).where(
        Scan.stocktake_id == one.id, Scan.result == kind, Scan.settled == Settled.open,
    ).values(settled=how, settled_by=work.actor.id, settled_at=work.now).returning(Scan.item_id, Scan.place, Scan.why)
    if ids is not None:
        query = query.where(Scan.id.in_(list(ids)[:rules.BATCH]))
    rows = (await work.session.execute(query.execution_options(synchronize_session=False))).all()
    if how is Settled.moved:
        if len(rows) > rules.BATCH:
            raise rules.TooMany(limit=rules.BATCH)
        books = await queries.books_of(work.session, [row.item_id for row in rows])
        # In one order, so that two people who move the same books wait for one another and never in a circle.
        for row in sorted(rows, key=lambda r: str(r.item_id)):
            if row.item_id in books:
                await items.relocate(work, books[row.item_id][0].barcode, location=row.place)
    return len(rows)
