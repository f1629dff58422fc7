"""Authorities with their forms and relations, every heading of every record, and what is changed because of an authority."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from services.resources.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice


class Kind(Choice):
    """What an authority is of."""

    person = "person", N_("个人名称"), "info"
    body = "body", N_("团体名称"), "info"
    meeting = "meeting", N_("会议名称"), "info"
    work = "title", N_("统一题名和丛编"), "accent"
    topic = "topic", N_("论题主题"), "success"
    place = "place", N_("地名"), "success"
    form = "form", N_("体裁"), "success"


class AuthorityState(Choice):
    """Whether the form is agreed on."""

    provisional = "provisional", N_("暂定"), "warning"
    verified = "verified", N_("已核定"), "success"
    merged = "merged", N_("已并入"), "secondary"
    withdrawn = "withdrawn", N_("停止使用"), "secondary"


class Sort(Choice):
    """How two authorities are related, seen from the one that says so."""

    related = "related", N_("相关"), "info"
    broader = "broader", N_("上位"), "info"
    narrower = "narrower", N_("下位"), "info"
    earlier = "earlier", N_("前名"), "info"
    later = "later", N_("后名"), "info"


class ChangeState(Choice):
    """How far a change has come."""

    running = "running", N_("进行中"), "info"
    done = "done", N_("已完成"), "success"
    undoing = "undoing", N_("撤销中"), "warning"
    undone = "undone", N_("已撤销"), "secondary"


class What(Choice):
    """Why records change."""

    heading = "heading", N_("标目变更"), "info"
    merge = "merge", N_("规范合并"), "warning"
    link = "link", N_("联接标目"), "success"


class LineState(Choice):
    """What became of a record."""

    waiting = "waiting", N_("待处理"), "secondary"
    done = "done", N_("已更改"), "success"
    same = "same", N_("无须更改"), "secondary"
    skipped = "skipped", N_("未更改"), "warning"
    undone = "undone", N_("已恢复"), "secondary"


class Authority(Base):
    """A name, title or subject; `parts` are (code, text) of `marc/headings.py`, `made_by` whoever wrote what is not verified yet.

    `raw` and `fields` are the record as it was imported; `source_no` its number there. `job` names the import.
    """

    __tablename__ = "authority"
    __table_args__ = (
        Index("ix_authority_heading", "sort"),
        Index("ix_authority_search", "search", postgresql_using="gin"),
        Index("ix_authority_state", "state", "kind", "sort"),
        Index("ix_authority_source", "source_no", postgresql_where=text("source_no <> ''")),
        Index("ix_authority_job", "job", postgresql_where=text("job <> ''")),
        CheckConstraint("verified_by <> made_by", name="two_people"),
    )
    __audit_hide__ = ("raw", "fields", "search")

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    no: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[Kind]
    state: Mapped[AuthorityState] = mapped_column(default=AuthorityState.provisional)
    heading: Mapped[str]
    sort: Mapped[str]
    parts: Mapped[list[list[str]]] = mapped_column(JSONB)
    source: Mapped[str] = mapped_column(default="")
    source_no: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    dialect: Mapped[str] = mapped_column(default="cnmarc")
    digest: Mapped[str | None] = mapped_column(unique=True)
    raw: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    fields: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)
    search: Mapped[str] = mapped_column(TSVECTOR, deferred=True)
    job: Mapped[str] = mapped_column(default="")
    revision: Mapped[int] = mapped_column(default=1)
    made_by: Mapped[str]
    verified_by: Mapped[str] = mapped_column(default="")
    verified_at: Mapped[datetime | None]
    merged_into: Mapped[UUID | None] = mapped_column(ForeignKey("authority.id"), index=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class AuthorityForm(Base):
    """A form an authority is found by: the established one, or a variant (see from). Those out of use have none."""

    __tablename__ = "authority_form"
    __audit__ = False
    __table_args__ = (
        Index("ix_authority_form_found", "bare", "kind"),
        Index("ix_authority_form_owner", "authority_id"),
        # Two established headings that read alike must be told apart by dates or an addition.
        Index("uq_authority_form_established", "bare", "kind", "marks", unique=True, postgresql_where=text("established")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    authority_id: Mapped[UUID] = mapped_column(ForeignKey("authority.id"))
    established: Mapped[bool]
    text: Mapped[str]
    parts: Mapped[list[list[str]]] = mapped_column(JSONB)
    kind: Mapped[Kind]
    bare: Mapped[str]
    marks: Mapped[list[str]]


class AuthorityRelation(Base):
    """A see-also; `other_id` once the other one is among ours."""

    __tablename__ = "authority_relation"
    __audit__ = False
    __table_args__ = (
        Index("ix_authority_relation_owner", "authority_id"), Index("ix_authority_relation_other", "other_id"),
        Index("ix_authority_relation_open", "bare", "kind", postgresql_where=text("other_id IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    authority_id: Mapped[UUID] = mapped_column(ForeignKey("authority.id"))
    sort: Mapped[Sort]
    text: Mapped[str]
    parts: Mapped[list[list[str]]] = mapped_column(JSONB)
    kind: Mapped[Kind]
    bare: Mapped[str]
    marks: Mapped[list[str]]
    other_id: Mapped[UUID | None] = mapped_column(ForeignKey("authority.id"))


class AuthorityVersion(Base):
    """What an authority said at one save (`rules.Told` as JSON)."""

    __tablename__ = "authority_version"
    __audit__ = False
    __table_args__ = (UniqueConstraint("authority_id", "no", name="uq_authority_version_no"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    authority_id: Mapped[UUID] = mapped_column(ForeignKey("authority.id"))
    no: Mapped[int]
    heading: Mapped[str]
    told: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    act: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    made_by: Mapped[str]
    made_at: Mapped[datetime]


class HeadingUse(Base):
    """A heading as a record writes it, and the authority it is linked to."""

    __tablename__ = "heading_use"
    __audit__ = False
    __table_args__ = (
        Index("ix_heading_use_record", "instance_id"),
        Index("ix_heading_use_authority", "authority_id", postgresql_where=text("authority_id IS NOT NULL")),
        Index("ix_heading_use_open", "bare", "kind", "marks", postgresql_where=text("authority_id IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    instance_id: Mapped[UUID] = mapped_column(ForeignKey("instance.id", ondelete="CASCADE"))
    tag: Mapped[str]
    kind: Mapped[Kind]
    text: Mapped[str]
    parts: Mapped[list[list[str]]] = mapped_column(JSONB)
    bare: Mapped[str]
    marks: Mapped[list[str]]
    authority_id: Mapped[UUID | None] = mapped_column(ForeignKey("authority.id"))


class AuthorityChange(Base):
    """Records that follow an authority, in batches. `snapshot` is what is put back should it be undone."""

    __tablename__ = "authority_change"
    __table_args__ = (Index("ix_authority_change_open", "state", postgresql_where=text("state IN ('running', 'undoing')")),)
    __audit_hide__ = ("snapshot",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    no: Mapped[str] = mapped_column(unique=True)
    what: Mapped[What]
    state: Mapped[ChangeState] = mapped_column(default=ChangeState.running)
    # None for a change of many authorities at once (linking).
    authority_id: Mapped[UUID | None] = mapped_column(ForeignKey("authority.id"), index=True)
    gone_id: Mapped[UUID | None] = mapped_column(ForeignKey("authority.id"))
    old: Mapped[str] = mapped_column(default="")
    new: Mapped[str] = mapped_column(default="")
    # The revisions of the two authorities right after the change: what tells whether anything happened since.
    revision: Mapped[int] = mapped_column(default=0)
    gone_revision: Mapped[int] = mapped_column(default=0)
    snapshot: Mapped[dict[str, Any]] = mapped_column(default=dict, deferred=True)
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    skipped: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(default="")
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    undone_by: Mapped[str] = mapped_column(default="")
    undone_at: Mapped[datetime | None]


class AuthorityChangeLine(Base):
    """One record of a change; `written` is the version it wrote, 0 when none."""

    __tablename__ = "authority_change_line"
    __audit__ = False
    __table_args__ = (
        UniqueConstraint("change_id", "instance_id", name="uq_authority_change_line"),
        Index("ix_authority_change_line_state", "change_id", "state"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    change_id: Mapped[UUID] = mapped_column(ForeignKey("authority_change.id"))
    instance_id: Mapped[UUID] = mapped_column(ForeignKey("instance.id", ondelete="CASCADE"))
    state: Mapped[LineState] = mapped_column(default=LineState.waiting)
    written: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(default="")


class AuthoritySettings(Base):
    """One row: whether a heading that matches exactly one verified authority is linked when a record is saved."""

    __tablename__ = "authority_settings"

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    link_on_save: Mapped[bool] = mapped_column(default=True)
