"""Rebuild what a service learnt from a department: `python -m shared.messaging.replay --service X --source Y`.

In one transaction, under the lock of the cursor: the service's `rebuild(session, source)` empties
its read models of that department, then the department's log is read from its beginning up to the
cursor and handed to the handlers marked `read_model=True`, and to no others. Reactions that did
something (opened a case, sent a notice) are not done twice, and nothing is stated again. Readers see
the old copy until the new one is complete; if anything fails, the old one stays.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared.database import new_engine, new_sessions
from shared.messaging.handlers import Handlers
from shared.messaging.inbox import heed, write_shared
from shared.messaging.logbook import read_log
from shared.messaging.stream import Line
from shared.settings import Settings
from shared.work import Writer

Rebuild = Callable[[AsyncSession, str], Awaitable[None]]

LOCK = text("SELECT seq FROM inbox_cursor WHERE source = :source FOR UPDATE")
# A long rebuild is one long transaction on purpose.
PATIENT = (
    text("SET LOCAL statement_timeout = 0"),
    text("SET LOCAL idle_in_transaction_session_timeout = 0"),
)


class NothingToRebuild(Exception):
    """No handler of the service keeps a read model of that department."""


async def replay(
    sessions: async_sessionmaker[AsyncSession],
    line: Line,
    handlers: Handlers,
    rebuild: Rebuild | None,
    *,
    service: str,
    source: str,
) -> int:
    """Rebuild the read models of one department; returns how many events were read again."""
    models = [
        entry for entry in handlers.entries if entry.read_model and entry.source in {"", source}
    ]
    if not models or rebuild is None:
        raise NothingToRebuild
    read = 0
    async with sessions() as session:
        for statement in PATIENT:
            await session.execute(statement)
        upto = await session.scalar(LOCK, {"source": source}) or 0
        await rebuild(session, source)
        at = 0
        while at < upto:
            records = [record for record in await read_log(line, source, at) if record.seq <= upto]
            if not records:
                break
            gathered: dict[Writer, list[Any]] = {}
            for record in records:
                await heed(session, handlers, record, service=service, replay=True, gathered=gathered)
            await write_shared(session, gathered, service=service)
            at, read = records[-1].seq, read + len(records)
        await session.commit()
    return read


async def main(service_name: str, source: str) -> int:
    """Replay for the service this machine's environment is set up for."""
    package = "gateway" if service_name == "gateway" else f"services.{service_name}"
    service = importlib.import_module(f"{package}.app").service
    settings = Settings.load(service_name)
    engine = new_engine(settings)
    line = Line(service_name, settings.nats_url, settings.nats_seed)
    line.start()
    try:
        await line.ready(30)
        return await replay(
            new_sessions(engine),
            line,
            service.handlers,
            service.rebuild,
            service=service_name,
            source=source,
        )
    finally:
        await line.stop()
        await engine.dispose()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--service", required=True, help="whose read models")
    parser.add_argument("--source", required=True, help="the department they were learnt from")
    asked = parser.parse_args()
    number = asyncio.run(main(asked.service, asked.source))
    print(f"{asked.service}: {number} events of {asked.source} read again")
