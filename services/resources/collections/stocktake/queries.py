"""Reads of a campaign: where it stands, what differs, who counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.resources.cataloguing.items.model import Item
from services.resources.cataloguing.items.queries import locations
from services.resources.cataloguing.records.model import Instance
from services.resources.collections.stocktake import rules, statements
from services.resources.collections.stocktake.model import (
    Counter,
    Expected,
    Result,
    Scan,
    Settled,
    Stocktake,
    StocktakeState,
)
from shared.i18n import pick
from shared.work import Work

KINDS = (Result.missing, Result.elsewhere, Result.unexpected)


async def by_no(session: AsyncSession, number: str) -> Stocktake:
    """The campaign, or `UnknownStocktake`."""
    found = await session.scalar(select(Stocktake).where(Stocktake.no == number))
    if found is None:
        raise rules.UnknownStocktake(number)
    return found


async def locked(session: AsyncSession, number: str, *, share: bool = False) -> Stocktake:
    """The campaign, held as it is until the end of the transaction."""
    found = await session.scalar(
        select(Stocktake).where(Stocktake.no == number).with_for_update(read=share).execution_options(populate_existing=True)
    )
    if found is None:
        raise rules.UnknownStocktake(number)
    return found


async def running(session: AsyncSession) -> Sequence[Stocktake]:
    """Campaigns that take scans, the one due first at the top."""
    return (await session.scalars(
        select(Stocktake).where(Stocktake.state.in_([state.value for state in rules.SCANNING]))
        .order_by(Stocktake.due_on.nulls_last(), Stocktake.no)
    )).all()


async def figures(session: AsyncSession, one: Stocktake) -> list[dict[str, Any]]:
    """A row per location, and one for all at the end: counted by the database, however many books."""
    expected: dict[str, dict[str, int]] = defaultdict(dict)
    scans: dict[str, dict[str, int]] = defaultdict(dict)
    for place, result, n in await session.execute(statements.COUNTS, {"id": one.id}):
        expected[place][result] = n
    for place, result, n in await session.execute(statements.SCANS, {"id": one.id}):
        scans[place][result] = n
    rows: list[dict[str, Any]] = []
    total: dict[str, int] = defaultdict(int)
    for place in one.places:
        for result, n in expected[place].items():
            total[result] += n
        rows.append(rules.report_row(
            place, expected[place], scans[place].get("elsewhere", 0), scans[place].get("unexpected", 0)
        ))
    rows.append(rules.report_row(
        "", total, sum(row["misplaced"] for row in rows), sum(row["unexpected"] for row in rows)
    ))
    return rows


async def stand(session: AsyncSession, one: Stocktake, place: str) -> dict[str, Any]:
    """How far one place is; asked after every scan, so it reads no more than that place."""
    asked = {"id": one.id, "place": place, "results": [result.value for result in Result]}
    expected: dict[str, int] = {row[0]: row[1] for row in await session.execute(statements.PLACE_COUNTS, asked)}
    scans: dict[str, int] = {row[0]: row[1] for row in await session.execute(statements.PLACE_SCANS, asked)}
    return rules.report_row(place, expected, scans.get("elsewhere", 0), scans.get("unexpected", 0))


async def progress(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many of the expected books were seen, per campaign."""
    rows = await session.execute(
        select(Expected.stocktake_id, func.count())
        .where(Expected.stocktake_id.in_(ids), Expected.result.in_([Result.found, Result.elsewhere])).group_by(Expected.stocktake_id)
    )
    return dict(rows.all())


async def counters(session: AsyncSession, stocktake_id: UUID) -> list[tuple[str, int]]:
    """Who scanned how many of what counts, most first."""
    rows = await session.execute(
        select(Scan.by, func.count()).where(Scan.stocktake_id == stocktake_id).group_by(Scan.by)
        .order_by(func.count().desc(), Scan.by).limit(50)
    )
    return [(person, n) for person, n in rows]


async def days(session: AsyncSession, stocktake_id: UUID) -> int:
    """On how many days somebody counted."""
    return int(await session.scalar(
        select(func.count(func.distinct(Counter.day))).where(Counter.stocktake_id == stocktake_id)
    ) or 0)


async def last_scans(session: AsyncSession, stocktake_id: UUID, person: str, limit: int = 20) -> list[tuple[Scan, Any]]:
    """What one person scanned last, with the books."""
    rows = await session.execute(
        select(Scan, Item, Instance.title).outerjoin(Item, Item.id == Scan.item_id).outerjoin(Instance, Instance.id == Item.instance_id)
        .where(Scan.stocktake_id == stocktake_id, Scan.by == person).order_by(Scan.at.desc(), Scan.barcode).limit(limit)
    )
    return [(scan, (item, title)) for scan, item, title in rows]


async def books_of(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, tuple[Item, str]]:
    """Items and titles for rows on a screen."""
    if not ids:
        return {}
    rows = await session.execute(
        select(Item, Instance.title).join(Instance, Instance.id == Item.instance_id).where(Item.id.in_(list(ids)))
    )
    return {item.id: (item, title) for item, title in rows}


async def open_differences(session: AsyncSession, stocktake_id: UUID) -> int:
    """How many differences nobody has dealt with."""
    return int(await session.scalar(text(
        "SELECT (SELECT count(*) FROM stocktake_item WHERE stocktake_id = :id AND result = 'missing' AND settled = '') "
        "+ (SELECT count(*) FROM stocktake_scan WHERE stocktake_id = :id AND result IN ('elsewhere', 'unexpected') AND settled = '')"
    ), {"id": stocktake_id}) or 0)


async def kinds(session: AsyncSession, stocktake_id: UUID) -> dict[Result, tuple[int, int]]:
    """(Open, all) differences of each kind."""
    found = dict.fromkeys(KINDS, (0, 0))
    open_ = func.count().filter(Expected.settled == Settled.open)
    n = (await session.execute(
        select(open_, func.count()).where(Expected.stocktake_id == stocktake_id, Expected.result == Result.missing)
    )).one()
    found[Result.missing] = (n[0], n[1])
    for result, left, all_ in await session.execute(
        select(Scan.result, func.count().filter(Scan.settled == Settled.open), func.count())
        .where(Scan.stocktake_id == stocktake_id, Scan.result.in_(KINDS)).group_by(Scan.result)
    ):
        found[result] = (left, all_)
    return found


async def differences(
    session: AsyncSession, stocktake_id: UUID, kind: Result, *, q: str = "", place: str = "", every: bool = False,
    limit: int | None = 50, offset: int = 0,
) -> tuple[list[dict[str, Any]], int]:
    """Rows of one kind in the order of the shelf: what it is, where, and how it was dealt with."""
    table: Any = Expected if kind is Result.missing else Scan
    where = [table.stocktake_id == stocktake_id, table.result == kind]
    spot = Expected.location if kind is Result.missing else Scan.place
    if not every:
        where.append(table.settled == Settled.open)
    if place:
        where.append(spot == place)
    if q:
        bar = Item.barcode if kind is Result.missing else Scan.barcode
        where.append(or_(bar == q.upper(), Instance.title.contains(q, autoescape=True), Item.call_number.startswith(q.upper(), autoescape=True)))
    joined = select(table, Item, Instance.title).outerjoin(Item, Item.id == table.item_id).outerjoin(
        Instance, Instance.id == Item.instance_id
    ).where(*where)
    total = await session.scalar(select(func.count()).select_from(joined.subquery()))
    # Strangers have no place in the order of the shelf and come last.
    order = (spot, Item.shelf_key.nulls_last(), table.item_id)
    found = []
    for row, item, title in await session.execute(joined.order_by(*order).limit(limit).offset(offset)):
        found.append({
            "id": str(row.item_id if kind is Result.missing else row.id), "barcode": item.barcode if item else row.barcode,
            "title": title or "", "call_number": item.call_number if item else "", "item": item,
            "place": row.location if kind is Result.missing else row.place, "home": item.location if item else "",
            "price_cents": item.price_cents if item else 0, "why": None if kind is Result.missing else row.why,
            "by": "" if kind is Result.missing else row.by, "at": None if kind is Result.missing else row.at, "settled": row.settled,
            "settled_by": row.settled_by,
        })
    return found, int(total or 0)


async def place_names(session: AsyncSession) -> dict[str, str]:
    """Places by code, in the reader's language."""
    return {code: pick(place.name, place.name_en) or code for code, place in (await locations(session)).items()}


async def around(work: Work, one: Stocktake) -> dict[str, Any]:
    """The figures beside a campaign: per location, who counted, what is left to deal with."""
    live = one.state in {state.value for state in rules.SCANNING}
    rows = (await figures(work.session, one) if live else one.report) or []
    return {
        "one": one, "rows": rows, "all": rows[-1] if rows else None, "places": await place_names(work.session), "live": live,
        "counters": await counters(work.session, one.id) if rows else [], "days": await days(work.session, one.id),
        "kinds": await kinds(work.session, one.id) if rows else {}, "percent": rules.percent,
        "names": await _names(work, one), "checking": one.state == StocktakeState.checking,
    }


async def _names(work: Work, one: Stocktake) -> dict[str, str]:
    from shared.web.register import people

    return await people.names(work, [person for person, _n in await counters(work.session, one.id)])
