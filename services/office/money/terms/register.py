"""The register of term reports."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel

from services.office.money.budgets.rules import READERS
from services.office.money.terms import commands, rules
from services.office.money.terms.model import TermReport, TermState
from services.office.money.terms.queries import page_of
from shared.i18n import N_
from shared.web.register import Action, Col, F, Panel, Register
from shared.work import Work


class TermForm(BaseModel):
    """Which term, and what finance makes of it."""

    term: Annotated[str, AfterValidator(rules.clean_term)] = F(N_("学期"), placeholder="2026-2027-1", max_length=11)
    risks: str = F(N_("风险"), "", max_length=2000, rows=4, span=12)
    proposals: str = F(N_("建议"), "", max_length=2000, rows=4, span=12)


class HandForm(BaseModel):
    """When, to whom."""

    handed_on: date = F(N_("上报日期"))
    handed_to: str = F(N_("报送"), min_length=2, max_length=60, placeholder=N_("馆长、分管馆长"))


async def _audit(work: Work, report: TermReport, _form: Any) -> None:
    await commands.audit(work, report)


REGISTER = Register(
    "term-reports", TermReport, dept="office", title=N_("学期经费分析报告"), icon="report-analytics", serves=("OFF-FIN-02",), form=TermForm,
    number=rules.NUMBERS, life=rules.LIFE, state=TermState, read=READERS, create=rules.FINANCE, edit=rules.FINANCE, sort="-term",
    title_of=lambda r: r.term, clashes={"uq_term_report_term": N_("这个学期的报告已经有了")},
    help=N_("计划与支出、上年同期、结构、前十收款方、超过 10% 的偏差及原因、在履行合同、风险与建议"),
    columns=[
        Col("no", N_("编号"), "ref"), Col("term"), Col("state"), Col("created_by", N_("编制"), "person"), Col("audited_by", N_("审核"), "person"),
        Col("handed_on", N_("上报日期"), "date"), Col("handed_to", N_("报送"), detail_only=True), Col("risks", detail_only=True),
        Col("proposals", detail_only=True),
    ],
    search=("no", "term"),
    actions=[
        Action("audit", N_("审核通过"), rules.AUDITORS, icon="check", tone="info", do=_audit, separate=("created_by",), batch=False),
        Action("hand", N_("登记上报"), rules.FINANCE, icon="send", tone="success", ask=HandForm, batch=False, note="handed_to"),
    ],
    panels=[Panel(N_("本学期经费"), "office/term_report.html", page_of)],
)
REGISTERS = (REGISTER,)
