"""A small department of two registers: a case with a life, and a plain thing without one."""

from __future__ import annotations

from datetime import date

from pydantic import ValidationInfo, field_validator
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.database import Table, new_metadata
from shared.i18n import N_
from shared.refusals import Refusal
from shared.service import Service
from shared.states import Choice
from shared.web.pages import Area
from shared.web.register import (
    Action,
    Case,
    Col,
    F,
    Files,
    Filter,
    Import,
    Money,
    Register,
    Searchable,
    Thing,
    search_router,
)


class Base(Table, DeclarativeBase):
    metadata = new_metadata()


class State(Choice):
    draft = "draft", N_("草稿"), "secondary"
    pending = "pending", N_("待审批"), "warning"
    approved = "approved", N_("待发放"), "info"
    issued = "issued", N_("已发放"), "success"
    rejected = "rejected", N_("已驳回"), "danger"


class Urgency(Choice):
    normal = "normal", N_("普通")
    urgent = "urgent", N_("加急"), "warning"


LIFE = {
    (State.draft, "submit"): State.pending,
    (State.pending, "approve"): State.approved,
    (State.pending, "reject"): State.rejected,
    (State.approved, "issue"): State.issued,
}


class Requisition(Searchable, Case, Base):
    __tablename__ = "requisition"
    __search__ = ("no", "item")

    state: Mapped[State] = mapped_column(index=True)
    item: Mapped[str]
    qty: Mapped[int]
    amount_cents: Mapped[int] = mapped_column(default=0)
    urgency: Mapped[Urgency] = mapped_column(default=Urgency.normal)
    dept: Mapped[str]
    needed_on: Mapped[date]
    reason: Mapped[str]
    reject_reason: Mapped[str | None]


class StockItem(Thing, Base):
    __tablename__ = "stock_item"

    name: Mapped[str]
    code: Mapped[str] = mapped_column(unique=True)
    on_hand: Mapped[int] = mapped_column(default=0)
    price_cents: Mapped[int] = mapped_column(default=0)


from pydantic import BaseModel  # noqa: E402


async def item_names(work, q):
    return [name for name in ("A4 复印纸 80g", "条码打印色带", "书立") if q in name]


class RequisitionForm(BaseModel):
    item: str = F(N_("物品"), max_length=60, help=N_("输入名称或扫描物资条码"), source=item_names)
    qty: int = F(N_("数量"), gt=0, le=500, unit=N_("件"), span=3)
    amount_cents: Money = F(N_("金额"), 0, ge=0, le=5_000_000, span=3)
    urgency: Urgency = F(N_("紧急程度"), Urgency.normal)
    dept: str = F(N_("部门"), max_length=40)
    needed_on: date = F(N_("需用日期"))
    reason: str = F(N_("用途"), min_length=5, max_length=200, rows=4, span=12)
    papers: Files = F(N_("附件"), default_factory=list)

    @field_validator("needed_on")
    @classmethod
    def not_past(cls, value: date, info: ValidationInfo) -> date:
        if info.context and value < info.context["today"]:
            raise ValueError(N_("需用日期不能早于今天"))
        return value


class RejectForm(BaseModel):
    reject_reason: str = F(N_("驳回原因"), min_length=2, max_length=200, rows=3, span=12)


class OutOfStock(Refusal):
    code = "out-of-stock"
    message = N_("库存不足")


async def deduct_stock(work, record, form):
    if record.qty > 400:
        raise OutOfStock


requisitions = Register(
    "requisitions", Requisition, dept="office", title=N_("办公用品申领"), icon="package", area=N_("保障"),
    help=N_("提交、审批、发放全程留痕；发放后自动扣减库存"), serves=("OFF-ADM-05",), number="SL",
    life=LIFE, state=State, form=RequisitionForm, sort="-created_at",
    columns=[
        Col("no", N_("单号"), "ref"), Col("item"), Col("qty", kind="num"), Col("amount_cents"),
        Col("created_by", N_("申领人")), Col("dept"), Col("needed_on"), Col("state"),
    ],
    search=["no", "item"], filters={"dept": N_("部门"), "urgency": N_("紧急程度"),
                                    "needed_on": Filter(N_("需用日期"), kind="dates")},
    read=("staff",), create=("staff",), edit=("@created_by",), delete=("@created_by",), attach=True,
    actions=[
        Action("submit", N_("提交"), icon="send", by=("@created_by",)),
        Action("approve", N_("批准"), icon="check", by=("OFF-ADM",), tone="success", separate=("created_by",)),
        Action("reject", N_("驳回"), icon="x", by=("OFF-ADM",), tone="danger", ask=RejectForm,
               separate=("created_by",), note="reject_reason"),
        Action("issue", N_("发放"), icon="package", by=("OFF-GEN",), do=deduct_stock,
               confirm=N_("发放后库存即扣减，确定吗？")),
    ],
    due=lambda r: r.needed_on, title_of=lambda r: r.item, import_=Import(),
)


class StockForm(BaseModel):
    code: str = F(N_("编码"), pattern=r"^[A-Z0-9-]+$", max_length=20)
    name: str = F(N_("名称"), max_length=60)
    on_hand: int = F(N_("库存"), 0, ge=0)
    price_cents: Money = F(N_("单价"), 0, ge=0)


stock = Register(
    "stock", StockItem, dept="office", title=N_("物资目录"), icon="box", number="WZ", form=StockForm,
    columns=[Col("no", N_("编号"), "ref"), Col("code"), Col("name"), Col("on_hand"), Col("price_cents", who=("OFF",))],
    search=["no", "code", "name"], read=("staff",), create=("OFF-ADM",), edit=("OFF-ADM",), delete=("OFF-ADM",),
    import_=Import(key="code"), sort="code",
)

registers = [requisitions, stock]

service = Service(
    name="office", title=N_("办公室"), title_en="General Office",
    areas=[Area(N_("保障"), [requisitions.entry(), stock.entry()])],
    registers=registers, routers=[search_router("office", registers)],
)
