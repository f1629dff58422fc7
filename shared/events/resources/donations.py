"""Gifts: what was taken in, thanked for, or given back. A donor is named only where they asked to be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import ClassVar

from shared.events.base import Done, Event, Waiting
from shared.i18n import N_

THANKERS = ("OFF-ADM",)


class AboutDonation(Event):
    """The fields every fact about a gift carries."""

    number: str
    evidence: ClassVar[tuple[str, ...]] = ("RES-ACQ-04",)

    @property
    def aggregate(self) -> str:
        return f"donation:{self.number}"

    def refs(self) -> Sequence[str]:
        return [f"case:{self.number}"]

    def link(self) -> str:
        return f"/resources/donations/{self.number}"


class DonationReceived(AboutDonation):
    """A gift is in the house; where the donor agrees, thanks are to be published under `thanks_as`."""

    name: ClassVar[str] = "resources.donation.received"
    summary: ClassVar[str] = N_("接收捐赠 {number}：{titles} 种 {copies} 册，收据 {receipt}")

    titles: int
    copies: int
    receipt: str
    received_on: date
    certificate_due: date
    thanks: bool = False
    thanks_as: str = ""

    def stage(self) -> str:
        return N_("已接收捐赠")

    def waiting(self) -> Iterable[Waiting | Done]:
        if self.thanks:
            yield Waiting(
                f"donation-thanks:{self.number}", N_("为捐赠 {number} 刊登致谢（{titles} 种 {copies} 册）"), THANKERS, self.link(),
                {"number": self.number, "titles": self.titles, "copies": self.copies},
            )


class DonationThanked(AboutDonation):
    """Thanks were published."""

    name: ClassVar[str] = "resources.donation.thanked"
    summary: ClassVar[str] = N_("捐赠 {number} 已致谢：{where}")

    where: str

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"donation-thanks:{self.number}")


class DonationReturned(AboutDonation):
    """The donor took it back before it was processed."""

    name: ClassVar[str] = "resources.donation.returned"
    summary: ClassVar[str] = N_("捐赠 {number} 由捐赠人撤回，退还单 {receipt}")

    receipt: str

    def stage(self) -> str:
        return N_("已退还")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Done(f"donation-thanks:{self.number}")
