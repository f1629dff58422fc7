"""What may be read in the house, and by whom."""

from __future__ import annotations

from datetime import date

from services.reader.desk.circulation.rules import Explained
from services.reader.desk.items.model import Circulation, Item, Use
from services.reader.desk.items.rules import ABSENT, unfit
from services.reader.desk.patrons.model import Patron
from services.reader.desk.patrons.rules import card_blocks
from shared.i18n import N_
from shared.refusals import Reason

# What a room may hand out: what stands in its place, or was just put back on the trolley.
AT_HAND = {Circulation.available, Circulation.to_shelve}


class UseRefused(Explained):
    """The item cannot be read in the house now."""

    code = "use-refused"
    message = N_("不能阅览：{why}")


def objections(item: Item, patron: Patron | None, today: date) -> list[Reason]:
    """Every reason against handing the item out in the room; being for reading only is none."""
    found = [r for r in unfit(item) if r.code not in {"item-reference", "item-closed"}]
    if item.circulation not in AT_HAND:
        found.append(Reason(f"item-{item.circulation.value.replace('_', '-')}", ABSENT[item.circulation]))
    if item.use is Use.closed and patron is None:
        found.append(Reason("card-needed", N_("特藏凭证阅览，请先扫读者证")))
    return found + (card_blocks(patron, today) if patron else [])
