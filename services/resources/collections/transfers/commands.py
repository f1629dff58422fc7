"""Making a plan, and deciding about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update

from services.resources.cataloguing.items.model import Item
from services.resources.cataloguing.items.queries import locations
from services.resources.cataloguing.records.model import Instance
from services.resources.collections.transfers import queries, rules
from services.resources.collections.transfers.model import (
    LineState,
    PlanItem,
    PlanState,
    TransferPlan,
)
from shared.events.resources import PlannedItem, TransferPlanned
from shared.i18n import N_
from shared.refusals import Invalid, Reason
from shared.work import Work


@dataclass(slots=True)
class Listed:
    """What became of a list of items."""

    added: int = 0
    already: int = 0
    refused: list[tuple[str, list[Reason]]] = field(default_factory=list)


async def begin(work: Work, plan: TransferPlan, _form: Any) -> None:
    """A plan for a place that takes books."""
    place = (await locations(work.session)).get(plan.location.strip())
    if place is None:
        raise Invalid({"location": N_("没有这个馆藏地")})
    if not place.takes(work.today):
        raise Invalid({"location": N_("馆藏地未启用或已停用")})
    plan.location, plan.location_name = place.no, place.name


async def _draft(work: Work, number: str) -> TransferPlan:
    work.actor.require(*rules.MAKERS)
    plan = await work.lock(TransferPlan, TransferPlan.no == number, what=number)
    if plan.state != PlanState.draft:
        raise rules.NotADraft(number=number)
    return plan


async def list_codes(work: Work, number: str, codes: Sequence[str]) -> Listed:
    """Scanned or pasted barcodes."""
    plan = await _draft(work, number)
    known = await queries.ids_of(work.session, list(codes))
    done = await _add(work, plan, list(known))
    done.refused += [(code, [Reason("unknown", N_("没有这个条码的单册"))]) for code in codes if code not in known.values()]
    return done


async def list_span(work: Work, number: str, span: queries.Span) -> Listed:
    """All that fits, as far as one plan goes; what is on a plan already is left out."""
    plan = await _draft(work, number)
    if span.location not in await locations(work.session):
        raise rules.NoSpan
    room = rules.LARGEST - plan.copies
    found = await queries.found(work.session, span, plan.location, work.today, room) if room > 0 and span.location != plan.location else []
    return await _add(work, plan, found)


async def _add(work: Work, plan: TransferPlan, ids: Sequence[UUID]) -> Listed:
    await work.session.flush()
    done = Listed()
    # In one order, so that two who plan the same books wait for one another and never in a circle.
    rows = (await work.session.execute(
        select(Item, Instance.title).join(Instance, Instance.id == Item.instance_id).where(Item.id.in_(ids))
        .order_by(Item.id).with_for_update(of=Item).execution_options(populate_existing=True)
    )).all()
    planned = await queries.open_plans(work.session, [item.id for item, _title in rows])
    for item, title in sorted(rows, key=lambda row: (row[0].shelf_key, row[0].barcode)):
        if planned.get(item.id) == plan.no:
            done.already += 1
            continue
        why = rules.objections(
            item.life, item.location, plan.location, elsewhere=planned.get(item.id, ""), custodian=item.custodian, count=plan.copies,
        )
        if why:
            done.refused.append((item.barcode, why))
            continue
        work.session.add(PlanItem(
            plan=plan.no, item_id=item.id, barcode=item.barcode, title=title, call_number=item.call_number, shelf_key=item.shelf_key,
            from_location=item.location, state=LineState.listed, open=True,
        ))
        plan.copies += 1
        done.added += 1
    await work.session.flush()
    return done


async def take_off(work: Work, number: str, barcodes: Sequence[str]) -> int:
    """These stay where they are."""
    plan = await _draft(work, number)
    gone = await work.session.execute(delete(PlanItem).where(PlanItem.plan == number, PlanItem.barcode.in_(barcodes)))
    n = int(getattr(gone, "rowcount", 0))
    plan.copies -= n
    return n


async def submit(work: Work, plan: TransferPlan, _form: Any) -> None:
    """The list is complete; another person decides."""
    if plan.copies == 0:
        raise rules.NothingListed
    plan.submitted_by = work.actor.id


async def approve(work: Work, plan: TransferPlan, _form: Any) -> None:
    """From now on the desk fetches them: what moves is told, item by item."""
    place = (await locations(work.session))[plan.location]
    if not place.takes(work.today):
        raise Invalid({"": N_("馆藏地未启用或已停用")})
    plan.approved_by, plan.approved_at, plan.sent_back = work.actor.id, work.now, ""
    lines, _n = await queries.items_of(work.session, plan.no)
    work.emit(TransferPlanned(
        number=plan.no, title=plan.title, location=place.no, location_name=place.name, location_name_en=place.name_en,
        reason=plan.reason or plan.title, count=len(lines), made_by=plan.submitted_by, approved_by=work.actor.id, approved_at=work.now,
        items=tuple(PlannedItem(item_id=str(line.item_id), barcode=line.barcode, from_location=line.from_location) for line in lines),
    ), correlation=plan.correlation)


async def cancel(work: Work, plan: TransferPlan, _form: Any) -> None:
    """Nothing moves; the items are free for another plan."""
    await work.session.execute(update(PlanItem).where(PlanItem.plan == plan.no).values(open=False))
    plan.closed_at = work.now
