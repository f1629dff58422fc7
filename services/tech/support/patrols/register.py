"""Days of patrol as a list: who walked how long, what was missed, what the head says of it."""

from __future__ import annotations

from pydantic import BaseModel

from services.tech.support.patrols import rules
from services.tech.support.patrols.model import Day, DayState
from shared.i18n import N_
from shared.web.register import Action, Col, F, Filter, Register
from shared.work import Work


class Explanation(BaseModel):
    """Why a day fell short."""

    explanation: str = F(N_("说明"), min_length=2, max_length=500, rows=3, span=12)


async def sign(work: Work, day: Day, _form: Explanation) -> None:
    """Note who explained."""
    rules.not_the_walker(day, work.actor.id)
    day.explained_by = work.actor.id


days = Register(
    "patrol-days", Day, dept="tech", title=N_("巡视日统计"), icon="calendar-stats",
    help=N_("每人每日累计不少于 120 分钟；停顿超过 15 分钟不计"),
    serves=("TEC-LOG-03", "TEC-EQP-04"), life=rules.DAY_LIFE, state=DayState, sort="-on_day",
    columns=[
        Col("no", N_("编号"), "ref"), Col("on_day", N_("日期")), Col("walker", N_("巡视人"), "person"),
        Col("minutes", N_("实走"), unit=N_("分")), Col("required", N_("应走"), unit=N_("分")), Col("state"),
        Col("explanation", N_("说明"), sort=False), Col("explained_by", N_("说明人"), "person"),
    ],
    search=["no", "walker"], filters={"on_day": Filter(N_("日期"), kind="dates")},
    title_of=lambda day: f"{day.on_day} {day.minutes}/{day.required}",
    holders=lambda day: ("head-tech",) if day.state == DayState.missed else (),
    actions=[
        Action("explain", N_("说明原因"), by=("director", "head-tech"), icon="message", ask=Explanation, do=sign,
               separate=("walker",), note="explanation"),
        Action("meet", N_("达标"), by=("system",)),
        Action("miss", N_("不足"), by=("system",)),
    ],
)
