"""The ladder: a first, a second, a last letter, a month between them (a week for newspapers), then nothing more comes."""

from __future__ import annotations

from datetime import date, timedelta

from services.resources.acquiring.orders.rules import BUYERS, READERS
from services.resources.acquiring.serial_claims.model import SerialClaim, SerialClaimState
from shared.i18n import N_
from shared.refusals import NotFound, Refusal
from shared.states import Life

__all__ = ["BUYERS", "READERS"]
NUMBERS = "QK"
LAST = 3
DAYS, DAYS_NEWSPAPER = 30, 7
ROUNDS = ("", N_("一催"), N_("二催"), N_("末次催缺"))

S = SerialClaimState
LIFE: Life[SerialClaimState] = {
    (S.open, "claim"): S.claimed,
    (S.open, "promise"): S.promised,
    (S.open, "deliver"): S.delivered,
    (S.open, "refuse"): S.refused,
    (S.claimed, "claim"): S.claimed,
    (S.claimed, "promise"): S.promised,
    (S.claimed, "deliver"): S.delivered,
    (S.claimed, "refuse"): S.refused,
    (S.claimed, "credit"): S.credited,
    # A promise that was not kept.
    (S.promised, "claim"): S.claimed,
    (S.promised, "deliver"): S.delivered,
    (S.promised, "refuse"): S.refused,
    (S.promised, "credit"): S.credited,
    (S.refused, "credit"): S.credited,
    # What the reading room tells.
    (S.open, "arrive"): S.arrived,
    (S.claimed, "arrive"): S.arrived,
    (S.promised, "arrive"): S.arrived,
    (S.delivered, "arrive"): S.arrived,
    (S.delivered, "reopen"): S.open,
    (S.open, "withdraw"): S.withdrawn,
    (S.claimed, "withdraw"): S.withdrawn,
    (S.promised, "withdraw"): S.withdrawn,
    (S.delivered, "withdraw"): S.withdrawn,
}
RUNNING = (S.open, S.claimed, S.promised, S.delivered)


class LastLetterSent(Refusal):
    """After the last letter there is no other."""

    code = "serial-claims.last-sent"
    message = N_("已发出末次催缺，请登记答复、退款或无法补到")


class NothingToSend(NotFound):
    """No claim of this supplier is due."""

    code = "serial-claims.nothing-to-send"
    message = N_("这家供货商没有待发的催缺")


def next_on(sent: date, kind: str) -> date:
    """When the next letter is due."""
    return sent + timedelta(days=DAYS_NEWSPAPER if kind == "newspaper" else DAYS)


def due(claim: SerialClaim, today: date) -> bool:
    """Whether a letter about it goes out now: never asked for, the term is over, or a promise was broken."""
    if claim.round >= LAST:
        return False
    if claim.state == S.promised:
        return claim.promised_on is not None and claim.promised_on < today
    return claim.state == S.open or (claim.state == S.claimed and claim.next_on is not None and claim.next_on <= today)


def until(claim: SerialClaim) -> date | None:
    """By when somebody must act."""
    if claim.state == S.open:
        return claim.next_on or claim.due_on
    return claim.promised_on if claim.state == S.promised else claim.next_on if claim.state == S.claimed else None


def holders(claim: SerialClaim) -> tuple[str, ...]:
    """Who must act next; what was refused may be credited, and what is on its way is the reading room's."""
    return BUYERS[:1] if claim.state in (S.open, S.claimed, S.promised) else ()
