"""Who is acting, proven offline from the gateway's short-lived token."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlparse
from uuid import UUID

import aiohttp
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from shared.i18n import N_
from shared.refusals import NotAllowed, NotSignedIn, Refusal

ALGORITHM = "Ed25519"
ISSUER = "guanwu-gateway"
TOKEN_SECONDS = 60
SKEW_SECONDS = 10
# Long enough for the department to be asked, too short to be carried away.
APPROVAL_SECONDS = 90
CACHE_LIMIT = 4096


@dataclass(frozen=True, slots=True)
class Actor:
    """The person (or the system itself) on whose behalf a command runs.

    `posts` already contain those held as a stand-in today. `id` is the staff number, the
    patron's card, or `system`.
    """

    id: str
    name: str = ""
    kind: str = "staff"
    posts: tuple[str, ...] = ()
    rank: str = ""
    dept: str = ""
    card: str = ""
    subposts: tuple[str, ...] = ()

    def holds(self, rights: Iterable[str]) -> bool:
        """Whether any right applies: a post code, a prefix of one, a kind, a role, or `*`."""
        if self.kind == "system":
            return True
        for right in rights:
            if right in {"*", self.kind} or right in self.posts:
                return True
            if any(post.startswith(right + "-") for post in self.posts):
                return True
        return False

    def require(self, *rights: str) -> None:
        """Refuse unless one of the rights is held."""
        if not self.holds(rights):
            raise NotAllowed


SYSTEM = Actor(id="system", name="系统", kind="system")


def actor_of(claims: dict[str, Any]) -> Actor:
    """The actor a verified token speaks of."""
    return Actor(
        id=claims["sub"],
        name=claims.get("name", ""),
        kind=claims.get("kind", "staff"),
        posts=tuple(claims.get("posts", ())),
        rank=claims.get("rank", ""),
        dept=claims.get("dept", ""),
        card=claims.get("card", ""),
        subposts=tuple(claims.get("subposts", ())),
    )


@dataclass(frozen=True, slots=True)
class Approval:
    """What `by` signed for one act of `of`: the department that redeems it remembers `id`, so it is good once.

    `about` is what the act concerns, in the words of the department (the desk: card, barcode, reasons).
    """

    id: UUID
    by: Actor
    of: str
    act: str
    about: str
    reason: str


class ApprovalWorthless(Refusal):
    """Not signed by the gateway, for another department, or too late."""

    code = "approval-worthless"
    status = 409
    message = N_("签批无效或已过时，请重新签批")


def claims_of(actor: Actor, *, audience: str, now: float, sid: str = "") -> dict[str, Any]:
    """The claims the gateway signs for one request to one service."""
    return {
        "iss": ISSUER, "aud": audience, "sub": actor.id, "name": actor.name, "kind": actor.kind,
        "posts": list(actor.posts), "subposts": list(actor.subposts), "rank": actor.rank,
        "dept": actor.dept, "card": actor.card, "sid": sid,
        "iat": int(now), "exp": int(now) + TOKEN_SECONDS,
    }


def approval_claims(approval: Approval, *, audience: str, now: float) -> dict[str, Any]:
    """The claims the gateway signs for one approval; its audience makes it useless as an identity."""
    return {
        **claims_of(approval.by, audience=approval_audience(audience), now=now), "exp": int(now) + APPROVAL_SECONDS,
        "jti": str(approval.id), "for": approval.of, "act": approval.act, "about": approval.about,
        "reason": approval.reason,
    }


def approval_audience(audience: str) -> str:
    """An approval speaks to a department, and not as its caller."""
    return f"{audience}/sign-off"


class Verifier:
    """Checks tokens for one audience against the gateway's published keys.

    Keys are fetched again on an unknown key id, at most every 30 seconds; verified tokens are
    remembered until they expire, which halves the cost of a burst.
    """

    def __init__(self, jwks_url: str, audience: str) -> None:
        self.url, self.audience = jwks_url, audience
        self.keys: KeySet | None = None
        self.kids: set[str] = set()
        self.fetched = 0.0
        self.lock = asyncio.Lock()
        self.seen: dict[str, tuple[float, Actor]] = {}

    async def verify(self, token: str) -> Actor:
        """The actor of a valid token, or `NotSignedIn`."""
        now = time.time()
        known = self.seen.get(token)
        if known and known[0] > now:
            return known[1]
        claims, expires = await self._claims(token, self.audience, now)
        actor = actor_of(claims)
        if len(self.seen) >= CACHE_LIMIT:
            self.seen = {k: v for k, v in self.seen.items() if v[0] > now}
            if len(self.seen) >= CACHE_LIMIT:
                self.seen.clear()
        self.seen[token] = (expires, actor)
        return actor

    async def approval(self, token: str) -> Approval:
        """The approval of a valid token; never remembered here, the caller keeps its id."""
        try:
            claims, _expires = await self._claims(token, approval_audience(self.audience), time.time())
            return Approval(
                UUID(claims["jti"]), actor_of(claims), claims["for"], claims["act"], claims["about"], claims["reason"]
            )
        except (NotSignedIn, KeyError, ValueError) as error:
            raise ApprovalWorthless from error

    async def _claims(self, token: str, audience: str, now: float) -> tuple[dict[str, Any], float]:
        """What a valid token says, and until when it does."""
        try:
            kid = json.loads(_unpad(token.split(".", 1)[0])).get("kid", "")
            if kid not in self.kids:
                await self._refresh()
            if self.keys is None:
                raise NotSignedIn
            claims = jwt.decode(token, self.keys, algorithms=[ALGORITHM]).claims
        except (JoseError, ValueError, KeyError, IndexError) as error:
            raise NotSignedIn from error
        if claims.get("iss") != ISSUER or claims.get("aud") != audience:
            raise NotSignedIn
        expires = float(claims.get("exp", 0)) + SKEW_SECONDS
        if expires < now or float(claims.get("iat", 0)) > now + SKEW_SECONDS:
            raise NotSignedIn
        return claims, expires

    async def _refresh(self) -> None:
        async with self.lock:
            if time.monotonic() - self.fetched < 30 and self.keys is not None:
                return
            body = await _fetch(self.url)
            self.keys = KeySet.import_key_set(body)  # type: ignore[arg-type]
            self.kids = {key.get("kid", "") for key in body["keys"]}
            self.fetched = time.monotonic()


def _unpad(part: str) -> bytes:
    import base64

    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


async def _fetch(url: str) -> dict[str, Any]:
    parsed = urlparse(url)
    if parsed.scheme == "file":
        return json.loads(Path(parsed.path).read_text())  # type: ignore[no-any-return]
    timeout = aiohttp.ClientTimeout(total=5)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as http, http.get(url) as answer:
            return await answer.json()  # type: ignore[no-any-return]
    except (aiohttp.ClientError, TimeoutError) as error:
        raise NotSignedIn from error
