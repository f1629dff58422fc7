"""A department small enough to see what the gateway does to a request, and a way to serve any app."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response, StreamingResponse

from deploy.local.ports import free_port
from shared.identity import Verifier
from shared.refusals import NotSignedIn

MB = 1 << 20


class Served(uvicorn.Server):
    """A server inside the test's own loop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to pytest."""
        yield


@asynccontextmanager
async def serving(app: Any, port: int | None = None) -> AsyncIterator[str]:
    """Serve an ASGI app on a free port; yields its address."""
    port = port or free_port()
    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, log_config=None, access_log=False, server_header=False,
        date_header=False, timeout_graceful_shutdown=2, proxy_headers=False,
    )
    server = Served(config)
    task = asyncio.create_task(server.serve())
    try:
        async with asyncio.timeout(20):
            while not server.started:
                if task.done():
                    task.result()
                await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


@dataclass
class Department:
    """What the stand-in received, and how it answers."""

    name: str
    jwks_url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    received: int = 0
    digest: str = ""
    streams_left: int = 0
    rooms: list[dict[str, Any]] = field(default_factory=list)

    def app(self) -> FastAPI:
        """Its doors."""
        app = FastAPI(openapi_url=None)

        @app.get(f"/api/{self.name}/rooms")
        async def rooms() -> dict[str, Any]:
            return {"items": self.rooms, "total": len(self.rooms), "department": self.name}

        @app.get(f"/api/{self.name}/search")
        async def search(q: str) -> dict[str, Any]:
            return {"items": [{"group": "馆藏", "title": f"《{q}》", "url": f"/{self.name}/items/A1"}]}

        async def upload(request: Request) -> dict[str, Any]:
            hashing, self.received = hashlib.sha256(), 0
            async for piece in request.stream():
                self.received += len(piece)
                hashing.update(piece)
            self.digest = hashing.hexdigest()
            return {"received": self.received}

        app.post(f"/{self.name}/imports")(upload)
        app.post(f"/{self.name}/photos")(upload)

        @app.get(f"/{self.name}/big/{{megabytes}}")
        async def big(megabytes: int) -> Response:
            async def pieces() -> AsyncIterator[bytes]:
                for _ in range(megabytes * 4):
                    yield b"x" * (MB // 4)

            return StreamingResponse(pieces(), media_type="application/octet-stream")

        @app.get(f"/{self.name}/page")
        async def page() -> Response:
            answer = HTMLResponse("<!doctype html><p>" + "馆藏 " * 2000)
            answer.set_cookie("guanwu", "stolen")
            answer.set_cookie("flash", "saved")
            return answer

        @app.get(f"/{self.name}/signals")
        async def signals() -> Response:
            async def lines() -> AsyncIterator[str]:
                try:
                    while True:
                        yield "data: one\n\n"
                        await asyncio.sleep(0.05)
                finally:
                    self.streams_left += 1

            return StreamingResponse(lines(), media_type="text/event-stream")

        @app.api_route("/{path:path}", methods=["GET", "POST", "PUT", "DELETE"])
        async def echo(request: Request, path: str) -> Response:
            seen = {
                "path": request.scope["raw_path"].decode(), "query": request.url.query,
                "method": request.method, "headers": dict(request.headers),
                "body": (await request.body()).decode("utf-8", "replace"),
            }
            self.requests.append(seen)
            who = None
            if token := request.headers.get("authorization", "").removeprefix("Bearer "):
                try:
                    actor = await Verifier(self.jwks_url, self.name).verify(token)
                    who = {"id": actor.id, "posts": list(actor.posts), "kind": actor.kind, "name": actor.name}
                except NotSignedIn:
                    who = {"id": "refused"}
            return JSONResponse({**seen, "who": who}, headers={"x-answered-by": self.name})

        return app
