"""The basic encoding rules (ITU-T X.690) as far as Z39.50 needs them: tag, length, content, nothing of any schema. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

UNIVERSAL, CONTEXT = 0x00, 0x80
_CONSTRUCTED, _LONG = 0x20, 0x1F
# Nothing we ask for is nested deeper; what is, was made to hurt.
DEEPEST = 40


class Malformed(ValueError):
    """These bytes are no such encoding."""


class Incomplete(Malformed):
    """The beginning of one; more bytes may make it whole."""


@dataclass(frozen=True, slots=True)
class Node:
    """One element: its class and number, and either `content` or `parts`."""

    kind: int
    tag: int
    content: bytes = b""
    parts: tuple[Node, ...] | None = None

    def __getitem__(self, tag: int) -> Node:
        """The part with that context tag, or `Malformed`."""
        found = self.get(tag)
        if found is None:
            raise Malformed(f"no [{tag}] in [{self.tag}]")
        return found

    def get(self, tag: int, kind: int = CONTEXT) -> Node | None:
        """The first part with that tag."""
        return next((part for part in self.parts or () if (part.kind, part.tag) == (kind, tag)), None)

    @property
    def number(self) -> int:
        """The content as a signed integer."""
        return int.from_bytes(self.content, "big", signed=True)

    @property
    def flat(self) -> bytes:
        """The octets of a string, whole or sent in pieces."""
        return self.content if self.parts is None else b"".join(part.flat for part in self.parts)

    def walk(self) -> Iterator[Node]:
        """This element and all inside it."""
        yield self
        for part in self.parts or ():
            yield from part.walk()


def encode(tag: int, content: bytes | Sequence[bytes], *, kind: int = CONTEXT) -> bytes:
    """One element; a sequence of encoded parts makes it a constructed one."""
    constructed = 0 if isinstance(content, bytes) else _CONSTRUCTED
    body = content if isinstance(content, bytes) else b"".join(content)
    if tag < _LONG:
        head = bytes((kind | constructed | tag,))
    else:
        head = bytes((kind | constructed | _LONG,)) + _septets(tag)
    if len(body) < 0x80:
        return head + bytes((len(body),)) + body
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return head + bytes((0x80 | len(size),)) + size + body


def integer(value: int) -> bytes:
    """The content of an INTEGER."""
    return value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True)


def oid(dotted: str) -> bytes:
    """The content of an OBJECT IDENTIFIER."""
    first, second, *rest = map(int, dotted.split("."))
    return b"".join(map(_septets, (first * 40 + second, *rest)))


def _septets(value: int) -> bytes:
    found = [value & 0x7F]
    while value := value >> 7:
        found.append(value & 0x7F | 0x80)
    return bytes(reversed(found))


def decode(data: bytes, at: int = 0, depth: int = 0) -> tuple[Node, int]:
    """The element that begins there and where it ends; `Incomplete` when the bytes do."""
    if depth > DEEPEST:
        raise Malformed("nested too deep")
    start = _byte(data, at)
    kind, tag, at = start & 0xC0, start & _LONG, at + 1
    if tag == _LONG:
        tag = 0
        while True:
            octet = _byte(data, at)
            tag, at = tag << 7 | octet & 0x7F, at + 1
            if tag > 1 << 28:
                raise Malformed("tag too large")
            if not octet & 0x80:
                break
    length = _byte(data, at)
    at += 1
    if length == 0x80:
        return _open_ended(data, at, kind, tag, start, depth)
    if length > 0x80:
        octets = length & 0x7F
        if octets > 4:
            raise Malformed("length too large")
        if at + octets > len(data):
            raise Incomplete
        length, at = int.from_bytes(data[at : at + octets], "big"), at + octets
    end = at + length
    if end > len(data):
        raise Incomplete
    if not start & _CONSTRUCTED:
        return Node(kind, tag, data[at:end]), end
    parts = []
    while at < end:
        part, at = decode(data[:end], at, depth + 1)
        parts.append(part)
    return Node(kind, tag, parts=tuple(parts)), end


def _open_ended(data: bytes, at: int, kind: int, tag: int, start: int, depth: int) -> tuple[Node, int]:
    """An element whose length is not told: it lasts until two zero octets."""
    if not start & _CONSTRUCTED:
        raise Malformed("no length")
    parts = []
    while data[at : at + 2] != b"\0\0":
        part, at = decode(data, at, depth + 1)
        parts.append(part)
    return Node(kind, tag, parts=tuple(parts)), at + 2


def _byte(data: bytes, at: int) -> int:
    if at >= len(data):
        raise Incomplete
    return data[at]
