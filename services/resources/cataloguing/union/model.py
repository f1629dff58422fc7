"""Where the union catalogue is, who may contribute to it, what was contributed and what it answered."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.resources.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice
from shared.web.register import Case, Searchable, Thing


class Format(Choice):
    """How a record travels."""

    marcxml = "marcxml", "MARCXML", "secondary"
    iso2709 = "iso2709", "ISO 2709", "secondary"


class Level(Choice):
    """What a certificate allows."""

    trainee = "trainee", N_("见习（只下载）"), "secondary"
    cataloguer = "cataloguer", N_("编目员（可上传）"), "success"
    senior = "senior", N_("高级编目员（可上传）"), "accent"


class Scope(Choice):
    """For which records it is."""

    chinese = "cnmarc", N_("中文（CNMARC）"), "info"
    western = "marc21", N_("西文（MARC 21）"), "info"


class ContributionState(Choice):
    """How far a record is on its way into the union catalogue."""

    queued = "queued", N_("待上传"), "info"
    sending = "sending", N_("已发出"), "info"
    unclear = "unclear", N_("待核实"), "warning"
    returned = "returned", N_("退回待改"), "danger"
    fixed = "fixed", N_("改好待重传"), "info"
    accepted = "accepted", N_("已收录"), "success"
    duplicate = "duplicate", N_("对方已有"), "secondary"
    withdrawn = "withdrawn", N_("已撤销"), "secondary"
    given_up = "given_up", N_("不再上传"), "secondary"


class Act(Choice):
    """What is asked of the union catalogue."""

    create = "create", N_("新增"), "success"
    change = "change", N_("修改"), "info"
    remove = "remove", N_("撤销"), "danger"


class Outcome(Choice):
    """What the union catalogue said to one record."""

    accepted = "accepted", N_("已收录"), "success"
    returned = "returned", N_("退回"), "danger"
    duplicate = "duplicate", N_("对方已有"), "secondary"


class Service(Choice):
    """What libraries do for each other."""

    cataloguing = "cataloguing", N_("联合编目"), "info"
    lending = "lending", N_("馆际互借"), "info"
    delivery = "delivery", N_("文献传递"), "info"
    reference = "reference", N_("虚拟参考"), "info"
    training = "training", N_("业务培训"), "info"


class Direction(Choice):
    """Who gives."""

    offers = "offers", N_("本馆提供"), "success"
    receives = "receives", N_("本馆接受"), "info"
    both = "both", N_("互相提供"), "accent"


class UnionSettings(Base):
    """One row: the union catalogue. The password of the account is never here; the environment or a file holds it."""

    __tablename__ = "union_settings"

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    open: Mapped[bool] = mapped_column(default=False)
    name: Mapped[str] = mapped_column(default="")
    # Its control numbers are written "(code)number" into 035.
    code: Mapped[str] = mapped_column(default="")
    # Copying from this target is a download.
    target: Mapped[str] = mapped_column(default="")
    url: Mapped[str] = mapped_column(default="")
    inside: Mapped[bool] = mapped_column(default=False)
    account: Mapped[str] = mapped_column(default="")
    format: Mapped[Format] = mapped_column(default=Format.marcxml)
    every_hours: Mapped[int] = mapped_column(default=24)
    seconds: Mapped[int] = mapped_column(default=20)


class UnionLine(Base):
    """One row: how the line to it is. `failures` in a row make the pauses longer."""

    __tablename__ = "union_line"
    __audit__ = False

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    next_at: Mapped[datetime | None]
    last_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    failure: Mapped[str] = mapped_column(default="")
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Certificate(Searchable, Thing, Base):
    """A cataloguer's right to contribute, as the union catalogue gave it; `no` is the number on the paper."""

    __tablename__ = "union_certificate"
    __search__ = ("no", "person")
    __table_args__ = (
        Index("ix_union_certificate_person", "person", "valid_until"), CheckConstraint("valid_until >= issued_on", name="term"),
    )

    person: Mapped[str]
    level: Mapped[Level]
    scope: Mapped[Scope]
    issued_on: Mapped[date]
    valid_until: Mapped[date]


class Contribution(Searchable, Case, Base):
    """One record on its way. `request` names one sending; the union catalogue answers the same name with the same answer."""

    __tablename__ = "union_contribution"
    __search__ = ("no", "record", "title", "control_no")
    __table_args__ = (
        # A record is contributed once; given up, it may be proposed anew.
        Index("uq_union_contribution_record", "instance_id", unique=True, postgresql_where=text("state NOT IN ('given_up', 'withdrawn')")),
        Index("ix_union_contribution_waiting", "created_at", postgresql_where=text("state IN ('queued', 'fixed', 'unclear', 'sending')")),
    )

    instance_id: Mapped[UUID] = mapped_column(ForeignKey("instance.id"))
    record: Mapped[str]
    title: Mapped[str]
    dialect: Mapped[str]
    cataloguer: Mapped[str]
    act: Mapped[Act] = mapped_column(default=Act.create)
    request: Mapped[str] = mapped_column(default="")
    # The version that was sent; what is sent again after a return must be a newer one.
    sent_version: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    control_no: Mapped[str] = mapped_column(default="")
    # Whether the number stands in the record; it waits while a correction is open.
    noted: Mapped[bool] = mapped_column(default=False)
    said: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")


class UnionAnswer(Base):
    """Every answer, as it came: the counters of a month are made of these."""

    __tablename__ = "union_answer"
    __table_args__ = (Index("ix_union_answer_at", "at", "outcome"),)
    __audit__ = False

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    contribution_id: Mapped[UUID] = mapped_column(ForeignKey("union_contribution.id"), index=True)
    no: Mapped[str]
    record: Mapped[str]
    title: Mapped[str]
    act: Mapped[Act] = mapped_column(default=Act.create)
    outcome: Mapped[Outcome]
    control_no: Mapped[str] = mapped_column(default="")
    said: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]


class Agreement(Searchable, Thing, Base):
    """What we and another library, or a network of libraries, do for each other."""

    __tablename__ = "sharing_agreement"
    __search__ = ("no", "partner", "content")
    __table_args__ = (CheckConstraint("to_on IS NULL OR to_on >= from_on", name="term"),)

    partner: Mapped[str]
    service: Mapped[Service]
    direction: Mapped[Direction]
    content: Mapped[str]
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(default="")
