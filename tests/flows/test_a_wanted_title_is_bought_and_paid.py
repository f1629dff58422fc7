"""From a wanted title to a paid order: two departments, six people, by API and by events alone.

covers: OFF-FIN-01 OFF-FIN-02 RES-ACQ-01 RES-ACQ-04
"""

from __future__ import annotations

from typing import Any

from tests.flows.conftest import Story, eventually

ORDERS, VOUCHERS = "/api/resources/orders", "/api/office/vouchers"


async def test_a_wanted_title_is_ordered_accepted_invoiced_and_paid(story: Story) -> None:
    async def fund() -> str:
        """The budget line as the buyers know it."""
        found = (await story.get("off-fin", "/api/office/budgets", q="中文图书"))["items"]
        return next((line["no"] for line in found if line["state"] == "running"), "")

    budget = await eventually(fund)
    wish = (await story.post("res-acq", "/api/resources/desiderata", status=201, title="大运河图考", price_cents=4000, copies=2))["no"]
    made = await story.post("res-acq", ORDERS, status=201, supplier="江畔新华", fund=budget)
    order = f"{ORDERS}/{made['no']}"
    await story.post("res-acq", f"{order}/lines", status=201, desiderata=[wish])
    # The stock of the whole run may hold the title from a story before.
    await story.post("res-acq", f"{order}/check", again_reason="复本")
    await story.post("head-resources", f"{order}/approve")
    await story.post("res-acq", f"{order}/place")

    async def stands(url: str, state: str) -> bool:
        """The case is as far as that."""
        return bool((await story.get("res-acq", url))["state"] == state)

    await eventually(lambda: stands(order, "placed"))
    assert await stands(f"/api/resources/desiderata/{wish}", "ordered")
    (line,) = (await story.get("res-acq", f"{order}/lines"))["items"]
    got = await story.post(
        "res-mgt", "/api/resources/acceptances", status=201, order_no=made["no"], arrived_on="2026-11-20", parcels=1, location="sk-2f"
    )
    await story.post("res-mgt", f"/api/resources/acceptances/{got['no']}/counts", line_id=line["id"], arrived=2)
    await story.post("res-mgt", f"/api/resources/acceptances/{got['no']}/accept")
    bill = await story.post(
        "res-acq", "/api/resources/invoices", status=201, order_no=made["no"], invoice_no=f"F-{made['no']}", invoiced_on="2026-11-21",
        amount=line["net_cents"],
    )
    await story.post("res-acq", f"/api/resources/invoices/{bill['no']}/submit")

    async def voucher() -> dict[str, Any]:
        """The office's answer to the invoice."""
        found = (await story.get("off-fin", VOUCHERS, q=bill["no"]))["items"]
        return next(iter(found), {})

    number = (await eventually(voucher))["no"]
    await story.post("off-fin", f"{VOUCHERS}/{number}/audit")
    await story.post("head-office", f"{VOUCHERS}/{number}/approve")
    finance = await story.people("off-fin")
    answer = await finance.post(f"{VOUCHERS}/{number}/execute", json={"method": "转账"})
    assert answer.status_code == 200, answer.text
    await eventually(lambda: stands(order, "closed"))
    assert (await story.get("res-acq", f"/api/resources/invoices/{bill['no']}"))["voucher"] == number
