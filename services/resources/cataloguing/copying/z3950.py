"""Z39.50 (ISO 23950), the older way to ask another library: connect, say hello, search, fetch, leave.

Version 3 with a type-1 query of Bib-1 attributes, one result set, records in ISO 2709. Messages are made and
read by hand from the standard's ASN.1; what a target sends is trusted in nothing but its bytes.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from services.resources.cataloguing.copying import ber
from services.resources.cataloguing.copying.ber import Node, encode, integer, oid
from services.resources.cataloguing.copying.model import Target
from services.resources.cataloguing.copying.rules import (
    LARGEST,
    WANTED,
    Unreachable,
    bare_number,
)
from shared.reach import addresses_of, reachable

PORT = 210
INIT, INIT_ANSWER, SEARCH, SEARCH_ANSWER, PRESENT, PRESENT_ANSWER, CLOSE = 20, 21, 22, 23, 24, 25, 48
_BIB1 = oid("1.2.840.10003.3.1")
_SYNTAXES = "1.2.840.10003.5"
SYNTAXES: Mapping[str, str] = {"usmarc": f"{_SYNTAXES}.10", "unimarc": f"{_SYNTAXES}.1"}
# Bib-1 use attributes (type 1) of what people ask for.
USES: Mapping[str, int] = {"isbn": 7, "title": 4, "author": 1003, "any": 1016}
ISSN = 8
_SET, _STRING, _OBJECT, _EXTERNAL, _SEQUENCE = b"default", 26, 6, 8, 16
# What becomes of the connection when we leave is told by its end.
_FINISHED = 0
# How every message begins: a constructed element of the context class.
_MESSAGE = 0xA0


@dataclass(slots=True)
class Fetched:
    """How many there are, and the first of them as they came."""

    total: int = 0
    records: list[bytes] = field(default_factory=list)
    lost: int = 0


def place(url: str) -> tuple[str, int, str]:
    """Host, port and database of `z3950://host:port/database`."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or PORT, unquote(parts.path.strip("/")) or "Default"


def syntax(name: str) -> str:
    """The object identifier of a record syntax by its usual name; MARC21 unless another is named."""
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    return SYNTAXES["unimarc" if plain in {"unimarc", "cnmarc"} else "usmarc"]


# What we say.


def hello() -> bytes:
    """Initialize: versions 1 to 3, search and present, records of any size we take."""
    return encode(INIT, [
        encode(3, b"\x05\xe0"), encode(4, b"\x06\xc0"), encode(5, integer(LARGEST)), encode(6, integer(LARGEST)),
        encode(111, b"Guanwu"), encode(112, b"1"),
    ])


def search(database: str, asked: Mapping[str, str], *, charset: str, marc: str) -> bytes:
    """Search: everything typed must be met; the records are fetched afterwards."""
    return encode(SEARCH, [
        encode(13, integer(0)), encode(14, integer(1)), encode(15, integer(0)), encode(16, b"\xff"), encode(17, _SET),
        encode(18, [encode(105, database.encode(charset, "replace"))]), encode(104, oid(marc)),
        encode(21, [encode(1, [encode(_OBJECT, _BIB1, kind=ber.UNIVERSAL), _query(asked, charset)])]),
    ])


def _query(asked: Mapping[str, str], charset: str) -> bytes:
    found = b""
    for name, use in USES.items():
        if not (typed := asked.get(name, "").strip()):
            continue
        if name == "isbn":
            typed = bare_number(typed)
            use = ISSN if len(typed) == 8 else use
        # Use; a list of words (structure 6) except for numbers, which are one word (2).
        attributes = [(1, use), (4, 2 if name == "isbn" else 6)]
        operand = encode(0, [encode(102, [
            encode(44, [
                encode(_SEQUENCE, [encode(120, integer(kind)), encode(121, integer(value))], kind=ber.UNIVERSAL)
                for kind, value in attributes
            ]),
            encode(45, typed.encode(charset, "replace")),
        ])])
        found = encode(1, [found, operand, encode(46, [encode(0, b"")])]) if found else operand
    return found


def present(first: int, count: int, *, marc: str) -> bytes:
    """Present: so many records from that one on, whole ones."""
    return encode(PRESENT, [
        encode(31, _SET), encode(30, integer(first)), encode(29, integer(count)), encode(19, [encode(0, b"F")]),
        encode(104, oid(marc)),
    ])


def goodbye() -> bytes:
    """Close: finished."""
    return encode(CLOSE, [encode(211, integer(_FINISHED))])


# What we hear.


def welcome(answer: Node) -> None:
    """An answer to our hello; `Unreachable` when we may not come in."""
    if not any(answer[12].content):
        told = answer.get(11)
        said = b" ".join(part.flat for part in told.walk() if part.parts is None) if told else b""
        raise Unreachable("not-admitted", text=_text(said) or "—")


def found(answer: Node) -> int:
    """How many records there are, or `Unreachable` with the target's reason."""
    _complain(answer)
    return max(0, answer[23].number)


def records(answer: Node) -> list[bytes]:
    """The records of an answer; empty bytes where one was not to be had."""
    _complain(answer)
    listed = answer.get(28)
    return [] if listed is None else [_record(one) for one in listed.parts or ()]


def _record(one: Node) -> bytes:
    external = next((node for node in one.walk() if (node.kind, node.tag) == (ber.UNIVERSAL, _EXTERNAL)), None)
    octets = None if external is None else external.get(1)
    return b"" if octets is None else octets.flat


def _complain(answer: Node) -> None:
    """A diagnostic that stands for the whole answer."""
    told = answer.get(130) or answer.get(205)
    if told is None:
        return
    words = [part.content for part in told.walk() if part.parts is None]
    code = next((int.from_bytes(part.content, "big") for part in told.walk() if (part.kind, part.tag) == (ber.UNIVERSAL, 2)), 0)
    raise Unreachable("diagnostic", text=f"{code} {_text(words[-1]) if words else ''}".strip())


def _text(raw: bytes) -> str:
    return re.sub(r"[\x00-\x1f]", " ", raw.decode("utf-8", "replace")).strip()[:200]


# The conversation.


async def ask(target: Target, asked: Mapping[str, str]) -> Fetched:
    """Search a target and fetch its first records."""
    host, port, database = place(target.url)
    charset, marc = target.charset.value, syntax(target.record_schema)
    reader, writer = await _connect(host, port, inside=target.inside)
    try:
        line = _Line(reader, writer)
        welcome(await line.say(hello(), INIT_ANSWER))
        got = Fetched(found(await line.say(search(database, asked, charset=charset, marc=marc), SEARCH_ANSWER)))
        wanted = min(got.total, WANTED)
        while (had := len(got.records) + got.lost) < wanted:
            page = records(await line.say(present(had + 1, wanted - had, marc=marc), PRESENT_ANSWER))
            if not page:
                break
            got.records += [one for one in page if one]
            got.lost += sum(not one for one in page)
        writer.write(goodbye())
        return got
    except (ber.Malformed, UnicodeError) as error:
        raise Unreachable("bad-answer") from error
    finally:
        writer.close()


async def _connect(host: str, port: int, *, inside: bool) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to an address that was judged: the name is looked up once, and all it has must be allowed."""
    addresses = await addresses_of(host, port)
    if not addresses or not all(reachable(one, inside=inside) for one in addresses):
        raise Unreachable("private")
    return await asyncio.open_connection(addresses[0], port)


class _Line:
    """One connection: a question, an answer."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer, self._heard, self._left = reader, writer, b"", LARGEST

    async def say(self, message: bytes, wanted: int) -> Node:
        """Send a message and wait for the answer to it."""
        self._writer.write(message)
        await self._writer.drain()
        answer = await self._answer()
        if answer.tag == CLOSE:
            told = answer.get(3)
            raise Unreachable("diagnostic", text=_text(told.flat) if told else "close")
        if answer.tag != wanted:
            raise ber.Malformed(f"[{answer.tag}] instead of [{wanted}]")
        return answer

    async def _answer(self) -> Node:
        while True:
            if self._heard and self._heard[0] & 0xE0 != _MESSAGE:
                raise ber.Malformed("no message of the protocol")
            # Where no length is told an element ends in zeros: before that it need not be read.
            if self._heard and (self._heard[1:2] != b"\x80" or self._heard.endswith(b"\0\0")):
                try:
                    answer, end = await asyncio.to_thread(ber.decode, self._heard)
                except ber.Incomplete:
                    pass
                else:
                    self._heard = self._heard[end:]
                    return answer
            piece = await self._reader.read(1 << 16)
            if not piece:
                raise Unreachable("cut-off")
            self._left -= len(piece)
            if self._left < 0:
                raise Unreachable("too-large", mb=LARGEST >> 20)
            self._heard += piece
