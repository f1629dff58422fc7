"""The directory of an ISO 2709 record: which bytes belong to which field.

Three readings are tried in order of trust: the directory as it stands; its tags matched to the
field terminators one by one (writers that count characters instead of bytes, lengths that
overflow); the entries that still point at a whole field.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from services.resources.cataloguing.marc.outcome import Flaw, Unreadable
from services.resources.cataloguing.marc.record import BLANK_LEADER, LEADER_LENGTH

FIELD_END, RECORD_END = 0x1E, 0x1D
ENTRY = 12
TAG = re.compile(rb"[0-9A-Za-z]{3}")


class Slot(NamedTuple):
    """A field still in bytes."""

    tag: bytes
    data: bytes


class Entry(NamedTuple):
    """One line of the directory; a number that is none reads as -1."""

    tag: bytes
    length: int
    start: int


def layout(raw: bytes, flaws: list[Flaw], *, ended: bool) -> tuple[str, list[Slot]]:
    """The leader and the fields of a record, or a refusal if they cannot be told apart."""
    if (slots := _as_written(raw)) is not None:
        return leader_text(raw[:LEADER_LENGTH], flaws), slots
    if (slots := _in_sequence(raw)) is not None:
        flaws.append(Flaw("directory"))
        return leader_text(raw[:LEADER_LENGTH], flaws), slots
    base, head = _split(raw, flaws)
    leader = leader_text(raw[:head], flaws)
    entries = _entries(raw[head : base - 1])
    body = raw[base:]
    end = len(body) - 1 if body[-1:] == b"\x1d" else len(body)
    chunks = body[:end].split(b"\x1e")
    open_end = chunks.pop()  # behind the last field terminator: nothing, in a sound record
    if not entries or (not ended and _cut_off(entries, end)):
        raise Unreadable("cut-off" if not ended else "bad-directory")
    if len(chunks) == len(entries):
        flaws.append(Flaw("directory"))
        return leader, _in_order(entries, chunks)
    if not ended and len(chunks) < len(entries) and open_end:
        raise Unreadable("cut-off")
    return leader, _by_position(entries, body[:end], flaws)


def leader_text(raw: bytes, flaws: list[Flaw]) -> str:
    """The leader as 24 printable characters."""
    text = raw.decode("ascii", "replace")
    if len(text) == LEADER_LENGTH and text.isprintable() and text.isascii():
        return text
    flaws.append(Flaw("leader"))
    text = "".join(mark if mark.isascii() and mark.isprintable() else " " for mark in text)
    if len(text) < LEADER_LENGTH:
        text += BLANK_LEADER[len(text) :]
    return text[:LEADER_LENGTH]


def _as_written(raw: bytes) -> list[Slot] | None:
    """The fields where directory and terminators agree to the byte."""
    try:
        base = int(raw[12:17])
        directory = raw[LEADER_LENGTH : base - 1]
        if raw[base - 1] != FIELD_END or len(directory) % ENTRY or not directory.isalnum():
            return None
        slots = []
        for place in range(0, len(directory), ENTRY):
            start = base + int(directory[place + 7 : place + 12])
            end = start + int(directory[place + 3 : place + 7]) - 1
            if raw[end] != FIELD_END or raw[start - 1] != FIELD_END or end < start:
                return None
            slots.append(Slot(directory[place : place + 3], raw[start:end]))
    except (ValueError, IndexError):
        return None
    return slots if slots and raw.count(FIELD_END) == len(slots) + 1 else None


def _in_sequence(raw: bytes) -> list[Slot] | None:
    """The fields of a directory whose numbers outgrew their places but follow one another."""
    directory, *chunks = raw.removesuffix(b"\x1d")[LEADER_LENGTH:].split(b"\x1e")
    slots, place, start = [], 0, 0
    for chunk in chunks[:-1]:
        length = len(chunk) + 1
        numbers = b"%04d%05d" % (length, start)
        if not directory.startswith(numbers, place + 3):
            return None
        slots.append(Slot(directory[place : place + 3], chunk))
        place += 3 + len(numbers)
        start += length
    return slots if slots and place == len(directory) and not chunks[-1] else None


def _split(raw: bytes, flaws: list[Flaw]) -> tuple[int, int]:
    """Where the data begin and where the directory does: base address and leader length."""
    first = raw.index(FIELD_END)
    written = int(raw[12:17]) if raw[12:17].isdigit() else 0
    plausible = LEADER_LENGTH < written <= len(raw) and (written - 1) % ENTRY == 0
    if plausible and written - 1 != first and _looks_right(raw[LEADER_LENGTH : written - 1]):
        flaws.append(Flaw("directory-end"))
        return written, LEADER_LENGTH
    length = first - LEADER_LENGTH
    if length > 0 and length % ENTRY:
        # Some leaders are a character short or long; the number of fields tells.
        fields = raw.count(FIELD_END) - 1
        head = first - fields * ENTRY
        if 20 <= head <= 28 and _looks_right(raw[head:first]):
            return first + 1, head
        raise Unreadable("bad-directory")
    return first + 1, LEADER_LENGTH


def _looks_right(directory: bytes) -> bool:
    entries = _entries(directory)
    return bool(entries) and all(
        TAG.fullmatch(entry.tag) and entry.length >= 0 and entry.start >= 0 for entry in entries
    )


def _entries(directory: bytes) -> list[Entry]:
    return [
        Entry(
            directory[place : place + 3],
            _number(directory[place + 3 : place + 7]),
            _number(directory[place + 7 : place + 12]),
        )
        for place in range(0, len(directory) - ENTRY + 1, ENTRY)
    ]


def _number(digits: bytes) -> int:
    return int(digits) if digits.isdigit() else -1


def _cut_off(entries: Sequence[Entry], end: int) -> bool:
    """Whether the directory promises more than there is."""
    return max(entry.start + entry.length for entry in entries) > end + 1


def _in_order(entries: list[Entry], chunks: list[bytes]) -> list[Slot]:
    """Tags matched to fields one by one, in the order of the directory or of the starts."""
    by_start = sorted(range(len(entries)), key=lambda n: entries[n].start)

    def agreement(order: Sequence[int]) -> int:
        return sum(
            entries[n].length == len(chunk) + 1 for n, chunk in zip(order, chunks, strict=True)
        )

    natural = range(len(entries))
    order = natural if agreement(natural) >= agreement(by_start) else by_start
    placed = dict(zip(order, chunks, strict=True))
    return [Slot(entry.tag, placed[n]) for n, entry in enumerate(entries)]


def _by_position(entries: list[Entry], body: bytes, flaws: list[Flaw]) -> list[Slot]:
    """The entries that point at bytes of the record; refuses when most do not end a field."""
    slots, sound = [], 0
    for entry in entries:
        end = entry.start + entry.length - 1
        if entry.start < 0 or entry.length < 1 or end > len(body):
            flaws.append(Flaw("field-end", entry.tag.decode("ascii", "replace")))
            continue
        data = body[entry.start : end]
        if body[end : end + 1] == b"\x1e" and FIELD_END not in data:
            sound += 1
        else:
            flaws.append(Flaw("field-end", entry.tag.decode("ascii", "replace")))
        slots.append(Slot(entry.tag, data.replace(b"\x1e", b" ")))
    if sound * 2 <= len(entries):
        raise Unreadable("bad-directory")
    return slots
