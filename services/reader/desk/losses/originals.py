"""Originals that turn up although a copy was brought: no refund, both are ours, resources decide.

The book goes to resources; until they have decided it is not lent. Scanning it again changes nothing.
"""

from __future__ import annotations

from sqlalchemy import select

from services.reader.desk.items import rules as item_rules
from services.reader.desk.items.model import Circulation, Item
from services.reader.desk.items.queries import find_and_lock
from services.reader.desk.losses import rules
from services.reader.desk.losses.commands import about
from services.reader.desk.losses.model import Loss, LossState
from services.reader.desk.losses.queries import open_loss_of
from shared.events.reader import OriginalFound, OriginalSettled
from shared.work import Work

S = LossState


async def turned_up(work: Work, item: Item, *, damaged: bool) -> Loss | None:
    """The locked item came over the desk; the case it belongs to when a copy stands for it, else None."""
    if item.circulation is Circulation.lost:
        loss = await open_loss_of(work.session, item.id, lock=True)
        if loss is None or loss.state is not S.processing:
            return None
    elif item.circulation is Circulation.replaced:
        loss = await _replaced(work, item)
        if loss is None:
            return None
    else:
        return None
    if loss.original_at is None:
        rules.move(loss, "turn_up", work.now)
        loss.original_at, loss.original_damaged = work.now, damaged
        item_rules.learn(item, "custodian", "take")
        work.emit(OriginalFound(
            **about(loss), damaged=damaged, new_barcode=loss.new_barcode or "",
        ), correlation=loss.correlation)
        await work.session.flush()
    return loss


async def _replaced(work: Work, item: Item) -> Loss | None:
    """The newest case that ended with a copy."""
    return await work.session.scalar(
        select(Loss).where(Loss.item_id == item.id, Loss.state.in_((S.replaced, S.extra)))
        .order_by(Loss.opened_at.desc()).limit(1).with_for_update()
    )


async def settled(work: Work, *, barcode: str, kept: bool, reason: str = "") -> Item | None:
    """Resources have decided: the original is stock again, or leaves. None when there was nothing to settle."""
    item = await find_and_lock(work.session, barcode)
    if item is None:
        return None
    loss = await work.session.scalar(
        select(Loss).where(Loss.item_id == item.id, Loss.state == S.extra).with_for_update()
    )
    if loss is not None:
        rules.move(loss, "keep_both" if kept else "let_go", work.now)
        work.emit(OriginalSettled(**about(loss), kept=kept, reason=reason), correlation=loss.correlation)
    return item
