"""The way of a batch, who may do what, and how much may leave in a year. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from services.resources.collections.batches.model import BatchState
from shared.i18n import N_
from shared.refusals import NotFound, Refusal, SamePerson

NUMBERS = "TP"
KEEPERS = ("RES-MGT",)
EXPERTS = ("RES-MGT", "RES-ACQ")
LEADERS = ("head-resources", "director")
DIRECTOR = ("director",)
# No more than three of a hundred copies leave in a year: weeding is no clearing out.
SHARE_PERMILLE = 30
YEARS, COPIES_KEPT = 10, 3
# As many lines are written off in one transaction; the rest follows by the clock.
AT_ONCE = 500
CHUNK = 200

S = BatchState
LIFE: Mapping[tuple[BatchState, str], BatchState] = {
    (S.draft, "build"): S.draft,
    (S.draft, "send"): S.pulling,
    (S.draft, "cancel"): S.cancelled,
    (S.pulling, "end_pull"): S.viewing,
    (S.pulling, "cancel"): S.cancelled,
    (S.viewing, "viewed"): S.meeting,
    (S.viewing, "cancel"): S.cancelled,
    (S.meeting, "approve"): S.asset,
    (S.meeting, "send_back"): S.viewing,
    (S.meeting, "cancel"): S.cancelled,
    (S.second, "approve_last"): S.asset,
    (S.second, "spare_last"): S.asset,
    (S.asset, "write_off"): S.withdrawn,
    (S.writing, "write_on"): S.withdrawn,
    (S.withdrawn, "dispose"): S.closed,
}


class NothingPicked(Refusal):
    """A list without a line is not sent."""

    code = "weeding-batch.nothing-picked"
    message = N_("清单里没有可以剔旧的册，请先“按规则生成”或放宽条件")


class NothingAtHand(Refusal):
    """Nothing was reported as taken, so there is nothing to look at."""

    code = "weeding-batch.nothing-at-hand"
    message = N_("还没有一册取到，不能转专家审查；不再取书请用“作废”")


class NotBuilt(Refusal):
    """The rule has not been asked yet."""

    code = "weeding-batch.not-built"
    message = N_("请先“按规则生成”，看过清单再下发")


class StillUnviewed(Refusal):
    """Every line has an expert's word before the meeting sees it."""

    code = "weeding-batch.unviewed"
    message = N_("还有 {n} 册没有专家意见，请先审查")


class OverShare(Refusal):
    """The year's share is used up."""

    code = "weeding-batch.over-share"
    message = N_("年度剔旧上限为藏书的 3%（{limit} 册），今年已注销和已批准 {used} 册，本批 {n} 册超出 {over} 册，请减少后再批")


class ExpertOfOwn(SamePerson):
    """Who proposed does not advise."""

    message = N_("提名人不能审查自己提名的册")


class DirectorSecond(Refusal):
    """The director's word about last copies is the second one."""

    code = "weeding-batch.directors-word-comes-second"
    message = N_("本批含末册，馆长须留作复批，请由部主任登记馆务会意见")


class UnknownBatch(NotFound):
    """No batch bears this number."""

    code = "unknown-weeding-batch"
    message = N_("没有剔旧批次 {what}")


def limit_of(stock: int, withdrawn: int) -> int:
    """How many copies may leave in a year: of what stood there when it began."""
    return (stock + withdrawn) * SHARE_PERMILLE // 1000


def check_share(stock: int, withdrawn: int, approved: int, n: int) -> None:
    """What the meeting approves stays within the year's share."""
    limit, used = limit_of(stock, withdrawn), withdrawn + approved
    if used + n > limit:
        raise OverShare(limit=limit, used=used, n=n, over=used + n - limit)


def years_before(today: date, years: int) -> date:
    """The same day so many years ago; the 28th of February for the 29th."""
    return today.replace(year=today.year - years, day=28 if (today.month, today.day) == (2, 29) else today.day)


def share_text(part: int, whole: int) -> str:
    """A share in per cent with two decimals."""
    hundredths = (part * 20_000 + whole) // (2 * whole) if whole else 0
    return f"{hundredths // 100}.{hundredths % 100:02d}%"


def others_than(actor: str, people: Iterable[str], refusal: type[SamePerson] = SamePerson) -> None:
    """Whoever checks is none of those whose work is checked."""
    if actor in {one for one in people if one}:
        raise refusal
