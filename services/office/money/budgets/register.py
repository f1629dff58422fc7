"""The books of money: funds, budget lines, changes, the ledger, what is held for whom, and the monthly report."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel

from services.office.money.budgets import commands, rules
from services.office.money.budgets.model import (
    Budget,
    BudgetChange,
    BudgetState,
    ChangeKind,
    ChangeState,
    Fund,
    FundEntry,
    FundKind,
    FundReport,
    ReportState,
    Reservation,
    ReservationState,
)
from services.office.money.budgets.queries import (
    entries_of,
    month_of,
    named_budgets,
    suggest_budgets,
    suggest_funds,
)
from shared.i18n import N_, pick
from shared.web import show
from shared.web.register import Action, Col, F, Filter, Money, Panel, Register
from shared.work import Work

SERVES = ("OFF-FIN-01",)
LARGEST = 100_000_000_000


class FundForm(BaseModel):
    no: str = F(N_("代码"), min_length=2, max_length=20, pattern=r"^[A-Z0-9\-]+$", placeholder="ZW-TS", help=N_("大写字母、数字和连字符"))
    name: str = F(N_("名称"), min_length=2, max_length=60)
    name_en: str = F(N_("英文名称"), "", max_length=80)
    kind: FundKind = F(N_("用途"))
    active: bool = F(N_("使用中"), True)
    carries: bool = F(N_("余额可结转"), False, help=N_("年终结转时余额转入下一年度；否则作废"))
    note: str = F(N_("说明"), "", max_length=300, rows=2, span=12)


class BudgetForm(BaseModel):
    year: int = F(N_("年度"), ge=2000, le=2100)
    fund: str = F(N_("经费"), min_length=1, max_length=60, source=suggest_funds)
    planned: Money = F(N_("预算数"), gt=0, le=LARGEST)
    owner: str = F(N_("归口部门"), "", max_length=40)
    warn_at: int = F(N_("预警线"), 80, ge=10, le=100, unit="%")
    stop_at: int = F(N_("停用线"), 100, ge=50, le=150, unit="%")
    basis: str = F(N_("编制依据"), "", max_length=500, rows=3, span=12)


class ChangeForm(BaseModel):
    kind: ChangeKind = F(N_("方式"))
    budget: str = F(N_("预算"), min_length=3, max_length=40, source=suggest_budgets, help=N_("调剂时为调出的一项"))
    to_budget: str = F(N_("调入预算"), "", max_length=40, source=suggest_budgets, help=N_("只在调剂时填写"))
    amount: Money = F(N_("金额"), gt=0, le=LARGEST)
    reason: str = F(N_("理由"), min_length=2, max_length=500, rows=3, span=12)


class ReturnForm(BaseModel):
    return_reason: str = F(N_("退回原因"), min_length=2, max_length=300, rows=3, span=12)


class RefusalForm(BaseModel):
    refusal: str = F(N_("不同意的理由"), min_length=2, max_length=300, rows=3, span=12)


class OverrideForm(BaseModel):
    override_reason: str = F(N_("超支理由"), min_length=4, max_length=300, rows=3, span=12)


class ReportForm(BaseModel):
    period: Annotated[str, AfterValidator(rules.clean_period)] = F(N_("月份"), placeholder="2026-11", max_length=7)
    note: str = F(N_("说明"), "", max_length=1000, rows=3, span=12)


class HandForm(BaseModel):
    handed_on: date = F(N_("上报日期"))
    handed_to: str = F(N_("报送"), min_length=2, max_length=60, placeholder=N_("馆长、分管馆长"))


async def _name(work: Work, budget: Budget, _form: Any) -> None:
    await commands.name_fund(work, budget)


async def _review(work: Work, budget: Budget, _form: Any) -> None:
    budget.reviewed_by = work.actor.id


async def _return(_work: Work, budget: Budget, _form: Any) -> None:
    budget.reviewed_by = ""


async def _approve(work: Work, budget: Budget, _form: Any) -> None:
    await commands.approve(work, budget)


async def _start(work: Work, budget: Budget, _form: Any) -> None:
    commands.start(work, budget)


async def _close(work: Work, budget: Budget, _form: Any) -> None:
    commands.close(work, budget)


async def _check_change(work: Work, change: BudgetChange, _form: Any) -> None:
    await commands.check_change(work, change)


async def _change(work: Work, change: BudgetChange, _form: Any) -> None:
    await commands.change(work, change)


async def _refuse(work: Work, change: BudgetChange, _form: Any) -> None:
    change.decided_by = work.actor.id


async def _override(work: Work, case: Reservation, _form: Any) -> None:
    await commands.override(work, case)


async def _audit(work: Work, report: FundReport, _form: Any) -> None:
    report.audited_by = work.actor.id


def _behind(*kinds: str) -> Any:
    """The rows of the ledger a sum is made of."""
    return lambda budget: f"/office/fund-ledger?budget={budget.no}" + (f"&kind={kinds[0]}" if len(kinds) == 1 else "")


def _percent(rate: str) -> Any:
    return lambda budget: f"{getattr(rules.sums(budget), rate):.1f}%"


FUNDS = Register(
    "funds", Fund, dept="office", title=N_("经费名目"), icon="coins", serves=SERVES, form=FundForm, read=rules.READERS,
    create=rules.FINANCE, edit=rules.FINANCE, help=N_("年年使用的经费名目；每年的数额在“经费预算”里"),
    columns=[Col("no", N_("代码"), "ref"), Col("name"), Col("kind"), Col("active"), Col("carries"), Col("name_en", detail_only=True), Col("note", detail_only=True)],
    search=("no", "name", "name_en"), filters={"kind": N_("用途")}, sort="no", title_of=lambda f: f.name,
    clashes={"uq_fund_name": N_("已有同名的经费")},
)

REGISTER = Register(
    "budgets", Budget, dept="office", title=N_("经费预算"), icon="chart-pie", serves=SERVES, form=BudgetForm,
    number=rules.BUDGETS, life=rules.LIFE, state=BudgetState, read=rules.READERS, create=rules.FINANCE, edit=rules.FINANCE,
    on_create=_name, on_edit=_name, attach=True, sort="-year", holders=rules.holders, title_of=lambda b: f"{b.year} {b.fund_name}",
    help=N_("每项经费全年多少、占用多少、花了多少、还剩多少；数字可点开看明细账"),
    clashes={"uq_budget_year_fund": N_("这项经费当年的预算已经有了")},
    columns=[
        Col("no", N_("编号"), "ref"), Col("fund_name", N_("经费"), value=lambda b: f"{b.year} {pick(b.fund_name, b.fund_name_en)}"),
        Col("approved", N_("核定"), "money", link=_behind("allocation")), Col("adjusted", N_("调整"), "money", link=_behind()),
        Col("encumbered", N_("占用"), "money", link=_behind("encumbrance")), Col("spent", N_("已支出"), "money", link=_behind("payment")),
        Col("available", N_("可用"), "money", value=lambda b: b.available, link=_behind()), Col("use", N_("使用率"), value=_percent("use_rate")),
        Col("committed", N_("执行率"), value=_percent("commitment_rate")), Col("state"),
        Col("pending", N_("其中待付"), "money", link=_behind("pending"), detail_only=True),
        Col("planned", N_("预算数"), "money", detail_only=True), Col("kind", N_("用途"), detail_only=True), Col("fund", N_("经费代码"), "link", link=lambda b: f"/office/funds/{b.fund}", detail_only=True), Col("owner", detail_only=True),
        Col("warn_at", detail_only=True), Col("stop_at", detail_only=True), Col("basis", detail_only=True),
        Col("created_by", N_("编制"), "person", detail_only=True), Col("reviewed_by", N_("审核"), "person", detail_only=True),
        Col("approved_by", N_("审批"), "person", detail_only=True), Col("closed_by", N_("结账"), "person", detail_only=True),
        Col("successor", N_("结转至"), "link", link=lambda b: f"/office/budgets/{b.successor}" if b.successor else "", names=named_budgets, detail_only=True),
        Col("return_reason", N_("退回原因"), detail_only=True),
    ],
    search=("no", "fund", "fund_name", "owner"), filters={"kind": N_("用途")},
    actions=[
        Action("review", N_("审核通过"), rules.REVIEWERS, icon="check", tone="info", do=_review, separate=("created_by",)),
        Action("approve", N_("批准"), rules.APPROVERS, icon="signature", tone="success", do=_approve,
               separate=("created_by", "reviewed_by")),
        Action("return", N_("退回修改"), rules.APPROVERS, icon="arrow-back-up", tone="danger", ask=ReturnForm, do=_return,
               note="return_reason", batch=False, row=False),
        Action("start", N_("开始执行"), rules.FINANCE, icon="player-play", tone="primary", do=_start),
        Action("close", N_("结账"), rules.FINANCE, icon="lock", do=_close, confirm=N_("余额不再使用，确定结账？"), row=False),
    ],
    panels=[Panel(N_("明细账与占用"), "office/budget_entries.html", entries_of)],
)

CHANGES = Register(
    "budget-changes", BudgetChange, dept="office", title=N_("预算调整"), icon="arrows-exchange", serves=SERVES, form=ChangeForm,
    number=rules.CHANGES, life=rules.CHANGE_LIFE, state=ChangeState, read=rules.READERS, create=rules.FINANCE,
    on_create=_check_change, on_edit=_check_change, attach=True, title_of=lambda c: c.reason[:80],
    help=N_("追加、核减、调剂：一人提出，另一人批准，批准后入明细账"),
    columns=[
        Col("no", N_("编号"), "ref"), Col("kind", N_("方式")), Col("budget", N_("预算"), "link", link=lambda c: f"/office/budgets/{c.budget}", names=named_budgets),
        Col("to_budget", N_("调入预算"), "link", link=lambda c: f"/office/budgets/{c.to_budget}" if c.to_budget else "", names=named_budgets),
        Col("amount"), Col("reason"), Col("state"), Col("created_by", N_("提出"), "person", detail_only=True),
        Col("decided_by", N_("批准"), "person", detail_only=True), Col("refusal", N_("不同意的理由"), detail_only=True),
    ],
    search=("no", "budget", "to_budget", "reason"), filters={"kind": N_("方式")},
    actions=[
        Action("approve", N_("批准"), rules.DECIDERS, icon="signature", tone="success", do=_change, separate=("created_by",)),
        Action("refuse", N_("不同意"), rules.DECIDERS, icon="x", tone="danger", ask=RefusalForm, do=_refuse, separate=("created_by",),
               note="refusal", batch=False),
    ],
)

LEDGER = Register(
    "fund-ledger", FundEntry, dept="office", title=N_("经费明细账"), icon="list-details", serves=SERVES, read=rules.READERS,
    help=N_("每一笔核定、调整、占用、释放、待付、支付和退回，只增不改"), tells=False,
    columns=[
        Col("no", N_("编号"), "ref"), Col("created_at", N_("时间"), "moment"), Col("budget", N_("预算"), "link", link=lambda e: f"/office/budgets/{e.budget}", names=named_budgets),
        Col("kind", N_("类别")), Col("amount", N_("金额"), "money"), Col("reference", N_("依据单号")),
        Col("voucher", N_("凭证"), "link", link=lambda e: f"/office/vouchers/{e.voucher}" if e.voucher else ""),
        Col("note", N_("摘要")), Col("created_by", N_("经手"), "person", detail_only=True),
    ],
    search=("no", "budget", "reference", "voucher"),
    filters={"budget": Filter(N_("预算"), options=lambda work: suggest_budgets(work, "")), "kind": N_("类别"),
             "created_at": Filter(N_("日期"), kind="dates")},
    title_of=lambda e: f"{e.kind.text} {show.money(e.amount)}",
)

RESERVATIONS = Register(
    "reservations", Reservation, dept="office", title=N_("经费占用"), icon="lock-dollar", serves=SERVES, tells=False,
    life=rules.RESERVATION_LIFE, state=ReservationState, read=rules.READERS,
    help=N_("各部门为订单占用的经费；不足的由馆长决定是否超支"),
    columns=[
        Col("no", N_("来源单号"), "ref"), Col("party", N_("往来方")), Col("amount", N_("金额"), "money"), Col("state"), Col("reason", N_("不足之处")),
        Col("updated_at", N_("最近变动"), "moment"), Col("source", N_("来源"), "link", value=lambda r: r.no, link=lambda r: r.source, detail_only=True),
        Col("override_reason", N_("超支理由"), detail_only=True), Col("override_by", N_("决定人"), "person", detail_only=True),
    ],
    search=("no", "party"), title_of=lambda r: r.party or r.no,
    actions=[
        Action("override", N_("同意超支"), ("director",), icon="signature", tone="warning", ask=OverrideForm, do=_override,
               note="override_reason", batch=False),
    ],
)

REPORTS = Register(
    "fund-reports", FundReport, dept="office", title=N_("经费使用情况月报表"), icon="report-money", serves=("OFF-FIN-02",),
    form=ReportForm, number=rules.REPORTS, life=rules.REPORT_LIFE, state=ReportState, read=rules.READERS, create=rules.FINANCE,
    sort="-period", title_of=lambda r: r.period, clashes={"uq_fund_report_period": N_("这个月的报表已经有了")},
    help=N_("按月统计各项经费：预算、调整、占用、本月支出、累计支出、余额、使用率"),
    columns=[
        Col("no", N_("编号"), "ref"), Col("period"), Col("state"), Col("created_by", N_("编制"), "person"), Col("audited_by", N_("审核"), "person"),
        Col("handed_on", N_("上报日期"), "date"), Col("handed_to", N_("报送"), detail_only=True), Col("note", detail_only=True),
    ],
    search=("no", "period"),
    actions=[
        Action("audit", N_("审核通过"), rules.REVIEWERS, icon="check", tone="info", do=_audit, separate=("created_by",)),
        Action("hand", N_("登记上报"), rules.FINANCE, icon="send", tone="success", ask=HandForm, batch=False, note="handed_to"),
    ],
    panels=[Panel(N_("各项经费"), "office/fund_report.html", month_of)],
)
REGISTERS = (REGISTER, FUNDS, CHANGES, RESERVATIONS, LEDGER, REPORTS)
