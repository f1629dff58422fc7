"""What those who buy tell the racks."""

from __future__ import annotations

from services.reader.rooms.serials import commands, gaps
from shared.events.resources import (
    SerialClaimed,
    SerialDelivered,
    SerialSubscribed,
    SerialUnsubscribed,
)
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


@handlers.on(SerialSubscribed)
async def await_issues_on_serial_subscribed(work: Work, event: SerialSubscribed) -> None:
    """The title is awaited from its first day on."""
    await commands.follow_subscription(work, event)


@handlers.on(SerialUnsubscribed)
async def end_on_serial_unsubscribed(work: Work, event: SerialUnsubscribed) -> None:
    """Nothing after its last day is awaited."""
    await commands.end_subscription(work, event)


@handlers.on(SerialClaimed)
async def show_on_serial_claimed(work: Work, event: SerialClaimed) -> None:
    """The gap shows how far the claim is."""
    await gaps.follow_claim(work, event)


@handlers.on(SerialDelivered)
async def await_again_on_serial_delivered(work: Work, event: SerialDelivered) -> None:
    """What comes after all stands on the list of the day."""
    await gaps.follow_delivery(work, event)
