"""Who pulls, and what is held back. Pure."""

from __future__ import annotations

from services.reader.desk import DESK
from services.reader.desk.items.model import Circulation, Condition, Item, Stock
from services.reader.desk.items.rules import ABSENT
from shared.i18n import N_
from shared.refusals import NotFound, Refusal

PULLERS = (*DESK, "RDR-STK")
AT_HAND = {Circulation.available, Circulation.to_shelve, Circulation.missing}
CHUNK, LARGEST = 200, 300


class UnknownPull(NotFound):
    """We heard of no list with this number."""

    code = "unknown-pull-list"
    message = N_("没有取书清单 {what}")


class PullOver(Refusal):
    """The list was reported, or given up."""

    code = "pull-list-over"
    message = N_("取书清单 {number} 已结束，不能再改")


class NotOnPull(Refusal):
    """A book nobody asked for stays."""

    code = "not-on-pull-list"
    message = N_("{barcode} 不在取书清单 {number} 上，请放回原架")


class WhyHeld(Refusal):
    """Resources must know why a book stays."""

    code = "pull-held-why"
    status = 422
    message = N_("请写明暂留的理由")


def held_back(item: Item, *, wanted: bool) -> str:
    """Why the book may not be taken now; empty when it may."""
    if item.circulation not in AT_HAND:
        return ABSENT[item.circulation]
    if item.stock is Stock.withdrawn:
        return N_("该册已剔除注销")
    if wanted:
        return N_("有读者预约了这一册")
    if item.condition in {Condition.in_repair, Condition.unchecked}:
        return N_("在修补或待验，不在架上")
    return ""
