"""The main job, by API, across the desk, the workshop, the hold shelf, the ledger and the timeline.

covers: RDR-DSK-BAS-02 RDR-DSK-BAS-05 RES-DIG-02 RES-MGT-01 RES-MGT-04
"""

from __future__ import annotations

from shared.demo import BY_LOGIN
from tests.flows.conftest import Story, eventually


async def test_from_the_return_to_the_next_patron(story: Story) -> None:
    barcode, instance = await story.a_book()
    first, next_one = await story.a_patron(), await story.a_patron()
    loan = await story.post("rdr-dsk", "/api/reader/loans", status=201, card=first, barcode=barcode)
    assert loan["due_on"]
    assert loan["explain"]["sentence"]
    hold = await story.post("rdr-dsk", "/api/reader/holds", status=201, card=next_one, instance_id=instance)
    back = await story.post("rdr-dsk", "/api/reader/returns", barcode=barcode, condition="spine:medium")
    assert back["next"] == "repair"
    slip = back["slip"]["slip"]
    item = await story.item(barcode)
    assert not item["available"]
    assert item["why_not"]

    job = await story.repair_of(slip)
    await story.post("res-dig", f"/api/resources/repairs/{job['no']}/start", note="书脊脱胶")
    refused = await story.post("rdr-dsk", "/api/reader/loans", status=409, card=next_one, barcode=barcode)
    assert refused["reasons"]
    await story.post("res-dig", f"/api/resources/repairs/{job['no']}/finish", note="重新上胶压平")
    inspection = await story.inspection_of(slip)
    passed = await story.post("rdr-dsk2", f"/api/reader/inspections/{inspection['id']}/pass", note="牢固")
    assert passed["next"] == "hold_shelf"
    assert passed["hold"]["card"] == next_one
    lent = await story.post("rdr-dsk", "/api/reader/loans", status=201, card=next_one, barcode=barcode)
    assert lent["hold"]["id"] == hold["id"]

    await _the_timeline_tells_it(story, barcode, slip)
    await _the_ledger_credits_them(story, slip)


async def _the_timeline_tells_it(story: Story, barcode: str, slip: str) -> None:
    wanted = [
        "reader.item.damaged", "resources.repair.opened", "resources.repair.started",
        "resources.repair.completed", "reader.inspection.passed", "reader.hold.ready",
    ]

    async def told() -> list[dict]:
        events = (await story.get("rdr-dsk", "/api/timeline", item=barcode, limit=100))["items"]
        names = [e["event"] for e in events]
        return events if all(name in names for name in wanted) else []

    events = await eventually(told)
    chain = [e for e in events if e["correlation"] == next(x for x in events if x["event"] == "reader.item.damaged")["correlation"]]
    assert {e["department"] for e in chain} == {"reader", "resources"}
    assert all(e["sentence"] for e in events)
    order = [e["event"] for e in sorted(chain, key=lambda e: e["at"])]
    assert [name for name in order if name in wanted] == wanted
    whole = await story.get("director", "/api/timeline", correlation=chain[0]["correlation"], limit=100)
    assert {(e["at"], e["event"]) for e in chain} <= {(e["at"], e["event"]) for e in whole["items"]}


async def _the_ledger_credits_them(story: Story, slip: str) -> None:
    for login, duty in (("rdr-dsk", "RDR-DSK-BAS-05"), ("res-dig", "RES-DIG-02"), ("rdr-dsk2", "RDR-DSK-BAS-05")):
        async def credited(me: str = BY_LOGIN[login].no, duty: str = duty) -> bool:
            page = await story.get("director", "/api/office/ledger", person=me, duty=duty)
            return page["total"] > 0

        await eventually(credited)
    checked = await story.get("director", "/api/office/ledger/verify")
    assert checked["ok"]
    assert checked["rows"] > 0


async def test_twice_failed_goes_to_the_weeding_register_and_out(story: Story) -> None:
    barcode, instance = await story.a_book("散页集")
    waiting = await story.a_patron()
    patron = await story.a_patron()
    await story.post("rdr-dsk", "/api/reader/loans", status=201, card=patron, barcode=barcode)
    hold = await story.post("rdr-dsk", "/api/reader/holds", status=201, card=waiting, instance_id=instance)
    back = await story.post("rdr-dsk", "/api/reader/returns", barcode=barcode, condition="spine:medium")
    slip = back["slip"]["slip"]
    for _round in range(2):
        job = await story.repair_of(slip, "waiting")
        await story.post("res-dig", f"/api/resources/repairs/{job['no']}/start", note="散页")
        await story.post("res-dig", f"/api/resources/repairs/{job['no']}/finish", note="重装")
        inspection = await story.inspection_of(slip)
        await story.post("rdr-dsk2", f"/api/reader/inspections/{inspection['id']}/fail", note="仍脱页")

    async def candidate() -> dict:
        page = await story.get("res-mgt", "/api/resources/weeding", size=100)
        return next((line for line in page["items"] if line["barcode"] == barcode), {})

    line = await eventually(candidate)
    url = f"/api/resources/weeding/{line['no']}"
    for who, action, asked in _TO_THE_END:
        await story.post(who, f"{url}/{action}", **asked)

    async def told() -> bool:
        item = await story.item(barcode)
        return bool(item) and not item["available"] and item["stock"] == "withdrawn"

    await eventually(told)
    queue = await story.get("rdr-dsk", "/api/reader/holds", instance_id=instance)
    assert hold["id"] not in [h["id"] for h in queue["items"]]

    async def hidden() -> bool:
        return (await story.get("rdr-dsk", "/api/reader/catalogue", q=barcode))["total"] == 0

    await eventually(hidden)


_TO_THE_END: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("res-mgt", "view", {"view": "withdraw", "opinion": "两次返修不合格，无保存价值"}),
    ("head-resources", "approve", {"meeting_no": "馆务会〔2026〕12 号"}),
    ("director", "approve_last", {"second_reason": "馆内已无其他复本，另有电子版"}),
    ("res-mgt", "write_off", {"asset_no": "资产〔2026〕7 号"}),
    ("res-mgt", "dispose", {"way": "pulp", "proof": "过磅单 118"}),
)


async def test_a_slip_withdrawn_before_pick_up_cancels_the_job(story: Story) -> None:
    barcode, _instance = await story.a_book("误报记")
    slip = (await story.post("rdr-dsk", "/api/reader/damage-reports", status=201, barcode=barcode, kind="cover", grade="medium"))["slip"]
    await story.repair_of(slip, "waiting")
    await story.post("rdr-dsk", f"/api/reader/damage-reports/{slip}/withdraw", reason="看错了")
    await story.repair_of(slip, "cancelled")
    assert (await story.item(barcode))["available"]


async def test_light_damage_is_mended_at_the_desk_and_judged_by_a_colleague(story: Story) -> None:
    barcode, _instance = await story.a_book("小修小补")
    slip = (await story.post("rdr-dsk", "/api/reader/damage-reports", status=201, barcode=barcode, kind="label", grade="light"))["slip"]
    await story.post("rdr-dsk", f"/api/reader/damage-reports/{slip}/finish", note="补贴书标", minutes=5)
    inspection = await story.inspection_of(slip)
    own = await story.post("rdr-dsk", f"/api/reader/inspections/{inspection['id']}/pass", status=409)
    assert own["code"] == "same-person"
    passed = await story.post("rdr-dsk2", f"/api/reader/inspections/{inspection['id']}/pass")
    assert passed["next"] == "shelve"
    assert (await story.item(barcode))["available"]
