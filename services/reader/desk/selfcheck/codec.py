"""Frames of SIP2 version 2.00: bytes in, fields out, and back. Pure; knows no library.

A line is a code of two digits, fixed fields, fields `XXvalue|`, then perhaps `AYn` and `AZhhhh`. Text is
decoded before it is cut at `|`, because the second byte of a GBK letter may be a `|`; the checksum
counts bytes as they came.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

LONGEST = 4096
LONGEST_VALUE = 255
Widths = tuple[tuple[str, int], ...]
_DATE = ("date", 18)

REQUESTS: dict[str, Widths] = {
    "93": (("uid_algorithm", 1), ("pwd_algorithm", 1)),
    "99": (("status", 1), ("width", 3), ("version", 4)),
    "23": (("language", 3), _DATE),
    "63": (("language", 3), _DATE, ("summary", 10)),
    "25": (_DATE,),
    "01": (("retained", 1), _DATE),
    "35": (_DATE,),
    "17": (_DATE,),
    "19": (_DATE,),
    "11": (("renewal", 1), ("no_block", 1), _DATE, ("nb_due", 18)),
    "09": (("no_block", 1), _DATE, ("returned", 18)),
    "29": (("third_party", 1), ("no_block", 1), _DATE, ("nb_due", 18)),
    "65": (_DATE,),
    "15": (("mode", 1), _DATE),
    "37": (_DATE, ("fee_type", 2), ("payment", 2), ("currency", 3)),
    "97": (),
}
_COUNTS: Widths = tuple(
    (name, 4) for name in ("holds", "overdue", "charged", "fines", "recalls", "unavailable")
)
ANSWERS: dict[str, Widths] = {
    "94": (("ok", 1),),
    "98": (
        ("online", 1), ("checkin", 1), ("checkout", 1), ("renewal", 1), ("status_update", 1), ("offline", 1),
        ("timeout", 3), ("retries", 3), _DATE, ("version", 4),
    ),
    "24": (("patron_status", 14), ("language", 3), _DATE),
    "64": (("patron_status", 14), ("language", 3), _DATE, *_COUNTS),
    "26": (("patron_status", 14), ("language", 3), _DATE),
    "36": (("ended", 1), _DATE),
    "18": (("circulation", 2), ("security", 2), ("fee_type", 2), _DATE),
    "20": (("ok", 1), _DATE),
    "12": (("ok", 1), ("renewal", 1), ("magnetic", 1), ("desensitize", 1), _DATE),
    "30": (("ok", 1), ("renewal", 1), ("magnetic", 1), ("desensitize", 1), _DATE),
    "10": (("ok", 1), ("resensitize", 1), ("magnetic", 1), ("alert", 1), _DATE),
    "66": (("ok", 1), ("renewed", 4), ("unrenewed", 4), _DATE),
    "16": (("ok", 1), ("available", 1), _DATE),
    "38": (("ok", 1), _DATE),
    "96": (),
}


class Garbled(Exception):
    """The line is no message: broken in transit, or never one."""


@dataclass(slots=True)
class Message:
    """A message read: code, fixed fields by name, variable fields by id (the first value counts)."""

    code: str
    fixed: dict[str, str] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    sequence: str = ""
    checked: bool = False

    def __getitem__(self, name: str) -> str:
        """A variable field, trimmed; empty when it was not sent."""
        return self.fields.get(name, "").strip()


def checksum(data: bytes) -> str:
    """Two's complement of the sum of all bytes up to and with `AZ`, four hex digits."""
    return f"{-sum(data) & 0xFFFF:04X}"


def _is_hex(four: bytes) -> bool:
    return len(four) == 4 and all(byte in b"0123456789ABCDEFabcdef" for byte in four)


def split_trailer(line: bytes) -> tuple[bytes, str, str]:
    """The body, the AY digit and the AZ checksum of a line (each empty when absent)."""
    sum_, sequence = "", ""
    if line[-6:-4] == b"AZ" and _is_hex(line[-4:]):
        sum_, line = line[-4:].decode().upper(), line[:-6]
    if line[-3:-1] == b"AY" and line[-1:].isdigit():
        sequence, line = line[-1:].decode(), line[:-3]
    return line, sequence, sum_


def read(line: bytes, charset: str = "utf-8", *, detection: str = "auto", tables: dict[str, Widths] = REQUESTS) -> Message:
    """The message in a line, or `Garbled`. `detection`: `auto` checks a checksum that is there, `on` wants one, `off` looks at none."""
    if len(line) > LONGEST:
        raise Garbled("too long")
    body, sequence, sum_ = split_trailer(line)
    if detection == "on" and not sum_ and body[:2] not in {b"97", b"96"}:
        raise Garbled("no checksum")
    if sum_ and detection != "off" and checksum(line[:-4]) != sum_:
        raise Garbled("wrong checksum")
    text = body.decode(charset, "replace")
    widths = tables.get(text[:2])
    if widths is None:
        raise Garbled("unknown code")
    found = Message(text[:2], sequence=sequence, checked=bool(sum_))
    at = 2
    for name, width in widths:
        found.fixed[name] = text[at : at + width]
        at += width
    if len(text) < at:
        raise Garbled("too short")
    for part in text[at:].split("|"):
        if len(part) >= 2:
            found.fields.setdefault(part[:2], part[2:])
    return found


_FORBIDDEN = re.compile("[|\x00-\x1f\x7f\x85\u2028\u2029]")


def plain(value: object) -> str:
    """A value that cannot end its field or its message; no longer than a machine expects."""
    return _FORBIDDEN.sub(" ", str(value))[:LONGEST_VALUE]


def count(number: int) -> str:
    """Four digits; what does not fit stands as the largest that does."""
    return f"{min(max(number, 0), 9999):04d}"


def write(
    code: str, fixed: Iterable[str], fields: Iterable[tuple[str, object]], *, charset: str = "utf-8",
    sequence: str = "", checked: bool = False, end: bytes = b"\r", tables: dict[str, Widths] = ANSWERS,
) -> bytes:
    """The bytes of a message; a letter the charset lacks becomes a question mark."""
    head = "".join(
        plain(value)[:width].ljust(width) for (_name, width), value in zip(tables[code], fixed, strict=True)
    )
    body = code + head + "".join(f"{name}{plain(value)}|" for name, value in fields)
    data = body.encode(charset, "replace")
    if checked:
        if sequence:
            data += b"AY" + sequence.encode()
        data += b"AZ"
        data += checksum(data).encode()
    return data + end
