"""What a scanner or a keyboard sends, in one form."""

from __future__ import annotations

import unicodedata

LONGEST = 60


def clean(code: str) -> str:
    """Full-width digits, small letters and stray blanks do not make another barcode."""
    return "".join(unicodedata.normalize("NFKC", code).split()).upper()[:LONGEST]
