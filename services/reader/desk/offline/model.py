"""Devices that may scan offline, their batches, and what became of each scan."""

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


class DeviceState(Choice):
    """Whether a device's batches are believed."""

    asked = "asked", N_("待批准"), "warning"
    active = "active", N_("可用"), "success"
    stopped = "stopped", N_("已停用"), "secondary"


class Result(Choice):
    """What became of a scan."""

    done = "done", N_("已办"), "success"
    against_rule = "against_rule", N_("已办，超出规则"), "warning"
    already = "already", N_("早已如此"), "secondary"
    conflict = "conflict", N_("冲突"), "danger"
    refused = "refused", N_("未办"), "danger"


class Decision(Choice):
    """How a person settled what could not be replayed."""

    taken_over = "taken_over", N_("先还后借"), "success"
    again = "again", N_("重新办理"), "success"
    dismissed = "dismissed", N_("不再处理"), "secondary"


class Device(Base):
    """`key` is the public key as a JSON web key; `last_*` is the end of the chain we have seen."""

    __tablename__ = "offline_device"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    key: Mapped[dict[str, Any]]
    state: Mapped[DeviceState] = mapped_column(default=DeviceState.asked)
    asked_at: Mapped[datetime]
    asked_by: Mapped[str]
    decided_at: Mapped[datetime | None] = mapped_column(default=None)
    decided_by: Mapped[str] = mapped_column(default="")
    last_seq: Mapped[int] = mapped_column(default=0)
    last_hash: Mapped[str] = mapped_column(default="")


class Batch(Base):
    """`id` is chosen by the device, so that a batch sent twice is one; `print_` is what was signed."""

    __tablename__ = "offline_batch"
    __table_args__ = (Index("ix_offline_batch_at", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    device_id: Mapped[UUID] = mapped_column(ForeignKey("offline_device.id"))
    at: Mapped[datetime]
    by: Mapped[str]
    print_: Mapped[str]


class Scan(Base):
    """One scan of a batch; `at` is when it was made, `by` who stood at the device."""

    __tablename__ = "offline_scan"
    __audit__ = False
    __table_args__ = (
        UniqueConstraint("batch_id", "seq"),
        Index(
            "ix_offline_scan_open", "batch_id",
            postgresql_where=text("result IN ('conflict', 'refused') AND decision IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("offline_batch.id"))
    seq: Mapped[int]
    at: Mapped[datetime]
    by: Mapped[str]
    mode: Mapped[str]
    card: Mapped[str]
    code: Mapped[str]
    result: Mapped[Result]
    title: Mapped[str] = mapped_column(default="")
    next: Mapped[str] = mapped_column(default="")
    loan_id: Mapped[UUID | None] = mapped_column(default=None)
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    decision: Mapped[Decision | None] = mapped_column(default=None)
    decided_at: Mapped[datetime | None] = mapped_column(default=None)
    decided_by: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
