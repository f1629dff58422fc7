"""A proposal at the shelf becomes a batch, the batch a pull list, and what is not weeded stands on its shelf again.

covers: RES-MGT-04 RDR-STK-CST-02
"""

from __future__ import annotations

from typing import Any

from tests.flows.conftest import Story, eventually


async def test_from_the_shelf_to_a_batch_and_back(story: Story) -> None:
    barcode, _instance = await story.a_book("架上旧书")
    await story.post("rdr-stk", "/api/reader/weeding-pulls/proposals", status=201, barcodes=[barcode], reason="内容陈旧")
    batches = "/api/resources/weeding-lists"
    number = (await story.post(
        "res-mgt", batches, status=201, title="架上提名", grounds=["proposed"], call_from="G253", call_to="G253", include_last=True,
    ))["no"]

    async def sent() -> bool:
        """The proposal has arrived: the batch that is built now can be sent."""
        await story.post("res-mgt", f"{batches}/{number}/build")
        client = await story.people("res-mgt")
        return bool((await client.post(f"{batches}/{number}/send", json={})).status_code == 200)

    await eventually(sent)
    pulls = f"/api/reader/weeding-pulls/{number}"

    async def arrived() -> dict[str, Any]:
        client = await story.people("rdr-stk")
        answer = await client.get(pulls)
        return answer.json() if answer.status_code == 200 else {}

    assert (await eventually(arrived))["open"] >= 1
    assert (await story.post("rdr-stk", f"{pulls}/scans", barcode=barcode))["outcome"] == "found"
    assert not (await story.item(barcode))["available"]
    await story.post("rdr-stk", f"{pulls}/finish")

    async def viewing() -> bool:
        return (await story.get("res-mgt", f"{batches}/{number}"))["state"] == "viewing"

    await eventually(viewing)
    await story.post("res-mgt", f"{batches}/{number}/cancel", cancel_reason="改为保留")

    async def there() -> bool:
        return bool((await story.item(barcode))["available"])

    await eventually(there)
