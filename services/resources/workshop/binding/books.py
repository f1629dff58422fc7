"""单书装订: single books bound anew. Fetched from the desk by their barcode, on the same orders as the sets, back to the desk."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from services.resources.cataloguing.items import queries as items
from services.resources.cataloguing.items.commands import called, hand_custody
from services.resources.cataloguing.items.model import ItemLife
from services.resources.cataloguing.records.model import Instance
from services.resources.workshop.binding import commands, paying, rules
from services.resources.workshop.binding.model import BookState, BoundBook, Defect, Style
from services.resources.workshop.binding.register import SERVES, Check, OnOrder, Redo
from shared.events.resources import ItemRebound, ItemToBindery
from shared.i18n import N_, _
from shared.refusals import NotFound
from shared.web.register import Action, Col, F, Register
from shared.work import Work


class BookForm(BaseModel):
    """Which book, why, and what the binder is told."""

    barcode: str = F(N_("条码"), min_length=1, max_length=40, help=N_("扫描书上的条码；该册随即从服务台取来，读者暂不能借"))
    reason: str = F(N_("装订原因"), min_length=2, max_length=200, placeholder=N_("如：书脊脱胶、散页"))
    spine: str = F(N_("书脊文字"), "", max_length=80, span=12)
    style: Style = F(N_("装帧"), Style.cloth)


class BookEdit(BaseModel):
    """What may still be changed before it leaves."""

    reason: str = F(N_("装订原因"), min_length=2, max_length=200)
    spine: str = F(N_("书脊文字"), "", max_length=80, span=12)
    style: Style = F(N_("装帧"), Style.cloth)


class Unbound(BaseModel):
    """Why it comes back as it was."""

    remark: str = F(N_("送还原因"), min_length=2, max_length=300, rows=2, span=12, placeholder=N_("如：纸张过脆，不宜装订"))


async def fetch(work: Work, one: BoundBook, _form: Any) -> None:
    """取来: the item is in stock and with the desk; from here on it is ours."""
    work.actor.require(*rules.WORKSHOP)
    item = await items.by_barcode(work.session, one.barcode.strip().upper())
    if item is None:
        raise rules.NotHere(barcode=one.barcode, state_label=_(N_("没有这个条码的单册")))
    if item.life is not ItemLife.in_stock or item.custodian != "reader":
        raise rules.NotHere(barcode=item.barcode, state_label=item.life.text if item.life is not ItemLife.in_stock else _(N_("已在资源建设部")))
    work.refuse_on("uq_binding_book_open", rules.OutAlready(barcode=item.barcode))
    record = await work.get(Instance, item.instance_id)
    one.barcode, one.title, one.call_number = item.barcode, called(item, record.title), item.call_number
    await hand_custody(work, item.barcode, "resources")
    work.emit(ItemToBindery(**await _item(work, one), number=one.no, reason=one.reason), correlation=one.correlation)


async def _item(work: Work, one: BoundBook) -> dict[str, str]:
    item = await items.by_barcode(work.session, one.barcode)
    if item is None:
        raise NotFound(one.barcode)
    return {"item_id": str(item.id), "barcode": item.barcode, "title": one.title, "call_number": item.call_number, "location": item.location}


async def _home(work: Work, one: BoundBook, *, bound: bool, note: str = "") -> None:
    about = await _item(work, one)
    await hand_custody(work, about["barcode"], "reader")
    work.emit(ItemRebound(**about, number=one.no, bound=bound, note=note), correlation=one.correlation)


async def accept(work: Work, one: BoundBook, form: Any) -> None:
    """验收合格: looked at as a volume is, then back to its shelf."""
    await commands.accept(work, one, form)
    await _home(work, one, bound=True)


async def give_back(work: Work, one: BoundBook, form: Any) -> None:
    """未装送还: it goes to its shelf as it was, and costs nothing."""
    number, one.remark, one.order_no, one.price_cents = one.order_no, form.remark, "", 0
    await paying.less(work, number, form.remark)
    await _home(work, one, bound=False, note=form.remark)


books = Register(
    "binding-books", BoundBook, dept="resources", title=N_("单书装订"), icon="book", area=N_("文印修补"), serves=SERVES, number=rules.BOOKS,
    help=N_("散页脱胶的单本书：扫描取来、列入装订单、装回验收、送还服务台"), life=rules.BOOK_LIFE, state=BookState, read=rules.READERS,
    form=BookForm, create=rules.WORKSHOP, on_create=fetch, edit_form=BookEdit, edit=rules.WORKSHOP, edit_in=(BookState.here,), attach=True,
    title_of=lambda one: f"《{one.title}》{one.barcode}", item_of=lambda one: one.barcode, sort="-created_at",
    holders=lambda one: rules.WORKSHOP if one.state in (BookState.here, *rules.BOOKS_AWAY) else (), search=("no", "barcode", "title", "order_no"),
    filters={"style": N_("装帧"), "defect": N_("缺陷")},
    columns=[
        Col("no", N_("编号"), "ref"), Col("title", N_("题名")),
        Col("barcode", N_("条码"), "link", link=lambda one: f"/resources/items/{one.barcode}"), Col("reason", N_("装订原因")),
        Col("order_no", N_("装订单"), "link", link=lambda one: f"/resources/binding-orders/{one.order_no}" if one.order_no else ""),
        Col("state"), Col("created_at", N_("取来时间"), "moment"), Col("call_number", N_("索书号"), detail_only=True),
        Col("spine", N_("书脊文字"), detail_only=True), Col("style", N_("装帧"), detail_only=True), Col("round", N_("轮次"), detail_only=True),
        Col("price_cents", N_("装订费"), "money", detail_only=True), Col("back_on", N_("装回日期"), "date", detail_only=True),
        Col("defect", N_("缺陷"), value=lambda one: Defect(one.defect).text if one.defect else "", detail_only=True),
        Col("remark", N_("说明"), detail_only=True), Col("checked_at", N_("验收时间"), "moment", detail_only=True),
        Col("checked_by", N_("验收人"), "person", detail_only=True), Col("created_by", N_("取书人"), "person", detail_only=True),
    ],
    actions=[
        Action("assign", N_("列入装订单"), rules.WORKSHOP, icon="list-check", tone="info", ask=OnOrder, do=commands.assign),
        Action("take_in", N_("装回"), rules.WORKSHOP, icon="package-import", tone="info", do=commands.take_in),
        Action("accept", N_("验收合格"), rules.WORKSHOP, icon="circle-check", tone="success", ask=Check, do=accept),
        Action("redo", N_("返工"), rules.WORKSHOP, icon="refresh", tone="danger", ask=Redo, do=commands.redo, note="remark", row=False,
               help=N_("送回原装订方重做，不再计费")),
        Action("give_back", N_("未装送还"), rules.WORKSHOP, icon="arrow-back-up", tone="danger", ask=Unbound, do=give_back, note="remark", row=False,
               help=N_("不宜装订，或装订方做不了")),
        Action("send", N_("送出"), icon="truck-delivery", serves=()),
    ],
)
