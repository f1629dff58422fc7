"""Members, foreign returns and boxes. Whoever holds the member's row fills its box and counts for its month."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from services.reader.desk import DESK, HEAD
from services.reader.desk.circulation import commands as circulation
from services.reader.desk.circulation.queries import open_loan_of_item
from services.reader.desk.codes import clean
from services.reader.desk.consortium import holding, rules
from services.reader.desk.consortium.model import Box, BoxItem, BoxState, Member, ReturnThere
from services.reader.desk.consortium.queries import (
    counts_on,
    lock_box,
    member_by_code,
    members,
    waiting_there,
)
from services.reader.desk.items.model import Circulation
from services.reader.desk.items.queries import find_and_lock, find_item
from services.reader.desk.items.rules import UnknownBarcode
from services.reader.rooms.service_points import commands as points
from services.reader.rooms.service_points.model import PointKind
from services.reader.rooms.service_points.queries import point_by_code
from shared.events.reader import ForeignItemReceived, TransitBoxReceived, TransitBoxSent
from shared.i18n import N_
from shared.refusals import Invalid
from shared.settings import LOCAL
from shared.work import Work


async def save_member(
    work: Work, *, code: str, name: str, short: str, contact: str | None = None, pattern: str | None = None,
    active: bool | None = None, rate_fen: int | None = None, compensation_fen: int | None = None,
    pickup: bool | None = None,
) -> Member:
    """Enter a member, or correct the one with this code: what is not given (None) stays as it is.

    `pickup` opens a service point under which its readers fetch our books there, or closes it.
    """
    work.actor.require(*HEAD)
    code, pattern = clean(code), clean(pattern) if pattern is not None else None
    if errors := rules.errors(code, name, short, pattern, rate_fen, compensation_fen):
        raise Invalid(errors)
    member = await work.session.scalar(select(Member).where(Member.code == code).with_for_update())
    if member is None:
        member = Member(code=code)
        work.session.add(member)
    member.name, member.short = name.strip(), short.strip()
    given = {
        "contact": contact.strip() if contact is not None else None, "pattern": pattern, "active": active,
        "rate_fen": rate_fen, "compensation_fen": compensation_fen,
    }
    for field, value in given.items():
        if value is not None:
            setattr(member, field, value)
    try:
        await work.session.flush()
    except IntegrityError as error:  # another desk entered it this very moment
        raise Invalid({"code": N_("该代码刚刚被登记")}) from error
    if pickup is not None:
        await _pickup(work, member, pickup)
    return member


async def _pickup(work: Work, member: Member, wanted: bool) -> None:
    code = rules.point_code(member.code)
    if not wanted and not member.point:
        return
    if not wanted and (n := await waiting_there(work.session, code)):
        raise rules.WaitsThere(n=n)
    known = await point_by_code(work.session, code)
    await points.save(
        work, code=code, name=member.short, kind=PointKind.member, address=member.contact, open_=wanted, new=known is None,
    )
    member.point = code if wanted else ""


async def scan_in(work: Work, *, barcode: str) -> tuple[Box, Member, bool]:
    """Whatever was scanned goes into the right box: a member's item that came back, or ours for its reader."""
    barcode = clean(barcode)
    if await find_item(work.session, barcode) is not None:
        return await holding.pack(work, barcode=barcode)
    return await receive_foreign(work, barcode=barcode)


async def receive_foreign(
    work: Work, *, barcode: str, on: date | None = None, of: str = ""
) -> tuple[Box, Member, bool]:
    """An item of a member came back here: into its box. True when it lay there already.

    `on` is the day it came back, today unless a list says so; `of` is the member whose list it stands in.
    """
    work.actor.require(*DESK)
    barcode, on = clean(barcode), on or work.today
    if await find_item(work.session, barcode) is not None:
        raise rules.OwnItem(barcode=barcode)
    member = rules.owner(await members(work.session), barcode)
    if of and member.code != of:
        raise rules.OtherMember(barcode=barcode, name=member.short)
    if on > work.today:
        raise rules.ReturnDate
    await work.lock(Member, Member.id == member.id)
    lying = await work.session.scalar(select(BoxItem).where(BoxItem.barcode == barcode, ~BoxItem.home))
    if lying is not None:
        there = await work.lock(Box, Box.number == lying.box_number)
        if there.state is not BoxState.open:
            raise rules.InSentBox(barcode=barcode, number=there.number)
        return there, member, True
    box = await holding.open_box(work, member)
    work.session.add(BoxItem(
        box_number=box.number, barcode=barcode, by=work.actor.id, at=work.now, returned_on=on,
        counted_on=await counts_on(work.session, member.id, on, work.today),
    ))
    await work.session.flush()
    work.emit(ForeignItemReceived(number=box.number, member=member.short, barcode=barcode))
    return box, member, False


async def take_out(work: Work, *, number: str, barcode: str) -> None:
    """A wrong scan: the item does not belong into this box, which has not left yet."""
    work.actor.require(*DESK)
    box, _member = await lock_box(work, number)
    if box.state is not BoxState.open:
        raise rules.WrongState(state=box.state.text)
    row = await work.lock(BoxItem, BoxItem.box_number == number, BoxItem.barcode == clean(barcode), what=barcode)
    await work.session.delete(row)
    await work.session.flush()


async def send(work: Work, *, number: str, carrier: str) -> Box:
    """The box leaves with its list; `carrier` signed for it."""
    work.actor.require(*DESK)
    if not carrier.strip():
        raise Invalid({"carrier": N_("请写明取走人")})
    box, member = await lock_box(work, number)
    if box.state is not BoxState.open:
        raise rules.WrongState(state=box.state.text)
    items = await work.session.scalar(select(func.count()).where(BoxItem.box_number == number)) or 0
    if not items:
        raise rules.EmptyBox
    box.state, box.sent_at, box.sent_by, box.carrier = BoxState.sent, work.now, work.actor.id, carrier.strip()
    work.emit(TransitBoxSent(number=number, member=member.short, items=items))
    return box


async def received(work: Work, *, number: str, signed_by: str) -> Box:
    """The member has it and says who signed: what we sent to its readers has arrived with it."""
    work.actor.require(*DESK)
    if not signed_by.strip():
        raise Invalid({"signed_by": N_("请写明签收人")})
    box, member = await lock_box(work, number)
    if box.state is not BoxState.sent:
        raise rules.WrongState(state=box.state.text)
    box.state, box.received_at, box.signed_by = BoxState.received, work.now, signed_by.strip()
    inside = (await work.session.scalars(
        select(BoxItem).where(BoxItem.box_number == number, ~BoxItem.home).order_by(BoxItem.barcode)
    )).all()
    for row in inside:
        row.home = True
    await work.session.flush()
    for row in inside:
        if row.transit:
            await holding.arrive(work, member, row.barcode)
    work.emit(TransitBoxReceived(number=number, member=member.short))
    return box


async def come_home(
    work: Work, *, member: str, barcode: str, returned_on: date, at: str = ""
) -> circulation.Returned:
    """Our item arrives in a member's box: the fine runs to the day of the return there.

    What nobody fetched there comes home the same way, without a loan and without a count.
    """
    work.actor.require(*DESK)
    barcode = clean(barcode)
    there = await member_by_code(work.session, member)
    await work.lock(Member, Member.id == there.id)
    item = await find_and_lock(work.session, barcode)
    if item is None:
        raise UnknownBarcode(barcode)
    loan = await open_loan_of_item(work.session, item.id)
    if loan is None:
        if item.circulation is not Circulation.in_transit:
            raise rules.NotLent(barcode=item.barcode)
        return await circulation.take_back(work, barcode=item.barcode, at=at)
    if not loan.lent_at.astimezone(LOCAL).date() <= returned_on <= work.today:
        raise rules.ReturnDate
    back = await circulation.take_back(work, barcode=item.barcode, on=returned_on, at=at)
    work.session.add(ReturnThere(
        member_id=there.id, loan_id=loan.id, barcode=item.barcode, returned_on=returned_on, by=work.actor.id, at=work.now,
        counted_on=await counts_on(work.session, there.id, returned_on, work.today),
    ))
    await work.session.flush()
    return back
