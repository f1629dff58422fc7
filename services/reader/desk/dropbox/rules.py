"""Reading a list of barcodes, and the order of the trolleys."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

from services.reader.desk.circulation.rules import Explained
from services.reader.desk.codes import clean
from services.reader.desk.dropbox.model import DropLine, Went
from shared.i18n import N_
from shared.refusals import NotFound, Reason

NUMBERS = "HX"
LARGEST = 2000
SLICE = 25
BACK = timedelta(days=14)
# Problems first: they are what a person must look at.
ORDER = (Went.problem, Went.hold_shelf, Went.repair, Went.inspect, Went.check, Went.transit, Went.shelve, Went.waiting)


class UnknownRun(NotFound):
    """No run has this number."""

    code = "unknown-drop-run"
    message = N_("没有还书箱批次 {what}")


class NotInBox(Explained):
    """The book cannot have been in the box on that day."""

    code = "not-in-box"
    message = N_("不能归还：{why}")


def codes_in(text: str) -> list[str]:
    """Barcodes of a pasted or uploaded list, each once, in order; separators do not matter."""
    found = (clean(part) for part in re.split(r"[\s,;，；、]+", text.replace("\ufeff", "")))
    return list(dict.fromkeys(code for code in found if code))


def fingerprint(on: date, codes: Sequence[str]) -> str:
    """The same list for the same day is the same run."""
    return hashlib.sha256("\n".join([on.isoformat(), *sorted(codes)]).encode()).hexdigest()


def day_faults(on: date, today: date) -> dict[str, str]:
    """Whether books can have come back on that day."""
    if on > today:
        return {"on": N_("归还日不能晚于今天")}
    return {"on": N_("归还日最早为两周前")} if on < today - BACK else {}


def lent_since(lent_on: date, on: date) -> list[Reason]:
    """A book lent after the box was closed was not in it."""
    if lent_on <= on:
        return []
    return [Reason("lent-since", N_("{lent} 才借出，不可能于 {on} 归还，请当面核对"), params={"lent": lent_on, "on": on})]


def summary(lines: Sequence[DropLine]) -> list[tuple[Went, int]]:
    """How many go where, problems first."""
    counts = Counter(line.went for line in lines)
    return [(went, counts[went]) for went in ORDER if counts[went]]


def sorting(lines: Sequence[DropLine]) -> list[DropLine]:
    """The sorting list: by destination, then by slot, place and call number."""
    return sorted(lines, key=lambda one: (
        ORDER.index(one.went), one.shelf, one.location, one.call_number, one.barcode,
    ))
