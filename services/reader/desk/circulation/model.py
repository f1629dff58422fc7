"""A loan: an item with a patron until a due date."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.reader.database import Base
from shared.database import uuid7

OPEN = text("returned_at IS NULL")


class Loan(Base):
    """`barcode`, `title`, `call_number` are kept as they were, so that lists need no other table.

    `patron_id` and `card` are cut when the link between person and title is no longer needed.
    """

    __tablename__ = "loan"
    __plain__ = True
    __table_args__ = (
        Index("uq_loan_open", "item_id", unique=True, postgresql_where=OPEN),
        Index("ix_loan_due", "patron_id", "due_on", postgresql_where=OPEN),
        Index("ix_loan_recalled", "patron_id", "due_on", postgresql_where=text("returned_at IS NULL AND recalled_at IS NOT NULL")),
        Index("ix_loan_overdue", "due_on", postgresql_where=OPEN),
        Index("ix_loan_patron", "patron_id", "lent_at"),
        Index("ix_loan_item", "item_id", "lent_at"),
        Index("ix_loan_lent", "lent_at"),
        Index("ix_loan_returned", "returned_at"),
        # Returned and still somebody's: what forgetting looks for.
        Index("ix_loan_linked", "returned_at", postgresql_where=text("patron_id IS NOT NULL AND returned_at IS NOT NULL")),
        Index("ix_loan_renewed", "renewed_at", postgresql_where=text("renewed_at IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"))
    patron_id: Mapped[UUID | None] = mapped_column(ForeignKey("patron.id"))
    card: Mapped[str | None]
    barcode: Mapped[str]
    title: Mapped[str]
    call_number: Mapped[str] = mapped_column(default="")
    instance_id: Mapped[str]
    # Who it was in general, for counting: stays when the person is cut off.
    category: Mapped[str] = mapped_column(default="")
    college: Mapped[str] = mapped_column(default="")
    class_name: Mapped[str] = mapped_column(default="")
    lent_at: Mapped[datetime]
    lent_by: Mapped[str]
    due_on: Mapped[date]
    renewals: Mapped[int] = mapped_column(default=0)
    renewed_at: Mapped[datetime | None] = mapped_column(default=None)
    renewed_by: Mapped[str] = mapped_column(default="")
    # Who fetched it for the patron with their consent; the loan is the patron's all the same.
    delegate_card: Mapped[str] = mapped_column(default="")
    # Which rule, counted from when, moved by which closed days; and what was overridden by whom.
    explain: Mapped[dict[str, Any]] = mapped_column(default=dict)
    override: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    returned_at: Mapped[datetime | None] = mapped_column(default=None)
    returned_by: Mapped[str] = mapped_column(default="")
    fine_fen: Mapped[int] = mapped_column(default=0)
    fine_explain: Mapped[dict[str, Any] | None] = mapped_column(default=None)
    undone: Mapped[bool] = mapped_column(default=False)
    # Ended without the book: "lost" or "claimed"; fines stop on the day of the report.
    ended_as: Mapped[str] = mapped_column(default="")
    # A recall moves `due_on` forward; what was promised before stands beside it.
    recalled_at: Mapped[datetime | None] = mapped_column(default=None)
    recalled_by: Mapped[str] = mapped_column(default="")
    recall_reason: Mapped[str] = mapped_column(default="")
    due_before: Mapped[date | None] = mapped_column(default=None)
