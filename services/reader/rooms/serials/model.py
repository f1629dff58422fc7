"""A title that comes again and again, the versions of its pattern, its issues, and the handover of a day."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.reader.database import Base
from services.reader.rooms.serials.numbering import Kind
from services.reader.rooms.serials.recurrence import Frequency
from shared.database import uuid7
from shared.i18n import N_, pick
from shared.states import Choice


class TitleKind(Choice):
    """What it is; how long it stands and is kept follows from it."""

    newspaper = "newspaper", N_("报纸"), "info"
    magazine = "magazine", N_("杂志"), "primary"
    journal = "journal", N_("学术期刊"), "accent"


class TitleState(Choice):
    """Whether issues are awaited."""

    active = "active", N_("在订"), "success"
    stopped = "stopped", N_("停订"), "secondary"
    ceased = "ceased", N_("停刊"), "secondary"


class IssueState(Choice):
    """What became of an issue."""

    expected = "expected", N_("待到"), "info"
    arrived = "arrived", N_("已到"), "success"
    missing = "missing", N_("缺期"), "danger"
    skipped = "skipped", N_("未出版"), "secondary"
    unavailable = "unavailable", N_("无法补到"), "secondary"


class Shelf(Choice):
    """Where an issue that came lies."""

    none = "none", N_("待上架"), "warning"
    displayed = "displayed", N_("在架"), "success"
    routed = "routed", N_("传阅中"), "primary"
    down = "down", N_("已下架"), "secondary"


class Claim(Choice):
    """How far those who buy are with a missing issue."""

    none = "none", "", "secondary"
    told = "told", N_("已告知采访"), "warning"
    claimed = "claimed", N_("已催"), "info"
    promised = "promised", N_("书商答复补寄"), "info"
    sent = "sent", N_("补寄在途"), "primary"
    refused = "refused", N_("书商无法补寄"), "danger"


class SerialTitle(Base):
    """`rack_key` sorts racks as people walk along them; empty values of the rules take those of the kind."""

    __tablename__ = "serial_title"
    __table_args__ = (
        CheckConstraint("copies > 0", name="copies"),
        CheckConstraint("show_issues IS NULL OR show_issues > 0", name="show"),
        Index("uq_serial_title_subscription", "subscription", unique=True, postgresql_where=text("subscription <> ''")),
        Index("ix_serial_title_rack", "room", "rack_key"), Index("ix_serial_title_issn", "issn"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    number: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    title_en: Mapped[str] = mapped_column(default="")
    kind: Mapped[TitleKind]
    foreign: Mapped[bool] = mapped_column(default=False)
    frequency: Mapped[Frequency] = mapped_column(default=Frequency.irregular)
    issn: Mapped[str] = mapped_column(default="")
    cn: Mapped[str] = mapped_column(default="")
    post_code: Mapped[str] = mapped_column(default="")
    publisher: Mapped[str] = mapped_column(default="")
    supplier: Mapped[str] = mapped_column(default="")
    subscription: Mapped[str] = mapped_column(default="")
    copies: Mapped[int] = mapped_column(default=1)
    room: Mapped[str] = mapped_column(default="")
    rack: Mapped[str] = mapped_column(default="")
    rack_key: Mapped[str] = mapped_column(default="")
    state: Mapped[TitleState] = mapped_column(default=TitleState.active)
    # Issues with a cover date in this span are awaited.
    from_on: Mapped[date]
    to_on: Mapped[date | None] = mapped_column(default=None)
    tolerance_days: Mapped[int | None] = mapped_column(default=None)
    show_issues: Mapped[int | None] = mapped_column(default=None)
    show_days: Mapped[int | None] = mapped_column(default=None)
    # A title that was renamed, merged or split points at the one it continues.
    continues: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    made_at: Mapped[datetime]
    made_by: Mapped[str]

    @property
    def text(self) -> str:
        """The title in the reader's language."""
        return pick(self.title, self.title_en)


class SerialPattern(Base):
    """A version of a title's pattern; one is in force."""

    __tablename__ = "serial_pattern"
    __table_args__ = (
        UniqueConstraint("title_id", "version"),
        Index("uq_serial_pattern_active", "title_id", unique=True, postgresql_where=text("active")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    title_id: Mapped[UUID] = mapped_column(ForeignKey("serial_title.id"))
    version: Mapped[int]
    active: Mapped[bool] = mapped_column(default=True)
    rule: Mapped[dict[str, Any]]
    made_at: Mapped[datetime]
    made_by: Mapped[str]


class SerialIssue(Base):
    """`slot` names a foreseen issue once and for all; one that nobody foresaw has a slot of its own.

    `label` is what people call it in Chinese, kept to be searched; `was` is the state an arrival can be undone to.
    """

    __tablename__ = "serial_issue"
    __table_args__ = (
        UniqueConstraint("title_id", "slot"),
        Index("ix_serial_issue_due", "due_on", postgresql_where=text("state IN ('expected', 'missing')")),
        Index("ix_serial_issue_title", "title_id", "issued_on"), Index("ix_serial_issue_arrived", "arrived_on"),
        Index("ix_serial_issue_shelf", "shelf", postgresql_where=text("state = 'arrived'")),
        CheckConstraint("copies >= 0 AND arrived >= 0 AND damaged >= 0 AND damaged <= arrived", name="counts"),
        CheckConstraint("(state = 'arrived') = (arrived_at IS NOT NULL)", name="arrived"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    title_id: Mapped[UUID] = mapped_column(ForeignKey("serial_title.id"))
    slot: Mapped[str]
    kind: Mapped[Kind] = mapped_column(default=Kind.issue)
    issued_on: Mapped[date]
    due_on: Mapped[date]
    late_on: Mapped[date]
    month_to: Mapped[int | None] = mapped_column(default=None)
    volume: Mapped[int | None] = mapped_column(default=None)
    issue_no: Mapped[int | None] = mapped_column(default=None)
    issue_to: Mapped[int | None] = mapped_column(default=None)
    whole: Mapped[int | None] = mapped_column(default=None)
    whole_to: Mapped[int | None] = mapped_column(default=None)
    caption: Mapped[str] = mapped_column(default="")
    style: Mapped[str]
    label: Mapped[str]
    state: Mapped[IssueState] = mapped_column(default=IssueState.expected)
    was: Mapped[IssueState] = mapped_column(default=IssueState.expected)
    copies: Mapped[int] = mapped_column(default=1)
    arrived: Mapped[int] = mapped_column(default=0)
    damaged: Mapped[int] = mapped_column(default=0)
    damage: Mapped[str] = mapped_column(default="")
    arrived_at: Mapped[datetime | None] = mapped_column(default=None)
    arrived_on: Mapped[date | None] = mapped_column(default=None)
    arrived_by: Mapped[str] = mapped_column(default="")
    stamped_at: Mapped[datetime | None] = mapped_column(default=None)
    stamped_by: Mapped[str] = mapped_column(default="")
    shelf: Mapped[Shelf] = mapped_column(default=Shelf.none)
    shown_on: Mapped[date | None] = mapped_column(default=None)
    shown_by: Mapped[str] = mapped_column(default="")
    down_on: Mapped[date | None] = mapped_column(default=None)
    down_by: Mapped[str] = mapped_column(default="")
    claim: Mapped[Claim] = mapped_column(default=Claim.none)
    claim_no: Mapped[str] = mapped_column(default="")
    claim_round: Mapped[int] = mapped_column(default=0)
    promised_on: Mapped[date | None] = mapped_column(default=None)
    claim_note: Mapped[str] = mapped_column(default="")


class SerialHandover(Base):
    """The delivery of a day in a room as it was counted: who brought it, who took it over."""

    __tablename__ = "serial_handover"
    __table_args__ = (UniqueConstraint("on", "room"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    number: Mapped[str] = mapped_column(unique=True)
    on: Mapped[date]
    room: Mapped[str] = mapped_column(default="")
    sender: Mapped[str]
    expected: Mapped[int]
    arrived: Mapped[int]
    late: Mapped[int]
    missing: Mapped[int]
    damaged: Mapped[int]
    unstamped: Mapped[int]
    note: Mapped[str] = mapped_column(default="")
    received_at: Mapped[datetime]
    received_by: Mapped[str]
