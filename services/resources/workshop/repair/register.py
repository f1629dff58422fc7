"""The workshop's list: what waits, who mends it, until when."""

from __future__ import annotations

from pydantic import AliasChoices, BaseModel

from services.resources.cataloguing.items.queries import named_places
from services.resources.workshop.repair import commands, rules
from services.resources.workshop.repair.model import Repair, RepairState
from shared.i18n import N_, _
from shared.web.register import Action, Col, F, Filter, Money, Register


class Diagnosis(BaseModel):
    """What is wrong and what shall be done."""

    diagnosis: str = F(
        N_("诊断"), "", max_length=500, rows=3, span=12, validation_alias=AliasChoices("diagnosis", "note"),
        placeholder=N_("如：书脊脱胶，拟重新裱背、换封"),
    )


class Done(BaseModel):
    """What was done and what it took."""

    note: str = F(N_("修补说明"), min_length=1, max_length=1000, rows=3, span=12)
    minutes: int = F(N_("用时"), 0, ge=0, le=4800, unit=N_("分"))
    material: str = F(N_("用料"), "", max_length=200)
    cost_cents: Money = F(N_("费用"), 0, ge=0, le=1_000_000)


class GiveUp(BaseModel):
    """Why it cannot be mended."""

    note: str = F(N_("无法修补的原因"), min_length=2, max_length=500, rows=3, span=12)


class Verdict(BaseModel):
    """What the desk said when it closed, returned or gave up the item."""

    verdict: str = F(N_("借还台意见"), "", max_length=500, rows=2, span=12)


repairs = Register(
    "repairs", Repair, dept="resources", title=N_("修补工单"), icon="tools", area=N_("文印修补"),
    help=N_("借还台登记的中度破损自动到此；有读者预约的排在前面"), serves=("RES-DIG-02",), number="XB",
    life=rules.LIFE, state=RepairState, tells=False, sort="queue", on_create=commands.prepare, attach=True,
    search=["no", "title", "barcode", "slip"],
    title_of=lambda job: f"《{job.title}》", item_of=lambda job: job.barcode,
    due=lambda job: job.target_on if job.state in (RepairState.waiting, RepairState.in_work) else None,
    holders=lambda job: {
        RepairState.waiting: rules.WORKSHOP, RepairState.in_work: (job.operator or "RES-DIG",),
        RepairState.re_inspection: ("RDR-DSK",),
    }.get(RepairState(job.state), ()),
    columns=[
        Col("no", N_("工单"), "ref"), Col("title", N_("题名")),
        Col("barcode", N_("条码"), "link", link=lambda job: f"/reader/items/{job.barcode}"),
        Col("kind", N_("破损"), value=lambda job: _(rules.KINDS.get(job.kind, job.kind_label))),
        Col("holds_waiting", N_("等候预约"), unit=N_("人")), Col("round", N_("轮次")),
        Col("operator", N_("操作人"), "person"), Col("target_on", N_("应完成"), "date"), Col("state"),
        Col("created_at", N_("收到时间")),
        Col("slip", N_("破损单"), "link", link=lambda job: f"/reader/damage/{job.slip}", detail_only=True),
        Col("grade", N_("程度"), value=lambda job: _(rules.GRADES.get(job.grade, job.grade_label)), detail_only=True),
        Col("damage", N_("破损说明"), detail_only=True),
        Col("photo", N_("附有照片"), detail_only=True),
        Col("call_number", N_("索书号"), detail_only=True), Col("location", N_("馆藏地"), names=named_places, detail_only=True),
        Col("diagnosis", N_("诊断"), detail_only=True), Col("note", N_("修补说明"), detail_only=True),
        Col("minutes", N_("本轮用时"), unit=N_("分"), detail_only=True),
        Col("minutes_before", N_("此前用时"), unit=N_("分"), detail_only=True),
        Col("material", N_("用料"), detail_only=True), Col("cost_cents", N_("本轮费用"), detail_only=True),
        Col("cost_before", N_("此前费用"), "money", detail_only=True),
        Col("verdict", N_("借还台意见"), detail_only=True),
        Col("created_by", N_("破损登记人"), "person", detail_only=True),
    ],
    filters={
        "round": N_("轮次"), "finished_at": Filter(N_("修毕日期"), kind="dates"), "ended_at": Filter(N_("结案日期"), kind="dates"),
    },
    actions=[
        Action("start", N_("开始修补"), by=rules.WORKSHOP, icon="tool", tone="info", ask=Diagnosis, do=commands.start,
               help=N_("取书上台，册的保管责任随之转到工场")),
        Action("finish", N_("修补完毕"), by=rules.WORKSHOP, icon="check", tone="success", ask=Done, do=commands.finish,
               batch=False, help=N_("书送回借还台，由另一人回验")),
        Action("irreparable", N_("无法修补"), by=rules.WORKSHOP, icon="ban", tone="danger", ask=GiveUp,
               do=commands.irreparable, batch=False, row=False, help=N_("转入剔旧清册，由馆务会决定去留")),
        Action("close", N_("结案"), by=("system",), ask=Verdict, do=commands.close),
        Action("reopen", N_("返修"), by=("system",), ask=Verdict, do=commands.reopen),
        Action("cancel", N_("撤销"), by=("system",), ask=Verdict, do=commands.cancel),
        Action("give_up", N_("列为不可修"), by=("system",), ask=Verdict, do=commands.give_up),
    ],
)
