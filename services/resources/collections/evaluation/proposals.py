"""What should follow, as a list of cases that outlive the evaluation; each shows where it led."""

from __future__ import annotations

from pydantic import BaseModel

from services.resources.acquiring.funds import queries as funds
from services.resources.acquiring.orders.model import Carrier
from services.resources.acquiring.plans.rules import PLANNERS
from services.resources.cataloguing.items.queries import named_places
from services.resources.collections.evaluation import commands, leading, rules
from services.resources.collections.evaluation.model import (
    EvaluationProposal,
    Measure,
    ProposalState,
)
from services.resources.collections.layout.register import languages
from services.resources.collections.losses.queries import places
from services.resources.collections.monthly.rules import class_name
from services.resources.collections.transfers.rules import MAKERS as MOVERS
from services.resources.collections.weeding.model import Reason
from services.resources.collections.weeding.rules import KEEPERS as WEEDERS
from shared.i18n import N_, _
from shared.web.register import Action, Col, F, Filter, Money, Panel, Register


class Proposal(BaseModel):
    """What, of which class, place and language, and why."""

    measure: Measure = F(N_("建议"))
    clc: str = F(N_("类"), "", max_length=2, help=N_("中图法大类字母，如 F 或 TP；空为不限"))
    location: str = F(N_("馆藏地"), "", max_length=40, source=places, help=N_("空为全馆；要列调拨或剔旧清单须填"))
    language: str = F(N_("文种"), "", max_length=3, source=languages, help=N_("三位代码，如 eng；空为不限"))
    target: str = F(N_("调往"), "", max_length=40, source=places, help=N_("调整布局时填"))
    copies: int = F(N_("册数"), 0, ge=0, le=100_000, help=N_("不涉及册数填 0"))
    evaluation: str = F(N_("评价编号"), "", max_length=30, placeholder="PJ2026-000001", help=N_("不是从评价来的留空"))
    text: str = F(N_("说明"), min_length=2, max_length=1000, rows=3, span=12)


class Answer(BaseModel):
    """What is decided, and why."""

    answer: str = F(N_("答复"), min_length=2, max_length=500, rows=2, span=12)


class Result(BaseModel):
    """What was done."""

    result: str = F(N_("落实情况"), min_length=2, max_length=500, rows=2, span=12, help=N_("如：已列入采访计划，订单号…"))


class Moving(BaseModel):
    """Where to, and whether what is read stays."""

    to: str = F(N_("调往"), min_length=1, max_length=40, source=places)
    idle_years: int = F(N_("几年无人借阅"), 0, ge=0, le=50, unit=N_("年"), help=N_("0 为不论借阅全部列入"))


class Weeding(BaseModel):
    """Which of them, and how many at once."""

    why: Reason = F(N_("理由"), Reason.zero_use)
    years: int = F(N_("几年无人借阅"), 10, ge=0, le=50, unit=N_("年"), help=N_("0 为不论借阅全部列入"))
    most: int = F(N_("最多列入"), 50, ge=1, le=200, unit=N_("册"))


class Buying(BaseModel):
    """From which money, and how much of it."""

    fund: str = F(N_("经费"), min_length=2, max_length=60, source=funds.suggest)
    carrier: Carrier = F(N_("文献类型"), Carrier.book)
    titles: int = F(N_("种数"), 0, ge=0, le=1_000_000)
    amount: Money = F(N_("金额"), gt=0, le=100_000_000_000)


P, M = ProposalState, Measure
proposals = Register(
    "evaluation-proposals", EvaluationProposal, dept="resources", title=N_("馆藏调整建议"), icon="bulb", area=N_("馆藏评价"),
    help=N_("评价得出或自己提的增购、减购、调整、剔旧建议；部门负责人答复，采纳后直接列调拨、剔旧或采购计划"),
    serves=("RES-MGT-03", "RES-MGT-04"), number=rules.PROPOSALS, life=rules.PROPOSAL_LIFE, state=ProposalState, form=Proposal, edit_in=(),
    create=rules.MAKERS, read=rules.READERS, on_create=commands.begin_proposal, search=["no", "evaluation", "text"],
    title_of=lambda line: f"{Measure(line.measure).text} {leading.unit(line) or (class_name('') if line.evaluation else _(N_('全馆')))}",
    filters={"measure": Filter(N_("建议")), "location": N_("馆藏地")},
    holders=lambda line: rules.DECIDERS if line.state == P.proposed else rules.DOERS,
    columns=[
        Col("no", N_("编号"), "ref"),
        Col("evaluation", N_("评价编号"), "link", link=lambda line: f"/resources/evaluations/{line.evaluation}" if line.evaluation else ""),
        Col("clc", N_("类"), value=lambda line: class_name(line.clc) if line.clc or line.evaluation else "—"), Col("location", names=named_places), Col("language"),
        Col("measure"), Col("copies", N_("册数")), Col("state"),
        Col("target", detail_only=True), Col("text", N_("说明"), detail_only=True), Col("answer", N_("答复"), detail_only=True),
        Col("decided_by", N_("答复人"), "person", detail_only=True), Col("result", N_("落实情况"), detail_only=True),
        Col("done_on", N_("落实日期"), "date", detail_only=True),
    ],
    actions=[
        Action("accept", N_("采纳"), by=rules.DECIDERS, icon="check", tone="success", ask=Answer, do=commands.decide,
               separate=("created_by",), note="answer"),
        Action("decline", N_("不采纳"), by=rules.DECIDERS, icon="x", tone="warning", ask=Answer, do=commands.decide,
               separate=("created_by",), note="answer"),
        Action("move", N_("列调拨计划"), by=MOVERS, icon="arrows-exchange", tone="info", ask=Moving, do=leading.move, batch=False, row=False,
               when=lambda line: line.measure == M.relocate, serves=("RES-MGT-04",), help=N_("符合的在藏单册列成调拨计划草稿")),
        Action("weed", N_("列剔旧清册"), by=WEEDERS, icon="book-off", tone="danger", ask=Weeding, do=leading.weed, batch=False, row=False,
               when=lambda line: line.measure in {M.weed, M.reduce}, serves=("RES-MGT-04",), help=N_("符合的单册逐册提名，另由他人审查")),
        Action("buy", N_("列采购计划"), by=PLANNERS, icon="target", tone="success", ask=Buying, do=leading.buy, batch=False, row=False,
               when=lambda line: line.measure == M.buy, serves=("RES-MGT-03",), help=N_("在采购计划里登记一条，另行批准")),
        Action("finish", N_("登记落实"), by=rules.DOERS, icon="flag", tone="success", ask=Result, do=commands.finish, batch=False, note="result"),
    ],
    panels=[Panel(N_("数字与去向"), "evaluation/led.html", leading.around)],
)
