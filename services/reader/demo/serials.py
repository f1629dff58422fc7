"""The demonstration of newspapers and journals: eight titles in two rooms, a week of deliveries, gaps, a day handed over."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from services.reader.demo.supply import Supply
from services.reader.rooms.serials import checkin, commands, gaps, queries, shelving
from services.reader.rooms.serials.model import TitleKind, TitleState
from services.reader.rooms.serials.numbering import Kind, Restart, Style
from services.reader.rooms.serials.patterns import Combination, Extra, Numbering, Pattern
from services.reader.rooms.serials.recurrence import Frequency, Recurrence
from shared.demo import person
from shared.settings import LOCAL

F, K = Frequency, TitleKind
PAPERS, JOURNALS = "报刊阅览室", "学术期刊室"
# Title, English title, kind, ISSN, room, rack, copies, recurrence, style, first number, joined months.
TITLES: tuple[tuple[Any, ...], ...] = (
    ("江畔日报", "Riverside Daily", K.newspaper, "", PAPERS, "A-1", 2, Recurrence(F.daily), Style.day, None, ()),
    ("江城晚报", "River City Evening News", K.newspaper, "", PAPERS, "A-2", 1, Recurrence(F.daily, (0, 1, 2, 3, 4)), Style.day, None, ()),
    ("读书周报", "Reading Weekly", K.newspaper, "", PAPERS, "A-10", 1, Recurrence(F.weekly, (2,)), Style.day, None, ()),
    ("时事周刊", "Current Affairs Weekly", K.magazine, "", PAPERS, "B-1", 2, Recurrence(F.weekly, (0,)), Style.year_number, 1, ()),
    ("青年文摘", "Youth Digest", K.magazine, "", PAPERS, "B-3", 3, Recurrence(F.semimonthly, (), (1, 16)), Style.year_number, 1, ()),
    ("图书情报研究", "Library & Information Studies", K.journal, "", JOURNALS, "G25-1", 2, Recurrence(F.quarterly, (), (20,), (3, 6, 9, 12)), Style.volume_number, 1, ()),
    ("数字人文学刊", "Journal of Digital Humanities", K.journal, "", JOURNALS, "G25-4", 1, Recurrence(F.monthly, (), (15,)), Style.volume_number, 1, ((7, 8),)),
    ("工程力学评论", "Reviews in Engineering Mechanics", K.journal, "", JOURNALS, "O3-2", 1, Recurrence(F.bimonthly, (), (10,), (1, 3, 5, 7, 9, 11)), Style.year_number, 1, ()),
)
BACK = 40


async def seed(supply: Supply) -> None:
    """Every title with its pattern; what came in the last weeks on the racks, two gaps, today's delivery half checked in."""
    kit, today = supply.kit, supply.today
    start = today - timedelta(days=BACK)
    for title, english, kind, issn, room, rack, copies, rule, style, first, joined in TITLES:
        async with kit.works.open(person("rdr-cir"), now=_at(start, 9)) as work:
            made = await commands.save(
                work, title=title, title_en=english, kind=kind, foreign=False, issn=issn, cn="", post_code="", publisher="", supplier="江畔报刊发行站",
                copies=copies, room=room, rack=rack, state=TitleState.active, from_on=start, to_on=None, tolerance_days=None, show_issues=None,
                show_days=None, continues="", note="",
            )
            numbering = Numbering(first, Restart.volume if style is Style.volume_number else Restart.year, 12 if style is Style.volume_number else None)
            pattern = Pattern(
                rule, date(start.year, 1, 1), combination=Combination(joined), numbering=numbering, style=style,
                extras=(Extra(12, "年度索引"),) if kind is K.journal and joined else (),
            )
            await commands.set_pattern(work, number=made.number, pattern=replace(pattern, lag=1 if kind is K.journal else 0))
    for days in range(BACK, -1, -1):
        await _day(supply, today - timedelta(days=days), last=days == 0)
    async with kit.works.open(now=_at(today, 6)) as work:
        await gaps.find(work)


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour, 30), LOCAL)


async def _day(supply: Supply, day: date, *, last: bool) -> None:
    """One delivery: a few things stay away, today only the first part has been checked in."""
    kit = supply.kit
    hour = min(9, supply.now.astimezone(LOCAL).hour) if last else 9
    async with kit.works.open(person("rdr-cir"), now=_at(day, hour)) as work:
        due = [row for row in await queries.awaited(work.session, day) if row[0].due_on == day]
        here = [issue.id for n, (issue, title) in enumerate(due) if not _stays_away(title.title, issue.issued_on, supply.today) and not (last and n)]
        if not here:
            return
        await checkin.arrive(work, copies=dict.fromkeys(here))
    if last:
        return
    async with kit.works.open(person("rdr-cir"), now=_at(day, 10)) as work:
        await checkin.stamp(work, ids=here)
        put, off = await shelving.lists(work)
        if put or off:
            await shelving.walk(work, put=[i.id for i, _t in put], taken=[i.id for i, _t in off])
        if (supply.today - day).days in (1, 2):
            await checkin.hand_over(work, room="", sender="投递员老吴")
        if (supply.today - day).days == 3:
            title = due[0][1]
            await checkin.take_extra(work, number=title.number, kind=Kind.special, day=day, caption="读书节特刊")


def _stays_away(title: str, day: date, today: date) -> bool:
    return (title == "江城晚报" and 6 <= (today - day).days <= 7) or (title == "时事周刊" and 15 <= (today - day).days <= 21)
