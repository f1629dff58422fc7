"""Plans and runs of backups."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from services.tech.database import Base
from shared.i18n import N_
from shared.states import Choice
from shared.web.register import Case, Searchable


class PlanState(Choice):
    """Whether a system is backed up as planned."""

    running = "running", N_("执行中"), "success"
    due = "due", N_("待恢复测试"), "warning"
    stopped = "stopped", N_("已停用"), "secondary"


class RunKind(Choice):
    """What was done."""

    backup = "backup", N_("备份"), "info"
    test = "test", N_("恢复测试"), "primary"


class RunState(Choice):
    """What came of it."""

    good = "good", N_("成功"), "success"
    unproven = "unproven", N_("待核实"), "warning"
    proven = "proven", N_("已核实"), "success"
    failed = "failed", N_("失败，待处理"), "danger"
    handled = "handled", N_("已处理"), "secondary"


class BackupPlan(Searchable, Case, Base):
    """A system, and how it is kept; `no` is a short name of it. Sizes in bytes, `failures` in a row."""

    __tablename__ = "backup_plan"
    __search__ = ("no", "name", "contents")
    __table_args__ = (CheckConstraint("every_days > 0 AND test_days > 0", name="days"),)

    name: Mapped[str]
    contents: Mapped[str] = mapped_column(default="")
    method: Mapped[str] = mapped_column(default="")
    elsewhere: Mapped[str] = mapped_column(default="")
    every_days: Mapped[int] = mapped_column(default=1)
    test_days: Mapped[int] = mapped_column(default=183)
    last_good_at: Mapped[datetime | None]
    last_bytes: Mapped[int] = mapped_column(default=0)
    last_test_at: Mapped[datetime | None]
    last_test_seconds: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)


class BackupRun(Searchable, Case, Base):
    """One backup or restore test; `archive` is the name of the file, `incident` the order a second failure opened."""

    __tablename__ = "backup_run"
    __search__ = ("no", "plan", "plan_name", "archive")
    __table_args__ = (
        Index("ix_backup_run_plan", "plan", "ended_at"),
        CheckConstraint("seconds >= 0 AND bytes >= 0", name="figures"),
    )

    plan: Mapped[str]
    plan_name: Mapped[str] = mapped_column(default="")
    kind: Mapped[RunKind]
    ended_at: Mapped[datetime]
    seconds: Mapped[int] = mapped_column(default=0)
    bytes: Mapped[int] = mapped_column(default=0)
    archive: Mapped[str] = mapped_column(default="")
    proof: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    handling: Mapped[str] = mapped_column(default="")
    incident: Mapped[str] = mapped_column(default="")
