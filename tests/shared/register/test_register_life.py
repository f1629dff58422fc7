"""A record's way through its life: rights, locks, two pairs of eyes, and what the bus hears."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import text

from tests.shared.register.conftest import APPLICANT, HEAD, KEEPER, OTHER, PATRON

SOON = (date.today() + timedelta(days=30)).isoformat()
FILLED = {"item": "书立", "qty": "3", "amount_cents": "12.50", "dept": "流通阅览部", "needed_on": SOON, "reason": "新书上架需要书立"}


async def opened(client, **changes) -> str:
    answer = await client.post("/office/requisitions", data={**FILLED, **changes})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].rsplit("/", 1)[1]


async def act(client, no: str, name: str, **data):
    return await client.post(f"/office/requisitions/{no}/act/{name}", data=data)


async def test_a_case_is_opened_by_a_plain_form_and_shown(client):
    me = client(APPLICANT)
    no = await opened(me)
    assert no.startswith("SL") and no.endswith("-0001")
    page = await me.get(f"/office/requisitions/{no}")
    assert page.status_code == 200
    assert "书立" in page.text and "¥12.50" in page.text and "草稿" in page.text
    listed = await me.get("/office/requisitions")
    assert no in listed.text and "共 1 条" in listed.text
