"""Who is behind a cookie or a bearer token, remembered for a few seconds per process.

A hit costs a hash and a dictionary look-up. Another replica learns of a sign-out within `FRESH`
seconds; this one forgets at once.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import TextClause

from gateway.accounts.commands import digest
from gateway.accounts.queries import BY_COOKIE, BY_TOKEN, TOUCH_SESSION, TOUCH_TOKEN
from gateway.accounts.rules import IDLE, TOUCH
from gateway.people.queries import actor_today
from shared.identity import Actor
from shared.settings import LOCAL

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
    from starlette.responses import Response

FRESH = 4.0
LIMIT = 20_000
# Pages that ask again by themselves must not keep a forgotten browser signed in.
PASSIVE = ("/events", "/work/badges")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person who proved who they are; `by_cookie` means their browser sends it unasked (CSRF)."""

    id: UUID
    account_id: UUID
    actor: Actor
    by_cookie: bool
    must_change: bool
    seen_at: datetime
    digest: bytes


def cookie_name(*, secure: bool) -> str:
    """`__Host-` binds the cookie to this very host; browsers accept it over TLS only."""
    return "__Host-guanwu" if secure else "guanwu"


def cookie_of(header: str, *, secure: bool) -> str:
    """The session cookie's value, or nothing."""
    wanted = cookie_name(secure=secure)
    if wanted not in header:
        return ""
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load(header)
    except CookieError:
        return ""
    return jar[wanted].value if wanted in jar else ""


def give_cookie(response: Response, secret: str, *, secure: bool) -> None:
    """Hand the browser its session; it ends with the browser or by the clock."""
    response.set_cookie(
        cookie_name(secure=secure), secret, path="/", secure=secure, httponly=True, samesite="lax"
    )


def take_cookie(response: Response, *, secure: bool) -> None:
    """Take the session out of the browser."""
    response.delete_cookie(
        cookie_name(secure=secure), path="/", secure=secure, httponly=True, samesite="lax"
    )


class Sessions:
    """The look-up in front of every request."""

    def __init__(self, reading: async_sessionmaker[AsyncSession]) -> None:
        self.reading = reading
        self.known: dict[bytes, tuple[float, SignedIn | None]] = {}

    async def by_cookie(self, secret: str, path: str = "") -> SignedIn | None:
        """The person of a session cookie."""
        return await self._find(secret, BY_COOKIE, TOUCH_SESSION, by_cookie=True, path=path)

    async def by_token(self, secret: str) -> SignedIn | None:
        """The person of an API token."""
        return await self._find(secret, BY_TOKEN, TOUCH_TOKEN, by_cookie=False, path="")

    def forget(self, kept: bytes) -> None:
        """Ask the database again at the next request."""
        self.known.pop(kept, None)

    def forget_account(self, account_id: UUID) -> None:
        """The same for everything the account opened."""
        for kept, (_until, who) in list(self.known.items()):
            if who and who.account_id == account_id:
                del self.known[kept]

    async def _find(
        self, secret: str, query: TextClause, touch: TextClause, *, by_cookie: bool, path: str
    ) -> SignedIn | None:
        if not 20 <= len(secret) <= 200:
            return None
        kept = digest(secret)
        until, who = self.known.get(kept, (0.0, None))
        if until > time.monotonic():
            return who
        now = datetime.now(UTC)
        async with self.reading() as session:
            who = await self._look_up(session, query, kept, now, by_cookie=by_cookie)
            if who and path not in PASSIVE and who.seen_at < now - TOUCH:
                await session.execute(touch, {"now": now, "id": who.id})
                who = replace(who, seen_at=now)
        if len(self.known) >= LIMIT:
            self.known.clear()
        self.known[kept] = (time.monotonic() + FRESH, who)
        return who

    async def _look_up(
        self, session: AsyncSession, query: TextClause, kept: bytes, now: datetime, *, by_cookie: bool
    ) -> SignedIn | None:
        row = (await session.execute(query, {"digest": kept, "now": now, "idle": now - IDLE})).one_or_none()
        if row is None:
            return None
        actor = await actor_today(session, row.person_id, row.kind, now.astimezone(LOCAL).date())
        if actor is None:
            return None
        return SignedIn(
            id=row.id, account_id=row.account_id, actor=actor, by_cookie=by_cookie,
            must_change=row.must_change, seen_at=row.last_seen_at or now.replace(year=2000), digest=kept,
        )
