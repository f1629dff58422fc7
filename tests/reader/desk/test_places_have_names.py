"""What resources call a place is what our screens call it, before the first book stands there. covers: RDR-STK-CST-01"""

from __future__ import annotations

from services.reader.desk.transfers import commands as transfers
from services.reader.desk.transfers.queries import named
from services.reader.discovery.shelves.register import shelf_ranges
from services.reader.rooms.locations.handlers import handlers
from services.reader.rooms.service_points import commands as points
from services.reader.rooms.service_points.queries import locations
from shared.events.resources import LocationSaved
from tests.reader.desk.conftest import HEAD, Desk


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
