"""A cover for books that have no picture: drawn from the title, the same for the same record, ours to serve."""

from __future__ import annotations

import unicodedata
from xml.sax.saxutils import escape

from services.reader.discovery.catalogue.model import CatalogueRecord
from services.reader.discovery.catalogue.vocabulary import CLASSES

WIDTH, HEIGHT, ROOM, LINES = 300, 420, 18, 6
# One colour for some main classes each; white text on them has a contrast of more than 5 : 1.
COLOURS = ("#9b2c3a", "#1f5f8b", "#2f6b3c", "#6a4a8c", "#8a4b12", "#17646b", "#7a3b6d", "#46566b")


def _wide(char: str) -> int:
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def lines(text: str, room: int = ROOM, most: int = LINES) -> list[str]:
    """The text in lines of that many half-widths, Latin words kept whole where they fit; the rest is cut off."""
    found, line, used = [], "", 0
    for word in _words(text):
        size = sum(map(_wide, word))
        if used and used + size > room:
            found.append(line.strip())
            line, used, word = "", 0, word.lstrip()
            size = sum(map(_wide, word))
        while size > room:  # one word longer than a line
            found.append(word[:room])
            word = word[room:]
            size = sum(map(_wide, word))
        line, used = line + word, used + size
    found = [line for line in (*found, line.strip()) if line]
    return found if len(found) <= most else [*found[: most - 1], found[most - 1][:-1] + "…"]


def _words(text: str) -> list[str]:
    found: list[str] = []
    for char in " ".join(text.split()):
        if found and _wide(char) == 1 and char != " " and _wide(found[-1][-1]) == 1:
            found[-1] += char
        else:
            found.append(char)
    return found


def _clean(text: str) -> str:
    return escape("".join(c for c in text if unicodedata.category(c) not in {"Cc", "Cs", "Cn"} and c not in "\ufffe\uffff"))


def draw(record: CatalogueRecord) -> str:
    """The cover as an SVG of its own, without script and without anything fetched from elsewhere."""
    place = list(CLASSES).index(record.clc_main) if record.clc_main in CLASSES else len(record.title)
    colour = COLOURS[place % len(COLOURS)]
    text = "".join(
        f'<text x="44" y="{92 + n * 44}">{_clean(line)}</text>' for n, line in enumerate(lines(record.title))
    )
    by = _clean((lines(record.authors[0] if record.authors else record.publisher, 26, 1) or [""])[0])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'role="img" aria-label="{_clean(record.title[:120]).replace(chr(34), "&quot;")}">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" rx="6" fill="{colour}"/>'
        f'<rect width="22" height="{HEIGHT}" fill="#000" fill-opacity=".22"/>'
        f'<path d="M44 46h212M44 372h212" stroke="#fff" stroke-opacity=".7" stroke-width="2"/>'
        f'<g fill="#fff" font-family="\'Noto Serif CJK SC\',\'Songti SC\',SimSun,serif" font-size="30" '
        f'font-weight="600">{text}</g>'
        f'<text x="44" y="356" fill="#fff" font-family="sans-serif" font-size="18">{by}</text>'
        f'<text x="256" y="398" fill="#fff" text-anchor="end" font-family="monospace" font-size="16">'
        f'{_clean(record.call_number[:24])}</text></svg>'
    )
