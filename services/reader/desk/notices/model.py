"""What is to be told, the letters that told it, their wording, and who wants what."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.reader.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice


class Hook(Choice):
    """What happened, or is about to; the trigger on the outbox names the same values."""

    due_soon = "due_soon", N_("即将到期"), "warning"
    overdue = "overdue", N_("超期催还"), "danger"
    college = "college", N_("超期函告学院"), "danger"
    recall = "recall", N_("催还（有人预约）"), "warning"
    hold_ready = "hold_ready", N_("预约到书"), "success"
    hold_expiring = "hold_expiring", N_("预约保留将到期"), "warning"
    hold_expired = "hold_expired", N_("预约逾期未取"), "danger"
    hold_cancelled = "hold_cancelled", N_("预约取消"), "secondary"
    hold_postponed = "hold_postponed", N_("预约暂缓"), "info"
    loan_receipt = "loan_receipt", N_("借书回执"), "secondary"
    return_receipt = "return_receipt", N_("还书回执"), "secondary"
    slip = "slip", N_("借还凭条"), "secondary"
    fine_charged = "fine_charged", N_("费用通知"), "warning"
    card_lost = "card_lost", N_("读者证挂失"), "danger"
    card_unblocked = "card_unblocked", N_("读者证恢复"), "success"
    card_suspended = "card_suspended", N_("停借通知"), "warning"
    clearance = "clearance", N_("离校清还"), "accent"
    college_clearance = "college_clearance", N_("离校未清函告学院"), "danger"
    clearance_settled = "clearance_settled", N_("离校清理通过"), "success"
    orientation_passed = "orientation_passed", N_("借书已开通"), "success"
    suggestion = "suggestion", N_("荐购进展"), "accent"
    violation = "violation", N_("违章处理决定"), "danger"
    violation_judged = "violation_judged", N_("违章复核结果"), "warning"
    refund_undone = "refund_undone", N_("退款未付到"), "warning"


class NoticeState(Choice):
    """What became of it. `kept`: no mail went, the patron finds it in the account."""

    queued = "queued", N_("待发"), "info"
    sent = "sent", N_("已发"), "success"
    kept = "kept", N_("只在账户"), "accent"
    failed = "failed", N_("发送失败"), "danger"
    dropped = "dropped", N_("不必再发"), "secondary"


class Letter(Base):
    """What was written to one receiver at one time, word for word."""

    __tablename__ = "letter"
    __audit__ = False  # the letter is its own record; its words belong in no second place
    __table_args__ = (
        Index("ix_letter_patron", "patron_id", "made_at"),
        Index("ix_letter_made", "made_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    hook: Mapped[Hook]
    state: Mapped[NoticeState]
    patron_id: Mapped[UUID | None] = mapped_column(ForeignKey("patron.id"), default=None)
    college: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="zh")
    # 0 is the wording shipped with the suite.
    wording: Mapped[int] = mapped_column(default=0)
    subject: Mapped[str]
    text: Mapped[str]
    answer: Mapped[str] = mapped_column(default="")
    made_at: Mapped[datetime]


class Notice(Base):
    """One thing to be told once: `hook` says what, `about` of which loan, hold or charge, `stage` when.

    `party` is what goes into one letter together.
    """

    __tablename__ = "notice"
    __audit__ = False
    __table_args__ = (
        UniqueConstraint("hook", "about", "stage"),  # nothing is told twice
        Index("ix_notice_due", "next_at", postgresql_where=text("state = 'queued'")),
        Index("ix_notice_party", "party", postgresql_where=text("state = 'queued'")),
        Index("ix_notice_state", "state", "at"),
        Index("ix_notice_patron", "patron_id", "at"),
        Index("ix_notice_letter", "letter_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    hook: Mapped[Hook]
    about: Mapped[str]
    stage: Mapped[str] = mapped_column(default="")
    party: Mapped[str]
    patron_id: Mapped[UUID | None] = mapped_column(ForeignKey("patron.id"), default=None)
    college: Mapped[str] = mapped_column(default="")
    # Only for a trial of the wording: everybody else's address is looked up when the letter leaves.
    address: Mapped[str] = mapped_column(default="")
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[NoticeState] = mapped_column(default=NoticeState.queued)
    at: Mapped[datetime]
    next_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    answer: Mapped[str] = mapped_column(default="")
    letter_id: Mapped[UUID | None] = mapped_column(ForeignKey("letter.id"), default=None)
    by: Mapped[str] = mapped_column(default="")


class Wording(Base):
    """A version of what a hook's letters say in one language; the newest is used, old ones are kept."""

    __tablename__ = "notice_wording"
    __table_args__ = (UniqueConstraint("hook", "language", "version"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    hook: Mapped[Hook]
    language: Mapped[str]
    version: Mapped[int]
    subject: Mapped[str]
    text: Mapped[str]
    line: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]


class Wish(Base):
    """What one patron wants to hear beyond the usual (`extra`) and does not want (`without`)."""

    __tablename__ = "notice_wish"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    patron_id: Mapped[UUID] = mapped_column(ForeignKey("patron.id"), unique=True)
    language: Mapped[str] = mapped_column(default="zh")
    extra: Mapped[list[str]] = mapped_column(default=list)
    without: Mapped[list[str]] = mapped_column(default=list)


class CollegeContact(Base):
    """Who at a college receives the letters about long overdue loans and about leavers; `college` as patrons bear it."""

    __tablename__ = "college_contact"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    college: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
