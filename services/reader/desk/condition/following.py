"""What the workshop and the weeding register tell the desk about a slip.

These commands never refuse: a fact that comes late, twice or out of order leaves the slip where
it is. Each locks the item first, like everything else at the desk.
"""

from __future__ import annotations

import structlog
from sqlalchemy import select

from services.reader.desk.condition import rules
from services.reader.desk.condition.commands import open_inspection
from services.reader.desk.condition.model import InspectionState, Slip, SlipState
from services.reader.desk.condition.queries import open_slip_of, slips_of, waiting_inspection
from services.reader.desk.holds import commands as holds
from services.reader.desk.items import commands as items
from services.reader.desk.items import rules as item_rules
from services.reader.desk.items.model import Circulation, Condition, Item
from services.reader.desk.items.queries import find_and_lock
from services.reader.desk.losses import originals
from shared.events.resources import ItemReadmitted, RepairCompleted, WeedingKept
from shared.i18n import N_
from shared.work import Work

log = structlog.get_logger()


async def note_job(work: Work, *, slip: str, job: str) -> None:
    """The workshop gave the repair a number."""
    found = await work.session.scalar(select(Slip).where(Slip.number == slip))
    if found is not None:
        found.job = job


async def taken(work: Work, *, slip: str, job: str) -> None:
    """The workshop has the item on its bench; custody went with it."""
    found, item = await _both(work, slip)
    if found is None or item is None or item.circulation is Circulation.on_loan:
        return
    found.job = job
    if rules.may(found, "take"):
        rules.move(found, "take", work.now)
        item_rules.learn(item, "condition", "take")
        item_rules.learn(item, "custodian", "take")
        await holds.put_back(work, item, reason=N_("送工场修补"))
        items.take_off(work, item)


async def come_back(work: Work, fact: RepairCompleted) -> None:
    """The workshop is done: an inspection waits at the desk."""
    found, item = await _both(work, fact.slip)
    if found is None or item is None or not rules.may(found, "come_back"):
        return
    found.job = fact.number
    rules.move(found, "come_back", work.now)
    item_rules.learn(item, "condition", "come_back")
    item_rules.learn(item, "custodian", "give_back")
    found.mended_by = work.cause.actor if work.cause else work.actor.id
    found.mended_at, found.minutes = work.now, found.minutes + fact.minutes
    open_inspection(work, found, item, mended_by=found.mended_by, note=fact.note)


async def condemned(work: Work, *, slip: str, reason: str) -> None:
    """The workshop cannot mend it; the weeding register decides what becomes of it."""
    found, item = await _both(work, slip)
    if found is None or item is None or not rules.may(found, "condemn"):
        return
    await _drop_inspection(work, found)
    rules.move(found, "condemn", work.now)
    found.outcome = reason
    item_rules.learn(item, "condition", "condemn")
    item_rules.learn(item, "custodian", "take")


async def kept(work: Work, fact: WeedingKept) -> None:
    """The item stays: what was condemned is looked at again, what was sound goes to its shelf."""
    item = await items.learn_stock(work, barcode=fact.barcode, action="keep")
    if item is None:
        return
    item_rules.learn(item, "custodian", "give_back")
    await _stands_again(work, item, fact.reason)
    if item.condition is Condition.irreparable:
        slip = next(iter(await slips_of(work.session, item.id, limit=1)), None)
        if slip is None or not rules.may(slip, "keep"):
            return
        work.follow(slip.correlation)
        rules.move(slip, "keep", work.now)
        item_rules.learn(item, "condition", "keep")
        open_inspection(work, slip, item, mended_by="", note=fact.reason)
    elif item.circulation is Circulation.to_shelve and await holds.offer(work, item) is None:
        items.put_away(work, item)


async def readmitted(work: Work, fact: ItemReadmitted) -> None:
    """Resources keep an original that turned up: it is stock, and goes to its shelf or to who waits."""
    item = await items.learn_stock(work, barcode=fact.barcode, action="readmit")
    if item is None:
        return
    item_rules.learn(item, "custodian", "give_back")
    await _stands_again(work, item, fact.reason)
    sound = item.condition is Condition.sound
    if sound and item.circulation is Circulation.to_shelve and await holds.offer(work, item) is None:
        items.put_away(work, item)


async def _stands_again(work: Work, item: Item, reason: str) -> None:
    """What a copy had replaced is no longer replaced."""
    if item.circulation is Circulation.replaced:
        await originals.settled(work, barcode=item.barcode, kept=True, reason=reason)
        item_rules.move(item, "readmit", work.now)


async def weeded(work: Work, *, barcode: str) -> None:
    """The item left the stock: its slip is closed, and whoever it was kept for waits on."""
    await work.session.flush()  # what the items room learned from the same fact
    item = await find_and_lock(work.session, barcode)
    if item is None:
        return
    await holds.put_back(work, item, reason=N_("馆藏已剔除"))
    items.take_off(work, item)
    slip = await open_slip_of(work.session, item.id)
    if slip is not None:
        await _drop_inspection(work, slip)
        rules.enter(slip, SlipState.weeded, work.now)


async def _both(work: Work, number: str) -> tuple[Slip | None, Item | None]:
    slip = await work.session.scalar(select(Slip).where(Slip.number == number))
    if slip is None:
        log.warning("the workshop speaks of a slip we do not know", slip=number)
        return None, None
    item = await work.session.scalar(
        select(Item).where(Item.id == slip.item_id).with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    await work.session.refresh(slip, with_for_update={"key_share": True})
    work.follow(slip.correlation)
    return slip, item


async def _drop_inspection(work: Work, slip: Slip) -> None:
    waiting = await waiting_inspection(work.session, slip.id)
    if waiting is not None:
        waiting.state = InspectionState.failed
        waiting.decided_by, waiting.decided_at, waiting.note = "system", work.now, N_("转剔旧，不再回验")
