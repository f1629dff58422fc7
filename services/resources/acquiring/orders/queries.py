"""Orders and their lines, and what we have or expect already."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import cast, func, or_, select
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.asyncio import AsyncSession

from services.resources.acquiring.funds.queries import lines as fund_lines
from services.resources.acquiring.orders import rules
from services.resources.acquiring.orders.model import Claim, Order, OrderLine, OrderState
from services.resources.cataloguing.items.queries import counts
from services.resources.cataloguing.records.model import Instance
from services.resources.cataloguing.records.rules import marked
from shared.refusals import NotFound
from shared.work import Work

SIZE = 50


async def order_of(session: AsyncSession, number: str) -> Order:
    """One order, or `NotFound`."""
    found = await session.scalar(select(Order).where(Order.no == number.strip().upper()))
    if found is None:
        raise NotFound(number)
    return found


async def lines_of(
    session: AsyncSession, number: str, *, limit: int | None = None, offset: int = 0, lock: bool = False
) -> Sequence[OrderLine]:
    """The lines in their places."""
    query = select(OrderLine).where(OrderLine.order_no == number).order_by(OrderLine.place).limit(limit).offset(offset)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return (await session.scalars(query)).all()


async def line_count(session: AsyncSession, number: str) -> int:
    """How many titles stand on it."""
    return int(await session.scalar(select(func.count()).where(OrderLine.order_no == number)) or 0)


async def lines_by_id(session: AsyncSession, ids: Sequence[UUID], *, lock: bool = False) -> dict[UUID, OrderLine]:
    """Lines of any order."""
    query = select(OrderLine).where(OrderLine.id.in_(list(ids))).order_by(OrderLine.order_no, OrderLine.place)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return {line.id: line for line in await session.scalars(query)}


async def waiting_for(session: AsyncSession, budgets: Sequence[str]) -> Sequence[str]:
    """Orders parked for want of money that need one of these lines, longest waiting first."""
    needs = select(OrderLine.order_no).where(OrderLine.fund.in_(list(budgets)))
    query = select(Order.no).where(Order.state == OrderState.parked, Order.no.in_(needs)).order_by(Order.no)
    return (await session.scalars(query)).all()


async def mark_duplicates(session: AsyncSession, lines: Sequence[OrderLine]) -> int:
    """Write onto each line what we hold and what is on its way; how many are duplicates.

    Two statements for the catalogue and one for orders, however many lines there are.
    """
    if not lines:
        return 0
    held = await _held(session, lines)
    copies = await counts(session, [record[0] for record in held.values()])
    expected = await _expected(session, lines)
    found = 0
    for line in lines:
        record = held.get(line.isbn) or held.get(_work(line.sort_title, line.year))
        line.held, line.instance_id = (record[1], record[0]) if record else ("", None)
        line.held_copies = copies.get(record[0], 0) if record else 0
        also = {order for key in (line.isbn, _work(line.sort_title, line.year)) if key for order in expected.get(key, ()) }
        line.also_on = "、".join(sorted(also - {line.order_no})[:3])
        found += bool(line.held or line.also_on)
    return found


def _work(title: str, year: str) -> str:
    return f"{title}|{year[:4]}" if title and year else ""


async def _held(session: AsyncSession, lines: Sequence[OrderLine]) -> dict[str, tuple[UUID, str]]:
    """Records by ISBN and by title with year."""
    isbns = {line.isbn for line in lines if len(line.isbn) == 13 and line.isbn.isdigit()}
    titles = {line.sort_title for line in lines if line.sort_title and line.year}
    where: list[Any] = []
    if isbns:
        asked = " | ".join(f"'{marked('n', one)}'" for one in sorted(isbns))
        where.append(Instance.search.op("@@")(cast(asked, TSQUERY)))
    if titles:
        where.append(Instance.sort_title.in_(titles))
    if not where:
        return {}
    rows = await session.execute(
        select(Instance.id, Instance.number, Instance.sort_title, Instance.year, Instance.projection["isbns"])
        .where(or_(*where)).order_by(Instance.created_at)
    )
    found: dict[str, tuple[UUID, str]] = {}
    for key, number, title, year, numbers in rows:
        for one in numbers or ():
            found.setdefault(one.get("isbn13") or "", (key, number))
        found.setdefault(_work(title, str(year or "")), (key, number))
    found.pop("", None)
    return found


async def _expected(session: AsyncSession, lines: Sequence[OrderLine]) -> dict[str, set[str]]:
    """Orders under way by ISBN and by title with year."""
    isbns, titles = {line.isbn for line in lines if line.isbn}, {line.sort_title for line in lines if line.year}
    rows = await session.execute(
        select(OrderLine.isbn, OrderLine.sort_title, OrderLine.year, OrderLine.order_no)
        .join(Order, Order.no == OrderLine.order_no)
        .where(Order.state.in_((*rules.OPEN, OrderState.draft)), OrderLine.cancelled < OrderLine.copies, or_(
            OrderLine.isbn.in_(isbns), OrderLine.sort_title.in_(titles)
        ))
    )
    found: dict[str, set[str]] = {}
    for isbn, title, year, order in rows:
        for key in (isbn, _work(title, year)):
            if key:
                found.setdefault(key, set()).add(order)
    return found


async def late(session: AsyncSession, today: date) -> Sequence[tuple[Order, int]]:
    """Orders whose term is over and that no claim runs for, with the copies that are missing."""
    rows = await session.execute(
        select(Order, func.sum(OrderLine.copies - OrderLine.cancelled - OrderLine.arrived))
        .join(OrderLine, OrderLine.order_no == Order.no)
        .where(Order.state.in_(rules.AWAITED), Order.due_on < today, ~select(Claim.id).where(
            Claim.order_no == Order.no, Claim.state != "closed").exists())
        .group_by(Order.id).order_by(Order.due_on, Order.no)
    )
    return [(order, int(missing)) for order, missing in rows]


async def all_arrived(session: AsyncSession, number: str) -> bool:
    """Whether nothing of an order is missing."""
    missing = select(OrderLine.id).where(OrderLine.order_no == number, OrderLine.arrived < OrderLine.copies - OrderLine.cancelled)
    return not await session.scalar(select(missing.exists()))


async def suggest_orders(work: Work, q: str) -> list[tuple[str, str]]:
    """Orders of which something may arrive or be invoiced."""
    query = select(Order).where(
        Order.state.in_((*rules.AWAITED, OrderState.arrived, OrderState.accepted, OrderState.invoiced)),
        Order.search_text.contains(q.strip(), autoescape=True),
    )
    return [(one.no, one.supplier_name) for one in await work.session.scalars(query.order_by(Order.no.desc()).limit(20))]


async def _figures(session: AsyncSession, number: str) -> Sequence[Any]:
    """What the sums of an order are made of, without the rest of its lines."""
    line = OrderLine
    return (await session.execute(select(
        line.fund, line.list_minor, line.discount, line.copies, line.cancelled, line.arrived, line.accepted, line.invoiced, line.paid, line.held, line.also_on,
    ).where(line.order_no == number))).all()


async def page_of(work: Work, order: Order) -> dict[str, Any]:
    """What an order's page shows: its first lines, its money by fund, and what stands on it already."""
    rows = await _figures(work.session, order.no)
    funds = {one.no: one for one in await fund_lines(work.session, running=False)}
    return {
        "order": order, "lines": await lines_of(work.session, order.no, limit=20), "count": len(rows), "rules": rules, "funds": funds,
        "needs": rules.needs(rows, order.rate), "duplicates": sum(bool(line.held or line.also_on) for line in rows),
        "arrived": sum(line.arrived for line in rows), "accepted": sum(line.accepted for line in rows),
        "invoiced": sum(line.invoiced for line in rows), "paid": sum(line.paid for line in rows),
        "draft": order.state == OrderState.draft,
    }


def line_json(line: OrderLine, rate: float) -> dict[str, Any]:
    """A line for programs."""
    return {
        "id": str(line.id), "place": line.place, "desideratum": line.desideratum, "title": line.title, "author": line.author,
        "publisher": line.publisher, "year": line.year, "isbn": line.isbn, "subject": line.subject, "list_minor": line.list_minor,
        "discount": line.discount, "fund": line.fund, "copies": line.copies, "cancelled": line.cancelled, "arrived": line.arrived,
        "accepted": line.accepted, "invoiced": line.invoiced, "paid": line.paid, "net_cents": rules.net(line, rules.live(line), rate),
        "held": line.held, "held_copies": line.held_copies, "also_on": line.also_on,
    }
