"""What stands against letting somebody go."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from services.reader.desk.clearance.model import Clearance, ClearanceState
from services.reader.desk.patrons.model import Patron
from services.reader.desk.patrons.rules import deposit_block, yuan
from shared.i18n import N_, _
from shared.refusals import Reason, Refusal

S = ClearanceState
LIFE: Mapping[tuple[ClearanceState, str], ClearanceState] = {
    (S.waiting, "grant"): S.granted,
    (S.revoked, "grant"): S.granted,
    (S.granted, "revoke"): S.revoked,
    (S.granted, "close"): S.closed,
    (S.waiting, "cancel"): S.cancelled,
    (S.granted, "cancel"): S.cancelled,
    (S.revoked, "cancel"): S.cancelled,
}
OPEN = (S.waiting, S.granted, S.revoked)
NUMBERS = "LX"
# So many days before somebody leaves, their college is asked to help with what is still open.
COLLEGE_DAYS = 7


class NotClear(Refusal):
    """Something is still open on the card."""

    code = "not-clear"
    message = N_("还有未了事项，不能通过离校清理")


class NoCollege(Refusal):
    """There is nobody to write to, or nothing to write about."""

    code = "no-college-letter"
    message = N_("没有可函告的：此人没有登记学院，或已无未了事项")


def college_stage(leaving_on: date, today: date) -> str:
    """Which of the two letters it is; the day of leaving is part of it, since that day may be moved."""
    return f"{leaving_on}/{'last' if today >= leaving_on else 'before'}"


def check_college(case: Clearance, patron: Patron | None) -> None:
    """Whether a letter to the college has an addressee and a ground."""
    if patron is None or not patron.college or case.state not in {S.waiting, S.revoked}:
        raise NoCollege


def missing(patron: Patron | None) -> list[Reason]:
    """What the patron has still to settle; nobody unknown to us owes us anything."""
    if patron is None:
        return []
    holds = patron.holds_waiting + patron.holds_ready
    found = []
    if patron.open_loans:
        found.append(Reason("open-loans", N_("在借 {n} 册"), params={"n": patron.open_loans}))
    if holds:
        found.append(Reason("open-holds", N_("预约 {n} 项"), params={"n": holds}))
    if patron.debt_fen > 0:
        found.append(Reason("open-debt", N_("欠费 {yuan} 元"), params={"yuan": yuan(patron.debt_fen)}))
    return found + deposit_block(patron)


def figures(patron: Patron | None) -> dict[str, Any]:
    """The same as numbers, for the facts we state."""
    if patron is None:
        return {"loans": 0, "holds": 0, "yuan": yuan(0)}
    return {
        "loans": patron.open_loans, "holds": patron.holds_waiting + patron.holds_ready,
        "yuan": yuan(max(patron.debt_fen, 0)),
    }


def stages(case: Clearance) -> list[dict[str, object]]:
    """The steps of the case as the stepper shows them."""
    steps = [
        (_(N_("登记离校")), case.opened_at), (_(N_("清理通过")), case.granted_at if case.state is not S.revoked else None),
        (_(N_("读者证注销")), case.ended_at if case.state is S.closed else None),
    ]
    reached = [at is not None for _label, at in steps]
    current = reached.index(False) if False in reached and case.state is not S.cancelled else -1
    return [
        {"label": label, "at": at, "state": "done" if at else "now" if n == current else "todo"}
        for n, (label, at) in enumerate(steps)
    ]
