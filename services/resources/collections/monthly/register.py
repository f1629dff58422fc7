"""Months as a list of reports."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from services.resources.cataloguing.items.queries import plenty
from services.resources.collections.monthly import commands, queries, rules
from services.resources.collections.monthly.model import HoldingsMonth, MonthState
from shared.i18n import N_
from shared.web.register import Action, Col, F, Panel, Register
from shared.work import Work


class Period(BaseModel):
    """Which month."""

    period: str = F(N_("月份"), kind="month", min_length=7, max_length=7, placeholder="2026-11")


class Submission(BaseModel):
    """What whoever prepared it has to say."""

    explanation: str = F(N_("差异说明"), "", max_length=1000, rows=3, span=12, help=N_("账实相符可不填；有差异必须写明原因"))


class Back(BaseModel):
    """Why it goes back."""

    explanation: str = F(N_("退回理由"), min_length=2, max_length=1000, rows=2, span=12)


S = MonthState
holdings = Register(
    "holdings", HoldingsMonth, dept="resources", title=N_("典藏统计月报"), icon="report-analytics", area=N_("馆藏管理"),
    help=N_("期初加减各项变动等于期末，按馆藏地、类、文种、来源；一人编制，另一人审核上报，上报后不再变动"),
    serves=("RES-MGT-04",), number=rules.NUMBERS, life=rules.LIFE, state=MonthState, form=Period, edit_in=(), create=rules.MAKERS,
    read=rules.READERS, on_create=commands.begin, search=["no", "period"], title_of=lambda month: month.period, sort="-period",
    holders=lambda month: rules.CHECKERS if month.state == S.submitted else rules.MAKERS,
    clashes={"uq_holdings_month_period": N_("这个月的月报已经编制")},
    columns=[
        Col("no", N_("编号"), "ref"), Col("period", N_("月份"), "text"), Col("titles", N_("期末种数")), Col("copies", N_("期末册数")),
        Col("value_cents", N_("期末金额")), Col("added", N_("新增册数")), Col("removed", N_("注销册数")),
        Col("differences", N_("账实不符")), Col("state"), Col("handed_in_on", N_("上报日期"), "date"),
        Col("computed_at", N_("计算时间"), detail_only=True), Col("explanation", N_("差异说明"), detail_only=True),
        Col("submitted_by", N_("编制人"), "person", detail_only=True), Col("closed_by", N_("审核人"), "person", detail_only=True),
    ],
    actions=[
        Action("compute", N_("重新计算"), by=rules.MAKERS, icon="calculator", do=commands.compute, batch=False, serves=(), long=plenty),
        Action("submit", N_("提交审核"), by=rules.MAKERS, icon="send", tone="info", ask=Submission, do=commands.submit, batch=False,
               row=False, note="explanation", long=plenty),
        Action("send_back", N_("退回"), by=rules.CHECKERS, icon="arrow-back-up", ask=Back, batch=False, row=False, serves=(),
               note="explanation"),
        Action("close", N_("审核上报"), by=rules.CHECKERS, icon="lock", tone="success", do=commands.close, separate=("submitted_by",),
               batch=False, row=False, confirm=N_("上报后不再变动，确定吗？")),
    ],
    panels=[Panel(N_("全馆与各馆藏地"), "resources/holdings_around.html", queries.around)],
)


async def open_last_month(work: Work, _due: Any) -> None:
    """On the first of the month: the one that is over waits for whoever prepares it."""
    period = rules.period_of(rules.month_before(work.today.replace(day=1)))
    if await queries.of_period(work.session, period) is None:
        await holdings.open(work, period=period)
