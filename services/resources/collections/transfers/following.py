"""What the desk tells of its lists; every fact may come twice or late, and a step once taken is not taken back by an older one."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update

from services.resources.collections.transfers import queries, rules
from services.resources.collections.transfers.model import (
    LineState,
    PlanItem,
    PlanState,
    TransferPlan,
)
from services.resources.collections.transfers.register import transfer_plans
from shared.events.reader import (
    ItemTransferred,
    TransferCancelled,
    TransferClosed,
    TransferPlanTakenUp,
    TransferSent,
)
from shared.events.resources import TransferPlanClosed
from shared.work import Work

L = LineState
LIVE = (PlanState.approved, PlanState.moving)


async def taken_up(work: Work, fact: TransferPlanTakenUp) -> None:
    """The desk made its lists; what it cannot fetch stays, with the reason."""
    plan = await _locked(work, fact.number)
    if plan is None:
        return
    for one in fact.lists:
        await _mark(work, PlanItem.plan == plan.no, one.barcodes, {L.listed}, L.taken, list_no=one.number)
    for refused in fact.refused:
        await _mark(work, PlanItem.plan == plan.no, [refused.barcode], {L.listed}, L.refused, why=refused.why)
    await _settle(work, plan)


async def sent(work: Work, fact: TransferSent) -> None:
    """On its way; what was listed and not in the box stays where it is."""
    plan = await _plan_of_list(work, fact.number)
    if plan is None:
        return
    await _mark(work, PlanItem.list_no == fact.number, fact.barcodes, {L.taken}, L.sent)
    await _rest(work, fact.number, {L.taken}, L.unsent)
    await _settle(work, plan)


async def received(work: Work, fact: ItemTransferred) -> None:
    """It stands at its new place; also when it came without a scan at the other end."""
    plan = await _plan_of_list(work, fact.number)
    if plan is None:
        return
    await work.session.execute(
        update(PlanItem).where(PlanItem.list_no == fact.number, PlanItem.item_id == fact.item_id)
        .values(state=L.received, open=False, changed_at=work.now)
    )
    await _settle(work, plan)


async def closed(work: Work, fact: TransferClosed) -> None:
    """What did not come is looked for."""
    plan = await _plan_of_list(work, fact.number)
    if plan is None:
        return
    await _mark(work, PlanItem.list_no == fact.number, fact.missing_barcodes, {L.taken, L.sent}, L.missing)
    await _settle(work, plan)


async def cancelled(work: Work, fact: TransferCancelled) -> None:
    """The desk gave the list up; its items stay."""
    plan = await _plan_of_list(work, fact.number)
    if plan is None:
        return
    await _rest(work, fact.number, {L.taken, L.sent}, L.unsent)
    await _settle(work, plan)


async def _locked(work: Work, number: str) -> TransferPlan | None:
    plan = await work.session.scalar(
        select(TransferPlan).where(TransferPlan.no == number).with_for_update().execution_options(populate_existing=True)
    )
    return plan if plan is not None and plan.state in LIVE else None


async def _plan_of_list(work: Work, list_no: str) -> TransferPlan | None:
    number = await work.session.scalar(select(PlanItem.plan).where(PlanItem.list_no == list_no).limit(1))
    return await _locked(work, number) if number else None


async def _mark(
    work: Work, which: object, barcodes: Sequence[str], of: set[LineState], to: LineState, *, list_no: str = "", why: str = ""
) -> None:
    ids = await queries.ids_of(work.session, list(barcodes))
    values = {"state": to, "open": to not in rules.ENDED, "changed_at": work.now, **({"list_no": list_no} if list_no else {})}
    await work.session.execute(
        update(PlanItem).where(which, PlanItem.item_id.in_(list(ids)), PlanItem.state.in_(of))  # type: ignore[arg-type]
        .values(**values, **({"why": why[:300]} if why else {}))
    )


async def _rest(work: Work, list_no: str, of: set[LineState], to: LineState) -> None:
    await work.session.execute(
        update(PlanItem).where(PlanItem.list_no == list_no, PlanItem.state.in_(of)).values(state=to, open=False, changed_at=work.now)
    )


async def _settle(work: Work, plan: TransferPlan) -> None:
    counts = await queries.counts(work.session, plan.no)
    plan.received = counts.get(L.received, 0)
    state = rules.outcome(counts)
    if state is None or state == plan.state:
        return
    if plan.state == PlanState.approved and state is PlanState.closed:
        await transfer_plans.move(work, plan.no, "begin")
    if state is not PlanState.moving:
        plan.closed_at = work.now
    await work.session.flush()
    await transfer_plans.move(work, plan.no, rules.STEPS[state])
    if state is not PlanState.moving:
        work.emit(TransferPlanClosed(
            number=plan.no, title=plan.title, location=plan.location, location_name=plan.location_name, count=plan.copies,
            received=plan.received, missing=counts.get(L.missing, 0), stayed=counts.get(L.refused, 0) + counts.get(L.unsent, 0),
        ), correlation=plan.correlation)
