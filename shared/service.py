"""A department's process, put together: `Service(...)` is its table of contents, `run` starts it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
import uvicorn
from fastapi import APIRouter, FastAPI
from jinja2 import Environment
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from starlette.responses import JSONResponse, Response

from shared import demonstration, logs, metrics, tracing
from shared.copies.comparing import Copy
from shared.copies.ledger import Answers, Ledger, ledger_subject
from shared.copies.pages import upkeep_router, with_upkeep
from shared.copies.runner import Runner, nightly
from shared.database import new_engine, new_sessions
from shared.files import Store
from shared.i18n import ROOT, speak_for
from shared.identity import Verifier
from shared.messaging.bus import Bus
from shared.messaging.handlers import Handlers
from shared.schedules import Scheduled, Scheduler
from shared.schema import answering, at_head
from shared.sealing import commands as sealing
from shared.settings import Settings
from shared.web import errors
from shared.web.middleware import Edge
from shared.web.pages import Area, new_environment
from shared.web.register.errands import Errands
from shared.work import Works

log = structlog.get_logger()

# As in pyproject.toml; a test compares the two.
VERSION = "1.0.0"


@dataclass
class Kit:
    """What the doors of one process share; found at `request.app.state.kit`."""

    settings: Settings
    dept: str
    title: str
    areas: list[Area]
    engine: AsyncEngine
    sessions: async_sessionmaker[AsyncSession]
    reading: async_sessionmaker[AsyncSession]
    works: Works
    verifier: Verifier
    templates: Environment
    files: Store
    bus: Bus
    registers: list[Any] = field(default_factory=list)
    ready: bool = False
    since: datetime = field(default_factory=lambda: datetime.now(UTC))

    def poke(self) -> None:
        """Tell the relay that events were written."""
        self.bus.poke()


@dataclass
class Service:
    """One department (or the gateway): its rooms, what it heeds, what it does by the clock."""

    name: str
    title: str
    title_en: str
    areas: list[Area] = field(default_factory=list)
    routers: Sequence[APIRouter] = ()
    registers: Sequence[Any] = ()
    handlers: Handlers = field(default_factory=Handlers)
    schedules: Sequence[Scheduled] = ()
    # The function that loads the demonstration, or where it lies ("package.module:function"): a department's is
    # imported by the process that loads it alone.
    demo: Callable[[Kit], Awaitable[None]] | str | None = None
    rebuild: Callable[[AsyncSession, str], Awaitable[None]] | None = None
    on_start: Sequence[Callable[[Kit], Awaitable[None]]] = ()
    on_stop: Sequence[Callable[[Kit], Awaitable[None]]] = ()
    # What it answers for when other departments compare their copies, and which copies it keeps itself.
    ledgers: Sequence[Ledger] = ()
    copies: Sequence[Copy] = ()

    @property
    def folder(self) -> Path:
        """Where the service's code and templates lie."""
        return ROOT / "gateway" if self.name == "gateway" else ROOT / "services" / self.name

    def kit(self, settings: Settings) -> Kit:
        """Everything the process holds open."""
        engine = new_engine(settings)
        sessions = new_sessions(engine)
        bus = Bus(settings, sessions, self.handlers)
        for asker in {who for ledger in self.ledgers for who in ledger.asked_by}:
            known = Answers(sessions, [one for one in self.ledgers if asker in one.asked_by])
            bus.answers[ledger_subject(self.name, asker)] = known.answer
        folders = sorted(p for p in self.folder.rglob("templates") if p.is_dir())
        return Kit(
            settings=settings, dept="portal" if self.name == "gateway" else self.name,
            title=self.title, areas=with_upkeep(self.name, self.areas), engine=engine, sessions=sessions,
            reading=new_sessions(engine.execution_options(isolation_level="AUTOCOMMIT")),
            works=Works(sessions, self.name, bus.poke),
            verifier=Verifier(settings.jwks_url, self.name),
            templates=new_environment(settings, folders),
            files=Store(settings.data / self.name if "://" not in str(settings.data) else f"{settings.data}/{self.name}"),
            bus=bus, registers=list(self.registers),
        )

    def app(self, settings: Settings) -> FastAPI:
        """The ASGI application."""
        kit = self.kit(settings)
        schedules, runner = [*self.schedules, *sealing.SCHEDULES], Runner(self.copies)
        errands = Errands(kit.works, self.registers)
        if self.copies:
            schedules.append(nightly(self.copies))

        @asynccontextmanager
        async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
            await answering(kit.engine)
            if settings.migrate and not await at_head(kit.engine, self.name):
                from shared.migrations import upgrade

                url = settings.owner_database_url or settings.database_url
                await asyncio.to_thread(upgrade, self.name, url)
            await kit.bus.start()
            scheduler = Scheduler(kit.works, schedules)
            await scheduler.start()
            for hook in self.on_start:
                await hook(kit)
            if self.copies:
                await runner.begin(kit)
            errands.begin()
            kit.ready = True
            seeding = asyncio.create_task(self._seed(kit)) if settings.demo and self.demo else None
            try:
                yield
            finally:
                kit.ready = False
                if seeding:
                    seeding.cancel()
                await errands.end()
                await runner.end(kit)
                for hook in self.on_stop:
                    await hook(kit)
                await scheduler.stop()
                await kit.bus.stop()
                await kit.engine.dispose()

        app = FastAPI(
            title=f"Guanwu {self.title_en}", version="1", lifespan=lifespan, docs_url=None, redoc_url=None,
            openapi_url=f"/api/{self.name}/openapi.json",
        )
        app.state.kit = kit
        app.add_middleware(Edge, service=self.name)
        errors.install(app)
        _health(app, kit)
        for router in self.routers:
            app.include_router(router)
        for register in self.registers:
            app.include_router(register.router)
        app.include_router(upkeep_router(self.name, self.copies))
        return app

    async def _seed(self, kit: Kit) -> None:
        """Load the demonstration beside the serving process; the gateway's is a look at what the others stated."""
        if callable(self.demo):
            try:
                await self.demo(kit)
            except Exception:
                log.exception("demonstration data failed")
            else:
                log.info("demonstration data ready")
        elif self.demo and await demonstration.loaded(kit, self.demo):
            log.info("demonstration data ready", seconds=0)
        elif await demonstration.beside(self.name):
            kit.poke()
            # A fortnight's events in a minute leave server processes larger than a day needs.
            await kit.engine.dispose()
        else:
            log.error("demonstration data failed")


def _health(app: FastAPI, kit: Kit) -> None:
    @app.get("/healthz", include_in_schema=False)
    async def alive() -> dict[str, str]:
        return {"status": "ok", "service": kit.settings.service}

    @app.get("/readyz", include_in_schema=False)
    async def ready() -> Response:
        try:
            async with asyncio.timeout(1), kit.reading() as session:
                await session.execute(text("SELECT 1"))
            database = True
        except (SQLAlchemyError, OSError, TimeoutError):
            database = False
        body: dict[str, Any] = {"ready": kit.ready and database, "database": database, "bus": kit.bus.connected}
        if kit.settings.service != "gateway":  # whose door is open to everybody
            body |= {"version": VERSION, "since": kit.since.isoformat(timespec="seconds")}
        # The bus being down is a degraded state, not an unready one: writes go to the outbox.
        return JSONResponse(body, status_code=200 if body["ready"] else 503)

    @app.get("/metrics", include_in_schema=False)
    async def figures() -> Response:
        return metrics.page()


def run(service: Service) -> None:
    """Serve until told to stop; `python -m services.<name> demonstration` loads its demonstration data instead."""
    settings = Settings.load(service.name)
    logs.set_up(service.name, settings.log)
    speak_for(service.name)
    if settings.traces:
        tracing.begin(service.name, settings.traces, share=settings.traces_share)
    if sys.argv[1:] == [demonstration.WORD]:
        sys.exit(asyncio.run(demonstration.load(service, service.kit(settings))))
    try:
        serve(service, settings)
    finally:
        tracing.end()


def serve(service: Service, settings: Settings) -> None:
    """Answer until told to stop."""
    uvicorn.run(
        service.app(settings), host=settings.host, port=settings.port, log_config=None,
        access_log=False, server_header=False, date_header=False, timeout_graceful_shutdown=10,
        timeout_keep_alive=75,
    )
