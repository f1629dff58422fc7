"""The way of a campaign, who may do what, what a scanned line may be, and what the report says. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from services.resources.cataloguing.marc.callnumbers import is_clc, shelf_key, sort_key
from services.resources.collections.stocktake.model import Result, Settled, StocktakeState
from shared.i18n import N_
from shared.refusals import NotFound, Refusal

NUMBERS = "QD"
KEEPERS = ("RES-MGT", "head-resources")
CLOSERS = (*KEEPERS, "director", "deputy")
COUNTERS = ("staff",)
MAX_ROWS, FILE_MB, BATCH = 50_000, 8, 500
# What came back is on its shelf within a day; so long it may lie on a trolley that nobody scans.
RESHELVED_WITHIN = timedelta(hours=24)
# A mark that files after every sign, digit, letter and Han of a call number.
LAST = "\U0010ffff"
_CODE = re.compile(r"[0-9A-Z][0-9A-Z\-./]{2,29}")
_SPLIT = re.compile(r"[\s,;，；、]+")

S = StocktakeState
LIFE: Mapping[tuple[StocktakeState, str], StocktakeState] = {
    (S.planned, "open"): S.counting,
    (S.planned, "cancel"): S.cancelled,
    (S.counting, "check"): S.checking,
    (S.counting, "cancel"): S.cancelled,
    (S.checking, "resume"): S.counting,
    (S.checking, "close"): S.closed,
}
SCANNING = (S.counting, S.checking)
# Which ways a difference may be settled; the first is offered first.
WAYS: Mapping[Result, tuple[Settled, ...]] = {
    Result.missing: (Settled.told,),
    Result.elsewhere: (Settled.put_back, Settled.moved),
    Result.unexpected: (Settled.to_desk, Settled.to_cataloguers),
}
FIGURES = ("expected", "found", "elsewhere", "lent", "away", "seen", "missing")


class NotCounting(Refusal):
    """Before it opens and after it is closed nothing is counted."""

    code = "stocktake.not-counting"
    message = N_("清点“{title}”现在不能扫描")


class NoSuchPlace(Refusal):
    """A scan says where the book stands, and that is within the campaign."""

    code = "stocktake.place"
    status = 422
    message = N_("请选本次清点范围内的馆藏地")


class NothingScanned(Refusal):
    """What was read is no barcode."""

    code = "stocktake.no-barcode"
    status = 422
    message = N_("没有读到条码：3–30 位数字或大写字母")


class Unreadable(Refusal):
    """The file is none of those we read."""

    code = "stocktake.file"
    status = 422
    message = N_("文件读不出：请上传 txt、csv 或 xlsx，每行一个条码")


class TooLong(Refusal):
    """More than one file should hold."""

    code = "stocktake.too-long"
    status = 422
    message = N_("一个文件最多 {limit} 行，请分批上传")


class NothingExpected(Refusal):
    """A scope without a book is a mistake."""

    code = "stocktake.nothing-expected"
    message = N_("这个范围内没有在藏的册，请检查馆藏地和索书号范围")


class StillOpen(Refusal):
    """A report with open differences says nothing."""

    code = "stocktake.open-differences"
    message = N_("还有 {n} 处差异没有处理，请先处理")


class NotThisWay(Refusal):
    """Missing books are looked for, misplaced ones put back or moved, strangers handed on."""

    code = "stocktake.not-this-way"
    message = N_("这类差异不能这样处理")


class TooMany(Refusal):
    """Each moved book is told to the desk."""

    code = "stocktake.too-many"
    message = N_("一次最多改藏 {limit} 册，请分批")


class UnknownStocktake(NotFound):
    """No campaign bears this number."""

    code = "unknown-stocktake"
    message = N_("没有清点单 {what}")


def bound(call_number: str) -> str:
    """A class mark or a call number as it files among the books."""
    text = unicodedata.normalize("NFKC", call_number).strip()
    if not text:
        return ""
    return sort_key(text) if "/" not in text and is_clc(text) else shelf_key(text)


def clean(text: str) -> str:
    """A barcode as a scanner or a hurried hand gives it; empty when it is none."""
    code = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).upper()
    return code if _CODE.fullmatch(code) else ""


def codes_of(text: str) -> tuple[list[str], list[str]]:
    """The barcodes of a pasted text, each once, and what was none."""
    good: dict[str, None] = {}
    bad: list[str] = []
    for part in _SPLIT.split(text):
        if part and (code := clean(part)):
            good[code] = None
        elif part:
            bad.append(part[:40])
    return list(good), bad


def codes_in(rows: Iterable[Sequence[str]]) -> tuple[list[str], list[str]]:
    """The barcode of each row of a table: its first cell that has a digit and reads as one; heads are passed over."""
    good: dict[str, None] = {}
    bad: list[str] = []
    for number, row in enumerate(rows):
        cells = [cell for cell in row if cell.strip()]
        code = next((c for cell in cells if any(d.isdigit() for d in cell) and (c := clean(cell))), "")
        if code:
            good[code] = None
        elif cells and number:
            bad.append(" ".join(cells)[:40])
    return list(good), bad


def reshelved_since(opened: datetime) -> datetime:
    """From when on a book the desk had in its hands counts as seen."""
    return opened - RESHELVED_WITHIN


def permyriad(part: int, whole: int) -> int:
    """A share in ten-thousandths, rounded half up."""
    return (part * 20_000 + whole) // (2 * whole) if whole else 0


def percent(part: int, whole: int) -> str:
    """A share as people read it, two decimals."""
    share = permyriad(part, whole)
    return f"{share // 100}.{share % 100:02d}%"


def report_row(location: str, counts: Mapping[str, int], misplaced: int, unexpected: int) -> dict[str, Any]:
    """One line of the closure report; `counts` are expected books by result.

    The rate of loss is what is missing of what was expected; the shelf error is misplaced ÷ checked in thousandths.
    """
    figures = {name: counts.get(name, 0) for name in FIGURES if name != "expected"}
    expected = sum(counts.values())
    checked = figures["found"] + misplaced
    return {
        "location": location, "expected": expected, **figures, "open": counts.get("open", 0), "misplaced": misplaced,
        "unexpected": unexpected, "lost_permyriad": permyriad(figures["missing"], expected),
        "error_permille": round(misplaced * 1000 / checked, 1) if checked else 0.0,
    }
