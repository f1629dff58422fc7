"""The gateway's table of contents: rooms, what it heeds, what it does by the clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from fastapi import FastAPI

import gateway.accounts.administration
import gateway.accounts.api
import gateway.accounts.mine
import gateway.accounts.pages
import gateway.accounts.signing
import gateway.live.handlers
import gateway.live.pages
import gateway.people.copied
import gateway.people.handlers
import gateway.portal.charts
import gateway.portal.handlers
import gateway.portal.pages
import gateway.portal.status
import gateway.search.pages
import gateway.timeline.forgetting
import gateway.timeline.handlers
import gateway.timeline.pages
import gateway.tokens.pages
import gateway.work.handlers
import gateway.work.pages
from gateway.accounts.oidc import Provider
from gateway.accounts.sessions import Sessions
from gateway.assets.shelf import Shelf
from gateway.front import Front
from gateway.gate import Gate
from gateway.housekeeping import forget_copies, housekeeping
from gateway.live.hub import Hub
from gateway.live.tail import following
from gateway.people.demo import demo_handlers
from gateway.portal.catch_up import catch_up
from gateway.portal.navigation import AREAS
from gateway.proxy.relay import Departments
from gateway.tokens.keys import Ring
from gateway.tokens.mint import Mint, OwnVerifier
from gateway.tokens.pages import turning
from shared.i18n import N_
from shared.messaging.handlers import Handlers
from shared.sealing.handlers import witness
from shared.service import Kit, Service
from shared.settings import DEPARTMENTS, Settings

ROUTERS = (
    gateway.accounts.pages.router, gateway.accounts.mine.router, gateway.accounts.api.router,
    gateway.accounts.signing.router,
    gateway.accounts.administration.router, gateway.tokens.pages.router, gateway.portal.pages.router,
    gateway.portal.charts.router, gateway.portal.status.router, gateway.work.pages.router,
    gateway.timeline.pages.router, gateway.search.pages.router, gateway.live.pages.router,
)
HANDLERS = (
    # Notices come before the list of work: they compare with what waited until now.
    gateway.people.handlers.handlers, gateway.live.handlers.handlers,
    gateway.timeline.handlers.handlers, gateway.work.handlers.handlers,
    gateway.portal.handlers.handlers, witness(*DEPARTMENTS),
)


class GatewayService(Service):
    """A service like the departments, with a front door before its routing."""

    def app(self, settings: Settings) -> FastAPI:
        """The ASGI application; its gate is at `app.state.gate`."""
        ring = Ring(settings.data / "keys")
        ring.turn()
        hub = Hub()
        heeds = Handlers().include(self.handlers)
        if settings.demo:
            heeds.include(demo_handlers(settings.demo_password))
        follow, unfollow = following(hub)
        departments = Departments(settings.addresses)

        async def begin(kit: Kit) -> None:
            kit.verifier = OwnVerifier(ring)
            await follow(kit)

        async def end(_kit: Kit) -> None:
            hub.close()
            await unfollow()
            await departments.close()

        schedules: Sequence[Any] = (turning(ring), *housekeeping, gateway.timeline.forgetting.schedule)
        running = replace(
            self, handlers=heeds, schedules=schedules, on_start=(begin,), on_stop=(end,),
        )
        app = Service.app(running, settings)
        kit: Kit = app.state.kit
        kit.verifier = OwnVerifier(ring)
        gate = Gate(
            settings=settings, ring=ring, mint=Mint(ring), sessions=Sessions(kit.reading),
            departments=departments, shelf=Shelf(settings.static), hub=hub,
            provider=Provider.of(settings),
        )
        app.state.gate = gate
        app.add_middleware(Front, gate=gate)
        return app


service = GatewayService(
    name="gateway", title=N_("馆务通"), title_en="Portal", areas=AREAS, routers=ROUTERS,
    handlers=Handlers().include(*HANDLERS), rebuild=forget_copies, demo=catch_up,
    copies=(gateway.people.copied.staff, gateway.people.copied.posts),
)
