"""Weights of defects, the error rate, and who may release."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Protocol

from services.resources.cataloguing.records import rules as records
from shared.i18n import N_, _
from shared.refusals import Refusal, SamePerson

PROOFREADERS = records.PROOFREADERS
READERS = ("RES", "head-resources", "director")
KEEPERS = ("RES-MGT", "head-resources")
WHOLE = 100
# The rate is taken over the last so many readings; with fewer nothing is concluded.
ENOUGH = 20
WORST = 0.05
SAMPLE_SIZE = 20
LONGEST_NOTE = 500


class ReleaseWithheld(Refusal):
    """Who makes too many mistakes catalogues on, but does not release others' work."""

    code = "proof.release-withheld"
    status = 403
    message = N_("您最近 {n} 条记录的差错率为 {rate}，超过 {worst}，发布权暂停；培训后差错率降下来即恢复")


class ReturnNeedsDefect(Refusal):
    """Who gives a record back says what is wrong with it."""

    code = "proof.needs-defect"
    status = 422
    message = N_("退回须至少指出一处差错或写明意见")


class AlreadyRead(Refusal):
    """One reading a sampled record."""

    code = "proof.already-read"
    message = N_("{number} 本月已抽查过")


class NothingToRead(Refusal):
    """Only drafts and waiting corrections are proofread."""

    code = "proof.nothing-to-read"
    message = N_("{number} 没有待校对的内容")


class FutureMonth(Refusal):
    """A month is sampled when there is work in it."""

    code = "proof.future-month"
    status = 422
    message = N_("{month} 还没有到，不能抽样")


class Penal(Protocol):
    """A reading as far as the rate needs it."""

    penalty: int


def penalty(defects: Iterable[Mapping[str, Any]]) -> int:
    """The weight of one record's defects; a record cannot be more than wholly wrong."""
    return min(WHOLE, sum(int(one["weight"]) for one in defects))


def error_rate(proofs: Sequence[Penal]) -> float | None:
    """Wrong records per record read, in parts of records; None when too few were read."""
    return sum(one.penalty for one in proofs) / (WHOLE * len(proofs)) if proofs else None


def may_release(proofs: Sequence[Penal]) -> bool:
    """Whether somebody with these last readings may release: at most 5 % on 20 records, or not measured yet."""
    rate = error_rate(proofs)
    return rate is None or len(proofs) < ENOUGH or rate <= WORST


def must_be_trusted(proofs: Sequence[Penal]) -> None:
    """Or `ReleaseWithheld`."""
    if not may_release(proofs):
        raise ReleaseWithheld(n=len(proofs), rate=percent(error_rate(proofs)), worst=percent(WORST))


def percent(rate: float | None) -> str:
    """2.5% or a dash."""
    return "—" if rate is None else f"{100 * rate:.1f}%"


def must_be_another(cataloguer: str, reader: str) -> None:
    """Nobody reads their own."""
    if cataloguer == reader:
        raise SamePerson


def month_of(text: str, today: date) -> date:
    """The first of the month that was asked for, else of this one."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)


def next_month(month: date) -> date:
    """The first of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def shown_defects(defects: Iterable[Mapping[str, Any]], english: bool) -> list[str]:
    """Each as one line: what, where, remark."""
    told = []
    for one in defects:
        name = (one.get("name_en") if english else "") or one["name"]
        told.append("".join(filter(None, (
            f"{one['tag']} " if one.get("tag") else "", name, f"{_(N_('：'))}{one['note']}" if one.get("note") else "",
        ))))
    return told


