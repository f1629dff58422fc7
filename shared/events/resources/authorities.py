"""Authorities: the established form of a name, a title or a subject, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from shared.events.base import Done, Event, Waiting
from shared.events.resources.records import CATALOGUERS
from shared.i18n import N_, _


class AboutAuthority(Event):
    """The fields every fact about an authority carries: its number, what it is of, the established form."""

    number: str
    kind: str
    heading: str

    @property
    def aggregate(self) -> str:
        return f"authority:{self.number}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}"]

    def link(self) -> str:
        return f"/resources/authorities/{self.number}"


class AuthoritySaved(AboutAuthority):
    """A cataloguer made an authority or changed its forms; another person verifies it."""

    name: ClassVar[str] = "resources.authority.saved"
    summary: ClassVar[str] = N_("保存规范“{heading}”，待核定")
    evidence: ClassVar[tuple[str, ...]] = CATALOGUERS

    reason: str = ""

    def stage(self) -> str:
        return N_("暂定")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            f"authority:{self.number}", N_("核定规范“{heading}”"), ("RES-MGT",), self.link(), {"heading": self.heading},
            duty="RES-MGT-01",
        )


class AuthorityVerified(AboutAuthority):
    """A second person agreed: the form is established, and its variants lead to it."""

    name: ClassVar[str] = "resources.authority.verified"
    summary: ClassVar[str] = N_("核定规范“{heading}”")
    evidence: ClassVar[tuple[str, ...]] = CATALOGUERS

    variants: tuple[str, ...] = ()
    # Records that are going to follow, and the number of that change; empty when none does.
    records: int = 0
    change: str = ""

    def stage(self) -> str:
        return N_("已核定")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"authority:{self.number}")


class AuthorityWithdrawn(AboutAuthority):
    """It is used no more: withdrawn, or part of another from now on."""

    name: ClassVar[str] = "resources.authority.withdrawn"
    summary: ClassVar[str] = N_("停用规范“{heading}”：{reason}")
    evidence: ClassVar[tuple[str, ...]] = CATALOGUERS

    reason: str
    into: str = ""

    def refs(self) -> Sequence[str]:
        return [*super().refs(), f"case:{self.into}"] if self.into else super().refs()

    def stage(self) -> str:
        return N_("停止使用")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"authority:{self.number}")


class HeadingsFollowed(Event):
    """Records were brought to an authority's form and linked to it, or a change of that kind was taken back."""

    name: ClassVar[str] = "resources.authority.followed"
    summary: ClassVar[str] = N_("{what_label}“{heading}”：更改 {records} 条书目，{skipped} 条未改")
    evidence: ClassVar[tuple[str, ...]] = CATALOGUERS

    change: str
    what_label: str
    heading: str
    records: int
    skipped: int
    authority: str = ""

    @property
    def aggregate(self) -> str:
        return f"authority-change:{self.change}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.change}", f"case:{self.authority}"] if self.authority else [f"case:{self.change}"]

    def sentence(self) -> str:
        return _(self.summary, **{**self.model_dump(), "what_label": _(self.what_label)})

    def link(self) -> str:
        return f"/resources/authority-changes/{self.change}"
