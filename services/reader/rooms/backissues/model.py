"""Bundles and the issues in them, batches for the binder, and how long a title is kept."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.reader.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice


class BundleState(Choice):
    """Where a bundle is in its life."""

    stored = "stored", N_("存放中"), "info"
    ready = "ready", N_("待送装"), "warning"
    sent = "sent", N_("送装中"), "primary"
    returned = "returned", N_("已装回，待上架"), "accent"
    shelved = "shelved", N_("合订本在架"), "success"
    proposed = "proposed", N_("剔除待审批"), "warning"
    discarded = "discarded", N_("已剔除"), "secondary"
    dissolved = "dissolved", N_("已拆捆"), "secondary"


class Outcome(Choice):
    """What the binder made of a bundle in a batch."""

    out = "out", N_("未装回"), "primary"
    bound = "bound", N_("已装订"), "success"
    unbound = "unbound", N_("未装退回"), "danger"
    redo = "redo", N_("不合格返工"), "danger"


class BackBundle(Base):
    """`gaps` are the labels of what is lacking, written down when the bundle was made ready; `barcode` is the bound volume's own."""

    __tablename__ = "back_bundle"
    __table_args__ = (
        CheckConstraint("from_on <= to_on", name="span"),
        CheckConstraint("state <> 'shelved' OR (barcode <> '' AND call_number <> '')", name="shelved"),
        CheckConstraint("state <> 'discarded' OR decided_by <> proposed_by", name="two"),
        Index("uq_back_bundle_barcode", "barcode", unique=True, postgresql_where=text("barcode <> ''")),
        Index("ix_back_bundle_state", "state", "to_on"), Index("ix_back_bundle_title", "title_id", "from_on"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    number: Mapped[str] = mapped_column(unique=True)
    title_id: Mapped[UUID] = mapped_column(ForeignKey("serial_title.id"))
    from_on: Mapped[date]
    to_on: Mapped[date]
    label: Mapped[str]
    state: Mapped[BundleState] = mapped_column(default=BundleState.stored)
    place: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    gaps: Mapped[list[str]] = mapped_column(default=list)
    gap_reason: Mapped[str] = mapped_column(default="")
    spine: Mapped[str] = mapped_column(default="")
    colour: Mapped[str] = mapped_column(default="")
    ready_at: Mapped[datetime | None] = mapped_column(default=None)
    ready_by: Mapped[str] = mapped_column(default="")
    sent_at: Mapped[datetime | None] = mapped_column(default=None)
    sent_by: Mapped[str] = mapped_column(default="")
    returned_at: Mapped[datetime | None] = mapped_column(default=None)
    returned_by: Mapped[str] = mapped_column(default="")
    barcode: Mapped[str] = mapped_column(default="")
    call_number: Mapped[str] = mapped_column(default="")
    room: Mapped[str] = mapped_column(default="")
    rack: Mapped[str] = mapped_column(default="")
    shelved_at: Mapped[datetime | None] = mapped_column(default=None)
    shelved_by: Mapped[str] = mapped_column(default="")
    proposed_at: Mapped[datetime | None] = mapped_column(default=None)
    proposed_by: Mapped[str] = mapped_column(default="")
    proposed_why: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None] = mapped_column(default=None)
    decided_by: Mapped[str] = mapped_column(default="")
    remark: Mapped[str] = mapped_column(default="")


class BackBundleIssue(Base):
    """An issue lies in one bundle at most."""

    __tablename__ = "back_bundle_issue"
    __table_args__ = (UniqueConstraint("issue_id"), Index("ix_back_bundle_issue_bundle", "bundle_id"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    bundle_id: Mapped[UUID] = mapped_column(ForeignKey("back_bundle.id"))
    issue_id: Mapped[UUID] = mapped_column(ForeignKey("serial_issue.id"))
    added_at: Mapped[datetime]
    added_by: Mapped[str]


class BindingBatch(Base):
    """What went to the binder together."""

    __tablename__ = "binding_batch"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    number: Mapped[str] = mapped_column(unique=True)
    binder: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    due_on: Mapped[date | None] = mapped_column(default=None)
    sent_at: Mapped[datetime]
    sent_by: Mapped[str]


class BindingLine(Base):
    """A bundle in a batch; it is away in one batch at a time."""

    __tablename__ = "binding_line"
    __table_args__ = (
        UniqueConstraint("batch_id", "bundle_id"),
        Index("uq_binding_line_out", "bundle_id", unique=True, postgresql_where=text("outcome = 'out'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("binding_batch.id"))
    bundle_id: Mapped[UUID] = mapped_column(ForeignKey("back_bundle.id"))
    outcome: Mapped[Outcome] = mapped_column(default=Outcome.out)
    remark: Mapped[str] = mapped_column(default="")
    # What the workshop told: when it counted the bundle in, why it sends it back.
    counted_at: Mapped[datetime | None] = mapped_column(default=None)
    why_back: Mapped[str] = mapped_column(default="")
    back_at: Mapped[datetime | None] = mapped_column(default=None)
    back_by: Mapped[str] = mapped_column(default="")


class BackKeeping(Base):
    """How many years a title is kept after its last cover date, against the custom of its kind; 0 is for ever."""

    __tablename__ = "back_keeping"
    __table_args__ = (CheckConstraint("years >= 0", name="years"), UniqueConstraint("title_id"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    title_id: Mapped[UUID] = mapped_column(ForeignKey("serial_title.id"))
    years: Mapped[int]
    reason: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[str]
