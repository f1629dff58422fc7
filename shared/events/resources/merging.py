"""Two records that describe one work become one, and come apart again if that was wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from shared.events.base import Done, Event, Waiting
from shared.events.resources.records import CATALOGUERS
from shared.i18n import N_


class AboutMerge(Event):
    """The fields every fact about a merge carries: the record that goes, the one it becomes part of, the merge's number."""

    merge: str
    instance_id: str
    number: str
    title: str
    into: str
    into_number: str
    into_title: str

    @property
    def aggregate(self) -> str:
        return f"instance:{self.instance_id}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.merge}", f"instance:{self.instance_id}", f"instance:{self.into}"]

    def link(self) -> str:
        return f"/resources/merges/{self.merge}"


class MergeProposed(AboutMerge):
    """A cataloguer wants to merge records with many items, or with items on loan; a second person decides."""

    name: ClassVar[str] = "resources.merge.proposed"
    summary: ClassVar[str] = N_("提请合并：{number}《{title}》并入 {into_number}")
    evidence: ClassVar[tuple[str, ...]] = CATALOGUERS

    items: int = 0
    on_loan: int = 0

    def stage(self) -> str:
        return N_("待复核")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            f"merge:{self.merge}", N_("复核合并：{number}《{title}》"), ("RES-MGT",), self.link(),
            {"number": self.number, "title": self.title}, duty="RES-MGT-01",
        )


class MergeDeclined(AboutMerge):
    """The second person did not agree, or the first took it back; both records stay as they are."""

    name: ClassVar[str] = "resources.merge.declined"
    summary: ClassVar[str] = N_("不合并 {number}《{title}》与 {into_number}：{reason}")
    evidence: ClassVar[tuple[str, ...]] = CATALOGUERS

    reason: str

    def stage(self) -> str:
        return N_("不合并")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"merge:{self.merge}")


class RecordUnmerged(AboutMerge):
    """A merge was undone: the record stands for itself again, with what it had."""

    name: ClassVar[str] = "resources.record.unmerged"
    summary: ClassVar[str] = N_("撤销合并：{number}《{title}》恢复为单独的书目（{reason}）")
    evidence: ClassVar[tuple[str, ...]] = CATALOGUERS

    reason: str = ""

    def stage(self) -> str:
        return N_("已撤销合并")
