"""What the office says of contracts; told through `shared.events.office`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, ClassVar

from shared.events.base import Done, Event, Waiting
from shared.i18n import N_, _

CONTRACTS = ("OFF-FIN-04",)
# How a contract ended.
ENDINGS: dict[str, str] = {"completed": N_("履行完毕"), "terminated": N_("已解除"), "expired": N_("已到期")}


class AboutContract(Event):
    """One contract: `title` is what it is about, `party` the other side (a firm, no person)."""

    number: str
    title: str
    party: str
    # The case of another department it was asked for by, if any.
    reference: str = ""

    @property
    def aggregate(self) -> str:
        return f"contracts:{self.number}"

    def sentence(self) -> str:
        fields: dict[str, Any] = self.model_dump()
        return _(self.summary, **fields)

    def refs(self) -> Sequence[str]:
        return [f"case:{one}" for one in (self.number, self.reference) if one]

    def link(self) -> str:
        return f"/office/contracts/{self.number}"


class ContractApproved(AboutContract):
    """A leader agreed: it may be signed, as version `round` has it; money in fen. `edition` is the asking department's version."""

    name: ClassVar[str] = "office.contract.approved"
    summary: ClassVar[str] = N_("合同《{title}》（{number}）已批准签订")
    evidence: ClassVar[tuple[str, ...]] = CONTRACTS

    amount_cents: int
    budget: str = ""
    from_on: date
    to_on: date
    prepay_percent: int = 0
    main: str = ""
    round: int = 1
    edition: int = 0


class ContractReturned(AboutContract):
    """A review sent it back, with the reason; it may come again as another version."""

    name: ClassVar[str] = "office.contract.returned"
    summary: ClassVar[str] = N_("合同《{title}》（{number}）退回：{reason}")
    evidence: ClassVar[tuple[str, ...]] = CONTRACTS

    reason: str
    round: int = 1
    edition: int = 0


class ContractSigned(AboutContract):
    """Both sides signed and sealed it: money may be paid on it.

    A supplement names its `main` contract; `worth_cents`, `to_on` and `reference` are that one's from now on.
    """

    name: ClassVar[str] = "office.contract.signed"
    summary: ClassVar[str] = N_("合同《{title}》（{number}）已签订盖章")
    evidence: ClassVar[tuple[str, ...]] = CONTRACTS

    signed_on: date
    main: str = ""
    worth_cents: int = 0
    to_on: date | None = None

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"contracts:{self.number}:unsigned")


class ContractUnsigned(AboutContract):
    """Approved a month ago and no signed copy: somebody must ask."""

    name: ClassVar[str] = "office.contract.unsigned"
    summary: ClassVar[str] = N_("合同《{title}》（{number}）批准已逾 30 天，尚无签字盖章件")

    asked_by: str
    approved_on: date

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            f"contracts:{self.number}:unsigned", N_("合同《{title}》尚无签字盖章件"), (self.asked_by, "OFF-FIN"), self.link(),
            {"title": self.title}, duty="OFF-FIN-04", urgent=True,
        )


class ContractExpiring(AboutContract):
    """It ends within 90, 30 or 7 days: renew it or let it end."""

    name: ClassVar[str] = "office.contract.expiring"
    summary: ClassVar[str] = N_("合同《{title}》（{number}）{to_on} 到期，还有 {days} 天")

    to_on: date
    days: int
    asked_by: str = ""
    dept: str = ""

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            f"contracts:{self.number}:expiring", N_("合同《{title}》还有 {days} 天到期"),
            tuple(one for one in (self.asked_by, "OFF-FIN", f"head-{self.dept}" if self.dept else "") if one), self.link(),
            {"title": self.title, "days": self.days}, duty="OFF-FIN-04", urgent=self.days <= 7,
        )


class ContractEnded(AboutContract):
    """It binds nobody any more: completed, terminated or expired (`how`)."""

    name: ClassVar[str] = "office.contract.ended"
    summary: ClassVar[str] = N_("合同《{title}》（{number}）{how_label}")
    evidence: ClassVar[tuple[str, ...]] = CONTRACTS

    how: str
    reason: str = ""

    def sentence(self) -> str:
        return _(self.summary, title=self.title, number=self.number, how_label=_(ENDINGS.get(self.how, self.how)))

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"contracts:{self.number}:expiring")
