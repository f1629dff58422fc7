"""What people write into one box: a field's name before words (作者:余华), quotation marks around phrases."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from shared.search import fold


class Field(StrEnum):
    """Where to look."""

    any = "any"
    titles = "title"
    author = "author"
    isbn = "isbn"
    call = "call"
    subject = "subject"
    publisher = "publisher"


NAMES: dict[str, Field] = {
    "题名": Field.titles, "书名": Field.titles, "刊名": Field.titles, "title": Field.titles, "ti": Field.titles,
    "作者": Field.author, "责任者": Field.author, "著者": Field.author, "author": Field.author, "au": Field.author,
    "主题": Field.subject, "主题词": Field.subject, "关键词": Field.subject, "subject": Field.subject, "su": Field.subject,
    "出版社": Field.publisher, "出版者": Field.publisher, "publisher": Field.publisher,
    "isbn": Field.isbn, "issn": Field.isbn, "索书号": Field.call, "分类号": Field.call, "call": Field.call, "class": Field.call,
}
# The longest name first: 主题词 is not 主题 and a 词.
_NAME = re.compile(
    rf"(?<!\S)({'|'.join(sorted(NAMES, key=len, reverse=True))})\s*[:：]\s*", re.IGNORECASE
)
_QUOTED = re.compile(r"[\"“”＂「『]([^\"“”＂「」『』]{2,80})[\"“”＂」』]")
MOST_PARTS, MOST_PHRASES = 6, 3


@dataclass(frozen=True, slots=True)
class Reading:
    """A question taken apart: words with their fields, and what must stand there literally (folded)."""

    parts: tuple[tuple[Field, str], ...]
    phrases: tuple[str, ...] = ()


def read(q: str, where: Field) -> Reading:
    """Take the question apart; `where` is the field of the words before any name."""
    phrases = tuple(" ".join(fold(m[1]).split()) for m in _QUOTED.finditer(q))[:MOST_PHRASES]
    pieces = _NAME.split(_QUOTED.sub(r" \1 ", q) if phrases else q)
    parts = [(where, pieces[0])]
    parts += [(NAMES[name.lower()], words) for name, words in zip(pieces[1::2], pieces[2::2], strict=True)]
    kept = tuple((field, " ".join(words.split())) for field, words in parts if words.strip())
    return Reading(kept[:MOST_PARTS], tuple(phrase for phrase in phrases if phrase))
