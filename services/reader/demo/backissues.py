"""The demonstration of back issues: a newspaper bundled by tens, one volume on the shelf, one at the binder, an old special to be discarded."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from services.reader.demo.supply import Supply
from services.reader.rooms.backissues import binding, commands, queries
from services.reader.rooms.serials import checkin, shelving
from services.reader.rooms.serials.model import SerialIssue, SerialTitle
from services.reader.rooms.serials.numbering import Kind
from shared.demo import person
from shared.settings import LOCAL
from shared.work import Work

PLACE = "过刊库 2 架 {n} 层"


async def seed(supply: Supply) -> None:
    """Three bundles of the daily: shelved, at the binder, stored; one of the evening paper made ready; a special past its term."""
    kit, today = supply.kit, supply.today
    keeper = person("rdr-stk")

    def at(days_ago: int) -> datetime:
        return min(datetime.combine(today - timedelta(days=days_ago), time(10), LOCAL), supply.now)

    numbers = []
    async with kit.works.open(keeper, now=at(5)) as work:
        for nth, title in enumerate(("江畔日报", "江畔日报", "江畔日报", "江城晚报")):
            numbers.append(await _bundle(work, title, nth))
    for number in numbers[:2]:
        if number:
            async with kit.works.open(keeper, now=at(4)) as work:
                await binding.prepare(work, number=number, colour="深蓝")
    async with kit.works.open(keeper, now=at(4)) as work:
        if numbers[0]:
            await binding.send(work, numbers=[numbers[0]], binder="文印中心", due_on=today, note="")
    async with kit.works.open(keeper, now=at(2)) as work:
        if numbers[1]:
            await binding.send(work, numbers=[numbers[1]], binder="文印中心", due_on=today + timedelta(days=20), note="本月第二批")
        if numbers[0]:
            await binding.take_back(work, number=numbers[0])
    async with kit.works.open(keeper, now=at(1)) as work:
        if numbers[0]:
            await binding.shelve(
                work, number=numbers[0], barcode="B900000017", call_number=f"Z2/1:{today.year}(1)", room="过刊阅览室", rack="3-2", labelled=True, stripped=True,
            )
        if numbers[3]:
            await binding.prepare(work, number=numbers[3], colour="枣红")
    async with kit.works.open(keeper, now=at(0)) as work:
        await _old_special(work, today - timedelta(days=500))


async def _titled(work: Work, name: str) -> SerialTitle | None:
    return await work.session.scalar(select(SerialTitle).where(SerialTitle.title == name))


async def _bundle(work: Work, name: str, nth: int) -> str:
    """The next ten loose issues of a title; empty when there are none."""
    title = await _titled(work, name)
    if title is None:
        return ""
    loose = list(await work.session.scalars(
        select(SerialIssue).where(queries.LOOSE, SerialIssue.title_id == title.id).order_by(SerialIssue.issued_on, SerialIssue.slot).limit(10)
    ))
    if not loose:
        return ""
    made = await commands.bundle_up(
        work, title=title.number, from_on=loose[0].issued_on, to_on=loose[-1].issued_on, ids=[one.id for one in loose], place=PLACE.format(n=nth + 1),
    )
    return made.number


async def _old_special(work: Work, day: date) -> None:
    """A newspaper is kept a year: this one is past it and waits for a second person."""
    title = await _titled(work, "江畔日报")
    if title is None:
        return
    issue, _title = await checkin.take_extra(work, number=title.number, kind=Kind.special, day=day, caption="校庆特刊")
    await checkin.stamp(work, ids=[issue.id])
    await shelving.walk(work, taken=[issue.id])
    made = await commands.bundle_up(work, title=title.number, from_on=day, to_on=day, ids=[issue.id], place=PLACE.format(n=9))
    await commands.propose(work, number=made.number, reason="已过保存期，馆藏另有缩微")
