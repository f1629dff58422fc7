"""The one door for files: any format, any size, every record accepted or refused by number."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO

from services.resources.cataloguing.marc import charsets, iso2709, marcjson, marcxml
from services.resources.cataloguing.marc.limits import DEFAULT, Limits
from services.resources.cataloguing.marc.outcome import Accepted, Outcome, Piece, Refused
from services.resources.cataloguing.marc.source import Source, Window

BLANK = re.compile(rb"[\s\x00\x1a\xef\xbb\xbf]*")
# The first 24 bytes of a leader however worn, then the first entry of a directory.
WORN_LEADER = re.compile(rb"[\x20-\x7e]{20,24}[0-9A-Za-z]{3}[0-9]{9}")
UTF16 = (b"\xff\xfe", b"\xfe\xff")


def read(
    stream: BinaryIO,
    *,
    name: str = "",
    charset: str = "auto",
    dialect: str = "auto",
    limits: Limits = DEFAULT,
) -> Iterator[Outcome]:
    """Read a file of records as a stream; bad data is refused with its reason, never raised.

    `name` only helps to tell an empty or unknown file from its neighbours in a message;
    `charset` and `dialect` override what is detected from the bytes.
    """
    source = Source(stream, limits)
    found = _pieces(source, name, charset, dialect, limits)
    for number, piece in enumerate(chain(found, _failure(source)), 1):
        if piece.record is not None:
            yield Accepted(number, piece.raw, piece.record, piece.flaws, piece.offset)
        else:
            yield Refused(number, piece.raw, piece.refusal, piece.offset, piece.params)


def read_one(raw: bytes, *, charset: str = "auto", dialect: str = "auto") -> Outcome:
    """One record from bytes that were kept: what `Accepted.raw` holds reads back the same."""
    return next(read(io.BytesIO(raw), charset=charset, dialect=dialect))


def _pieces(
    source: Source, name: str, charset: str, dialect: str, limits: Limits
) -> Iterator[Piece]:
    window = Window(source)
    _skip_blank(window)
    if not window.buffer:
        if not source.failure:
            yield Piece(b"", 0, refusal="empty", params={"name": name})
        return
    while len(window.buffer) < limits.chunk_bytes and window.more():
        pass
    match _format(bytes(window.buffer[: limits.chunk_bytes])):
        case "iso2709":
            found = iso2709.pieces(window, limits, charset, dialect)
        case "xml":
            found = marcxml.pieces(_in_utf8(window, charset), limits, dialect)
        case "json":
            found = marcjson.pieces(window, limits, dialect)
        case _:
            head = bytes(window.buffer[:1024])
            yield Piece(head, window.offset, refusal="unknown-format", params={"name": name})
            return
    first = next(found, None)
    if first is None:
        if not source.failure:
            yield Piece(b"", 0, refusal="no-records", params={"name": name})
        return
    yield first
    yield from found


def _skip_blank(window: Window) -> None:
    """Forget what precedes the first byte that means something."""
    while window.buffer or window.more():
        if bytes(window.buffer[:2]) in UTF16:
            return
        match = BLANK.match(window.buffer)
        length = match.end() if match else 0
        if length < len(window.buffer):
            # Blanks can be the worn beginning of a leader.
            spaces = length - len(bytes(window.buffer[:length]).rstrip(b" "))
            window.drop(length - min(spaces, 5))
            return
        window.drop(length)


def _format(head: bytes) -> str:
    """The format of a file from its beginning, or nothing."""
    if head.startswith(UTF16):
        return "xml"
    # The beginning of a record is surer than a first byte, which may be the spoiled one.
    if WORN_LEADER.match(head) or iso2709.LEADER.search(head):
        return "iso2709"
    element, entry = marcxml.START.search(head), marcjson.START.search(head)
    if element and (entry is None or element.start() < entry.start()):
        return "xml"
    if entry:
        return "json"
    text = head.lstrip()
    if text.startswith(b"<"):
        return "xml"
    if text.startswith((b"{", b"[")):
        return "json"
    short = head[:5].isdigit() and b"\x1e" in head and head.rstrip().endswith(b"\x1d")
    return "iso2709" if short else ""


def _in_utf8(window: Window, charset: str) -> Window:
    head = bytes(window.buffer[: marcxml.LONGEST_MARK])
    encoding = marcxml.declared(head) if charset == "auto" else charsets.named(charset)
    if encoding in ("utf-8", "ascii", charsets.MARC8):
        return window
    return Window(marcxml.Transcoded(window, encoding))


def _failure(source: Source) -> Iterator[Piece]:
    if source.failure:
        yield Piece(b"", 0, refusal=source.failure, params={"limit": source.limit()})
