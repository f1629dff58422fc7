"""How the streams and their readers are shaped."""

from __future__ import annotations

from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    DiscardPolicy,
    ReplayPolicy,
    RetentionPolicy,
    StorageType,
    StoreCompression,
    StreamConfig,
)

from shared.events.base import PREFIX

DAY = 24 * 3600
ACK_WAIT = 30


def stream_name(source: str) -> str:
    """The stream of a department."""
    return source.upper()


def stream_config(source: str, replicas: int = 1) -> StreamConfig:
    """Thirty days of a department's facts; older ones are read from its own log."""
    return StreamConfig(
        name=stream_name(source),
        subjects=[f"{PREFIX}.{source}.>"],
        storage=StorageType.FILE,
        num_replicas=replicas,
        retention=RetentionPolicy.LIMITS,
        discard=DiscardPolicy.OLD,
        max_age=30 * DAY,
        max_bytes=512 * 1024 * 1024,
        max_msg_size=256 * 1024,
        duplicate_window=120,
        allow_direct=True,
        compression=StoreCompression.S2,
    )


def consumer_config(service: str) -> ConsumerConfig:
    """A durable pull consumer that takes the whole stream, so that gaps can be seen."""
    return ConsumerConfig(
        name=service,
        durable_name=service,
        deliver_policy=DeliverPolicy.ALL,
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=ACK_WAIT,
        max_deliver=-1,
        max_ack_pending=500,
        replay_policy=ReplayPolicy.INSTANT,
    )
