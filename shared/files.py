"""Attachments and masters: kept once by content, checked on every read.

`Store` is a port over obstore: a local folder by default, any S3 in production
(`GUANWU_DATA=s3://bucket/prefix`). A file is named by its SHA-256; who may see it is decided by
the record that points at it.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from functools import cached_property
from pathlib import Path
from typing import Any

from shared.i18n import N_
from shared.refusals import Refusal

CHUNK = 1 << 20


class FileTooLarge(Refusal):
    """The upload exceeds what the place takes."""

    code = "file-too-large"
    status = 413
    message = N_("文件超过 {limit} MB 的上限，未保存")


class FileDamaged(Refusal):
    """The stored bytes no longer have the checksum they were stored under."""

    code = "file-damaged"
    status = 500
    message = N_("文件校验不符，已停止读取，请联系系统管理员")


class Store:
    """Content-addressed storage of one department."""

    def __init__(self, location: str | Path) -> None:
        self.location = str(location)
        if "://" not in self.location:
            Path(self.location).mkdir(parents=True, exist_ok=True)

    # Opened when the first file comes: the library weighs 5 MB, and most processes see few files.
    @cached_property
    def backend(self) -> Any:
        """The folder or the bucket."""
        from obstore.store import LocalStore, from_url

        return from_url(self.location) if "://" in self.location else LocalStore(self.location)

    @staticmethod
    def path(digest: str) -> str:
        """`sha256/ab/cdef…`: folders stay small."""
        return f"sha256/{digest[:2]}/{digest[2:]}"

    async def put(self, chunks: AsyncIterator[bytes] | bytes, *, limit_mb: int = 20) -> tuple[str, int]:
        """Store the bytes; returns (sha256, size). The same content is stored once."""
        data = bytearray()
        if isinstance(chunks, bytes):
            data += chunks
        else:
            async for chunk in chunks:
                data += chunk
                if len(data) > limit_mb << 20:
                    break
        if len(data) > limit_mb << 20:
            raise FileTooLarge(limit=limit_mb)
        digest = hashlib.sha256(data).hexdigest()
        if not await self.has(digest):
            await self.backend.put_async(self.path(digest), bytes(data))
        return digest, len(data)

    async def put_file(self, source: Path) -> tuple[str, int]:
        """Store a file of any size without holding it in memory."""
        hashing, size = hashlib.sha256(), 0
        with source.open("rb") as file:
            while chunk := file.read(CHUNK):
                hashing.update(chunk)
                size += len(chunk)
        digest = hashing.hexdigest()
        if not await self.has(digest):
            await self.backend.put_async(self.path(digest), source)
        return digest, size

    async def has(self, digest: str) -> bool:
        """Whether the content is here."""
        try:
            await self.backend.head_async(self.path(digest))
        except FileNotFoundError:
            return False
        return True

    async def get(self, digest: str) -> bytes:
        """The content, verified."""
        answer = await self.backend.get_async(self.path(digest))
        data = bytes(await answer.bytes_async())
        if hashlib.sha256(data).hexdigest() != digest:
            raise FileDamaged
        return data

    async def copy_to(self, digest: str, target: Path) -> None:
        """Write the content to a file, piece by piece, and verify it on the way."""
        answer = await self.backend.get_async(self.path(digest))
        hashing = hashlib.sha256()
        with target.open("wb") as file:
            async for piece in answer.stream(min_chunk_size=CHUNK):
                data = bytes(piece)
                hashing.update(data)
                file.write(data)
        if hashing.hexdigest() != digest:
            raise FileDamaged
