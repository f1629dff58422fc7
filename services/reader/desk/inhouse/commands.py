"""Handing out in the room, and clearing the tables."""

from __future__ import annotations

from services.reader.desk import DESK
from services.reader.desk.inhouse import rules
from services.reader.desk.inhouse.model import HouseUse
from services.reader.desk.items import commands as items
from services.reader.desk.items import rules as item_rules
from services.reader.desk.items.model import Circulation
from services.reader.desk.items.queries import lock_item
from services.reader.desk.patrons.queries import lock_patron
from shared.events.reader import ItemUsedInHouse
from shared.work import Work


async def use(work: Work, *, barcode: str, card: str = "", left: bool = False) -> HouseUse:
    """Count a use. The item stays with the reader until it is scanned back; with `left` it was found on
    a table, read already, and stands on its shelf again at once.
    """
    work.actor.require(*DESK)
    item = await lock_item(work.session, barcode)
    patron = await lock_patron(work.session, card) if card else None
    if reasons := rules.objections(item, patron, work.today):
        raise rules.UseRefused(reasons)
    if item.circulation is Circulation.to_shelve:
        items.put_away(work, item)
    item_rules.move(item, "use", work.now)
    found = HouseUse(
        item_id=item.id, barcode=item.barcode, title=item.title, call_number=item.call_number,
        card=card, at=work.now, by=work.actor.id,
    )
    work.session.add(found)
    work.emit(ItemUsedInHouse(**item_rules.about(item), card=card))
    await work.session.flush()
    if left:
        item_rules.move(item, "return", work.now)
        items.put_away(work, item)
        await work.session.flush()
        await work.session.refresh(found)
    return found
