"""Tokens for departments: minted per person and department, reused while they are young."""

from __future__ import annotations

import time

from joserfc import jwt

from gateway.tokens.keys import Ring
from shared.identity import ALGORITHM, Actor, Verifier, claims_of

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
        key = self.ring.current(now)
        header = {"alg": ALGORITHM, "kid": key.kid, "typ": "guanwu+jwt"}
        claims = claims_of(actor, audience=audience, now=now, sid=sid)
        token = jwt.encode(header, claims, key.private, algorithms=[ALGORITHM])
        if len(self.young) >= LIMIT:
            self.young = {k: v for k, v in self.young.items() if v[0] > now}
            if len(self.young) >= LIMIT:
                self.young.clear()
        self.young[actor, audience, sid] = (now + REUSE_SECONDS, token)
        return token


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
