"""From the workroom to the hold shelf and back, and on to another location: by API and by events alone.

covers: RES-MGT-01 RES-MGT-04 RDR-LED-FRD-02 RDR-LED-FRD-06
"""

from __future__ import annotations

from typing import Any

from tests.flows.conftest import Story, eventually

POINT = "FLOW"


async def a_point(story: Story) -> None:
    """A service point by its form, known in the workroom once the fact arrived there."""
    head = await story.people("rdr-led")
    answer = await head.post("/reader/service-points/save", data={
        "code": POINT, "name": "故事服务点", "kind": "room", "open": "on", "new": "1",
    })
    assert answer.status_code in {200, 303, 422}, answer.text[:300]  # 422: it was opened before

    async def known() -> bool:
        client = await story.people("res-mgt")
        page = await client.get("/resources/handovers/new", headers={"Accept": "text/html"})
        return f'value="{POINT}"' in page.text

    await eventually(known)


async def in_batch(story: Story, *codes: str) -> str:
    """Gathered, checked and sent; listed at the desk."""
    made = await story.post("res-mgt", "/api/resources/handovers", status=201, point=POINT, barcodes=list(codes))
    assert sorted(made["added"]) == sorted(codes)
    url = f"/api/resources/handovers/{made['number']}"
    for code in codes:
        await story.post("res-mgt", f"{url}/checks", barcode=code)
    await story.post("res-mgt", f"{url}/send")

    async def listed() -> bool:
        client = await story.people("rdr-dsk")
        return (await client.get(f"/api/reader/handovers/{made['number']}")).status_code == 200

    await eventually(listed)
    return str(made["number"])


async def at_resources(story: Story, number: str, state: str) -> dict[str, Any]:
    async def found() -> dict[str, Any]:
        batch = await story.get("res-mgt", f"/api/resources/handovers/{number}")
        return batch if batch["state"] == state else {}

    return await eventually(found)


async def test_a_waited_for_book_is_counted_in_and_another_comes_a_second_time(story: Story) -> None:
    await a_point(story)
    (wanted, instance), (other, _i) = [await story.a_book(t, in_process=True) for t in ("新书速递", "新书待查")]
    assert [(await story.item(code))["circulation"] for code in (wanted, other)] == ["in_process", "in_process"]
    card = await story.a_patron()
    await story.post("rdr-dsk", "/api/reader/loans", status=409, card=card, barcode=wanted)
    hold = await story.post("rdr-dsk", "/api/reader/holds", status=201, card=card, instance_id=instance)

    number = await in_batch(story, wanted, other)
    assert (await story.item(wanted))["custodian"] == "resources"
    url = f"/api/reader/handovers/{number}"
    await story.post("rdr-dsk", f"{url}/scans", barcode=wanted)
    refused = await story.post("rdr-dsk", f"{url}/confirm", status=409)
    assert [r["code"] for r in refused["reasons"]] == ["line-expected"]
    await story.post("rdr-dsk", f"{url}/scans", barcode=other, verdict="label_wrong", note="书标贴错")
    await story.post("rdr-dsk2", f"{url}/dispute", note="请换书标")
    assert (await story.item(wanted))["circulation"] == "hold_shelf"
    lent = await story.post("rdr-dsk", "/api/reader/loans", status=201, card=card, barcode=wanted)
    assert lent["hold"]["id"] == hold["id"]

    back = await at_resources(story, number, "disputed")
    assert {x["barcode"]: (x["outcome"], x["reason"]) for x in back["items"]} == {
        wanted: ("accepted", ""), other: ("label_wrong", "书标贴错"),
    }
    item = await story.get("res-mgt", f"/api/resources/items/{other}")
    assert (item["life"], item["custodian"]) == ("in_process", "resources")
    await story.post("res-mgt", f"/api/resources/handovers/{number}/settle", note="已换书标")
    again = await in_batch(story, other)
    await story.post("rdr-dsk", f"/api/reader/handovers/{again}/scans", barcode=other)
    await story.post("rdr-dsk", f"/api/reader/handovers/{again}/confirm")
    assert (await story.item(other))["available"]
    await at_resources(story, again, "confirmed")
    item = await story.get("res-mgt", f"/api/resources/items/{other}")
    assert (item["life"], item["custodian"]) == ("in_stock", "reader")
    await the_timeline_tells_it(story, number, other)


async def the_timeline_tells_it(story: Story, number: str, barcode: str) -> None:
    wanted = ["resources.item.handed-over", "reader.handover.awaited", "reader.handover.disputed", "resources.handover.settled"]

    async def told() -> list[str]:
        events = (await story.get("rdr-dsk", "/api/timeline", case=number, limit=100))["items"]
        names = [e["event"] for e in sorted(events, key=lambda e: e["at"])]
        return names if all(name in names for name in wanted) else []

    names = await eventually(told)
    assert [name for name in names if name in wanted] == wanted

    async def of_the_item() -> bool:
        events = (await story.get("rdr-dsk", "/api/timeline", item=barcode, limit=100))["items"]
        return "reader.handover.confirmed" in [e["event"] for e in events]

    await eventually(of_the_item)


async def test_a_transferred_book_stands_elsewhere_in_both_departments(story: Story) -> None:
    await a_point(story)
    code, _instance = await story.a_book("调拨记")
    made = await story.post(
        "rdr-dsk", "/api/reader/transfers", status=201, origin=POINT, location="zk-3f", to=POINT, barcodes=[code]
    )
    url = f"/api/reader/transfers/{made['number']}"
    await story.post("rdr-dsk", f"{url}/submit")
    await story.post("rdr-led", f"{url}/approve")
    await story.post("rdr-dsk", f"{url}/sent-scans", barcode=code)
    await story.post("rdr-dsk", f"{url}/send")
    assert (await story.item(code))["circulation"] == "relocating"
    await story.post("rdr-dsk2", f"{url}/received-scans", barcode=code)
    assert (await story.item(code))["location"] == "zk-3f"

    async def followed() -> bool:
        return (await story.get("res-mgt", f"/api/resources/items/{code}"))["location"] == "zk-3f"

    await eventually(followed)
