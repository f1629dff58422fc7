"""The register of sets to be bound."""

from __future__ import annotations

from pydantic import BaseModel

from services.resources.cataloguing.items.queries import named_places
from services.resources.collections.losses.queries import places
from services.resources.workshop.binding import commands, queries, rules
from services.resources.workshop.binding.model import BindingSet, Defect, SetState, Style
from shared.i18n import N_
from shared.web.register import Action, Col, F, Filter, Money, Panel, Register

SERVES = ("RES-DIG-02",)


class SetForm(BaseModel):
    """What the binder is told."""

    spine: str = F(N_("书脊文字"), min_length=1, max_length=80, span=12)
    colour: str = F(N_("封面颜色"), "", max_length=20)
    style: Style = F(N_("装帧"), Style.cloth)


class Counted(BaseModel):
    """What lies there."""

    counted: int = F(N_("实点期数"), ge=0, le=2000, help=N_("逐期点数；与装订单不符的不能点收，请退回并写明差异"))


class Why(BaseModel):
    """Why it goes back."""

    remark: str = F(N_("退回原因"), min_length=2, max_length=300, rows=2, span=12, placeholder=N_("如：第 3 期在订单上，捆内没有"))


class OnOrder(BaseModel):
    """Which order."""

    order: str = F(N_("装订单"), min_length=3, max_length=80, source=queries.drafts, help=N_("编制中的装订单；没有的先新建"))


class Check(BaseModel):
    """What was looked at."""

    order_right: bool = F(N_("次序无误"), False)
    pages_right: bool = F(N_("不缺页、不缺期"), False)
    spine_right: bool = F(N_("书脊、封面无误"), False)


class Redo(BaseModel):
    """What is wrong."""

    defect: Defect = F(N_("缺陷"))
    remark: str = F(N_("说明"), min_length=2, max_length=300, rows=2, span=12)


class Entry(BaseModel):
    """Where the volume stands; what is left empty is proposed by the house."""

    place: str = F(N_("馆藏地"), "", max_length=40, source=places)
    record_no: str = F(N_("书目记录号"), "", max_length=120, source=queries.serial_records, help=N_("不填：用同刊上一本的记录，或按 ISSN 查到的那一条"))
    volume_barcode: str = F(N_("合订本条码"), "", max_length=40, help=N_("不填：取下一个条码"))
    call: str = F(N_("索书号"), "", max_length=60, help=N_("不填：记录的索书号加年份"))
    worth: Money | None = F(N_("价格"), None, ge=0, help=N_("不填：年价按月折算，加装订费"))


sets = Register(
    "binding-sets", BindingSet, dept="resources", title=N_("待装本"), icon="books", area=N_("文印修补"), serves=SERVES, number=rules.SETS,
    help=N_("阅览室送装的每一捆：点收、列入装订单、装回验收、入藏成为单册"), life=rules.LIFE, state=SetState, read=rules.READERS,
    edit_form=SetForm, edit=rules.WORKSHOP, edit_in=(SetState.awaited, SetState.received), attach=True,
    title_of=lambda one: f"《{one.title}》{one.label}", item_of=lambda one: one.barcode, holders=rules.holders,
    search=("no", "bundle", "batch", "title", "barcode", "order_no"), sort="-created_at",
    filters={"style": N_("装帧"), "defect": N_("缺陷"), "bound_at": Filter(N_("入藏日期"), kind="dates")},
    columns=[
        Col("no", N_("编号"), "ref"), Col("title", N_("刊名"), value=lambda one: f"{one.title} {one.label}"),
        Col("bundle", N_("捆号"), "link", link=lambda one: f"/reader/backissues/bundles/{one.bundle}"),
        Col("present", N_("期数"), "num"),
        Col("order_no", N_("装订单"), "link", link=lambda one: f"/resources/binding-orders/{one.order_no}" if one.order_no else ""),
        Col("state"), Col("created_at", N_("送来时间"), "moment"),
        Col("batch", N_("送装批次"), "link", link=lambda one: f"/reader/backissues/batches/{one.batch}", detail_only=True),
        Col("round", N_("轮次"), detail_only=True), Col("price_cents", N_("装订费"), "money", detail_only=True),
        Col("spine", N_("书脊文字"), detail_only=True), Col("colour", N_("封面颜色"), detail_only=True), Col("style", N_("装帧"), detail_only=True),
        Col("issn", "ISSN", detail_only=True),
        Col("received_at", N_("点收时间"), "moment", detail_only=True), Col("received_by", N_("点收人"), "person", detail_only=True),
        Col("back_on", N_("装回日期"), "date", detail_only=True), Col("defect", N_("缺陷"), value=lambda one: Defect(one.defect).text if one.defect else "", detail_only=True),
        Col("remark", N_("说明"), detail_only=True), Col("checked_at", N_("验收时间"), "moment", detail_only=True),
        Col("checked_by", N_("验收人"), "person", detail_only=True),
        Col("record", N_("书目记录"), "link", link=lambda one: f"/resources/records/{one.record}" if one.record else "", detail_only=True),
        Col("barcode", N_("合订本条码"), "link", link=lambda one: f"/resources/items/{one.barcode}" if one.barcode else "", detail_only=True),
        Col("call_number", N_("索书号"), detail_only=True), Col("location", N_("馆藏地"), names=named_places, detail_only=True),
        Col("value_cents", N_("价格"), "money", detail_only=True), Col("bound_at", N_("入藏时间"), "moment", detail_only=True),
        Col("created_by", N_("送装人"), "person", detail_only=True),
    ],
    actions=[
        Action("count_in", N_("点收"), rules.WORKSHOP, icon="checklist", tone="success", ask=Counted, do=commands.count_in, batch=False),
        Action("assign", N_("列入装订单"), rules.WORKSHOP, icon="list-check", tone="info", ask=OnOrder, do=commands.assign),
        Action("take_in", N_("装回"), rules.WORKSHOP, icon="package-import", tone="info", do=commands.take_in),
        Action("accept", N_("验收合格"), rules.WORKSHOP, icon="circle-check", tone="success", ask=Check, do=commands.accept),
        Action("redo", N_("返工"), rules.WORKSHOP, icon="refresh", tone="danger", ask=Redo, do=commands.redo, note="remark", row=False,
               help=N_("送回原装订方重做，不再计费")),
        Action("enter", N_("入藏"), rules.HANDS, icon="barcode", tone="success", ask=Entry, do=commands.enter, batch=False,
               help=N_("成为该刊书目下的一册，随交接单送阅览室")),
        Action("send_back", N_("退回阅览室"), rules.WORKSHOP, icon="arrow-back-up", tone="danger", ask=Why, do=commands.send_back,
               note="remark", row=False, help=N_("清点不符，或装订方发现不全")),
        Action("send", N_("送出"), icon="truck-delivery", serves=()),
        Action("confirm", N_("阅览室已收回"), icon="circle-check", serves=()),
        Action("taken_back", N_("阅览室自行收回"), icon="arrow-back-up", serves=()),
    ],
    panels=[Panel(N_("捆内各期"), "binding/issues.html", queries.on_set)],
)
