"""`/static/…`: hashed names for ever, in the encoding the browser likes best."""

from __future__ import annotations

import hashlib
import mimetypes
import re
import time
from dataclasses import dataclass
from pathlib import Path

from starlette.types import Scope, Send

from gateway.proxy.compress import encoding_for
from gateway.proxy.headers import Raw, value_of

HASHED = re.compile(r"\.[0-9a-f]{8,}\.\w+$")
LOOK_AGAIN = 2.0


@dataclass(frozen=True, slots=True)
class File:
    """One file in all its encodings."""

    kind: bytes
    etag: bytes
    bodies: dict[bytes, bytes]
    forever: bool
    worker: bool


class Shelf:
    """The files of `dist/static`; read again when a new build has put another manifest there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: dict[str, File] = {}
        self.built = -1.0
        self.looked = 0.0

    def _look(self) -> None:
        now = time.monotonic()
        if now - self.looked < LOOK_AGAIN and self.files:
            return
        self.looked = now
        manifest = self.folder / "manifest.json"
        built = manifest.stat().st_mtime if manifest.exists() else 0.0
        if built != self.built or not self.files:
            self.files = {path.name: _read(path) for path in self.folder.glob("*") if _wanted(path)}
            self.built = built
            from shared.web.pages import manifest as names

            names.cache_clear()

    async def __call__(self, scope: Scope, send: Send) -> None:
        """Answer a request below `/static/`."""
        self._look()
        file = self.files.get(scope["path"].removeprefix("/static/"))
        raw: Raw = scope["headers"]
        if file is None or scope["method"] not in {"GET", "HEAD"}:
            await _reply(send, 404, [(b"content-type", b"text/plain"), (b"cache-control", b"no-store")], b"not found")
            return
        headers: Raw = [
            (b"content-type", file.kind), (b"etag", file.etag), (b"vary", b"Accept-Encoding"),
            (b"cache-control", b"public, max-age=31536000, immutable" if file.forever else b"no-cache"),
            (b"x-content-type-options", b"nosniff"),
        ]
        if file.worker:  # a worker lies here and controls pages of another prefix
            headers.append((b"service-worker-allowed", b"/"))
        if value_of(raw, b"if-none-match") == file.etag:
            await _reply(send, 304, headers, b"")
            return
        encoding = encoding_for(value_of(raw, b"accept-encoding"))
        if encoding in file.bodies and encoding:
            headers.append((b"content-encoding", encoding))
        body = file.bodies.get(encoding, file.bodies[b""])
        headers.append((b"content-length", str(len(body)).encode()))
        await _reply(send, 200, headers, b"" if scope["method"] == "HEAD" else body)


def _wanted(path: Path) -> bool:
    return path.is_file() and path.suffix not in {".br", ".gz"} and not path.name.startswith(".") and path.name != "manifest.json"


def _read(path: Path) -> File:
    body = path.read_bytes()
    bodies = {b"": body}
    for encoding, suffix in ((b"br", ".br"), (b"gzip", ".gz")):
        other = path.with_name(path.name + suffix)
        if other.exists():
            bodies[encoding] = other.read_bytes()
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if kind.startswith("text/") or kind.endswith(("javascript", "json", "svg+xml")):
        kind += "; charset=utf-8"
    return File(
        kind.encode(), b'"' + hashlib.sha256(body).hexdigest()[:20].encode() + b'"', bodies,
        HASHED.search(path.name) is not None, "patrol-worker" in path.name,
    )


async def _reply(send: Send, status: int, headers: Raw, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
