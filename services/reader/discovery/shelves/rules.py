"""Where a rack stands on the plan, and what a stretch of call numbers may not be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.reader.discovery.catalogue.numbers import beyond, call_key
from services.reader.discovery.shelves.model import ShelfRange, Side
from shared.i18n import N_, _
from shared.refusals import Invalid, Refusal

PER_ROW = 10
RACK_WIDE, RACK_HIGH, GAP, MARGIN = 22, 74, 14, 12


class Overlaps(Refusal):
    """A call number can stand in one place only."""

    code = "shelf-ranges-overlap"
    message = N_("与 {no}（{low} – {high}）重叠，同一馆藏地的号段不能交叉")


def keys(from_call: str, to_call: str) -> tuple[str, str]:
    """The keys of a stretch; both ends belong to it, with everything below the last."""
    low, last = call_key(from_call), call_key(to_call)
    if not low or not last:
        raise Invalid({"from_call" if not low else "to_call": N_("请填索书号或分类号，如 I247.5")})
    high = beyond(last)
    if low >= high:
        raise Invalid({"to_call": N_("止号不能在起号之前")})
    return low, high


def place_text(place: ShelfRange) -> str:
    """The place in words: 二层 文学库 3 排 A 面."""
    where = _(N_("{floor} {hall} {rack} 排"), floor=place.floor, hall=place.hall, rack=place.rack)
    return where if place.side is Side.both else f"{where} {place.side.text}"


@dataclass(frozen=True, slots=True)
class Rack:
    """A rack on the plan; `here` names the sides that are meant: "", "A", "B" or "AB"."""

    number: int
    x: int
    y: int
    here: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The drawn plan of a hall, seen from its entrance (below); units are those of its viewBox."""

    racks: Sequence[Rack]
    wide: int
    high: int


def plan(racks: Sequence[int], place: ShelfRange) -> Plan:
    """All racks of the hall in rows of ten, the first one nearest to the entrance."""
    numbers = sorted({*racks, place.rack})
    rows = -(-len(numbers) // PER_ROW)
    drawn = []
    for n, number in enumerate(numbers):
        row, column = divmod(n, PER_ROW)
        here = ("AB" if place.side is Side.both else place.side.value) if number == place.rack else ""
        drawn.append(Rack(
            number, MARGIN + column * (RACK_WIDE + GAP), MARGIN + (rows - 1 - row) * (RACK_HIGH + 28), here
        ))
    # As wide as a full row: a hall of two racks is not drawn larger than one of ten.
    return Plan(drawn, 2 * MARGIN + PER_ROW * (RACK_WIDE + GAP) - GAP, MARGIN + rows * (RACK_HIGH + 28) + 22)
