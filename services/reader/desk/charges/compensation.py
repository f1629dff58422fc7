"""The compensation table: what a lost book costs when no other copy is brought. Pure.

Each line of the table is an entry of `Line`; `reckon` chooses the line, multiplies, and says how.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shared.i18n import N_, _
from shared.states import Choice
from shared.web.show import money

MIN_FEN = 20_00
BINDING_FEN = 6_00
DISC_FEN = 10_00
OLD_BEFORE = 1993


class Work(Choice):
    """What was lost, as far as the table asks."""

    book = "book", N_("普通图书")
    set = "set", N_("多卷书中的一册")
    issue = "issue", N_("期刊单期")
    bound = "bound", N_("期刊合订本")
    disc = "disc", N_("随书光盘")


class Line(Choice):
    """Lines of the table: (value, what it says)."""

    stolen = "stolen", N_("偷窃、撕割：10 倍")
    old = "old", N_("1993 年以前出版：10 倍")
    whole_set = "whole_set", N_("多卷书按套定价：全套价的 3 倍")
    volume = "volume", N_("多卷书分册定价：该册价的 5 倍")
    issue = "issue", N_("期刊单期：全年定价")
    bound = "bound", N_("期刊合订本：全年定价的 3 倍，另加装订费 6.00 元")
    disc = "disc", N_("随书光盘：每张 10.00 元")
    foreign = "foreign", N_("外文图书：5 倍")
    single = "single", N_("中文图书，馆藏单本：5 倍")
    few = "few", N_("中文图书，馆藏 2–4 本：4 倍")
    many = "many", N_("中文图书，馆藏 5 本及以上：3 倍")


TIMES: dict[Line, int] = {
    Line.stolen: 10, Line.old: 10, Line.whole_set: 3, Line.volume: 5, Line.issue: 1, Line.bound: 3,
    Line.foreign: 5, Line.single: 5, Line.few: 4, Line.many: 3,
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What the table needs to know; money in fen, `copies` with the lost one counted."""

    price_fen: int = 0
    copies: int = 1
    work: Work = Work.book
    foreign: bool = False
    year: int | None = None
    stolen: bool = False
    set_price_fen: int = 0
    year_price_fen: int = 0
    discs: int = 1


def line_of(facts: Facts) -> Line:
    """Which line applies; the heavier reproach comes before the kind of work."""
    if facts.stolen:
        return Line.stolen
    if facts.work is Work.disc:
        return Line.disc
    if facts.work is Work.issue:
        return Line.issue
    if facts.work is Work.bound:
        return Line.bound
    if facts.year is not None and facts.year < OLD_BEFORE:
        return Line.old
    if facts.work is Work.set:
        return Line.whole_set if facts.set_price_fen else Line.volume
    if facts.foreign:
        return Line.foreign
    if facts.copies >= 5:
        return Line.many
    return Line.few if facts.copies >= 2 else Line.single


def base_of(facts: Facts, line: Line) -> int:
    """The price that is multiplied."""
    if line is Line.disc:
        return DISC_FEN
    if facts.work in {Work.issue, Work.bound}:
        return facts.year_price_fen
    return facts.set_price_fen if line is Line.whole_set else facts.price_fen


def reckon(facts: Facts) -> dict[str, Any]:
    """The compensation and how it came about."""
    line = line_of(facts)
    base = base_of(facts, line)
    plus = BINDING_FEN if line is Line.bound else 0
    times = facts.discs if line is Line.disc else TIMES[line]
    raw = base * times + plus
    least = 0 if line is Line.disc else MIN_FEN  # a disc has its own price, below the least for a book
    return {
        "line": line.value, "copies": facts.copies, "base_cents": base, "times": times, "plus_cents": plus,
        "raw_cents": raw, "minimum": raw < least, "amount_cents": max(raw, least),
    }


def sentence_of(explain: dict[str, Any]) -> str:
    """The reckoning as one would say it over the desk."""
    plus = f" + {money(explain['plus_cents'])}" if explain["plus_cents"] else ""
    text = f"{Line(explain['line']).text}；{money(explain['base_cents'])} × {explain['times']}{plus} = {money(explain['raw_cents'])}"
    if explain["line"] in {Line.single, Line.few, Line.many}:
        text += _(N_("（馆藏 {n} 本）"), n=explain["copies"])
    if explain["minimum"]:
        text += _(N_("，不足下限，按 {money} 收"), money=money(explain["amount_cents"]))
    return text
