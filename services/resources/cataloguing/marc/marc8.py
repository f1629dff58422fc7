"""MARC-8 and EACC to Unicode, strict about what it does not know.

The code tables are pymarc's; its own decoder turns unknown bytes into blanks without telling,
which a catalogue cannot afford.
"""

from __future__ import annotations

import unicodedata

from pymarc.marc8_mapping import CODESETS, ODD_MAP

from services.resources.cataloguing.marc.characters import REPLACEMENT

ESCAPE = 0x1B
BASIC_LATIN, ANSEL, EACC = 0x42, 0x45, 0x31
G0_MARKS, G1_MARKS = b"(,", b")-"
SHORT = {0x67: 0x67, 0x62: 0x62, 0x70: 0x70, 0x73: BASIC_LATIN}
"""Escapes of one letter: Greek symbols, sub- and superscript, and back to Latin."""
EACC_BLANK = 0x212320


def decode(text: bytes) -> str:
    """The text in Unicode (NFC), each unknown code as U+FFFD."""
    if text.isascii() and ESCAPE not in text:
        return text.decode("ascii")
    g0, g1 = BASIC_LATIN, ANSEL
    letters: list[str] = []
    marks: list[str] = []  # MARC-8 writes diacritics before their letter
    place, end = 0, len(text)
    while place < end:
        byte = text[place]
        if byte == ESCAPE:
            place, g0, g1, known = _escape(text, place, g0, g1)
            if not known:
                letters.append(REPLACEMENT)
            continue
        if byte < 0x20:
            # A delimiter ends whatever set was switched on, and strays keep their byte.
            letters += [*marks, chr(byte)]
            marks.clear()
            g0, g1 = (BASIC_LATIN, ANSEL) if byte == 0x1F else (g0, g1)
            place += 1
            continue
        active = g0 if byte < 0x80 else g1
        if active == EACC and byte != 0x20:
            width, code = 3, int.from_bytes(text[place : place + 3], "big")
        else:
            width, code = 1, byte
        place += width
        letter, combining = _letter(active, code)
        if combining:
            marks.append(letter)
        else:
            letters += [letter, *marks]
            marks.clear()
    return unicodedata.normalize("NFC", "".join(letters + marks))


def _letter(active: int, code: int) -> tuple[str, bool]:
    if code == 0x20:
        return " ", False
    table = CODESETS.get(active, {})
    found = table.get(code)
    if found is None and active not in (BASIC_LATIN, ANSEL, EACC):
        # The other half holds the same set shifted by a bit.
        found = table.get(code ^ 0x80)
    if found is not None:
        return chr(found[0]), bool(found[1])
    if code in ODD_MAP:
        return chr(ODD_MAP[code]), False
    return (" " if code == EACC_BLANK else REPLACEMENT), False


def _escape(text: bytes, place: int, g0: int, g1: int) -> tuple[int, int, int, bool]:
    """Where the text goes on after an escape, the sets now in force, and if it made sense."""
    rest = text[place + 1 : place + 5]
    if not rest:
        return place + 1, g0, g1, False
    if rest[0] in SHORT:
        return place + 2, SHORT[rest[0]], g1, True
    width = 1
    if rest[0] == ord("$"):
        width = 2 if rest[1:2] and rest[1] in G0_MARKS + G1_MARKS else 1
    elif rest[0] not in G0_MARKS + G1_MARKS:
        return place + 1, g0, g1, False
    second = rest[width - 1] in G1_MARKS
    if rest[width : width + 1] == b"!":  # ANSEL is written as !E
        width += 1
    if len(rest) <= width or rest[width] not in CODESETS:
        return place + 1, g0, g1, False
    chosen = rest[width]
    if second:
        g1 = chosen
    else:
        g0 = chosen
    return place + width + 2, g0, g1, True
