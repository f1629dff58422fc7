"""The life of a leaving."""

from __future__ import annotations

from collections.abc import Mapping

from services.institute.graduates.affairs.model import LeavingState

S = LeavingState
LIFE: Mapping[tuple[LeavingState, str], LeavingState] = {
    (S.waiting, "clear"): S.cleared,
    (S.revoked, "clear"): S.cleared,
    (S.cleared, "revoke"): S.revoked,
    (S.cleared, "finish"): S.left,
    (S.waiting, "withdraw"): S.withdrawn,
    (S.cleared, "withdraw"): S.withdrawn,
    (S.revoked, "withdraw"): S.withdrawn,
}
