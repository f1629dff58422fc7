"""Bibliographic records and the files they come in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from shared.events.base import Done, Event, Waiting
from shared.i18n import N_, _

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
    # Other names its persons, bodies, titles and subjects are known by (see-from of the authorities it is linked to).
    also: tuple[str, ...] = ()

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


class RecordSaved(Event):
    """A cataloguer saved a version of a record; it waits for another person to proofread it."""

    name: ClassVar[str] = "resources.record.saved"
    summary: ClassVar[str] = N_("保存书目《{title}》第 {revision} 版")
    evidence: ClassVar[tuple[str, ...]] = CATALOGUERS

    instance_id: str
    number: str
    title: str
    revision: int
    reason: str = ""
    # False when it needs nobody's reading: a heading that changed everywhere.
    pending: bool = True

    @property
    def aggregate(self) -> str:
        return f"instance:{self.instance_id}"

    def refs(self) -> Sequence[str]:
        return [f"instance:{self.instance_id}"]

    def sentence(self) -> str:
        text = super().sentence()
        return f"{text}：{self.reason}" if self.reason else text

    def link(self) -> str:
        return f"/resources/records/{self.number}"

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"rework:{self.number}")
        if self.pending:
            yield Waiting(
                f"proof:{self.number}", N_("校对《{title}》"), ("RES-MGT",), f"/resources/proofing/{self.number}",
                {"title": self.title}, duty="RES-MGT-01",
            )


class RecordProofread(Event):
    """A second person read what a cataloguer wrote: good, or back with what is wrong."""

    name: ClassVar[str] = "resources.record.proofread"
    summary: ClassVar[str] = N_("校对书目《{title}》：{outcome_label}")
    evidence: ClassVar[tuple[str, ...]] = CATALOGUERS

    instance_id: str
    number: str
    title: str
    revision: int
    cataloguer: str
    passed: bool
    outcome_label: str
    # Codes of the defects found.
    defects: tuple[str, ...] = ()
    # A record drawn from the month's work is read again after its release; nothing waits for that.
    sample: bool = False

    @property
    def aggregate(self) -> str:
        return f"instance:{self.instance_id}"

    def refs(self) -> Sequence[str]:
        return [f"instance:{self.instance_id}"]

    def sentence(self) -> str:
        return _(self.summary, title=self.title, outcome_label=_(self.outcome_label))

    def link(self) -> str:
        return f"/resources/records/{self.number}"

    def waiting(self) -> Iterable[Waiting | Done]:
        if not self.sample:
            yield Done(f"proof:{self.number}")
            if self.passed:
                yield Done(f"rework:{self.number}")
            else:
                yield Waiting(
                    f"rework:{self.number}", N_("《{title}》校对退回，请修改"), (self.cataloguer,),
                    f"/resources/records/{self.number}/edit", {"title": self.title}, duty="RES-MGT-01",
                )


class RecordDiscarded(Event):
    """A draft, or a correction nobody had released yet, was thrown away."""

    name: ClassVar[str] = "resources.record.discarded"
    summary: ClassVar[str] = N_("作废书目《{title}》未发布的内容")
    evidence: ClassVar[tuple[str, ...]] = CATALOGUERS

    instance_id: str
    number: str
    title: str

    @property
    def aggregate(self) -> str:
        return f"instance:{self.instance_id}"

    def refs(self) -> Sequence[str]:
        return [f"instance:{self.instance_id}"]

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"proof:{self.number}")
        yield Done(f"rework:{self.number}")


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
    into_number: str = ""
    into_title: str = ""
    # The number of the merge; its undoing bears it too.
    merge: str = ""

    @property
    def aggregate(self) -> str:
        return f"instance:{self.instance_id}"

    def refs(self) -> Sequence[str]:
        found = [f"instance:{self.instance_id}"]
        found += [f"instance:{self.merged_into}"] if self.merged_into else []
        return [*found, f"case:{self.merge}"] if self.merge else found

    def sentence(self) -> str:
        if self.into_number:
            return _(N_("《{title}》并入 {into_number}《{into_title}》"), **self.model_dump())
        return super().sentence()

    def link(self) -> str:
        return f"/resources/merges/{self.merge}" if self.merge else ""

    def waiting(self) -> Iterable[Waiting | Done]:
        if self.merge:
            yield Done(f"merge:{self.merge}")


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
