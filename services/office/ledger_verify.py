"""`python -m services.office.ledger_verify`: walk the work ledger's hash chain, exit 1 when it is broken."""

from __future__ import annotations

import asyncio
import sys

from services.office.people.ledger.queries import Verdict, verify
from shared.database import new_engine, new_sessions
from shared.settings import Settings


async def walk(settings: Settings) -> Verdict:
    """What the chain of that database looks like."""
    engine = new_engine(settings, size=1)
    try:
        async with new_sessions(engine.execution_options(isolation_level="AUTOCOMMIT"))() as session:
            return await verify(session)
    finally:
        await engine.dispose()


def main() -> int:
    """Say what was found; the exit status is for schedules and scripts."""
    verdict = asyncio.run(walk(Settings.load("office")))
    if verdict.broken:
        print(f"broken at position {verdict.broken.position}: {verdict.broken.kind}")
        return 1
    print(f"{verdict.rows} rows in order, head {verdict.hash[:16] or 'empty'}, {verdict.seconds:.2f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
