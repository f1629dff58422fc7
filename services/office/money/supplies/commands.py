"""Moving stock, and what follows from it."""

from __future__ import annotations

from services.office.money.supplies.model import (
    MoveKind,
    Purchase,
    Requisition,
    StockMove,
    SupplyItem,
)
from services.office.money.supplies.queries import item_named, last_move
from services.office.money.supplies.rules import (
    NUMBERS,
    NoSuchItem,
    NothingCounted,
    after_issue,
    asset_purchased,
    check_buyer,
    check_receiver,
    is_fixed_asset,
    next_move,
    to_issue,
)
from services.office.people.personnel.queries import staff_by_no
from shared.states import Choice
from shared.work import Work


async def post_move(
    work: Work, item: SupplyItem, *, kind: MoveKind, quantity: int, unit_price: int | None = None,
    document: str = "", reason: str = "", dept: str = "", receiver: str = "",
) -> StockMove:
    """Change an item's stock; whoever comes second waits and sees what is left."""
    await work.lock(SupplyItem, SupplyItem.id == item.id, what=item.no)
    # Read after the lock, in a statement of its own: only then is the last move truly the last.
    last = await last_move(work.session, item.id)
    price = item.unit_price if unit_price is None else unit_price
    move = next_move(item, last, kind=kind, quantity=quantity, unit_price=price)
    move.no = await work.number(NUMBERS[kind])
    move.created_by, move.created_at = work.actor.id, work.now
    move.document, move.reason, move.dept, move.receiver = document, reason, dept, receiver
    work.session.add(move)
    await work.session.flush()
    return move


async def require_item(work: Work, text: str) -> SupplyItem:
    """The item somebody named, or a refusal."""
    item = await item_named(work.session, text.strip())
    if item is None:
        raise NoSuchItem(item=text)
    return item


async def ask(work: Work, requisition: Requisition) -> None:
    """Fill in what follows from the item and from who asks."""
    item = await require_item(work, requisition.item)
    staff = await staff_by_no(work.session, requisition.created_by)
    requisition.item, requisition.item_name, requisition.unit = item.no, item.name, item.unit
    requisition.category, requisition.amount = str(item.category), item.unit_price * requisition.qty
    requisition.dept = str(staff.dept) if staff else work.actor.dept


async def issue(work: Work, requisition: Requisition, wanted: int | None) -> Choice:
    """Hand out goods against the requisition, all of it or what there is."""
    item = await require_item(work, requisition.item)
    quantity = to_issue(requisition, wanted)
    await post_move(
        work, item, kind=MoveKind.issue, quantity=-quantity, document=requisition.no,
        dept=requisition.dept, receiver=requisition.created_by,
    )
    requisition.issued += quantity
    requisition.issued_by = work.actor.id
    return after_issue(requisition)


async def count(work: Work, item: SupplyItem, *, counted: int, reason: str) -> StockMove:
    """What was found on the shelf is what is on hand; the difference is written with its reason."""
    await work.lock(SupplyItem, SupplyItem.id == item.id, what=item.no)
    last = await last_move(work.session, item.id)
    on_hand = last.balance if last else 0
    if counted == on_hand:
        raise NothingCounted(on_hand=on_hand, unit=item.unit)
    return await post_move(work, item, kind=MoveKind.difference, quantity=counted - on_hand, reason=reason)


async def plan_purchase(work: Work, purchase: Purchase) -> None:
    """Fill in what follows from the item and the price."""
    item = await require_item(work, purchase.item)
    purchase.item, purchase.item_name, purchase.unit = item.no, item.name, item.unit
    await price_purchase(work, purchase, item)


async def price_purchase(work: Work, purchase: Purchase, item: SupplyItem | None = None) -> None:
    """The total, and whether it makes fixed assets, follow the price."""
    item = item or await require_item(work, purchase.item)
    purchase.total = purchase.unit_price * purchase.qty
    purchase.fixed_asset = is_fixed_asset(item, purchase.unit_price)


async def buy(work: Work, purchase: Purchase) -> None:
    """The goods were bought at this price from this supplier."""
    await price_purchase(work, purchase)
    check_buyer(purchase, work.actor.id)
    purchase.bought_by = work.actor.id


async def receive(work: Work, purchase: Purchase) -> None:
    """The goods are checked and in the store; its price is the item's price from now on."""
    check_receiver(purchase, work.actor.id)
    item = await require_item(work, purchase.item)
    await post_move(
        work, item, kind=MoveKind.receipt, quantity=purchase.qty, unit_price=purchase.unit_price,
        document=purchase.no, reason=purchase.supplier,
    )
    item.unit_price = purchase.unit_price
    purchase.received_by = work.actor.id
    if purchase.fixed_asset:
        work.emit(asset_purchased(purchase), correlation=purchase.correlation)
