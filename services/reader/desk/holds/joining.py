"""Two queues that become one. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from services.reader.desk.holds.model import Hold, HoldState
from services.reader.desk.holds.rules import LIFE
from shared.i18n import N_
from shared.states import step

TWICE = N_("两条书目已合并为一条，保留您较早的预约")
MERGED = N_("书目合并，两队按预约先后合为一队")
KEPT = (HoldState.transit, HoldState.ready)


def doubles(holds: Iterable[Hold]) -> list[tuple[Hold, Hold]]:
    """Pairs of one patron's active holds on both titles: the older, which stays, and the younger."""
    found: dict[object, list[Hold]] = {}
    for hold in holds:
        found.setdefault(hold.patron_id, []).append(hold)
    pairs = [sorted(pair, key=lambda hold: (hold.placed_at, hold.turn)) for pair in found.values() if len(pair) == 2]
    return [(older, younger) for older, younger in pairs]


class Slot:
    """The item that stands ready for a hold, or travels to it, taken from one hold to be given to another."""

    FIELDS = ("item_id", "barcode", "shelf", "ready_at", "until", "point")

    def __init__(self, hold: Hold) -> None:
        self.state = hold.state
        self.values = {name: getattr(hold, name) for name in self.FIELDS}

    def give(self, hold: Hold) -> None:
        """The older hold is served by what was kept for the younger: nobody loses a book that waits for them."""
        hold.state = step(LIFE, hold.state, "capture" if self.state is HoldState.ready else "send")
        hold.paused_until = None
        for name, value in self.values.items():
            setattr(hold, name, value)


def passes_on(older: Hold, younger: Hold) -> bool:
    """Whether an item is kept for the younger only."""
    return younger.state in KEPT and older.state is HoldState.waiting


def line_up(holds: Iterable[Hold]) -> None:
    """Turns by which nobody shares one with anybody: both queues keep their order, what heads changed in it included.

    A head who puts somebody first counts down from the first of that queue, so two queues may bear one number. Turns only
    go down: what is placed later comes later.
    """
    above: int | None = None
    for hold in sorted(holds, key=lambda hold: (hold.turn, hold.placed_at, str(hold.id)), reverse=True):
        if above is not None and hold.turn >= above:
            hold.turn = above - 1
        above = hold.turn
