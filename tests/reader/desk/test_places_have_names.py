"""What resources call a place is what our screens call it, before the first book stands there. covers: RDR-STK-CST-01, RDR-STK-BCK-03"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from services.reader.app import service
from services.reader.desk.transfers import commands as transfers
from services.reader.desk.transfers.queries import named
from services.reader.discovery.shelves.register import shelf_ranges
from services.reader.rooms.locations.handlers import handlers
from services.reader.rooms.service_points import commands as points
from services.reader.rooms.service_points.queries import locations
from shared.events.resources import (
    EvaluationPublished,
    HoldingsReported,
    HoldingsSum,
    LocationSaved,
)
from shared.testing.registers import han_in
from tests.reader.desk.conftest import HEAD, OUTSIDER, Desk
from tests.support.databases import Database
from tests.support.departments import client, opened


def place(name: str) -> LocationSaved:
    return LocationSaved(code="NEW", place_name=name, place_name_en="New stacks", floor="五层")


async def test_a_new_place_can_be_kept_by_a_point_and_be_the_end_of_a_transfer(desk: Desk) -> None:
    await desk.heed(handlers, place("新书库"))
    await desk.heed(handlers, place("新书库"))
    async with desk.work() as work:
        assert await locations(work.session) == [("NEW", "新书库", 0)]
        assert await named(work.session, "NEW") == ("新书库", "New stacks")
    await desk.do(points.save, HEAD, code="MAIN", name="总服务台", main=True, new=True)
    await desk.do(points.assign, HEAD, code="MAIN", locations=["NEW"])
    transfer, _listed = await desk.do(transfers.open_transfer, origin="MAIN", location="NEW", reason="布局调整")
    assert transfer.place == "新书库"


async def test_the_rack_table_shows_the_name_and_follows_a_new_one(desk: Desk) -> None:
    await desk.heed(handlers, place("新书库"))
    async with desk.work(HEAD) as work:
        one = await shelf_ranges.open(work, location="NEW", floor="五层", from_call="I24", to_call="I25", hall="东", rack=1)
        assert one.location_name == "新书库"
    await desk.heed(handlers, place("东区书库"))
    assert await desk.rows("SELECT location_name FROM shelf_range") == [("东区书库",)]


def month(period: str, copies: int) -> HoldingsReported:
    return HoldingsReported(
        number=f"DCY{period}", period=period, total=HoldingsSum(titles=9, copies=copies, value_cents=0, opening=0), handed_in_on=date(2026, 11, 2),
        locations=(HoldingsSum(location="NEW", titles=9, copies=copies, value_cents=0, opening=7, added=3, moved_in=2, lost=1),),
    )


async def test_the_rooms_are_shown_by_the_last_report_whatever_order_the_reports_come_in(
    desk: Desk, database: Callable[[str], Database], tmp_path: Path
) -> None:
    for fact in (month("2026-10", 60), place("新书库").model_copy(update={"volumes": 100}), month("2026-10", 60), month("2026-09", 50)):
        await desk.heed(handlers, fact)
    await desk.heed(handlers, EvaluationPublished(number="PJ1", title="秋季评价", first=date(2026, 9, 1), last=date(2026, 9, 30), copies=60))
    async with opened(service, database("reader"), tmp_path) as app:
        async with client(app, HEAD) as web:
            page = (await web.get("/reader/holdings")).text
        async with client(app, HEAD, cookie="lang=en") as web:
            english = (await web.get("/reader/holdings")).text
        async with client(app, OUTSIDER) as web:
            assert (await web.get("/reader/holdings")).status_code == 403
    assert ("还可放 40 册" in page, "秋季评价" in page, "2026-10" in page) == (True, True, True)
    assert not han_in(english)
