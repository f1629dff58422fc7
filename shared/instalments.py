"""The payment plan of a contract (付款计划), written as text: one payment a line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from shared.i18n import N_, _
from shared.refusals import Invalid


@dataclass(frozen=True, slots=True)
class Instalment:
    """A line of the payment plan; fen."""

    due_on: date
    amount: int
    condition: str


def plan_of(text: str) -> list[Instalment]:
    """`2026-12-01 30000.00 签订后十日内`, one a line; a line that is none is said."""
    found = []
    for n, row in enumerate((row for row in text.splitlines() if row.strip()), 1):
        parts = row.replace(",", "").split(maxsplit=2)
        try:
            day, yuan = date.fromisoformat(parts[0]), Decimal(parts[1])
            if yuan <= 0 or yuan != yuan.quantize(Decimal("0.01")):
                raise ValueError(row)
        except (ValueError, IndexError, InvalidOperation):
            raise Invalid({"plan": _(N_("付款计划第 {n} 行请写作：日期 金额 条件，如 2026-12-01 30000 签订后付款"), n=n)}) from None
        found.append(Instalment(day, int(yuan * 100), parts[2] if len(parts) > 2 else ""))
    return found


def check_plan(text: str, amount: int) -> None:
    """The payments add up to the sum, if any are written."""
    planned = sum(one.amount for one in plan_of(text))
    if planned and planned != amount:
        raise Invalid({"plan": _(
            N_("付款计划合计 {planned} 元，与合同金额 {amount} 元不符"), planned=f"{planned / 100:,.2f}", amount=f"{amount / 100:,.2f}",
        )})
