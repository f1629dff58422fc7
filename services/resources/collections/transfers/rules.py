"""What may be planned, how a plan moves, and when it is done. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from services.resources.cataloguing.items.model import ItemLife
from services.resources.collections.transfers.model import LineState, PlanState
from shared.i18n import N_
from shared.refusals import Reason, Refusal

NUMBERS = "DBJ"
MAKERS = ("RES-MGT", "head-resources")
APPROVERS = ("RES-MGT", "head-resources", "director", "deputy")
READERS = ("RES", "RDR", "head", "director", "deputy", "auditor")
# What one event carries and two people can walk off in a day or two.
LARGEST = 1000

S, L = PlanState, LineState
LIFE: Mapping[tuple[PlanState, str], PlanState] = {
    (S.draft, "submit"): S.submitted,
    (S.submitted, "approve"): S.approved,
    (S.submitted, "send_back"): S.draft,
    (S.draft, "cancel"): S.cancelled,
    (S.submitted, "cancel"): S.cancelled,
    # What the desk tells moves it from here on.
    (S.approved, "begin"): S.moving,
    (S.approved, "differ"): S.differed,
    (S.moving, "finish"): S.closed,
    (S.moving, "differ"): S.differed,
}
STEPS: Mapping[PlanState, str] = {S.moving: "begin", S.closed: "finish", S.differed: "differ"}
ENDED = (L.received, L.refused, L.unsent, L.missing)


class NothingListed(Refusal):
    """There is nothing to decide about."""

    code = "transfer-plan.empty"
    message = N_("计划里还没有单册，请先列入再提交")


class NotADraft(Refusal):
    """What was handed in is not changed."""

    code = "transfer-plan.settled"
    message = N_("{number} 已提交，清单不能再改；要改请先退回")


class NoSpan(Refusal):
    """A whole house is no list."""

    code = "transfer-plan.no-span"
    status = 422
    message = N_("请选调出的馆藏地")


def objections(life: ItemLife, location: str, target: str, *, elsewhere: str, custodian: str, count: int) -> list[Reason]:
    """Every reason why an item does not go on the plan."""
    why = []
    if life is not ItemLife.in_stock:
        why.append(Reason("life", N_("状态为“{life}”，只有在藏的单册可以调拨"), params={"life": life.text}))
    if location == target:
        why.append(Reason("there", N_("本来就在这个馆藏地")))
    if elsewhere:
        why.append(Reason("planned", N_("已列入调拨计划 {number}"), params={"number": elsewhere}))
    if custodian != "reader":
        why.append(Reason("custody", N_("在资源建设部手里，请先归还")))
    if count >= LARGEST:
        why.append(Reason("full", N_("一份计划最多 {most} 册，请另开一份"), params={"most": LARGEST}))
    return why


def outcome(states: Collection[LineState]) -> PlanState | None:
    """Where a plan stands when its items stand so; None while nothing has begun to move."""
    if any(state not in ENDED for state in states):
        return S.moving if any(state in {L.taken, L.sent, L.received} for state in states) else None
    return S.closed if all(state is L.received for state in states) else S.differed


def shares(counts: Mapping[LineState, int]) -> dict[str, Any]:
    """How far the plan is."""
    return {"all": sum(counts.values()), "received": counts.get(L.received, 0), "open": sum(n for s, n in counts.items() if s not in ENDED)}
