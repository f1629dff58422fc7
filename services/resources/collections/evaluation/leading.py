"""From an accepted proposal to what it asks for: a transfer plan, lines of the weeding register, a line of the purchase plan."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from services.resources.acquiring.plans.register import plans
from services.resources.cataloguing.items.model import Item, ItemLife
from services.resources.cataloguing.records.model import Instance
from services.resources.collections.evaluation import queries, rules
from services.resources.collections.evaluation.model import (
    By,
    EvaluationLine,
    EvaluationProposal,
    Led,
    Measure,
    ProposalStep,
)
from services.resources.collections.monthly.rules import class_name, language_name
from services.resources.collections.transfers import commands as transfers
from services.resources.collections.transfers import queries as transfer_queries
from services.resources.collections.transfers.register import transfer_plans
from services.resources.collections.usage.model import ItemUse
from services.resources.collections.weeding.register import weeding
from shared.i18n import N_, _
from shared.work import Work

YEAR = timedelta(days=365)
LINKS = {Led.transfer: "/resources/transfer-plans/", Led.weeding: "/resources/weeding/", Led.plan: "/resources/acquisition-plans/"}


def unit(line: EvaluationProposal, names: dict[str, str] | None = None) -> str:
    """What a proposal is about: class, place, language."""
    place = (names or {}).get(line.location, line.location)
    return " · ".join(filter(None, (class_name(line.clc) if line.clc else "", place, language_name(line.language) if line.language else "")))


def _span(line: EvaluationProposal, **more: Any) -> transfer_queries.Span:
    if not line.location:
        raise rules.NeedsPlace
    return transfer_queries.Span(line.location, clc=line.clc or None, language=line.language, **more)


async def move(work: Work, line: EvaluationProposal, form: Any) -> None:
    """A transfer plan with what fits, to be looked through and handed in by whoever moves it."""
    names = await transfer_queries.names(work.session)
    idle = work.today - form.idle_years * YEAR if form.idle_years else None
    span = _span(line, idle_since=idle)
    plan = await transfer_plans.open(
        work, title=f"{unit(line, names)} → {names.get(form.to, form.to)}"[:120], location=form.to, reason=line.text[:500], proposal=line.no,
        correlation=line.correlation,
    )
    await work.session.flush()
    done = await transfers.list_span(work, plan.no, span)
    if not done.added:
        raise rules.NothingFits
    await _step(work, line, Led.transfer, plan.no, done.added)


async def weed(work: Work, line: EvaluationProposal, form: Any) -> None:
    """Lines of the weeding register, each of which goes its own way from here."""
    span = _span(line, idle_since=work.today - form.years * YEAR if form.years else None)
    ids = await transfer_queries.found(work.session, span, "", work.today, form.most)
    codes = (await work.session.scalars(select(Item.barcode).where(Item.id.in_(ids)).order_by(Item.shelf_key, Item.barcode))).all()
    if not codes:
        raise rules.NothingFits
    for code in codes:
        one = await weeding.open(work, barcode=code, reason=form.why, note=_(N_("按馆藏调整建议 {no}"), no=line.no))
        await _step(work, line, Led.weeding, one.no, 1)


async def buy(work: Work, line: EvaluationProposal, form: Any) -> None:
    """A line of the year's purchase plan, to be approved there."""
    plan = await plans.open(
        work, fund=form.fund, carrier=form.carrier, subject=line.clc, titles=form.titles, copies=line.copies, amount=form.amount,
        basis=f"{_(N_('按馆藏调整建议 {no}'), no=line.no)} {line.text}"[:500], correlation=line.correlation,
    )
    await _step(work, line, Led.plan, plan.no, line.copies)


async def _step(work: Work, line: EvaluationProposal, kind: Led, number: str, copies: int) -> None:
    work.session.add(ProposalStep(proposal=line.no, kind=kind, number=number, copies=copies, by=work.actor.id, at=work.now))
    await work.session.flush()


async def around(work: Work, line: EvaluationProposal) -> dict[str, Any]:
    """The figures of the unit, then and now, and where the proposal led."""
    steps = (await work.session.scalars(
        select(ProposalStep).where(ProposalStep.proposal == line.no).order_by(ProposalStep.at, ProposalStep.number)
    )).all()
    return {
        "line": line, "unit": unit(line, await transfer_queries.names(work.session)), "now": await _now(work, line), "then": await _then(work, line),
        "steps": steps, "links": LINKS, "measure": Measure(line.measure), "names": await transfer_queries.names(work.session),
    }


async def _now(work: Work, line: EvaluationProposal) -> dict[str, int]:
    where: list[Any] = [Item.life == ItemLife.in_stock]
    if line.location:
        where.append(Item.location == line.location)
    if line.clc:
        where.append(func.holding_class(Instance.clc, Item.call_number) == line.clc)
    if line.language:
        where.append(Instance.language == line.language)
    used = select(ItemUse.item_id, func.sum(ItemUse.n).label("n")).where(
        ItemUse.item_id.is_not(None), ItemUse.day >= work.today - YEAR
    ).group_by(ItemUse.item_id).subquery()
    row = (await work.session.execute(
        select(
            func.count(), func.count(Item.instance_id.distinct()), func.coalesce(func.sum(used.c.n), 0),
            func.count().filter(func.coalesce(used.c.n, 0) <= 0),
        ).select_from(Item).join(Instance, Instance.id == Item.instance_id).outerjoin(used, used.c.item_id == Item.id).where(*where)
    )).one()
    return {"copies": row[0], "titles": row[1], "uses": int(row[2]), "idle": row[3]}


async def _then(work: Work, line: EvaluationProposal) -> EvaluationLine | None:
    """The evaluation's own line of this unit, as it was counted."""
    if not line.evaluation:
        return None
    one = await queries.by_no(work.session, line.evaluation)
    by = By.cell if line.location and line.language else By.clc if not line.location else None
    return await work.session.get(EvaluationLine, (one.id, by, line.location, line.clc, line.language)) if by else None
