"""From the bytes of fields to a record of text, with every loss named."""

from __future__ import annotations

from collections.abc import Sequence

from services.resources.cataloguing.marc import charsets
from services.resources.cataloguing.marc.characters import (
    FORBIDDEN,
    FORBIDDEN_BYTES,
    REPLACEMENT,
    clean,
)
from services.resources.cataloguing.marc.charsets import Charset
from services.resources.cataloguing.marc.dialects import MARC21, dialect_of, kind_of
from services.resources.cataloguing.marc.directory import Slot
from services.resources.cataloguing.marc.outcome import Flaw, Unreadable
from services.resources.cataloguing.marc.record import Field, Record

DELIMITER = "\x1f"
MOST_INDICATORS = 3
CODES = frozenset(map(chr, range(0x21, 0x7F)))


def build(
    leader: str,
    slots: Sequence[Slot],
    raw: bytes,
    flaws: list[Flaw],
    *,
    charset: str,
    dialect: str,
) -> tuple[Record, tuple[Flaw, ...]]:
    """The record, with its flaws in the order they were found."""
    said_utf8 = leader[9:10] == "a"
    chosen = _charset(raw, slots, charset, said_utf8=said_utf8)
    if chosen.guessed:
        flaws.append(Flaw("charset-guess", params={"charset": chosen.codec}))
    elif chosen.codec not in (charsets.ASCII, charsets.UTF8) and said_utf8:
        flaws.append(Flaw("charset", params={"charset": chosen.codec}))
    lossy = chosen.damaged or chosen.codec in (charsets.MARC8, charsets.LATIN)
    strays = bool(FORBIDDEN_BYTES.search(raw)) or chosen.codec == charsets.MARC8
    plain = not chosen.damaged and chosen.codec in (charsets.ASCII, charsets.UTF8)
    expected = leader[10:11]
    fields = []
    for tag_bytes, data in slots:
        tag = tag_bytes.decode("ascii", "replace")
        if not (tag.isalnum() and tag.isascii()):
            flaws.append(Flaw("tag", params={"tag": (tag := _printable(tag))}))
        text = data.decode() if plain else charsets.decode(data, chosen.codec)
        if strays and FORBIDDEN.search(text.replace(DELIMITER, "")):
            flaws.append(Flaw("control-character", tag))
            text = DELIMITER.join(map(clean, text.split(DELIMITER)))
        field = _field(tag, text, flaws, expected)
        if lossy and REPLACEMENT in text:
            _name_losses(field, flaws)
        fields.append(field)
    return finished(leader, fields, flaws, dialect)


def finished(
    leader: str, fields: list[Field], flaws: list[Flaw], dialect: str
) -> tuple[Record, tuple[Flaw, ...]]:
    """The record with its dialect and kind, and a word if it has no title."""
    if dialect == "auto":
        dialect = dialect_of(leader, fields)
    tags = frozenset(field.tag for field in fields)
    kind = kind_of(leader, dialect, tags)
    if kind == "bibliographic" and ("245" if dialect == MARC21 else "200") not in tags:
        flaws.append(Flaw("no-title"))
    return Record(leader, tuple(fields), dialect, kind), tuple(flaws)


def _charset(raw: bytes, slots: Sequence[Slot], wanted: str, *, said_utf8: bool) -> Charset:
    if wanted != "auto":
        return Charset(charsets.named(wanted), damaged=True)
    if raw.isascii() and b"\x1b" not in raw:
        return Charset(charsets.ASCII)
    tags = {slot.tag for slot in slots}
    chinese = b"200" in tags and b"245" not in tags
    text = b"\x1e".join(slot.data for slot in slots)
    if (found := charsets.decide(text, said_utf8=said_utf8, chinese=chinese)) is None:
        raise Unreadable("undecodable")
    return found


def _field(tag: str, text: str, flaws: list[Flaw], expected: str) -> Field:
    parts = text.split(DELIMITER)
    if len(parts) == 1:
        if tag.startswith("00") or not tag.isdigit():
            return Field(tag, "", (), text)
        flaws.append(Flaw("subfields", tag))
        return Field(tag, text[:2].ljust(2), (("a", text[2:]),))
    indicators = parts[0]
    if len(indicators) != 2 and str(len(indicators)) != expected:
        flaws.append(Flaw("indicators", tag))
        if len(indicators) > MOST_INDICATORS:
            # Text before the first delimiter: kept as a subfield rather than lost.
            indicators, parts[0] = indicators[:2], indicators[2:]
            parts.insert(1, "a" + parts[0])
        indicators = indicators or "  "
    pairs = [(part[0], part[1:]) for part in parts[1:] if part]
    if len(pairs) < len(parts) - 1:
        flaws.append(Flaw("subfield-empty", tag))
    for code, _ in pairs:
        if code not in CODES:
            flaws.append(Flaw("subfield-code", tag, code))
    return Field(tag, indicators, tuple(pairs))


def _name_losses(field: Field, flaws: list[Flaw]) -> None:
    if field.data is not None and REPLACEMENT in field.data:
        flaws.append(Flaw("character", field.tag, "-"))
    flaws.extend(
        Flaw("character", field.tag, code)
        for code, value in field.subfields
        if REPLACEMENT in code + value
    )


def _printable(tag: str) -> str:
    return "".join(mark if mark.isascii() and mark.isprintable() else "?" for mark in tag)
