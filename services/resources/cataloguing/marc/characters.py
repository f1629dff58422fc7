"""Characters that may not stand in a stored record: database, XML and ISO 2709 refuse them."""

from __future__ import annotations

import re

FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
FORBIDDEN_BYTES = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1a\x1c]")
REPLACEMENT = "\ufffd"


def clean(text: str) -> str:
    """The text with every forbidden character turned into a blank."""
    return FORBIDDEN.sub(" ", text)
