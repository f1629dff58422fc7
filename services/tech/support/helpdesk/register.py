"""The list of work orders: anybody on staff reports, engineers answer, the reporter confirms."""

from __future__ import annotations

from pydantic import BaseModel

from services.tech.support.helpdesk import commands, rules
from services.tech.support.helpdesk.model import Kind, OrderState, Priority, WorkOrder
from shared.i18n import N_, _
from shared.web.register import Action, Col, F, Files, Register

ENGINEERS = ("TEC", "head-tech", "director")


class FaultForm(BaseModel):
    """What the reporter says; a sentence and a place are enough."""

    place: str = F(N_("地点"), min_length=1, max_length=80, placeholder=N_("如：三层东区 打印点"))
    kind: Kind = F(N_("类别"), Kind.other)
    note: str = F(N_("故障现象"), min_length=2, max_length=2000, rows=4, span=12)
    title: str = F(N_("一句话标题"), "", max_length=60, help=N_("留空则取故障现象的第一行"))
    priority: Priority | None = F(N_("紧急程度"), None, help=N_("留空由类别决定"))
    photos: Files = F(N_("照片"), default_factory=list, accept="image/*", span=12)


class Reason(BaseModel):
    """Why."""

    note: str = F(N_("原因"), min_length=2, max_length=500, rows=3, span=12)


class Solution(BaseModel):
    """What was done."""

    note: str = F(N_("处理结果"), min_length=2, max_length=2000, rows=3, span=12)


class Verdict(BaseModel):
    """How it went, as the reporter sees it."""

    rating: int | None = F(N_("满意度"), None, ge=1, le=5, help=N_("1–5 分，可不填"))


def _clock(order: WorkOrder) -> str:
    """The promise that runs now, in words."""
    from datetime import UTC, datetime

    from shared.web.show import moment

    late = rules.lateness(order, datetime.now(UTC))
    by = order.respond_by if order.state == OrderState.reported else order.solve_by
    if by is None or OrderState(order.state) in rules.STILL:
        return "—"
    text = moment(by)
    return {"late": _(N_("已超时 {by}"), by=text), "soon": _(N_("将到期 {by}"), by=text)}.get(late, text)


orders = Register(
    "work-orders", WorkOrder, dept="tech", title=N_("报修与维修工单"), icon="tool",
    help=N_("全馆任何人都可报修；受理、修复、确认各有时限，超时变红"),
    serves=("TEC-SYS-01", "TEC-SYS-05", "TEC-LOG-01", "TEC-LOG-02", "TEC-EQP-01", "TEC-EQP-03",
            "RDR-CIR-BAS-05", "RDR-CIR-ERD-07", "RDR-CIR-MMD-05"),
    number="BX", life=rules.LIFE, state=OrderState, form=FaultForm, create=("staff",),
    on_create=commands.prepare, attach=True, tells=False,
    columns=[
        Col("no", kind="ref"), Col("title", N_("故障")), Col("state"), Col("clock", N_("时限"), value=_clock), Col("place"),
        Col("priority", N_("等级")), Col("owner", N_("处理人"), "person"), Col("kind"),
        Col("reporter", N_("报修人"), "person", detail_only=True), Col("created_at", N_("报修时间"), detail_only=True),
        Col("note", N_("故障现象"), detail_only=True), Col("solution", N_("处理结果"), detail_only=True),
        Col("rating", N_("满意度"), detail_only=True), Col("reopened", N_("返工次数"), detail_only=True),
    ],
    search=["no", "title", "place"],
    filters={"kind": N_("类别"), "priority": N_("等级")},
    title_of=lambda order: order.title, due=lambda order: order.solve_by,
    holders=rules.holders,
    actions=[
        Action("accept", N_("受理"), by=ENGINEERS, icon="hand-grab", tone="info", do=commands.accept),
        Action("wait", N_("等待配件"), by=ENGINEERS, icon="clock-pause", ask=Reason, do=commands.wait, batch=False, row=False),
        Action("resume", N_("继续处理"), by=ENGINEERS, icon="player-play", do=commands.resume),
        Action("resolve", N_("修复"), by=ENGINEERS, icon="check", tone="success", ask=Solution, do=commands.resolve, batch=False),
        Action("confirm", N_("确认修好"), by=("@reporter",), icon="thumb-up", tone="success", ask=Verdict, do=commands.confirm, batch=False),
        Action("reopen", N_("没修好"), by=("@reporter",), icon="arrow-back-up", tone="danger", ask=Reason, do=commands.reopen, batch=False),
        Action("void", N_("作废"), by=(*ENGINEERS, "@reporter"), icon="ban", tone="danger", ask=Reason, do=commands.void, batch=False, row=False),
    ],
)
