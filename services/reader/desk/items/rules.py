"""The axes of an item: what may follow what, and what it means for a person who wants the book."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.reader.desk import HEAD
from services.reader.desk.items.model import Circulation, Condition, Custodian, Item, Stock, Use
from shared.i18n import N_, _
from shared.refusals import NotFound, Reason, Severity
from shared.states import Choice, step

C, K, S = Circulation, Condition, Stock

# A returned item counts as shelved at once; with False it waits for the person who shelves it.
SHELVE_AT_ONCE = True

LIFE_CIRCULATION: dict[tuple[Circulation, str], Circulation] = {
    (C.in_process, "hand_over"): C.in_handover,
    (C.in_handover, "accept"): C.to_shelve,
    (C.in_handover, "dispute"): C.in_process,
    (C.to_shelve, "relocate"): C.relocating,
    (C.available, "relocate"): C.relocating,
    (C.relocating, "receive"): C.to_shelve,
    (C.relocating, "miss"): C.missing,
    (C.to_shelve, "shelve"): C.available,
    (C.to_shelve, "lend"): C.on_loan,
    (C.to_shelve, "hold"): C.hold_shelf,
    (C.to_shelve, "send"): C.in_transit,
    (C.to_shelve, "miss"): C.missing,
    (C.to_shelve, "lose"): C.lost,
    (C.to_shelve, "return"): C.to_shelve,
    (C.to_shelve, "take_off"): C.to_shelve,
    (C.available, "lend"): C.on_loan,
    (C.available, "return"): C.to_shelve,
    (C.available, "take_off"): C.to_shelve,
    (C.available, "use"): C.in_house_use,
    (C.available, "send"): C.in_transit,
    (C.available, "miss"): C.missing,
    (C.on_loan, "return"): C.to_shelve,
    (C.on_loan, "lose"): C.lost,
    (C.on_loan, "claim"): C.claimed_returned,
    (C.hold_shelf, "lend"): C.on_loan,
    (C.hold_shelf, "return"): C.to_shelve,
    (C.hold_shelf, "take_off"): C.to_shelve,
    (C.hold_shelf, "miss"): C.missing,
    (C.in_transit, "return"): C.to_shelve,
    (C.in_transit, "lend"): C.on_loan,
    (C.in_transit, "miss"): C.missing,
    (C.in_house_use, "return"): C.to_shelve,
    (C.in_house_use, "lend"): C.on_loan,
    (C.in_house_use, "miss"): C.missing,
    (C.missing, "return"): C.to_shelve,
    (C.missing, "lend"): C.on_loan,
    (C.lost, "return"): C.to_shelve,
    (C.lost, "replace"): C.replaced,
    (C.replaced, "readmit"): C.to_shelve,
    (C.claimed_returned, "return"): C.to_shelve,
    (C.claimed_returned, "lose"): C.lost,
}

LIFE_CONDITION: dict[tuple[Condition, str], Condition] = {
    (K.sound, "report"): K.damaged,
    (K.sound, "check"): K.unchecked,
    (K.unchecked, "check"): K.unchecked,
    (K.unchecked, "checked"): K.sound,
    (K.damaged, "withdraw"): K.sound,
    (K.desk_repair, "withdraw"): K.sound,
    (K.damaged, "mend"): K.desk_repair,
    (K.damaged, "take"): K.in_repair,
    (K.sound, "take"): K.in_repair,
    (K.damaged, "come_back"): K.re_inspection,
    (K.desk_repair, "come_back"): K.re_inspection,
    (K.in_repair, "come_back"): K.re_inspection,
    (K.desk_repair, "regrade"): K.damaged,
    (K.damaged, "regrade"): K.damaged,
    (K.re_inspection, "pass"): K.sound,
    (K.re_inspection, "fail"): K.damaged,
    (K.damaged, "condemn"): K.irreparable,
    (K.desk_repair, "condemn"): K.irreparable,
    (K.in_repair, "condemn"): K.irreparable,
    (K.re_inspection, "condemn"): K.irreparable,
    (K.irreparable, "keep"): K.re_inspection,
    (K.sound, "scan"): K.digitising,
    (K.digitising, "scan"): K.digitising,
    (K.digitising, "scanned"): K.sound,
    (K.sound, "bind"): K.at_bindery,
    (K.at_bindery, "bind"): K.at_bindery,
    (K.at_bindery, "bound"): K.sound,
}

LIFE_STOCK: dict[tuple[Stock, str], Stock] = {
    (S.in_stock, "propose"): S.withdrawal_candidate,
    (S.withdrawal_candidate, "propose"): S.withdrawal_candidate,
    (S.withdrawal_candidate, "keep"): S.in_stock,
    (S.in_stock, "keep"): S.in_stock,
    (S.in_stock, "withdraw"): S.withdrawn,
    (S.withdrawal_candidate, "withdraw"): S.withdrawn,
    (S.withdrawn, "withdraw"): S.withdrawn,
    (S.in_stock, "readmit"): S.in_stock,
    (S.withdrawal_candidate, "readmit"): S.in_stock,
    (S.withdrawn, "readmit"): S.in_stock,
}

LIFE_CUSTODY: dict[tuple[Custodian, str], Custodian] = {
    (Custodian.reader, "take"): Custodian.resources,
    (Custodian.resources, "take"): Custodian.resources,
    (Custodian.resources, "give_back"): Custodian.reader,
    (Custodian.reader, "give_back"): Custodian.reader,
}


class UnknownBarcode(NotFound):
    """No item bears this barcode."""

    code = "unknown-barcode"
    message = N_("没有条码为 {what} 的馆藏")


def waited_for_as(instance_id: str, item_id: str, book_id: str) -> str:
    """The title an item is waited for as: a disc that lies with a book is nobody's book, and no copy of it."""
    return f"disc-{item_id}" if book_id else instance_id


def move(item: Item, action: str, now: datetime) -> None:
    """Move the item on its circulation axis, or refuse with the state it is in."""
    before = item.circulation
    item.circulation = step(LIFE_CIRCULATION, before, action)
    if item.circulation is not before:
        item.moved_at = now
    item.strip_on = item.circulation is not C.on_loan
    if action == "return":
        item.patron_id = None


def treat(item: Item, action: str) -> None:
    """Move the item on its condition axis, or refuse with the state it is in."""
    item.condition = step(LIFE_CONDITION, item.condition, action)


def learn(item: Item, axis: str, action: str) -> bool:
    """Follow another department's statement where the axis allows it; say whether it moved.

    Facts may arrive late: what no row of the table provides for has been overtaken, not forbidden.
    """
    lives: dict[str, dict[tuple[Any, str], Any]] = {
        "condition": LIFE_CONDITION, "stock": LIFE_STOCK, "custodian": LIFE_CUSTODY,
    }
    after = lives[axis].get((getattr(item, axis), action))
    if after is None:
        return False
    setattr(item, axis, after)
    return True


def about(item: Item) -> dict[str, str]:
    """The fields every event about an item carries."""
    return {
        "barcode": item.barcode, "title": item.title, "call_number": item.call_number,
        "location": item.location_name or item.location, "instance_id": item.instance_id,
    }


def unfit(item: Item) -> list[Reason]:
    """Why the item as such may not be lent, wherever it lies: stock, condition, restriction."""
    found = []
    if item.stock is not S.in_stock:
        found.append(Reason(f"item-{item.stock.value.replace('_', '-')}", {
            S.withdrawn: N_("该册已剔除注销"), S.withdrawal_candidate: N_("该册已列入剔旧清册"),
        }[item.stock]))
    if item.condition is not K.sound:
        found.append(Reason(f"item-{item.condition.value.replace('_', '-')}", {
            K.unchecked: N_("该盘归还后还没有验盘"), K.damaged: N_("该册破损，已登记待修"), K.desk_repair: N_("该册正在前台修补"),
            K.in_repair: N_("该册在文印中心修补"), K.re_inspection: N_("该册修毕待回验"),
            K.irreparable: N_("该册无法修补"), K.digitising: N_("该册正在文印中心数字化"), K.at_bindery: N_("该册送去装订"),
        }[item.condition]))
    if item.use is not Use.loan:
        found.append(Reason(f"item-{item.use.value}", {
            Use.reference: N_("该册仅供馆内阅览"), Use.closed: N_("特藏文献不外借"),
        }[item.use], Severity.OVERRIDE if item.use is Use.reference else Severity.IMPOSSIBLE, by=HEAD))
    return found


ABSENT: dict[Circulation, str] = {
    C.in_process: N_("新书加工中"),
    C.in_handover: N_("新书交接中，待服务点清点"),
    C.relocating: N_("调拨途中"),
    C.to_shelve: N_("刚归还，待上架"),
    C.on_loan: N_("已借出"),
    C.hold_shelf: N_("在预约架上，为预约读者保留"),
    C.in_transit: N_("通借途中"),
    C.in_house_use: N_("正在馆内阅览"),
    C.missing: N_("清点未见"),
    C.lost: N_("已报遗失"),
    C.claimed_returned: N_("读者称已还，正在查找"),
    C.replaced: N_("已由读者赔书替换"),
}


def told_former(former: str, current: str) -> str:
    """What is said to whoever scanned a barcode that was given up."""
    return _(N_("旧条码 {former} 已停用，现用 {current}，请贴上新标签"), former=former, current=current)


def availability(item: Item) -> tuple[bool, list[Reason]]:
    """Whether a patron can fetch the item from the shelf and borrow it now, and every reason why not."""
    why = unfit(item)
    if item.circulation is not C.available:
        code = f"item-{item.circulation.value.replace('_', '-')}"
        why.append(Reason(code, ABSENT[item.circulation]))
    return not why, why


def word(item: Item) -> Choice:
    """The one-word state people read, computed from the axes: what stops the book most comes first."""
    if item.stock is not S.in_stock:
        return item.stock
    if item.circulation in {C.on_loan, C.lost, C.missing, C.claimed_returned, C.replaced}:
        return item.circulation
    if item.condition is not K.sound:
        return item.condition
    return item.circulation


def next_step(item: Item) -> str:
    """Where an item that just came over the desk goes, holds aside."""
    if item.stock is not S.in_stock:
        return "transit"
    if item.condition is K.unchecked:
        return "check"
    if item.condition in (K.digitising, K.at_bindery):  # it came over the desk although the workshop waits for it
        return "transit"
    if item.condition is K.re_inspection:
        return "inspect"
    if item.condition is not K.sound:
        return "repair"
    return "shelve"


NEXT_LABELS: dict[str, str] = {
    "shelve": N_("上架"), "hold_shelf": N_("放预约架"), "inspect": N_("送回验"), "check": N_("验盘"),
    "repair": N_("送修补"), "transit": N_("转资源建设部"),
    "send_hold": N_("送取书点"), "send_home": N_("送回馆藏地"),
}
