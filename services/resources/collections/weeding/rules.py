"""The law of weeding: the way of a decision, who may not decide twice, what may never leave."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from services.resources.collections.weeding.model import WeedingLine, WeedingState
from shared.events.resources import (
    ItemReadmitted,
    ItemWithdrawn,
    WeedingKept,
    WeedingProposed,
    disc_title,
)
from shared.i18n import N_
from shared.refusals import Refusal

S = WeedingState
LIFE: Mapping[tuple[WeedingState, str], WeedingState] = {
    (S.proposed, "view"): S.reviewed,
    (S.proposed, "keep"): S.kept,
    (S.reviewed, "approve"): S.approved,
    (S.reviewed, "keep"): S.kept,
    (S.second, "approve_last"): S.approved,
    (S.second, "keep"): S.kept,
    (S.approved, "write_off"): S.withdrawn,
    (S.approved, "keep"): S.kept,
    (S.withdrawn, "dispose"): S.disposed,
    (S.withdrawn, "restore"): S.restored,
    (S.listed, "keep"): S.kept,
}
KEEPERS = ("RES-MGT",)
# Whoever proposed neither advises nor writes off; buyers know the subjects and stand in.
EXPERTS = ("RES-MGT", "RES-ACQ")
DIRECTOR = ("director",)
# Whoever approves a last copy the second time is not the person who did so the first time.
LEADERS = ("head-resources", "director")


# An item stands on the register once; these lines have let it go.
ENDED = (S.kept, S.restored)


class NotStock(Refusal):
    """Only what is in stock can be proposed."""

    code = "weeding.not-in-stock"
    message = N_("单册 {barcode} 现为“{life}”，不能列入剔旧清册")


class AlreadyListed(Refusal):
    """An item stands on the register once."""

    code = "weeding.already-listed"
    message = N_("单册 {barcode} 已在剔旧清册：{number}")


class SpecialCollection(Refusal):
    """Ancient books and special collections are relocated, never weeded."""

    code = "weeding.special-collection"
    message = N_("{place}属特藏，只调拨，不剔旧")


class KeepYourWord(Refusal):
    """The director's word about a last copy is the second one; somebody else gives the first."""

    code = "weeding.directors-word-comes-second"
    message = N_("此册为末册，馆长须留作复批，请由部主任登记馆务会意见")


def needs_second(line: WeedingLine, others_in_stock: int) -> bool:
    """Whether the title would vanish with this item and the director has not said yes to that."""
    line.last_copy = others_in_stock == 0
    return line.last_copy and not line.second_by


def _common(line: WeedingLine) -> dict[str, str]:
    return {
        "item_id": str(line.item_id), "barcode": line.barcode, "title": line.title,
        "call_number": line.call_number, "location": line.location, "number": line.no,
    }


def proposed(line: WeedingLine) -> WeedingProposed:
    """The desk holds the item back from now on."""
    return WeedingProposed(
        **_common(line), reason=line.reason.value, reason_label=line.reason.label, last_copy=line.last_copy
    )


def kept(line: WeedingLine) -> WeedingKept:
    """The desk looks at the item again."""
    return WeedingKept(**_common(line), reason=line.keep_reason)


def withdrawn(line: WeedingLine, items_left: int) -> ItemWithdrawn:
    """Written off."""
    return ItemWithdrawn(
        **_common(line), instance_id=str(line.instance_id), price_cents=line.price_cents,
        reason=line.reason.value, items_left=items_left,
    )


def disc_withdrawn(line: WeedingLine, disc_id: UUID, barcode: str, items_left: int) -> ItemWithdrawn:
    """The disc that lay with the book goes with it."""
    about = {**_common(line), "item_id": str(disc_id), "barcode": barcode, "title": disc_title(line.title)}
    return ItemWithdrawn(
        **about, instance_id=str(line.instance_id), price_cents=0, reason=line.reason.value, items_left=items_left,
    )


def readmitted(line: WeedingLine, item_id: UUID, barcode: str, *, disc: bool = False) -> ItemReadmitted:
    """The withdrawal was a mistake and the book is still there."""
    title = disc_title(line.title) if disc else line.title
    about = {**_common(line), "item_id": str(item_id), "barcode": barcode, "title": title}
    return ItemReadmitted(**about, instance_id=str(line.instance_id), reason=line.keep_reason)
