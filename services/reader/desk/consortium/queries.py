"""What is known of the union: members, boxes, cards, deposits, settlements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Row, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.charges.model import Entry
from services.reader.desk.charges.queries import receipt_lines
from services.reader.desk.consortium.lists import Fate, UnionFile, UnionRow
from services.reader.desk.consortium.model import (
    Box,
    BoxItem,
    BoxState,
    Deposit,
    DepositPosting,
    Member,
    Settlement,
    SettlementState,
    UnionCard,
)
from services.reader.desk.consortium.rules import NotUnionCard
from services.reader.desk.holds.model import Hold, HoldState
from services.reader.desk.holds.queries import ACTIVE
from services.reader.desk.items.model import Circulation, FormerBarcode, Item
from services.reader.desk.patrons.model import Patron
from services.reader.desk.transit.model import Transit, TransitState
from services.reader.rooms.service_points.model import PointKind, ServicePoint
from shared.refusals import NotFound
from shared.work import Work


def _fen(column: Any) -> ColumnElement[int]:
    """A sum of money as whole fen, nothing being 0."""
    return cast(func.coalesce(func.sum(column), 0), BigInteger)


async def members(session: AsyncSession) -> Sequence[Member]:
    """All of them, by code; a union has a dozen."""
    return (await session.scalars(select(Member).order_by(Member.code))).all()


async def member_by_code(session: AsyncSession, code: str) -> Member:
    """The member, or `NotFound`."""
    found = await session.scalar(select(Member).where(Member.code == code))
    if found is None:
        raise NotFound(code)
    return found


async def is_member(session: AsyncSession, code: str) -> bool:
    """Whether a member has this code."""
    return await session.scalar(select(Member.id).where(Member.code == code)) is not None


async def counts_on(session: AsyncSession, member_id: UUID, day: date, today: date) -> date:
    """The day something counts on: its own, or today when the month with this member is closed already.

    The caller holds the member's row, so that the month is not closed meanwhile.
    """
    closed = await session.scalar(select(Settlement.id).where(
        Settlement.member_id == member_id, Settlement.month == day.replace(day=1),
        Settlement.state == SettlementState.closed,
    ))
    return today if closed else day


async def lock_box(work: Work, number: str) -> tuple[Box, Member]:
    """A box and its member; the member is locked first, as at the return scan."""
    mine = select(Box.member_id).where(Box.number == number).scalar_subquery()
    member = await work.lock(Member, Member.id == mine, what=number)
    return await work.lock(Box, Box.number == number), member


async def member_awaiting(session: AsyncSession, barcode: str) -> Member | None:
    """The member to whose point our item travels."""
    former = select(FormerBarcode.item_id).where(FormerBarcode.barcode == barcode)
    return await session.scalar(
        select(Member).join(Transit, Transit.to == Member.point).join(Item, Item.id == Transit.item_id)
        .where(Transit.state == TransitState.on_way, Member.point != "", or_(Item.barcode == barcode, Item.id.in_(former)))
    )


async def waiting_there(session: AsyncSession, point: str) -> int:
    """How many readers wait for something at this point, or may fetch it there."""
    return await session.scalar(
        select(func.count()).where(Hold.state.in_(ACTIVE), or_(Hold.pickup == point, Hold.point == point))
    ) or 0


async def box_item_of(session: AsyncSession, member: str, barcode: str, on: date) -> BoxItem | None:
    """The item of a member as it came back on that day, or as it lies in a box now."""
    when = or_(~BoxItem.home, BoxItem.returned_on == on)
    return await session.scalar(
        select(BoxItem).join(Box, Box.number == BoxItem.box_number).join(Member, Member.id == Box.member_id)
        .where(Member.code == member, BoxItem.barcode == barcode, BoxItem.transit == "", when).limit(1)
    )


async def to_pack(session: AsyncSession) -> Sequence[Row[Transit, Member]]:
    """Our items that travel to a member's reader and lie in no box yet."""
    packed = select(BoxItem.transit).where(BoxItem.transit == Transit.number).exists()
    return (await session.execute(
        select(Transit, Member).join(Member, Member.point == Transit.to)
        .where(Transit.state == TransitState.on_way, Member.point != "", ~packed).order_by(Transit.due_on, Transit.number)
    )).all()


async def left_there(session: AsyncSession) -> list[tuple[str, str]]:
    """Our items at a member for which nobody will come any more: (barcode, point)."""
    kept = select(Hold.id).where(Hold.item_id == Item.id, Hold.state == HoldState.ready).exists()
    last = (
        select(Hold.point).where(Hold.item_id == Item.id, Hold.ended_at.is_not(None))
        .order_by(Hold.ended_at.desc()).limit(1).scalar_subquery()
    )
    theirs = select(ServicePoint.code).where(ServicePoint.kind == PointKind.member)
    rows = await session.execute(
        select(Item.barcode, last).where(Item.circulation == Circulation.hold_shelf, ~kept, last.in_(theirs))
        .order_by(Item.barcode).limit(200)
    )
    return [(barcode, point) for barcode, point in rows]


async def union_card_of(session: AsyncSession, card: str, member: str = "") -> tuple[UnionCard, Member]:
    """The union card of this number, of this member's reader if one is named."""
    query = (
        select(UnionCard, Member).join(Patron, Patron.id == UnionCard.patron_id)
        .join(Member, Member.id == UnionCard.member_id).where(Patron.card == card)
    )
    found = (await session.execute(query.where(Member.code == member) if member else query)).one_or_none()
    if found is None:
        raise NotUnionCard(card)
    return found[0], found[1]


async def card_of(session: AsyncSession, card: str) -> tuple[UnionCard, Patron, Member]:
    """A union card by its number."""
    found = (await session.execute(
        select(UnionCard, Patron, Member).join(Patron, Patron.id == UnionCard.patron_id)
        .join(Member, Member.id == UnionCard.member_id).where(Patron.card == card)
    )).one_or_none()
    if found is None:
        raise NotUnionCard(card)
    return found[0], found[1], found[2]


async def usual_pickup(session: AsyncSession, card: str) -> tuple[str, str]:
    """Where a union reader fetches our books unless they say otherwise: (point, name); two blanks for anybody else."""
    found = (await session.execute(
        select(Member.point, Member.short).join(UnionCard, UnionCard.member_id == Member.id)
        .join(Patron, Patron.id == UnionCard.patron_id).where(Patron.card == card, Member.active)
    )).one_or_none()
    return (found[0], found[1]) if found and found[0] else ("", "")


async def restored_times(session: AsyncSession, patron_id: UUID) -> int:
    """How often the refund of a deposit was undone."""
    return int(await session.scalar(
        select(func.count()).where(Deposit.patron_id == patron_id, Deposit.posting == DepositPosting.restored)
    ) or 0)


async def refund_by_voucher(session: AsyncSession, patron_id: UUID, voucher: str) -> Deposit | None:
    """The row by which a deposit went back on this voucher, unless that was undone."""
    row = await session.scalar(select(Deposit).where(
        Deposit.patron_id == patron_id, Deposit.posting == DepositPosting.refunded, Deposit.voucher == voucher
    ))
    return row if row is not None and row.round == await restored_times(session, patron_id) else None


async def received_for(session: AsyncSession, patron_id: UUID) -> Deposit | None:
    """The posting that brought the deposit of a patron."""
    return await session.scalar(
        select(Deposit).where(Deposit.patron_id == patron_id, Deposit.posting == DepositPosting.received)
    )


async def boxes(
    session: AsyncSession, *, limit: int, offset: int = 0
) -> tuple[Sequence[Row[Box, Member, int]], int]:
    """Boxes, those being filled first and oldest on top, with how many items are in them."""
    count = select(func.count()).where(BoxItem.box_number == Box.number).correlate(Box).scalar_subquery()
    rows = await session.execute(
        select(Box, Member, count).join(Member, Member.id == Box.member_id)
        .order_by(Box.state != BoxState.open, Box.state != BoxState.sent, Box.opened_at, Box.number)
        .limit(limit).offset(offset)
    )
    return rows.all(), await session.scalar(select(func.count()).select_from(Box)) or 0


async def box_with_items(
    session: AsyncSession, number: str
) -> tuple[Box, Member, Sequence[Row[BoxItem, str, HoldState]]]:
    """A box, whose it is, what is in it: of our own items the title and where the hold stands."""
    box = await session.scalar(select(Box).where(Box.number == number))
    if box is None:
        raise NotFound(number)
    inside = await session.execute(
        select(BoxItem, Transit.title, Hold.state)
        .outerjoin(Transit, (Transit.number == BoxItem.transit) & (BoxItem.transit != ""))
        .outerjoin(Hold, Hold.id == Transit.hold_id)
        .where(BoxItem.box_number == number).order_by(BoxItem.at, BoxItem.id)
    )
    return box, await session.get_one(Member, box.member_id), inside.all()


async def cards(
    session: AsyncSession, *, q: str = "", member: str = "", limit: int, offset: int = 0
) -> tuple[Sequence[Row[UnionCard, Patron, Member]], int]:
    """Union cards, those asked back first and closed ones last; `q` is a card or the beginning of a name."""
    where: list[Any] = []
    if q:
        where.append(or_(Patron.card == q.upper(), Patron.name.startswith(q, autoescape=True), Patron.initials.startswith(q.lower(), autoescape=True)))
    if member:
        where.append(Member.code == member)
    query = (
        select(UnionCard, Patron, Member).join(Patron, Patron.id == UnionCard.patron_id)
        .join(Member, Member.id == UnionCard.member_id).where(*where)
    )
    rows = await session.execute(query.order_by(
        UnionCard.closed_at.is_not(None), UnionCard.refund_asked_at.nulls_last(), UnionCard.issued_at.desc(), UnionCard.id,
    ).limit(limit).offset(offset))
    return rows.all(), await session.scalar(select(func.count()).select_from(query.subquery())) or 0


async def deposits_of(session: AsyncSession, patron_ids: Sequence[UUID]) -> dict[UUID, Sequence[Deposit]]:
    """The postings of these patrons' deposits, oldest first."""
    found: dict[UUID, list[Deposit]] = {}
    rows = await session.scalars(select(Deposit).where(Deposit.patron_id.in_(patron_ids)).order_by(Deposit.at, Deposit.id))
    for row in rows:
        found.setdefault(row.patron_id, []).append(row)
    return dict(found)


async def held_fen(session: AsyncSession) -> int:
    """All the money we hold for union readers."""
    return await session.scalar(select(_fen(Deposit.amount_fen))) or 0


async def settled_by(session: AsyncSession, deposit: Deposit) -> Sequence[Entry]:
    """The debts that were taken from a deposit."""
    return await receipt_lines(session, deposit.settles) if deposit.settles else ()


async def receipt(session: AsyncSession, number: str) -> tuple[Deposit, Patron]:
    """A deposit receipt and whose it is."""
    found = (await session.execute(
        select(Deposit, Patron).join(Patron, Patron.id == Deposit.patron_id).where(Deposit.receipt == number)
    )).one_or_none()
    if found is None:
        raise NotFound(number)
    return found[0], found[1]


async def files(session: AsyncSession, *, limit: int, offset: int = 0) -> tuple[Sequence[Row[UnionFile, Member]], int]:
    """Files of members, newest first."""
    rows = await session.execute(
        select(UnionFile, Member).join(Member, Member.id == UnionFile.member_id)
        .order_by(UnionFile.created_at.desc(), UnionFile.number.desc()).limit(limit).offset(offset)
    )
    return rows.all(), await session.scalar(select(func.count()).select_from(UnionFile)) or 0


async def file_with_member(session: AsyncSession, number: str) -> tuple[UnionFile, Member]:
    """A file and whose it is."""
    found = (await session.execute(
        select(UnionFile, Member).join(Member, Member.id == UnionFile.member_id).where(UnionFile.number == number)
    )).one_or_none()
    if found is None:
        raise NotFound(number)
    return found[0], found[1]


async def rows_of(
    session: AsyncSession, file: UnionFile, *, fate: Fate | None = None, limit: int = 1_000, offset: int = 0
) -> tuple[Sequence[UnionRow], int]:
    """The lines of a file, of one fate if asked."""
    where = [UnionRow.file_id == file.id, *([UnionRow.fate == fate] if fate else [])]
    rows = await session.scalars(select(UnionRow).where(*where).order_by(UnionRow.line).limit(limit).offset(offset))
    return rows.all(), await session.scalar(select(func.count()).select_from(UnionRow).where(*where)) or 0
