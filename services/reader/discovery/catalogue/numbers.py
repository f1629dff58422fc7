"""Numbers people copy from a book's back, a shelf label or a reading list, in one form."""

from __future__ import annotations

import re
import unicodedata

_ISBN = re.compile(r"^(97[89]\d{10}|\d{9}[\dX])$")
_ISSN = re.compile(r"^\d{7}[\dX]$")
_CALL = re.compile(r"^[A-Z]{1,3}[0-9]")
_RANGE = re.compile(r"\s*(?:~|至|\.\.|\s-\s|-(?=[A-Z]))\s*")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-"))
_WIDTH = 6


def plain(text: str) -> str:
    """Half-width capitals with ordinary dashes."""
    return unicodedata.normalize("NFKC", text).translate(_DASHES).upper().strip()


def isbn13(text: str) -> str:
    """The 13 digits of a valid ISBN, however it was written; nothing for anything else."""
    digits = re.sub(r"[\s-]", "", plain(text).removeprefix("ISBN").lstrip(":： "))
    if not _ISBN.match(digits):
        return ""
    if len(digits) == 10:
        total = sum(int(d) * w for d, w in zip(digits[:9], range(10, 1, -1), strict=True))
        if "0123456789X"[-total % 11] != digits[9]:
            return ""
        digits = "978" + digits[:9]
        return digits + _check(digits)
    return digits if _check(digits) == digits[12] else ""


def isbn10(digits: str) -> str:
    """The ten-digit form of a 978 number; others have none."""
    if len(digits) != 13 or not digits.startswith("978"):
        return ""
    core = digits[3:12]
    total = sum(int(d) * w for d, w in zip(core, range(10, 1, -1), strict=True))
    return core + "0123456789X"[-total % 11]


def _check(digits: str) -> str:
    return str(-sum(int(d) * (3 if place % 2 else 1) for place, d in enumerate(digits[:12])) % 10)


def compact(text: str) -> str:
    """Digits (and X) alone: how standard numbers are indexed."""
    return re.sub(r"[^0-9X]", "", plain(text))


def issn(text: str) -> str:
    """The eight characters of a valid ISSN, or nothing."""
    digits = re.sub(r"[\s-]", "", plain(text).removeprefix("ISSN").lstrip(":： "))
    if not _ISSN.match(digits):
        return ""
    total = sum(int(d) * w for d, w in zip(digits[:7], range(8, 1, -1), strict=True))
    return digits if "0123456789X"[-total % 11] == digits[7] else ""


def call_key(text: str) -> str:
    """A call number as it stands on the shelf: `I247.57/12` → `I24757/000012`.

    Letters, then the class digit by digit (the dot is only a break: G25 < G250 < G251), then the
    book number as a whole number. Keys compare byte by byte.
    """
    mark, slash, rest = plain(text).partition("/")
    mark = re.sub(r"[\s.\[\]]", "", mark)
    rest = re.sub(r"\d+", lambda m: m[0].rjust(_WIDTH, "0"), re.sub(r"\s", "", rest))
    return mark + slash + rest


def looks_like_call(text: str) -> bool:
    """Whether somebody typed a class or a call number rather than words."""
    return bool(_CALL.match(plain(text))) and len(text) <= 40


def call_span(text: str) -> tuple[str, str] | None:
    """The keys between which wanted call numbers lie: a prefix (`TP311`) or a range (`TP311~TP319`, `G250-G259`)."""
    ends = [part for part in _RANGE.split(plain(text)) if part]
    if not ends:
        return None
    low, high = call_key(ends[0]), call_key(ends[-1])
    if not low or not high:
        return None
    low, high = min(low, high), max(low, high)
    return low, beyond(high)


def beyond(prefix: str) -> str:
    """The first key after everything that begins with the prefix."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)
