"""When looking may end. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from services.resources.collections.missing.model import MissingItem, MissingState
from shared.i18n import N_
from shared.refusals import Refusal

KEEPERS = ("RES-MGT", "head-resources")
SEEKERS = (*KEEPERS, "RDR")
# As many stock-takes in a row, or as long: then weeding may decide.
ROUNDS, DAYS = 2, 365

S = MissingState
LIFE: Mapping[tuple[MissingState, str], MissingState] = {
    (S.missing, "find"): S.found,
    (S.missing, "propose"): S.proposed,
    (S.proposed, "find"): S.found,
}


class TooSoon(Refusal):
    """A book that was put back wrongly turns up at the next stock-take."""

    code = "missing.too-soon"
    message = N_("《{title}》{barcode} 只有 {rounds} 次清点未见，{day} 起才可列入剔旧，请再找一找")


def ripe_on(item: MissingItem) -> date:
    """From which day on the item may be listed for weeding without another stock-take."""
    return item.missing_on + timedelta(days=DAYS)


def ripe(item: MissingItem, today: date) -> bool:
    """Whether weeding may be asked."""
    return item.rounds >= ROUNDS or today >= ripe_on(item)
