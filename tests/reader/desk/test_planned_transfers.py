"""A plan of resources becomes approved lists of the desk, one per point; what cannot be fetched is said. covers: RDR-LED-FRD-06, RDR-STK-CST-03"""

from __future__ import annotations

from datetime import UTC, datetime

from services.reader.desk.transfers import commands
from services.reader.desk.transfers.handlers import handlers
from services.reader.rooms.service_points import commands as points
from shared.events.resources import PlannedItem, TransferPlanned
from tests.reader.desk.conftest import HEAD, Desk


async def test_lists_are_made_once_and_move_like_any_other(desk: Desk) -> None:
    for code, name, places in (("MAIN", "总服务台", ["LIT"]), ("EAST", "东区", ["EAS"]), ("STK", "密集书库", ["OLD"])):
        await desk.do(points.save, HEAD, code=code, name=name, main=code == "MAIN", new=True)
        await desk.do(points.assign, HEAD, code=code, locations=places)
    first, second, lent = [await desk.item() for _ in range(3)]
    east = await desk.item(location="EAS", location_name="东区书库")
    lost = await desk.item(location="WWW", location_name="无人管")
    await desk.lend(await desk.patron(), lent)
    here = {"LIT": [first, second, lent], "EAS": [east], "WWW": [lost], "OLD": ["X00000000"]}
    fact = TransferPlanned(
        number="DBJ2026-000001", title="布局调整", location="OLD", location_name="密集书库", reason="十年未借", count=6, made_by="S001",
        approved_by="S601", approved_at=datetime(2026, 11, 2, tzinfo=UTC),
        items=tuple(PlannedItem(item_id="", barcode=code, from_location=place) for place, codes in here.items() for code in codes),
    )
    for _twice in range(2):
        await desk.heed(handlers, fact)
    lists = await desk.rows("SELECT number, origin, \"to\", state, made_by, approved_by, reason FROM transfer ORDER BY origin")
    assert [row[1:] for row in lists] == [
        ("EAST", "STK", "approved", "S001", "S601", "十年未借"), ("MAIN", "STK", "approved", "S001", "S601", "十年未借"),
    ]
    ((_name, told, _correlation),) = await desk.said("reader.transfer-plan.taken-up")
    assert (told["count"], told["refused_count"]) == (3, 3)
    assert {one["barcode"] for one in told["refused"]} == {lent, lost, "X00000000"}
    assert {one["number"]: sorted(one["barcodes"]) for one in told["lists"]} == {lists[0][0]: [east], lists[1][0]: sorted([first, second])}
    assert len(await desk.said("reader.transfer.approved")) == 2
    await desk.do(commands.scan_out, number=lists[1][0], barcode=first)
    await desk.do(commands.send, number=lists[1][0])
    await desk.do(commands.scan_in, number=lists[1][0], barcode=first)
    assert await desk.rows("SELECT location FROM item WHERE barcode = :b", b=first) == [("OLD",)]
