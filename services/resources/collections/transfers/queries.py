"""Reads of plans, and what could go on one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.resources.cataloguing.items.model import FormerBarcode, Item, ItemLife
from services.resources.cataloguing.items.queries import locations
from services.resources.cataloguing.records.model import Instance
from services.resources.collections.layout import queries as layout
from services.resources.collections.layout import rules as layout_rules
from services.resources.collections.stocktake.rules import bound
from services.resources.collections.transfers import rules
from services.resources.collections.transfers.model import LineState, PlanItem, TransferPlan
from services.resources.collections.usage.model import ItemUse
from shared.i18n import pick
from shared.refusals import NotFound
from shared.work import Work

SCANNED_BY_RULE = 20_000


@dataclass(frozen=True, slots=True)
class Span:
    """Which items: of a location, between call numbers, in a language, nobody touched since a day; `clc` is a main class."""

    location: str
    low: str = ""
    high: str = ""
    language: str = ""
    idle_since: date | None = None
    clc: str | None = None
    by_rule: bool = False


async def plan_of(session: AsyncSession, number: str) -> TransferPlan:
    """The plan, or not found."""
    found = await session.scalar(select(TransferPlan).where(TransferPlan.no == number))
    if found is None:
        raise NotFound(number)
    return found


async def counts(session: AsyncSession, number: str) -> dict[LineState, int]:
    """How many items are where."""
    rows = await session.execute(select(PlanItem.state, func.count()).where(PlanItem.plan == number).group_by(PlanItem.state))
    found = {LineState(state): n for state, n in rows.all()}
    return {state: found[state] for state in LineState if state in found}


async def items_of(
    session: AsyncSession, number: str, *, state: str = "", limit: int | None = None, offset: int = 0
) -> tuple[Sequence[PlanItem], int]:
    """The items in the order of the shelf they leave."""
    where = [PlanItem.plan == number, *([PlanItem.state == LineState(state)] if state else [])]
    total = int(await session.scalar(select(func.count()).select_from(PlanItem).where(*where)) or 0)
    query = select(PlanItem).where(*where).order_by(PlanItem.from_location, PlanItem.shelf_key, PlanItem.barcode)
    return (await session.scalars(query.limit(limit).offset(offset).execution_options(populate_existing=True))).all(), total


async def open_plans(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Item → the plan it is on now."""
    rows = await session.execute(select(PlanItem.item_id, PlanItem.plan).where(PlanItem.item_id.in_(ids), PlanItem.open))
    return dict(rows.all())


async def ids_of(session: AsyncSession, barcodes: Sequence[str]) -> dict[UUID, str]:
    """Items by what they bear or bore: id → the barcode that was asked for."""
    rows = await session.execute(
        select(Item.id, Item.barcode).where(Item.barcode.in_(barcodes))
        .union(select(FormerBarcode.item_id, FormerBarcode.barcode).where(FormerBarcode.barcode.in_(barcodes)))
    )
    return dict(rows.all())


async def found(session: AsyncSession, span: Span, target: str, day: date, limit: int) -> Sequence[UUID]:
    """Items of the span that are not on a plan, in the order of the shelf."""
    where: list[Any] = [
        Item.location == span.location, Item.life == ItemLife.in_stock, Item.custodian == "reader",
        ~exists().where(PlanItem.item_id == Item.id, PlanItem.open),
    ]
    if span.low:
        where.append(Item.shelf_key >= bound(span.low))
    if span.high:
        where.append(Item.shelf_key < bound(span.high) + "\U0010ffff")
    if span.language:
        where.append(Instance.language == span.language)
    if span.clc is not None:
        where.append(func.holding_class(Instance.clc, Item.call_number) == span.clc)
    if span.idle_since is not None:
        where.append(~exists().where(ItemUse.item_id == Item.id, ItemUse.day >= span.idle_since, ItemUse.n > 0))
    query = (
        select(Item.id, Instance.clc, Item.call_number, Instance.material, Instance.language)
        .join(Instance, Instance.id == Item.instance_id).where(*where).order_by(Item.shelf_key, Item.barcode)
    )
    if not span.by_rule:
        return [row[0] for row in (await session.execute(query.limit(limit))).all()]
    return await _by_rule(session, (await session.execute(query.limit(SCANNED_BY_RULE))).all(), target, day, limit)


async def _by_rule(session: AsyncSession, rows: Sequence[Any], target: str, day: date, limit: int) -> list[UUID]:
    """Those the layout wants in the target; samples are left where they are."""
    shut = layout.closed(await locations(session), day)
    everything = await layout.all_rules(session)
    decided: dict[layout_rules.Asked, str] = {}
    wanted: list[UUID] = []
    for item_id, clc, call_number, material, language in rows:
        asked = layout_rules.Asked(layout_rules.class_of(clc, call_number), material, language, day)
        if asked not in decided:
            rule = layout_rules.choose(everything, asked, shut)
            decided[asked] = rule.location if rule else ""
        if decided[asked] == target:
            wanted.append(item_id)
            if len(wanted) >= limit:
                break
    return wanted


async def names(session: AsyncSession) -> dict[str, str]:
    """Locations as people read them."""
    return {code: pick(place.name, place.name_en) or code for code, place in (await locations(session)).items()}


async def around(work: Work, plan: TransferPlan) -> dict[str, Any]:
    """How far it is, and where each item is."""
    found_ = await counts(work.session, plan.no)
    lists = (await work.session.scalars(
        select(PlanItem.list_no).where(PlanItem.plan == plan.no, PlanItem.list_no != "").distinct().order_by(PlanItem.list_no)
    )).all()
    return {
        "plan": plan, "counts": found_, "share": rules.shares(found_), "lists": lists,
        "draft": plan.state == "draft", "may": work.actor.holds(rules.MAKERS),
    }
