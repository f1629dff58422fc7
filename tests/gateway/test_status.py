"""The status page: what each service says of itself, and what the machine says of backup, certificate and disk.

covers: TEC-SYS-03
"""

from __future__ import annotations

import re
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from prometheus_client import CollectorRegistry, generate_latest
from starlette.responses import Response

from deploy.local.ports import free_port
from gateway.portal import health
from shared.i18n import ROOT
from shared.messaging.metrics import figures
from shared.service import VERSION
from shared.settings import Settings
from tests.gateway.conftest import Start
from tests.gateway.standin import serving


async def test_status_tells_of_every_service_and_is_silent_about_those_that_are(start: Start, tmp_path: Path) -> None:
    registry = CollectorRegistry()
    told = figures(registry)
    told.introduce("office", ("reader", "resources"))
    told.lag.labels("office", "reader").set(7)
    told.parked.labels("office", "resources").set(2)
    told.differing.labels("office", "resources.items").set(3)
    told.audit_checked.labels("office").set(1_700_000_000)
    told.audit_found.labels("office", "row 77 changed (seal 3)").set(1)
    office = FastAPI()

    @office.get("/readyz")
    async def ready() -> dict[str, Any]:
        return {"ready": True, "bus": True, "version": "9.8.7", "since": "2026-11-01T00:00:00+00:00"}

    @office.get("/metrics")
    async def shown() -> Response:
        return Response(generate_latest(registry), media_type="text/plain")

    async with serving(office) as address:
        gateway = await start(departments={"reader": f"http://127.0.0.1:{free_port()}", "office": address})
        client = await gateway.signed_in("tec-sys")
        page = (await client.get("/status")).text
        rows = {part[:part.index('"')]: part.split("</tr>")[0] for part in page.split('data-dept="')[1:]}
    assert "无法访问" in rows["reader"]
    assert "0" not in re.sub(r"<[^>]*>", "", rows["reader"].split("无法访问")[1])  # no figure of a service that is silent
    for said in ("9.8.7", "读者服务部 7", "3 条不一致", "row 77 changed (seal 3)", 'href="/office/upkeep"'):
        assert said in rows["office"]
    assert "1.0.0" in rows["gateway"]
    assert "未见备份" in page
    assert "全部正常" not in page
    assert "未用 https" in page
    assert "剩余" in page
    desk = await gateway.signed_in("rdr-dsk")
    assert (await desk.get("/status")).status_code == 403
    english = (await client.get("/status", headers={"cookie": "lang=en; " + "; ".join(f"{n}={v}" for n, v in client.cookies.items())})).text
    assert not re.search(r"[\u4e00-\u9fff]{2}", english.split('id="status"')[1].split("</main>")[0])


def test_an_old_backup_and_a_full_disk_are_said_to_be_bad(tmp_path: Path) -> None:
    settings = Settings(service="gateway", database_url="", data=tmp_path / "files", backups=tmp_path)
    now = datetime.now(UTC)
    assert health.last_backup(settings, now) is None
    (tmp_path / "guanwu-1.tar").touch()
    (tmp_path / ".guanwu-2.tar").touch()
    kept = health.last_backup(settings, now)
    assert kept is not None
    assert not kept["bad"]
    assert health.last_backup(settings, now + timedelta(hours=27))["bad"]  # type: ignore[index]
    room = health.disk(settings)
    assert room is not None
    assert 0 < room["free"] <= room["total"]
    assert health.disk(settings.model_copy(update={"data": "s3://files"})) is None
    assert health.Figures(oldest=121).bad
    assert not health.Figures(unpublished=5, lag=(("reader", 20),)).bad


def test_the_version_shown_is_the_projects() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["version"] == VERSION
