"""Evaluations as a list of reports."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel

from services.resources.cataloguing.items.queries import locations, named_places, plenty
from services.resources.collections.evaluation import commands, proposing, queries, rules
from services.resources.collections.evaluation.model import (
    Audience,
    Carrier,
    Evaluation,
    EvaluationState,
    Norm,
)
from shared.i18n import N_, pick
from shared.web.register import Action, Col, F, Panel, Register
from shared.work import Work


async def places(work: Work, q: str) -> Sequence[tuple[str, str]]:
    """Places whose code or name has what was typed."""
    asked = q.strip().lower()
    named = [(code, pick(place.name, place.name_en) or code) for code, place in (await locations(work.session)).items()]
    return [(code, name) for code, name in named if asked in code.lower() or asked in name.lower()][:15]


class Scope(BaseModel):
    """Which months, and of what."""

    title: str = F(N_("名称"), min_length=2, max_length=120, span=12, placeholder=N_("如：2026 年度馆藏评价"))
    month_from: str = F(N_("起月"), kind="month", min_length=7, max_length=7, placeholder="2026-01")
    month_to: str = F(N_("止月"), kind="month", min_length=7, max_length=7, placeholder="2026-12")
    subject: str = F(N_("学科（中图法大类）"), "", max_length=2, help=N_("留空评价全部大类；填 T 含 TP 等各类"))
    location: str = F(N_("馆藏地"), "", max_length=20, source=places, help=N_("留空为全馆"))
    carrier: Carrier = F(N_("载体"), Carrier.all)
    readers: int = F(N_("服务人数"), 0, ge=0, le=1_000_000, help=N_("折合在校生数，用于生均册数；不比较填 0"))
    norm: Norm = F(N_("办学条件口径"), Norm.comprehensive)


class Submission(BaseModel):
    """What it comes to."""

    conclusion: str = F(N_("结论"), min_length=2, max_length=3000, rows=5, span=12)


class Back(BaseModel):
    """Why it goes back."""

    conclusion: str = F(N_("退回理由"), min_length=2, max_length=1000, rows=2, span=12)


class Publication(BaseModel):
    """Who may read it."""

    audience: Audience = F(N_("公开范围"), Audience.internal)


S = EvaluationState
evaluations = Register(
    "evaluations", Evaluation, dept="resources", title=N_("馆藏评价"), icon="chart-dots", area=N_("馆藏评价"),
    help=N_("按中图法大类看馆藏、利用和需求，逐类评定并提出建议，由另一人审核发布，发布后不再变动"),
    serves=("RES-MGT-03",), number=rules.NUMBERS, life=rules.LIFE, state=EvaluationState, form=Scope, create=rules.MAKERS,
    edit=rules.MAKERS, read=rules.READERS, on_create=commands.begin, on_edit=commands.change, search=["no", "title"],
    title_of=lambda one: one.title, holders=lambda one: rules.PUBLISHERS if one.state == S.submitted else rules.MAKERS,
    columns=[
        Col("no", N_("编号"), "ref"), Col("title", N_("名称")), Col("month_from", N_("起月")), Col("month_to", N_("止月")),
        Col("copies", N_("期末册数")), Col("added", N_("新增册数")), Col("loans", N_("外借次数")), Col("state"),
        Col("published_on", N_("发布日期"), "date"), Col("subject", N_("学科（中图法大类）"), detail_only=True),
        Col("location", N_("馆藏地"), names=named_places, detail_only=True), Col("carrier", N_("载体"), detail_only=True),
        Col("readers", N_("服务人数"), detail_only=True), Col("norm", N_("办学条件口径"), detail_only=True),
        Col("computed_at", N_("计算时间"), detail_only=True), Col("conclusion", N_("结论"), detail_only=True),
        Col("audience", N_("公开范围"), detail_only=True), Col("submitted_by", N_("编制人"), "person", detail_only=True),
        Col("published_by", N_("发布人"), "person", detail_only=True),
    ],
    actions=[
        Action("compute", N_("重新计算"), by=rules.MAKERS, icon="calculator", do=commands.compute, batch=False, serves=(), long=plenty),
        Action("propose", N_("按评定生成建议"), by=rules.MAKERS, icon="bulb", do=proposing.propose, batch=False, row=False,
               help=N_("扩充、压缩、转库、剔旧的类各列一条建议，已有的不重复")),
        Action("submit", N_("提交审核"), by=rules.MAKERS, icon="send", tone="info", ask=Submission, do=commands.submit, batch=False,
               row=False, note="conclusion"),
        Action("send_back", N_("退回"), by=rules.PUBLISHERS, icon="arrow-back-up", ask=Back, batch=False, row=False, serves=(),
               note="conclusion"),
        Action("publish", N_("审核发布"), by=rules.PUBLISHERS, icon="lock", tone="success", ask=Publication, do=commands.publish,
               separate=("submitted_by",), batch=False, row=False, help=N_("发布后不再变动，由没有提交的另一人发布")),
    ],
    panels=[Panel(N_("总体与各类"), "resources/evaluation_around.html", queries.around)],
)
