"""What can be wrong with a record, what was found, and which records of a month are read again."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.resources.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice
from shared.web.register import Searchable, Thing


class Outcome(Choice):
    """What the proofreader decided."""

    passed = "passed", N_("通过"), "success"
    returned = "returned", N_("退回"), "danger"


class Kind(Choice):
    """What was read."""

    release = "release", N_("新记录"), "info"
    correction = "correction", N_("更正"), "info"
    sample = "sample", N_("抽查"), "secondary"


class DefectCode(Searchable, Thing, Base):
    """A kind of mistake and how heavy it is: 100 is a whole record wrong."""

    __tablename__ = "defect_code"
    __table_args__ = (CheckConstraint("weight BETWEEN 0 AND 100", name="weight"),)
    __search__ = ("no", "name", "name_en")

    name: Mapped[str]
    name_en: Mapped[str] = mapped_column(default="")
    weight: Mapped[int]
    active: Mapped[bool] = mapped_column(default=True)


class Proof(Base):
    """One reading of one version by one person."""

    __tablename__ = "proof"
    __table_args__ = (
        Index("ix_proof_cataloguer", "cataloguer", "at"), Index("ix_proof_instance", "instance_id", "at"),
        CheckConstraint("cataloguer <> proofreader", name="two_people"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    # No foreign key: the proof of a draft that was thrown away still counts for its cataloguer.
    instance_id: Mapped[UUID]
    number: Mapped[str]
    title: Mapped[str]
    version: Mapped[int]
    kind: Mapped[Kind]
    outcome: Mapped[Outcome]
    cataloguer: Mapped[str]
    proofreader: Mapped[str]
    # [{code, name, name_en, weight, tag, note}]: names and weights as they were that day.
    defects: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    penalty: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]


class SampleLine(Base):
    """A record of a month's work that is read again."""

    __tablename__ = "proof_sample"
    __table_args__ = (
        UniqueConstraint("month", "instance_id", name="uq_proof_sample_record"), Index("ix_proof_sample_month", "month", "cataloguer"),
    )
    __audit__ = False

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    month: Mapped[date]
    instance_id: Mapped[UUID] = mapped_column(ForeignKey("instance.id"))
    number: Mapped[str]
    title: Mapped[str]
    cataloguer: Mapped[str]
    version: Mapped[int]
    proof_id: Mapped[UUID | None] = mapped_column(ForeignKey("proof.id"))
