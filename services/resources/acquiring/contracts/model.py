"""A contract of resource development, and the versions of it that went to the office."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.resources.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice
from shared.web.register import Case, Searchable


class ContractState(Choice):
    """How it stands."""

    draft = "draft", N_("草稿"), "secondary"
    submitted = "submitted", N_("办公室审核中"), "warning"
    returned = "returned", N_("已退回，待修改"), "danger"
    approved = "approved", N_("已批准，待签订"), "info"
    in_force = "in_force", N_("已签订盖章"), "success"
    ended = "ended", N_("已终止"), "secondary"
    withdrawn = "withdrawn", N_("已撤回"), "secondary"


class ContractKind(Choice):
    """What is agreed on."""

    purchase = "purchase", N_("采购合同"), "info"
    licence = "licence", N_("使用许可"), "primary"
    service = "service", N_("服务合同"), "secondary"


class PurchaseContract(Searchable, Case, Base):
    """`edition` counts the versions that went to the office, whose own number is `office_no`; money in fen.

    `worth` is what it is good for with its supplements, once it is approved; `ending` how it ended (completed, terminated, expired).
    """

    __tablename__ = "purchase_contract"
    __search__ = ("no", "office_no", "subject", "supplier_name")
    __table_args__ = (
        CheckConstraint("amount > 0 AND worth >= 0", name="amount"),
        CheckConstraint("to_on >= from_on", name="term"),
        CheckConstraint("prepay_percent BETWEEN 0 AND 100", name="prepay"),
        Index("uq_purchase_contract_office_no", "office_no", unique=True, postgresql_where=text("office_no <> '' AND state <> 'withdrawn'")),
    )

    kind: Mapped[ContractKind] = mapped_column(default=ContractKind.purchase)
    subject: Mapped[str]
    supplier: Mapped[str]
    supplier_name: Mapped[str] = mapped_column(default="")
    fund: Mapped[str]
    amount: Mapped[int]
    worth: Mapped[int] = mapped_column(default=0)
    from_on: Mapped[date]
    to_on: Mapped[date]
    prepay_percent: Mapped[int] = mapped_column(default=0)
    plan: Mapped[str] = mapped_column(default="")
    clauses: Mapped[str] = mapped_column(default="")
    qualification: Mapped[str] = mapped_column(default="")
    edition: Mapped[int] = mapped_column(default=0)
    submitted_by: Mapped[str] = mapped_column(default="")
    return_reason: Mapped[str] = mapped_column(default="")
    office_no: Mapped[str] = mapped_column(default="")
    approved_on: Mapped[date | None]
    signed_on: Mapped[date | None]
    # The office asked for the signed copy on that day: until it is there nothing is paid.
    chased_on: Mapped[date | None]
    # The office reminded of the end on that day.
    reminded_on: Mapped[date | None]
    ending: Mapped[str] = mapped_column(default="")
    end_reason: Mapped[str] = mapped_column(default="")
    renews: Mapped[str] = mapped_column(default="")


class ContractEdition(Base):
    """What went to the office as one version, and what it said of it."""

    __tablename__ = "purchase_contract_edition"
    __table_args__ = (UniqueConstraint("contract", "edition"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    contract: Mapped[str]
    edition: Mapped[int]
    amount: Mapped[int]
    from_on: Mapped[date]
    to_on: Mapped[date]
    prepay_percent: Mapped[int]
    plan: Mapped[str]
    clauses: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]
    # returned, approved; empty while the office looks.
    answer: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None]
