"""Limits of the store, and who may not be whom."""

from __future__ import annotations

from services.office.money.supplies.model import (
    MoveKind,
    Purchase,
    PurchaseState,
    Requisition,
    RequisitionState,
    StockMove,
    SupplyItem,
)
from shared.events.office import AssetPurchased
from shared.i18n import N_
from shared.refusals import Refusal, SamePerson
from shared.states import Life

KEEPERS = ("OFF-ADM",)
# Another colleague of the office takes goods in when buyer and keeper must be two.
RECEIVERS = ("OFF",)
APPROVERS = ("OFF-ADM", "head-office", "director")
PURCHASE_APPROVERS = ("head-office", "director")

THREE_PEOPLE_FROM = 100_000
FIXED_ASSET_FROM = 100_000

NUMBERS = {MoveKind.receipt: "RK", MoveKind.issue: "CK", MoveKind.difference: "PD"}

R, P = RequisitionState, PurchaseState

REQUISITION_LIFE: Life[RequisitionState] = {
    (R.draft, "submit"): R.submitted,
    (R.draft, "withdraw"): R.withdrawn,
    (R.submitted, "approve"): R.approved,
    (R.submitted, "reject"): R.rejected,
    (R.submitted, "withdraw"): R.withdrawn,
    (R.approved, "issue"): R.issued,
    (R.approved, "withdraw"): R.withdrawn,
    (R.part_issued, "issue"): R.issued,
    (R.part_issued, "settle"): R.issued,
    (R.issued, "sign"): R.signed,
}

PURCHASE_LIFE: Life[PurchaseState] = {
    (P.draft, "submit"): P.submitted,
    (P.draft, "cancel"): P.cancelled,
    (P.submitted, "approve"): P.approved,
    (P.submitted, "reject"): P.rejected,
    (P.approved, "buy"): P.bought,
    (P.approved, "cancel"): P.cancelled,
    (P.bought, "receive"): P.received,
}


class NotEnough(Refusal):
    """The store does not hold that much."""

    code = "stock-not-enough"
    status = 409
    message = N_("“{item}”库存 {on_hand} {unit}，不足 {wanted} {unit}")


class MoreThanAsked(Refusal):
    """More would be handed out than was approved."""

    code = "more-than-asked"
    status = 409
    message = N_("本单尚余 {left} {unit} 未发，不能多发")


class NothingCounted(Refusal):
    """The count agrees with the book; there is nothing to write."""

    code = "count-agrees"
    status = 409
    message = N_("实盘数与账面一致（{on_hand} {unit}），无需登记差异")


class NoSuchItem(Refusal):
    """The store does not keep such a thing."""

    code = "no-such-item"
    status = 422
    message = N_("库房没有“{item}”，请从列表中选择")


def next_move(
    item: SupplyItem, last: StockMove | None, *, kind: MoveKind, quantity: int, unit_price: int
) -> StockMove:
    """The next change of an item's stock; refused when it would leave less than nothing."""
    on_hand = last.balance if last else 0
    if on_hand + quantity < 0:
        raise NotEnough(item=item.name, on_hand=on_hand, wanted=-quantity, unit=item.unit)
    return StockMove(
        item_id=item.id, item_no=item.no, item_name=item.name, unit=item.unit, kind=kind,
        serial=(last.serial if last else 0) + 1, quantity=quantity, balance=on_hand + quantity,
        unit_price=unit_price, cost=abs(quantity) * unit_price,
    )


def to_issue(requisition: Requisition, wanted: int | None) -> int:
    """How much is handed out now: what was said, else all that is open."""
    left = requisition.qty - requisition.issued
    if wanted is not None and wanted > left:
        raise MoreThanAsked(left=left, unit=requisition.unit)
    return wanted or left


def after_issue(requisition: Requisition) -> RequisitionState:
    """Wholly or partly issued."""
    return R.issued if requisition.issued >= requisition.qty else R.part_issued


def is_fixed_asset(item: SupplyItem, unit_price: int) -> bool:
    """Durable goods from the limit up belong to the asset register."""
    return item.durable and unit_price >= FIXED_ASSET_FROM


def check_receiver(purchase: Purchase, receiver: str) -> None:
    """Above the limit approver, buyer and keeper are three people."""
    people = [purchase.approved_by, purchase.bought_by, receiver]
    if purchase.total > THREE_PEOPLE_FROM and len(set(people)) < 3:
        raise SamePerson


def check_buyer(purchase: Purchase, buyer: str) -> None:
    """Above the limit who approved does not buy."""
    if purchase.total > THREE_PEOPLE_FROM and buyer == purchase.approved_by:
        raise SamePerson


def asset_purchased(purchase: Purchase) -> AssetPurchased:
    """What the keeper of the asset register must hear."""
    return AssetPurchased(
        number=purchase.no, item=purchase.item_name, quantity=purchase.qty,
        unit_price_cents=purchase.unit_price, supplier=purchase.supplier,
    )
