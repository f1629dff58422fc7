"""What global search finds at the desk: patrons (for desk staff), items by barcode, slips, receipts and lists by number."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.reader.desk import DESK
from services.reader.desk.charges import queries as charges
from services.reader.desk.codes import clean
from services.reader.desk.condition.model import Slip
from services.reader.desk.handover.model import Handover
from services.reader.desk.items.model import FormerBarcode, Item
from services.reader.desk.items.rules import told_former, word
from services.reader.desk.patrons.queries import find
from services.reader.desk.transfers.model import Transfer
from services.reader.desk.transfers.rules import MOVERS
from shared.i18n import N_, _
from shared.web import show
from shared.work import Work

MOST = 6


async def find_patrons(work: Work, q: str) -> dict[str, Any] | None:
    """Patrons by card, name or initials."""
    if not work.actor.holds(DESK):
        return None
    return {"label": _(N_("读者")), "items": [
        {
            "title": patron.name, "subtitle": f"{patron.card} · {patron.category.text} · {patron.college}",
            "url": f"/reader/patrons/{patron.card}", "icon": "user",
        }
        for patron in await find(work.session, q, limit=MOST)
    ]}


async def find_items(work: Work, q: str) -> dict[str, Any] | None:
    """Items by the beginning of their barcode, or of one they bore before."""
    code = clean(q)
    if not work.actor.holds(DESK) or len(code) < 3 or not code.isascii():
        return None
    found = list(await work.session.scalars(
        select(Item).where(Item.barcode >= code, Item.barcode < code + "￿")
        .order_by(Item.barcode).limit(MOST)
    ))
    former = await work.session.execute(
        select(FormerBarcode.barcode, Item).join(Item, Item.id == FormerBarcode.item_id)
        .where(FormerBarcode.barcode >= code, FormerBarcode.barcode < code + "￿")
        .order_by(FormerBarcode.barcode).limit(MOST)
    )
    old: dict[UUID, str] = {}
    for was, item in former:
        if item not in found:
            old[item.id] = was
            found.append(item)
    return {"label": _(N_("单册")), "items": [
        {
            "title": item.title, "subtitle": (
                told_former(old[item.id], item.barcode) if item.id in old
                else f"{item.barcode} · {item.call_number} · {word(item).text}"
            ),
            "url": f"/reader/items/{item.barcode}", "icon": "barcode",
        }
        for item in found[:MOST]
    ]}


async def find_slips(work: Work, q: str) -> dict[str, Any] | None:
    """Damage slips by number or barcode."""
    code = clean(q)
    if not work.actor.holds((*DESK, "RES-DIG")) or len(code) < 3:
        return None
    found = await work.session.scalars(
        select(Slip).where((Slip.number == code) | (Slip.barcode == code))
        .order_by(Slip.reported_at.desc()).limit(MOST)
    )
    return {"label": _(N_("破损单")), "items": [
        {
            "title": slip.title, "subtitle": f"{slip.number} · {slip.kind.text} · {slip.state.text}",
            "url": f"/reader/damage/{slip.number}", "icon": "heart-broken",
        }
        for slip in found
    ]}


async def find_receipts(work: Work, q: str) -> dict[str, Any] | None:
    """Receipts by number: to see or print one again."""
    code = clean(q)
    if not work.actor.holds(DESK) or len(code) < 3:
        return None
    return {"label": _(N_("收据")), "items": [
        {
            "title": row.receipt, "subtitle": f"{row.posting.text} · {row.kind.text} · {row.card} · {show.day(row.at)}",
            "url": f"/reader/charges/receipts/{row.receipt}", "icon": "receipt",
        }
        for row in await charges.find_receipts(work.session, code, MOST)
    ]}


async def find_lists(work: Work, q: str) -> dict[str, Any] | None:
    """Handover batches and transfer lists by number."""
    code = clean(q)
    if not work.actor.holds(MOVERS) or len(code) < 3:
        return None
    batch = None
    if work.actor.holds(DESK):
        batch = await work.session.scalar(select(Handover).where(Handover.number == code))
    transfer = await work.session.scalar(select(Transfer).where(Transfer.number == code))
    return {"label": _(N_("交接与调拨")), "items": [
        {"title": found.number, "subtitle": found.state.text, "url": f"/reader/{room}/{found.number}", "icon": icon}
        for found, room, icon in ((batch, "handovers", "package"), (transfer, "transfers", "arrows-exchange"))
        if found is not None
    ]}
