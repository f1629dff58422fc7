"""A department that only listens, as a process of its own: something that can really be killed."""

import asyncio
import json
import signal
import sys

from tests.shared.messaging.rig import department, effects


async def main(url: str, nats_url: str) -> None:
    """Write effects until told to end, then say the figures."""
    place = await department("office", url, nats_url)
    bus = await place.bus(effects())
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    await ended.wait()
    figures = bus.metrics()
    await place.stop()
    await place.engine.dispose()
    print(json.dumps(figures))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
