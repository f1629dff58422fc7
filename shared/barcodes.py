"""Our barcodes: a letter for the kind, eight digits that only grow, a check digit.

The letter counts as its place in the alphabet plus nine (A = 10), as in ISO 6166; over all the
digits so written runs the Luhn sum, which catches every wrong digit and nearly every swap.
"""

from __future__ import annotations

import re

KINDS = {"A": "book", "B": "bound volume", "D": "disc", "P": "issue", "R": "card"}
LENGTH = 10
_SHAPE = re.compile(r"[A-Z][0-9]{9}")
# The desk numbers worn barcodes anew from here on, the catalogue below: neither has to ask the other.
DESK_SERIAL = 90_000_000


def barcode_check_digit(stem: str) -> str:
    """The last digit of a barcode whose letter and eight digits are given."""
    digits = "".join(str(int(mark, 36)) for mark in stem)
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def barcode(kind: str, serial: int) -> str:
    """The barcode with this running number; `kind` is one of the letters of `KINDS`."""
    if kind not in KINDS or not 0 < serial < 100_000_000:
        raise ValueError(f"no barcode {kind} {serial}")
    stem = f"{kind}{serial:08d}"
    return stem + barcode_check_digit(stem)


def is_barcode(text: str) -> bool:
    """Whether the text is one of our barcodes with a right check digit."""
    return bool(_SHAPE.fullmatch(text)) and text[-1] == barcode_check_digit(text[:-1])


def serial_of(text: str) -> int | None:
    """The running number of one of our own barcodes."""
    return int(text[1:-1]) if is_barcode(text) else None
