"""The store's four books: items, requisitions, purchases, stock moves."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel, ValidationInfo, field_validator

from services.office.money.supplies import commands
from services.office.money.supplies.model import (
    Category,
    MoveKind,
    Purchase,
    PurchaseState,
    Requisition,
    RequisitionState,
    StockMove,
    SupplyItem,
    Urgency,
)
from services.office.money.supplies.queries import moves_of, suggest_items
from services.office.money.supplies.rules import (
    APPROVERS,
    KEEPERS,
    PURCHASE_APPROVERS,
    PURCHASE_LIFE,
    RECEIVERS,
    REQUISITION_LIFE,
)
from services.office.people.personnel.model import Dept
from shared.i18n import N_
from shared.states import Choice
from shared.web.register import Action, Col, F, Filter, Money, Panel, Register
from shared.web.register.people import names
from shared.work import Work

SERVES = ("OFF-ADM-05",)
OWN = ("@created_by",)


class ItemForm(BaseModel):
    name: str = F(N_("名称"), min_length=2, max_length=60)
    name_en: str = F(N_("英文名称"), "", max_length=80)
    category: Category = F(N_("类别"))
    spec: str = F(N_("规格"), "", max_length=80)
    unit: str = F(N_("单位"), max_length=8)
    unit_price: Money = F(N_("单价"), ge=0, le=100_000_000)
    minimum: int = F(N_("安全库存"), 0, ge=0, le=100_000)
    location: str = F(N_("存放位置"), "", max_length=40)
    durable: bool = F(N_("耐用品"), False, placeholder=N_("使用一年以上"))


class CountForm(BaseModel):
    counted: int = F(N_("实盘数量"), ge=0, le=1_000_000)
    reason: str = F(N_("差异原因"), min_length=2, max_length=200, rows=2)


class RequisitionForm(BaseModel):
    item: str = F(N_("物品"), source=suggest_items, help=N_("输入名称或物资编号"), max_length=60)
    qty: int = F(N_("数量"), gt=0, le=10_000)
    urgency: Urgency = F(N_("紧急程度"), Urgency.normal)
    needed_by: date = F(N_("需用日期"))
    reason: str = F(N_("用途"), min_length=4, max_length=200, rows=3)

    @field_validator("needed_by")
    @classmethod
    def not_past(cls, value: date, info: ValidationInfo) -> date:
        if info.context and value < info.context["today"]:
            raise ValueError(N_("需用日期不能早于今天"))
        return value


class RejectForm(BaseModel):
    reject_reason: str = F(N_("驳回原因"), min_length=2, max_length=200, rows=3)


class IssueForm(BaseModel):
    quantity: int | None = F(N_("本次发放"), None, gt=0, le=10_000, help=N_("不填则发放全部余量"))


class PurchaseForm(BaseModel):
    item: str = F(N_("物品"), source=suggest_items, help=N_("输入名称或物资编号"), max_length=60)
    qty: int = F(N_("数量"), gt=0, le=10_000)
    unit_price: Money = F(N_("预计单价"), gt=0, le=100_000_000)
    reason: str = F(N_("采购理由"), min_length=4, max_length=200, rows=3)


class BuyForm(BaseModel):
    supplier: str = F(N_("供应商"), min_length=2, max_length=60)
    unit_price: Money = F(N_("成交单价"), gt=0, le=100_000_000)
    invoice: str = F(N_("发票号"), "", max_length=40)


async def _count(work: Work, item: SupplyItem, form: CountForm) -> None:
    await commands.count(work, item, counted=form.counted, reason=form.reason)


async def _ask(work: Work, requisition: Requisition, _form: Any) -> None:
    await commands.ask(work, requisition)


async def _sign_approval(work: Work, record: Any, _form: Any) -> None:
    record.approved_by = work.actor.id


async def _issue(work: Work, requisition: Requisition, form: IssueForm | None) -> Choice:
    return await commands.issue(work, requisition, form.quantity if form else None)


async def _signed(work: Work, requisition: Requisition, _form: Any) -> None:
    requisition.signed_at = work.now


async def _plan(work: Work, purchase: Purchase, _form: Any) -> None:
    await commands.plan_purchase(work, purchase)


async def _buy(work: Work, purchase: Purchase, _form: Any) -> None:
    await commands.buy(work, purchase)


async def _receive(work: Work, purchase: Purchase, _form: Any) -> None:
    await commands.receive(work, purchase)


async def _moves(work: Work, item: SupplyItem) -> dict[str, Any]:
    moves = await moves_of(work.session, item.id)
    return {"moves": moves, "names": await names(work, [m.created_by for m in moves])}


ITEMS = Register(
    "supplies", SupplyItem, dept="office", title=N_("物资台账"), icon="building-warehouse", serves=SERVES,
    help=N_("库存由入库、出库和盘点差异逐笔得出，低于安全库存的会标出"),
    form=ItemForm, number="WP", create=KEEPERS, edit=KEEPERS, title_of=lambda item: item.name, sort="no",
    columns=[
        Col("no", N_("物资编号"), "ref"), Col("name"), Col("category"), Col("spec"), Col("on_hand", N_("库存"), "num"),
        Col("minimum", N_("安全库存"), "num"), Col("unit"), Col("unit_price", N_("单价"), "money"), Col("location"),
        Col("short", N_("需补货"), "bool"), Col("name_en", detail_only=True), Col("durable", detail_only=True),
    ],
    search=("no", "name", "name_en", "spec"),
    filters={"category": N_("类别"), "short": N_("需补货"), "location": N_("存放位置")},
    actions=[
        Action("count", N_("登记盘点"), KEEPERS, icon="clipboard-check", tone="info", ask=CountForm, do=_count, note="reason", batch=False),
    ],
    panels=[Panel(N_("库存变动"), "office/item_moves.html", _moves)],
)

REQUISITIONS = Register(
    "requisitions", Requisition, dept="office", title=N_("办公用品申领"), icon="package", serves=SERVES,
    help=N_("提交、审批、发放全程留痕；发放后自动扣减库存"),
    form=RequisitionForm, number="SL", life=REQUISITION_LIFE, state=RequisitionState, create=("staff",),
    due=lambda r: r.needed_by, title_of=lambda r: r.item_name, on_create=_ask, on_edit=_ask,
    columns=[
        Col("no"), Col("item_name", N_("物品")), Col("qty"), Col("unit", N_("单位"), sort=False),
        Col("amount", N_("金额"), "money"), Col("created_by", N_("申领人"), "person"),
        Col("dept", N_("部门"), choice=Dept), Col("created_at", N_("申请日期"), "date"), Col("needed_by"), Col("state"),
        Col("urgency", detail_only=True), Col("reason", detail_only=True),
        Col("issued", N_("已发数量"), "num", detail_only=True), Col("approved_by", N_("审批人"), "person", detail_only=True),
        Col("issued_by", N_("发放人"), "person", detail_only=True), Col("reject_reason", N_("驳回原因"), detail_only=True),
        Col("signed_at", N_("签收时间"), "moment", detail_only=True),
    ],
    search=("no", "item_name", "created_by", "reason"),
    filters={
        "dept": N_("部门"), "category": Filter(N_("类别"), lambda _work: _categories()), "urgency": N_("紧急程度"),
    },
    actions=[
        Action("submit", N_("提交"), OWN, icon="send", tone="primary", serves=()),
        Action("approve", N_("批准"), APPROVERS, icon="check", tone="success", do=_sign_approval, separate=("created_by",)),
        Action("reject", N_("驳回"), APPROVERS, icon="x", tone="danger", ask=RejectForm, separate=("created_by",), note="reject_reason"),
        Action("issue", N_("发放"), KEEPERS, icon="package-export", tone="primary", ask=IssueForm, do=_issue),
        Action("settle", N_("余量不发"), KEEPERS, icon="package-off", confirm=N_("余下数量不再发放。"), batch=False),
        Action("sign", N_("签收"), OWN, icon="signature", tone="success", do=_signed, serves=()),
        Action("withdraw", N_("撤回"), OWN, icon="arrow-back-up", serves=(), row=False),
    ],
)

PURCHASES = Register(
    "purchases", Purchase, dept="office", title=N_("物资采购"), icon="shopping-cart", serves=SERVES,
    help=N_("一千元以上的采购，审批、采购、验收须为三人；单价一千元及以上的耐用品按固定资产入账"),
    form=PurchaseForm, number="GZ", life=PURCHASE_LIFE, state=PurchaseState, read=("OFF", "director", "head"),
    create=KEEPERS, edit=KEEPERS, title_of=lambda p: p.item_name, on_create=_plan, on_edit=_plan,
    columns=[
        Col("no"), Col("item_name", N_("物品")), Col("qty"), Col("unit_price", N_("单价"), "money"),
        Col("total", N_("金额"), "money"), Col("supplier", N_("供应商")), Col("fixed_asset", N_("固定资产"), "bool"),
        Col("created_at", N_("申请日期"), "date"), Col("state"), Col("reason", detail_only=True),
        Col("invoice", N_("发票号"), detail_only=True), Col("approved_by", N_("审批人"), "person", detail_only=True),
        Col("bought_by", N_("采购人"), "person", detail_only=True), Col("received_by", N_("验收人"), "person", detail_only=True),
        Col("reject_reason", N_("驳回原因"), detail_only=True),
    ],
    search=("no", "item_name", "supplier", "invoice"),
    filters={"fixed_asset": N_("固定资产"), "created_at": Filter(N_("申请日期"), kind="dates")},
    actions=[
        Action("submit", N_("提交"), OWN, icon="send", tone="primary"),
        Action("approve", N_("批准"), PURCHASE_APPROVERS, icon="check", tone="success", do=_sign_approval, separate=("created_by",)),
        Action("reject", N_("驳回"), PURCHASE_APPROVERS, icon="x", tone="danger", ask=RejectForm, separate=("created_by",), note="reject_reason"),
        Action("buy", N_("登记采购"), KEEPERS, icon="shopping-cart", tone="primary", ask=BuyForm, do=_buy, batch=False, note="supplier"),
        Action("receive", N_("验收入库"), RECEIVERS, icon="package-import", tone="success", do=_receive,
               confirm=N_("已清点数量并核对质量，入库后计入库存。"), batch=False),
        Action("cancel", N_("取消"), OWN, icon="ban", tone="danger", confirm=N_("取消后不能恢复。"), row=False),
    ],
)

MOVES = Register(
    "stock-moves", StockMove, dept="office", title=N_("库存流水"), icon="arrows-exchange", serves=SERVES,
    help=N_("只增不改，每笔都有编号与结存"), read=("OFF", "director", "head"),
    title_of=lambda move: move.item_name,
    columns=[
        Col("no", N_("流水号"), "ref"), Col("created_at", N_("时间"), "moment"), Col("kind", N_("类型"), choice=MoveKind),
        Col("item_no", N_("物资编号")), Col("item_name", N_("物品")), Col("quantity", N_("数量"), "num"),
        Col("balance", N_("结存"), "num"), Col("unit_price", N_("单价"), "money"), Col("cost", N_("金额"), "money"),
        Col("dept", N_("领用部门"), choice=Dept), Col("receiver", N_("领用人"), "person"), Col("document", N_("单据")),
        Col("created_by", N_("经手人"), "person"), Col("reason", N_("说明"), detail_only=True),
    ],
    search=("no", "item_no", "item_name", "document"),
    filters={"kind": N_("类型"), "dept": N_("领用部门"), "created_at": Filter(N_("时间"), kind="dates")},
)

REGISTERS = (ITEMS, REQUISITIONS, PURCHASES, MOVES)


async def _categories() -> list[tuple[str, str]]:
    return [(c.value, c.label) for c in Category]
