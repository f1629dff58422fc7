"""What the shelf tells."""

from __future__ import annotations

from services.resources.collections.batches import commands
from services.resources.collections.batches.register import tell
from shared.events.reader import WeedingPulled, WeedingSuggested
from shared.i18n import N_
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(WeedingPulled)
async def follow_on_weeding_pulled(work: Work, event: WeedingPulled) -> None:
    """What was taken is a candidate, what was not stays where it is."""
    moved = await commands.pulled(
        work, event.number, found=[one.barcode for one in event.items if one.outcome == "found"],
        others=[(one.barcode, one.why) for one in event.items if one.outcome != "found"],
    )
    if moved is not None:
        tell(work, moved, N_("取书完毕"))


@handlers.on(WeedingSuggested)
async def note_on_weeding_suggested(work: Work, event: WeedingSuggested) -> None:
    """The next batch looks at them."""
    await commands.suggest(work, event.barcodes, reason=event.reason, by=work.cause.actor if work.cause else work.actor.id)
