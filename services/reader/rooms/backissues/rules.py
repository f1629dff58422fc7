"""What a bundle lacks, when it may be bound, how long it is kept, and what is refused. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.reader.rooms.backissues.model import BundleState
from services.reader.rooms.serials.model import IssueState, SerialIssue, Shelf, TitleKind
from services.reader.rooms.serials.numbering import Kind
from services.reader.rooms.serials.rules import HANDS as SERIAL_HANDS
from services.reader.rooms.serials.rules import READERS as SERIAL_READERS
from shared.i18n import N_
from shared.refusals import NotFound, Reason, Refusal, Severity
from shared.states import Choice

NUMBERS, BATCHES = "GK", "GP"
HANDS, READERS, HEADS = SERIAL_HANDS, SERIAL_READERS, ("RDR-LED", "head-reader")

B = BundleState
LIFE: Mapping[tuple[BundleState, str], BundleState] = {
    (B.stored, "prepare"): B.ready,
    (B.ready, "hold"): B.stored,
    (B.ready, "send"): B.sent,
    (B.sent, "bound"): B.returned,
    # The binder found the set wanting: the issues go back to where they waited.
    (B.sent, "unbound"): B.stored,
    (B.returned, "redo"): B.ready,
    (B.returned, "shelve"): B.shelved,
    (B.stored, "propose"): B.proposed,
    (B.proposed, "discard"): B.discarded,
    (B.proposed, "keep"): B.stored,
    (B.stored, "dissolve"): B.dissolved,
}
# Years a bundle is kept after its last cover date where nothing else is said; 0 is for ever.
KEPT = {TitleKind.newspaper: 1, TitleKind.magazine: 0, TitleKind.journal: 0}
MOST_YEARS = 100
# After so many days nobody hopes for a missing issue any more.
HOPE_DAYS = 365


class Lack(Choice):
    """Why an issue is not in the bundle."""

    missing = "missing", N_("缺期"), "danger"
    unavailable = "unavailable", N_("无法补到"), "secondary"
    awaited = "awaited", N_("待到"), "warning"
    displayed = "displayed", N_("还没下架"), "warning"
    routed = "routed", N_("传阅中"), "warning"
    left_out = "left_out", N_("已下架未收入"), "warning"


@dataclass(frozen=True, slots=True)
class Gap:
    """An issue between the two dates that the bundle does not hold; `hopeless` when it will not come."""

    issue: SerialIssue
    lack: Lack
    hopeless: bool


@dataclass(frozen=True, slots=True)
class Collation:
    """What lies in the bundle and what does not, both in the order of the covers."""

    present: tuple[SerialIssue, ...]
    gaps: tuple[Gap, ...]


class UnknownBundle(NotFound):
    """No bundle bears this number."""

    code = "backissues.unknown-bundle"
    message = N_("没有过刊捆 {what}")


class NothingTicked(Refusal):
    """A bundle holds at least one issue, a batch at least one bundle."""

    code = "backissues.nothing-ticked"
    status = 422
    message = N_("请先勾选")


class NotLoose(Refusal):
    """Some of the issues are not loose: still on the rack, in another bundle, or of another title or time."""

    code = "backissues.not-loose"
    message = N_("有的期不能收入这一捆，请刷新后重新勾选")


class GapsOpen(Refusal):
    """The set lacks issues, and nobody decided to bind it so; every gap is a reason."""

    code = "backissues.gaps-open"
    message = N_("这一捆不全，须写明理由才能送装")


class HeadDecides(Refusal):
    """A gap may still be filled: binding without it is for a head to decide."""

    code = "backissues.head-decides"
    message = N_("有的期还可能补到，是否缺期送装由责任馆员决定")
    severity = Severity.OVERRIDE


class NotReady(Refusal):
    """Only bundles made ready go to the binder; the reasons name the others."""

    code = "backissues.not-ready"
    message = N_("有的捆不是待送装，整批未送")


class NotYetDone(Refusal):
    """A volume goes on the shelf when label and strip are on it."""

    code = "backissues.not-yet-done"
    status = 422
    message = N_("书标、磁条都做好才能上架")


class BarcodeTaken(Refusal):
    """Another volume or item bears this barcode."""

    code = "backissues.barcode-taken"
    message = N_("条码 {barcode} 已被使用")


class KeptStill(Refusal):
    """It is kept, for ever or until a day to come."""

    code = "backissues.kept-still"
    message = N_("《{title}》保存到 {until}，还不能剔除；要改年限请修改该刊的保存年限")


class KeptForEver(Refusal):
    """The title is on the permanent list."""

    code = "backissues.kept-for-ever"
    message = N_("《{title}》长期保存，不能剔除；要改年限请修改该刊的保存年限")


def lack_of(issue: SerialIssue, today: date) -> Lack | None:
    """Why an issue is not in the bundle; None when nothing is lacking (not published, or not due yet)."""
    if issue.state is IssueState.skipped or (issue.state is IssueState.expected and issue.due_on > today):
        return None
    if issue.state is IssueState.arrived:
        return {Shelf.down: Lack.left_out, Shelf.routed: Lack.routed}.get(issue.shelf, Lack.displayed)
    return {IssueState.missing: Lack.missing, IssueState.unavailable: Lack.unavailable}.get(issue.state, Lack.awaited)


def hopeless(issue: SerialIssue, lack: Lack, today: date) -> bool:
    """Whether the issue will not come any more."""
    return lack is Lack.unavailable or (lack in {Lack.missing, Lack.awaited} and (today - issue.due_on).days > HOPE_DAYS)


def collate(issues: Iterable[SerialIssue], inside: Collection[Any], elsewhere: Collection[Any], today: date) -> Collation:
    """配齐: the issues of a span held against those in the bundle; what lies in another bundle is no gap."""
    present, gaps = [], []
    for issue in sorted(issues, key=lambda one: (one.issued_on, one.slot)):
        if issue.id in inside:
            present.append(issue)
        elif issue.id not in elsewhere and (lack := lack_of(issue, today)) is not None:
            gaps.append(Gap(issue, lack, hopeless(issue, lack, today)))
    return Collation(tuple(present), tuple(gaps))


def accepted(gaps: Sequence[Gap], reason: str, *, head: bool) -> None:
    """Whether the set may be bound as it is; every gap is named in the answer."""
    if not gaps:
        return
    named = [
        Reason(f"backissues.gap.{gap.lack.value}", N_("{label}：{lack_label}"), Severity.OVERRIDE, {"label": gap.issue.label, "lack_label": gap.lack.text})
        for gap in gaps
    ]
    if not reason.strip():
        raise GapsOpen(named)
    if not head and any(not gap.hopeless for gap in gaps):
        raise HeadDecides([one for one, gap in zip(named, gaps, strict=True) if not gap.hopeless])


def label(present: Sequence[SerialIssue], from_on: date, to_on: date) -> str:
    """What people call the bundle: a whole year, or its first and last issue; supplements do not count as ends."""
    numbered = [one for one in present if one.kind in {Kind.issue, Kind.combined}] or list(present)
    if (from_on.month, from_on.day, to_on.month, to_on.day) == (1, 1, 12, 31) and from_on.year == to_on.year:
        return f"{from_on.year}年"
    first, last = numbered[0].label, numbered[-1].label
    return first if first == last else f"{first}–{last}"


def years_kept(kind: TitleKind, chosen: int | None) -> int:
    """The title's own term, or that of its kind."""
    return KEPT[kind] if chosen is None else chosen


def kept_until(to_on: date, years: int) -> date | None:
    """The last day of the term; None when it is for ever."""
    if not years:
        return None
    try:
        return to_on.replace(year=to_on.year + years)
    except ValueError:  # 29 February
        return to_on.replace(year=to_on.year + years, day=28)
