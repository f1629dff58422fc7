"""Accounts, what proves them, and the sessions and tokens they opened."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.database import Base
from shared.database import uuid7


class Account(Base):
    """A way in for one person; several sessions and tokens may come from it."""

    __tablename__ = "account"
    __audit_hide__: ClassVar[tuple[str, ...]] = ("password",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    user_name: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    password: Mapped[str | None]
    must_change: Mapped[bool] = mapped_column(default=False)
    disabled: Mapped[bool] = mapped_column(default=False)
    password_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class SignedInSession(Base):
    """A browser that signed in; only the hash of its cookie is kept."""

    __tablename__ = "session"
    __audit__ = False
    __table_args__ = (
        Index("ix_session_open", "account_id", postgresql_where=text("ended_at IS NULL")),
        Index("ix_session_expires_at", "expires_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    how: Mapped[str]
    address: Mapped[str] = mapped_column(default="")
    agent: Mapped[str] = mapped_column(default="")
    opened_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class ApiToken(Base):
    """A program that acts for a person; only the hash of its token is kept."""

    __tablename__ = "api_token"
    __audit_hide__: ClassVar[tuple[str, ...]] = ("digest",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    name: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Attempts(Base):
    """Failed sign-ins of one account or one address in the running window."""

    __tablename__ = "sign_in_attempts"
    __audit__ = False

    key: Mapped[str] = mapped_column(primary_key=True)
    failed: Mapped[int]
    since: Mapped[datetime]


class Identity(Base):
    """A subject of the university's sign-in that speaks for an account of ours."""

    __tablename__ = "identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    issuer: Mapped[str]
    subject: Mapped[str]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    linked_at: Mapped[datetime]


class OidcFlow(Base):
    """A sign-in that is on its way to the university's provider and back."""

    __tablename__ = "oidc_flow"
    __audit__ = False

    state: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    nonce: Mapped[str]
    verifier: Mapped[str]
    back_to: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(index=True)
