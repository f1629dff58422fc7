"""Finding suppliers."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.resources.acquiring.funds import queries as funds
from services.resources.acquiring.funds.model import FundLine
from services.resources.acquiring.suppliers.model import Supplier
from shared.i18n import N_
from shared.refusals import Invalid
from shared.work import Work


async def named(session: AsyncSession, text: str) -> Supplier | None:
    """The supplier in use with this number or name."""
    query = select(Supplier).where((Supplier.no == text.strip().upper()) | (Supplier.name == text.strip()), Supplier.active)
    return (await session.scalars(query)).first()


async def paid_from(session: AsyncSession, supplier: str, fund: str) -> tuple[Supplier, FundLine]:
    """Whom to buy from and the budget line that pays; `Invalid` with both reasons when one is not in use."""
    found, line = await named(session, supplier), await funds.named(session, fund)
    if found is not None and line is not None:
        return found, line
    wrong = {}
    if found is None:
        wrong["supplier"] = N_("没有这家书商，或已停用")
    if line is None:
        wrong["fund"] = N_("没有这项执行中的经费")
    raise Invalid(wrong)


async def suggest(work: Work, q: str) -> list[tuple[str, str]]:
    """Suppliers in use, for whoever types."""
    query = select(Supplier).where(Supplier.active, Supplier.search_text.contains(q.strip(), autoescape=True))
    return [(one.no, one.name) for one in await work.session.scalars(query.order_by(Supplier.no).limit(20))]


async def by_no(session: AsyncSession, number: str) -> Supplier | None:
    """The supplier with this number, in use or not."""
    return (await session.scalars(select(Supplier).where(Supplier.no == number))).first()
