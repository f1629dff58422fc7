"""Items, the moves of their stock, requisitions and purchases."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, column_property, mapped_column

from services.office.database import Base
from shared.i18n import N_
from shared.states import Choice
from shared.web.register.case import Case, Searchable, Thing


class Category(Choice):
    """What kind of goods it is."""

    paper = "paper", N_("纸品"), "secondary"
    stationery = "stationery", N_("文具"), "secondary"
    printing = "printing", N_("打印耗材"), "secondary"
    processing = "processing", N_("图书加工用品"), "secondary"
    cleaning = "cleaning", N_("清洁防护"), "secondary"
    electronics = "electronics", N_("电子配件"), "secondary"
    durable = "durable", N_("耐用物品"), "secondary"


class MoveKind(Choice):
    """Why stock changed."""

    receipt = "receipt", N_("入库"), "success"
    issue = "issue", N_("出库"), "info"
    difference = "difference", N_("盘点差异"), "warning"


class Urgency(Choice):
    """How soon the goods are needed."""

    normal = "normal", N_("一般"), "secondary"
    urgent = "urgent", N_("加急"), "warning"


class RequisitionState(Choice):
    """How a requisition stands."""

    draft = "draft", N_("草稿"), "secondary"
    submitted = "submitted", N_("待审批"), "warning"
    approved = "approved", N_("待发放"), "info"
    part_issued = "part_issued", N_("部分发放"), "info"
    issued = "issued", N_("待签收"), "primary"
    signed = "signed", N_("已签收"), "success"
    rejected = "rejected", N_("已驳回"), "danger"
    withdrawn = "withdrawn", N_("已撤回"), "secondary"


class PurchaseState(Choice):
    """How a purchase stands."""

    draft = "draft", N_("草稿"), "secondary"
    submitted = "submitted", N_("待审批"), "warning"
    approved = "approved", N_("待采购"), "info"
    bought = "bought", N_("待验收"), "primary"
    received = "received", N_("已入库"), "success"
    rejected = "rejected", N_("已驳回"), "danger"
    cancelled = "cancelled", N_("已取消"), "secondary"


class StockMove(Thing, Base):
    """One change of an item's stock, with the balance after it; never changed, never removed."""

    __tablename__ = "stock_move"
    __audit__ = False
    __table_args__ = (
        UniqueConstraint("item_id", "serial"),
        CheckConstraint("balance >= 0", name="balance"),
        CheckConstraint("quantity <> 0", name="quantity"),
        Index("ix_stock_move_kind", "kind", "created_at"),
    )

    item_id: Mapped[UUID] = mapped_column(ForeignKey("supply_item.id"))
    serial: Mapped[int]
    item_no: Mapped[str]
    item_name: Mapped[str]
    kind: Mapped[MoveKind]
    quantity: Mapped[int]
    balance: Mapped[int]
    unit: Mapped[str] = mapped_column(default="")
    unit_price: Mapped[int] = mapped_column(default=0)
    cost: Mapped[int] = mapped_column(default=0)
    dept: Mapped[str] = mapped_column(default="", index=True)
    receiver: Mapped[str] = mapped_column(default="")
    document: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")


class SupplyItem(Searchable, Thing, Base):
    """Something the store keeps; what is on hand follows from its moves."""

    __tablename__ = "supply_item"
    __search__ = ("no", "name", "name_en", "spec")

    name: Mapped[str] = mapped_column(unique=True)
    name_en: Mapped[str] = mapped_column(default="")
    category: Mapped[Category]
    spec: Mapped[str] = mapped_column(default="")
    unit: Mapped[str] = mapped_column(default="")
    unit_price: Mapped[int] = mapped_column(default=0)
    minimum: Mapped[int] = mapped_column(default=0)
    location: Mapped[str] = mapped_column(default="")
    durable: Mapped[bool] = mapped_column(default=False)


_on_hand = (
    select(func.coalesce(func.max(StockMove.balance), 0))
    .where(
        StockMove.item_id == SupplyItem.id,
        StockMove.serial == select(func.max(StockMove.serial)).where(StockMove.item_id == SupplyItem.id)
        .correlate(SupplyItem).scalar_subquery(),
    )
    .correlate(SupplyItem).scalar_subquery()
)
SupplyItem.on_hand = column_property(_on_hand, expire_on_flush=True)
SupplyItem.short = column_property(_on_hand < SupplyItem.minimum)


class Requisition(Searchable, Case, Base):
    """A colleague asks for goods; `created_by` is who asks."""

    __tablename__ = "requisition"
    __search__ = ("no", "item_name", "created_by", "reason")

    item: Mapped[str]
    item_name: Mapped[str]
    unit: Mapped[str] = mapped_column(default="")
    qty: Mapped[int]
    amount: Mapped[int] = mapped_column(default=0)
    category: Mapped[str] = mapped_column(default="")
    dept: Mapped[str] = mapped_column(default="")
    urgency: Mapped[Urgency] = mapped_column(default=Urgency.normal)
    needed_by: Mapped[date]
    reason: Mapped[str]
    issued: Mapped[int] = mapped_column(default=0)
    approved_by: Mapped[str] = mapped_column(default="")
    issued_by: Mapped[str] = mapped_column(default="")
    reject_reason: Mapped[str] = mapped_column(default="")
    signed_at: Mapped[datetime | None]


class Purchase(Searchable, Case, Base):
    """Goods to be bought for the store."""

    __tablename__ = "purchase"
    __search__ = ("no", "item_name", "supplier", "invoice")

    item: Mapped[str]
    item_name: Mapped[str]
    unit: Mapped[str] = mapped_column(default="")
    qty: Mapped[int]
    unit_price: Mapped[int]
    total: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str]
    supplier: Mapped[str] = mapped_column(default="")
    invoice: Mapped[str] = mapped_column(default="")
    fixed_asset: Mapped[bool] = mapped_column(default=False)
    approved_by: Mapped[str] = mapped_column(default="")
    bought_by: Mapped[str] = mapped_column(default="")
    received_by: Mapped[str] = mapped_column(default="")
    reject_reason: Mapped[str] = mapped_column(default="")
