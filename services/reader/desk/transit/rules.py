"""How long a journey may take, and how it ends."""

from __future__ import annotations

from datetime import date

from services.reader.desk.transit.model import Transit, TransitState
from shared.i18n import N_
from shared.refusals import NotFound, Refusal

NUMBERS = "ZT"
TARGET_OPEN_DAYS = 2

S = TransitState
LIFE: dict[tuple[TransitState, str], TransitState] = {
    (S.on_way, "arrive"): S.arrived,
    (S.on_way, "stop"): S.stopped,
    (S.on_way, "lose"): S.lost,
}


class UnknownTransit(NotFound):
    """No slip bears this number."""

    code = "unknown-transit"
    message = N_("没有通借单 {what}")


class ReasonMissing(Refusal):
    """A decision others must understand later needs words."""

    code = "reason-missing"
    message = N_("请写明原因")


def days_late(transit: Transit, today: date) -> int:
    """How many days beyond the target; not positive while there is time."""
    return (today - transit.due_on).days


def tone(transit: Transit, today: date) -> str:
    """Red beyond the target, amber on its last day."""
    late = days_late(transit, today)
    return "bad" if late > 0 else "warn" if late == 0 else ""
