"""Students who leave, and the library's word on them. covers: INS-TCH-MID-04"""

from __future__ import annotations

import io
import itertools
from datetime import UTC, datetime, timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy import text

from services.institute.graduates.affairs.handlers import handlers
from services.institute.graduates.affairs.register import leavings
from shared.database import uuid7
from shared.events.base import Envelope
from shared.events.reader import ClearanceCancelled, ClearanceGranted, ClearanceRevoked
from shared.identity import SYSTEM, Actor
from shared.testing.registers import keeps_its_promises
from tests.support.days import local_day
from tests.support.departments import client

COUNSELLOR = Actor(id="G1011", name="辅", posts=("INS-TCH",), dept="institute")


def form() -> dict[str, object]:
    return {"card": "20252001", "name": "孙丽华", "kind": "graduation", "leaving_on": (local_day() + timedelta(days=30)).isoformat()}


async def hear(works, event) -> None:
    envelope = Envelope(
        event_id=uuid7(), name=event.name, version=1, source="reader", seq=1, at=datetime.now(UTC), actor="system"
    )
    async with works.open(SYSTEM) as work:
        await handlers.handle(work, envelope, event.model_dump(mode="json"))


async def test_the_register_keeps_its_promises(app) -> None:
    serial = itertools.count()
    await keeps_its_promises(leavings, app, lambda: form() | {"card": f"2025{next(serial):04d}"}, ask={"withdraw": {"note": "延期毕业"}})


async def test_a_student_leaves_when_the_library_has_nothing_open(app, works) -> None:
    async with client(app, COUNSELLOR) as me:
        number = (await me.post("/api/institute/students-leaving", json=form())).json()["no"]
        url = f"/api/institute/students-leaving/{number}"
        assert (await me.post(f"{url}/finish", json={})).status_code == 409
        word = {"number": "LX2026-0001", "student_case": number, "card": "20252001"}
        for event, state in (
            (ClearanceGranted(**word), "cleared"), (ClearanceGranted(**word), "cleared"),
            (ClearanceRevoked(**word, loans=1, holds=0, yuan="0.00"), "revoked"), (ClearanceGranted(**word), "cleared"),
        ):
            await hear(works, event)
            found = (await me.get(url)).json()
            assert (found["state"], found["clearance"]) == (state, "LX2026-0001")
        assert (await me.post(f"{url}/clear", json={})).status_code == 403
        assert (await me.post(f"{url}/finish", json={})).json()["state"] == "left"
        await hear(works, ClearanceRevoked(**word, loans=1, holds=0, yuan="0.00"))
        assert (await me.get(url)).json()["state"] == "left"
    async with works.sessions() as session:
        rows = (await session.execute(text("SELECT payload FROM outbox WHERE subject LIKE '%student.leaving%'"))).all()
    assert [r[0]["card"] for r in rows] == ["20252001"]
    assert "孙丽华" not in str(rows)


async def test_one_student_leaves_once_at_a_time(app) -> None:
    async with client(app, COUNSELLOR) as me:
        assert (await me.post("/api/institute/students-leaving", json=form())).status_code == 201
        assert (await me.post("/api/institute/students-leaving", json=form())).status_code == 422


@pytest.mark.parametrize("by_us", [True, False])
async def test_who_stays_is_told_to_the_library_unless_it_told_us(app, works, by_us) -> None:
    async with client(app, COUNSELLOR) as me:
        number = (await me.post("/api/institute/students-leaving", json=form())).json()["no"]
        if by_us:
            await me.post(f"/api/institute/students-leaving/{number}/withdraw", json={"note": "延期毕业"})
        else:
            await hear(works, ClearanceCancelled(number="LX2026-0001", student_case=number, card="20252001"))
        assert (await me.get(f"/api/institute/students-leaving/{number}")).json()["state"] == "withdrawn"
    async with works.sessions() as session:
        rows = (await session.execute(text("SELECT 1 FROM outbox WHERE subject LIKE '%student.stays%'"))).all()
    assert len(rows) == int(by_us)


HEAD = Actor(id="G1001", name="主任", posts=("head-institute", "INS-TCH"), dept="institute")


async def test_an_export_is_masked_unless_a_head_says_why(app, works) -> None:
    """covers: INS-TCH-MID-04"""
    sheet = "/institute/students-leaving/export"

    def people(content: bytes) -> list[tuple[object, ...]]:
        rows = list(load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True))
        return [row[1:3] for row in rows[1:]]

    async with client(app, COUNSELLOR) as me, client(app, HEAD) as head:
        assert (await me.post("/api/institute/students-leaving", json=form())).status_code == 201
        assert people((await me.get(sheet)).content) == [("孙**", "••2001")]
        assert people((await head.get(sheet)).content) == [("孙**", "••2001")]
        assert "完整导出" not in (await me.get("/institute/students-leaving")).text
        assert "完整导出" in (await head.get("/institute/students-leaving?state=all")).text
        assert (await me.post(sheet, data={"reason": "送研究生院核对"})).status_code == 403
        assert (await head.post(sheet, data={"reason": "无"})).status_code == 422
        assert people((await head.post(sheet, data={"reason": "送研究生院核对"})).content) == [("孙丽华", "20252001")]
    async with works.sessions() as session:
        rows = (await session.execute(text("SELECT actor, changes ->> 'reason' AS why FROM audit WHERE action = 'export-full'"))).all()
    assert [tuple(row) for row in rows] == [("G1001", "送研究生院核对")]
