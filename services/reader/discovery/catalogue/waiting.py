"""What a patron may choose when placing a hold: where to fetch, and whether any copy will do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.reader.desk.consortium.queries import usual_pickup
from services.reader.desk.holds.pickup import pickups
from services.reader.desk.holds.queries import last_pickup, requested
from services.reader.desk.holds.rules import Asks, Copy, answer
from services.reader.desk.items.model import Item
from services.reader.desk.items.queries import item_by_barcode
from services.reader.desk.patrons.queries import patron_ever
from services.reader.rooms.service_points.model import ServicePoint
from services.reader.rooms.service_points.queries import homes, points
from shared.refusals import NotFound
from shared.work import Work


@dataclass(frozen=True, slots=True)
class Choices:
    """The open points at which the title can be had, the usual one, and copies that can be asked for one by one."""

    points: Sequence[ServicePoint]
    usual: str
    copies: Sequence[Item]


async def usual_point(work: Work) -> str:
    """At their own library for a reader of the union; else where the patron fetched last, or wherever the item comes in."""
    member, _name = await usual_pickup(work.session, work.actor.card)
    if member:
        return member
    patron = await patron_ever(work.session, work.actor.card)
    return await last_pickup(work.session, patron.id) if patron else ""


async def choices(work: Work, instance_id: str, items: Sequence[Item]) -> Choices:
    """What the rules of the desk allow without a head's word.

    One copy is worth asking for only where copies differ, that is in parts.
    """
    open_points = await points(work.session, only_open=True, ours=True)
    may = set(pickups(await requested(work.session, instance_id, None), [point.code for point in open_points]))
    found = [point for point in open_points if point.code in may]
    last = await usual_point(work)
    usual = last if last in may else found[0].code if found else ""
    where, parts = await homes(work.session), {item.volume for item in items}
    asked = [
        item for item in items
        if len(parts) > 1 and _may(item, home=where.get(item.location, ""), pickup=usual)
    ]
    return Choices(found, usual, asked)


def _may(item: Item, *, home: str, pickup: str) -> bool:
    copy = Copy(item.circulation, item.condition, item.stock, item.use, home)
    return answer([copy], level=Asks.item, pickup=pickup) == "yes"


async def copy_of(work: Work, instance_id: str, barcode: str) -> str:
    """The barcode, if it is a copy of this very title."""
    item = await item_by_barcode(work.session, barcode)
    if item.instance_id != instance_id:
        raise NotFound(barcode)
    return item.barcode
