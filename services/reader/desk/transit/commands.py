"""Sending, arriving, giving up."""

from __future__ import annotations

from uuid import UUID

from services.reader.desk.calendar.queries import closed_days
from services.reader.desk.calendar.rules import HORIZON, ONE, after_open_days
from services.reader.desk.items import rules as item_rules
from services.reader.desk.items.model import Item
from services.reader.desk.transit import rules
from services.reader.desk.transit.model import Transit, Why
from services.reader.desk.transit.queries import open_transit_of
from services.reader.rooms.service_points.queries import home_of, names
from shared.events.reader import ItemArrived, ItemLostInTransit, ItemSent
from shared.states import step
from shared.work import Work


async def send(
    work: Work, item: Item, *, origin: str, to: str, why: Why, hold_id: UUID | None = None, card: str = ""
) -> Transit:
    """Put an item the caller has locked into the box for another point; the slip goes with it."""
    closed = await closed_days(work.session, work.today, work.today + ONE * HORIZON)
    transit = Transit(
        number=await work.number(rules.NUMBERS), item_id=item.id, barcode=item.barcode, title=item.title,
        call_number=item.call_number, origin=origin, to=to, why=why, hold_id=hold_id,
        card_tail=card[-4:], sent_at=work.now, sent_by=work.actor.id,
        due_on=after_open_days(work.today, rules.TARGET_OPEN_DAYS, closed),
    )
    item_rules.move(item, "send", work.now)
    work.session.add(transit)
    await work.session.flush()
    work.emit(ItemSent(
        **item_rules.about(item), **await _points(work, transit), why=why.value, why_label=why.label,
        due_on=transit.due_on, hold_id=str(hold_id or ""),
    ))
    return transit


async def send_home(work: Work, item: Item, *, at: str) -> Transit | None:
    """Send the item to the point that keeps its location; None when it is at home or nobody keeps it."""
    home = await home_of(work.session, item.location)
    if not at or not home or home == at:
        return None
    return await send(work, item, origin=at, to=home, why=Why.home)


async def end(work: Work, item: Item, *, at: str = "", how: str = "arrive") -> Transit | None:
    """The item is in somebody's hands: its journey ends at `at` (the aim when the desk named no point)."""
    transit = await open_transit_of(work.session, item.id)
    item_rules.move(item, "return", work.now)
    if transit is None:
        return None
    _close(work, transit, how, at or transit.to)
    if how == "arrive":
        said = await names(work.session)
        work.emit(ItemArrived(
            **item_rules.about(item), **await _points(work, transit), at=transit.ended_where,
            at_name=said.get(transit.ended_where, transit.ended_where),
            late_days=max(rules.days_late(transit, work.today), 0), hold_id=str(transit.hold_id or ""),
        ))
    return transit


async def lose(work: Work, item: Item, transit: Transit, *, reason: str) -> None:
    """The item, locked by the caller, did not come: from now on it is looked for."""
    if not reason.strip():
        raise rules.ReasonMissing
    _close(work, transit, "lose", "")
    transit.reason = reason.strip()
    item_rules.move(item, "miss", work.now)
    work.emit(ItemLostInTransit(
        **item_rules.about(item), **await _points(work, transit), reason=transit.reason
    ))


def _close(work: Work, transit: Transit, how: str, where: str) -> None:
    transit.state = step(rules.LIFE, transit.state, how)
    transit.ended_at, transit.ended_by, transit.ended_where = work.now, work.actor.id, where


async def _points(work: Work, transit: Transit) -> dict[str, str]:
    said = await names(work.session)
    return {
        "number": transit.number, "origin": transit.origin, "to": transit.to,
        "origin_name": said.get(transit.origin, transit.origin), "to_name": said.get(transit.to, transit.to),
    }
