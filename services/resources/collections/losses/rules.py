"""Lives of losses and of compensation copies, and when a loss is written off. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from services.resources.collections.losses.model import CopyState, LostState
from shared.i18n import N_
from shared.refusals import Refusal

COPIES = "PB"
KEEPERS = ("RES-MGT",)
# Like what stocktaking does not find: a year, then the weeding register.
WRITE_OFF_DAYS = 365
BATCH = 200

S, C = LostState, CopyState
LIFE: Mapping[tuple[LostState, str], LostState] = {
    (S.lost, "propose"): S.proposed,
    (S.lost, "recover"): S.recovered,
    (S.lost, "replace"): S.replaced,
    (S.lost, "dismiss"): S.dismissed,
    (S.proposed, "recover"): S.recovered,
    (S.proposed, "replace"): S.replaced,
    (S.proposed, "wait"): S.lost,
    (S.proposed, "write_off"): S.written_off,
    (S.replaced, "turn_up"): S.found_again,
    (S.written_off, "turn_up"): S.found_again,
    (S.found_again, "keep"): S.kept,
    (S.found_again, "let_go"): S.let_go,
}
COPY_LIFE: Mapping[tuple[CopyState, str], CopyState] = {
    (C.waiting, "check"): C.checked,
    (C.checked, "register"): C.released,
    (C.checked, "recheck"): C.waiting,
}


class NoItemYet(Refusal):
    """A copy whose barcode belongs to another item needs one of its own."""

    code = "copy.needs-barcode"
    status = 422
    message = N_("条码 {barcode} 在本部已属于别的单册，请另贴条码并填写")


def term_of(lost_on: date, *, ours: bool, special: bool) -> date | None:
    """The day after which a loss goes to the weeding register; special collections never do."""
    return lost_on + timedelta(days=WRITE_OFF_DAYS) if ours and not special else None
