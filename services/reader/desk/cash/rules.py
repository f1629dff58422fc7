"""When money is counted and banked, and by whom."""

from __future__ import annotations

from dataclasses import dataclass

from services.reader.desk.cash.model import Shift, ShiftState
from shared.i18n import N_
from shared.refusals import Invalid, NotFound, Refusal, SamePerson
from shared.states import step

SHIFTS, DEPOSITS = "SK", "JK"
# At this much in the drawer nobody waits for the evening.
BANK_AT_FEN = 500_00

S = ShiftState
LIFE: dict[tuple[ShiftState, str], ShiftState] = {
    (S.open, "count"): S.counted,
    (S.counted, "bank"): S.banked,
    (S.banked, "return"): S.counted,
}


class UnknownShift(NotFound):
    """No shift bears this number."""

    code = "unknown-shift"
    message = N_("没有收款班次 {what}")


class CountedByCashier(SamePerson):
    """Who took the money does not count it."""

    message = N_("收款人不能清点自己的现金，请由同事清点")


class SlipUsed(Refusal):
    """A bank slip proves one deposit."""

    code = "slip-used"
    message = N_("缴款单号 {slip} 已登记过")


class NothingToBank(Refusal):
    """There is no counted money."""

    code = "nothing-to-bank"
    message = N_("没有已清点待缴存的现金")


@dataclass(frozen=True, slots=True)
class Takings:
    """What the ledger knows of a shift; `expected` is what must lie in the drawer.

    `deposits` of union cards lie there too, but are held and no income.
    """

    first: str = ""
    last: str = ""
    receipts: int = 0
    fines: int = 0
    compensation: int = 0
    fees: int = 0
    cashless: int = 0
    refunds: int = 0
    deposits: int = 0

    @property
    def expected(self) -> int:
        """Cash: everything received less what came by card or code; refunds are never paid from the till."""
        return self.fines + self.compensation + self.fees + self.deposits - self.cashless


def count(shift: Shift, *, actor: str, counted_fen: int, expected_fen: int, reason: str) -> None:
    """Write the count of a colleague down; a difference is explained at once."""
    after = step(LIFE, shift.state, "count")
    if actor == shift.cashier:
        raise CountedByCashier
    if counted_fen < 0:
        raise Invalid({"counted": N_("实点金额不能为负")})
    if counted_fen != expected_fen and not reason.strip():
        raise Invalid({"reason": N_("实点与应有不符，请写明原因")})
    shift.state, shift.counted_by = after, actor
    shift.counted_fen, shift.expected_fen, shift.reason = counted_fen, expected_fen, reason.strip()
