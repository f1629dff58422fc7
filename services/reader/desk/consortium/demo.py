"""The union of the demonstration: its five founders of 2011, a box, a foreign book, cards, last month settled.

The names of the five are facts; barcodes, rates, contacts and readers are invented. Everything is done with the real commands at the times it would have happened.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select

from services.reader.desk.circulation import commands as circulation
from services.reader.desk.consortium import commands, lending, months, settling
from services.reader.desk.consortium.model import LineKind
from services.reader.desk.consortium.queries import member_by_code
from services.reader.desk.items.model import Circulation, Item, Use
from services.reader.desk.patrons.model import Document
from shared.demo import person
from shared.refusals import Refusal
from shared.service import Kit
from shared.settings import LOCAL

# code, name, short, barcodes, rate and compensation in fen, whether our books may be fetched there
MEMBERS = (
    ("ZJTS", "镇江市图书馆", "市图书馆", "ZJT#######", 50, 3000, True),
    ("JSD", "江苏大学图书馆", "江大馆", "JSD#######", 50, 3000, True),
    ("JKD", "江苏科技大学图书馆", "江科大馆", "JKD#######", 50, 3000, True),
    ("ZGZ", "镇江市高等专科学校图书馆", "高专馆", "ZGZ######", 50, 3000, False),
    ("DTQ", "丹徒区图书馆", "丹徒区馆", "DT########", 50, 2500, False),
)
READERS = (("90010001", "钱文渊", "ZJTS", True), ("90010002", "孙晓岚", "JKD", False), ("90010003", "李若谷", "DTQ", False))


def _at(day: date, hour: float) -> datetime:
    moment = (datetime.combine(day, time(), LOCAL) + timedelta(hours=hour)).astimezone(UTC)
    return min(moment, datetime.now(UTC))


async def people(kit: Kit) -> None:
    """Members and their readers, who are there before anybody borrows."""
    begun = datetime.now(LOCAL).date() - timedelta(days=74)
    async with kit.works.open(person("rdr-led"), now=_at(begun, 9)) as work:
        for code, name, short, pattern, rate, compensation, pickup in MEMBERS:
            await commands.save_member(
                work, code=code, name=name, short=short, pattern=pattern, active=True, rate_fen=rate,
                compensation_fen=compensation, pickup=pickup, contact=f"{short}流通部",
            )
    for n, (card, name, member, online) in enumerate(READERS):
        async with kit.works.open(person("rdr-dsk"), now=_at(begun, 10 + n)) as work:
            await lending.issue(
                work, card=card, name=name, member=member, document=Document.id_card, last4=f"{1000 + n}",
                valid_to=begun.replace(month=12, day=31) + timedelta(days=365 * 3), online=online,
            )


async def traffic(kit: Kit, today: date) -> None:
    """Last month: loans, a box that left and arrived, settled. This month: a box being filled, a refund that waits."""
    this = today.replace(day=1)
    last = months.month_before(this)
    await _loans(kit, last)
    number = await _box(kit, last + timedelta(days=8), "ZJTS", ("ZJT0031842", "ZJT0040117", "ZJT0100256"))
    async with kit.works.open(person("rdr-dsk"), now=_at(last + timedelta(days=12), 10)) as work:
        await commands.send(work, number=number, carrier="市图书馆 严师傅")
    async with kit.works.open(person("rdr-dsk2"), now=_at(last + timedelta(days=13), 15)) as work:
        await commands.received(work, number=number, signed_by="市图书馆 顾敏")
    await _settle(kit, last, _at(this, 9.5))
    packed = await _box(kit, today - timedelta(days=2), "JKD", ("JKD0007731", "JKD0012008"))
    async with kit.works.open(person("rdr-dsk"), now=_at(today - timedelta(days=1), 16)) as work:
        await commands.send(work, number=packed, carrier="江科大馆 通借车")
    await _box(kit, today, "DTQ", ("DT00004410",))
    async with kit.works.open(person("rdr-dsk2"), now=_at(today, 9)) as work:
        try:
            await lending.ask_refund(work, card=READERS[2][0])
        except Refusal:
            return  # the story of the desk lent this reader something


async def _loans(kit: Kit, month: date) -> None:
    async with kit.sessions() as session:
        free = list(await session.scalars(
            select(Item.barcode).where(Item.use == Use.loan, Item.circulation == Circulation.available)
            .order_by(Item.barcode.desc()).limit(3)
        ))
    for n, barcode in enumerate(free):
        async with kit.works.open(person("rdr-dsk"), now=_at(month + timedelta(days=5 + n), 10)) as work:
            await circulation.lend(work, card=READERS[n % 2][0], barcode=barcode)
    for n, barcode in enumerate(free):
        async with kit.works.open(person("rdr-dsk2"), now=_at(month + timedelta(days=18 + n), 11)) as work:
            if n == 0:
                await commands.come_home(
                    work, member=READERS[0][2], barcode=barcode, returned_on=month + timedelta(days=16)
                )
            else:
                await circulation.take_back(work, barcode=barcode)


async def _box(kit: Kit, day: date, member: str, barcodes: tuple[str, ...]) -> str:
    number = ""
    for n, barcode in enumerate(barcodes):
        async with kit.works.open(person("rdr-dsk"), now=_at(day, 9 + n)) as work:
            box, _member, _again = await commands.receive_foreign(work, barcode=barcode, of=member)
            number = box.number
    return number


async def _settle(kit: Kit, month: date, at: datetime) -> None:
    async with kit.works.open(person("rdr-dsk"), now=at) as work:
        drafts = await settling.draft_all(work, month=month)
        made = [one.number for one in drafts]
        city = await member_by_code(work.session, "ZJTS")
        for one in drafts:
            if one.member_id == city.id:
                await settling.add_line(work, number=one.number, kind=LineKind.loans_there, quantity=6, note="市图书馆月报")
    for number in made:
        async with kit.works.open(person("rdr-dsk2"), now=at + timedelta(hours=1)) as work:
            await settling.check(work, number=number)
        async with kit.works.open(person("rdr-led"), now=at + timedelta(hours=3)) as work:
            await settling.close(work, number=number)
