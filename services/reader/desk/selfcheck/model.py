"""Terminals, what the house calls itself before them, and the last answer that must not be lost."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from services.reader.database import Base
from shared.database import uuid7
from shared.i18n import N_
from shared.states import Choice


class Charset(Choice):
    """How a terminal writes letters."""

    utf8 = "utf-8", "UTF-8", "info"
    gbk = "gbk", "GBK", "info"
    cp850 = "cp850", "CP850", "secondary"


class Detection(Choice):
    """Whether messages carry a checksum."""

    auto = "auto", N_("随终端"), "secondary"
    on = "on", N_("必须有"), "info"
    off = "off", N_("不校验"), "secondary"


class Right(Choice):
    """What a terminal may do; each is a switch."""

    lend = "lend", N_("借书"), "success"
    take_back = "take_back", N_("还书"), "success"
    renew = "renew", N_("续借"), "success"
    hold = "hold", N_("预约"), "info"
    pay = "pay", N_("缴费"), "warning"
    block = "block", N_("停用读者证"), "danger"
    patrons = "patrons", N_("查询读者信息"), "warning"


class Terminal(Base):
    """A self-check machine's account. The counters are written by its own process and are no audit matter."""

    __tablename__ = "terminal"
    __audit_hide__: ClassVar[tuple[str, ...]] = ("password_hash",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    account: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    location: Mapped[str] = mapped_column(default="")
    password_hash: Mapped[str] = mapped_column(default="")
    charset: Mapped[Charset] = mapped_column(default=Charset.utf8)
    crlf: Mapped[bool] = mapped_column(default=False)
    detection: Mapped[Detection] = mapped_column(default=Detection.auto)
    language: Mapped[str] = mapped_column(default="zh")
    rights: Mapped[list[str]] = mapped_column(default=list)
    accept_pin: Mapped[bool] = mapped_column(default=False)
    sorts: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class TerminalUse(Base):
    """How a terminal is used: rows of its own, so that counting never rewrites or locks an account."""

    __tablename__ = "terminal_use"
    __audit__ = False

    terminal_id: Mapped[UUID] = mapped_column(ForeignKey("terminal.id"), primary_key=True)
    connections: Mapped[int] = mapped_column(default=0)
    messages: Mapped[int] = mapped_column(default=0)
    seen_at: Mapped[datetime | None] = mapped_column(default=None)
    beat_at: Mapped[datetime | None] = mapped_column(default=None)


class LastAnswer(Base):
    """The last change a terminal made that a repeat could not be told from a second wish; kept in its transaction."""

    __tablename__ = "terminal_answer"
    __audit__ = False

    terminal_id: Mapped[UUID] = mapped_column(ForeignKey("terminal.id"), primary_key=True)
    wish: Mapped[str]
    answer: Mapped[str]
    at: Mapped[datetime]


class House(Base):
    """One row: who we are to machines, and which kinds of items are magnetic."""

    __tablename__ = "terminal_house"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    institution: Mapped[str] = mapped_column(default="")
    name: Mapped[str] = mapped_column(default="")
    magnetic: Mapped[list[str]] = mapped_column(default=list)
