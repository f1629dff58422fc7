"""Who may check what, and how often things are wrong. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from services.resources.cataloguing.items.model import Item, ItemLife
from services.resources.collections.collation.model import Aspect
from shared.i18n import N_
from shared.refusals import Refusal, SamePerson

CHECKERS = ("RES-MGT", "RES-ACQ", "head-resources")
# The error share is taken over so many days.
DAYS = 30


class CheckedOwn(SamePerson):
    """Nobody sees their own mistakes."""

    message = N_("这一册是您加工的，请由另一位同事典校")


class NotInWorkroom(Refusal):
    """What has left is looked at elsewhere."""

    code = "collation.not-in-workroom"
    message = N_("{barcode} 现为“{life}”，只有加工中的单册需要典校")


class StillWrong(Refusal):
    """It was sent back and has not been mended."""

    code = "collation.still-wrong"
    message = N_("{barcode} 上次退回的问题还没有登记改好")


class WhatIsWrong(Refusal):
    """Who sends a book back says what is wrong with it."""

    code = "collation.what-is-wrong"
    status = 422
    message = N_("请勾选哪里不对")


class NothingOpen(Refusal):
    """There is nothing to mend."""

    code = "collation.nothing-open"
    message = N_("{barcode} 没有待改的问题")


def check_item(item: Item, checker: str) -> None:
    """An item of the workroom, looked at by another person."""
    if item.life is not ItemLife.in_process:
        raise NotInWorkroom(barcode=item.barcode, life=item.life.text)
    if item.created_by == checker:
        raise CheckedOwn


def aspects_of(given: Iterable[str]) -> list[str]:
    """What is wrong, each once, in the order in which one looks; `WhatIsWrong` when nothing is named."""
    wrong = set(given)
    found = [aspect.value for aspect in Aspect if aspect.value in wrong]
    if not found:
        raise WhatIsWrong
    return found


def share(wrong: int, checked: int) -> str:
    """2.5% or a dash."""
    return f"{100 * wrong / checked:.1f}%" if checked else "—"
