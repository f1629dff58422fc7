"""The identity of a month, its columns, and who may do what. Pure.

closing = opening + added + moved in + recovered − moved out − withdrawn − lost ± corrected, for titles, copies and
value alike, in every cell of every table. Corrections are new values of books that stayed, and rows struck out by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from services.resources.collections.monthly.model import Grouping, Kind, MonthState
from shared.i18n import N_, _
from shared.refusals import Invalid, NotFound, Refusal

NUMBERS = "DCY"
MAKERS = ("RES-MGT", "head-resources")
CHECKERS = ("RES-MGT", "head-resources", "director", "deputy")
READERS = ("RES", "RDR", "OFF", "head", "director", "deputy", "auditor")
FLOWS = tuple(Kind)
# The nine figures of a line, in the order in which they are stored.
COLUMNS: tuple[tuple[str, str], ...] = (
    ("opening", N_("期初")), *((kind.value, kind.label) for kind in FLOWS), ("closing", N_("期末")),
)
PLACE: Mapping[str, int] = {name: at for at, (name, _label) in enumerate(COLUMNS)}
KEYS: Mapping[Grouping, tuple[str, ...]] = {
    Grouping.cell: ("location", "clc", "language"), Grouping.location: ("location",), Grouping.clc: ("clc",),
    Grouping.language: ("language",), Grouping.source: ("source",), Grouping.all: (),
}
# Tables that are held against the items themselves.
CHECKED = (Grouping.cell, Grouping.all)
CLASSES: Mapping[str, str] = {
    "A": N_("马克思主义、列宁主义、毛泽东思想、邓小平理论"), "B": N_("哲学、宗教"), "C": N_("社会科学总论"), "D": N_("政治、法律"),
    "E": N_("军事"), "F": N_("经济"), "G": N_("文化、科学、教育、体育"), "H": N_("语言、文字"), "I": N_("文学"), "J": N_("艺术"),
    "K": N_("历史、地理"), "N": N_("自然科学总论"), "O": N_("数理科学和化学"), "P": N_("天文学、地球科学"), "Q": N_("生物科学"),
    "R": N_("医药、卫生"), "S": N_("农业科学"), "T": N_("工业技术"), "U": N_("交通运输"), "V": N_("航空、航天"),
    "X": N_("环境科学、安全科学"), "Z": N_("综合性图书"),
}
LANGUAGES: Mapping[str, str] = {
    "chi": N_("中文"), "eng": N_("英文"), "jpn": N_("日文"), "rus": N_("俄文"), "ger": N_("德文"), "fre": N_("法文"), "kor": N_("朝鲜文"),
    "spa": N_("西班牙文"), "ita": N_("意大利文"), "lat": N_("拉丁文"), "por": N_("葡萄牙文"), "dut": N_("荷兰文"), "ara": N_("阿拉伯文"),
    "heb": N_("希伯来文"), "per": N_("波斯文"), "hin": N_("印地文"), "san": N_("梵文"), "vie": N_("越南文"), "tha": N_("泰文"), "ind": N_("印度尼西亚文"),
    "tib": N_("藏文"), "mon": N_("蒙古文"), "uig": N_("维吾尔文"), "cze": N_("捷克文"), "pol": N_("波兰文"), "bul": N_("保加利亚文"), "dan": N_("丹麦文"),
    "swe": N_("瑞典文"), "gre": N_("希腊文"), "geo": N_("格鲁吉亚文"), "mul": N_("多文种"), "zxx": N_("无文字内容"),
}

S = MonthState
LIFE: Mapping[tuple[MonthState, str], MonthState] = {
    (S.draft, "compute"): S.draft,
    (S.draft, "submit"): S.submitted,
    (S.submitted, "send_back"): S.draft,
    (S.submitted, "close"): S.closed,
}
_PERIOD = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


class NotOver(Refusal):
    """A month is handed in when it is over."""

    code = "holdings.not-over"
    message = N_("{period} 还没有结束，次月 1 日起才能提交")


class EarlierFirst(Refusal):
    """Every month begins where the one before ended."""

    code = "holdings.earlier-first"
    message = N_("请先上报 {period}")


class Unexplained(Refusal):
    """A difference is explained before anybody signs it."""

    code = "holdings.unexplained"
    status = 422
    message = N_("有 {n} 处账实不符，请写明原因再提交")


class UnknownMonth(NotFound):
    """No report bears this number."""

    code = "unknown-holdings-month"
    message = N_("没有月报 {what}")


def first_of(period: str) -> date:
    """The first day of `2026-11`, or what is wrong with it."""
    match = _PERIOD.fullmatch(period.strip())
    if match is None:
        raise Invalid({"period": _(N_("请填年月，如 2026-11"))})
    return date(int(match[1]), int(match[2]), 1)


def next_month(first: date) -> date:
    """The first day of the month after."""
    return date(first.year + (first.month == 12), first.month % 12 + 1, 1)


def month_before(first: date) -> date:
    """The first day of the month before."""
    return date(first.year - (first.month == 1), (first.month - 2) % 12 + 1, 1)


def period_of(first: date) -> str:
    """`2026-11`."""
    return f"{first:%Y-%m}"


@dataclass(slots=True)
class Sums:
    """The figures of one line while it is put together: three times nine."""

    titles: list[int] = field(default_factory=lambda: [0] * len(COLUMNS))
    copies: list[int] = field(default_factory=lambda: [0] * len(COLUMNS))
    value: list[int] = field(default_factory=lambda: [0] * len(COLUMNS))
    actual: list[int] | None = None

    def close(self) -> None:
        """The last figure is the sum of those before; withdrawals are stored as what left, without a sign."""
        for unit in (self.titles, self.copies, self.value):
            unit[-1] = closing(unit)

    @property
    def empty(self) -> bool:
        """Whether the line says nothing at all."""
        return not any((*self.titles, *self.copies, *self.value, *(self.actual or ())))


OUT = (Kind.moved_out.value, Kind.withdrawn.value, Kind.lost.value)


def closing(figures: Sequence[int]) -> int:
    """What the identity makes of a line."""
    return figures[0] + sum(
        -figures[PLACE[kind.value]] if kind.value in OUT else figures[PLACE[kind.value]] for kind in FLOWS
    )


def signed(kind: str, amount: int) -> int:
    """How a sum of rows stands in its column: what left is written without a sign."""
    return -amount if kind in OUT else amount


def differs(titles: Sequence[int], copies: Sequence[int], value: Sequence[int], actual: Sequence[int] | None) -> bool:
    """Whether the sum of the rows is not what the items say."""
    return actual is not None and [titles[-1], copies[-1], value[-1]] != list(actual)


def balanced(lines: Iterable[tuple[Sequence[int], Sequence[int]]]) -> bool:
    """Whether as much was moved in as was moved out, copies and value, over all lines of a table."""
    into, out = PLACE["moved_in"], PLACE["moved_out"]
    sums = [0, 0]
    for copies, value in lines:
        sums[0] += copies[into] - copies[out]
        sums[1] += value[into] - value[out]
    return sums == [0, 0]


def class_name(code: str) -> str:
    """A class as people read it."""
    name = CLASSES.get(code[:1], "") if code else ""
    return f"{code} {_(name)}" if name else _(N_("未分类"))


def language_name(code: str) -> str:
    """A language as people read it."""
    return _(LANGUAGES[code]) if code in LANGUAGES else code or _(N_("文种未标"))
