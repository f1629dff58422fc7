"""Whether a department's database answers and is at this version, asked without loading the migration tool."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import structlog
from sqlalchemy import text
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.i18n import ROOT

log = structlog.get_logger()


def folder(service: str) -> Path:
    """Where the service keeps its migrations."""
    base = ROOT / "gateway" if service == "gateway" else ROOT / "services" / service
    return base / "migrations"


def newest(service: str) -> str:
    """The revision this version of the code expects; revisions are numbered."""
    found = sorted(path.stem.split("_", 1)[0] for path in (folder(service) / "versions").glob("*.py"))
    return found[-1] if found else ""


async def answering(engine: AsyncEngine, *, patience: float = 120.0) -> None:
    """Wait until the database lets us in: it may be starting too, or recovering from a crash.

    A program that ended instead would be started later and later by whoever watches over it. What is wrong for
    good, such as a password, is the error after `patience` seconds.
    """
    deadline, told = time.monotonic() + patience, False
    while True:
        try:
            async with engine.connect():
                return
        except OperationalError as error:
            if time.monotonic() > deadline:
                raise
            if not told:
                log.warning("waiting for the database", error=str(error.orig)[:200])
                told = True
        await asyncio.sleep(0.3)


async def at_head(engine: AsyncEngine, service: str) -> bool:
    """True when there is nothing to migrate; most starts find it so and save the tool's memory."""
    try:
        async with engine.connect() as connection:
            version = await connection.scalar(text("SELECT version_num FROM alembic_version"))
    except SQLAlchemyError:
        return False
    return bool(version) and version == newest(service)
