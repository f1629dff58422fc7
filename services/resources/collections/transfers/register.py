"""Plans as a list of cases."""

from __future__ import annotations

from pydantic import BaseModel

from services.resources.collections.losses.queries import places
from services.resources.collections.transfers import commands, queries, rules
from services.resources.collections.transfers.model import PlanState, TransferPlan
from shared.i18n import N_
from shared.web.register import Action, Col, F, Panel, Register


class PlanForm(BaseModel):
    """Where to, and why."""

    title: str = F(N_("名称"), min_length=2, max_length=120, span=12, placeholder=N_("如：十年未借的 K 类转密集库"))
    location: str = F(N_("调入馆藏地"), min_length=1, max_length=40, source=places)
    reason: str = F(N_("理由"), min_length=2, max_length=500, rows=3, span=12)


class PlanChange(BaseModel):
    """What may still change: not the place, for items were chosen by it."""

    title: str = F(N_("名称"), min_length=2, max_length=120, span=12)
    reason: str = F(N_("理由"), min_length=2, max_length=500, rows=3, span=12)


class SendingBack(BaseModel):
    """What should be changed."""

    sent_back: str = F(N_("退回理由"), min_length=2, max_length=300, rows=2, span=12)


S = PlanState
transfer_plans = Register(
    "transfer-plans", TransferPlan, dept="resources", title=N_("调拨计划"), icon="arrows-exchange", area=N_("馆藏管理"),
    help=N_("哪些书调到哪里：列单、另一人审批、服务台装箱发出和接收，逐册跟到收清"), serves=("RES-MGT-04",), number=rules.NUMBERS,
    life=rules.LIFE, state=PlanState, form=PlanForm, edit_form=PlanChange, read=rules.READERS, create=rules.MAKERS, edit=rules.MAKERS,
    on_create=commands.begin, search=["no", "title", "proposal"], title_of=lambda plan: plan.title,
    filters={"location": N_("调入馆藏地")},
    holders=lambda plan: {S.draft: rules.MAKERS, S.submitted: rules.APPROVERS}.get(S(plan.state), ()),
    columns=[
        Col("no", N_("单号"), "ref"), Col("title", N_("名称")), Col("location_name", N_("调入馆藏地"), "text"), Col("copies", N_("册数"), "num"),
        Col("received", N_("已收到"), "num"), Col("created_by", N_("制单"), "person"), Col("approved_by", N_("审批"), "person"), Col("state"),
        Col("reason", N_("理由"), detail_only=True), Col("sent_back", N_("退回理由"), detail_only=True),
        Col("proposal", N_("调整建议"), "link", link=lambda plan: f"/resources/evaluation-proposals/{plan.proposal}" if plan.proposal else "", detail_only=True),
        Col("approved_at", N_("审批时间"), detail_only=True), Col("closed_at", N_("结案时间"), detail_only=True),
    ],
    actions=[
        Action("submit", N_("提交审批"), by=rules.MAKERS, icon="send", tone="primary", do=commands.submit, batch=False),
        Action("approve", N_("批准"), by=rules.APPROVERS, icon="check", tone="success", do=commands.approve, batch=False,
               separate=("created_by", "submitted_by"), help=N_("批准后服务台即可按单取书")),
        Action("send_back", N_("退回修改"), by=rules.APPROVERS, icon="arrow-back-up", ask=SendingBack, batch=False, row=False, serves=(),
               separate=("submitted_by",), note="sent_back"),
        Action("cancel", N_("作废"), by=rules.MAKERS, icon="x", tone="danger", do=commands.cancel, batch=False, row=False, serves=(),
               confirm=N_("计划里的书不再调拨，确定吗？")),
        # The desk's word.
        Action("begin", N_("服务台列单"), icon="list-check", serves=()), Action("finish", N_("收清"), icon="circle-check", serves=()),
        Action("differ", N_("有差异结案"), icon="alert-triangle", serves=()),
    ],
    panels=[Panel(N_("逐册进度"), "transfer_plans/around.html", queries.around)],
)
