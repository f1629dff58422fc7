"""A record's way through its life: rights, locks, two pairs of eyes, and what the bus hears."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from tests.shared.register.conftest import APPLICANT, HEAD, KEEPER, OTHER, PATRON
from tests.support.days import local_day

SOON = (local_day() + timedelta(days=30)).isoformat()
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
    assert no.startswith("SL")
    assert no.endswith("-0001")
    page = await me.get(f"/office/requisitions/{no}")
    assert page.status_code == 200
    assert "书立" in page.text
    assert "¥12.50" in page.text
    assert "草稿" in page.text
    listed = await me.get("/office/requisitions")
    assert no in listed.text
    assert "共 1 条" in listed.text


async def test_the_case_goes_its_way_and_every_step_checks_who(client):
    me, head, keeper = client(APPLICANT), client(HEAD), client(KEEPER)
    no = await opened(me)
    assert (await act(client(OTHER), no, "submit")).status_code == 403
    assert (await act(me, no, "submit")).status_code == 303
    assert (await act(me, no, "approve")).status_code == 403
    assert (await act(head, no, "approve")).status_code == 303
    assert (await act(head, no, "approve")).status_code == 409
    assert (await act(keeper, no, "issue")).status_code == 303
    page = await me.get(f"/office/requisitions/{no}")
    for name in ("林晓雯", "已发放", "批准", "发放"):
        assert name in page.text


async def test_nobody_approves_their_own_case(client):
    head = client(HEAD)
    no = await opened(head)
    await act(head, no, "submit")
    answer = await head.post(f"/api/office/requisitions/{no}/approve", json={})
    assert answer.status_code == 409
    assert answer.json()["code"] == "same-person"


async def test_a_stale_version_is_refused(client):
    me = client(APPLICANT)
    no = await opened(me)
    answer = await me.post(f"/office/requisitions/{no}/edit", data={**FILLED, "qty": "4", "version": "1"})
    assert answer.status_code == 303
    answer = await me.post(f"/office/requisitions/{no}/edit", data={**FILLED, "qty": "5", "version": "1"})
    assert answer.status_code == 409
    found = (await me.get(f"/api/office/requisitions/{no}")).json()
    assert found["qty"] == 4
    assert found["version"] == 2


async def test_a_rejection_asks_for_its_reason_and_tells_it(client, app):
    me, head = client(APPLICANT), client(HEAD)
    no = await opened(me)
    await act(me, no, "submit")
    bare = await act(head, no, "reject")
    assert bare.status_code == 422
    assert "必填" in bare.text
    assert (await act(head, no, "reject", reject_reason="本月已申领")).status_code == 303
    async with app.state.kit.sessions() as session:
        rows = (await session.execute(text("select subject, payload, headers from outbox order by id"))).all()
    assert {r.subject for r in rows} == {"guanwu.office.case.moved.v1"}
    assert [r.payload["action"] for r in rows] == ["create", "submit", "reject"]
    assert len({r.headers["correlation"] for r in rows}) == 1
    assert rows[0].payload["holders"] == ["S001"]
    assert rows[1].payload["holders"] == ["OFF-ADM"]
    last = rows[2].payload
    assert last["final"]
    assert last["note"] == "本月已申领"
    assert last["holders"] == []
    assert last["serves"] == ["OFF-ADM-05"]
    assert last["due_on"] is None


async def test_a_refusing_rule_leaves_everything_as_it_was(client, app):
    me, head, keeper = client(APPLICANT), client(HEAD), client(KEEPER)
    no = await opened(me, qty="450")
    await act(me, no, "submit")
    await act(head, no, "approve")
    answer = await keeper.post(f"/api/office/requisitions/{no}/issue", json={})
    assert answer.status_code == 409
    assert answer.json()["code"] == "out-of-stock"
    assert (await me.get(f"/api/office/requisitions/{no}")).json()["state"] == "approved"
    async with app.state.kit.sessions() as session:
        assert await session.scalar(text("select count(*) from outbox")) == 3


async def test_errors_come_back_in_the_form_with_what_was_typed(client):
    answer = await client(APPLICANT).post("/office/requisitions", data={**FILLED, "qty": "0", "item": "", "amount_cents": "99999"})
    assert answer.status_code == 422
    assert "须大于 0" in answer.text
    assert "必填" in answer.text
    assert "不能大于 50,000.00" in answer.text
    assert 'value="99999"' in answer.text
    assert "新书上架需要书立" in answer.text
    assert 'aria-invalid="true"' in answer.text


async def test_a_patron_and_a_stranger_stay_outside(client):
    assert (await client(PATRON).get("/office/requisitions")).status_code == 403
    assert (await client().get("/office/requisitions")).status_code == 303
    assert (await client().get("/api/office/requisitions")).status_code == 401


async def test_two_people_cannot_take_the_same_step(client):
    import asyncio

    me, head = client(APPLICANT), client(HEAD)
    no = await opened(me)
    await act(me, no, "submit")
    answers = await asyncio.gather(*(act(head, no, "approve") for _ in range(6)))
    assert sorted(a.status_code for a in answers) == [303, 409, 409, 409, 409, 409]


async def test_a_case_is_deleted_only_while_it_has_not_moved(client):
    me = client(APPLICANT)
    first, second = await opened(me), await opened(me)
    await act(me, second, "submit")
    assert (await me.post(f"/office/requisitions/{first}/delete")).status_code == 303
    assert (await me.get(f"/office/requisitions/{first}")).status_code == 404
    assert (await me.post(f"/office/requisitions/{second}/delete")).status_code == 403


async def test_files_of_a_form_belong_to_the_record_and_come_back_unharmed(client):
    me = client(APPLICANT)
    answer = await me.post("/office/requisitions", data=FILLED, files={"papers": ("报价单.txt", "报价".encode(), "text/plain")})
    assert answer.status_code == 303, answer.text
    page = await me.get(answer.headers["location"])
    assert "报价单.txt" in page.text
    link = page.text.split("/files/")[1].split('"')[0]
    found = await me.get(f"{answer.headers['location']}/files/{link}")
    assert found.text == "报价"
    assert "inline" in found.headers["content-disposition"]


async def test_a_file_that_would_harm_is_kept_as_bytes_and_never_run(client):
    """Names that climb lose their way, what is not what it says is not shown, too much is refused and nothing is kept."""
    me = client(APPLICANT)
    page = b"<script>alert(1)</script>"
    for name, media, shown in (
        ("../../etc/cron.d/x", "text/html", "x"), ("..\\..\\x.svg", "image/svg+xml", "x.svg"), ("a\"b.png", "image/png", ""),
    ):
        answer = await me.post("/office/requisitions", data=FILLED, files={"papers": (name, page, media)})
        assert answer.status_code == 303, answer.text
        record = await me.get(answer.headers["location"])
        link = record.text.split("/files/")[1].split('"')[0]
        assert "etc" not in record.text.split("/files/")[1].split("</a>")[0]
        found = await me.get(f"{answer.headers['location']}/files/{link}")
        assert found.headers["x-content-type-options"] == "nosniff"
        assert found.headers["content-type"] in ("application/octet-stream", "image/png")
        assert ("attachment" in found.headers["content-disposition"]) == (media != "image/png")
        assert found.headers["content-disposition"].endswith(shown)
    large = await me.post("/office/requisitions", data=FILLED, files={"papers": ("x.txt", b"0" * (21 << 20), "text/plain")})
    assert large.status_code == 413


async def test_another_sites_form_is_refused(client):
    answer = await client(APPLICANT, **{"sec-fetch-site": "cross-site"}).post("/office/requisitions", data=FILLED)
    assert answer.status_code == 403
