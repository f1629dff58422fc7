"""Standard numbers of books and serials: found in messy text, checked, put in one form."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

_ISBN = re.compile(
    r"(?<![0-9])(97[89][- ]?(?:[0-9][- ]?){9}[0-9]|(?:[0-9][- ]?){9}[0-9Xx])(?![0-9])"
)
_ISSN = re.compile(r"(?<![0-9])([0-9]{4})-?([0-9]{3}[0-9Xx])(?![0-9])")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−－", "-"))


class Isbn(NamedTuple):
    """An ISBN as printed in the record and as 13 digits (empty when it is not a valid number)."""

    raw: str
    isbn13: str = ""
    note: str = ""


def isbn13(text: str) -> str:
    """The 13 digits of the first valid ISBN in the text, or nothing."""
    plain = unicodedata.normalize("NFKC", text).translate(_DASHES)
    for match in _ISBN.finditer(plain):
        digits = re.sub(r"[- ]", "", match[1]).upper()
        if len(digits) == 13 and digits[12] == check_digit_13(digits):
            return digits
        if len(digits) == 10 and digits[9] == check_digit_10(digits):
            return isbn10_to_13(digits)
    return ""


def check_digit_13(digits: str) -> str:
    """The thirteenth digit that belongs to the first twelve."""
    total = sum(int(d) * (3 if place % 2 else 1) for place, d in enumerate(digits[:12]))
    return str(-total % 10)


def check_digit_10(digits: str) -> str:
    """The tenth digit (or X) that belongs to the first nine."""
    total = sum(int(d) * weight for d, weight in zip(digits[:9], range(10, 1, -1), strict=True))
    return "0123456789X"[-total % 11]


def isbn10_to_13(digits: str) -> str:
    """The 978 form of a ten-digit number."""
    core = "978" + digits[:9]
    return core + check_digit_13(core)


def isbn13_to_10(digits: str) -> str:
    """The ten-digit form, or nothing for 979 numbers, which have none."""
    if not digits.startswith("978"):
        return ""
    core = digits[3:12]
    return core + check_digit_10(core)


def issn(text: str) -> str:
    """The first valid ISSN in the text as `1234-567X`, or nothing."""
    plain = unicodedata.normalize("NFKC", text).translate(_DASHES)
    for match in _ISSN.finditer(plain):
        digits = (match[1] + match[2]).upper()
        total = sum(int(d) * weight for d, weight in zip(digits[:7], range(8, 1, -1), strict=True))
        if digits[7] == "0123456789X"[-total % 11]:
            return f"{digits[:4]}-{digits[4:]}"
    return ""
