"""The demonstration of tech: two routes, a few faults in different states, two days of patrols."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from services.tech.support.helpdesk import opening as helpdesk
from services.tech.support.helpdesk.model import Kind
from services.tech.support.patrols import commands as patrols
from services.tech.support.patrols.model import Point, Route
from shared.database import uuid7
from shared.demo import person
from shared.service import Kit
from shared.settings import LOCAL

ROUTES = (
    ("east", "东区全线", "East wing, all floors", (
        ("E1", "一层大厅与安检门", "Hall and gates, floor 1", "门禁、地面、消防通道", "Gates, floor, fire exits", "fire"),
        ("E2", "一层总服务台", "Main desk, floor 1", "充消磁仪、照明、插座", "Sensitiser, lights, sockets", "equipment"),
        ("E3", "二层社科阅览区", "Social sciences, floor 2", "照明、空调、门窗", "Lights, air, windows", "air"),
        ("E4", "三层自科库", "Science stacks, floor 3", "消防栓、烟感、通道", "Hydrants, detectors, aisles", "fire"),
        ("E5", "四层电子阅览室", "E-reading room, floor 4", "机位、网络、电源", "Seats, network, power", "computer"),
        ("E6", "顶层机房外廊", "Plant corridor, top floor", "漏水、异响、门锁", "Leaks, noise, locks", "water"),
    )),
    ("west", "西区与密集库", "West wing and compact stacks", (
        ("W1", "西门与自行车棚", "West gate and cycle shed", "门锁、照明", "Lock, lights", "power"),
        ("W2", "地下密集库", "Compact stacks, basement", "除湿机、轨道、积水", "Dehumidifier, rails, water", "water"),
        ("W3", "二层报告厅", "Lecture hall, floor 2", "音响、座椅、出口指示", "Sound, seats, exit signs", "equipment"),
        ("W4", "三层古籍室外", "Ancient books, floor 3", "温湿度仪、防盗门", "Thermo-hygrometer, door", "fire"),
    )),
)

ANSWERS: dict[str, dict[str, Any]] = {
    "resolve": {"note": "已更换连接线并测试通过"}, "confirm": {"rating": 5},
}


async def seed(kit: Kit) -> None:
    """Load once; a second run finds the routes and does nothing."""
    now = datetime.now(UTC)
    async with kit.works.open() as work:
        if (await work.session.scalars(select(Route).limit(1))).first():
            return
        for code, name, name_en, points in ROUTES:
            route = Route(id=uuid7(), code=code, name=name, name_en=name_en)
            work.session.add(route)
            await work.session.flush()
            for position, (point, zh, en, look, look_en, kind) in enumerate(points, 1):
                work.session.add(
                    Point(id=uuid7(), route_id=route.id, position=position, code=point, name=zh, name_en=en,
                          look_at=look, look_at_en=look_en, kind=kind)
                )
    await _faults(kit, now)
    await _patrols(kit, now)
    await _backups(kit, now)


async def _faults(kit: Kit, now: datetime) -> None:
    from services.tech.support.helpdesk.register import orders

    desk, room = person("rdr-dsk"), person("rdr-cir")
    engineer, logistics = person("tec-sys"), person("tec-log")
    told = (
        (desk, "一层总服务台", Kind.computer, "二号工作站扫描枪时断时续，换过接口仍不行", 30, engineer, "accept resolve confirm"),
        (room, "三层东区打印点", Kind.computer, "打印机卡纸报警，读者排队", 26, engineer, "accept resolve"),
        (room, "二层社科阅览区", Kind.power, "靠窗一排灯管闪烁", 20, logistics, "accept"),
        (desk, "西门", Kind.equipment, "充消磁仪指示灯不亮", 3, None, ""),
        (room, "四层电子阅览室", Kind.network, "12 号至 18 号机位上不了网", 1, None, ""),
    )
    for reporter, place, kind, note, hours, owner, moves in told:
        at = now - timedelta(hours=hours)
        async with kit.works.open(reporter, now=at) as work:
            order = await helpdesk.report_fault(work, place=place, kind=kind, note=note)
            number = order.no
        for step, move in enumerate(moves.split(), 1):
            who = reporter if move == "confirm" or owner is None else owner
            asked = ANSWERS.get(move, {})
            async with kit.works.open(who, now=at + timedelta(minutes=40 * step)) as work:
                await orders.move(work, number, move, **asked)


async def _patrols(kit: Kit, now: datetime) -> None:
    morning = now.astimezone(LOCAL).replace(hour=8, minute=10, second=0, microsecond=0)
    walker = person("tec-log")
    for back, minutes in ((2, 13), (1, 12)):
        for shift, route in enumerate(("east", "west")):
            at = morning - timedelta(days=back) + timedelta(hours=6 * shift)
            async with kit.works.open(walker, now=at) as work:
                number = (await patrols.start_round(work, route=route)).no
            points = next(p for code, _zh, _en, p in ROUTES if code == route)
            for point in points:
                at += timedelta(minutes=minutes)
                bad = back == 1 and point[0] == "W2"
                async with kit.works.open(walker, now=at) as work:
                    await patrols.stamp(work, number, point=point[0], ok=not bad,
                                        note="除湿机水箱满，地面有少量积水" if bad else "")
            async with kit.works.open(walker, now=at + timedelta(minutes=minutes)) as work:
                await patrols.close_round(work, number)


async def _backups(kit: Kit, now: datetime) -> None:
    """The website is kept every day and was restored once; yesterday its disk was full."""
    from services.tech.systems.backups.register import plans, runs

    keeper, gb = person("tec-sys"), 1_000_000_000
    async with kit.works.open(keeper, now=now - timedelta(days=40)) as work:
        await plans.open(
            work, no="WEBSITE", name="门户网站", contents="页面、附件、站点配置", method="每日增量，每周全量", elsewhere="图文信息中心机房",
        )
    async with kit.works.open(keeper, now=now - timedelta(days=39)) as work:
        test = await runs.open(
            work, plan="WEBSITE", kind="test", ended_at=now - timedelta(days=39), seconds=1560, bytes=3 * gb, archive="website-full.tgz",
        )
        number = test.no
    async with kit.works.open(keeper, now=now - timedelta(days=39)) as work:
        await runs.move(work, number, "prove", proof="恢复到备用服务器，首页、栏目、附件下载均正常")
    for days, reason in ((3, ""), (2, ""), (1, "备份盘剩余空间不足"), (0.4, "")):
        at = now - timedelta(days=days)
        async with kit.works.open(keeper, now=at) as work:
            await runs.open(
                work, plan="WEBSITE", kind="backup", ended_at=at, seconds=340, bytes=0 if reason else gb, archive=f"website-{at:%Y%m%d}.tgz",
                reason=reason,
            )
