"""Cards and what is known of people: remarks, files of the card centre, consents, what was looked at and forgotten."""

from __future__ import annotations

import io
from contextlib import suppress

from services.reader.demo.supply import GUESTS, Supply
from services.reader.desk.campus import commands as campus
from services.reader.desk.campus import taking
from services.reader.desk.cards import commands as reissuing
from services.reader.desk.consents import commands as giving
from services.reader.desk.patrons import commands as patrons
from services.reader.desk.patrons.model import Document
from services.reader.desk.patrons.queries import patron_by_card
from services.reader.desk.privacy import commands as privacy
from shared.identity import SYSTEM
from shared.refusals import Refusal

FRESHMEN = (
    "证号,姓名,读者类型,学院,班级,有效期,状态", "20261001,沈若溪,本科生,文学与传媒学院,汉语言文学 2026 级,2030-07-15,正常",
    "20261002,陆云帆,本科生,计算机学院,软件工程 2026 级,2030-07-15,正常",
    "20261003,邵芷若,本科生,医学院,临床医学 2026 级,2031-07-15,正常",
    "20261004,季天佑,本科生,机械工程学院,车辆工程 2026 级,2030-07-15,正常",
    "20261005,戚采薇,本科生,财经学院,会计学 2026 级,2030-07-15,正常",
    "20261006,柳修远,硕士生,食品学院,食品科学 2026 级,2029-07-15,正常",
    "20261007,阮映雪,硕士生,外国语学院,英语 2026 级,2029-07-15,正常",
    "20261008,,本科生,外国语学院,英语 2026 级,2030-07-15,正常", "20261002,陆云帆,本科生,计算机学院,软件工程 2026 级,2030-07-15,正常",
)
CHANGES = (
    "证号,姓名,读者类型,学院,班级,状态", "20261003,邵芷若,本科生,医学院,口腔医学 2026 级,正常",
    "20261004,季天佑,本科生,机械工程学院,车辆工程 2026 级,挂失", "20261007,阮映雪,硕士生,外国语学院,英语 2026 级,离校",
    "20261009,穆知夏,本科生,财经学院,金融学 2026 级,正常", "20261010,魏星辰,访问学者,医学院,,正常",
)


async def files(supply: Supply) -> None:
    """The list of the freshmen was taken up, this week's changes wait for somebody to look."""
    async with supply.work("rdr-led", supply.at(9, 9)) as work:
        file = await campus.look(work, io.BytesIO("\n".join(FRESHMEN).encode()), name="2026级新生名单.csv")
        await campus.apply(work, number=file.number)
        while await taking.take_batch(work, file):
            await work.session.flush()
    async with supply.work("rdr-led", supply.at(0, 8.6)) as work:
        await campus.look(work, io.BytesIO("\n".join(CHANGES).encode("gb18030")), name="本周卡务变更.csv")


async def notes(supply: Supply) -> None:
    """Remarks for the next desk, a card that was lost and freed, one that was replaced, one suspended."""
    freed, replaced, stopped = supply.reader(), supply.reader(again=False), supply.reader(again=False)
    async with supply.work("rdr-dsk", supply.at(6)) as work:
        await patrons.add_note(work, card=GUESTS[0], text="附盘忘在宿舍，下次来时补交", until=supply.day(-20))
        await patrons.add_note(work, card=replaced, text="有同名读者，办理时请核对照片", urgent=True)
        done = await patrons.add_note(work, card=freed, text="电话已换，请更新")
        await patrons.change_card(work, card=freed, action="report_loss", reason="读者电话挂失")
    async with supply.work("rdr-dsk2", supply.at(5, 15)) as work:
        await patrons.unblock(work, card=freed, document=Document.student_card, last4="4471")
        await work.session.flush()
        await patrons.end_note(work, note_id=done.id)
        await reissuing.reissue(
            work, card=replaced, new_card=f"{replaced}B", chip=None, document=Document.id_card, last4="203X"
        )
    async with supply.work("rdr-led", supply.at(3, 16)) as work:
        await patrons.change_card(
            work, card=stopped, action="suspend", reason="占座经三次劝阻不改", until=supply.day(-11)
        )


async def consents(supply: Supply) -> None:
    """One given at home and used, one on paper, one that ran out, one revoked."""
    async with supply.kit.sessions() as session:
        name = (await patron_by_card(session, GUESTS[1])).name
    async with supply.work(supply.patron(GUESTS[0]), supply.at(8, 20)) as work:
        await giving.give(work, delegate=GUESTS[1], name=name, until=supply.day(-60))
    for ago, until, paper in ((12, -40, "委-0417"), (70, 10, "委-0398"), (20, -20, "委-0409")):
        async with supply.work("rdr-dsk", supply.at(ago)) as work:
            made = await giving.note_paper(
                work, principal=supply.reader(), delegate=supply.reader(), until=supply.day(until), paper=paper
            )
    async with supply.work("rdr-dsk2", supply.at(4, 11)) as work:
        await giving.revoke(work, number=made.number)
    with suppress(Refusal):  # one of the two may be overdue
        async with supply.work("rdr-dsk", supply.at(2, 12)) as work:
            await giving.lend_for(work, principal=GUESTS[0], delegate=GUESTS[1], barcode=supply.book())


async def long_forgotten(supply: Supply) -> None:
    """Loans of the spring are parted from their people, and two colleagues looked at somebody's history."""
    card, barcodes = supply.reader(), supply.books(3)
    await supply.lend(card, barcodes, supply.at(228))
    for barcode in barcodes:
        await supply.back(barcode, supply.at(201, 15))
    async with supply.work(SYSTEM, supply.at(1, 2.7)) as work:
        await privacy.cut(work)
    for who, ago, whose, rows in (("rdr-dsk", 4, card, 6), ("rdr-led", 2, GUESTS[0], 3), ("rdr-dsk2", 1, card, 6)):
        async with supply.work(who, supply.at(ago, 11)) as work:
            work.note("read-loan-history", "patron", whose, rows=rows)
