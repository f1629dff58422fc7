"""Looking at an item, sending it back, mending it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time

from sqlalchemy import exists, select

from services.resources.cataloguing.items.commands import called
from services.resources.cataloguing.items.model import Item
from services.resources.cataloguing.items.queries import by_barcode
from services.resources.collections.collation import queries, rules
from services.resources.collections.collation.model import Aspect, CollationCheck
from shared.events.resources import CollationBegun, CollationMended, CollationReturned
from shared.refusals import NotFound
from shared.settings import LOCAL
from shared.work import Work


async def find(work: Work, code: str, *, lock: bool = False) -> Item:
    """The item in the hand, as it may be checked by this person."""
    work.actor.require(*rules.CHECKERS)
    item = await by_barcode(work.session, code)
    if item is None:
        raise NotFound(code)
    if lock:
        item = await work.lock(Item, Item.id == item.id, what=code)
    rules.check_item(item, work.actor.id)
    return item


async def pass_(work: Work, code: str) -> CollationCheck:
    """All six are right."""
    return await _check(work, code, [], "", "")


async def send_back(work: Work, code: str, *, aspects: Sequence[str], defect: str = "", note: str = "") -> CollationCheck:
    """Something is wrong: the item stays until it was mended and looked at again."""
    return await _check(work, code, rules.aspects_of(aspects), defect.strip()[:20], note.strip()[:300])


async def _check(work: Work, code: str, aspects: list[str], defect: str, note: str) -> CollationCheck:
    item = await find(work, code, lock=True)
    if await queries.open_defects(work.session, [item.id]):
        raise rules.StillWrong(barcode=item.barcode)
    record = await queries.title_of(work.session, item)
    since = datetime.combine(work.today, time(), LOCAL)
    first = not await work.session.scalar(
        select(exists().where(CollationCheck.checked_by == work.actor.id, CollationCheck.at >= since))
    )
    check = CollationCheck(
        item_id=item.id, barcode=item.barcode, title=called(item, record.title), aspects=aspects, code=defect, note=note,
        processed_by=item.created_by, checked_by=work.actor.id, at=work.now, open=bool(aspects),
    )
    work.session.add(check)
    await work.session.flush()
    if first:
        work.emit(CollationBegun(person=work.actor.id, day=work.today))
    if aspects:
        work.emit(CollationReturned(
            item_id=str(item.id), barcode=item.barcode, title=check.title, call_number=item.call_number, location=item.location,
            processed_by=item.created_by, wrong=tuple(Aspect(one).label for one in aspects),
        ))
    return check


async def mend(work: Work, code: str) -> CollationCheck:
    """What was wrong is right now; somebody looks at it again."""
    work.actor.require(*rules.CHECKERS)
    item = await by_barcode(work.session, code)
    if item is None:
        raise NotFound(code)
    check = await work.session.scalar(
        select(CollationCheck).where(CollationCheck.item_id == item.id, CollationCheck.open).with_for_update()
    )
    if check is None:
        raise rules.NothingOpen(barcode=item.barcode)
    check.open, check.mended_by, check.mended_at = False, work.actor.id, work.now
    work.emit(CollationMended(
        item_id=str(item.id), barcode=item.barcode, title=check.title, call_number=item.call_number, location=item.location,
    ))
    return check
