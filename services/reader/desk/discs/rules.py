"""When a disc must be checked, what the findings amount to, and what may be charged. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.reader.desk.condition.model import Grade
from services.reader.desk.discs.model import KIND, CheckState
from services.reader.desk.items.model import Circulation, Condition, Item
from shared.i18n import N_, _
from shared.refusals import Invalid, NotFound, Reason, Refusal
from shared.states import step

NUMBERS = "YP"
MOST_PIECES = 30
S = CheckState
LIFE: dict[tuple[CheckState, str], CheckState] = {
    (S.waiting, "pass"): S.passed,
    (S.waiting, "damage"): S.damaged,
    (S.waiting, "miss"): S.missing,
    (S.waiting, "drop"): S.dropped,
}
# Where nobody had the disc in hand since its last check.
KNOWN_GOOD = {Circulation.available, Circulation.to_shelve, Circulation.hold_shelf, Circulation.in_transit}

FINDINGS: dict[str, str] = {
    "surface": N_("盘面无划伤污渍"), "readable": N_("能读盘"), "case": N_("盒与封套完好"),
}
FAULTS: dict[str, str] = {"surface": N_("盘面划伤或污渍"), "readable": N_("不能读盘"), "case": N_("盒或封套损坏")}


class UnknownCheck(NotFound):
    """No check bears this number."""

    code = "unknown-disc-check"
    message = N_("没有验盘单 {what}")


class CheckDecided(Refusal):
    """A colleague was quicker, or the disc went out again."""

    code = "disc-check-decided"
    message = N_("验盘单 {number} 已办结：{state}")


class VerdictDoubted(Refusal):
    """The verdict and the findings say different things."""

    code = "disc-verdict-doubted"
    message = N_("结论与检查不符：{why}")

    def __str__(self) -> str:
        return _(self.message, why="；".join(str(reason) for reason in self.reasons))


class NotADisc(Refusal):
    """The item is something else."""

    code = "not-a-disc"
    status = 422
    message = N_("{barcode}《{title}》不是光盘")


class NotItsBook(Refusal):
    """A disc belongs to a book, not to a disc."""

    code = "not-a-book"
    status = 422
    message = N_("{barcode} 是光盘，请扫它所属的图书")


@dataclass(frozen=True, slots=True)
class Findings:
    """What the check found; `count` is how many pieces lie in the case."""

    surface: bool
    readable: bool
    case: bool
    count: int

    def action(self, pieces: int) -> str:
        """The move of the check these findings make."""
        if self.count == 0:
            return "miss"
        return "pass" if self.surface and self.readable and self.case and self.count == pieces else "damage"


def must_check(item: Item, was: Circulation) -> bool:
    """Whether a disc that comes back from `was` waits for a check; what is damaged has a slip already."""
    if item.kind != KIND or item.condition not in {Condition.sound, Condition.unchecked}:
        return False
    return item.condition is Condition.unchecked or was not in KNOWN_GOOD


def check_count(count: int | None, pieces: int) -> int:
    """The number of pieces, if it can be one."""
    if count is None:
        raise Invalid({"count": N_("请数一数盒里有几张，空盒填 0")})
    if count < 0 or count > MOST_PIECES:
        raise Invalid({"count": N_("张数不对；若扫了下一册，请先验完这张盘再扫")})
    if count > pieces:
        raise Invalid({"count": _(N_("应有 {n} 张，多出的请核对是否夹带了别的光盘"), n=pieces)})
    return count


def agree(found: Findings, pieces: int, *, passed: bool) -> None:
    """Refuse a verdict the findings do not bear out: an Enter pressed too early must not spoil a disc."""
    good = found.action(pieces) == "pass"
    if passed and not good:
        why = [Reason(f"not-{name}", N_("未勾选“{item}”"), params={"item": _(text)})
               for name, text in FINDINGS.items() if not getattr(found, name)]
        if found.count < pieces:
            why.append(Reason("pieces-missing", N_("应有 {n} 张，只有 {count} 张"), params={"n": pieces, "count": found.count}))
        raise VerdictDoubted(why)
    if not passed and good:
        raise VerdictDoubted([Reason("all-good", N_("四项都合格，请按“合格”"))])


def check_pieces(pieces: int) -> int:
    """How many pieces a case can hold."""
    if not 1 <= pieces <= MOST_PIECES:
        raise Invalid({"pieces": _(N_("张数须在 1 到 {most} 之间"), most=MOST_PIECES)})
    return pieces


def grade_of(found: Findings, pieces: int) -> Grade:
    """How bad it is when nobody said otherwise: what cannot be read or is not whole will not be mended."""
    return Grade.heavy if not found.readable or found.count < pieces else Grade.light


def faults(found: Findings, pieces: int) -> str:
    """The findings as one would write them on the slip."""
    said = [_(text) for name, text in FAULTS.items() if not getattr(found, name)]
    if found.count < pieces:
        said.append(_(N_("应有 {n} 张，只有 {count} 张"), n=pieces, count=found.count))
    return "；".join(said)


def number_of(found: Findings, pieces: int) -> int:
    """How many pieces are to be paid for when nobody said otherwise."""
    return max(pieces - found.count, 1)


def move(state: CheckState, action: str) -> CheckState:
    """The state after the action, by the table."""
    return step(LIFE, state, action)


def month_of(text: str, today: date) -> date:
    """The first day of the month asked for, this one when none is."""
    if not text.strip():
        return today.replace(day=1)
    try:
        return date.fromisoformat(text.strip()[:7] + "-01")
    except ValueError as error:
        raise Invalid({"month": N_("月份写成 2026-11")}) from error
