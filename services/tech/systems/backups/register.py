"""Plans of backups and their runs as lists of cases."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel
from sqlalchemy import func, select

from services.tech.systems.backups import commands, rules
from services.tech.systems.backups.model import (
    BackupPlan,
    BackupRun,
    PlanState,
    RunKind,
    RunState,
)
from shared.i18n import N_, _
from shared.settings import LOCAL
from shared.web.register import Action, Col, F, Files, Filter, Panel, Register
from shared.web.register.moves import tell
from shared.work import Work


class Change(BaseModel):
    """What is kept, how often, and where else."""

    name: str = F(N_("系统"), min_length=2, max_length=80)
    contents: str = F(N_("备份内容"), min_length=2, max_length=300, span=12, placeholder=N_("如：数据库、上传文件、配置"))
    method: str = F(N_("方式"), "", max_length=200, span=12, placeholder=N_("如：每日增量，每周全量"))
    elsewhere: str = F(N_("异地副本"), "", max_length=200, help=N_("另一份放在哪里"))
    every_days: int = F(N_("至少每"), 1, ge=1, le=90, unit=N_("天"))
    test_days: int = F(N_("恢复测试至少每"), 183, ge=7, le=730, unit=N_("天"), help=N_("每学期不少于一次"))


class Plan(Change):
    """Its short name stays: the runs are written under it."""

    no: str = F(N_("简称"), "", max_length=20, pattern=r"^[0-9A-Za-z\-]*$", placeholder=N_("如：WEBSITE，留空自动编号"))


class Run(BaseModel):
    """A backup or a restore test of a system that does not tell by itself."""

    plan: str = F(N_("备份计划"), min_length=1, max_length=20, source=commands.suggest)
    kind: RunKind = F(N_("做了什么"), RunKind.backup)
    ended_at: datetime = F(N_("完成时间"))
    minutes: float = F(N_("用时"), 0, ge=0, le=100_000, unit=N_("分"))
    size_mb: int = F(N_("大小"), 0, ge=0, unit="MB")
    archive: str = F(N_("备份文件"), "", max_length=200)
    proof: str = F(N_("核对结果"), "", max_length=500, rows=2, span=12, help=N_("恢复到哪里、核对了什么"))
    reason: str = F(N_("失败原因"), "", max_length=500, rows=2, span=12, help=N_("成功的留空"))
    evidence: Files = F(N_("截图或日志"), default_factory=list)


class Proof(BaseModel):
    """What was seen."""

    proof: str = F(N_("核对结果"), min_length=2, max_length=500, rows=2, span=12)


class Handling(BaseModel):
    """What was done about it."""

    handling: str = F(N_("原因与处理"), min_length=2, max_length=500, rows=2, span=12)


async def _runs(work: Work, plan: BackupPlan) -> dict[str, Any]:
    found = await work.session.scalars(
        select(BackupRun).where(BackupRun.plan == plan.no).order_by(BackupRun.ended_at.desc()).limit(10)
    )
    total = await work.session.scalar(select(func.count()).select_from(BackupRun).where(BackupRun.plan == plan.no))
    return {"runs": [(run, RunState(run.state)) for run in found], "total": total, "plan": plan}


async def _note(work: Work, run: BackupRun, form: Any) -> None:
    plan = await commands.note(work, run, form)
    if plan.state == PlanState.due and run.kind == RunKind.test and run.state == RunState.unproven:
        plan.state = PlanState.running
        tell(plans, work, plan, "renew", N_("已做恢复测试"), serves=())


def size(count: int) -> str:
    """Bytes as people read them."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB" if count else ""


def took(seconds: int) -> str:
    """Seconds as people read them."""
    return _(N_("{minutes} 分 {seconds} 秒"), minutes=seconds // 60, seconds=seconds % 60) if seconds else ""


plans = Register(
    "backup-plans", BackupPlan, dept="tech", title=N_("备份计划"), icon="database",
    help=N_("每个系统备份什么、多久一次、另一份放哪里；超期未备份、未做恢复测试会提醒"),
    serves=("TEC-SYS-03",), number=rules.PLANS, life=rules.PLAN_LIFE, state=PlanState, form=Plan, edit_form=Change,
    read=rules.READERS,
    create=rules.KEEPERS, edit=rules.KEEPERS, edit_in=(PlanState.running, PlanState.due), on_create=commands.begin,
    search=["no", "name", "contents"], title_of=lambda plan: plan.name,
    holders=lambda plan: rules.KEEPERS if plan.state == PlanState.due else (), waits_in=(PlanState.due,),
    columns=[
        Col("no", N_("简称"), "ref"), Col("name", N_("系统")), Col("state"), Col("every_days", N_("至少每"), unit=N_("天")),
        Col("last_good_at", N_("最近成功")), Col("last_bytes", N_("大小"), "text", value=lambda plan: size(plan.last_bytes)),
        Col("last_test_at", N_("最近恢复测试")), Col("last_test_seconds", N_("恢复用时"), "text", value=lambda plan: took(plan.last_test_seconds)),
        Col("failures", N_("连续失败"), "num"), Col("contents", N_("备份内容"), detail_only=True), Col("method", N_("方式"), detail_only=True),
        Col("elsewhere", N_("异地副本"), detail_only=True), Col("test_days", N_("恢复测试至少每"), unit=N_("天"), detail_only=True),
    ],
    actions=[
        Action("lapse", N_("恢复测试到期"), by=("system",)), Action("renew", N_("已做恢复测试"), by=("system",)),
        Action("stop", N_("停用"), by=rules.KEEPERS, icon="player-stop", tone="danger", row=False, serves=(), confirm=N_("停用后不再提醒，确定吗？")),
        Action("resume", N_("启用"), by=rules.KEEPERS, icon="player-play", row=False, serves=()),
    ],
    panels=[Panel(N_("最近的备份与恢复测试"), "backups/runs.html", _runs)],
)

runs = Register(
    "backups", BackupRun, dept="tech", title=N_("备份记录"), icon="history",
    help=N_("每次备份和恢复测试：用时、大小、结果；本系统的由备份命令自动登记，恢复测试由系统管理岗核实"),
    serves=("TEC-SYS-03",), number=rules.RUNS, life=rules.RUN_LIFE, state=RunState, form=Run, edit_in=(), read=rules.READERS,
    create=rules.KEEPERS, on_create=_note, attach=True, search=["no", "plan", "plan_name", "archive"], sort="-ended_at",
    title_of=lambda run: f"{run.plan_name} {RunKind(run.kind).text}",
    holders=lambda run: rules.KEEPERS if run.state in (RunState.unproven, RunState.failed) else (),
    filters={"kind": N_("做了什么"), "ended_at": Filter(N_("完成时间"), kind="dates")},
    columns=[
        Col("no", N_("编号"), "ref"), Col("plan_name", N_("系统")), Col("kind", N_("做了什么")), Col("state"), Col("ended_at", N_("完成时间")),
        Col("seconds", N_("用时"), "text", value=lambda run: took(run.seconds)), Col("bytes", N_("大小"), "text", value=lambda run: size(run.bytes)),
        Col("archive", N_("备份文件")), Col("plan", N_("备份计划"), "link", link=lambda run: f"/tech/backup-plans/{run.plan}", detail_only=True),
        Col("proof", N_("核对结果"), detail_only=True), Col("reason", N_("失败原因"), detail_only=True),
        Col("handling", N_("原因与处理"), detail_only=True),
        Col("incident", N_("故障单"), "link", link=lambda run: f"/tech/work-orders/{run.incident}" if run.incident else "", detail_only=True),
    ],
    actions=[
        Action("prove", N_("核实"), by=rules.KEEPERS, icon="shield-check", tone="success", ask=Proof, note="proof"),
        Action("handle", N_("登记处理"), by=rules.KEEPERS, icon="tool", tone="warning", ask=Handling, note="handling", batch=False),
    ],
)


async def watch(work: Work, _due: datetime) -> None:
    """Each morning: what was not backed up as planned is a failure like any other, and a restore test that is due waits for somebody."""
    kept = (await work.session.scalars(select(BackupPlan).where(BackupPlan.state != PlanState.stopped).order_by(BackupPlan.no))).all()
    for plan in kept:
        if rules.overdue(plan, work.now) and not await _said_lately(work, plan):
            last = plan.last_good_at.astimezone(LOCAL).strftime("%Y-%m-%d %H:%M") if plan.last_good_at else _(N_("从未"))
            await runs.open(
                work, plan=plan.no, kind=RunKind.backup, ended_at=work.now, reason=_(N_("没有按计划备份，最近一次成功：{last}"), last=last),
            )
        if plan.state == PlanState.running and rules.test_due(plan, work.now):
            await plans.move(work, plan.no, "lapse")


async def _said_lately(work: Work, plan: BackupPlan) -> bool:
    query = select(BackupRun.id).where(
        BackupRun.plan == plan.no, BackupRun.state == RunState.failed, BackupRun.ended_at > work.now - timedelta(hours=20),
    )
    return await work.session.scalar(query.limit(1)) is not None
