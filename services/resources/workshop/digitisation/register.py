"""The register of tickets."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel

from services.resources.workshop.digitisation import commands, queries, rules
from services.resources.workshop.digitisation.model import (
    JobKind,
    PagePrice,
    Purpose,
    Source,
    Ticket,
    TicketState,
)
from shared.i18n import N_, _
from shared.web.register import Action, Col, F, Filter, Money, Panel, Register

SERVES = ("RES-DIG-02",)


class TicketForm(BaseModel):
    """What is wanted, of what, for whom."""

    kind: JobKind = F(N_("加工种类"))
    source: Source = F(N_("资料来源"))
    purpose: Purpose = F(N_("用途"))
    title: str = F(N_("题名"), min_length=1, max_length=200, span=12)
    barcode: str = F(N_("条码"), "", max_length=40, help=N_("扫描本馆馆藏的必填；取来加工期间该册不能借"))
    work_pages: int = F(N_("全书页数"), ge=1, le=20_000)
    pages: int = F(N_("要做的页数"), ge=1, le=20_000)
    chapters: int = F(N_("要做的章数"), 0, ge=0, le=500, help=N_("不按章的填 0"))
    copies: int = F(N_("份数"), 1, ge=1, le=500)
    colour: bool = F(N_("彩色"), False)
    scarce: bool = F(N_("毁损、珍稀或市场上买不到"), False)
    died_year: int | None = F(N_("作者卒年"), None, ge=1, le=9999, help=N_("卒后满 50 年的不再受保护"))
    published_year: int | None = F(N_("出版年"), None, ge=1, le=9999, help=N_("没有个人作者的，出版满 50 年不再受保护；有作者的请填卒年"))
    licence: str = F(N_("数字资源许可"), "", max_length=120, help=N_("合同号或许可条款"))
    permission: str = F(N_("权利人许可函"), "", max_length=120, help=N_("函号；原件作为附件上传"))
    asked_for: str = F(N_("为谁做"), min_length=1, max_length=80, help=N_("读者姓名、部门或项目"))
    charged_to: str = F(N_("费用由谁承担"), "", max_length=80)
    due_on: date | None = F(N_("要求完成日期"), None)
    note: str = F(N_("说明"), "", max_length=500, rows=2, span=12)


class Why(BaseModel):
    """Why not."""

    reason: str = F(N_("理由"), min_length=2, max_length=300, rows=2, span=12)


class Agreed(BaseModel):
    """Who agreed to the price, and how."""

    agreed_how: str = F(N_("谁、怎样同意的"), min_length=2, max_length=120, placeholder=N_("如：本人当面"))


class Begun(BaseModel):
    """On which machine."""

    machine: str = F(N_("设备"), min_length=1, max_length=60)
    dpi: int = F(N_("分辨率"), 0, ge=0, le=2400, unit="dpi", help=N_("扫描用 300–600 dpi，打印填 0"))


class Progress(BaseModel):
    """How many pages are done by now."""

    pages_done: int = F(N_("已完成页数"), ge=0, le=20_000)


class Made(BaseModel):
    """What was made."""

    pages_done: int = F(N_("已完成页数"), ge=0, le=20_000)
    master: str = F(N_("保存件文件名"), "", max_length=160, help=N_("扫描的必填，TIFF；文件可作为附件上传"))
    access: str = F(N_("使用件文件名"), "", max_length=160, help=N_("扫描的必填，PDF"))
    checksum: str = F(N_("保存件校验值"), "", max_length=64, help="SHA-256")
    minutes: int = F(N_("用时"), 0, ge=0, le=9600, unit=N_("分"))


class Sampled(BaseModel):
    """How many were looked at."""

    sampled: int = F(N_("抽查页数"), ge=1, le=20_000, help=N_("至少 5 页，并不少于十分之一"))


class Wrong(BaseModel):
    """What has to be done again."""

    bad_pages: int = F(N_("不合格页数"), ge=1, le=20_000)
    reason: str = F(N_("哪些页、什么问题"), min_length=2, max_length=300, rows=2, span=12)


class Taker(BaseModel):
    """Who took it."""

    handed_to: str = F(N_("交给谁"), min_length=1, max_length=80)


class PriceForm(BaseModel):
    """A price from a day on."""

    kind: JobKind = F(N_("加工种类"))
    colour: bool = F(N_("彩色"), False)
    from_on: date = F(N_("生效日期"))
    base_cents: Money = F(N_("每单起价"), 0, ge=0, le=1_000_000)
    page_cents: Money = F(N_("每页价"), ge=0, le=1_000_000)
    note: str = F(N_("依据"), "", max_length=200, span=12)


tickets = Register(
    "digitisation", Ticket, dept="resources", title=N_("数字化与印制工单"), icon="scan", area=N_("文印修补"), serves=SERVES, number=rules.TICKETS,
    help=N_("扫描、按需打印、个性化成册：先核权利、再报价，做完由另一人抽查"), life=rules.LIFE, state=TicketState, form=TicketForm, create=("staff",),
    edit=(*rules.WORKSHOP, "@created_by"), on_create=commands.settle, on_edit=commands.settle, attach=True, holders=rules.holders, due=lambda ticket: ticket.due_on,
    title_of=lambda ticket: f"《{ticket.title}》", item_of=lambda ticket: ticket.barcode, search=("no", "title", "barcode", "asked_for", "charged_to"),
    clashes={"uq_digitisation_ticket_item": N_("这一册正在另一张工单上加工")},
    filters={"kind": N_("加工种类"), "source": N_("资料来源"), "finished_at": Filter(N_("完成日期"), kind="dates")},
    columns=[
        Col("no", N_("工单"), "ref"), Col("title"), Col("kind"), Col("asked_for", personal="name"), Col("pages", N_("页数"), "num"),
        Col("price_cents", N_("价格"), "money"), Col("operator", N_("操作人"), "person"),
        Col("due_on", N_("应完成"), "date"), Col("state"),
        Col("barcode", N_("条码"), "link", link=lambda t: f"/resources/items/{t.barcode}" if t.barcode else "", detail_only=True),
        Col("copies", detail_only=True), Col("pages_done", N_("已完成"), "num", detail_only=True),
        Col("source", detail_only=True), Col("purpose", detail_only=True), Col("work_pages", detail_only=True), Col("chapters", detail_only=True),
        Col("colour", detail_only=True), Col("scarce", detail_only=True), Col("died_year", detail_only=True), Col("published_year", detail_only=True),
        Col("licence", detail_only=True), Col("permission", detail_only=True),
        Col("basis", N_("权利依据"), value=lambda t: _(rules.BASES[t.basis]) if t.basis else "", detail_only=True),
        Col("reason", N_("理由"), detail_only=True), Col("charged_to", detail_only=True), Col("priced_on", N_("报价日期"), "date", detail_only=True),
        Col("agreed_how", N_("同意方式"), detail_only=True), Col("machine", N_("设备"), detail_only=True), Col("dpi", N_("分辨率"), unit="dpi", detail_only=True),
        Col("master", N_("保存件文件名"), detail_only=True), Col("access", N_("使用件文件名"), detail_only=True),
        Col("checksum", N_("保存件校验值"), detail_only=True), Col("minutes", N_("用时"), unit=N_("分"), detail_only=True),
        Col("sampled", N_("抽查页数"), "num", detail_only=True), Col("checked_by", N_("质检人"), "person", detail_only=True),
        Col("round", N_("轮次"), detail_only=True), Col("finished_at", N_("完成时间"), "moment", detail_only=True),
        Col("handed_to", N_("交给谁"), detail_only=True, personal="name"), Col("handed_at", N_("交付时间"), "moment", detail_only=True),
        Col("note", detail_only=True), Col("created_by", N_("登记人"), "person", detail_only=True),
    ],
    actions=[
        Action("clear", N_("核定权利"), rules.WORKSHOP, icon="scale", tone="info", do=commands.clear),
        Action("agree", N_("同意报价"), (*rules.WORKSHOP, "@created_by"), icon="check", tone="success", ask=Agreed, batch=False),
        Action("quote", N_("报价"), rules.WORKSHOP, icon="receipt", tone="info", do=commands.quote),
        Action("start", N_("开工"), rules.WORKSHOP, icon="player-play", tone="info", ask=Begun, do=commands.start, batch=False),
        Action("progress", N_("登记进度"), rules.WORKSHOP, icon="progress", ask=Progress, do=commands.progress, batch=False, serves=()),
        Action("submit", N_("送质检"), rules.WORKSHOP, icon="send", tone="info", ask=Made, do=commands.submit, batch=False),
        Action("pass", N_("质检合格"), rules.WORKSHOP, icon="circle-check", tone="success", ask=Sampled, do=commands.passed, separate=("operator",), batch=False),
        Action("correct", N_("返工"), rules.WORKSHOP, icon="refresh", tone="danger", ask=Wrong, do=commands.correct, separate=("operator",),
               note="reason", batch=False, row=False),
        Action("hand_over", N_("交付"), rules.WORKSHOP, icon="package-export", tone="success", ask=Taker, do=commands.hand_over, batch=False),
        Action("close", N_("结案"), (*rules.WORKSHOP, "@created_by"), icon="archive", serves=()),
        Action("refuse", N_("不予复制"), rules.WORKSHOP, icon="ban", tone="danger", ask=Why, note="reason", row=False),
        Action("cancel", N_("取消"), (*rules.WORKSHOP, "@created_by"), icon="x", tone="danger", ask=Why, do=commands.cancel, note="reason", row=False, serves=()),
    ],
    panels=[Panel(N_("权利"), "digitisation/rights.html", queries.rights_of)],
)
prices = Register(
    "digitisation-prices", PagePrice, dept="resources", title=N_("数字化与印制价目"), icon="receipt", area=N_("文印修补"), serves=SERVES, number=rules.PRICES,
    help=N_("每单起价加每页价；自生效日期起用，旧价留存"), form=PriceForm, create=rules.PRICERS, edit=rules.PRICERS, tells=False, sort="-from_on",
    title_of=lambda price: JobKind(price.kind).text, filters={"kind": N_("加工种类")},
    clashes={"uq_page_price_kind_colour_from_on": N_("这一天已有这种加工的价格")},
    columns=[
        Col("no", N_("编号"), "ref"), Col("kind"), Col("colour"), Col("from_on"), Col("base_cents", N_("每单起价"), "money"),
        Col("page_cents", N_("每页价"), "money"), Col("note"),
    ],
)
REGISTERS = (tickets, prices)
