"""Of several replicas one reads each department: a lease in the cursor row, taken over when it lapses."""

from __future__ import annotations

import asyncio
import os
import socket
import time

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.database import uuid7
from shared.messaging.inbox import LEASE_SECONDS

log = structlog.get_logger()

RENEW = 1.5

INTRODUCE = text(
    "INSERT INTO inbox_cursor (source) SELECT unnest(CAST(:sources AS text[])) "
    "ON CONFLICT (source) DO NOTHING"
)
# Rows locked by a running batch are skipped: the batch renews its own lease. A lease that a crash
# of the database forgets is taken anew, so this commit need not wait for disk.
TAKE = text(
    "UPDATE inbox_cursor c SET owner = :owner, "
    f" lease_until = clock_timestamp() + interval '{LEASE_SECONDS} seconds' "
    "FROM (SELECT i.source, quick.set FROM inbox_cursor i, "
    "  (SELECT set_config('synchronous_commit', 'off', true) AS set) AS quick "
    " WHERE i.source = ANY(CAST(:sources AS text[])) "
    " AND (i.owner = :owner OR i.owner IS NULL OR i.lease_until < clock_timestamp()) "
    " FOR UPDATE OF i SKIP LOCKED) AS mine WHERE c.source = mine.source RETURNING c.source"
)
GIVE_UP = text("UPDATE inbox_cursor SET owner = NULL, lease_until = NULL WHERE owner = :owner")


class Leases:
    """Which departments this replica reads just now."""

    def __init__(self, engine: AsyncEngine, sources: tuple[str, ...]) -> None:
        self.engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self.sources = sources
        self.owner = f"{socket.gethostname()}-{os.getpid()}-{str(uuid7())[-12:]}"
        self.until: dict[str, float] = {}

    def holds(self, source: str) -> bool:
        """Whether it is ours to read."""
        return self.until.get(source, 0.0) > time.monotonic()

    def extend(self, source: str) -> None:
        """A batch was committed, which renewed the lease in the same transaction."""
        self.until[source] = time.monotonic() + LEASE_SECONDS

    def drop(self, source: str) -> None:
        """The cursor bears another name."""
        self.until.pop(source, None)

    async def run(self) -> None:
        """For ever: renew ours, and take those nobody reads."""
        while self.sources:
            try:
                await self.renew()
            except (SQLAlchemyError, OSError) as error:
                log.warning("lease not renewed", error=type(error).__name__)
            await asyncio.sleep(RENEW)

    async def renew(self) -> None:
        """One round."""
        begun = time.monotonic()
        sources = list(self.sources)
        async with self.engine.connect() as db:
            if not all(self.holds(source) for source in sources):
                await db.execute(INTRODUCE, {"sources": sources})
            taken = await db.scalars(TAKE, {"owner": self.owner, "sources": sources})
        for source in taken:
            self.until[source] = begun + LEASE_SECONDS

    async def give_up(self) -> None:
        """Let another replica go on at once."""
        self.until.clear()
        async with self.engine.connect() as db:
            await db.execute(GIVE_UP, {"owner": self.owner})
