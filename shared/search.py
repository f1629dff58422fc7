"""Chinese-aware full text: what is indexed and what is asked are folded the same way.

Han text becomes simplified characters cut into overlapping pairs, so that no dictionary decides
where a word ends; its pinyin is kept beside it, initials and whole (`hlm` and `hongloumeng` find 红楼梦,
`loumeng` too). Latin words
lose case and accents and match by their beginning. The result is a `tsvector` literal for a
plain GIN index, and a `tsquery` that asks for all parts of what was typed.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

HAN = r"\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_RUN = re.compile(rf"[{HAN}]+|[^\W_{HAN}]+", re.UNICODE)
_HAN_ONE = re.compile(rf"[{HAN}]")
_UMLAUT = re.compile(r"(?<=[nl])v")
PINYIN_PREFIX = "py"
LONGEST_INITIALS = 16
LONGEST_SPELLING = 36
# Readings a dictionary of single characters puts second, where titles and names often mean them.
OTHER_READINGS = {
    "长": "zhang", "行": "hang", "重": "chong", "乐": "yue", "传": "zhuan", "曾": "zeng", "会": "kuai", "单": "shan",
    "朝": "chao", "藏": "zang", "调": "tiao", "校": "jiao", "率": "lu", "省": "xing", "种": "chong",
}
LONGEST_WORD = 60


@lru_cache(1)
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


@lru_cache(1)
def _readings() -> dict[int, str]:
    # Characters only: the phrase dictionary costs 30 MB and we never segment.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "true")
    from pypinyin.constants import PINYIN_DICT

    return PINYIN_DICT


def fold(text: str) -> str:
    """Width, case, accents and traditional forms do not matter when searching."""
    text = unicodedata.normalize("NFKC", text).casefold()
    if not text.isascii():
        text = "".join(
            c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)
        )
        text = unicodedata.normalize("NFC", text)
        if _HAN_ONE.search(text):
            text = _converter().convert(text)
    return text


def syllables(text: str) -> list[str]:
    """The commonest reading of each character without its tone: 红楼 → `hong lou`."""
    readings = _readings()
    found = []
    for char in fold(text):
        if reading := readings.get(ord(char)):
            parts = unicodedata.normalize("NFKD", reading.split(",", 1)[0])
            found.append("".join(c for c in parts if not unicodedata.combining(c)).lower())
    return found


def initials(text: str) -> str:
    """The first letters of the readings: 红楼梦 → `hlm`; other characters are left out."""
    return "".join(syllable[0] for syllable in syllables(text))


def spellings(run: str) -> set[str]:
    """A run of Han in whole pinyin, from each of its characters on: 红楼梦 → `hongloumeng`, `loumeng`, `meng`.

    Where a character has a second common reading, the spelling with it is there as well.
    """
    sounds = syllables(run)
    found = set(_endings(sounds))
    if len(sounds) == len(run):
        for place, char in enumerate(run):
            if other := OTHER_READINGS.get(char):
                found.update(_endings([*sounds[:place], other, *sounds[place + 1:]]))
    return found


def _endings(sounds: list[str]) -> list[str]:
    return ["".join(sounds[i : i + 12])[:LONGEST_SPELLING] for i in range(len(sounds))]


def _pairs(run: str) -> list[str]:
    return [run] if len(run) == 1 else [run[i : i + 2] for i in range(len(run) - 1)]


def lexemes(text: str, *, pinyin: bool = False) -> set[str]:
    """The index terms of a text."""
    found: set[str] = set()
    for run in _RUN.findall(fold(text)):
        if _HAN_ONE.match(run):
            found.update(_pairs(run))
            found.update(run)
            if pinyin:
                letters = initials(run)[:LONGEST_INITIALS]
                found.update(PINYIN_PREFIX + letters[i:] for i in range(max(len(letters) - 1, 0)))
                found.update(PINYIN_PREFIX + spelling for spelling in spellings(run))
        else:
            found.add(run[:LONGEST_WORD])
    return found


def _quoted(lexeme: str) -> str:
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


def vector(parts: Iterable[tuple[str, str, bool]]) -> str:
    """A `tsvector` literal from (text, weight A–D, with pinyin initials) parts."""
    best: dict[str, str] = {}
    for text, weight, pinyin in parts:
        for lexeme in lexemes(text, pinyin=pinyin):
            if lexeme not in best or weight < best[lexeme]:
                best[lexeme] = weight
    return " ".join(f"{_quoted(lexeme)}:1{weight}" for lexeme, weight in best.items())


def query(text: str) -> str:
    """A `tsquery` literal that asks for every part of what was typed; empty when nothing is asked.

    A run of letters is taken as the beginning of a word, of pinyin initials or of whole pinyin
    (where ü is typed `v`).
    """
    asked: list[str] = []
    for run in _RUN.findall(fold(text))[:12]:
        if _HAN_ONE.match(run):
            asked.extend(_quoted(pair) for pair in _pairs(run[:40]))
        elif run.isascii() and run.isalpha() and 2 <= len(run) <= LONGEST_SPELLING:
            sound = PINYIN_PREFIX + _UMLAUT.sub("u", run)
            asked.append(f"({_quoted(run)}:* | {_quoted(sound)}:*)")
        else:
            asked.append(f"{_quoted(run[:LONGEST_WORD])}:*")
    return " & ".join(dict.fromkeys(asked))
