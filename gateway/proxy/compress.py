"""Text leaves the house compressed; streams of signals and files that are compressed already do not."""

from __future__ import annotations

import zlib

import brotli
from starlette.types import Message, Send

from gateway.proxy.headers import Raw, value_of

SMALLEST = 1024
LARGEST = 4 << 20
TEXT = (
    b"text/html", b"text/css", b"text/plain", b"text/csv", b"application/json", b"application/xml",
    b"text/xml", b"image/svg+xml", b"application/javascript", b"text/javascript",
)


def encoding_for(accept: bytes) -> bytes:
    """The best encoding the browser takes: `br`, `gzip`, or nothing."""
    if b"br" in accept and b"br;q=0" not in accept:
        return b"br"
    return b"gzip" if b"gzip" in accept and b"gzip;q=0" not in accept else b""


def worth(headers: Raw, status: int) -> bool:
    """Whether an answer with these headers gains by compression."""
    if status in {204, 206, 304} or value_of(headers, b"content-encoding"):
        return False
    if b"no-transform" in value_of(headers, b"cache-control"):
        return False
    return value_of(headers, b"content-type").startswith(TEXT)


def pack(body: bytes, encoding: bytes) -> bytes:
    """The body in that encoding; quality chosen for about half a millisecond a page."""
    if encoding == b"br":
        return bytes(brotli.compress(body, quality=4, lgwin=18))
    packer = zlib.compressobj(4, zlib.DEFLATED, 31)
    return packer.compress(body) + packer.flush()


def packed(headers: Raw, body: bytes, encoding: bytes) -> tuple[Raw, bytes]:
    """Headers and body of the compressed answer."""
    small = pack(body, encoding)
    kept: Raw = []
    for name, value in headers:
        if name == b"content-length":
            continue
        if name == b"etag" and not value.startswith(b"W/"):
            value = b"W/" + value
        kept.append((name, value))
    kept += [
        (b"content-encoding", encoding), (b"vary", b"Accept-Encoding"),
        (b"content-length", str(len(small)).encode()),
    ]
    return kept, small


class Packer:
    """A `send` that compresses answers which come in one piece."""

    def __init__(self, send: Send, accept: bytes) -> None:
        self.send, self.encoding = send, encoding_for(accept)
        self.start: Message | None = None

    async def __call__(self, message: Message) -> None:
        """Hold the head back until the body shows whether it is whole."""
        if message["type"] == "http.response.start":
            self.start = message
            return
        if self.start is not None:
            start, self.start = self.start, None
            body = message.get("body", b"")
            headers: Raw = [(name.lower(), value) for name, value in start["headers"]]
            whole = not message.get("more_body") and SMALLEST <= len(body) <= LARGEST
            if self.encoding and whole and worth(headers, start["status"]):
                start["headers"], message["body"] = packed(headers, body, self.encoding)
            await self.send(start)
        await self.send(message)
