"""Which characters the bytes of one record mean.

The leader's word is a hint only: real files say UTF-8 and hold GBK, or say nothing at all. The
decision is made record by record from the bytes, and never quietly: a guess or a loss is told.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from services.resources.cataloguing.marc import marc8
from services.resources.cataloguing.marc.characters import REPLACEMENT

ASCII, UTF8, GB, MARC8, LATIN = "ascii", "utf-8", "gb18030", "marc-8", "latin-1"
NAMES = {
    "utf8": UTF8,
    "gbk": GB,
    "gb2312": GB,
    "cp936": GB,
    "marc8": MARC8,
    "latin1": LATIN,
    "iso-8859-1": LATIN,
    "cp1252": LATIN,
}
ESCAPES = re.compile(rb"\x1b(?:[gbps]|[(),-][!]?[1-4BEQSN]|\$[(),-]?1)")
HIGH = re.compile(rb"[\x80-\xff]+")
LATIN_SPOT = re.compile(rb"(?<![\x80-\xff])[\xa0-\xff]{1,2}(?![\x80-\xff])")
# What catalogues really hold: a diacritic of ANSEL right before a letter that takes it, or one
# of its special letters.
MARC8_SPOT = re.compile(
    rb"[\xe1-\xe3][\xe0-\xfe]?[A-Za-z]|\xe4[ANOUIYanouiy]|\xe5[AEIOUYaeiouy]"
    rb"|[\xe6\xe7][A-Za-z]|\xe8[AEIOUYaeiouy]|\xe9[CDENRSTZGAIOUcdenrstzgaiou]"
    rb"|\xea[AUau]|[\xeb\xfa][A-Za-z]|[\xec\xfb][A-Za-z]|\xee[OUou]|\xed[A-Za-z]"
    rb"|[\xf0\xf1][ACDEGKLNRSTUIOacdegklnrstuio]|[\xf2\xf3\xf4][A-Za-z]|[\xf6\xf7][A-Za-z]"
    rb"|[\xa1-\xc6]"
)
HAN = re.compile("[\u3000-\u303f\u3400-\u4dbf\u4e00-\u9fff\uff00-\uffef\u2014-\u2026]")


class Charset(NamedTuple):
    """The decision: a codec, whether bytes had to be given up, and whether it is only a guess."""

    codec: str
    damaged: bool = False
    guessed: bool = False


def named(charset: str) -> str:
    """Our name of a charset someone typed or a prolog declares; the text itself if unknown."""
    plain = charset.strip().lower().replace("_", "-")
    return NAMES.get(plain.replace("-", ""), NAMES.get(plain, plain))


def decide(raw: bytes, *, said_utf8: bool, chinese: bool) -> Charset | None:
    """The charset of a record, or None when no reading is better than noise.

    `said_utf8` is the leader's claim, `chinese` that the record is of the UNIMARC family.
    """
    if raw.isascii():
        return Charset(MARC8 if ESCAPES.search(raw) else ASCII)
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return Charset(UTF8)
    high = sum(map(len, HIGH.findall(raw)))
    if ESCAPES.search(raw) and not chinese:
        return Charset(MARC8)
    sound, broken = _utf8_counts(raw)
    if sound >= 4 * broken or (said_utf8 and broken <= 2):
        return Charset(UTF8, damaged=True)
    if (lost := _gb_loss(raw, high)) is not None:
        return Charset(GB, damaged=bool(lost), guessed=not chinese)
    if _share(MARC8_SPOT, raw, high) >= 0.5:
        return Charset(MARC8, guessed=said_utf8)
    if _share(LATIN_SPOT, raw, high) >= 0.7:
        return Charset(LATIN, guessed=True)
    if sound > broken:
        return Charset(UTF8, damaged=True)
    return None


def decode(data: bytes, codec: str) -> str:
    """The text of some bytes of the record; what cannot be read becomes U+FFFD."""
    if codec == MARC8:
        return marc8.decode(data)
    if codec == LATIN:
        return data.decode("cp1252", "replace")
    return data.decode(codec, "replace")


def _utf8_counts(raw: bytes) -> tuple[int, int]:
    """How many characters beyond ASCII read well as UTF-8, and how many places do not."""
    text = raw.decode("utf-8", "replace")
    broken = text.count(REPLACEMENT)
    return sum(1 for letter in text if letter > "\x7f") - broken, broken


def _gb_loss(raw: bytes, high: int) -> int | None:
    """Characters lost by reading as GB18030, or None when that is not Chinese."""
    paired = sum(len(run) for run in HIGH.findall(raw) if len(run) > 1)
    if paired < 0.7 * high:
        return None
    text = raw.decode("gb18030", "replace")
    lost = text.count(REPLACEMENT)
    beyond = sum(1 for letter in text if letter > "\x7f") - lost
    if len(HAN.findall(text)) < 0.7 * beyond or lost > max(2, beyond // 10):
        return None
    return lost


def _share(spot: re.Pattern[bytes], raw: bytes, high: int) -> float:
    """The share of the bytes above ASCII that stand where this charset would put them."""
    found = sum(sum(byte > 0x7F for byte in hit) for hit in spot.findall(raw))
    return found / high if high else 0.0
