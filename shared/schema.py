"""Whether a department's database is at this version, asked without loading the migration tool."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.i18n import ROOT


def folder(service: str) -> Path:
    """Where the service keeps its migrations."""
    base = ROOT / "gateway" if service == "gateway" else ROOT / "services" / service
    return base / "migrations"


def newest(service: str) -> str:
    """The revision this version of the code expects; revisions are numbered."""
    found = sorted(path.stem.split("_", 1)[0] for path in (folder(service) / "versions").glob("*.py"))
    return found[-1] if found else ""


async def at_head(engine: AsyncEngine, service: str) -> bool:
    """True when there is nothing to migrate; most starts find it so and save the tool's memory."""
    try:
        async with engine.connect() as connection:
            version = await connection.scalar(text("SELECT version_num FROM alembic_version"))
    except SQLAlchemyError:
        return False
    return bool(version) and version == newest(service)
