"""Small readings of catalogue text that both dialects need: punctuation, years, duplicates."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

LONGEST_INITIAL = 2
_ENDING = " /:;,=+"
_NON_FILING = dict.fromkeys((0x88, 0x89, 0x98, 0x9C))
_YEAR = re.compile(r"(?<![0-9])(1[0-9]{3}|20[0-9]{2})(?![0-9])")
_REPUBLIC = re.compile(r"民[国國]\s*([0-9]{1,3})\s*年?")


def trimmed(text: str) -> str:
    """Text without the punctuation that only led over to the next element."""
    if not text:
        return ""
    plain = " ".join(text.split()).rstrip(_ENDING)
    if plain[-1:] == "." and not plain.endswith("..") and not _abbreviated(plain):
        plain = plain[:-1].rstrip()
    return plain


def unmarked(text: str) -> str:
    """Text without the invisible marks around the words a title does not file under."""
    return text.translate(_NON_FILING).strip()


def unbracketed(text: str) -> str:
    """Imprint text without the brackets of a supplied element."""
    plain = " ".join(text.split()).rstrip(_ENDING)
    if plain.startswith("[") and plain.endswith("]") and "[" not in plain[1:]:
        return plain[1:-1]
    if plain.count("[") != plain.count("]"):
        plain = plain.replace("[", "").replace("]", "")
    return plain


def year_in(*texts: str) -> int | None:
    """The first plausible year of publication in the texts."""
    for text in texts:
        if not text:
            continue
        plain = unicodedata.normalize("NFKC", text)
        if match := _YEAR.search(plain):
            return int(match[1])
        if match := _REPUBLIC.search(plain):
            return 1911 + int(match[1])
    return None


def distinct(texts: Iterable[str]) -> tuple[str, ...]:
    """The non-empty texts, each once, in their order."""
    return tuple(dict.fromkeys(text for text in texts if text))


def _abbreviated(text: str) -> bool:
    """Whether the last full stop belongs to an initial or a short form."""
    last = text.rsplit(" ", 1)[-1]
    initial = len(last) <= LONGEST_INITIAL and last[:-1].isalpha()
    return initial or "." in last[:-2] or last in _SHORT_FORMS


_SHORT_FORMS = frozenset({"Inc.", "Ltd.", "Co.", "Corp.", "etc.", "Jr.", "Sr.", "Dept.", "Bros."})
