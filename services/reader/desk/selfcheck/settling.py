"""Holds and money."""

from __future__ import annotations

from services.reader.desk.charges import commands as charges
from services.reader.desk.charges.queries import open_charges
from services.reader.desk.holds import commands as holds
from services.reader.desk.items.queries import item_by_barcode
from services.reader.desk.patrons.queries import lock_patron
from services.reader.desk.patrons.rules import yuan
from services.reader.desk.selfcheck import queries, rules
from services.reader.desk.selfcheck.model import Right
from services.reader.desk.selfcheck.wish import Answer, Wish
from shared.i18n import _


async def hold(wish: Wish) -> Answer:
    """15: queue the patron for the item's title, or give the place up."""
    wish.machine.need(Right.hold)
    mode = wish.message.fixed["mode"]
    if mode not in "+-":
        raise rules.NotOffered
    async with wish.work() as work:
        key = await wish.key(work, f"15{mode}", item=True)
        if known := await wish.recall(work, key):
            return known
        item = await item_by_barcode(work.session, wish.barcode)
        if mode == "-":
            standing = await queries.active_hold(work.session, await wish.who(work), item.instance_id)
            if standing is None:
                raise rules.NoSuchHold
            await holds.cancel(work, hold_id=standing.id, reason=_("读者在自助终端取消"))
            place, said = 0, _("预约已取消")
        else:
            _made, place = await holds.place(work, card=wish.card, instance_id=item.instance_id)
            said = _("预约成功，排在第 {n} 位", n=place)
        answer = Answer("16", ["1", "N", wish.date], [
            *([("BR", place)] if place else []), *([("BS", wish.message["BS"])] if wish.message["BS"] else []),
            wish.ao, ("AA", wish.card), ("AB", item.barcode), ("AJ", item.title), ("AF", said),
        ])
        return await wish.remember(work, key, answer)


async def no_hold(wish: Wish, why: str) -> Answer:
    """16, refused."""
    return Answer("16", ["0", "N", wish.date], [wish.ao, ("AA", wish.card), ("AB", wish.barcode), ("AF", why)])


async def fee(wish: Wish) -> Answer:
    """37: money that settles whole charges, on one receipt; the same payment told twice is taken once."""
    wish.machine.need(Right.pay)
    fixed = wish.message.fixed
    if fixed["currency"].strip() not in {"", "CNY", "RMB"}:
        raise rules.WrongCurrency
    # With the machine's own number a payment is known by it; without, by the very same words, date and all.
    told = wish.message["BK"] or f"{fixed['date']} {wish.message['CG']}"
    async with wish.work() as work:
        key = await wish.key(work, "37", wish.message["BV"], told)
        if known := await wish.recall(work, key):
            return known
        patron = await lock_patron(work.session, wish.card)
        due = await open_charges(work.session, patron.id)
        amount = rules.fen(wish.message["BV"])
        chosen = rules.settled_by(due, amount, wish.message["CG"]) if amount else None
        if not chosen:
            raise rules.WrongAmount(yuan=yuan(sum(entry.amount_fen for entry in due)))
        receipt, _rows = await charges.pay(
            work, card=wish.card, charges=chosen, method=rules.paid_by(fixed["payment"])
        )
        answer = Answer("38", ["Y", wish.date], [
            wish.ao, ("AA", wish.card), ("BK", wish.message["BK"] or receipt), ("AF", _("已收 {yuan} 元，收据 {receipt}", yuan=yuan(amount or 0), receipt=receipt)),
        ])
        return await wish.remember(work, key, answer)


async def no_fee(wish: Wish, why: str) -> Answer:
    """38, refused."""
    return Answer("38", ["N", wish.date], [wish.ao, ("AA", wish.card), ("BK", wish.message["BK"]), ("AF", why)])
