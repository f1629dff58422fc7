"""Refunds that did not arrive."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from shared.events.base import Done, Waiting
from shared.events.reader.losses import DESK, LOSSES, AboutLoss
from shared.i18n import N_, _


class RefundUndone(AboutLoss):
    """The office reversed the payment of a refund: the money did not reach the patron and may be asked for anew."""

    name: ClassVar[str] = "reader.refund.undone"
    summary: ClassVar[str] = N_("《{title}》退款 {yuan} 元已冲销（凭证 {voucher}）：{reason}")
    evidence: ClassVar[tuple[str, ...]] = LOSSES

    voucher: str
    amount_cents: int
    reason: str
    page: str = ""

    def link(self) -> str:
        return self.page or super().link()

    def sentence(self) -> str:
        yuan = f"{self.amount_cents / 100:.2f}"
        return _(self.summary, title=self.title, yuan=yuan, voucher=self.voucher, reason=self.reason)

    def stage(self) -> str:
        return N_("退款已冲销")

    def waiting(self) -> Iterable[Waiting | Done]:
        yield Waiting(
            self.key, N_("退款被冲销，重新办理：《{title}》"), DESK, self.link(), {"title": self.title}, duty=LOSSES[0]
        )
