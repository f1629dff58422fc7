"""The union: three members, a box at every stage, cards with their deposits, last month's settlements."""

from __future__ import annotations

from datetime import timedelta

from services.reader.demo.supply import Supply
from services.reader.desk.charges.model import Method
from services.reader.desk.consortium import commands as union
from services.reader.desk.consortium import lending, settling
from services.reader.desk.consortium.model import LineKind
from services.reader.desk.patrons.model import Document

MEMBERS = (
    ("JKD", "江滨科技大学图书馆", "江科大", "JK#######", "转运联系人 宋岚", 150, 3000),
    ("LHS", "临湖市图书馆", "临湖市馆", "LH########", "流通部 白露", 100, 2500),
    ("YSZ", "云山职业学院图书馆", "云山职院", "YZ######", "借阅部 方平", 100, 2000),
)
CARDS = (("90020001", "程立雪", "JKD"), ("90020002", "姚望舒", "LHS"), ("90020003", "江听澜", "JKD"))


async def seed(supply: Supply) -> None:
    """Members first, then what travels, who borrows, and the account of the month."""
    async with supply.work("rdr-led", supply.at(60)) as work:
        for code, name, short, pattern, contact, rate, lost in MEMBERS:
            await union.save_member(
                work, code=code, name=name, short=short, pattern=pattern, contact=contact, rate_fen=rate, compensation_fen=lost
            )
    await _boxes(supply)
    await _cards(supply)
    await _settlements(supply)


async def _boxes(supply: Supply) -> None:
    """One signed for, one on the way, one being filled."""
    for prefix, ago, sent, signed in (("JK0021", 16, 14, 12), ("LH00310", 6, 2, 0), ("JK0022", 1, 0, 0)):
        async with supply.work("rdr-dsk", supply.at(ago)) as work:
            for n in range(3):
                box, _member, _again = await union.receive_foreign(work, barcode=f"{prefix}{417 + n}")
        if sent:
            async with supply.work("rdr-dsk2", supply.at(sent)) as work:
                await union.send(work, number=box.number, carrier="宋师傅（联盟班车）")
        if signed:
            async with supply.work("rdr-dsk", supply.at(signed)) as work:
                await union.received(work, number=box.number, signed_by="江科大 流通部")


async def _cards(supply: Supply) -> None:
    """Three cards; the last is given back and its deposit waits for approval."""
    for n, (card, name, member) in enumerate(CARDS):
        async with supply.work("rdr-dsk", supply.at(30 - n)) as work:
            await lending.issue(
                work, card=card, name=name, member=member, document=Document.id_card, last4=f"10{n}7",
                valid_to=supply.day(-330), method=Method.mobile if n else Method.cash,
            )
    async with supply.work("rdr-dsk2", supply.at(1)) as work:
        await lending.ask_refund(work, card=CARDS[2][0])
    await supply.lend(CARDS[0][0], supply.books(2), supply.at(4))


async def _settlements(supply: Supply) -> None:
    """The month before last is closed with one member, last month is a draft with the other."""
    last = supply.today.replace(day=1) - timedelta(days=1)
    before = last.replace(day=1) - timedelta(days=1)
    async with supply.work("rdr-dsk", supply.at(0, 8)) as work:
        closed = await settling.draft(work, member="JKD", month=before)
        await settling.add_line(work, number=closed.number, kind=LineKind.loans_there, quantity=4, note="江科大来函")
        open_ = await settling.draft(work, member="LHS", month=last)
        await settling.add_line(work, number=open_.number, kind=LineKind.loans_there, quantity=2)
    async with supply.work("rdr-dsk2", supply.at(0, 8.3)) as work:
        await settling.check(work, number=closed.number)
    async with supply.work("rdr-led", supply.at(0, 8.6)) as work:
        await settling.close(work, number=closed.number)
