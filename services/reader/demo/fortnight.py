"""Sixty fictional patrons and two weeks of their comings and goings at the desk.

Everything is done with the real commands at the times it would have happened, from one seed, so
that every run tells the same story. A second start finds the patrons and does nothing.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import func, select

from services.reader.demo import money
from services.reader.desk.calendar import commands as calendar
from services.reader.desk.charges import commands as charges
from services.reader.desk.charges.model import Method
from services.reader.desk.circulation import asking_back
from services.reader.desk.circulation import commands as circulation
from services.reader.desk.circulation.model import Loan
from services.reader.desk.condition import commands as condition
from services.reader.desk.condition.model import DamageKind, Grade
from services.reader.desk.condition.queries import waiting_inspection
from services.reader.desk.consortium import demo as union
from services.reader.desk.holds import commands as holds
from services.reader.desk.items.model import Item
from services.reader.desk.items.queries import FREE
from services.reader.desk.notices import commands as notices
from services.reader.desk.patrons import commands as patrons
from services.reader.desk.patrons.model import Category, Patron
from services.reader.desk.selfcheck import commands as selfcheck
from services.reader.desk.selfcheck.model import Right
from services.reader.discovery.shelves import demo as shelves
from services.reader.rooms.service_points import commands as points
from services.reader.rooms.service_points.model import PointKind
from shared.demo import person
from shared.refusals import Refusal
from shared.service import Kit
from shared.settings import LOCAL

SEED = 20261122
DAYS = 14
FEW = 200
SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹"
GIVEN = (
    "雨桐 子涵 思远 若溪 明轩 佳宁 文博 清扬 梓萱 浩然 诗涵 嘉懿 晨曦 一诺 书瑶 立群 景行 知夏 云帆 安然 "
    "怀瑾 语嫣 宇航 静怡 承泽 欣妍 俊熙 采薇 星辰 慕白 婉清 致远 乐天 芷若 天佑 念慈 修远 映雪 国栋 海棠"
).split()
COLLEGES = (
    ("文学与传媒学院", "汉语言文学"), ("计算机学院", "软件工程"), ("机械工程学院", "车辆工程"),
    ("医学院", "临床医学"), ("财经学院", "会计学"), ("食品学院", "食品科学"), ("外国语学院", "英语"),
)
# How many of each, the first card number, and which of them may sign in.
GROUPS: tuple[tuple[Category, int, int, int], ...] = (
    (Category.undergraduate, 30, 20231001, 2), (Category.graduate, 14, 20252001, 1),
    (Category.staff, 9, 19980301, 1), (Category.retired, 2, 19700401, 0), (Category.visitor, 2, 99000001, 0),
)
CLOSED = (
    (1, 1, "元旦", "New Year's Day"), (5, 1, "劳动节", "Labour Day"), (5, 2, "劳动节", "Labour Day"),
    (10, 1, "国庆节", "National Day"), (10, 2, "国庆节", "National Day"), (10, 3, "国庆节", "National Day"),
)

POINTS = (
    ("MAIN", "总服务台", "Main Desk", PointKind.desk, "一层大厅"),
    ("EAST", "东区服务点", "East Service Point", PointKind.branch, "东校区 3 号楼 102"),
)


@dataclass
class Story:
    """Who does what with which books, from one seed."""

    kit: Kit
    chance: random.Random = field(default_factory=lambda: random.Random(SEED))
    cards: list[str] = field(default_factory=list)
    shelf: list[str] = field(default_factory=list)
    out: dict[str, str] = field(default_factory=dict)

    def moment(self, day: date, hour: float) -> datetime:
        """A time of a library day, never in the future."""
        at = datetime.combine(day, time(), LOCAL) + timedelta(hours=hour)
        return min(at.astimezone(UTC), datetime.now(UTC))


async def seed(kit: Kit) -> None:
    """Patrons at once; loans as soon as the catalogue has told us of its items."""
    story = Story(kit)
    async with kit.sessions() as session:
        known = await session.scalar(select(func.count()).select_from(Patron))
    if not known:
        await _open_points(story)
        await _close_holidays(story)
        await _register(story)
        await union.people(kit)
        await _terminal(story)
    async with kit.sessions() as session:
        if await session.scalar(select(Loan.id).limit(1)):
            return
        story.cards = list(await session.scalars(select(Patron.card).order_by(Patron.card)))
    story.shelf = await _items(kit)
    if not story.shelf:
        return
    await shelves.seed(kit)
    today = datetime.now(LOCAL).date()
    await union.traffic(kit, today)
    await _long_ago(story, today)
    for back in range(DAYS, -1, -1):
        await _day(story, today - timedelta(days=back), last=back == 0)
    await _waiting(story, today)
    await _damages(story, today)


async def _open_points(story: Story) -> None:
    """Two points and no location assigned: books travel to those who asked for it, none is sent home."""
    async with story.kit.works.open(person("rdr-led")) as work:
        for code, name, name_en, kind, address in POINTS:
            await points.save(
                work, code=code, name=name, name_en=name_en, kind=kind, address=address, main=code == "MAIN", new=True
            )


async def _terminal(story: Story) -> None:
    """A self-check machine to try; its password is the one of every demonstration account."""
    usual = [right.value for right in Right if right is not Right.block]
    if story.kit.settings.demo_password:
        async with story.kit.works.open(person("rdr-led")) as work:
            await selfcheck.enlist(
                work, password=story.kit.settings.demo_password, account="kiosk", name="一层大厅 1 号机", location="LOBBY",
                rights=usual,
            )


async def _close_holidays(story: Story) -> None:
    year = datetime.now(LOCAL).year
    async with story.kit.works.open(person("rdr-led")) as work:
        for month, day, reason, reason_en in CLOSED:
            for of in (year, year + 1):
                await calendar.close(work, day=date(of, month, day), reason=reason, reason_en=reason_en)


async def _register(story: Story) -> None:
    begun = datetime.now(UTC) - timedelta(days=DAYS + 60)
    number = 0
    for category, count, first, logins in GROUPS:
        async with story.kit.works.open(person("rdr-dsk"), now=begun) as work:
            for n in range(count):
                college, major = COLLEGES[number % len(COLLEGES)]
                student = category in {Category.undergraduate, Category.graduate}
                card = str(first + n)
                await patrons.register(
                    work, card=card, category=category,
                    name=SURNAMES[number % len(SURNAMES)] + GIVEN[(number * 7) % len(GIVEN)],
                    college=college,
                    class_name=f"{major} {card[:4]} 级" if student else "",
                    valid_to=begun.date().replace(month=12, day=31) + timedelta(days=365 * 3),
                    # The two newest students have not passed the induction test yet.
                    oriented=not (category is Category.undergraduate and n >= count - 2),
                    login=card if n < logins else "",
                    email=f"{card}@mail.yunshan.example" if category is not Category.visitor else "",
                )
                number += 1
    async with story.kit.works.open(person("rdr-led"), now=begun) as work:
        for college, _major in COLLEGES[:4]:
            await notices.save_contact(
                work, college=college, name=f"{college}办公室", email=f"office{len(college)}@mail.yunshan.example"
            )
    async with story.kit.works.open(person("rdr-dsk"), now=begun + timedelta(days=50)) as work:
        await patrons.change_card(work, card="20231029", action="report_loss", reason="读者电话挂失")


async def _items(kit: Kit) -> list[str]:
    """Barcodes that may be lent, once they have stopped arriving; none when nobody sends any."""
    seen, still = -1, 0
    for _ in range(600):
        async with kit.sessions() as session:
            count = await session.scalar(select(func.count()).select_from(Item)) or 0
        still = still + 1 if count == seen and count >= FEW else 0
        if still >= 3:
            break
        seen = count
        await asyncio.sleep(1)
    async with kit.sessions() as session:
        return list(await session.scalars(
            select(Item.barcode).where(*FREE).order_by(Item.barcode).limit(2000)
        ))


async def _lend(story: Story, at: datetime, card: str, barcode: str, clerk: str) -> None:
    try:
        async with story.kit.works.open(person(clerk), now=at) as work:
            await circulation.lend(work, card=card, barcode=barcode)
    except Refusal:
        return  # as at a real desk: some people are turned away
    story.out[barcode] = card


async def _back(story: Story, at: datetime, barcode: str, clerk: str) -> None:
    async with story.kit.works.open(person(clerk), now=at) as work:
        done = await circulation.take_back(work, barcode=barcode)
    story.out.pop(barcode, None)
    if done.fine_fen and done.loan and done.loan.card and story.chance.random() < 0.5:
        async with story.kit.works.open(person(clerk), now=at + timedelta(minutes=1)) as work:
            await charges.pay(
                work, card=done.loan.card, method=story.chance.choice([Method.card, Method.mobile])
            )


async def _long_ago(story: Story, today: date) -> None:
    """A few books are out for so long that they are overdue by now."""
    for n, barcode in enumerate(story.chance.sample(story.shelf, 24)):
        day = today - timedelta(days=33 + n)
        card = story.cards[(n * 5) % 36]
        await _lend(story, story.moment(day, 9 + n % 9), card, barcode, "rdr-dsk")


async def _day(story: Story, day: date, *, last: bool) -> None:
    chance, hour = story.chance, 8.2
    async with story.kit.works.open(now=story.moment(day, 8)) as work:
        await asking_back.remind(work)
    until = datetime.now(LOCAL).hour - 0.2 if last else 21.0
    busy = chance.randint(9, 16) + (6 if day.weekday() < 5 else 0)
    for _ in range(busy):
        hour += chance.uniform(0.2, 1.0) * 12 / busy
        if hour > until:
            break
        clerk = "rdr-dsk" if hour < 14 else "rdr-dsk2"
        at = story.moment(day, hour)
        if story.out and chance.random() < 0.38:
            await _back(story, at, chance.choice(sorted(story.out)), clerk)
            continue
        card = chance.choice(story.cards)
        for n in range(chance.choice([1, 1, 2, 3])):
            await _lend(story, at + timedelta(seconds=20 * n), card, chance.choice(story.shelf), clerk)
    await money.close_tills(story.kit, story.moment(day, 21.2))


async def _waiting(story: Story, today: date) -> None:
    """Some titles are waited for, and two of them have just come back."""
    async with story.kit.sessions() as session:
        rows = (await session.execute(
            select(Item.instance_id, func.min(Item.barcode))
            .where(Item.barcode.in_(list(story.out))).group_by(Item.instance_id).order_by(Item.instance_id)
        )).all()
    placed: list[str] = []
    for n, (instance, barcode) in enumerate(rows):
        if len(placed) >= 6:
            break
        try:
            async with story.kit.works.open(
                person("rdr-led"), now=story.moment(today - timedelta(days=1), 10 + n % 8)
            ) as work:
                for card in story.chance.sample(story.cards[:36], 2 if n % 3 == 0 else 1):
                    await holds.place(
                        work, card=card, instance_id=instance, pickup="EAST" if len(placed) == 3 else ""
                    )
        except Refusal:
            continue  # another copy stands on the shelf
        placed.append(barcode)
    for barcode in placed[:2]:
        await _back(story, story.moment(today, 8.5), barcode, "rdr-dsk")
    for barcode in placed[3:4]:
        async with story.kit.works.open(person("rdr-dsk"), now=story.moment(today, 8.6)) as work:
            await circulation.take_back(work, barcode=barcode, at="MAIN")
        story.out.pop(barcode)


async def _damages(story: Story, today: date) -> None:
    """One damage mended and judged, one waiting to be judged, one at the desk, one for the workshop."""
    free = [barcode for barcode in story.shelf if barcode not in story.out]
    picked = story.chance.sample(free, 4)
    kinds = (
        (DamageKind.tag, Grade.light, "书标脱落", 4), (DamageKind.torn, Grade.light, "第 37 页撕裂约 4 厘米", 2),
        (DamageKind.cover, Grade.light, "封面折角", 1), (DamageKind.spine, Grade.medium, "书脊脱胶，前 20 页松动", 1),
    )
    for n, (barcode, (kind, grade, note, ago)) in enumerate(zip(picked, kinds, strict=True)):
        at = story.moment(today - timedelta(days=ago), 10 + n)
        async with story.kit.works.open(person("rdr-dsk"), now=at) as work:
            slip = await condition.report(work, barcode=barcode, kind=kind, grade=grade, note=note)
        if n >= 2:
            continue
        async with story.kit.works.open(person("rdr-dsk"), now=at + timedelta(hours=2)) as work:
            await condition.finish_mending(
                work, number=slip.number, minutes=12, material="糨糊、薄棉纸", note="已压平"
            )
        if n == 0:
            await _judge(story, slip.id, at + timedelta(hours=5))


async def _judge(story: Story, slip_id: UUID, at: datetime) -> None:
    async with story.kit.works.open(person("rdr-dsk2"), now=at) as work:
        waiting = await waiting_inspection(work.session, slip_id)
        if waiting is not None:
            await condition.judge(
                work, inspection_id=waiting.id, passed=True, checklist=["label", "barcode", "strip"]
            )
