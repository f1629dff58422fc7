"""The same POST sent twice is answered twice and done once."""

from __future__ import annotations

import hashlib

from sqlalchemy import Column, DateTime, Index, Integer, LargeBinary, Table, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from shared.database import KIT
from shared.i18n import N_
from shared.refusals import Refusal

idempotency = Table(
    "idempotency", KIT,
    Column("actor", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request", Text, nullable=False),
    Column("status", Integer),
    Column("headers", JSONB),
    Column("body", LargeBinary),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index("ix_idempotency_at", "at"),
)

# The insert waits for a twin that is still running (unique index), then sees its answer.
_CLAIM = text(
    "INSERT INTO idempotency (actor, key, request) VALUES (:actor, :key, :request) "
    "ON CONFLICT DO NOTHING RETURNING 1"
)
_FOUND = text("SELECT request, status, headers, body FROM idempotency WHERE actor=:actor AND key=:key")
_STORE = text(
    "UPDATE idempotency SET status=:status, headers=CAST(:headers AS jsonb), body=:body "
    "WHERE actor=:actor AND key=:key"
)
KEPT = ("content-type", "location", "hx-redirect", "hx-trigger", "x-sound")


class KeyReused(Refusal):
    """One Idempotency-Key came with two different requests."""

    code = "idempotency-key-reused"
    status = 422
    message = N_("同一操作编号被用于不同的请求，请刷新页面后重试")


LARGEST_READ = 1 << 20


async def fingerprint(request: Request) -> str:
    """What makes two requests the same: route and body; of an upload only its length is read."""
    length = int(request.headers.get("content-length") or 0)
    upload = request.headers.get("content-type", "").startswith("multipart/")
    body = str(length).encode() if upload or length > LARGEST_READ else await request.body()
    return hashlib.sha256(f"{request.method} {request.url.path}\n".encode() + body).hexdigest()


async def claim(session: AsyncSession, actor: str, key: str, request: str) -> Response | None:
    """None when the request is new and must be done; the stored answer when it was done."""
    params = {"actor": actor, "key": key, "request": request}
    if await session.scalar(_CLAIM, params):
        return None
    row = (await session.execute(_FOUND, params)).one()
    if row.request != request:
        raise KeyReused
    return Response(row.body or b"", status_code=row.status or 200, headers=row.headers or {})


async def remember(session: AsyncSession, actor: str, key: str, response: Response) -> None:
    """Keep the answer in the transaction that did the work."""
    import json

    headers = {k: v for k, v in response.headers.items() if k in KEPT}
    headers["idempotent-replay"] = "true"
    await session.execute(
        _STORE,
        {
            "actor": actor, "key": key, "status": response.status_code,
            "headers": json.dumps(headers), "body": bytes(getattr(response, "body", b"")),
        },
    )
