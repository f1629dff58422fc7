"""Bibliographic records and the files they come in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from shared.events.base import Event
from shared.i18n import N_

CATALOGUERS = ("RES-MGT-01", "RES-ACQ-01")


class Bibliographic(Event):
    """The fields every fact about a bibliographic record carries, so that nobody asks back."""

    instance_id: str
    number: str
    title: str
    title_rest: str = ""
    other_titles: tuple[str, ...] = ()
    responsibility: str = ""
    authors: tuple[str, ...] = ()
    publisher: str = ""
    place: str = ""
    year: int | None = None
    edition: str = ""
    extent: str = ""
    series: tuple[str, ...] = ()
    isbns: tuple[str, ...] = ()
    issns: tuple[str, ...] = ()
    language: str = ""
    subjects: tuple[str, ...] = ()
    clc: str = ""
    call_number: str = ""
    material: str = "book"
    summary_text: str = ""

    @property
    def aggregate(self) -> str:
        return f"instance:{self.instance_id}"

    def refs(self) -> Sequence[str]:
        return [f"instance:{self.instance_id}"]

    def link(self) -> str:
        return f"/resources/records/{self.number}"


class RecordAdded(Bibliographic):
    """A bibliographic record entered the catalogue."""

    name: ClassVar[str] = "resources.record.added"
    summary: ClassVar[str] = N_("入库书目《{title}》")
    evidence: ClassVar[tuple[str, ...]] = CATALOGUERS


class RecordChanged(Bibliographic):
    """A bibliographic record was corrected; carries the whole new projection."""

    name: ClassVar[str] = "resources.record.changed"
    summary: ClassVar[str] = N_("更正书目《{title}》")
    evidence: ClassVar[tuple[str, ...]] = CATALOGUERS


class RecordSuppressed(Event):
    """A record no longer shows to patrons (last item withdrawn, suppressed by hand, or merged into another)."""

    name: ClassVar[str] = "resources.record.suppressed"
    summary: ClassVar[str] = N_("《{title}》不再对读者显示：{reason}")
    evidence: ClassVar[tuple[str, ...]] = CATALOGUERS

    instance_id: str
    title: str
    reason: str
    # The instance that describes the same work from now on; empty when the record was not merged.
    merged_into: str = ""

    @property
    def aggregate(self) -> str:
        return f"instance:{self.instance_id}"

    def refs(self) -> Sequence[str]:
        return [f"instance:{self.instance_id}"]


class ImportFinished(Event):
    """A file of records was read to its end (or to where it could be read)."""

    name: ClassVar[str] = "resources.import.finished"
    summary: ClassVar[str] = N_("导入 {file_name}：新增 {added}，重复 {duplicate}，拒绝 {refused}")
    evidence: ClassVar[tuple[str, ...]] = CATALOGUERS

    number: str
    file_name: str
    added: int
    duplicate: int
    refused: int
    items: int = 0

    @property
    def aggregate(self) -> str:
        return f"import:{self.number}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}"]

    def link(self) -> str:
        return f"/resources/imports/{self.number}"
