"""What should follow, as a list of cases that outlive the evaluation."""

from __future__ import annotations

from pydantic import BaseModel

from services.resources.collections.evaluation import commands, rules
from services.resources.collections.evaluation.model import (
    EvaluationProposal,
    Measure,
    ProposalState,
)
from services.resources.collections.monthly.rules import class_name
from shared.i18n import N_
from shared.web.register import Action, Col, F, Filter, Register


class Proposal(BaseModel):
    """What, of which class, and why."""

    evaluation: str = F(N_("评价编号"), min_length=2, max_length=30, placeholder="PJ2026-000001")
    clc: str = F(N_("类"), "", max_length=2, help=N_("中图法大类字母，如 F 或 TP；空为未分类"))
    measure: Measure = F(N_("建议"))
    copies: int = F(N_("册数"), 0, ge=0, le=100_000, help=N_("不涉及册数填 0"))
    text: str = F(N_("说明"), min_length=2, max_length=1000, rows=3, span=12)


class Answer(BaseModel):
    """What is decided, and why."""

    answer: str = F(N_("答复"), min_length=2, max_length=500, rows=2, span=12)


class Result(BaseModel):
    """What was done."""

    result: str = F(N_("落实情况"), min_length=2, max_length=500, rows=2, span=12, help=N_("如：已列入采访计划，订单号…"))


P = ProposalState
proposals = Register(
    "evaluation-proposals", EvaluationProposal, dept="resources", title=N_("评价建议"), icon="bulb", area=N_("馆藏评价"),
    help=N_("评价得出的增购、减购、调整、剔旧建议；部门负责人答复，落实后登记结果"),
    serves=("RES-MGT-03",), number=rules.PROPOSALS, life=rules.PROPOSAL_LIFE, state=ProposalState, form=Proposal, edit_in=(),
    create=rules.MAKERS, read=rules.READERS, on_create=commands.begin_proposal, search=["no", "evaluation", "text"],
    title_of=lambda line: f"{Measure(line.measure).text} {class_name(line.clc)}", filters={"measure": Filter(N_("建议"))},
    holders=lambda line: rules.DECIDERS if line.state == P.proposed else rules.DOERS,
    columns=[
        Col("no", N_("编号"), "ref"), Col("evaluation", N_("评价编号"), "link", link=lambda line: f"/resources/evaluations/{line.evaluation}"),
        Col("clc", N_("类"), value=lambda line: class_name(line.clc)), Col("measure"), Col("copies", N_("册数")), Col("state"),
        Col("text", N_("说明"), detail_only=True), Col("answer", N_("答复"), detail_only=True),
        Col("decided_by", N_("答复人"), "person", detail_only=True), Col("result", N_("落实情况"), detail_only=True),
        Col("done_on", N_("落实日期"), "date", detail_only=True),
    ],
    actions=[
        Action("accept", N_("采纳"), by=rules.DECIDERS, icon="check", tone="success", ask=Answer, do=commands.decide,
               separate=("created_by",), note="answer"),
        Action("decline", N_("不采纳"), by=rules.DECIDERS, icon="x", tone="warning", ask=Answer, do=commands.decide,
               separate=("created_by",), note="answer"),
        Action("finish", N_("登记落实"), by=rules.DOERS, icon="flag", tone="success", ask=Result, do=commands.finish, batch=False, note="result"),
    ],
)
