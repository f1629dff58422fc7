"""MARCXML of any prefix and wrapper (plain, SRU, OAI-PMH, UNIMARC slim), one record at a time.

The stream is cut at record elements and each is parsed alone, so that damage costs only the
record it is in. No document type, and so no entity, is ever processed: a file with one is
refused as a whole.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from xml.parsers import expat

from services.resources.cataloguing.marc import charsets
from services.resources.cataloguing.marc.characters import REPLACEMENT, clean
from services.resources.cataloguing.marc.limits import Limits
from services.resources.cataloguing.marc.outcome import Flaw, Piece, Unreadable
from services.resources.cataloguing.marc.record import BLANK_LEADER, Field
from services.resources.cataloguing.marc.source import Window
from services.resources.cataloguing.marc.textual import finished

NAME = rb"(?:[A-Za-z_][\w.-]*:)?(?:record|rec)"
INSIDE = re.compile(
    rb"(?P<open><" + NAME + rb"(?=[\s>/]))|(?P<close></" + NAME + rb"\s*>)"
    rb"|(?P<comment><!--)|(?P<doctype><!(?:DOCTYPE|ENTITY))",
    re.IGNORECASE,
)
CONTENT = re.compile(rb"<(?:[\w.-]+:)?(?:leader|controlfield|datafield|lab|cf|df)[\s>]")
OUTSIDE = re.compile(INSIDE.pattern + rb"|(?P<orphan>" + CONTENT.pattern + rb")", re.IGNORECASE)
START = re.compile(rb"<" + NAME + rb"[\s>]")
PROLOG = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]+)["']""")
LONGEST_MARK = 256
ILLEGAL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
BLANKED = bytes(32 if ILLEGAL.match(bytes([byte])) else byte for byte in range(256))


def pieces(window: Window, limits: Limits, dialect: str) -> Iterator[Piece]:
    """Every record element of the stream, read or refused."""
    inside = headless = skipping = False
    scan = 0
    while True:
        marks = INSIDE if inside or skipping else OUTSIDE
        match = marks.search(window.buffer, scan)
        if match is None:
            scan = max(scan, len(window.buffer) - LONGEST_MARK)
            if not inside:
                window.drop(scan)
                scan = 0
            elif len(window.buffer) > limits.record_bytes:
                yield _refused(window, "too-long", len(window.buffer), limit=limits.record_bytes)
                inside, skipping, scan = False, True, 0
            if not window.more():
                break
            continue
        start, end = match.span()
        match match.lastgroup:
            case "open":
                if inside and (headless or CONTENT.search(window.buffer, 0, start)):
                    yield _refused(window, "cut-off", start)
                else:
                    window.drop(start)  # what came before, or a wrapper also called record
                inside, headless, skipping, scan = True, False, False, end - start
            case "orphan":
                window.drop(start)
                inside, headless, scan = True, True, end - start
            case "close" if inside and not headless:
                offset = window.offset
                yield _piece(window.take(end), offset, limits, dialect)
                inside, scan = False, 0
            case "close":
                if inside:
                    yield _refused(window, "cut-off", end)
                else:
                    window.drop(end)
                inside = headless = skipping = False
                scan = 0
            case "comment":
                scan = _behind_comment(window, start, limits)
            case _:
                yield Piece(
                    bytes(window.buffer[start:end]), window.offset + start, refusal="doctype"
                )
                return
    if inside:
        yield _refused(window, "cut-off", len(window.buffer))


class Transcoded:
    """A source of UTF-8 made from one whose prolog names another charset."""

    def __init__(self, window: Window, encoding: str) -> None:
        self._window = window
        self._decoder = codecs.getincrementaldecoder(encoding)(errors="replace")

    def read(self) -> bytes:
        """The next bytes in UTF-8, none at the end."""
        while self._window.buffer or self._window.more():
            data = self._window.take(len(self._window.buffer))
            if text := self._decoder.decode(data):
                return text.encode("utf-8", "replace")
        return self._decoder.decode(b"", final=True).encode("utf-8", "replace")


def declared(head: bytes) -> str:
    """The charset a document states, `utf-8` when it states none we know."""
    if head.startswith((codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE)):
        return "utf-16"
    match = PROLOG.search(head)
    name = charsets.named(match[1].decode("ascii")) if match else "utf-8"
    try:
        return codecs.lookup(name).name
    except LookupError:
        return "utf-8"


def _refused(window: Window, code: str, length: int, **params: int) -> Piece:
    offset = window.offset
    return Piece(window.take(length), offset, refusal=code, params=params)


def _behind_comment(window: Window, start: int, limits: Limits) -> int:
    """Where to go on after a comment; one that never ends is text like any other."""
    while (end := window.buffer.find(b"-->", start + 4)) < 0:
        if len(window.buffer) - start > limits.record_bytes or not window.more():
            return start + 4
    return end + 3


def _piece(raw: bytes, offset: int, limits: Limits, dialect: str) -> Piece:
    flaws: list[Flaw] = []
    text = raw
    if ILLEGAL.search(raw):
        text = raw.translate(BLANKED)
        flaws.append(Flaw("control-characters"))
    try:
        text = _as_utf8(text, flaws)
        parser = _Parser(limits)
        leader, fields = parser.parse(text)
        if not fields:
            raise Unreadable("no-fields" if CONTENT.search(raw) else "not-a-record")
    except Unreadable as reason:
        return Piece(raw, offset, refusal=reason.code, params=reason.params)
    for field in fields:
        flaws += [Flaw("character", field.tag, c) for c, v in field.subfields if REPLACEMENT in v]
    record, named = finished(leader, fields, flaws, dialect)
    return Piece(raw, offset, record, named)


def _as_utf8(raw: bytes, flaws: list[Flaw]) -> bytes:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        found = charsets.decide(raw, said_utf8=True, chinese=b'"200"' in raw)
        if found is None:
            raise Unreadable("undecodable") from None
        if found.codec != charsets.UTF8:
            flaws.append(Flaw("charset-guess", params={"charset": found.codec}))
        return charsets.decode(raw, found.codec).encode("utf-8", "replace")
    return raw


class _Parser:
    """Expat over one record element, deaf to namespaces and to everything that is not MARC."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._leader = BLANK_LEADER
        self._fields: list[Field] = []
        self._tag, self._marks, self._code = "", "", ""
        self._pairs: list[tuple[str, str]] = []
        self._text: list[str] | None = None

    def parse(self, raw: bytes) -> tuple[str, list[Field]]:
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        try:
            parser.Parse(raw, True)
        except expat.ExpatError as error:
            reason = expat.ErrorString(error.code)
            raise Unreadable(
                "bad-xml", line=error.lineno, column=error.offset, reason=reason
            ) from None
        return self._leader, self._fields

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        match name.rpartition(":")[2]:
            case "leader" | "lab":
                self._text = []
            case "controlfield" | "cf":
                self._tag, self._text = _tag(attributes), []
            case "datafield" | "df":
                self._tag, self._pairs = _tag(attributes), []
                self._marks = _marks(attributes)
            case "subfield" | "sf":
                self._code = attributes.get("code", attributes.get("c", ""))[:1]
                self._text = []
            case _:
                pass

    def _characters(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def _end(self, name: str) -> None:
        match name.rpartition(":")[2]:
            case "leader" | "lab":
                given = clean(self._take().strip("\r\n\t"))
                self._leader = (given + BLANK_LEADER[len(given) :])[:24]
            case "controlfield" | "cf":
                self._add(Field(self._tag, "", (), clean(self._take())))
            case "subfield" | "sf":
                value = clean(self._take())
                if self._code:
                    self._pairs.append((clean(self._code), value))
            case "datafield" | "df":
                self._add(Field(self._tag, clean(self._marks), tuple(self._pairs)))
            case _:
                pass

    def _take(self) -> str:
        text, self._text = "".join(self._text or ()), None
        return text

    def _add(self, field: Field) -> None:
        if len(self._fields) >= self._limits.record_fields:
            raise Unreadable("too-many-fields", limit=self._limits.record_fields)
        self._fields.append(field)


def _marks(attributes: dict[str, str]) -> str:
    """The indicators; two, unless the dialect has a third."""
    places = (1, 2, 3) if "ind3" in attributes else (1, 2)
    return "".join(
        attributes.get(f"ind{place}", attributes.get(f"i{place}", " ")) or " " for place in places
    )


def _tag(attributes: dict[str, str]) -> str:
    return clean(attributes.get("tag", attributes.get("t", "")))[:3].rjust(3, "0")
