"""The calendar of the year, some tasks under way, and a few days of obligations."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select

from services.office.people.calendar.commands import set_days
from services.office.people.calendar.model import CalendarDay, DayKind
from services.office.people.obligations.commands import (
    explain_missed,
    let_time_pass,
    open_for_day,
    warn_today,
)
from services.office.people.obligations.model import Obligation, ObligationState
from services.office.people.post_duties.commands import give_stand_in
from services.office.people.post_duties.model import Holding
from services.office.people.tasks.model import Task
from services.office.people.tasks.register import REGISTER as TASKS
from services.office.people.tasks.rules import LIFE
from shared.demo import BY_LOGIN, person
from shared.service import Kit
from shared.settings import LOCAL

H, R, W = DayKind.holiday, DayKind.rest, DayKind.workday
# The State Council's arrangement for 2026: statutory days, days off around them, days worked instead.
YEAR_2026: tuple[tuple[str, str, DayKind, str], ...] = (
    ("01-01", "01-01", H, "元旦"), ("01-02", "01-03", R, "元旦"), ("01-04", "01-04", W, "调休上班"),
    ("02-14", "02-14", W, "调休上班"), ("02-15", "02-15", R, "春节"), ("02-16", "02-19", H, "春节"),
    ("02-20", "02-23", R, "春节"), ("02-28", "02-28", W, "调休上班"), ("04-04", "04-04", R, "清明节"),
    ("04-05", "04-05", H, "清明节"), ("04-06", "04-06", R, "清明节"), ("05-01", "05-02", H, "劳动节"),
    ("05-03", "05-05", R, "劳动节"), ("05-09", "05-09", W, "调休上班"), ("06-19", "06-19", H, "端午节"),
    ("09-20", "09-20", W, "调休上班"), ("09-25", "09-25", H, "中秋节"), ("10-01", "10-03", H, "国庆节"),
    ("10-04", "10-07", R, "国庆节"), ("10-10", "10-10", W, "调休上班"),
)

# title, what, giver, assignees, due in days, urgency, given days ago, steps (action, who, what is asked)
TASKS_GIVEN: tuple[tuple[str, str, str, tuple[str, ...], int, str, int, tuple[tuple[str, str, dict[str, Any]], ...]], ...] = (
    ("校庆展柜布置", "一层大厅三组展柜，周五前完成布展与说明牌", "head-office", ("off-sec", "tec-log", "rdr-led"), 3, "urgent", 2,
     (("accept", "off-sec", {}), ("start", "off-sec", {}))),
    ("核对本年度订购清单", "与财务岗核对在途订单金额，列出差异", "head-resources", ("res-acq",), 5, "normal", 3, (
        ("accept", "res-acq", {}), ("report", "res-acq", {"report": "在途 37 笔，差异 2 笔，已附说明。"}))),
    ("报告厅音响检修", "下周学术报告前排除啸叫", "head-tech", ("tec-eqp",), 2, "urgent", 1, (
        ("query", "tec-eqp", {"question": "是否需要一并更换两支无线话筒？"}),)),
    ("整理新生入馆教育材料", "更新讲稿与题库，送读者服务部审定", "head-reader", ("rdr-cir",), 6, "normal", 9, (
        ("accept", "rdr-cir", {}), ("report", "rdr-cir", {"report": "讲稿与 60 道题已更新。", "off_hours_minutes": 90}),
        ("confirm", "head-reader", {}), ("close", "head-reader", {}))),
    ("临时支援总台", "晚高峰 18:00–20:00 支援借还台", "head-reader", ("rdr-stk",), 0, "same_day", 0, ()),
    ("补报网络安全自查表", "按学校信息中心通知逐项自查", "director", ("tec-sys",), 1, "urgent", 4, (("accept", "tec-sys", {}),)),
)


async def keep_the_calendar(kit: Kit) -> None:
    """The holidays of the year, when the office has not entered any."""
    async with kit.works.open(person("off-adm")) as work:
        if await work.session.scalar(select(func.count()).select_from(CalendarDay)):
            return
        for first, last, kind, note in YEAR_2026:
            await set_days(
                work, first=date.fromisoformat(f"2026-{first}"), last=date.fromisoformat(f"2026-{last}"),
                kind=kind, note=note,
            )


async def give_tasks(kit: Kit) -> None:
    """Tasks in several states, across departments."""
    for title, content, giver, assignees, due_in, urgency, ago, steps in TASKS_GIVEN:
        moment = datetime.now(UTC) - timedelta(days=ago)
        async with kit.works.open(person(giver), now=moment) as work:
            if not await work.session.scalar(select(Task.no).where(Task.title == title).limit(1)):
                first, *others = (BY_LOGIN[one].no for one in assignees)
                await TASKS.open(
                    work, title=title, content=content, urgency=urgency, source="馆务会", assignee=first,
                    others=others, due_on=(work.today + timedelta(days=due_in)).isoformat(),
                )
        await _work_on(kit, title, moment, steps)


async def _work_on(
    kit: Kit, title: str, moment: datetime, steps: tuple[tuple[str, str, dict[str, Any]], ...]
) -> None:
    for action, who, asked in steps:
        moment += timedelta(hours=1)
        colleague = person(who)
        async with kit.works.open(colleague, now=moment) as work:
            query = select(Task.no, Task.state).where(Task.title == title)
            query = query.where((Task.assignee == colleague.id) | (Task.created_by == colleague.id)).limit(1)
            task = (await work.session.execute(query)).one_or_none()
            if task and (task.state, action) in LIFE:
                await TASKS.move(work, task.no, action, **asked)


async def let_days_pass(kit: Kit) -> None:
    """Three days of obligations, one of them explained, and a stand-in for the days to come."""
    today = datetime.now(UTC).astimezone(LOCAL).date()
    async with kit.works.open() as work:
        if await work.session.scalar(select(func.count()).select_from(Obligation)):
            return
    for ago in (3, 2, 1, 0):
        day = today - timedelta(days=ago)
        async with kit.works.open(now=datetime.combine(day, time(0, 5), LOCAL).astimezone(UTC)) as work:
            await open_for_day(work, day)
            await let_time_pass(work)
    async with kit.works.open() as work:
        if work.now.astimezone(LOCAL).hour >= 16:
            await warn_today(work, work.now)
    await _explain_one(kit)
    await _stand_in(kit, today)


async def _explain_one(kit: Kit) -> None:
    async with kit.works.open(person("head-tech")) as work:
        query = select(Obligation.id).where(
            Obligation.state == ObligationState.red, Obligation.department == "tech"
        ).order_by(Obligation.due_on, Obligation.key).limit(1)
        if missed := await work.session.scalar(query):
            await explain_missed(work, obligation_id=missed, reason="当日参加学校消防演练，由值班保安代巡")


async def _stand_in(kit: Kit, today: date) -> None:
    async with kit.works.open(person("head-tech")) as work:
        if await work.session.scalar(select(func.count()).select_from(Holding).where(Holding.stand_in_for != "")):
            return
        await give_stand_in(
            work, absent=BY_LOGIN["tec-log"].no, post="TEC-LOG", stand_in=BY_LOGIN["tec-eqp"].no,
            valid_from=today + timedelta(days=1), valid_to=today + timedelta(days=3), reason="外出培训",
        )
