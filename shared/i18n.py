"""Two languages: Chinese is the message id, English a catalogue per part of the tree."""

from __future__ import annotations

import gettext as _gettext
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("zh", "en")
_own = ""
_language: ContextVar[str] = ContextVar("language", default="zh")


def N_(text: str) -> str:  # noqa: N802 - the name gettext users know
    """Mark a message for the catalogue where it is declared; it is translated when shown."""
    return text


def speak_for(part: str) -> None:
    """This process is `part`: where catalogues word a message differently, its own wins, then the kit's."""
    global _own
    _own = part
    catalogue.cache_clear()


@lru_cache
def catalogue(lang: str) -> _gettext.NullTranslations:
    """All English catalogues of the tree that is installed, merged; Chinese needs none."""
    merged = _gettext.NullTranslations()
    if lang == "zh":
        return merged
    found = sorted(ROOT.glob(f"*/locale/{lang}.mo")) + sorted(ROOT.glob(f"services/*/locale/{lang}.mo"))
    for path in sorted(found, key=lambda path: (path.parts[-3] == _own, path.parts[-3] == "shared")):
        with path.open("rb") as file:
            part = _gettext.GNUTranslations(file)
        part.add_fallback(merged)
        merged = part
    return merged


def language() -> str:
    """The language of the request being answered: `zh` or `en`."""
    return _language.get()


@contextmanager
def speaking(lang: str) -> Iterator[None]:
    """Render in `lang` inside the block."""
    token = _language.set(lang if lang in LANGUAGES else "zh")
    try:
        yield
    finally:
        _language.reset(token)


def _(text: str, /, **params: Any) -> str:
    """The text in the reader's language, with `{name}` places filled."""
    if not text:
        return ""
    said = catalogue(_language.get()).gettext(text)
    return said.format(**params) if params else said


def ngettext(one: str, many: str, n: int, /, **params: Any) -> str:
    """Plural-aware `_`; `{n}` is filled."""
    lang = _language.get()
    said = one if lang == "zh" else catalogue(lang).ngettext(one, many, n)
    return said.format(n=n, **params)


def pick(zh: str, en: str | None) -> str:
    """Content that is stored in both languages: the one of the request."""
    return en if en and _language.get() == "en" else zh
