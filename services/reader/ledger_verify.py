"""`python -m services.reader.ledger_verify`: whether all money agrees; says what does not, and exits 1 then."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence

from services.reader.desk.books.proof import verify
from services.reader.desk.books.rules import Check
from shared.database import new_engine, new_sessions
from shared.settings import Settings


async def walk(settings: Settings) -> Sequence[Check]:
    """Every check of that database, read at one moment."""
    engine = new_engine(settings, size=1)
    try:
        async with new_sessions(engine.execution_options(isolation_level="REPEATABLE READ"))() as session:
            return await verify(session)
    finally:
        await engine.dispose()


def main() -> int:
    """Say what was found; the exit status is for schedules and scripts."""
    checks = asyncio.run(walk(Settings.load("reader")))
    for check in checks:
        for row in check.found:
            print(f"{check.code}: {row['about']}: says {row['says']}, is {row['is']}")
        if check.more:
            print(f"{check.code}: and more")
    broken = [check.code for check in checks if not check.ok]
    print(f"{len(checks) - len(broken)} of {len(checks)} checks hold" + (f"; broken: {', '.join(broken)}" if broken else ""))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
