"""What the doors of the gateway share beside the kit; found at `request.app.state.gate`."""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.requests import HTTPConnection, Request

from gateway.accounts.oidc import Provider
from gateway.accounts.sessions import Sessions, SignedIn
from gateway.assets.shelf import Shelf
from gateway.live.hub import Hub
from gateway.proxy.open_doors import Pace
from gateway.proxy.relay import Departments
from gateway.tokens.keys import Ring
from gateway.tokens.mint import Mint
from shared.refusals import NotSignedIn
from shared.settings import Settings


@dataclass
class Gate:
    """One process of the gateway: keys, sessions, the way to the departments, the open streams."""

    settings: Settings
    ring: Ring
    mint: Mint
    sessions: Sessions
    departments: Departments
    shelf: Shelf
    hub: Hub
    provider: Provider | None
    pace: Pace = field(default_factory=Pace)

    def secure(self, scheme: str) -> bool:
        """Whether browsers reach us over TLS: then the cookie is bound to this host."""
        return scheme == "https" or self.settings.public_url.startswith("https://")


def gate_of(request: HTTPConnection) -> Gate:
    """The gate of the process that answers this request."""
    gate: Gate = request.app.state.gate
    return gate


def signed_in(request: Request) -> SignedIn | None:
    """Who came with the request's cookie or token; the front door has looked already."""
    found: SignedIn | None = getattr(request.state, "signed_in", None)
    return found


def must_be_signed_in(request: Request) -> SignedIn:
    """The same, or the invitation to sign in."""
    found = signed_in(request)
    if found is None:
        raise NotSignedIn
    return found
