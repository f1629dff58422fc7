"""Call numbers as text keys that sort as the books stand.

Keys are plain ASCII and compare byte by byte (collation "C"): a blank ends a part and sorts
before everything, signs before digits, digits before letters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

SIGNS = '-("=<:+'
"""The auxiliary signs of the CLC in filing order; a library may set another."""
_CLC = re.compile(r"^\[?[A-Z]{1,2}(?:[0-9]|-|\(|$|\])")
_LCC = re.compile(r"^([A-Z]{1,3})\s*([0-9]{1,5})(\.[0-9]+)?(?![0-9])\s*(.*)$")
_DDC = re.compile(r"^([0-9]{3})((?:\.[0-9/'’]+)?)\s*(.*)$")
_TOKEN = re.compile(r"[0-9]+|[A-Z]+|[^\x00-\x7f]+")
_WIDTH = 9


def sort_key(call_number: str, signs: Sequence[str] = SIGNS) -> str:
    """The key of a CLC call number: class / book number [: volume] [/ copy or year].

    The class files digit by digit (G25 < G250 < G251, the dot is only a break) with auxiliary
    signs before digits; the book number and what follows file as whole numbers.
    """
    plain = unicodedata.normalize("NFKC", call_number).upper().strip()
    class_mark, _, rest = plain.partition("/")
    parts = [_class_key(class_mark, signs)]
    for part in rest.split("/") if rest else ():
        book, *volumes = re.split(r"[:=()]+", part)
        parts.append(" ".join([_tokens(book), *(_tokens(volume) for volume in volumes if volume)]))
    return "  ".join(parts)


def natural_key(call_number: str) -> str:
    """The key of an LC or Dewey call number; anything else files numbers by value."""
    plain = unicodedata.normalize("NFKC", call_number).upper().strip()
    if match := _LCC.match(plain):
        letters, number, decimals, rest = match.groups()
        return f"{letters} {int(number):05d}{decimals or ''} {_cutters(rest)}".rstrip()
    if match := _DDC.match(plain):
        number, decimals, rest = match.groups()
        return f"{number}{re.sub('[^0-9.]', '', decimals)} {_cutters(rest)}".rstrip()
    return _tokens(plain)


def is_clc(text: str) -> bool:
    """Whether a class mark looks like the CLC's and not like Dewey's or a shelf name."""
    plain = unicodedata.normalize("NFKC", text).strip().upper()
    return bool(_CLC.match(plain)) and plain.strip("[]")[:1] not in "LMWY"


def shelf_key(call_number: str) -> str:
    """The key by whichever notation the call number is written in."""
    class_mark, slash, book = call_number.strip().partition("/")
    compact = slash and " " not in class_mark and is_clc(class_mark)
    return sort_key(call_number) if compact and book else natural_key(call_number)


def _class_key(class_mark: str, signs: Sequence[str]) -> str:
    key = []
    for mark in class_mark.strip("[] "):
        if mark in ".)] ":
            continue
        if mark in signs:
            key.append(chr(0x21 + signs.index(mark)))
        elif mark.isascii() and mark.isalnum():
            key.append(mark)
    return "".join(key)


def _tokens(text: str) -> str:
    """Numbers padded so that they compare by value, letters as they are."""
    return " ".join(
        token.rjust(_WIDTH, "0") if token.isdigit() and token.isascii() else token
        for token in _TOKEN.findall(text)
    )


def _cutters(rest: str) -> str:
    """Cutter numbers (letter and decimals) as they are, years and volumes by value."""
    key = []
    for word in re.findall(r"[A-Z]+[0-9]+|[0-9]+|[A-Z]+|[^\x00-\x7f]+", rest):
        if word.isdigit() and word.isascii():
            key.append(word.rjust(_WIDTH, "0"))
        else:
            key.append(word)
    return " ".join(key)
