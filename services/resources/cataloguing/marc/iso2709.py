"""ISO 2709: cutting a stream into records, whatever lies between or inside them.

The record terminator is the only end that can be trusted; lengths in leader and directory are
checked against it and repaired where the terminators tell what was meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from services.resources.cataloguing.marc.directory import layout
from services.resources.cataloguing.marc.limits import Limits
from services.resources.cataloguing.marc.outcome import Flaw, Piece, Unreadable
from services.resources.cataloguing.marc.record import Record
from services.resources.cataloguing.marc.source import Window
from services.resources.cataloguing.marc.textual import build

FIELD_END, RECORD_END = 0x1E, 0x1D
# Blanks, NULs, end-of-file marks and byte order marks between records.
PADDING = re.compile(rb"[\s\x00\x1a\x1d\xef\xbb\xbf]+")
NO_LENGTH = b" " * 5
LEADER = re.compile(
    rb"(?=[0-9]{5}[\x20-\x7e]{7}([0-9]{5})[\x20-\x7e]{7}[0-9A-Za-z]{3}[0-9]{9}[0-9A-Za-z\x1e])"
)
SMALLEST = 26


def pieces(window: Window, limits: Limits, charset: str, dialect: str) -> Iterator[Piece]:
    """Every record of the stream, read or refused."""
    for offset, raw, refusal in _cut(window, limits):
        if refusal:
            yield Piece(raw, offset, refusal=refusal, params={"limit": limits.record_bytes})
            continue
        for start, part in _parted(raw):
            yield _piece(part, offset + start, limits, charset, dialect)


def _cut(window: Window, limits: Limits) -> Iterator[tuple[int, bytes, str]]:
    """Stretches up to a terminator, with their place and why one cannot be read."""
    while True:
        _skip_padding(window)
        if not window.buffer:
            return
        end, seen = -1, 0
        while end < 0:
            end = window.buffer.find(RECORD_END, seen)
            seen = len(window.buffer)
            if end < 0 and (seen > limits.record_bytes or not window.more()):
                break
        if end >= 0:
            yield window.offset, window.take(end + 1), ""
        elif window.ended:
            yield window.offset, window.take(seen), ""
        else:
            yield window.offset, bytes(window.buffer[: limits.record_bytes]), "too-long"
            _skip_to_terminator(window)


def _skip_padding(window: Window) -> None:
    while window.buffer or window.more():
        if not (match := PADDING.match(window.buffer)):
            return
        end = match.end()
        if window.buffer[end - 5 : end] == NO_LENGTH and window.buffer[end : end + 2].isalpha():
            end -= 5  # a leader without a length
        window.drop(end)
        if window.buffer:
            return


def _skip_to_terminator(window: Window) -> None:
    while True:
        end = window.buffer.find(RECORD_END)
        if end >= 0:
            window.drop(end + 1)
            return
        window.drop(len(window.buffer))
        if not window.more():
            return


def _parted(raw: bytes) -> list[tuple[int, bytes]]:
    """Records that ran together because a terminator is missing, taken apart at their leaders."""
    if raw[:5].isdigit() and int(raw[:5]) == len(raw):
        return [(0, raw)]
    starts = [0]
    for match in LEADER.finditer(raw, 1):
        base = match.start() + int(match[1])
        if raw[base - 1 : base] == b"\x1e" and (base - match.start()) % 12 == 1:
            starts.append(match.start())
    ends = [*starts[1:], len(raw)]
    parts = [(start, raw[start:end]) for start, end in zip(starts, ends, strict=True)]
    return [(start, part) for start, part in parts if not _is_padding(part)]


def _is_padding(part: bytes) -> bool:
    match = PADDING.match(part)
    return match is not None and match.end() == len(part)


def _piece(raw: bytes, offset: int, limits: Limits, charset: str, dialect: str) -> Piece:
    try:
        record, flaws = _parse(raw, limits, charset, dialect)
    except Unreadable as reason:
        return Piece(raw, offset, refusal=reason.code, params=reason.params)
    return Piece(raw, offset, record, flaws)


def _parse(
    raw: bytes, limits: Limits, charset: str, dialect: str
) -> tuple[Record, tuple[Flaw, ...]]:
    if len(raw) < SMALLEST or FIELD_END not in raw:
        begun = raw[:5].isdigit() and int(raw[:5]) > len(raw) > SMALLEST
        raise Unreadable("cut-off" if begun else "not-a-record")
    if raw.count(FIELD_END) > limits.record_fields:
        raise Unreadable("too-many-fields", limit=limits.record_fields)
    flaws: list[Flaw] = []
    declared = raw[:5].decode("ascii", "replace")
    if not declared.isdigit() or int(declared) != len(raw):
        flaws.append(Flaw("length", params={"declared": declared, "actual": len(raw)}))
    ended = raw[-1] == RECORD_END
    if not ended:
        flaws.append(Flaw("terminator"))
    leader, slots = layout(raw, flaws, ended=ended)
    return build(leader, slots, raw, flaws, charset=charset, dialect=dialect)
