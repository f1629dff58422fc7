"""Opening and closing accounts, sessions and tokens."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from gateway.accounts import passwords
from gateway.accounts.model import Account, ApiToken, Identity, OidcFlow, SignedInSession
from gateway.accounts.queries import account_named, account_of_person, account_of_subject
from gateway.accounts.rules import (
    ABSOLUTE,
    FLOW_LIFE,
    NAMED_TOKEN_LIFE,
    WINDOW,
    NotLinked,
    TooManyAttempts,
    UserNameTaken,
    WrongCredentials,
    attempt_keys,
    check_may_administer,
    check_new_password,
    fold,
)
from gateway.people.model import Person
from shared.database import uuid7
from shared.refusals import NotFound
from shared.work import Work

# Counted before the password is looked at: parallel guesses cannot slip past the limit.
_COUNT = text(
    "INSERT INTO sign_in_attempts (key, failed, since) VALUES (:key, 1, :now) "
    "ON CONFLICT (key) DO UPDATE SET "
    "failed = CASE WHEN sign_in_attempts.since <= :fresh THEN 1 ELSE sign_in_attempts.failed + 1 END, "
    "since = CASE WHEN sign_in_attempts.since <= :fresh THEN :now ELSE sign_in_attempts.since END "
    "RETURNING failed, since"
)
_FORGIVE_ACCOUNT = text("DELETE FROM sign_in_attempts WHERE key = :key")
_FORGIVE_ADDRESS = text("UPDATE sign_in_attempts SET failed = failed - 1 WHERE key = :key AND failed > 0")
_END = text("UPDATE session SET ended_at = :now WHERE account_id = :account AND ended_at IS NULL AND id <> :keep")


def digest(secret: str) -> bytes:
    """What is kept of a cookie or a token: 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).digest()


async def count_attempt(work: Work, *, user_name: str, address: str) -> datetime | None:
    """Count a try against its account and its address; the moment until which they are closed."""
    until = None
    for key, limit in attempt_keys(user_name, address):
        row = (await work.session.execute(
            _COUNT, {"key": key, "now": work.now, "fresh": work.now - WINDOW}
        )).one()
        if row.failed > limit:
            until = max(until or row.since + WINDOW, row.since + WINDOW)
    return until


def refuse_until(until: datetime | None, now: datetime) -> None:
    """Say how long the door stays shut, if it is."""
    if until is not None:
        raise TooManyAttempts(minutes=max(1, round((until - now).total_seconds() / 60)))


async def forgive_attempt(work: Work, *, user_name: str, address: str) -> None:
    """A right password clears the account's count and takes the try off the address."""
    account, place = (key for key, _limit in attempt_keys(user_name, address))
    await work.session.execute(_FORGIVE_ACCOUNT, {"key": account})
    await work.session.execute(_FORGIVE_ADDRESS, {"key": place})


async def prove(
    work: Work, *, reading: async_sessionmaker[AsyncSession], user_name: str, password: str, address: str
) -> Account:
    """The account whose password this is, or one and the same refusal.

    The account is read apart, so that no connection is held while the password is hashed.
    """
    async with reading() as session:
        account = await account_named(session, fold(user_name))
    kept = account.password if account and not account.disabled else None
    if not await passwords.fits(kept, password[:256]) or account is None:
        raise WrongCredentials
    await forgive_attempt(work, user_name=user_name, address=address)
    return account


async def open_session(work: Work, *, account: Account, how: str, address: str, agent: str) -> str:
    """A new session with a new secret; returns the secret, which nobody can read again."""
    secret = secrets.token_urlsafe(32)
    work.session.add(SignedInSession(
        digest=digest(secret), account_id=account.id, how=how, address=address[:64], agent=agent[:200],
        opened_at=work.now, last_seen_at=work.now, expires_at=work.now + ABSOLUTE,
    ))
    work.note("sign-in", "account", str(account.id), how=how)
    return secret


async def end_session(work: Work, *, account_id: UUID, session_id: UUID) -> bytes:
    """End one of one's own sessions; returns its digest so that it can be forgotten at once."""
    found = await work.lock(
        SignedInSession, SignedInSession.id == session_id, SignedInSession.account_id == account_id
    )
    found.ended_at = found.ended_at or work.now
    work.note("sign-out", "account", str(account_id))
    return found.digest


async def end_other_sessions(work: Work, *, account_id: UUID, keep: UUID | None) -> None:
    """Whoever is still signed in elsewhere with this account is signed out."""
    await work.session.execute(_END, {"now": work.now, "account": account_id, "keep": keep or uuid7()})


async def change_password(
    work: Work, *, account_id: UUID, old: str, new: str, again: str, keep: UUID | None
) -> None:
    """One's own password: the old one proves it is oneself; other sessions end."""
    account = await work.lock(Account, Account.id == account_id)
    check_new_password(new, again, about=(account.user_name, account.person_id))
    if not await passwords.fits(account.password, old):
        raise WrongCredentials
    account.password = await passwords.hashed(new)
    account.password_at, account.must_change = work.now, False
    await end_other_sessions(work, account_id=account_id, keep=keep)


async def open_account(work: Work, *, user_name: str, person_id: str) -> tuple[Account, str]:
    """An account for somebody the house knows, with a password that must be changed."""
    person = await work.get(Person, person_id.strip(), what=person_id)
    check_may_administer(work.actor, person.kind)
    if await account_named(work.session, fold(user_name)):
        raise UserNameTaken(name=fold(user_name))
    first = secrets.token_urlsafe(9)
    account = Account(
        user_name=fold(user_name), person_id=person.id, kind=person.kind, must_change=True,
        password=await passwords.hashed(first), password_at=work.now, created_at=work.now,
    )
    work.session.add(account)
    return account, first


async def reset_password(work: Work, *, account_id: UUID) -> tuple[Account, str]:
    """A new first password for somebody who forgot theirs; every session ends."""
    account = await work.lock(Account, Account.id == account_id)
    check_may_administer(work.actor, account.kind)
    first = secrets.token_urlsafe(9)
    account.password = await passwords.hashed(first)
    account.password_at, account.must_change = work.now, True
    await end_other_sessions(work, account_id=account.id, keep=None)
    return account, first


async def set_disabled(work: Work, *, account_id: UUID, disabled: bool) -> Account:
    """Close the way in, or open it again."""
    account = await work.lock(Account, Account.id == account_id)
    check_may_administer(work.actor, account.kind)
    account.disabled = disabled
    if disabled:
        await end_other_sessions(work, account_id=account.id, keep=None)
    return account


async def open_token(
    work: Work, *, account_id: UUID, name: str, life: Any = NAMED_TOKEN_LIFE
) -> tuple[ApiToken, str]:
    """A token for a program; returns the secret, shown once."""
    secret = "gwt_" + secrets.token_urlsafe(32)
    token = ApiToken(
        digest=digest(secret), account_id=account_id, name=name[:80], created_at=work.now,
        expires_at=work.now + life,
    )
    work.session.add(token)
    return token, secret


async def revoke_token(work: Work, *, account_id: UUID, token_id: UUID) -> bytes:
    """The program's token is worth nothing from now on."""
    token = await work.lock(ApiToken, ApiToken.id == token_id, ApiToken.account_id == account_id)
    token.revoked_at = token.revoked_at or work.now
    return token.digest


async def begin_flow(work: Work, *, back_to: str) -> tuple[str, OidcFlow]:
    """A sign-in sets out for the provider: state, nonce and PKCE verifier are ours alone."""
    state = secrets.token_urlsafe(32)
    flow = OidcFlow(
        state=digest(state), nonce=secrets.token_urlsafe(24), verifier=secrets.token_urlsafe(48),
        back_to=back_to, started_at=work.now,
    )
    work.session.add(flow)
    return state, flow


async def finish_flow(work: Work, *, state: str) -> OidcFlow:
    """The flow this state belongs to; it can be used once and not late."""
    flow = await work.session.get(OidcFlow, digest(state), with_for_update=True)
    if flow is None or flow.started_at < work.now - FLOW_LIFE:
        raise NotFound("state")
    await work.session.delete(flow)
    return flow


async def account_for_subject(work: Work, *, issuer: str, subject: str, claim: str) -> Account:
    """The account of a proven subject; linked by the claim that names the person at the first time."""
    if account := await account_of_subject(work.session, issuer, subject):
        if account.disabled:
            raise NotLinked(who=claim or subject)
        return account
    account = await account_of_person(work.session, claim) if claim else None
    if account is None:
        person = await work.session.get(Person, claim) if claim else None
        if person is None or (person.left_on and person.left_on < work.today):
            raise NotLinked(who=claim or subject)
        account = Account(
            user_name=fold(person.id), person_id=person.id, kind=person.kind, password=None,
            created_at=work.now,
        )
        work.session.add(account)
        await work.session.flush()
    if account.disabled:
        raise NotLinked(who=claim)
    await work.session.execute(
        insert(Identity).values(
            id=uuid7(), issuer=issuer, subject=subject, account_id=account.id, linked_at=work.now
        ).on_conflict_do_nothing()
    )
    work.note("link", "account", str(account.id), issuer=issuer)
    return account
