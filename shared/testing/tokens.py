"""Signed identities for tests: one key per process, published as a file the verifier reads."""

from __future__ import annotations

import json
import time
from functools import cache
from pathlib import Path

from joserfc import jwt
from joserfc.jwk import KeySet, OKPKey

from shared.identity import ALGORITHM, Actor, Approval, approval_claims, claims_of


@cache
def _key() -> OKPKey:
    return OKPKey.generate_key("Ed25519", {"kid": "tests", "use": "sig", "alg": ALGORITHM})


def token(actor: Actor, service: str) -> str:
    """The bearer token the gateway would mint for this actor and service."""
    claims = claims_of(actor, audience=service, now=time.time())
    return jwt.encode({"alg": ALGORITHM, "kid": "tests"}, claims, _key(), algorithms=[ALGORITHM])


def approval(given: Approval, service: str, *, ago: float = 0) -> str:
    """What the gateway would hand this service when somebody has signed, `ago` seconds old."""
    claims = approval_claims(given, audience=service, now=time.time() - ago)
    return jwt.encode({"alg": ALGORITHM, "kid": "tests"}, claims, _key(), algorithms=[ALGORITHM])


def headers(actor: Actor, service: str) -> dict[str, str]:
    """The request headers of that actor."""
    return {"authorization": f"Bearer {token(actor, service)}"}


def jwks_file(folder: Path) -> str:
    """Publish the key in `folder`; returns the address for `GUANWU_JWKS_URL`."""
    path = folder / "jwks.json"
    path.write_text(json.dumps(KeySet([_key()]).as_dict(private=False)))
    return path.resolve().as_uri()
