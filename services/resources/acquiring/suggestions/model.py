"""The case of a title readers ask for, and their votes."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.resources.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice
from shared.web.register import Case, Searchable


class SuggestionState(Choice):
    """Whether the title will come."""

    open = "open", N_("待答复"), "warning"
    held = "held", N_("暂缓"), "info"
    accepted = "accepted", N_("已采纳"), "success"
    refused = "refused", N_("不采纳"), "secondary"
    dropped = "dropped", N_("已撤回"), "secondary"


class Source(Choice):
    """Who asks."""

    reader = "reader", N_("读者荐购"), "success"
    demand = "demand", N_("预约过多"), "warning"
    both = "both", N_("荐购与预约"), "accent"


OPEN = (SuggestionState.open, SuggestionState.held)


class Suggestion(Searchable, Case, Base):
    """`key` is the same for two proposals of one book; `record`, `copies_held` and `coming` are what was found."""

    __tablename__ = "suggestion"
    __search__ = ("no", "title", "author", "publisher", "isbn", "title_no")
    __table_args__ = (
        # One open case a title, whatever happens at once.
        Index("uq_suggestion_open", "key", unique=True, postgresql_where=text("state IN ('open', 'held')")),
        Index("ix_suggestion_title_no", "title_no"),
    )

    title: Mapped[str]
    author: Mapped[str] = mapped_column(default="")
    publisher: Mapped[str] = mapped_column(default="")
    year: Mapped[str] = mapped_column(default="")
    isbn: Mapped[str] = mapped_column(default="")
    key: Mapped[str]
    source: Mapped[Source]
    votes: Mapped[int] = mapped_column(default=0)
    holds: Mapped[int] = mapped_column(default=0)
    record: Mapped[str] = mapped_column(default="")
    copies_held: Mapped[int] = mapped_column(default=0)
    coming: Mapped[str] = mapped_column(default="")
    answer_by: Mapped[date | None]
    copies: Mapped[int] = mapped_column(default=1)
    answer: Mapped[str] = mapped_column(default="")
    title_no: Mapped[str] = mapped_column(default="")
    decided_by: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None]


class Vote(Base):
    """One reader's wish, by its number; card and person are kept until the case is decided, so that nobody decides their own."""

    __tablename__ = "suggestion_vote"
    __audit__ = False

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    suggestion_id: Mapped[UUID] = mapped_column(ForeignKey("suggestion.id"), index=True)
    wish: Mapped[str] = mapped_column(unique=True)
    card: Mapped[str] = mapped_column(default="")
    by: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
