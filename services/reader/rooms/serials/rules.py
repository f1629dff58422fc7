"""When an issue is late, how long it stands, what a scanner says, and what is refused. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from services.reader.desk.calendar.rules import next_open
from services.reader.rooms.serials.model import (
    IssueState,
    SerialIssue,
    SerialTitle,
    Shelf,
    TitleKind,
)
from services.reader.rooms.serials.numbering import Facts, Style, label
from services.reader.rooms.serials.patterns import Pattern
from services.reader.rooms.serials.recurrence import Frequency
from shared.i18n import N_, speaking
from shared.refusals import NotFound, Refusal

NUMBERS, HANDOVERS = "BK", "BJ"
HANDS = ("RDR-CIR", "RDR-STK", "RDR-DSK", "RDR-LED", "head-reader")
READERS = (*HANDS, "RES-ACQ", "RES-DIG", "head-resources", "deputy", "director")

S = IssueState
LIFE: Mapping[tuple[IssueState, str], IssueState] = {
    (S.expected, "arrive"): S.arrived,
    (S.expected, "miss"): S.missing,
    (S.expected, "skip"): S.skipped,
    (S.missing, "arrive"): S.arrived,
    (S.missing, "skip"): S.skipped,
    # The supplier sent it once more: it is awaited again; or it cannot be had.
    (S.missing, "resend"): S.expected,
    (S.missing, "give_up"): S.unavailable,
    (S.expected, "give_up"): S.unavailable,
    (S.unavailable, "arrive"): S.arrived,
    (S.skipped, "arrive"): S.arrived,
    # The only copy was lost on its round.
    (S.arrived, "lose"): S.missing,
    (S.skipped, "await"): S.expected,
}
SHELF_LIFE: Mapping[tuple[Shelf, str], Shelf] = {
    (Shelf.none, "put_up"): Shelf.displayed,
    (Shelf.displayed, "take_down"): Shelf.down,
    (Shelf.none, "take_down"): Shelf.down,
    (Shelf.down, "put_up"): Shelf.displayed,
    # Every copy goes round by a routing list, and comes back.
    (Shelf.none, "route"): Shelf.routed,
    (Shelf.displayed, "route"): Shelf.routed,
    (Shelf.routed, "return"): Shelf.none,
    (Shelf.routed, "take_down"): Shelf.down,
}
# Days from the expected day after which an issue is missing; foreign post takes its time.
TOLERANCE: Mapping[Frequency, int] = {Frequency.daily: 1, Frequency.weekly: 7, Frequency.biweekly: 7, Frequency.ten_daily: 7}
TOLERANCE_ELSE, TOLERANCE_FOREIGN = 20, 60
# How many issues stand on the rack, how soon a new one stands there, how far ahead issues are foreseen.
SHOWN = {TitleKind.newspaper: 7, TitleKind.magazine: 4, TitleKind.journal: 1}
SOON = {TitleKind.newspaper: 0, TitleKind.magazine: 3, TitleKind.journal: 3}
AHEAD_DAYS, AHEAD_DAYS_DAILY = 400, 45
# A scan takes an issue this many days before it is due, no sooner.
EARLY_DAYS = 45
MOST_COPIES = 99


class UnknownTitle(NotFound):
    """No title bears this number."""

    code = "serials.unknown-title"
    message = N_("没有报刊 {what}")


class UnknownCode(NotFound):
    """No title answers to what was scanned."""

    code = "serials.unknown-code"
    message = N_("没有这种报刊：{what}。请核对条码，或先登记该刊")


class NothingAwaited(Refusal):
    """The title is known, but no issue of it is awaited."""

    code = "serials.nothing-awaited"
    message = N_("《{title}》没有待到的期，请登记为未列出的一期")


class AlreadyShelved(Refusal):
    """What stands on the rack was handled since; it is taken down before an arrival is undone."""

    code = "serials.already-shelved"
    message = N_("《{title}》{label}已上架，不能撤销记到")


class NothingTicked(Refusal):
    """A step for many needs at least one."""

    code = "serials.nothing-ticked"
    status = 422
    message = N_("请先勾选")


class NoSuchIssue(NotFound):
    """The issue is not there."""

    code = "serials.unknown-issue"
    message = N_("没有这一期")


class AlreadyThere(Refusal):
    """An issue of this name was foreseen or registered."""

    code = "serials.already-there"
    message = N_("《{title}》已有 {label}，请直接记到")


class HandedOver(Refusal):
    """A day is handed over once."""

    code = "serials.handed-over"
    message = N_("{on} 已交接，见 {number}")


def rack_key(rack: str) -> str:
    """B-2-10 after B-2-9: numbers as numbers."""
    return re.sub(r"\d+", lambda found: found.group().zfill(6), rack.strip().upper())


def tolerance(title: SerialTitle) -> int:
    """Days an issue may be late."""
    if title.tolerance_days is not None:
        return title.tolerance_days
    return TOLERANCE_FOREIGN if title.foreign else TOLERANCE.get(title.frequency, TOLERANCE_ELSE)


def shown(title: SerialTitle) -> int:
    """How many issues stand on the rack."""
    return title.show_issues or SHOWN[title.kind]


def show_by(title: SerialTitle, arrived: date) -> date:
    """The day by which a new issue stands there."""
    return arrived + timedelta(days=SOON[title.kind])


def ahead(title: SerialTitle, today: date) -> date:
    """The last cover date that is foreseen now."""
    days = AHEAD_DAYS_DAILY if title.frequency is Frequency.daily else AHEAD_DAYS
    return min(title.to_on or date.max, today + timedelta(days=days))


def due(day: date, pattern_lag: int, closed: Collection[date]) -> date:
    """When an issue of this cover date comes to the desk: never on a closed day."""
    return next_open(day + timedelta(days=pattern_lag), closed)


def row(title: SerialTitle, facts: Facts, slot: str, pattern: Pattern, closed: Collection[date]) -> dict[str, Any]:
    """An awaited issue as it is kept."""
    on = due(facts.day, pattern.lag, closed)
    with speaking("zh"):
        said = label(facts, pattern.style)
    return {
        "title_id": title.id, "slot": slot, "kind": facts.kind, "issued_on": facts.day, "due_on": on,
        "late_on": on + timedelta(days=tolerance(title)), "month_to": facts.month_to, "volume": facts.volume,
        "issue_no": facts.number, "issue_to": facts.number_to, "whole": facts.whole, "whole_to": facts.whole_to,
        "caption": facts.caption, "style": pattern.style.value, "label": said, "copies": title.copies,
    }


def facts_of(issue: SerialIssue) -> Facts:
    """What the issue bears."""
    return Facts(
        issue.issued_on, issue.kind, issue.month_to, issue.volume, issue.issue_no, issue.issue_to, issue.whole, issue.whole_to,
        issue.caption,
    )


def name(issue: SerialIssue) -> str:
    """The issue in the reader's language."""
    return label(facts_of(issue), Style(issue.style))


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a scanner read: an ISSN, a number of ours or a postal code, and the two or five digits beside a barcode."""

    issn: str = ""
    other: str = ""
    add_on: int | None = None


def issn_check_digit(seven: str) -> str:
    """The last sign of an ISSN (ISO 3297): weights 8 to 2, modulo 11, 10 is X."""
    rest = -sum(int(digit) * weight for digit, weight in zip(seven, range(8, 1, -1), strict=True)) % 11
    return "X" if rest == 10 else str(rest)


def issn(text: str) -> str:
    """`1000-0135` of anything that is an ISSN with a right check sign; empty otherwise."""
    plain = text.upper().replace("-", "").replace("ISSN", "").strip()
    if not re.fullmatch(r"\d{7}[\dX]", plain) or issn_check_digit(plain[:7]) != plain[7]:
        return ""
    return f"{plain[:4]}-{plain[4:]}"


def read_code(code: str) -> Scanned:
    """A 977 barcode with or without its add-on, an ISSN, or whatever else names a title."""
    digits = re.sub(r"[\s+-]", "", code)
    if (found := re.fullmatch(r"977(\d{7})\d{3}(\d{2}|\d{5})?", digits)) is not None:
        stem, more = found.groups()
        return Scanned(f"{stem[:4]}-{stem[4:]}{issn_check_digit(stem)}", add_on=int(more) if more else None)
    if valid := issn(code):
        return Scanned(valid)
    return Scanned(other=code.strip())


def likeliest(issues: Sequence[SerialIssue], today: date, add_on: int | None = None) -> SerialIssue | None:
    """Which awaited issue lies on the desk: the one whose number or month the add-on gives, else the nearest to today.

    A day ahead counts double: what is late comes more often than what is early.
    """
    near = [one for one in issues if one.due_on <= today + timedelta(days=EARLY_DAYS)]
    if add_on is not None:
        by_number = [one for one in near if add_on in (one.issue_no, one.whole)]
        near = by_number or [one for one in near if one.issued_on.month == add_on % 100] or near

    def distance(one: SerialIssue) -> int:
        days = (today - one.due_on).days
        return days if days >= 0 else -2 * days

    return min(near, key=lambda one: (distance(one), one.issued_on), default=None)


def surplus(titles: Mapping[Any, SerialTitle], on_racks: Iterable[SerialIssue], ready: Iterable[SerialIssue], today: date) -> list[SerialIssue]:
    """What comes off the racks once the new issues stand there: beyond the title's count, or longer than its days."""
    found: list[SerialIssue] = []
    by_title: dict[Any, list[SerialIssue]] = {}
    waiting = list(ready)
    for one in (*on_racks, *waiting):
        by_title.setdefault(one.title_id, []).append(one)
    for title_id, issues in by_title.items():
        title = titles[title_id]
        issues.sort(key=lambda one: (one.issued_on, one.slot), reverse=True)
        for place, one in enumerate(issues):
            if one.shelf is not Shelf.displayed:
                continue
            too_long = bool(title.show_days and one.shown_on and place and (today - one.shown_on).days >= title.show_days)
            if place >= shown(title) or too_long:
                found.append(one)
    return found
