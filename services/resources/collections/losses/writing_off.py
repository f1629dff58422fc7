"""Losses and the weeding register: proposed when the term is over, taken off when the item is there again."""

from __future__ import annotations

from services.resources.collections.losses import commands
from services.resources.collections.losses.model import LostItem
from services.resources.collections.weeding.commands import open_line
from services.resources.collections.weeding.model import Reason, WeedingState
from services.resources.collections.weeding.register import weeding
from shared.i18n import N_
from shared.refusals import NotFound
from shared.work import Work

UNDECIDED = (WeedingState.proposed, WeedingState.reviewed, WeedingState.second, WeedingState.approved)


async def propose(work: Work, loss: LostItem) -> None:
    """A line for an item that will not come back; whoever lists it does not decide."""
    if loss.item_id is None:
        raise NotFound(loss.barcode)
    line = await weeding.open(
        work, barcode=loss.barcode, reason=Reason.lost, note=loss.decision or loss.note, source=loss.no,
        proposer=work.actor.id, correlation=loss.correlation,
    )
    loss.weeding = line.no


async def propose_extra(work: Work, loss: LostItem) -> None:
    """The original that turned up is not wanted: the weeding register decides; written off already, it is only disposed of."""
    loss.decided_by = work.actor.id
    item = await commands.lock_item(work, loss.item_id)
    if item is None or item.life.value == "withdrawn":
        return
    line = await weeding.open(
        work, barcode=loss.barcode, reason=Reason.excess, note=loss.decision, source=loss.no,
        proposer=work.actor.id, correlation=loss.correlation,
    )
    loss.weeding = line.no


async def take_off(work: Work, loss: LostItem, reason: str) -> None:
    """The item is there again, or a copy is: nothing is left to decide about it."""
    line = await open_line(work, loss.barcode)
    if line is not None and WeedingState(line.state) in UNDECIDED and line.reason is Reason.lost:
        await weeding.move(work, line.no, "keep", keep_reason=reason)


async def strike_off(work: Work, loss: LostItem) -> None:
    """What was written off is stock again: its line says so, and the item may be listed anew one day."""
    line = await open_line(work, loss.barcode)
    if line is not None and WeedingState(line.state) in {WeedingState.withdrawn, WeedingState.disposed}:
        line.state, line.keep_reason, line.decided_at = WeedingState.kept, N_("注销后原书找回，重新入藏"), work.now
