"""Members, cards, deposits, boxes and settlements of the union."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.reader.database import Base
from services.reader.desk.charges.model import Method
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice


class BoxState(Choice):
    """Where a transit box is."""

    open = "open", N_("装箱中"), "warning"
    sent = "sent", N_("已寄出"), "info"
    received = "received", N_("对方已签收"), "success"


class SettlementState(Choice):
    """How far a month with a member is."""

    draft = "draft", N_("草稿"), "warning"
    checked = "checked", N_("已复核"), "info"
    closed = "closed", N_("已结清"), "success"


class DepositPosting(Choice):
    """What happened to money that is only held."""

    received = "received", N_("收押金"), "success"
    refunded = "refunded", N_("退押金"), "info"
    kept = "kept", N_("押金抵扣欠费"), "warning"
    restored = "restored", N_("退押金冲回"), "danger"


class LineKind(Choice):
    """What a line of the settlement counts; the sign of the money is in the rules."""

    cards = "cards", N_("新办联合证"), "secondary"
    loans_here = "loans_here", N_("对方读者在本馆借书"), "success"
    lent_there = "lent_there", N_("本馆图书在对方借出"), "success"
    loans_there = "loans_there", N_("本馆读者在对方借书"), "warning"
    returns_here = "returns_here", N_("对方图书还到本馆"), "success"
    returns_there = "returns_there", N_("本馆图书还到对方"), "warning"
    sent_home = "sent_home", N_("寄还对方图书"), "secondary"
    holds_sent = "holds_sent", N_("预约图书送往对方"), "secondary"
    lost_ours = "lost_ours", N_("对方读者遗失本馆图书"), "success"
    lost_theirs = "lost_theirs", N_("本馆读者遗失对方图书"), "warning"
    debts = "debts", N_("对方读者欠费"), "secondary"
    correction = "correction", N_("更正"), "info"


class Member(Base):
    """A library of the union; `pattern` tells its barcodes: `#` a digit, `*` (last) anything.

    `point` is the service point under which its readers fetch our books there; empty when they cannot.
    """

    __tablename__ = "union_member"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    short: Mapped[str]
    contact: Mapped[str] = mapped_column(default="")
    pattern: Mapped[str] = mapped_column(default="")
    active: Mapped[bool] = mapped_column(default=True)
    # What one transaction and one lost item cost between us, in fen, as agreed with this member.
    rate_fen: Mapped[int] = mapped_column(default=0)
    compensation_fen: Mapped[int] = mapped_column(default=0)
    point: Mapped[str] = mapped_column(default="")


class UnionCard(Base):
    """A patron's union card: which library the reader comes from, and the way of the deposit back.

    `ours` is false for a card the member issued: it holds the deposit, we only let its reader borrow.
    """

    __tablename__ = "union_card"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    patron_id: Mapped[UUID] = mapped_column(ForeignKey("patron.id"), unique=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("union_member.id"), index=True)
    issued_by: Mapped[str]
    issued_at: Mapped[datetime]
    ours: Mapped[bool] = mapped_column(default=True)
    refund_no: Mapped[str | None] = mapped_column(unique=True, default=None)
    refund_asked_by: Mapped[str] = mapped_column(default="")
    refund_asked_at: Mapped[datetime | None] = mapped_column(default=None)
    refund_approved_by: Mapped[str] = mapped_column(default="")
    refund_refused: Mapped[str] = mapped_column(default="")
    # The reader agreed that what is owed is taken from the deposit.
    refund_keeps: Mapped[bool] = mapped_column(default=False)
    closed_at: Mapped[datetime | None] = mapped_column(default=None)


class Deposit(Base):
    """Money held for a reader, never income and never debt; rows are only added.

    What came in went into a till (`shift_id`), what goes back is paid by the office (`voucher`), what was kept settled
    the debts of the receipt `settles` in the ledger: there it is income, here it is no longer held.
    """

    __tablename__ = "union_deposit"
    __audit__ = False
    __table_args__ = (
        Index("uq_union_deposit_once", "patron_id", "posting", "round", unique=True, postgresql_where=text("posting <> 'kept'")),
        CheckConstraint("(posting = 'kept') = (settles <> '')", name="settles"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    patron_id: Mapped[UUID] = mapped_column(ForeignKey("patron.id"))
    posting: Mapped[DepositPosting]
    amount_fen: Mapped[int]
    method: Mapped[Method | None] = mapped_column(default=None)
    receipt: Mapped[str] = mapped_column(unique=True)
    shift_id: Mapped[UUID | None] = mapped_column(ForeignKey("cash_shift.id"), default=None, index=True)
    voucher: Mapped[str] = mapped_column(default="")
    settles: Mapped[str] = mapped_column(default="")
    # How often its refund was undone before; what undoes one bears the same number.
    round: Mapped[int] = mapped_column(default=0, server_default="0")
    actor: Mapped[str]
    at: Mapped[datetime]


class Box(Base):
    """A transit box to one member; only one at a time is being filled."""

    __tablename__ = "union_box"
    __table_args__ = (
        Index("uq_union_box_open", "member_id", unique=True, postgresql_where=text("state = 'open'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    number: Mapped[str] = mapped_column(unique=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("union_member.id"))
    state: Mapped[BoxState] = mapped_column(default=BoxState.open)
    opened_at: Mapped[datetime]
    sent_at: Mapped[datetime | None] = mapped_column(default=None)
    sent_by: Mapped[str] = mapped_column(default="")
    carrier: Mapped[str] = mapped_column(default="")
    received_at: Mapped[datetime | None] = mapped_column(default=None)
    signed_by: Mapped[str] = mapped_column(default="")


class BoxItem(Base):
    """An item in a box; `home` when the member has signed for it.

    Without `transit` it is a member's item that came back to us; with it, one of ours that travels on that
    slip to whoever waits for it there. `counted_on` is the day it counts on in the settlement.
    """

    __tablename__ = "union_box_item"
    __table_args__ = (
        Index("uq_union_box_item_away", "barcode", unique=True, postgresql_where=text("NOT home")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    box_number: Mapped[str] = mapped_column(ForeignKey("union_box.number"), index=True)
    barcode: Mapped[str]
    transit: Mapped[str] = mapped_column(default="", index=True)
    returned_on: Mapped[date]
    counted_on: Mapped[date]
    home: Mapped[bool] = mapped_column(default=False)
    by: Mapped[str]
    at: Mapped[datetime]


class ReturnThere(Base):
    """An item of ours that a reader gave back at a member; `undone` by the database with its return."""

    __tablename__ = "union_return_there"
    __table_args__ = (
        Index("uq_union_return_there", "loan_id", unique=True, postgresql_where=text("NOT undone")),
        Index("ix_union_return_there_barcode", "barcode"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("union_member.id"), index=True)
    loan_id: Mapped[UUID] = mapped_column(ForeignKey("loan.id"))
    barcode: Mapped[str]
    returned_on: Mapped[date]
    counted_on: Mapped[date]
    undone: Mapped[bool] = mapped_column(default=False)
    by: Mapped[str]
    at: Mapped[datetime]


class LoanThere(Base):
    """A loan of our item that a member's desk made to one of its readers."""

    __tablename__ = "union_loan_there"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("union_member.id"), index=True)
    loan_id: Mapped[UUID] = mapped_column(ForeignKey("loan.id"), unique=True)
    lent_on: Mapped[date]
    counted_on: Mapped[date]
    by: Mapped[str]
    at: Mapped[datetime]


class Settlement(Base):
    """A month with a member; positive money is what they owe us."""

    __tablename__ = "union_settlement"
    __table_args__ = (UniqueConstraint("member_id", "month", name="uq_union_settlement"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    number: Mapped[str] = mapped_column(unique=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("union_member.id"))
    month: Mapped[date]
    state: Mapped[SettlementState] = mapped_column(default=SettlementState.draft)
    drafted_by: Mapped[str]
    checked_by: Mapped[str] = mapped_column(default="")
    closed_by: Mapped[str] = mapped_column(default="")
    closed_at: Mapped[datetime | None] = mapped_column(default=None)


class Line(Base):
    """One count of a settlement; the database refuses any change once it is closed.

    A counted line keeps the `rows` it counted ({ref, on, what, fen}, nobody's name). A correction names the
    closed settlement it `corrects`.
    """

    __tablename__ = "union_settlement_line"
    __audit_hide__ = ("rows",)
    __table_args__ = (
        CheckConstraint("NOT counted OR quantity = jsonb_array_length(rows)", name="rows_agree"),
        CheckConstraint("(kind = 'correction') = (corrects <> '')", name="corrects"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    settlement: Mapped[str] = mapped_column(ForeignKey("union_settlement.number"), index=True)
    kind: Mapped[LineKind]
    counted: Mapped[bool]
    quantity: Mapped[int]
    rate_fen: Mapped[int] = mapped_column(default=0)
    amount_fen: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(default="")
    corrects: Mapped[str] = mapped_column(default="")
    rows: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    by: Mapped[str]
    at: Mapped[datetime]
