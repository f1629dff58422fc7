"""Make every stream and every reader of it: `python -m shared.messaging.provision`.

Done at deployment by a user who may; the services' own users may only read and publish.
"""

from __future__ import annotations

import asyncio

from nats.js.errors import NotFoundError

from shared.messaging.client import connect
from shared.messaging.handlers import SOURCES
from shared.messaging.shapes import consumer_config, stream_config, stream_name
from shared.settings import told

PROVISIONER = "provision"


async def provision(nats_url: str, seed: str = "", *, replicas: int = 1) -> None:
    """Bring streams and consumers to the shape this version wants; may be repeated at any time."""
    client = await connect(PROVISIONER, nats_url, seed, patient=False)
    try:
        js = client.jetstream(timeout=10)
        for source in SOURCES:
            wanted = stream_config(source, replicas)
            try:
                await js.stream_info(stream_name(source))
            except NotFoundError:
                await js.add_stream(wanted)
            else:
                await js.update_stream(wanted)
            for service in SOURCES:
                await js.add_consumer(stream_name(source), consumer_config(service))
    finally:
        await client.close()


if __name__ == "__main__":
    asyncio.run(
        provision(
            told("nats_url") or "nats://127.0.0.1:4222",
            told("nats_seed") or "",
            replicas=int(told("nats_replicas") or 1),
        )
    )
