"""A head's signature for what a clerk may not decide alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from shared.events.base import Done, Event, Waiting
from shared.i18n import N_, _

HEADS = ("RDR-LED", "head-reader")
DUTY = "RDR-LED-FRD-03"


class AboutSignOff(Event):
    """The fields every fact about a signature carries; whose book it is, is not among them."""

    number: str
    act: str
    act_label: str
    title: str = ""
    asked_by: str
    evidence: ClassVar[tuple[str, ...]] = ()

    @property
    def aggregate(self) -> str:
        return f"sign-off:{self.number}"

    def sentence(self) -> str:
        return _(self.summary, **{**self.model_dump(), "act_label": _(self.act_label)})

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}"]

    def link(self) -> str:
        return f"/reader/sign-offs/{self.number}"


class SignOffAsked(AboutSignOff):
    """A clerk asks a head who is elsewhere."""

    name: ClassVar[str] = "reader.sign-off.asked"
    summary: ClassVar[str] = N_("请求签批 {number}：{act_label}《{title}》")

    def stage(self) -> str:
        return N_("等待批复")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            f"sign-off:{self.number}", N_("读者在台前等：{act_label}《{title}》待签批"), HEADS, self.link(),
            {"act_label": self.act_label, "title": self.title}, duty=DUTY, urgent=True,
        )


class SignOffAnswered(AboutSignOff):
    """A head said yes or no; a yes waits for the clerk, once and not long."""

    name: ClassVar[str] = "reader.sign-off.answered"
    summary: ClassVar[str] = N_("签批 {number}：{answer}，{act_label}《{title}》")
    evidence: ClassVar[tuple[str, ...]] = (DUTY,)

    granted: bool
    signed_by: str

    def sentence(self) -> str:
        answer = _(N_("已同意")) if self.granted else _(N_("未同意"))
        return _(self.summary, number=self.number, answer=answer, act_label=_(self.act_label), title=self.title)

    def stage(self) -> str:
        return N_("已同意，待办理") if self.granted else N_("未同意")

    def waiting(self) -> Iterable[Waiting | Done]:
        if not self.granted:
            yield Done(f"sign-off:{self.number}")
            return
        yield Waiting(
            f"sign-off:{self.number}", N_("签批已同意，请办理：{act_label}《{title}》"), (self.asked_by,), self.link(),
            {"act_label": self.act_label, "title": self.title}, urgent=True,
        )


class SignOffUsed(AboutSignOff):
    """An override was carried out on a head's signature; it is the head's doing."""

    name: ClassVar[str] = "reader.sign-off.used"
    summary: ClassVar[str] = N_("按签批 {number} 办理：{act_label}《{title}》")
    evidence: ClassVar[tuple[str, ...]] = (DUTY,)

    signed_by: str

    def stage(self) -> str:
        return N_("已办理")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"sign-off:{self.number}")


class SignOffClosed(AboutSignOff):
    """Withdrawn by whoever asked, or too late."""

    name: ClassVar[str] = "reader.sign-off.closed"
    summary: ClassVar[str] = N_("签批 {number} {how_label}")

    how: str
    how_label: str

    def sentence(self) -> str:
        return _(self.summary, number=self.number, how_label=_(self.how_label))

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"sign-off:{self.number}")
