"""What may be asked of the books, and what must hold of them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from services.reader.desk.charges.model import Kind, Posting
from services.reader.desk.charges.receipts import serial
from shared.i18n import N_
from shared.refusals import Invalid
from shared.settings import LOCAL

# Postings that have a receipt of their own; a credit goes with its refund.
PROVEN = (Posting.payment, Posting.waiver, Posting.reversal, Posting.refund, Posting.refund_undone)
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """A look at the register of receipts."""

    shift: str = ""
    first: str = ""
    last: str = ""
    what: Posting | None = None
    kind: Kind | None = None
    since: date | None = None
    until: date | None = None

    def params(self) -> dict[str, str]:
        """As the address has it."""
        found = {
            "shift": self.shift, "first": self.first, "last": self.last,
            "what": self.what.value if self.what else "", "kind": self.kind.value if self.kind else "",
            "since": self.since.isoformat() if self.since else "", "until": self.until.isoformat() if self.until else "",
        }
        return {key: value for key, value in found.items() if value}


def asked(query: Mapping[str, str]) -> Asked:
    """What the address asks for; what cannot be meant is said, not guessed."""
    text = {key: query.get(key, "").strip() for key in ("shift", "first", "last", "what", "kind", "since", "until")}
    wrong = {
        key: N_("请填收据号，如 SJ2026-0001") for key in ("first", "last") if text[key] and serial(text[key]) is None
    }
    if wrong:
        raise Invalid(wrong)
    return Asked(
        shift=text["shift"].upper()[:40], first=text["first"].upper(), last=text["last"].upper(),
        what=Posting(text["what"]) if text["what"] in {one.value for one in PROVEN} else None,
        kind=Kind(text["kind"]) if text["kind"] in set(Kind) else None,
        since=day_of(text["since"], "since"), until=day_of(text["until"], "until"),
    )


def day_of(text: str, name: str) -> date | None:
    """A day as a date field sends it."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid({name: N_("请填日期，如 2026-11-23")}) from error


def month_of(text: str, today: date) -> date:
    """The first day of a month as `2026-11`; what is none is this month."""
    try:
        return date.fromisoformat(f"{text.strip()}-01")
    except ValueError:
        return today.replace(day=1)


def next_month(first: date) -> date:
    """The first day of the month after."""
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def moment(day: date) -> datetime:
    """When a day begins in the library."""
    return datetime.combine(day, time(), LOCAL).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold: its name, what it says, and the rows that break it (none when all is well)."""

    code: str
    says: str
    found: Sequence[Mapping[str, Any]] = ()
    more: int = 0

    @property
    def ok(self) -> bool:
        """Whether it holds."""
        return not self.found


@dataclass(frozen=True, slots=True)
class Gaps:
    """Numbers given in a year, and those no receipt bears; empty is the proof that none is missing."""

    year: int
    given: int
    missing: Sequence[str] = field(default_factory=tuple)
