"""`python -m shared.sealing`: walk the audit chain of this service's database; exit 1 and name what does not hold."""

from __future__ import annotations

import asyncio
import sys

from shared.sealing.walk import walk
from shared.settings import Settings


def main() -> int:
    """Say what was found; the exit status is for schedules and scripts."""
    settings = Settings.load(sys.argv[1] if len(sys.argv) > 1 else "")
    verdict = asyncio.run(walk(settings)).verdict
    print("\n".join(f"{settings.service}: {line}" for line in verdict.lines()))
    return 1 if verdict.found else 0


if __name__ == "__main__":
    sys.exit(main())
