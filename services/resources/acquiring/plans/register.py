"""The register of the plan."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from services.resources.acquiring.funds import queries as funds
from services.resources.acquiring.orders.model import Carrier
from services.resources.acquiring.plans import rules
from services.resources.acquiring.plans.model import PlanLine, PlanState
from services.resources.acquiring.plans.queries import progress
from shared.i18n import N_
from shared.refusals import Invalid
from shared.web.register import Action, Col, F, Money, Panel, Register
from shared.work import Work


class PlanForm(BaseModel):
    """What is to be bought."""

    fund: str = F(N_("经费"), min_length=2, max_length=60, source=funds.suggest)
    carrier: Carrier = F(N_("文献类型"), Carrier.book)
    subject: str = F(N_("分类"), "", max_length=8, help=N_("中图法大类，如 TP；不填为全部"))
    titles: int = F(N_("种数"), 0, ge=0, le=1_000_000)
    copies: int = F(N_("册数"), 0, ge=0, le=1_000_000)
    amount: Money = F(N_("金额"), gt=0, le=100_000_000_000)
    basis: str = F(N_("依据"), "", max_length=500, rows=3, span=12)


async def _name(work: Work, plan: PlanLine, _form: Any) -> None:
    fund = await funds.named(work.session, plan.fund)
    if fund is None:
        raise Invalid({"fund": N_("没有这项执行中的经费")})
    plan.fund, plan.fund_name, plan.year, plan.subject = fund.no, fund.name, fund.year, plan.subject.strip().upper()


async def _approve(work: Work, plan: PlanLine, _form: Any) -> None:
    plan.approved_by = work.actor.id


async def _revise(_work: Work, plan: PlanLine, _form: Any) -> None:
    plan.approved_by = ""


plans = Register(
    "acquisition-plans", PlanLine, dept="resources", title=N_("采购计划"), icon="target", area=N_("采访"), serves=("RES-ACQ-01",),
    help=N_("全年按经费、文献类型和学科买多少；打开一条看订购、到馆和支出进度"), number=rules.NUMBERS, life=rules.LIFE, state=PlanState,
    form=PlanForm, read=rules.READERS, create=rules.PLANNERS, edit=rules.PLANNERS, on_create=_name, on_edit=_name, sort="-year",
    title_of=lambda plan: f"{plan.year} {plan.fund_name} {plan.subject}".strip(), search=("no", "subject", "fund", "fund_name"),
    filters={"carrier": N_("文献类型")}, clashes={"uq_plan_line_year_fund_carrier_subject": N_("计划里已有这一条")},
    columns=[
        Col("no", N_("编号"), "ref"), Col("year", N_("年度"), "text"), Col("fund_name", N_("经费")), Col("carrier"), Col("subject", N_("分类")),
        Col("titles"), Col("copies"), Col("amount"), Col("state"), Col("fund", N_("预算"), "link", link=lambda p: f"/office/budgets/{p.fund}", detail_only=True),
        Col("basis", N_("依据"), detail_only=True), Col("created_by", N_("编制"), "person", detail_only=True),
        Col("approved_by", N_("审批"), "person", detail_only=True),
    ],
    actions=[
        Action("approve", N_("批准"), rules.APPROVERS, icon="signature", tone="success", do=_approve, separate=("created_by",)),
        Action("revise", N_("退回修改"), rules.APPROVERS, icon="arrow-back-up", do=_revise, batch=False, row=False),
    ],
    panels=[Panel(N_("进度"), "plans/progress.html", progress)],
)
