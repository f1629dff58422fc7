"""A real database with the example's tables, and clients who act as somebody."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import psycopg
import pytest
from sqlalchemy import text

from deploy.local.databases import at
from shared.database import KIT, new_engine
from shared.identity import Actor
from shared.messaging.ddl import STATEMENTS
from shared.settings import Settings
from shared.testing.tokens import headers, jwks_file
from tests.shared.register import example

APPLICANT = Actor("S001", "林晓雯", posts=("RDR-DSK",), dept="reader")
OTHER = Actor("S002", "周文彬", posts=("RDR-REF",), dept="reader")
HEAD = Actor("S010", "陈思远", posts=("OFF-ADM",), dept="office")
KEEPER = Actor("S011", "罗敏", posts=("OFF-GEN",), dept="office")
PATRON = Actor("P001", "王读者", kind="patron")


@pytest.fixture(scope="session")
async def example_url(infra) -> AsyncIterator[str]:
    name = f"example_register_{infra.worker}"
    with psycopg.connect(infra.pg_admin_dsn, autocommit=True) as admin:
        admin.execute(f"drop database if exists {name} with (force)")
        admin.execute(f"create database {name}")
    url = at(infra.pg_admin_dsn, name)
    with psycopg.connect(url, autocommit=True) as own:
        own.execute("create extension if not exists pg_trgm")
    engine = new_engine(Settings(service="office", database_url=as_url(url)))
    async with engine.begin() as connection:
        await connection.run_sync(KIT.create_all)
        await connection.run_sync(example.Base.metadata.create_all)
        for statement in STATEMENTS:
            await connection.execute(text(statement))
    await engine.dispose()
    yield as_url(url)


def as_url(dsn: str) -> str:
    """The DSN as the address the settings take."""
    if "://" in dsn:
        return dsn
    parts = psycopg.conninfo.conninfo_to_dict(dsn)
    place = f"{parts['host']}:{parts.get('port', 5432)}"
    if str(parts["host"]).startswith("/"):
        return f"postgresql://{parts['user']}:{parts.get('password', '')}@/{parts['dbname']}?host={parts['host']}&port={parts.get('port', 5432)}"
    return f"postgresql://{parts['user']}:{parts.get('password', '')}@{place}/{parts['dbname']}"


@pytest.fixture
async def app(example_url: str, tmp_path: Path) -> AsyncIterator[object]:
    settings = Settings(
        service="office", database_url=example_url, data=tmp_path / "data", jwks_url=jwks_file(tmp_path), migrate=False,
    )
    made = example.service.app(settings)
    kit = made.state.kit
    async with kit.sessions() as session:
        names = [t.name for t in (*KIT.sorted_tables, *example.Base.metadata.sorted_tables)]
        await session.execute(text("truncate " + ", ".join(f'"{n}"' for n in names)))
        await session.commit()
    yield made
    await kit.engine.dispose()


@pytest.fixture
async def client(app) -> AsyncIterator[Callable[[Actor], httpx.AsyncClient]]:
    """`client(HEAD)` acts as that person; each call is a browser of its own."""
    open_clients = []

    def make(actor: Actor | None = None, **more: str) -> httpx.AsyncClient:
        found = httpx.AsyncClient(
            transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://office.test",
            headers={**(headers(actor, "office") if actor else {}), **more},
        )
        open_clients.append(found)
        return found

    yield make
    for one in open_clients:
        await one.aclose()
