"""What a row of a list means for the patron it names. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.reader.desk.campus.reading import CODE, day_of
from services.reader.desk.codes import clean
from services.reader.desk.passes.model import Fate, ListState
from services.reader.desk.patrons.model import CardState
from services.reader.desk.patrons.rules import NEED_ORIENTATION
from shared.i18n import N_
from shared.refusals import Refusal

S = ListState
LIFE: Mapping[tuple[ListState, str], ListState] = {
    (S.looked_at, "apply"): S.applied,
    (S.looked_at, "drop"): S.dropped,
}
NUMBERS = "RG"
MARK, HIGHEST = 80, 100
# A whole cohort; the list is applied in one transaction.
MOST_ROWS = 10_000
MOST_AT_ONCE = 500
LEAST_REASON = 2

HEADS: Mapping[str, tuple[str, ...]] = {
    "card": ("学工号", "学号", "工号", "证号", "卡号", "校园卡号", "card", "card_no", "card number", "id"),
    "date": ("通过日期", "考试日期", "日期", "时间", "date", "passed on", "passed_on"),
    "score": ("成绩", "分数", "得分", "score", "mark"),
    "name": ("姓名", "name"),
}
NEEDED = ("card", "date", "score")


class NothingToWithdraw(Refusal):
    """Only who has passed can lose the pass."""

    code = "orientation-not-passed"
    message = N_("该读者没有通过入馆教育，无需撤回")


class PassedAlready(Refusal):
    """Somebody else was quicker, or a list."""

    code = "orientation-passed-already"
    message = N_("该读者已开通借书")


@dataclass(slots=True)
class Result:
    """One line of a list: what it says, or why it cannot be taken."""

    line: int
    card: str
    name: str = ""
    passed_on: date | None = None
    score: float | None = None
    note: str = ""
    params: dict[str, Any] = field(default_factory=dict)

    def refuse(self, note: str, **params: Any) -> Result:
        """It cannot be taken, for this reason."""
        self.note, self.params = note, params
        return self


def result(line: int, texts: Mapping[str, str], today: date) -> Result:
    """A line as typed by whoever held the exam."""
    found = Result(line, clean(texts.get("card", "")), texts.get("name", "")[:80])
    if not CODE.match(found.card):
        return found.refuse(N_("证号“{value}”不合规定"), value=texts.get("card", "")[:40])
    found.passed_on = day_of(texts.get("date", ""))
    if found.passed_on is None:
        return found.refuse(N_("日期“{value}”不对，请写成 2026-09-10 的样子"), value=texts.get("date", "")[:40])
    if found.passed_on > today:
        return found.refuse(N_("日期 {day} 还没到"), day=found.passed_on.isoformat())
    try:
        score = float(texts.get("score", "").removesuffix("分").strip())
    except ValueError:
        return found.refuse(N_("成绩“{value}”不是数字"), value=texts.get("score", "")[:40])
    if not 0 <= score <= HIGHEST:
        return found.refuse(N_("成绩 {value} 不在 0–100 之间"), value=texts.get("score", "")[:40])
    found.score = round(score, 2)
    return found


def fate(found: Result, patron: Any, *, mark: int, passed_before: int | None) -> Fate:
    """What becomes of a line; its note says why when nothing does. `passed_before` is the line that passes already."""
    if found.note:
        return Fate.refused
    if patron is None:
        found.refuse(N_("没有这个证号的读者"))
        return Fate.refused
    if patron.card != found.card:
        found.refuse(N_("该证已换为 {card}"), card=patron.card)
        return Fate.refused
    if found.name and found.name != patron.name:
        found.refuse(N_("姓名与读者资料不符，请核对证号"))
        return Fate.refused
    if patron.state is CardState.closed:
        found.refuse(N_("该证已注销"))
        return Fate.refused
    if (found.score or 0) < mark:
        found.refuse(N_("未达 {mark} 分"), mark=mark)
        return Fate.below
    if passed_before is not None:
        found.refuse(N_("与第 {line} 行是同一人"), line=passed_before)
        return Fate.already
    if patron.oriented:
        return Fate.already if patron.category in NEED_ORIENTATION else Fate.exempt
    return Fate.passes
