"""Who plans, and what the life of a line is."""

from __future__ import annotations

from collections.abc import Mapping

from services.resources.acquiring.plans.model import PlanState

PLANNERS = ("RES-ACQ", "head-resources")
APPROVERS = ("head-resources", "deputy", "director")
READERS = ("RES", "OFF-FIN", "head", "director", "deputy", "auditor")
NUMBERS = "CJ"

LIFE: Mapping[tuple[PlanState, str], PlanState] = {
    (PlanState.draft, "approve"): PlanState.approved,
    (PlanState.approved, "revise"): PlanState.draft,
}


def share(part: int, whole: int) -> int:
    """Per cent of the plan, whole ones; nothing planned is nothing to reach."""
    return part * 100 // whole if whole > 0 else 0
