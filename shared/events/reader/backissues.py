"""Back issues: bundled, bound, shelved as volumes, or thrown away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import ClassVar

from shared.events.base import Done, Event, Waiting
from shared.events.reader.serials import BUNDLES, HEADS
from shared.i18n import N_, _

STORED = ("RDR-CIR-NWS-04", "RDR-STK-BCK-01")
BOUND = ("RDR-STK-BCK-02", "RDR-CIR-ACJ-04")


class AboutBundle(Event):
    """A bundle: its number, the title's number and name, the covers it spans, how many issues lie in it and how many it lacks."""

    evidence: ClassVar[tuple[str, ...]] = BUNDLES

    number: str
    title_number: str
    title: str
    label: str
    from_on: date
    to_on: date
    present: int
    lacking: int = 0

    @property
    def aggregate(self) -> str:
        return f"back-bundle:{self.number}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}", f"case:{self.title_number}"]

    def link(self) -> str:
        return f"/reader/backissues/bundles/{self.number}"


class SerialsBundled(AboutBundle):
    """Issues that came off the racks were put together and stored at a place."""

    name: ClassVar[str] = "reader.serial.bundled"
    summary: ClassVar[str] = N_("过刊捆扎：《{title}》{label}，{present} 期，存 {place}")
    evidence: ClassVar[tuple[str, ...]] = STORED

    place: str

    def stage(self) -> str:
        return N_("存放中")


class SerialsUnbundled(AboutBundle):
    """A bundle was taken apart; its issues are loose again."""

    name: ClassVar[str] = "reader.serial.unbundled"
    summary: ClassVar[str] = N_("过刊拆捆：《{title}》{label}")
    evidence: ClassVar[tuple[str, ...]] = STORED

    def stage(self) -> str:
        return N_("已拆捆")


class SerialBindingReady(AboutBundle):
    """A bundle is complete, or accepted with what it lacks for a reason, and waits for the binder."""

    name: ClassVar[str] = "reader.serial.binding-ready"
    summary: ClassVar[str] = N_("配齐待装：《{title}》{label}，{present} 期，缺 {lacking} 期")

    gaps: tuple[str, ...] = ()
    reason: str = ""
    spine: str = ""
    colour: str = ""

    def stage(self) -> str:
        return N_("待送装")


class SerialBindingSent(AboutBundle):
    """The bundle went to the binder in a batch."""

    name: ClassVar[str] = "reader.serial.binding-sent"
    summary: ClassVar[str] = N_("送装：《{title}》{label}，批次 {batch}，{binder}")
    evidence: ClassVar[tuple[str, ...]] = BOUND

    batch: str
    binder: str
    # What the binder needs to know of the set: the covers by their labels, what is lacking, what the spine says.
    issues: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    spine: str = ""
    colour: str = ""
    issn: str = ""
    subscription: str = ""

    def refs(self) -> Sequence[str]:
        return [*super().refs(), f"case:{self.batch}"]

    def stage(self) -> str:
        return N_("送装中")


class SerialBindingReturned(AboutBundle):
    """The bundle came back from the binder: bound, not bound, or to be done again."""

    name: ClassVar[str] = "reader.serial.binding-returned"
    summary: ClassVar[str] = N_("装订送回：《{title}》{label}：{outcome_label}")
    evidence: ClassVar[tuple[str, ...]] = BOUND

    batch: str
    outcome: str
    outcome_label: str
    remark: str = ""

    def sentence(self) -> str:
        return _(self.summary, title=self.title, label=self.label, outcome_label=_(self.outcome_label))

    def refs(self) -> Sequence[str]:
        return [*super().refs(), f"case:{self.batch}"]

    def stage(self) -> str:
        return self.outcome_label

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"binding-back:{self.number}")


class SerialVolumeShelved(AboutBundle):
    """A bound volume bears barcode, label and strip and stands in the back-issue room."""

    name: ClassVar[str] = "reader.serial.volume-shelved"
    summary: ClassVar[str] = N_("合订本上架：《{title}》{label}，{call_number}，{room} {rack}")
    evidence: ClassVar[tuple[str, ...]] = ("RDR-STK-BCK-01", *BOUND)

    barcode: str
    call_number: str
    room: str
    rack: str

    def refs(self) -> Sequence[str]:
        return [*super().refs(), f"item:{self.barcode}"]

    def stage(self) -> str:
        return N_("合订本在架")


class SerialDisposalAsked(AboutBundle):
    """A bundle past its term is proposed for disposal; a head who did not propose it decides."""

    name: ClassVar[str] = "reader.serial.disposal-asked"
    summary: ClassVar[str] = N_("提请剔除过刊：《{title}》{label}（{reason}）")
    evidence: ClassVar[tuple[str, ...]] = ("RDR-CIR-NWS-04",)

    reason: str

    def stage(self) -> str:
        return N_("剔除待审批")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            f"back-disposal:{self.number}", N_("审批剔除过刊《{title}》{label}"), HEADS, self.link(),
            {"title": self.title, "label": self.label}, duty="RDR-CIR-NWS-04",
        )


class SerialDisposalDecided(AboutBundle):
    """The proposal was approved, and the bundle is gone, or it is kept."""

    name: ClassVar[str] = "reader.serial.disposal-decided"
    summary: ClassVar[str] = N_("过刊剔除审批：《{title}》{label}：{outcome_label}")
    evidence: ClassVar[tuple[str, ...]] = ("RDR-CIR-NWS-04",)

    outcome: str
    outcome_label: str
    remark: str = ""

    def sentence(self) -> str:
        return _(self.summary, title=self.title, label=self.label, outcome_label=_(self.outcome_label))

    def stage(self) -> str:
        return self.outcome_label

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"back-disposal:{self.number}")
