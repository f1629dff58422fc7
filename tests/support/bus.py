"""The bus as every test wants to find it: all streams and readers there, nothing in them."""

import nats
from nats.js.errors import NotFoundError

from shared.messaging.handlers import SOURCES
from shared.messaging.provision import provision
from shared.messaging.shapes import stream_name


async def empty_bus(url: str) -> None:
    """Throw away streams that hold anything, then make whatever is missing."""
    link = await nats.connect(url)
    try:
        js = link.jetstream()
        missing = False
        for source in SOURCES:
            try:
                if (await js.stream_info(stream_name(source))).state.last_seq == 0:
                    continue
                await js.delete_stream(stream_name(source))
            except NotFoundError:
                pass
            missing = True
    finally:
        await link.close()
    if missing:
        await provision(url)
