"""One row per item: what the catalogue says of it, and where it stands on each axis."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.reader.database import Base
from shared.i18n import N_
from shared.states import Choice


class Circulation(Choice):
    """Where the item is, as far as lending goes."""

    in_process = "in_process", N_("加工中"), "secondary"
    in_handover = "in_handover", N_("交接中"), "info"
    to_shelve = "to_shelve", N_("待上架"), "info"
    available = "available", N_("在架"), "success"
    on_loan = "on_loan", N_("借出"), "warning"
    hold_shelf = "hold_shelf", N_("预约架"), "warning"
    in_transit = "in_transit", N_("通借途中"), "info"
    in_house_use = "in_house_use", N_("馆内阅览"), "info"
    relocating = "relocating", N_("调拨中"), "info"
    missing = "missing", N_("清点未见"), "danger"
    lost = "lost", N_("遗失"), "danger"
    claimed_returned = "claimed_returned", N_("声称已还"), "warning"
    replaced = "replaced", N_("已赔书替换"), "secondary"


class Condition(Choice):
    """Whether the item is fit to be read."""

    sound = "sound", N_("完好"), "success"
    unchecked = "unchecked", N_("待验盘"), "warning"
    damaged = "damaged", N_("破损"), "danger"
    desk_repair = "desk_repair", N_("前台修补"), "warning"
    in_repair = "in_repair", N_("工场修补"), "warning"
    re_inspection = "re_inspection", N_("待回验"), "info"
    irreparable = "irreparable", N_("无法修补"), "danger"
    digitising = "digitising", N_("数字化中"), "info"
    at_bindery = "at_bindery", N_("装订中"), "info"


class Stock(Choice):
    """Whether the item belongs to the stock; decided by resources."""

    in_stock = "in_stock", N_("在藏"), "success"
    withdrawal_candidate = "withdrawal_candidate", N_("剔旧候选"), "warning"
    withdrawn = "withdrawn", N_("已剔除"), "secondary"


class Custodian(Choice):
    """The department that has the item in its hands and alone may move it."""

    reader = "reader", N_("读者服务部"), "accent"
    resources = "resources", N_("资源建设部"), "info"


class Use(Choice):
    """What the collection allows the item for."""

    loan = "loan", N_("可外借"), "success"
    reference = "reference", N_("仅供阅览"), "secondary"
    closed = "closed", N_("特藏不外借"), "secondary"


class Item(Base):
    """An item; its moves are told by events, so the audit trail does not repeat them."""

    __tablename__ = "item"
    __audit__ = False
    __plain__ = True
    __table_args__ = (
        # "Is any copy of this title free?" must not depend on how many copies there are.
        Index(
            "ix_item_free", "instance_id",
            postgresql_where=text(
                "circulation = 'available' AND condition = 'sound' AND stock = 'in_stock' AND use = 'loan'"
            ),
        ),
        Index("ix_item_with_patron", "patron_id", postgresql_where=text("patron_id IS NOT NULL")),
        Index("ix_item_instance", "instance_id"),
        Index("ix_item_condition", "condition", postgresql_where=text("condition <> 'sound'")),
        Index("ix_item_disc", "barcode", postgresql_where=text("kind = 'disc'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    barcode: Mapped[str] = mapped_column(unique=True)
    instance_id: Mapped[str]
    title: Mapped[str]
    call_number: Mapped[str] = mapped_column(default="")
    location: Mapped[str] = mapped_column(default="")
    location_name: Mapped[str] = mapped_column(default="")
    location_name_en: Mapped[str] = mapped_column(default="")
    price_fen: Mapped[int] = mapped_column(default=0)
    copy_no: Mapped[int] = mapped_column(default=1)
    volume: Mapped[str] = mapped_column(default="")
    kind: Mapped[str] = mapped_column(default="book")
    use: Mapped[Use] = mapped_column(default=Use.loan)

    circulation: Mapped[Circulation] = mapped_column(default=Circulation.available)
    condition: Mapped[Condition] = mapped_column(default=Condition.sound)
    stock: Mapped[Stock] = mapped_column(default=Stock.in_stock)
    custodian: Mapped[Custodian] = mapped_column(default=Custodian.reader)
    strip_on: Mapped[bool] = mapped_column(default=True)
    patron_id: Mapped[UUID | None] = mapped_column(default=None)
    moved_at: Mapped[datetime | None] = mapped_column(default=None)
    loans: Mapped[int] = mapped_column(default=0)


class FormerBarcode(Base):
    """A barcode an item bore before: it goes on answering for that item and is never given again."""

    __tablename__ = "former_barcode"
    __audit__ = False

    barcode: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"), index=True)
    ended_at: Mapped[datetime]
    ended_by: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
