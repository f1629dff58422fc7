"""Writing runs down, and what follows from them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from services.tech.support.helpdesk.model import Kind, Priority
from services.tech.support.helpdesk.opening import report_fault
from services.tech.systems.backups import rules
from services.tech.systems.backups.model import BackupPlan, BackupRun, PlanState, RunKind
from shared.events.tech import BackupFailed
from shared.i18n import N_, _
from shared.work import Work


async def plan_named(work: Work, no: str) -> BackupPlan:
    """A plan that is kept, locked."""
    plan = await work.session.scalar(select(BackupPlan).where(BackupPlan.no == no.strip().upper()).with_for_update())
    if plan is None or plan.state == PlanState.stopped:
        raise rules.NoSuchPlan
    return plan


async def suggest(work: Work, q: str) -> list[tuple[str, str]]:
    """Plans that are kept, by short name or system."""
    query = select(BackupPlan).where(BackupPlan.state != PlanState.stopped, BackupPlan.search_text.icontains(q.strip(), autoescape=True))
    return [(one.no, one.name) for one in await work.session.scalars(query.order_by(BackupPlan.no).limit(20))]


async def begin(_work: Work, plan: BackupPlan, _form: Any) -> None:
    """The short name in capitals, as it is typed everywhere."""
    plan.no = plan.no.upper()


async def note(work: Work, run: BackupRun, form: Any) -> BackupPlan:
    """A run changes what is known of its plan, which is returned; a failure is told, a second one in a row opens an incident."""
    plan = await plan_named(work, run.plan)
    run.plan, run.plan_name = plan.no, plan.name
    run.seconds = run.seconds or round((getattr(form, "minutes", 0) or 0) * 60)
    run.bytes = run.bytes or (getattr(form, "size_mb", 0) or 0) * 1_000_000
    good = not run.reason.strip()
    run.state = rules.state_of(RunKind(run.kind), good=good)
    if not good:
        await _failed(work, plan, run)
        return plan
    plan.failures = 0
    if run.kind == RunKind.backup:
        if plan.last_good_at is None or run.ended_at >= plan.last_good_at:
            plan.last_good_at, plan.last_bytes = run.ended_at, run.bytes
    elif plan.last_test_at is None or run.ended_at >= plan.last_test_at:
        plan.last_test_at, plan.last_test_seconds = run.ended_at, run.seconds
    return plan


async def _failed(work: Work, plan: BackupPlan, run: BackupRun) -> None:
    plan.failures += 1
    work.emit(BackupFailed(
        plan=plan.no, plan_name=plan.name, number=run.no, what=RunKind(run.kind).label, failures=plan.failures, reason=run.reason[:300],
    ), correlation=run.correlation)
    if plan.failures == rules.INCIDENT_AT:
        order = await report_fault(
            work, place=plan.name, kind=Kind.network, priority=Priority.P1, title=_(N_("备份连续失败：{name}"), name=plan.name),
            note=run.reason, source_ref=f"backup:{run.no}",
        )
        run.incident = order.no
