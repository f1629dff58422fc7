"""Every run of a backup stands under its plan; what fails, comes late or was never restored waits for somebody.

covers: TEC-SYS-03
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from deploy.local.suite import ROOT
from services.tech.systems.backups import rules
from services.tech.systems.backups.model import RunKind
from services.tech.systems.backups.register import plans, runs, watch
from services.tech.systems.backups.told import note
from shared.identity import Actor
from shared.refusals import NotAllowed
from shared.testing.registers import keeps_its_promises
from shared.testing.tokens import headers
from shared.work import Works

KEEPER = Actor("T0002", "陈维", posts=("TEC-SYS",), dept="tech")
CLERK = Actor("R0001", "林晓雯", posts=("RDR-DSK",), dept="reader")
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


async def told(works: Works, kind: RunKind = RunKind.backup, *, failed: str = "", now: datetime = NOW, archive: str = "a.tar") -> str:
    async with works.open(now=now) as work:
        return await note(work, kind, seconds=93, size=12_500_000, archive=archive, failed=failed)


async def rows(works: Works, statement: str) -> list[Any]:
    async with works.open() as work:
        return list((await work.session.execute(text(statement))).all())


async def test_what_the_backup_command_says_stands_under_the_plan_of_this_suite(works: Works) -> None:
    await told(works)
    test = await told(works, RunKind.test, now=NOW + timedelta(hours=1))
    ((no, good_at, size, tested, seconds, failures),) = await rows(
        works, "SELECT no, last_good_at, last_bytes, last_test_at, last_test_seconds, failures FROM backup_plan"
    )
    assert (no, size, seconds, failures) == (rules.OURS, 12_500_000, 93, 0)
    assert (good_at, tested) == (NOW, NOW + timedelta(hours=1))
    # That a restore proves something is a person's word, and of those alone who keep the systems.
    async with works.open(CLERK) as work:
        with pytest.raises(NotAllowed):
            await runs.move(work, test, "prove", proof="看过")
    async with works.open(KEEPER) as work:
        await runs.move(work, test, "prove", proof="恢复到旁路环境，各表行数一致")
    assert await rows(works, "SELECT kind, state FROM backup_run ORDER BY ended_at") == [("backup", "good"), ("test", "proven")]
    moved = await rows(works, "SELECT payload->'serves' FROM outbox WHERE payload->>'action' = 'prove'")
    assert moved == [(["TEC-SYS-03"],)]
    # An older run that is written down late does not turn the clock back.
    await told(works, now=NOW - timedelta(days=3))
    assert await rows(works, "SELECT last_good_at FROM backup_plan") == [(NOW,)]


async def test_a_second_failure_in_a_row_opens_an_incident_and_a_good_run_ends_the_row(works: Works) -> None:
    await told(works, failed="磁盘已满")
    assert await rows(works, "SELECT count(*) FROM work_order") == [(0,)]
    await told(works, RunKind.test, failed="校验和不符", now=NOW + timedelta(hours=2))
    ((order, priority),) = await rows(works, "SELECT no, priority FROM work_order")
    assert priority == "P1"
    assert await rows(works, "SELECT incident FROM backup_run ORDER BY ended_at") == [("",), (order,)]
    said = await rows(works, "SELECT payload->>'failures' FROM outbox WHERE subject = 'guanwu.tech.backup.failed.v1' ORDER BY id")
    assert said == [("1",), ("2",)]
    await told(works, now=NOW + timedelta(hours=3))
    await told(works, failed="又满了", now=NOW + timedelta(hours=4))
    assert await rows(works, "SELECT failures FROM backup_plan") == [(1,)]
    assert await rows(works, "SELECT count(*) FROM work_order") == [(1,)]
    async with works.open(KEEPER) as work:
        number = (await work.session.execute(text("SELECT no FROM backup_run WHERE reason = '磁盘已满'"))).scalar_one()
        await runs.move(work, number, "handle", handling="清理旧归档后重跑成功")
    assert (await rows(works, f"SELECT state FROM backup_run WHERE no = '{number}'")) == [("handled",)]


async def test_a_backup_that_did_not_happen_and_a_test_that_is_due_are_found_each_morning(works: Works) -> None:
    await told(works)
    await told(works, RunKind.test)

    async def morning(days: float) -> list[Any]:
        async with works.open(now=NOW + timedelta(days=days)) as work:
            await watch(work, work.now)
        return await rows(works, "SELECT reason FROM backup_run WHERE state = 'failed'")

    assert await morning(1) == []
    found = await morning(2)
    assert len(found) == 1
    assert "2026-11-23 16:00" in found[0][0]
    assert len(await morning(2.2)) == 1  # said once a day
    await told(works, now=NOW + timedelta(days=184))
    await morning(184.1)
    assert await rows(works, "SELECT state FROM backup_plan") == [("due",)]
    waiting = await rows(works, "SELECT payload->'holders' FROM outbox WHERE payload->>'action' = 'lapse'")
    assert waiting == [(["TEC-SYS"],)]
    await told(works, RunKind.test, failed="校验和不符", now=NOW + timedelta(days=184.2))
    assert await rows(works, "SELECT state FROM backup_plan") == [("due",)]
    await told(works, RunKind.test, now=NOW + timedelta(days=184.3))
    assert await rows(works, "SELECT state FROM backup_plan") == [("running",)]
    async with works.open(KEEPER) as work:
        await plans.move(work, rules.OURS, "stop")
    assert len(await morning(400)) == len(await morning(401))


async def test_other_systems_are_kept_by_hand_and_a_plan_nobody_has_is_said_in_the_form(app: Any, works: Works) -> None:
    def client(actor: Actor, lang: str = "zh") -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://tech.test", headers={**headers(actor, "tech"), "cookie": f"lang={lang}"},
        )

    async with client(KEEPER) as keeper:
        made = await keeper.post("/tech/backup-plans", data={
            "no": "website", "name": "门户网站", "contents": "页面与附件", "every_days": "7", "test_days": "183",
        })
        assert made.status_code == 303, made.text
        wrong = await keeper.post("/tech/backups", data={
            "plan": "NOWHERE", "kind": "backup", "ended_at": "2026-11-23T10:00", "minutes": "12.5", "size_mb": "840", "archive": "w.tgz",
        })
        assert wrong.status_code == 422
        assert "没有这个备份计划" in wrong.text
        assert "w.tgz" in wrong.text
        done = await keeper.post("/tech/backups", data={
            "plan": "website", "kind": "backup", "ended_at": "2026-11-23T10:00", "minutes": "12.5", "size_mb": "840", "archive": "w.tgz",
        })
        assert done.status_code == 303, done.text
        for typed in ("web", "门户"):
            assert (await keeper.get(f"/tech/backups/lookup/plan?q={typed}")).json() == [{"value": "WEBSITE", "label": "门户网站"}]
        # A plan that is kept waits for nobody.
        assert "待我处理 <small>0" in (await keeper.get("/tech/backup-plans")).text
        page = (await keeper.get("/tech/backup-plans/WEBSITE")).text
        assert "840.0 MB" in page
        assert done.headers["location"].rpartition("/")[2] in page
        # The runs are written under its short name, which therefore stays.
        assert 'name="no"' not in (await keeper.get("/tech/backup-plans/WEBSITE/edit")).text
        changed = await keeper.post("/tech/backup-plans/WEBSITE/edit", data={
            "no": "OTHER", "name": "图书馆门户", "contents": "页面与附件", "every_days": "7", "test_days": "183",
        })
        assert changed.status_code == 303, changed.text
        assert await rows(works, "SELECT no, name FROM backup_plan") == [("WEBSITE", "图书馆门户")]
        assert "12 分 30 秒" in (await keeper.get(done.headers["location"])).text
    async with client(CLERK) as clerk:
        assert (await clerk.get("/tech/backups")).status_code == 403
    assert await rows(works, "SELECT seconds, bytes FROM backup_run") == [(750, 840_000_000)]


async def test_the_registers_keep_their_promises(app: Any, works: Works) -> None:
    await told(works)
    await keeps_its_promises(
        runs, app, lambda: {"plan": rules.OURS, "kind": "test", "ended_at": "2026-11-23T10:00"},
        ask={"prove": {"proof": "一致"}, "handle": {"handling": "已处理"}},
    )
    await keeps_its_promises(plans, app, lambda: {"name": "目录服务器", "contents": "全部"})


async def test_the_command_of_ops_writes_with_the_departments_settings(app: Any, works: Works) -> None:
    settings = app.state.kit.settings
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "services.tech.systems.backups.told", "--kind", "test", "--seconds", "61", "--bytes", "9", "--archive", "b.tar"],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "GUANWU_SERVICE": "tech", "GUANWU_DATABASE_URL": settings.database_url, "GUANWU_DATA": str(settings.data)},
    )
    assert done.returncode == 0, done.stderr
    assert await rows(works, "SELECT no, kind, seconds FROM backup_run") == [(done.stdout.strip(), "test", 61)]
