"""One department's real application on a real database, for tests of that department alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from shared.identity import Actor
from shared.service import Service
from shared.settings import Settings
from shared.testing.tokens import headers, jwks_file
from tests.support.databases import Database


@asynccontextmanager
async def opened(service: Service, database: Database, folder: Path) -> AsyncIterator[Any]:
    """The application with its doors open but without the bus: facts stay in the outbox."""
    settings = Settings(
        service=service.name, database_url=database.url, data=folder / "data",
        jwks_url=jwks_file(folder), migrate=False,
    )
    app = service.app(settings)
    try:
        yield app
    finally:
        await app.state.kit.engine.dispose()


def client(app: Any, actor: Actor | None, **more: str) -> httpx.AsyncClient:
    """A browser or program that acts as this person."""
    service = app.state.kit.settings.service
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url=f"http://{service}.test",
        headers={**(headers(actor, service) if actor else {}), **more},
    )
