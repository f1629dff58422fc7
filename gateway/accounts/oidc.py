"""The university's sign-in: OpenID Connect, authorization code with PKCE, against any provider."""

from __future__ import annotations

import base64
import hashlib
import time
from typing import Any
from urllib.parse import quote, urlencode, urlparse

import aiohttp
import structlog
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from gateway.accounts.model import OidcFlow
from gateway.accounts.rules import UniversitySignInFailed
from shared.i18n import N_
from shared.reach import addresses_of, reachable
from shared.settings import Settings

log = structlog.get_logger()

ALGORITHMS = ("RS256", "PS256", "ES256", "ES384", "Ed25519", "EdDSA")
# What the discovery document sends us or the browser to.
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
# The first of these that the ID token carries names the staff number, card or user name.
CLAIMS = ("guanwu_id", "employee_number", "preferred_username")
SKEW = 60
KEEP = 3600.0


class Provider:
    """One OpenID provider, discovered at first use."""

    def __init__(self, settings: Settings) -> None:
        self.issuer = settings.oidc_issuer.rstrip("/")
        self.client_id, self.secret = settings.oidc_client_id, settings.oidc_client_secret
        self._about: tuple[float, dict[str, Any]] | None = None
        self._keys: KeySet | None = None
        host = urlparse(self.issuer).hostname or ""
        if not self.issuer.startswith("https://") and host not in {"127.0.0.1", "localhost", "::1"}:
            raise ValueError("the OpenID issuer must be an https address")

    @classmethod
    def of(cls, settings: Settings) -> Provider | None:
        """The configured provider, or None: then only local accounts sign in."""
        return cls(settings) if settings.oidc_issuer and settings.oidc_client_id else None

    async def about(self) -> dict[str, Any]:
        """The provider's discovery document, which must speak of this very issuer."""
        if self._about is None or self._about[0] < time.monotonic():
            found = await _json("GET", f"{self.issuer}/.well-known/openid-configuration")
            if str(found.get("issuer", "")).rstrip("/") != self.issuer:
                raise UniversitySignInFailed(why=N_("认证中心的身份与配置不符"))
            for name in ENDPOINTS:
                if not await self._may_go_to(str(found.get(name, ""))):
                    log.warning("OpenID endpoint is not gone to", endpoint=name)
                    raise UniversitySignInFailed(why=N_("认证中心的身份与配置不符"))
            self._about = (time.monotonic() + KEEP, found)
        return self._about[1]

    async def _may_go_to(self, url: str) -> bool:
        """The issuer's own host, which the operator named; elsewhere only by TLS and never into a private network."""
        place = urlparse(url)
        if place.netloc and place.netloc == urlparse(self.issuer).netloc:
            return place.scheme == urlparse(self.issuer).scheme
        if place.scheme != "https" or not place.hostname:
            return False
        try:
            found = await addresses_of(place.hostname, place.port or 443)
        except OSError:
            return False
        return bool(found) and all(map(reachable, found))

    async def address(self, flow: OidcFlow, state: str, back: str) -> str:
        """Where to send the browser."""
        about = await self.about()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(flow.verifier.encode()).digest())
        asked = {
            "response_type": "code", "client_id": self.client_id, "redirect_uri": back,
            "scope": "openid profile", "state": state, "nonce": flow.nonce,
            "code_challenge": challenge.rstrip(b"=").decode(), "code_challenge_method": "S256",
        }
        joint = "&" if "?" in about["authorization_endpoint"] else "?"
        return f"{about['authorization_endpoint']}{joint}{urlencode(asked)}"

    async def claims(self, flow: OidcFlow, code: str, back: str) -> dict[str, Any]:
        """Who the provider says came back, once the ID token has been checked in every respect."""
        about = await self.about()
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": back,
            "code_verifier": flow.verifier, "client_id": self.client_id,
        }
        headers = {}
        if self.secret:
            methods = about.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
            if "client_secret_basic" in methods:
                headers["authorization"] = aiohttp.encode_basic_auth(
                    quote(self.client_id, safe=""), quote(self.secret, safe="")
                )
            else:
                form["client_secret"] = self.secret
        answer = await _json("POST", about["token_endpoint"], data=form, headers=headers)
        claims = await self._verified(str(answer.get("id_token", "")), about)
        now = time.time()
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        holds = (
            str(claims.get("iss", "")).rstrip("/") == self.issuer
            and self.client_id in audiences
            and (len(audiences) == 1 or claims.get("azp") == self.client_id)
            and float(claims.get("exp", 0)) > now - SKEW
            and float(claims.get("iat", 0)) < now + SKEW
            and claims.get("nonce") == flow.nonce
            and bool(claims.get("sub"))
        )
        if not holds:
            raise UniversitySignInFailed(why=N_("认证结果无效或已过期"))
        return claims

    async def _verified(self, token: str, about: dict[str, Any]) -> dict[str, Any]:
        offered = about.get("id_token_signing_alg_values_supported", ["RS256"])
        allowed = [one for one in ALGORITHMS if one in offered]
        for fresh in (False, True):  # a key we do not know may be a new one: ask once more
            if self._keys is None or fresh:
                self._keys = KeySet.import_key_set(await _json("GET", about["jwks_uri"]))  # type: ignore[arg-type]
            try:
                return dict(jwt.decode(token, self._keys, algorithms=allowed).claims)
            except (JoseError, ValueError) as error:
                log.warning("ID token does not verify", error=type(error).__name__, again=not fresh)
        raise UniversitySignInFailed(why=N_("认证结果的签名无效"))


def person_claim(claims: dict[str, Any]) -> str:
    """The claim that names the person in the library's own terms."""
    return next((str(claims[name]).strip() for name in CLAIMS if claims.get(name)), "")


async def _json(method: str, url: str, **options: Any) -> dict[str, Any]:
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=8)) as http,
            http.request(method, url, allow_redirects=False, **options) as answer,
        ):
            if answer.status != 200:
                log.warning("OpenID provider refuses", status=answer.status)
                raise UniversitySignInFailed(why=N_("认证中心拒绝了请求"))
            found = await answer.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        log.warning("OpenID provider does not answer", error=type(error).__name__)
        raise UniversitySignInFailed(why=N_("认证中心没有响应")) from error
    return dict(found)
