"""Questions about batches and the year."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.resources.cataloguing.items.model import Item
from services.resources.cataloguing.records.model import Instance
from services.resources.collections.batches import rules, statements
from services.resources.collections.batches.model import (
    Batch,
    BatchState,
    Ground,
    Guard,
    Pick,
    ShelfProposal,
)
from services.resources.collections.weeding.model import View, WeedingLine, WeedingState
from shared.states import NotFromHere
from shared.work import Work


async def by_no(session: AsyncSession, number: str) -> Batch:
    """The batch, or a refusal."""
    found = await session.scalar(select(Batch).where(Batch.no == number))
    if found is None:
        raise rules.UnknownBatch(number)
    return found


async def known(work: Work, number: str) -> Batch | None:
    """The batch, locked, when we know it."""
    return await work.session.scalar(
        select(Batch).where(Batch.no == number).with_for_update().execution_options(populate_existing=True)
    )


async def locked(work: Work, number: str, state: BatchState) -> Batch:
    """The batch, locked, while it stands there."""
    one = await known(work, number)
    if one is None:
        raise rules.UnknownBatch(number)
    if one.state != state:
        raise NotFromHere(BatchState(one.state), "edit")
    work.follow(one.correlation)
    return one


async def counts(session: AsyncSession, number: str) -> dict[WeedingState, tuple[int, int]]:
    """Copies and their value by the state of the line; states without a line are absent."""
    return {WeedingState(r.state): (r.n, int(r.cents or 0)) for r in await session.execute(statements.COUNTS, {"no": number})}


async def guards(session: AsyncSession, one: Batch) -> tuple[dict[Guard, int], dict[Ground, int]]:
    """What the rule named: kept by which guard, and of the rest, by which rule."""
    kept: dict[Guard, int] = {}
    picked: dict[Ground, int] = {}
    for row in await session.execute(statements.GUARDS, {"id": one.id}):
        kept[Guard(row.guard)] = kept.get(Guard(row.guard), 0) + row.n
        if not row.guard:
            picked[Ground(row.ground)] = row.n
    return kept, picked


async def picks(session: AsyncSession, one: Batch, *, guarded: bool, q: str = "", limit: int, offset: int) -> tuple[Sequence[Any], int]:
    """What the rule named, in the order of the shelf."""
    where = [Pick.batch_id == one.id, Pick.guard != Guard.none if guarded else Pick.guard == Guard.none]
    if q:
        where.append(or_(Item.barcode == q.upper(), Instance.title.contains(q, autoescape=True), Item.call_number.startswith(q, autoescape=True)))
    joined = select(Pick, Item, Instance.title, Instance.year).join(Item, Item.id == Pick.item_id).join(
        Instance, Instance.id == Item.instance_id).where(*where)
    total = await session.scalar(select(func.count()).select_from(joined.subquery()))
    rows = (await session.execute(joined.order_by(Pick.location, Pick.shelf_key, Item.barcode).limit(limit).offset(offset))).all()
    return rows, int(total or 0)


async def lines(
    session: AsyncSession, number: str, *, state: WeedingState | None, q: str = "", limit: int, offset: int = 0,
) -> tuple[Sequence[WeedingLine], int]:
    """Lines of the register that belong to the batch, in their order."""
    where = [WeedingLine.list_no == number]
    if state is not None:
        where.append(WeedingLine.state == state)
    if q:
        where.append(or_(WeedingLine.barcode == q.upper(), WeedingLine.title.contains(q, autoescape=True)))
    total = await session.scalar(select(func.count()).select_from(WeedingLine).where(*where))
    rows = await session.scalars(select(WeedingLine).where(*where).order_by(WeedingLine.no).limit(limit).offset(offset))
    return rows.all(), int(total or 0)


async def lines_in(
    session: AsyncSession, number: str, states: Sequence[WeedingState], views: Sequence[View] = (),
) -> list[WeedingLine]:
    """Lines to be moved, locked in their order."""
    query = select(WeedingLine).where(WeedingLine.list_no == number, WeedingLine.state.in_(states))
    if views:
        query = query.where(WeedingLine.view.in_(views))
    return list(await session.scalars(query.order_by(WeedingLine.barcode).with_for_update().execution_options(populate_existing=True)))


async def approved(session: AsyncSession, number: str, limit: int) -> Sequence[WeedingLine]:
    """The next lines to be written off, locked."""
    query = select(WeedingLine).where(WeedingLine.list_no == number, WeedingLine.state == WeedingState.approved)
    return (await session.scalars(query.order_by(WeedingLine.no).limit(limit).with_for_update().execution_options(populate_existing=True))).all()


async def leaving(session: AsyncSession, number: str) -> int:
    """How many copies the experts let go."""
    return await session.scalar(select(func.count()).select_from(WeedingLine).where(
        WeedingLine.list_no == number, WeedingLine.state == WeedingState.reviewed, WeedingLine.view == View.withdraw)) or 0


async def last_copies(session: AsyncSession, number: str) -> int:
    """How many titles would vanish with them."""
    return await session.scalar(select(func.count()).select_from(WeedingLine).where(
        WeedingLine.list_no == number, WeedingLine.state == WeedingState.reviewed, WeedingLine.view == View.withdraw,
        WeedingLine.last_copy)) or 0


async def deciders(session: AsyncSession, number: str) -> set[str]:
    """Who proposed, advised or approved any line of it."""
    rows = await session.execute(
        select(WeedingLine.proposer, WeedingLine.expert, WeedingLine.approver).where(WeedingLine.list_no == number).distinct()
    )
    return {person for row in rows for person in row if person}


async def year(session: AsyncSession, of: int) -> Any:
    """Stock, what left in the year, what is approved, and since when uses are known."""
    return (await session.execute(statements.YEAR, {"first": date(of, 1, 1), "last": date(of, 12, 31)})).one()


async def by_class(session: AsyncSession, of: int) -> Sequence[Any]:
    """What left in the year: copies, titles and value by class."""
    return (await session.execute(statements.BY_CLASS, {"first": date(of, 1, 1), "last": date(of, 12, 31)})).all()


async def by_reason(session: AsyncSession, of: int) -> Sequence[Any]:
    """The same by reason."""
    return (await session.execute(statements.BY_REASON, {"first": date(of, 1, 1), "last": date(of, 12, 31)})).all()


async def writing(session: AsyncSession) -> Sequence[Batch]:
    """Batches whose lines are being written off, the longest waiting first; another replica's are passed over."""
    query = select(Batch).where(Batch.state == BatchState.writing).order_by(Batch.updated_at).with_for_update(skip_locked=True)
    return (await session.scalars(query)).all()


async def proposal_of(session: AsyncSession, item_id: UUID) -> ShelfProposal | None:
    """The proposal of the shelf that no batch has taken up yet."""
    return await session.scalar(select(ShelfProposal).where(ShelfProposal.item_id == item_id, ShelfProposal.batch == ""))


async def proposals(session: AsyncSession, *, limit: int, offset: int = 0) -> tuple[Sequence[Any], int]:
    """What waits for a batch."""
    total = await session.scalar(select(func.count()).select_from(ShelfProposal).where(ShelfProposal.batch == ""))
    query = select(ShelfProposal, Item, Instance.title).join(Item, Item.id == ShelfProposal.item_id).join(
        Instance, Instance.id == Item.instance_id).where(ShelfProposal.batch == "").order_by(ShelfProposal.at, Item.barcode)
    return (await session.execute(query.limit(limit).offset(offset))).all(), int(total or 0)


async def around(work: Work, one: Batch) -> dict[str, Any]:
    """What stands beside a batch: how the rule did, how the lines stand, and the year's share."""
    kept, picked = await guards(work.session, one)
    year_ = await year(work.session, work.today.year)
    limit = rules.limit_of(year_.stock, year_.withdrawn)
    return {
        "one": one, "kept": {g: n for g, n in kept.items() if g is not Guard.none}, "picked": picked, "n_picked": kept.get(Guard.none, 0),
        "counts": await counts(work.session, one.no), "year": year_, "limit": limit, "state": BatchState(one.state),
        "used": year_.withdrawn + year_.approved, "share": rules.share_text(year_.withdrawn + year_.approved, year_.stock + year_.withdrawn),
        "since": rules.years_before(work.today, one.years), "asks_use": Ground.zero_use.value in one.grounds,
        "adds": kept.get(Guard.none, 0) if one.state == BatchState.draft else await leaving(work.session, one.no),
    }
