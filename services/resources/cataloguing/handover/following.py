"""What the desk says of batches and of its points; every fact may come twice or late."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.resources.cataloguing.handover import rules
from services.resources.cataloguing.handover.model import (
    Batch,
    BatchState,
    Extra,
    Line,
    Outcome,
    Point,
)
from services.resources.cataloguing.items.model import Item
from services.resources.cataloguing.items.rules import LIFE as ITEM_LIFE
from shared.database import uuid7
from shared.events.reader import (
    HandoverAwaited,
    HandoverConfirmed,
    HandoverDisputed,
    ReturnedItem,
    ServicePointSaved,
)
from shared.states import step
from shared.work import Work


async def know_point(work: Work, fact: ServicePointSaved) -> None:
    """The point as it is now."""
    row = {
        "code": fact.code, "name": fact.point_name, "name_en": fact.point_name_en, "open": fact.open,
        "locations": list(fact.locations),
    }
    await work.session.execute(
        insert(Point).values(row).on_conflict_do_update(index_elements=["code"], set_=row)
    )


async def _sent(work: Work, number: str) -> Batch | None:
    """The batch, locked, if it still waits for the point."""
    batch = await work.session.scalar(
        select(Batch).where(Batch.number == number).with_for_update().execution_options(populate_existing=True)
    )
    return batch if batch is not None and batch.state is BatchState.sent else None


async def learn_due(work: Work, fact: HandoverAwaited) -> None:
    """The point has the batch on its list and says by when it counts."""
    batch = await _sent(work, fact.number)
    if batch is not None:
        batch.due_on = fact.due_on


async def confirmed(work: Work, fact: HandoverConfirmed) -> None:
    """Every item is stock of the house now, in the hands of the desk."""
    batch = await _sent(work, fact.number)
    if batch is not None:
        await _close(work, batch, "confirm", fact.received_by)
        await _settle_lines(work, batch, {})


async def disputed(work: Work, fact: HandoverDisputed) -> None:
    """What was right stays there; what was not is in process again, with its reason."""
    batch = await _sent(work, fact.number)
    if batch is None:
        return
    await _close(work, batch, "dispute", fact.received_by)
    batch.remark = fact.note
    await _settle_lines(work, batch, {line.item_id: line for line in fact.returned})
    for extra in fact.extras:
        await work.session.execute(insert(Extra).values(
            id=uuid7(), batch=batch.number, barcode=extra.barcode, title=extra.title, other=extra.other
        ).on_conflict_do_nothing())


async def _close(work: Work, batch: Batch, how: str, by: str) -> None:
    batch.state = step(rules.LIFE, batch.state, how)
    batch.closed_at = work.cause.at if work.cause else work.now
    batch.received_by = by


async def _settle_lines(work: Work, batch: Batch, returned: Mapping[str, ReturnedItem]) -> None:
    lines = (await work.session.scalars(select(Line).where(Line.batch == batch.number))).all()
    stock = {item.id: item for item in await work.session.scalars(
        select(Item).where(Item.id.in_([line.item_id for line in lines])).order_by(Item.barcode)
        .with_for_update().execution_options(populate_existing=True)
    )}
    for line in lines:
        item, back = stock[line.item_id], returned.get(str(line.item_id))
        line.open = False
        if back is None:
            line.outcome = Outcome.accepted
            item.custodian = "reader"
        else:
            line.outcome = Outcome(back.verdict) if back.verdict in set(Outcome) else Outcome.missing
            line.reason = back.note
        action = "accept" if back is None else "come_back"
        if (item.life, action) in ITEM_LIFE:
            item.life = step(ITEM_LIFE, item.life, action)
