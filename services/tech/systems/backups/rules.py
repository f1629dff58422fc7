"""When a backup is overdue, when a restore test is, and who has to do with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from services.tech.systems.backups.model import BackupPlan, PlanState, RunKind, RunState
from shared.i18n import N_
from shared.refusals import Refusal

KEEPERS = ("TEC-SYS",)
READERS = ("TEC", "head-tech", "director", "OFF-ADM")
PLANS, RUNS = "BF", "BFJL"
# The plan of this suite itself; what the machine tells is written under it.
OURS = "GUANWU"
# The last run may be that much later than the plan says before somebody is asked.
GRACE = timedelta(hours=6)
# Two failures one after the other interrupt the service of whoever would need the backup.
INCIDENT_AT = 2

P, R = PlanState, RunState
PLAN_LIFE: Mapping[tuple[PlanState, str], PlanState] = {
    (P.running, "lapse"): P.due, (P.due, "renew"): P.running,
    (P.running, "stop"): P.stopped, (P.due, "stop"): P.stopped, (P.stopped, "resume"): P.running,
}
RUN_LIFE: Mapping[tuple[RunState, str], RunState] = {(R.unproven, "prove"): R.proven, (R.failed, "handle"): R.handled}


class NoSuchPlan(Refusal):
    """Runs belong to a plan that is kept."""

    code = "no-such-plan"
    message = N_("没有这个备份计划，或已停用")


def state_of(kind: RunKind, *, good: bool) -> RunState:
    """A good backup is told by the machine; that it can be restored is a person's word."""
    if not good:
        return R.failed
    return R.unproven if kind is RunKind.test else R.good


def overdue(plan: BackupPlan, now: datetime) -> bool:
    """Nothing good for longer than the plan allows."""
    return now - (plan.last_good_at or plan.created_at) > timedelta(days=plan.every_days) + GRACE


def test_due(plan: BackupPlan, now: datetime) -> bool:
    """A restore test is due each term, or as often as the plan says."""
    return now - (plan.last_test_at or plan.created_at) > timedelta(days=plan.test_days)
