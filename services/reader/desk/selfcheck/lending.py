"""Checkout, checkin, renewal: the messages the day is made of.

A machine that lost an answer asks again. A loan says of itself who made it and when, so a repeated
checkout is told from a renewal without a row of its own; renewals are remembered (`Wish.recall`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from services.reader.desk.circulation import commands as circulation
from services.reader.desk.circulation import undo
from services.reader.desk.circulation.model import Loan
from services.reader.desk.circulation.queries import lock_open_loan
from services.reader.desk.circulation.rules import LoanRefused
from services.reader.desk.items.model import Circulation, Item
from services.reader.desk.patrons.queries import patron_by_card
from services.reader.desk.patrons.rules import yuan
from services.reader.desk.selfcheck import queries, rules
from services.reader.desk.selfcheck.codec import count
from services.reader.desk.selfcheck.model import Right
from services.reader.desk.selfcheck.wish import Answer, Fields, Wish
from shared.i18n import N_, _, pick
from shared.refusals import Reason, Refusal
from shared.settings import LOCAL

# Kept with what a machine did while it was cut off.
OFF_LINE = "脱机补传"
ABSENT = {Circulation.lost, Circulation.claimed_returned}
NEXT = {
    "hold_shelf": N_("有读者预约，请放预约架 {slot}"), "repair": N_("此书破损，请交馆员"),
    "inspect": N_("此书待回验，请交馆员"), "check": N_("光盘须验盘，请放入还书箱或交馆员"), "transit": N_("此书须转资源建设部，请交馆员"),
}


async def checkout(wish: Wish) -> Answer:
    """11: lend; the patron's own loan is renewed where the machine may."""
    wish.machine.need(Right.lend)
    if wish.message["BI"] == "Y":
        return await _take_back_step(wish)
    if wish.happened:
        return await _lent_off_line(wish)
    try:
        async with wish.work() as work:
            done = await circulation.lend(work, card=wish.card, barcode=wish.barcode)
    except LoanRefused as refusal:
        if all(reason.code != "already-with-this-patron" for reason in refusal.reasons):
            raise
        return await _again(wish, refusal)
    return _lent(wish, done.item, done.loan)


def _lent(wish: Wish, item: Item, loan: Loan, *, code: str = "12", renewed: bool = False) -> Answer:
    said = _("续借成功，应还 {day}", day=loan.due_on) if renewed else _("借出成功，应还 {day}", day=loan.due_on)
    said = "；".join(filter(None, [said, wish.hint(item)]))
    return Answer(
        code, ["1", "Y" if renewed else "N", wish.magnetic(item), "N" if renewed or item.strip_on else "Y", wish.date],
        [wish.ao, ("AA", wish.card), ("AB", item.barcode), ("AJ", item.title), ("AH", loan.due_on.isoformat()),
         ("CK", rules.MEDIA.get(item.kind, "000")), ("AF", said)],
    )


async def _again(wish: Wish, refusal: LoanRefused) -> Answer:
    """The patron has it: because this machine lent it a moment ago, or for a renewal."""
    async with wish.work() as work:
        key = await wish.key(work, "11", item=True)
        if known := await wish.recall(work, key):
            return known
        item, loan, *_rest = await lock_open_loan(work.session, wish.barcode, work.today)
        if loan is None or loan.patron_id != await wish.who(work):
            raise refusal
        lately = wish.now - loan.lent_at <= rules.REPEAT_WITHIN
        if loan.lent_by == wish.machine.actor.id and lately and not loan.renewals:
            return _lent(wish, item, loan)
        if wish.message.fixed["renewal"] != "Y" or Right.renew.value not in wish.machine.rights:
            raise refusal
        loan, _patron = await circulation.renew(work, barcode=wish.barcode)
        return await wish.remember(work, key, _lent(wish, item, loan, renewed=True))


async def _take_back_step(wish: Wish) -> Answer:
    """11 with cancel: the machine lent it and then could not let it go."""
    async with wish.work() as work:
        item, loan, *_rest = await lock_open_loan(work.session, wish.barcode, work.today)
        if loan is None or loan.patron_id != await wish.who(work):
            raise rules.NotYourLoan
        await undo.undo(work, loan_id=loan.id)
    return Answer(
        "12", ["1", "N", wish.magnetic(item), "N", wish.date],
        [wish.ao, ("AA", wish.card), ("AB", item.barcode), ("AJ", item.title), ("AH", ""), ("AF", _("借出已撤销"))],
    )


async def _lent_off_line(wish: Wish) -> Answer:
    """11 with no-block: it happened, so it is written down, with the machine's dates and with what stood against it."""
    at = rules.told_moment(wish.message.fixed["date"], wish.now)
    async with wish.work(at) as work:
        item, loan, *_rest = await lock_open_loan(work.session, wish.barcode, work.today)
        patron = await patron_by_card(work.session, wish.card)  # nothing is taken from anybody for a card nobody knows
        if loan is not None and loan.patron_id == patron.id:
            return _lent(wish, item, loan)
        known = await work.session.scalar(
            select(Loan).where(Loan.item_id == item.id, Loan.patron_id == patron.id, Loan.lent_at == at)
        )
        if known is not None:  # told before, and come back since
            return _lent(wish, item, known)
        if loan is not None and loan.lent_at > at:
            raise LoanRefused([Reason("lent-since", N_("该册此后已借给他人"))])
        if loan is not None or item.circulation in ABSENT:
            await circulation.take_back(work, barcode=wish.barcode)
            await work.session.flush()
        promised = rules.told_day(wish.message.fixed["nb_due"], work.today)
        done = await circulation.lend(work, card=wish.card, barcode=wish.barcode, happened=True, due_on=promised, note=OFF_LINE)
        return _lent(wish, done.item, done.loan)


async def _describe(wish: Wish) -> tuple[Item | None, Fields]:
    """Item fields of a refused loan; the title only of an item we know."""
    async with wish.reading() as session:
        seen = await queries.item_seen(session, wish.barcode) if wish.barcode else None
    item = seen[0] if seen else None
    return item, [
        wish.ao, ("AA", wish.card), ("AB", wish.barcode), ("AJ", item.title if item else ""), ("AH", ""),
    ]


async def no_loan(wish: Wish, why: str, *, code: str = "12") -> Answer:
    """Not lent, not renewed: all reasons in one line."""
    item, fields = await _describe(wish)
    magnetic = wish.magnetic(item) if item else "U"
    return Answer(code, ["0", "N", magnetic, "N" if item else "U", wish.date], [*fields, ("AF", why)])


async def checkin(wish: Wish) -> Answer:
    """09: take back, and tell the machine where the item goes."""
    wish.machine.need(Right.take_back)
    if wish.message["BI"] == "Y":
        raise rules.NotOffered
    if wish.happened:
        at = rules.told_moment(wish.message.fixed["returned"], wish.now)
        async with wish.work(at) as work:
            item, loan, *_rest = await lock_open_loan(work.session, wish.barcode, work.today)
            if loan is not None and loan.lent_at > at:  # lent again since: this return is history already
                return _returned(wish, item, "", None)
            done = await circulation.take_back(work, barcode=wish.barcode)
    else:
        async with wish.work() as work:
            done = await circulation.take_back(work, barcode=wish.barcode)
    return _returned(wish, done.item, done.next, done)


def _returned(wish: Wish, item: Item, next_: str, done: circulation.Returned | None) -> Answer:
    said, alert = [], ""
    fields: Fields = []
    if next_ in NEXT:
        hold = done.hold if done else None
        slot = hold.shelf if hold else ""
        said.append(_(NEXT[next_], slot=slot))
        alert = {"hold_shelf": "01", "transit": "04"}.get(next_, "99")
        fields = [("CV", alert), ("CL", slot or next_)]
        if next_ == "transit":
            fields.append(("CT", "resources"))
    elif wish.machine.sorts and item.location != wish.machine.location:
        alert = "04"
        where = pick(item.location_name, item.location_name_en) or item.location
        said.append(_("此书属 {place}，请放对应还书箱", place=where))
        fields = [("CV", alert), ("CL", item.location), ("CT", item.location)]
    if done and done.fine_fen:
        said.append(_("逾期费 {yuan} 元", yuan=yuan(done.fine_fen)))
    loan = done.loan if done else None
    return Answer(
        "10", ["1", "Y" if item.strip_on else "N", wish.magnetic(item), "Y" if alert else "N", wish.date],
        [wish.ao, ("AB", item.barcode), ("AQ", item.location_name or item.location), ("AJ", item.title),
         *([("AA", loan.card)] if loan and loan.card else []), ("CK", rules.MEDIA.get(item.kind, "000")),
         ("CS", item.call_number), *fields, ("AF", "；".join([*(said or [_("还书成功")]), *filter(None, [wish.hint(item)])]))],
    )


async def no_return(wish: Wish, why: str) -> Answer:
    """Not taken back."""
    async with wish.reading() as session:
        seen = await queries.item_seen(session, wish.barcode) if wish.barcode else None
    item = seen[0] if seen else None
    return Answer(
        "10", ["0", "N", wish.magnetic(item) if item else "U", "N", wish.date],
        [wish.ao, ("AB", wish.barcode), ("AQ", (item.location_name or item.location) if item else ""),
         ("AJ", item.title if item else ""), ("AF", why)],
    )


async def renew(wish: Wish) -> Answer:
    """29: a later due date for one loan."""
    wish.machine.need(Right.renew)
    at: datetime | None = None
    more: dict[str, Any] = {}
    if wish.happened:
        at = rules.told_moment(wish.message.fixed["date"], wish.now)
        more = {"happened": True, "note": OFF_LINE, "due_on": rules.told_day(wish.message.fixed["nb_due"], wish.now.astimezone(LOCAL).date())}
    async with wish.work(at) as work:
        key = await wish.key(work, "29", item=True)
        if known := await wish.recall(work, key):
            return known
        loan, patron = await circulation.renew(work, barcode=wish.barcode, **more)
        if patron.id != await wish.who(work) and wish.message.fixed["third_party"] != "Y":
            raise rules.NotYourLoan
        item = await work.get(Item, loan.item_id)
        return await wish.remember(work, key, _lent(wish, item, loan, code="30", renewed=True))


async def no_renewal(wish: Wish, why: str) -> Answer:
    """30, refused."""
    return await no_loan(wish, why, code="30")


async def renew_all(wish: Wish) -> Answer:
    """65: every loan of the patron, each renewed or not for its own reasons."""
    wish.machine.need(Right.renew)
    async with wish.work() as work:
        key = await wish.key(work, "65")
        if known := await wish.recall(work, key):
            return known
        patron = await patron_by_card(work.session, wish.card)
        done, left, why = [], [], []
        for barcode in await queries.lock_items_of(work.session, patron.id):
            try:
                loan, _patron = await circulation.renew(work, barcode=barcode)
            except Refusal as refusal:
                left.append(barcode)
                why.append(f"{barcode} {refusal}")
            else:
                done.append(f"{barcode} {loan.due_on}")
        said = "；".join(why) or _("续借 {n} 册", n=len(done))
        answer = _all(wish, done, left, said)
        return await wish.remember(work, key, answer)


def _all(wish: Wish, done: list[str], left: list[str], said: str, ok: str = "1") -> Answer:
    return Answer(
        "66", [ok, count(len(done)), count(len(left)), wish.date],
        [wish.ao, *(("BM", one.split(" ")[0]) for one in done), *(("BN", one) for one in left), ("AF", said)],
    )


async def no_renewals(wish: Wish, why: str) -> Answer:
    """66, refused."""
    return _all(wish, [], [], why, "0")
