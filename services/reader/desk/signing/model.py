"""A signature: asked for or given on the spot, used once or not at all."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.reader.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice


class Act(Choice):
    """What is signed for."""

    lend = "lend", N_("借书"), "accent"
    renew = "renew", N_("续借"), "success"
    undo = "undo", N_("撤销"), "warning"
    waive = "waive", N_("减免"), "info"
    hold = "hold", N_("预约"), "accent"


class SignState(Choice):
    """Where a signature stands."""

    asked = "asked", N_("等待批复"), "info"
    granted = "granted", N_("已同意，待办理"), "warning"
    refused = "refused", N_("未同意"), "danger"
    used = "used", N_("已办理"), "success"
    withdrawn = "withdrawn", N_("已撤回"), "secondary"
    lapsed = "lapsed", N_("已过时"), "secondary"


class SignOff(Base):
    """One signature. `id` is that of the gateway's approval when it was given beside the desk: so it is used once.

    `thing` is the barcode, the charge of a waiver, or the title of a hold; `facts` what else the act needs to be carried
    out as it was asked. `posts` are those the signer held when signing.
    """

    __tablename__ = "sign_off"
    __table_args__ = (
        # One open request for one thing, however often the button is pressed and by how many desks.
        Index(
            "uq_sign_off_open", "asked_by", "act", "card", "thing", unique=True,
            postgresql_where=text("state IN ('asked', 'granted')"),
        ),
        Index("ix_sign_off_line", "line_id", postgresql_where=text("line_id IS NOT NULL")),
        Index("ix_sign_off_open", "asked_at", postgresql_where=text("state IN ('asked', 'granted')")),
        Index("ix_sign_off_asked_at", "asked_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    number: Mapped[str] = mapped_column(unique=True)
    act: Mapped[Act]
    card: Mapped[str]
    thing: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    line_id: Mapped[UUID | None] = mapped_column(default=None)
    state: Mapped[SignState] = mapped_column(default=SignState.asked)
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    note: Mapped[str] = mapped_column(default="")
    signed_by: Mapped[str] = mapped_column(default="")
    posts: Mapped[list[str]] = mapped_column(default=list)
    signed_at: Mapped[datetime | None] = mapped_column(default=None)
    reason: Mapped[str] = mapped_column(default="")
    until: Mapped[datetime | None] = mapped_column(default=None)
    used_at: Mapped[datetime | None] = mapped_column(default=None)
