"""An upload of any size on its way to the store: counted while it comes, never whole in memory."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from services.resources.cataloguing.imports.rules import (
    LARGEST_MB,
    FileTooLarge,
    NoFile,
    plain_name,
)

# What the boundaries and the small fields of a form may add to the file itself.
SLACK = 1 << 20


@dataclass(frozen=True, slots=True)
class Received:
    """The file on our disk, what it is called, and the other fields of the form."""

    path: Path
    name: str
    fields: dict[str, str] = field(default_factory=dict)


@asynccontextmanager
async def received(request: Request) -> AsyncIterator[Received]:
    """Read a multipart request with one `file`; the copy is gone when the block ends."""
    if int(request.headers.get("content-length") or 0) > (LARGEST_MB << 20) + SLACK:
        raise FileTooLarge(limit=LARGEST_MB)
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise NoFile
    try:
        form = await MultiPartParser(request.headers, _counted(request), max_files=1, max_fields=20).parse()
    except MultiPartException as error:
        raise NoFile from error
    upload = form.get("file")
    try:
        if not isinstance(upload, UploadFile) or not upload.filename:
            raise NoFile
        with tempfile.TemporaryDirectory(prefix="guanwu-import-") as folder:
            path = Path(folder) / "upload"
            await asyncio.to_thread(_copy, upload, path)
            fields = {name: value for name, value in form.items() if isinstance(value, str)}
            yield Received(path, plain_name(upload.filename), fields)
    finally:
        await form.close()


async def _counted(request: Request) -> AsyncGenerator[bytes, None]:
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size > (LARGEST_MB << 20) + SLACK:
            raise FileTooLarge(limit=LARGEST_MB)
        yield piece


def _copy(upload: UploadFile, path: Path) -> None:
    upload.file.seek(0)
    with path.open("wb") as target:
        shutil.copyfileobj(upload.file, target, 1 << 20)
