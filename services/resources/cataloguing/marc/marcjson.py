"""MARC-in-JSON: a list, one object or one record a line, cut where a record object begins."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from services.resources.cataloguing.marc import charsets
from services.resources.cataloguing.marc.characters import FORBIDDEN, REPLACEMENT, clean
from services.resources.cataloguing.marc.limits import Limits
from services.resources.cataloguing.marc.outcome import Flaw, Piece, Unreadable
from services.resources.cataloguing.marc.record import BLANK_LEADER, Field, fields_from_json
from services.resources.cataloguing.marc.source import Window
from services.resources.cataloguing.marc.textual import finished

# Inside a value the quotation marks would be escaped, so this is only ever a record's beginning.
START = re.compile(rb'\{\s*"(?:leader|fields)"\s*:')
BETWEEN = b" \t\r\n,]"
AROUND = BETWEEN + b"[\xef\xbb\xbf"
LONGEST_START = 256
_decoder = json.JSONDecoder()


def pieces(window: Window, limits: Limits, dialect: str) -> Iterator[Piece]:
    """Every record object of the stream, read or refused."""
    inside, skipping, scan = False, False, 0
    while True:
        match = START.search(window.buffer, scan)
        if match is None:
            scan = max(scan, len(window.buffer) - LONGEST_START)
            if skipping:
                window.drop(scan)
                scan = 0
            elif len(window.buffer) > limits.record_bytes:
                raw, offset = bytes(window.buffer), window.offset
                window.drop(len(raw))
                yield Piece(raw, offset, refusal="too-long", params={"limit": limits.record_bytes})
                inside, skipping, scan = False, True, 0
            if not window.more():
                break
            continue
        start, end = match.span()
        offset, before = window.offset, window.take(start)
        if not skipping and (inside or before.strip(AROUND)):
            yield from _pieces(before, offset, limits, dialect)
        inside, skipping, scan = True, False, end - start
    if not skipping and window.buffer and (inside or window.buffer.strip(AROUND)):
        offset = window.offset
        yield from _pieces(window.take(len(window.buffer)), offset, limits, dialect)


def _pieces(raw: bytes, offset: int, limits: Limits, dialect: str) -> Iterator[Piece]:
    """The record a stretch begins with, and a refusal for what else stands there."""
    raw = raw.rstrip(BETWEEN)
    flaws: list[Flaw] = []
    try:
        text = _decoded(raw, flaws)
        stored, end = _decoder.raw_decode(text)
        leader, fields = _content(stored, flaws, limits)
    except Unreadable as reason:
        yield Piece(raw, offset, refusal=reason.code, params=reason.params)
        return
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        yield Piece(raw, offset, refusal="bad-json", params={"reason": _reason(error)})
        return
    record, named = finished(leader, fields, flaws, dialect)
    rest = text[end:].strip(" \t\r\n,]}")
    length = len(raw) if not rest else len(text[:end].encode("utf-8", "replace"))
    yield Piece(raw[:length], offset, record, named)
    if rest:
        left = {"reason": rest[:20]}
        yield Piece(raw[length:], offset + length, refusal="bad-json", params=left)


def _decoded(raw: bytes, flaws: list[Flaw]) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        found = charsets.decide(raw, said_utf8=True, chinese=b'"200"' in raw)
    if found is None:
        raise Unreadable("undecodable")
    if found.codec != charsets.UTF8:
        flaws.append(Flaw("charset-guess", params={"charset": found.codec}))
    return charsets.decode(raw, found.codec)


def _content(stored: Any, flaws: list[Flaw], limits: Limits) -> tuple[str, list[Field]]:
    fields = list(fields_from_json(stored["fields"]))
    if not fields:
        raise Unreadable("no-fields")
    if len(fields) > limits.record_fields:
        raise Unreadable("too-many-fields", limit=limits.record_fields)
    given = clean(str(stored.get("leader", "")))
    return (given + BLANK_LEADER[len(given) :])[:24], [_cleaned(f, flaws) for f in fields]


def _cleaned(field: Field, flaws: list[Flaw]) -> Field:
    tag, marks, pairs, data = field
    texts = [tag, marks, data or "", *(code + value for code, value in pairs)]
    if any(REPLACEMENT in text for text in texts):
        code = next((code for code, value in pairs if REPLACEMENT in value), "-")
        flaws.append(Flaw("character", tag, code))
    if not any(FORBIDDEN.search(text) for text in texts):
        return field
    flaws.append(Flaw("control-character", clean(tag)))
    cleaned = tuple((clean(code), clean(value)) for code, value in pairs)
    return Field(clean(tag), clean(marks), cleaned, None if data is None else clean(data))


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} ({error.lineno}:{error.colno})"
    return type(error).__name__
