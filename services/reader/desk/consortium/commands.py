"""Members, foreign returns and boxes."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from services.reader.desk import DESK, HEAD
from services.reader.desk.circulation import commands as circulation
from services.reader.desk.circulation.queries import open_loan_of_item
from services.reader.desk.codes import clean
from services.reader.desk.consortium import rules
from services.reader.desk.consortium.model import Box, BoxItem, BoxState, Member, ReturnThere
from services.reader.desk.consortium.queries import member_by_code, members
from services.reader.desk.items.model import Item
from services.reader.desk.items.queries import item_by_barcode
from shared.events.reader import ForeignItemReceived, TransitBoxReceived, TransitBoxSent
from shared.i18n import N_
from shared.refusals import Invalid, NotFound
from shared.settings import LOCAL
from shared.work import Work


async def save_member(
    work: Work, *, code: str, name: str, short: str, contact: str = "", pattern: str = "",
    active: bool = True, rate_fen: int = 0, compensation_fen: int = 0,
) -> Member:
    """Enter a member, or correct the one with this code."""
    work.actor.require(*HEAD)
    code, pattern = clean(code), clean(pattern)
    errors = {field: N_("必填") for field, value in (("code", code), ("name", name.strip()), ("short", short.strip())) if not value}
    if pattern and not rules.legal(pattern):
        errors["pattern"] = N_("用字母数字写固定部分（至少两位），# 代表一位数字，末尾 * 代表任意")
    if rate_fen < 0 or compensation_fen < 0:
        errors["rate"] = N_("不能小于 0")
    if errors:
        raise Invalid(errors)
    member = await work.session.scalar(select(Member).where(Member.code == code).with_for_update())
    if member is None:
        member = Member(code=code)
        work.session.add(member)
    member.name, member.short, member.contact = name.strip(), short.strip(), contact.strip()
    member.pattern, member.active = pattern, active
    member.rate_fen, member.compensation_fen = rate_fen, compensation_fen
    try:
        await work.session.flush()
    except IntegrityError as error:  # another desk entered it this very moment
        raise Invalid({"code": N_("该代码刚刚被登记")}) from error
    return member


async def receive_foreign(work: Work, *, barcode: str) -> tuple[Box, Member, bool]:
    """An item of a member came back here: into its box. True when it lay there already."""
    work.actor.require(*DESK)
    barcode = clean(barcode)
    if await work.session.scalar(select(Item.id).where(Item.barcode == barcode)):
        raise rules.OwnItem(barcode=barcode)
    member = rules.owner(await members(work.session), barcode)
    # Whoever holds the member's row fills its box: one box is open, one item is in it once.
    await work.lock(Member, Member.id == member.id)
    lying = await work.session.scalar(select(BoxItem).where(BoxItem.barcode == barcode, ~BoxItem.home))
    if lying is not None:
        there = await work.lock(Box, Box.number == lying.box_number)
        if there.state is not BoxState.open:
            raise rules.InSentBox(barcode=barcode, number=there.number)
        return there, member, True
    box = await work.session.scalar(select(Box).where(Box.member_id == member.id, Box.state == BoxState.open))
    if box is None:
        box = Box(number=await work.number(rules.BOXES), member_id=member.id, opened_at=work.now)
        work.session.add(box)
        await work.session.flush()
    work.session.add(BoxItem(box_number=box.number, barcode=barcode, by=work.actor.id, at=work.now))
    await work.session.flush()
    work.emit(ForeignItemReceived(number=box.number, member=member.short, barcode=barcode))
    return box, member, False


async def take_out(work: Work, *, number: str, barcode: str) -> None:
    """A wrong scan: the item does not belong into this box, which has not left yet."""
    work.actor.require(*DESK)
    box, _member = await _lock_box(work, number)
    if box.state is not BoxState.open:
        raise rules.WrongState(state=box.state.text)
    row = await work.lock(BoxItem, BoxItem.box_number == number, BoxItem.barcode == clean(barcode), what=barcode)
    await work.session.delete(row)


async def _lock_box(work: Work, number: str) -> tuple[Box, Member]:
    # The member first, as at the return scan.
    mine = select(Box.member_id).where(Box.number == number).scalar_subquery()
    member = await work.lock(Member, Member.id == mine, what=number)
    return await work.lock(Box, Box.number == number), member


async def send(work: Work, *, number: str, carrier: str) -> Box:
    """The box leaves with its list; `carrier` signed for it."""
    work.actor.require(*DESK)
    if not carrier.strip():
        raise Invalid({"carrier": N_("请写明取走人")})
    box, member = await _lock_box(work, number)
    if box.state is not BoxState.open:
        raise rules.WrongState(state=box.state.text)
    items = await work.session.scalar(select(func.count()).where(BoxItem.box_number == number)) or 0
    if not items:
        raise rules.EmptyBox
    box.state, box.sent_at, box.sent_by, box.carrier = BoxState.sent, work.now, work.actor.id, carrier.strip()
    work.emit(TransitBoxSent(number=number, member=member.short, items=items))
    return box


async def received(work: Work, *, number: str, signed_by: str) -> Box:
    """The member has it and says who signed."""
    work.actor.require(*DESK)
    if not signed_by.strip():
        raise Invalid({"signed_by": N_("请写明签收人")})
    box, member = await _lock_box(work, number)
    if box.state is not BoxState.sent:
        raise rules.WrongState(state=box.state.text)
    box.state, box.received_at, box.signed_by = BoxState.received, work.now, signed_by.strip()
    for row in await work.session.scalars(select(BoxItem).where(BoxItem.box_number == number)):
        row.home = True
    work.emit(TransitBoxReceived(number=number, member=member.short))
    return box


async def come_home(work: Work, *, member: str, barcode: str, returned_on: date) -> circulation.Returned:
    """Our item arrives in a member's box; the fine runs to the day of the return there."""
    work.actor.require(*DESK)
    there = await member_by_code(work.session, member)
    item = await item_by_barcode(work.session, clean(barcode))
    loan = await open_loan_of_item(work.session, item.id)
    if loan is None:
        raise NotFound(item.barcode)
    if not loan.lent_at.astimezone(LOCAL).date() <= returned_on <= work.today:
        raise rules.ReturnDate
    back = await circulation.take_back(work, barcode=item.barcode, on=returned_on)
    if back.loan is None or back.loan.id != loan.id:
        raise NotFound(item.barcode)
    work.session.add(ReturnThere(
        member_id=there.id, barcode=item.barcode, returned_on=returned_on, by=work.actor.id, at=work.now
    ))
    return back
