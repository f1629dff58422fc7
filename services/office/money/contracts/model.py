"""Contracts, and the sheet of their reviews."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.office.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice
from shared.web.register.case import Case, Searchable


class ContractState(Choice):
    """How a contract stands."""

    draft = "draft", N_("草稿"), "secondary"
    business = "business", N_("部门审核"), "warning"
    finance = "finance", N_("财务审核"), "warning"
    legal = "legal", N_("法务审计审核"), "warning"
    leader = "leader", N_("馆领导审批"), "warning"
    returned = "returned", N_("已退回"), "danger"
    approved = "approved", N_("已批准，待签订"), "info"
    signed = "signed", N_("已签订盖章"), "primary"
    in_force = "in_force", N_("履行中"), "success"
    completed = "completed", N_("履行完毕"), "secondary"
    terminated = "terminated", N_("已解除"), "danger"
    expired = "expired", N_("已到期"), "secondary"
    withdrawn = "withdrawn", N_("已撤回"), "secondary"


class Stage(Choice):
    """Who looked."""

    business = "business", N_("部门审核"), "info"
    finance = "finance", N_("财务审核"), "info"
    legal = "legal", N_("法务审计审核"), "info"
    leader = "leader", N_("馆领导审批"), "info"


class Contract(Searchable, Case, Base):
    """Money in fen. `round` counts the versions that went to review; `main` is the contract a supplement belongs to.

    `paid` and `prepaid` follow the vouchers that were executed on it; `added` what its signed supplements add.
    """

    __tablename__ = "contract"
    __search__ = ("no", "subject", "party", "main", "reference")
    __table_args__ = (
        # One running contract for a case of another department.
        Index(
            "uq_contract_reference", "reference", unique=True, postgresql_where=text("reference <> '' AND state <> 'withdrawn'"),
        ),
        CheckConstraint("amount >= 0 AND added >= 0", name="amount"),
        CheckConstraint("to_on >= from_on", name="term"),
        CheckConstraint("prepay_percent BETWEEN 0 AND 100", name="prepay"),
        # The last word on two payments at once: never more than the contract is worth, never more in advance than it allows.
        CheckConstraint("paid >= 0 AND paid <= amount + added", name="paid"),
        CheckConstraint("prepaid >= 0 AND prepaid <= (amount + added) * prepay_percent / 100", name="prepaid"),
        CheckConstraint("business_by = '' OR business_by <> created_by", name="business"),
        CheckConstraint("finance_by = '' OR finance_by NOT IN (created_by, business_by)", name="finance"),
        CheckConstraint("legal_by = '' OR legal_by NOT IN (created_by, business_by, finance_by)", name="legal"),
        CheckConstraint("approved_by = '' OR approved_by NOT IN (created_by, business_by, finance_by, legal_by)", name="leader"),
    )

    subject: Mapped[str]
    party: Mapped[str]
    qualification: Mapped[str] = mapped_column(default="")
    dept: Mapped[str] = mapped_column(default="")
    amount: Mapped[int]
    added: Mapped[int] = mapped_column(default=0)
    fund: Mapped[str] = mapped_column(default="")
    from_on: Mapped[date]
    to_on: Mapped[date]
    prepay_percent: Mapped[int] = mapped_column(default=0)
    # One payment a line: day, yuan, on what condition.
    plan: Mapped[str] = mapped_column(default="")
    clauses: Mapped[str] = mapped_column(default="")
    main: Mapped[str] = mapped_column(default="", index=True)
    round: Mapped[int] = mapped_column(default=0)
    # The case of another department it was asked for by, its page, and which version of it lies here.
    reference: Mapped[str] = mapped_column(default="")
    source: Mapped[str] = mapped_column(default="")
    edition: Mapped[int] = mapped_column(default=0)
    business_by: Mapped[str] = mapped_column(default="")
    finance_by: Mapped[str] = mapped_column(default="")
    legal_by: Mapped[str] = mapped_column(default="")
    approved_by: Mapped[str] = mapped_column(default="")
    approved_on: Mapped[date | None]
    return_reason: Mapped[str] = mapped_column(default="")
    signed_on: Mapped[date | None]
    signer: Mapped[str] = mapped_column(default="")
    seal_no: Mapped[str] = mapped_column(default="")
    end_reason: Mapped[str] = mapped_column(default="")
    paid: Mapped[int] = mapped_column(default=0)
    prepaid: Mapped[int] = mapped_column(default=0)
    # The last reminder of the end that was sent, in days (90, 30, 7); 0: none.
    reminded: Mapped[int] = mapped_column(default=0)
    chased_on: Mapped[date | None]

    @property
    def worth(self) -> int:
        """With its supplements."""
        return self.amount + self.added


class ContractReview(Base):
    """One opinion on one version; never changed, so that the sheet shows what was said of every version."""

    __tablename__ = "contract_review"
    __audit__ = False
    __table_args__ = (Index("ix_contract_review_contract", "contract", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    contract: Mapped[str]
    round: Mapped[int]
    stage: Mapped[Stage]
    passed: Mapped[bool]
    opinion: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]
