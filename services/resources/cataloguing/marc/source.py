"""Where bytes come from: a counted, perhaps gzipped stream and a sliding window over it."""

from __future__ import annotations

import zlib
from typing import BinaryIO, Protocol

from services.resources.cataloguing.marc.limits import Limits

GZIP = b"\x1f\x8b"
GRACE = 1024 * 1024
"""Unpacked bytes below which the ratio proves nothing."""


class Source:
    """Reads a stream, unpacking gzip on the way; stops, with a reason, at the limits."""

    def __init__(self, stream: BinaryIO, limits: Limits) -> None:
        self._stream = stream
        self._limits = limits
        self._head = stream.read(limits.chunk_bytes)
        self._unpacker = zlib.decompressobj(31) if self._head.startswith(GZIP) else None
        self._packed = len(self._head)
        self._given = 0
        self.failure = ""

    def read(self) -> bytes:
        """The next bytes, or none at the end or after a failure."""
        if self.failure:
            return b""
        data = self._unpacked() if self._unpacker else self._plain()
        self._given += len(data)
        if self._given > self._limits.total_bytes:
            self.failure = "too-big"
            return b""
        if (
            self._unpacker
            and self._given > GRACE
            and self._given > self._packed * self._limits.unpack_ratio
        ):
            self.failure = "gzip-bomb"
            return b""
        return data

    def limit(self) -> int:
        """The number that belongs into the sentence about the failure."""
        if self.failure == "gzip-bomb":
            return self._limits.unpack_ratio
        return self._limits.total_bytes

    def _plain(self) -> bytes:
        head, self._head = self._head, b""
        return head or self._stream.read(self._limits.chunk_bytes)

    def _unpacked(self) -> bytes:
        while True:
            packed = self._head or self._stream.read(self._limits.chunk_bytes)
            if not self._head:
                self._packed += len(packed)
            if self._unpacker is None or (not packed and self._unpacker.eof):
                return b""
            if self._unpacker.eof:
                # A member is over; anything but another member is padding.
                self._head = b""
                if not packed.startswith(GZIP):
                    continue
                self._unpacker = zlib.decompressobj(31)
            try:
                data = self._unpacker.decompress(packed, self._limits.chunk_bytes)
            except zlib.error:
                self.failure = "gzip-damaged"
                return b""
            self._head = self._unpacker.unconsumed_tail or self._unpacker.unused_data
            if data:
                return data
            if not packed:
                self.failure = "gzip-damaged"
                return b""


class Readable(Protocol):
    """Anything that gives bytes until it gives none."""

    def read(self) -> bytes:
        """The next bytes, none at the end."""


class Window:
    """The part of the stream a format reader is looking at; it never grows past a record."""

    def __init__(self, source: Readable) -> None:
        self._source = source
        self.buffer = bytearray()
        self.offset = 0
        self.ended = False

    def more(self) -> bool:
        """Read on; False at the end."""
        data = self._source.read()
        self.buffer += data
        self.ended = not data
        return bool(data)

    def drop(self, length: int) -> None:
        """Forget the first bytes."""
        del self.buffer[:length]
        self.offset += length

    def take(self, length: int) -> bytes:
        """Hand over the first bytes and forget them."""
        taken = bytes(self.buffer[:length])
        self.drop(length)
        return taken
