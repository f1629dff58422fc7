"""Bundles in the workshop's hands, followed; a bound volume comes back over the counting of a handover batch."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from services.reader.rooms.backissues import binding
from services.reader.rooms.backissues.model import (
    BackBundle,
    BindingBatch,
    BindingLine,
    BundleState,
)
from shared.events.resources import AboutSet, BindingCompleted, BindingReceived, BindingSentBack
from shared.work import Work


async def _found(work: Work, fact: AboutSet) -> tuple[BackBundle, BindingLine] | None:
    """The bundle, locked, with its line of that batch; None when we know of no such journey."""
    row = (await work.session.execute(
        select(BackBundle, BindingLine).join(BindingLine, BindingLine.bundle_id == BackBundle.id)
        .join(BindingBatch, BindingBatch.id == BindingLine.batch_id).where(BackBundle.number == fact.bundle, BindingBatch.number == fact.batch)
        .with_for_update(of=BackBundle).execution_options(populate_existing=True)
    )).first()
    return (row[0], row[1]) if row else None


async def counted(work: Work, fact: BindingReceived) -> None:
    """The workshop counted it in; told twice, the first time counts."""
    found = await _found(work, fact)
    if found is not None and found[1].counted_at is None:
        found[1].counted_at = work.cause.at if work.cause else work.now


async def sent_back(work: Work, fact: BindingSentBack) -> None:
    """It is on its way here unbound."""
    found = await _found(work, fact)
    if found is not None:
        found[1].why_back = fact.reason


async def completed(work: Work, fact: BindingCompleted) -> None:
    """The volume is an item: what its label says is known before it comes."""
    found = await _found(work, fact)
    if found is not None and found[0].state in {BundleState.sent, BundleState.returned}:
        found[0].barcode, found[0].call_number = fact.barcode, fact.call_number


async def arrived(work: Work, barcodes: Sequence[str]) -> None:
    """Volumes counted in at the desk are back from the binder."""
    numbers = await work.session.scalars(
        select(BackBundle.number).where(BackBundle.barcode.in_(list(barcodes)), BackBundle.state == BundleState.sent).order_by(BackBundle.number)
    )
    for number in numbers.all():
        await binding.receive(work, number=number)
