"""The register of commissions (查新登记簿)."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, field_validator

from services.institute.novelty.desk import commands, rules
from services.institute.novelty.desk.model import Commission, CommissionState, Purpose, Scope
from shared.i18n import N_
from shared.web.register import Action, Col, F, Files, Filter, Money, Register
from shared.web.register.people import suggest

DESK, SEARCHERS = ("INS-NOM",), ("INS-NOV",)


class CommissionForm(BaseModel):
    """The commission form (委托单); an incomplete one is not accepted."""

    client: str = F(N_("委托人"), min_length=2, max_length=40)
    unit: str = F(N_("单位"), min_length=2, max_length=80)
    contact: str = F(N_("联系方式"), min_length=5, max_length=80, help=N_("电话或邮箱，仅查新岗可见"))
    title: str = F(N_("项目名称"), min_length=4, max_length=200, span=12)
    title_en: str = F(N_("英文名称"), "", max_length=300, span=12, help=N_("国内外查新请填写"))
    purpose: Purpose = F(N_("查新目的"), Purpose.project)
    scope: Scope = F(N_("查新范围"), Scope.domestic)
    key_technology: str = F(N_("科学技术要点"), min_length=20, max_length=4000, rows=5, span=12)
    points: str = F(N_("查新点"), min_length=10, max_length=2000, rows=4, span=12, help=N_("每行一个查新点"))
    wanted_on: date = F(N_("希望完成日期"))
    urgent: bool = F(N_("加急"), default=False, help=N_("加收五成，承诺时限减半"))
    copies: int = F(N_("报告份数"), 2, ge=1, le=20, unit=N_("份"), help=N_("含两份，超出每份 20 元"))
    files: Files = F(N_("附件"), default_factory=list, span=12, help=N_("合同、技术资料等"))

    @field_validator("wanted_on")
    @classmethod
    def not_past(cls, value: date, info: object) -> date:
        """A day that is gone cannot be promised."""
        context = getattr(info, "context", None) or {}
        if "today" in context and value < context["today"]:
            raise ValueError(N_("希望完成日期不能早于今天"))
        return value


class Assignment(BaseModel):
    """Who searches."""

    searcher: str = F(N_("检索人"), source=suggest, help=N_("工号或姓名"))


class Discount(BaseModel):
    """How much less, and why."""

    discount_cents: Money = F(N_("减免金额"), gt=0)
    discount_reason: str = F(N_("减免理由"), min_length=4, max_length=200, span=12)


class Report(BaseModel):
    """What was searched and what follows."""

    databases: str = F(N_("检索数据库与年限"), min_length=4, max_length=2000, rows=3, span=12)
    strategy: str = F(N_("检索式"), min_length=4, max_length=4000, rows=4, span=12)
    hits: int = F(N_("相关文献"), ge=0, unit=N_("篇"))
    conclusion: str = F(N_("查新结论"), min_length=10, max_length=4000, rows=5, span=12, help=N_("逐点客观陈述，不作评价"))
    files: Files = F(N_("报告文件"), default_factory=list, span=12)


class Reason(BaseModel):
    """Why."""

    reason: str = F(N_("原因"), min_length=2, max_length=500, rows=3, span=12)


def holders(commission: Commission) -> tuple[str, ...] | None:
    """Who must act next."""
    if commission.state in {CommissionState.assigned, CommissionState.searching}:
        return (commission.searcher,)
    return SEARCHERS if commission.state == CommissionState.reviewing else DESK


commissions = Register(
    "novelty", Commission, dept="institute", title=N_("查新委托"), icon="zoom-check",
    help=N_("委托、受理、收费、派发、检索、审核、交付、归档全程留痕；检索与审核不得同一人"),
    serves=("INS-NOM-01", "INS-NOV-01", "INS-NOM-02", "INS-NOM-03"), number="CX", life=rules.LIFE,
    state=CommissionState, form=CommissionForm, read=("INS", "director"), reveal=("director",), create=(*DESK, *SEARCHERS),
    edit=DESK, edit_in=(CommissionState.received,), on_create=commands.receive, on_edit=commands.receive,
    columns=[
        Col("no", N_("编号"), "ref"), Col("title"), Col("unit"), Col("scope"), Col("urgent"),
        Col("due_on", N_("承诺完成")), Col("fee_cents", N_("应收")),
        Col("owed", N_("欠费"), "money", value=rules.owed), Col("searcher", N_("检索人"), "person"), Col("state"),
        Col("client", detail_only=True, personal="name"), Col("contact", detail_only=True, personal="contact", who=("INS-NOM", "INS-NOV")),
        Col("title_en", detail_only=True), Col("purpose", detail_only=True),
        Col("key_technology", detail_only=True), Col("points", detail_only=True),
        Col("wanted_on", detail_only=True), Col("copies", detail_only=True),
        Col("discount_cents", N_("减免"), detail_only=True), Col("paid_cents", N_("已收"), detail_only=True),
        Col("receipt", N_("收据号"), detail_only=True), Col("reviewer", N_("审核人"), "person", detail_only=True),
        Col("databases", N_("检索数据库与年限"), detail_only=True), Col("strategy", N_("检索式"), detail_only=True),
        Col("hits", N_("相关文献"), detail_only=True), Col("conclusion", N_("查新结论"), detail_only=True),
        Col("returns", N_("退回次数"), detail_only=True), Col("reason", N_("原因"), detail_only=True),
        Col("delivered_at", N_("交付时间"), detail_only=True),
    ],
    search=["no", "title", "unit"],
    filters={"scope": N_("范围"), "purpose": N_("目的"), "due_on": Filter(N_("承诺完成"), kind="dates")},
    title_of=lambda c: c.title, due=lambda c: c.due_on, holders=holders, attach=True,
    actions=[
        Action("accept", N_("受理登记"), by=DESK, icon="clipboard-check", tone="success", do=commands.accept, serves=("INS-NOM-01",)),
        Action("refuse", N_("不予受理"), by=DESK, icon="ban", tone="danger", ask=Reason, note="reason", batch=False, serves=("INS-NOM-01",)),
        Action("assign", N_("派发"), by=DESK, icon="user-plus", ask=Assignment, serves=("INS-NOM-01",)),
        Action("discount", N_("核准减免"), by=("director",), icon="discount", ask=Discount, do=commands.discount,
               separate=("registered_by",), batch=False, row=False, serves=()),
        Action("charge", N_("收费"), by=DESK, icon="receipt", do=commands.charge, batch=False, row=False,
               when=lambda c: rules.owed(c) > 0, serves=("INS-NOM-03",)),
        Action("start", N_("开始检索"), by=("@searcher",), icon="search", do=None, serves=("INS-NOV-01",)),
        Action("submit", N_("提交报告"), by=("@searcher",), icon="send", tone="success", ask=Report, batch=False, serves=("INS-NOV-01",)),
        Action("pass", N_("审核通过"), by=SEARCHERS, icon="certificate", tone="success", do=commands.review,
               separate=("searcher",), serves=("INS-NOV-01",)),
        Action("return", N_("退回补检"), by=SEARCHERS, icon="arrow-back-up", tone="danger", ask=Reason, do=commands.send_back,
               separate=("searcher",), note="reason", batch=False, serves=("INS-NOV-01",)),
        Action("deliver", N_("交付"), by=DESK, icon="package-export", tone="success", do=commands.deliver, serves=("INS-NOM-01",)),
        Action("file", N_("归档"), by=DESK, icon="archive", do=None, serves=("INS-NOM-02",)),
        Action("cancel", N_("撤销委托"), by=DESK, icon="x", tone="danger", ask=Reason, note="reason", batch=False, row=False, serves=()),
    ],
)
