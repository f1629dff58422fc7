"""Titles on their way into the house."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from shared.events.base import Event
from shared.i18n import N_, _

TITLE_STAGES: dict[str, str] = {
    "wanted": N_("待订购"), "ordered": N_("已订购"), "received": N_("已到馆"), "catalogued": N_("已编目"),
    "on_shelf": N_("已上架"), "cancelled": N_("不再购"), "funds": N_("等待经费"),
}


class TitleProgressed(Event):
    """A wanted title is a step further; `origin_no` is the case that asked for it (a suggestion, a list)."""

    name: ClassVar[str] = "resources.title.progressed"
    summary: ClassVar[str] = N_("《{title}》{stage_label}")
    evidence: ClassVar[tuple[str, ...]] = ("RES-ACQ-01",)

    number: str
    title: str
    progress: str
    origin: str
    origin_no: str = ""
    order_no: str = ""
    instance_id: str = ""
    reason: str = ""
    isbn: str = ""

    @property
    def aggregate(self) -> str:
        return f"title:{self.number}"

    def sentence(self) -> str:
        return _(self.summary, title=self.title, stage_label=_(TITLE_STAGES.get(self.progress, self.progress)))

    def refs(self) -> Sequence[str]:
        cases = [f"case:{number}" for number in (self.number, self.origin_no, self.order_no) if number]
        return [*cases, *([f"instance:{self.instance_id}"] if self.instance_id else [])]

    def link(self) -> str:
        return f"/resources/desiderata/{self.number}"

    def stage(self) -> str:
        return TITLE_STAGES.get(self.progress, self.progress)
