"""Did you mean …? Words of the catalogue that look or sound like what was typed.

Latin words are compared as they are written, Chinese ones as they sound (红搂梦 sounds like 红楼梦, and
`honglomeng` almost does), both by trigrams in the database: no dictionary, only what the library holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.discovery.catalogue.citation import plain_name
from shared.events.resources import Bibliographic
from shared.search import HAN, fold, syllables

_RUN = re.compile(rf"[{HAN}]+|[a-z][a-z']+")
_HAN = re.compile(rf"[{HAN}]")
SHORTEST, LONGEST, LONGEST_HAN = 4, 30, 14
MOST_RUNS, NEAR = 8, 0.34
_LIKE = text("""
    SELECT word, similarity(sound, :sound) AS near FROM catalogue_word
    WHERE sound % :sound AND length(sound) BETWEEN :low AND :high AND word <> :word
    ORDER BY near DESC, word LIMIT 12
""")
_KNOWN = text("SELECT 1 FROM catalogue_word WHERE word = :word")


def runs(words: str) -> list[str]:
    """The runs of letters or of Han in a text, folded."""
    return list(_RUN.findall(fold(words)))[:60]


def sound(word: str) -> str:
    """What words are compared by: Han by its syllables, letters as they are."""
    return "".join(syllables(word)) if _HAN.match(word) else word


def vocabulary(fact: Bibliographic) -> dict[str, str]:
    """The words a record teaches: word → sound. Whole runs of Han, since nothing says where a word ends."""
    texts: Iterable[str] = (
        fact.title, fact.title_rest, *fact.other_titles[:4], *(plain_name(name) for name in fact.authors[:6]),
        *fact.subjects[:10],
    )
    found = {}
    for run in (run for words in texts for run in runs(words)):
        if (2 <= len(run) <= LONGEST_HAN) if _HAN.match(run) else (SHORTEST <= len(run) <= LONGEST):
            found[run] = sound(run)
    return {word: heard for word, heard in sorted(found.items()) if len(heard) >= SHORTEST}


async def corrections(session: AsyncSession, q: str, most: int = 3) -> list[str]:
    """The question with its unknown words replaced by those it may have meant, the likeliest first."""
    folded = fold(q)
    found: list[tuple[float, str]] = []
    for run in runs(q)[:MOST_RUNS]:
        heard = sound(run)
        if not SHORTEST <= len(heard) <= 2 * LONGEST or await session.scalar(_KNOWN, {"word": run}):
            continue
        rows = await session.execute(_LIKE, {
            "sound": heard, "word": run, "low": len(heard) * 2 // 3, "high": len(heard) * 3 // 2 + 1,
        })
        for word, near in rows:
            if _HAN.match(run) and not _HAN.match(word):
                continue  # who types Han does not mean a foreign name that happens to sound like it
            alike = SequenceMatcher(None, heard, sound(word), autojunk=False).ratio()
            same = SequenceMatcher(None, run, word, autojunk=False).ratio()
            if near >= NEAR or alike >= 0.8:
                found.append((near + alike + same, folded.replace(run, word, 1)))
    found.sort(key=lambda pair: (-pair[0], pair[1]))
    return list(dict.fromkeys(word for _score, word in found))[:most]
