"""A reader's wish, the titles on their way to us, and the demand that was told."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.reader.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice


class SuggestionState(Choice):
    """How a wish stands, as its reader sees it."""

    submitted = "submitted", N_("待答复"), "info"
    held = "held", N_("暂缓"), "warning"
    accepted = "accepted", N_("已采纳"), "accent"
    done = "done", N_("已上架"), "success"
    refused = "refused", N_("未采纳"), "secondary"
    cancelled = "cancelled", N_("不再购"), "secondary"
    withdrawn = "withdrawn", N_("已撤回"), "secondary"


class Promise(Choice):
    """The first hold of whoever asked."""

    none = "none", N_("待编目后自动预约"), "secondary"
    due = "due", N_("等待入藏"), "info"
    placed = "placed", N_("已预约"), "success"
    impossible = "impossible", N_("未能自动预约"), "warning"


class Suggestion(Base):
    """`progress` is how far the title is (TITLE_STAGES), `steps` each stage with its time; `case_no` and `title_no` are theirs."""

    __tablename__ = "suggestion"
    __table_args__ = (
        # One reader asks once for one title while it is open.
        Index(
            "uq_suggestion_open", "patron_id", "key", unique=True,
            postgresql_where=text("state IN ('submitted', 'held', 'accepted')"),
        ),
        Index("ix_suggestion_patron", "patron_id", "placed_at"),
        Index("ix_suggestion_case", "case_no"),
        Index("ix_suggestion_title", "title_no", postgresql_where=text("title_no <> ''")),
        Index("ix_suggestion_due", "instance_id", postgresql_where=text("promise = 'due'")),
        Index("ix_suggestion_ended", "ended_at", postgresql_where=text("ended_at IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    no: Mapped[str] = mapped_column(unique=True)
    # Empty only in a wish that ended long ago and lost its person.
    patron_id: Mapped[UUID | None] = mapped_column(ForeignKey("patron.id"))
    card: Mapped[str]
    title: Mapped[str]
    author: Mapped[str] = mapped_column(default="")
    publisher: Mapped[str] = mapped_column(default="")
    year: Mapped[str] = mapped_column(default="")
    isbn: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    key: Mapped[str]
    state: Mapped[SuggestionState] = mapped_column(default=SuggestionState.submitted)
    progress: Mapped[str] = mapped_column(default="")
    answer: Mapped[str] = mapped_column(default="")
    answer_by: Mapped[date | None]
    votes: Mapped[int] = mapped_column(default=1)
    case_no: Mapped[str] = mapped_column(default="")
    title_no: Mapped[str] = mapped_column(default="")
    instance_id: Mapped[str] = mapped_column(default="")
    promise: Mapped[Promise] = mapped_column(default=Promise.none)
    steps: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    placed_at: Mapped[datetime]
    placed_by: Mapped[str]
    ended_at: Mapped[datetime | None]


class ComingTitle(Base):
    """A title resource development means to get; kept by its facts alone, so that whoever looks for it hears of it."""

    __tablename__ = "coming_title"
    __audit__ = False
    __table_args__ = (Index("ix_coming_title_isbn", "isbn"), Index("ix_coming_title_title", "sort_title"))

    number: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    sort_title: Mapped[str] = mapped_column(Text(collation="C"), default="")
    isbn: Mapped[str] = mapped_column(default="")
    progress: Mapped[str]
    at: Mapped[datetime]


class TitleDemand(Base):
    """What was last told of a title too many wait for; told again only when it has grown."""

    __tablename__ = "title_demand"
    __audit__ = False

    instance_id: Mapped[str] = mapped_column(primary_key=True)
    holds: Mapped[int]
    copies: Mapped[int]
    told_at: Mapped[datetime]
