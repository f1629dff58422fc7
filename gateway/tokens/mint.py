"""Tokens for departments: minted per person and department, reused while they are young."""

from __future__ import annotations

import time
from typing import Any

from joserfc import jwt

from gateway.tokens.keys import Ring
from shared.database import uuid7
from shared.identity import ALGORITHM, Actor, Approval, Verifier, approval_claims, claims_of

# A token lives 60 s; handing it out for 40 leaves the department 20 s to begin.
REUSE_SECONDS = 40
LIMIT = 4096


class Mint:
    """Signs who is acting, for one department at a time."""

    def __init__(self, ring: Ring) -> None:
        self.ring = ring
        self.young: dict[tuple[Actor, str, str], tuple[float, str]] = {}

    def token(self, actor: Actor, audience: str, sid: str = "") -> str:
        """A bearer token that only `audience` accepts."""
        now = time.time()
        known = self.young.get((actor, audience, sid))
        if known and known[0] > now:
            return known[1]
        token = self._sign(claims_of(actor, audience=audience, now=now, sid=sid), now)
        if len(self.young) >= LIMIT:
            self.young = {k: v for k, v in self.young.items() if v[0] > now}
            if len(self.young) >= LIMIT:
                self.young.clear()
        self.young[actor, audience, sid] = (now + REUSE_SECONDS, token)
        return token

    def approval(self, by: Actor, audience: str, *, of: str, act: str, about: str, reason: str) -> str:
        """What `by` approves of somebody else's act, for one department; a new one each time."""
        now = time.time()
        approval = Approval(uuid7(), by, of, act, about, reason)
        return self._sign(approval_claims(approval, audience=audience, now=now), now)

    def _sign(self, claims: dict[str, Any], now: float) -> str:
        key = self.ring.current(now)
        header = {"alg": ALGORITHM, "kid": key.kid, "typ": "guanwu+jwt"}
        return jwt.encode(header, claims, key.private, algorithms=[ALGORITHM])


class OwnVerifier(Verifier):
    """The gateway's own pages verify with the ring itself: no call to our own door."""

    def __init__(self, ring: Ring) -> None:
        super().__init__("", "gateway")
        self.ring = ring


    async def _refresh(self) -> None:
        from joserfc.jwk import KeySet

        body = self.ring.published
        self.keys = KeySet.import_key_set(body)  # type: ignore[arg-type]
        self.kids = {key["kid"] for key in body["keys"]}
