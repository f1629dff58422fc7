"""Reads of accounts, and the two look-ups every request begins with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.accounts.model import Account, ApiToken, Identity, SignedInSession
from gateway.people.model import Person

BY_COOKIE = text(
    "SELECT s.id, s.last_seen_at, a.id AS account_id, a.person_id, a.kind, a.must_change "
    "FROM session s JOIN account a ON a.id = s.account_id "
    "WHERE s.digest = :digest AND s.ended_at IS NULL AND s.expires_at > :now "
    "AND s.last_seen_at > :idle AND NOT a.disabled"
)
BY_TOKEN = text(
    "SELECT t.id, t.last_used_at AS last_seen_at, a.id AS account_id, a.person_id, a.kind, a.must_change "
    "FROM api_token t JOIN account a ON a.id = t.account_id "
    "WHERE t.digest = :digest AND t.revoked_at IS NULL AND t.expires_at > :now "
    "AND CAST(:idle AS timestamptz) IS NOT NULL AND NOT a.disabled"
)
TOUCH_SESSION = text("UPDATE session SET last_seen_at = :now WHERE id = :id")
TOUCH_TOKEN = text("UPDATE api_token SET last_used_at = :now WHERE id = :id")


async def account_named(session: AsyncSession, user_name: str) -> Account | None:
    """The account of that (folded) user name."""
    return await session.scalar(select(Account).where(Account.user_name == user_name))


async def account_of_person(session: AsyncSession, person: str) -> Account | None:
    """The account of a staff number, card, or user name as the university gives it."""
    query = select(Account).where(or_(Account.person_id == person, Account.user_name == person.casefold()))
    return (await session.scalars(query.order_by(Account.person_id != person).limit(1))).first()


async def account_of_subject(session: AsyncSession, issuer: str, subject: str) -> Account | None:
    """The account linked to a subject of a provider."""
    query = select(Account).join(Identity, Identity.account_id == Account.id)
    return await session.scalar(query.where(Identity.issuer == issuer, Identity.subject == subject))


async def open_sessions(
    session: AsyncSession, account_id: UUID, now: datetime, idle: timedelta
) -> Sequence[SignedInSession]:
    """Where the account is signed in now, newest first."""
    query = select(SignedInSession).where(
        SignedInSession.account_id == account_id, SignedInSession.ended_at.is_(None),
        SignedInSession.expires_at > now, SignedInSession.last_seen_at > now - idle,
    )
    return (await session.scalars(query.order_by(SignedInSession.last_seen_at.desc()))).all()


async def live_tokens(session: AsyncSession, account_id: UUID, now: datetime) -> Sequence[ApiToken]:
    """The account's tokens that still open doors."""
    query = select(ApiToken).where(
        ApiToken.account_id == account_id, ApiToken.revoked_at.is_(None), ApiToken.expires_at > now
    )
    return (await session.scalars(query.order_by(ApiToken.created_at.desc()))).all()


async def accounts_page(
    session: AsyncSession, *, kinds: Sequence[str], asked: str, after: str, limit: int = 50
) -> tuple[list[Any], int]:
    """Accounts by user name, with the person's name; found by the beginning of either name."""
    where: list[ColumnElement[bool]] = [Account.kind.in_(kinds)]
    if asked:
        where.append(or_(
            Account.user_name.startswith(asked.casefold(), autoescape=True),
            Account.person_id.startswith(asked, autoescape=True),
            Person.name.startswith(asked, autoescape=True),
        ))
    base = select(Account, Person.name, Person.dept).outerjoin(Person, Person.id == Account.person_id).where(*where)
    rows = await session.execute(
        base.where(Account.user_name > after).order_by(Account.user_name).limit(limit + 1)
    )
    total = await session.scalar(
        select(func.count()).select_from(base.with_only_columns(Account.id).subquery())
    )
    return list(rows), total or 0
