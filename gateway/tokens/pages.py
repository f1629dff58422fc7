"""The published key set, and the clock that turns the ring."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Response
from starlette.requests import Request

from gateway.tokens.keys import Ring
from shared.schedules import Scheduled
from shared.work import Work

router = APIRouter()


@router.get("/.well-known/jwks.json")
async def key_set(request: Request, response: Response) -> dict[str, Any]:
    """Previous, current and next public key."""
    ring: Ring = request.app.state.gate.ring
    ring.turn()
    response.headers["cache-control"] = "public, max-age=30"
    return ring.published


def turning(ring: Ring) -> Scheduled:
    """Every ten minutes: the next key is made and published long before it signs."""

    async def turn(work: Work, _due: datetime) -> None:
        ring.turn(work.now.timestamp())

    return Scheduled("turn-keys", "*/10 * * * *", turn)
