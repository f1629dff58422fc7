"""The union catalogue: what it took in from us, and what it sent back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from shared.events.base import Done, Event, Waiting
from shared.i18n import N_, _


class AboutContribution(Event):
    """The fields every fact about a contribution carries: its number, the record, its cataloguer."""

    number: str
    record: str
    instance_id: str
    title: str
    cataloguer: str

    @property
    def aggregate(self) -> str:
        return f"contribution:{self.number}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}", f"instance:{self.instance_id}"]

    def link(self) -> str:
        return f"/resources/union-contributions/{self.number}"


class RecordContributed(AboutContribution):
    """The union catalogue took a record of ours in, under a number of its own."""

    name: ClassVar[str] = "resources.union-record.accepted"
    summary: ClassVar[str] = N_("联合目录收录“{title}”，控制号 {control_no}")
    evidence: ClassVar[tuple[str, ...]] = ("RES-ACQ-05", "RES-MGT-01")

    control_no: str

    def stage(self) -> str:
        return N_("联合目录已收录")


class RecordRenewed(AboutContribution):
    """The union catalogue took in a change of a record of ours, or that it is no longer ours."""

    name: ClassVar[str] = "resources.union-record.changed"
    summary: ClassVar[str] = N_("联合目录收到“{title}”的{act_label}（{control_no}）")
    evidence: ClassVar[tuple[str, ...]] = ("RES-ACQ-05", "RES-MGT-01")

    control_no: str
    act: str
    act_label: str

    def sentence(self) -> str:
        return _(self.summary, title=self.title, act_label=_(self.act_label), control_no=self.control_no)

    def stage(self) -> str:
        return N_("联合目录已更新")


class RecordSentBack(AboutContribution):
    """The union catalogue sent a record of ours back with reasons; somebody mends it."""

    name: ClassVar[str] = "resources.union-record.returned"
    summary: ClassVar[str] = N_("联合目录退回“{title}”：{said}")
    evidence: ClassVar[tuple[str, ...]] = ("RES-ACQ-05", "RES-MGT-01")

    said: str

    def stage(self) -> str:
        return N_("联合目录退回")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            f"contribution:{self.number}", N_("修改联合目录退回的“{title}”"), ("RES-MGT", "RES-ACQ"), self.link(), {"title": self.title},
            duty="RES-ACQ-05",
        )


class SentBackSettled(AboutContribution):
    """What was sent back was mended, or is not contributed after all."""

    name: ClassVar[str] = "resources.union-record.settled"
    summary: ClassVar[str] = N_("联合目录退回的“{title}”：{outcome_label}")
    evidence: ClassVar[tuple[str, ...]] = ("RES-ACQ-05", "RES-MGT-01")

    outcome_label: str

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"contribution:{self.number}")
