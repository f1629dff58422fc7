"""From the report to the reporter's yes. covers: TEC-SYS-01 TEC-SYS-05 TEC-LOG-02 RDR-CIR-BAS-05"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from services.tech.support.helpdesk import opening
from services.tech.support.helpdesk.model import WorkOrder
from services.tech.support.helpdesk.register import orders
from shared.identity import Actor
from shared.testing.registers import keeps_its_promises
from tests.support.departments import client

READER = Actor(id="G1014", name="总台", posts=("RDR-DSK",), dept="reader")
ENGINEER = Actor(id="G1009", name="工程师", posts=("TEC-SYS",), dept="tech")
NOTE = {"note": "换过数据线，测试正常"}


async def report(app, **more: object) -> dict:
    async with client(app, READER) as desk:
        answer = await desk.post("/api/tech/faults", json={"place": "总服务台", "kind": "computer", "note": "扫描枪不响", **more})
        assert answer.status_code == 201, answer.text
        return answer.json()


async def test_a_report_runs_to_the_reporters_confirmation(app) -> None:
    order = await report(app)
    url = f"/api/tech/work-orders/{order['no']}"
    async with client(app, ENGINEER) as tech, client(app, READER) as desk:
        assert (await tech.post(f"{url}/accept", json={})).json()["owner"] == ENGINEER.id
        assert (await desk.post(f"{url}/resolve", json=NOTE)).status_code == 403
        assert (await tech.post(f"{url}/resolve", json=NOTE)).json()["state"] == "resolved"
        assert (await tech.post(f"{url}/confirm", json={})).status_code == 403
        assert (await desk.post(f"{url}/confirm", json={"rating": 5})).json()["state"] == "confirmed"
    async with app.state.kit.works.open() as work:
        told = (await work.session.execute(text("SELECT subject, headers->>'correlation' c FROM outbox ORDER BY id"))).all()
    assert [row.subject.split(".")[3] for row in told] == ["reported", "accepted", "resolved", "confirmed"]
    assert {row.c for row in told} == {order["correlation"]}


async def test_the_same_report_sent_twice_is_one_order(app) -> None:
    async with client(app, READER, **{"idempotency-key": "k1"}) as desk:
        body = {"place": "总服务台", "kind": "computer", "note": "扫描枪不响"}
        first, second = [(await desk.post("/api/tech/faults", json=body)).json()["no"] for _ in range(2)]
        assert first == second
        other = await desk.post("/api/tech/faults", json={**body, "note": "别的事情"})
        assert other.status_code == 422


async def test_a_report_without_words_is_sent_back_with_the_field(app) -> None:
    async with client(app, READER) as desk:
        answer = await desk.post("/api/tech/faults", json={"place": "", "note": ""})
    assert answer.status_code == 422
    assert set(answer.json()["errors"]) == {"place", "note"}


async def test_silence_for_three_days_closes_the_order(app) -> None:
    order = await report(app)
    works = app.state.kit.works
    long_ago = datetime.now(UTC) - timedelta(days=4)
    async with works.open(ENGINEER, now=long_ago) as work:
        await orders.move(work, order["no"], "accept")
    async with works.open(ENGINEER, now=long_ago) as work:
        await orders.move(work, order["no"], "resolve", **NOTE)
    async with works.open() as work:
        assert await opening.confirm_old(work, work.now) == 1
    async with works.open() as work:
        found = await work.lock(WorkOrder, WorkOrder.no == order["no"])
        assert found.state == "confirmed"


async def test_the_register_keeps_its_promises(app) -> None:
    fill = {"place": "大厅", "kind": "power", "note": "灯不亮，已断电"}
    await keeps_its_promises(
        orders, app, lambda: fill,
        ask={"wait": {"note": "等配件"}, "resolve": NOTE, "reopen": {"note": "没好"}, "void": {"note": "误报"}},
    )
