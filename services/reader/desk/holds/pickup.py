"""Where a patron may fetch. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from services.reader.desk.holds.rules import Asks, Copy, answer
from services.reader.desk.patrons.model import Category, Patron
from services.reader.rooms.service_points.model import PointKind, ServicePoint
from shared.i18n import N_
from shared.refusals import Refusal


class PickupElsewhere(Refusal):
    """Another library lends to its own readers and those of the union, not to ours."""

    code = "pickup-elsewhere"
    message = N_("{point}是成员馆，只有联合共享体读者能在那里取书")


def goes_away(point: ServicePoint | None, patron: Patron) -> bool:
    """Whether the patron fetches at another library, which only a reader of the union may."""
    if point is None or point.kind is not PointKind.member:
        return False
    if patron.category is not Category.union:
        raise PickupElsewhere(point=point.text)
    return True


def pickups(copies: Iterable[Copy], points: Iterable[str]) -> list[str]:
    """The points at which a patron may ask for any of these copies without a head's word."""
    met = list(copies)
    return [point for point in points if answer(met, level=Asks.any, pickup=point) == "yes"]
