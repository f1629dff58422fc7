"""Journals across both departments: a bundle becomes a volume on the shelf, a gap is claimed until the issue comes.

covers: RES-DIG-02 RES-ACQ-01 RDR-STK-BCK-02 RDR-CIR-ACJ-02 RDR-CIR-ACJ-04
"""

from __future__ import annotations

import io
import re
from datetime import date, timedelta
from typing import Any

import psycopg
import pymarc

from deploy.local.suite import Suite
from shared.settings import LOCAL
from tests.flows.conftest import Story, _serial, eventually
from tests.flows.test_new_books_reach_their_readers import a_point, in_batch

ISSUE = re.compile(r"/reader/serials/issues/([0-9a-f-]{36})")
SETS, ORDERS = "/api/resources/binding-sets", "/api/resources/binding-orders"


def today() -> date:
    from datetime import datetime

    return datetime.now(LOCAL).date()


async def form(story: Story, who: str, url: str, **data: Any) -> str:
    """A form sent as a browser does; where it led."""
    client = await story.people(who)
    answer = await client.post(url, data=data, headers={"Accept": "text/html"})
    assert answer.status_code in {200, 303}, f"{who} {url}: {answer.status_code} {answer.text[-1500:]}"
    return str(answer.headers.get("location") or answer.url.path)


async def shown(story: Story, who: str, url: str) -> str:
    client = await story.people(who)
    answer = await client.get(url, headers={"Accept": "text/html"})
    assert answer.status_code == 200, f"{who} {url}: {answer.status_code}"
    return answer.text


async def a_title(story: Story, name: str, *, since: date, tolerance: int = 0) -> str:
    """A journal on the racks."""
    where = await form(
        story, "rdr-cir", "/reader/serials/titles", title=name, kind="journal", copies="1", from_on=since.isoformat(), state="active",
        tolerance_days=str(tolerance), room="学术期刊室",
    )
    found = re.search(r"BK\d{4}-\d{4,}", where)
    assert found, where
    return found[0]


async def a_record(story: Story, name: str) -> str:
    """The serial's record, by the cataloguer's import: its number."""
    record = pymarc.Record(force_utf8=True)
    record.leader = pymarc.Leader("00000nas a2200000   4500")
    record.add_field(pymarc.Field("001", data=f"flow-{name}"))
    for tag, pairs in (("245", [("a", name)]), ("260", [("a", "镇江"), ("b", "云山大学出版社"), ("c", "1980-")]), ("090", [("a", "G25/88")])):
        record.add_field(pymarc.Field(tag, indicators=["1", "0"], subfields=[pymarc.Subfield(*pair) for pair in pairs]))
    client = await story.people("res-mgt")
    answer = await client.post(
        "/api/resources/imports", data={"location": "sk-2f", "start": "1"}, files={"file": (f"{name}.mrc", io.BytesIO(record.as_marc()), "application/marc")},
    )
    assert answer.status_code == 202, answer.text

    async def found() -> str:
        page = await story.get("res-mgt", "/api/resources/instances", q=name)
        return next((str(one["number"]) for one in page["items"] if one["title"] == name), "")

    return str(await eventually(found))


async def the_set(story: Story, bundle: str, state: str, batch: str) -> dict[str, Any]:
    async def found() -> dict[str, Any]:
        page = await story.get("res-dig", SETS, q=bundle, size=50)
        return next((one for one in page["items"] if (one["bundle"], one["batch"], one["state"]) == (bundle, batch, state)), {})

    return dict(await eventually(found))


async def the_bundle(story: Story, bundle: str) -> dict[str, Any]:
    return dict((await story.get("rdr-stk", "/api/reader/backissues/bundles", q=bundle))["items"][0])


async def sent_to_be_bound(story: Story, bundle: str) -> str:
    """Made ready and sent: the batch."""
    await form(story, "rdr-stk", f"/reader/backissues/bundles/{bundle}/prepare", colour="深蓝")
    where = await form(story, "rdr-stk", "/reader/backissues/batches", binder="文印中心", numbers=bundle)
    return where.rsplit("/", 1)[1]


async def test_a_bundle_goes_back_once_and_comes_again_as_a_volume_counted_in_at_the_desk(story: Story) -> None:
    name = f"馆际学刊{next(_serial)}"
    days = [today() - timedelta(days=ago) for ago in (60, 30)]
    title = await a_title(story, name, since=days[0])
    for day in days:
        await form(story, "rdr-cir", f"/reader/serials/titles/{title}/extra", kind="special", day=day.isoformat(), copies="1", caption=f"第{day.month}辑")
    ids = sorted({*ISSUE.findall(await shown(story, "rdr-cir", f"/reader/serials/titles/{title}?year={days[0].year}")),
                  *ISSUE.findall(await shown(story, "rdr-cir", f"/reader/serials/titles/{title}?year={days[1].year}"))})
    assert len(ids) == 2
    await form(story, "rdr-cir", "/reader/serials/display", off=ids)
    where = await form(
        story, "rdr-stk", f"/reader/backissues/titles/{title}/bundle", begin=days[0].isoformat(), end=days[1].isoformat(), place="过刊库 8 架", ids=ids,
    )
    bundle = where.rsplit("/", 1)[1]

    batch = await sent_to_be_bound(story, bundle)
    no = (await the_set(story, bundle, "awaited", batch))["no"]
    refused = await story.post("res-dig", f"{SETS}/{no}/count_in", status=409, counted=1)
    assert refused["code"] == "binding.count-differs"
    await story.post("res-dig", f"{SETS}/{no}/send_back", remark="少一期")

    async def announced() -> bool:
        return "少一期" in await shown(story, "rdr-stk", f"/reader/backissues/bundles/{bundle}")

    await eventually(announced)
    await form(story, "rdr-stk", f"/reader/backissues/bundles/{bundle}/back", bound="0", remark="")
    await the_set(story, bundle, "returned", batch)
    assert (await the_bundle(story, bundle))["state"] == "stored"

    batch = await sent_to_be_bound(story, bundle)
    no = (await the_set(story, bundle, "awaited", batch))["no"]
    await story.post("res-dig", f"{SETS}/{no}/count_in", counted=2)
    order = (await story.post("res-dig", ORDERS, status=201, way="outside", binder="江畔装订厂", unit_cents=1800, fund="中文图书"))["no"]
    await story.post("res-dig", f"{SETS}/{no}/assign", order=order)
    await story.post("res-dig", f"{ORDERS}/{order}/send")
    await story.post("res-dig", f"{SETS}/{no}/take_in")
    await story.post("res-dig", f"{SETS}/{no}/accept", order_right=True, pages_right=True, spine_right=True)
    bound = await story.post("res-mgt", f"{SETS}/{no}/enter", place="sk-2f", record_no=await a_record(story, name))
    barcode = bound["barcode"]
    await eventually(lambda: story.item(barcode))

    async def labelled() -> bool:
        return (await the_bundle(story, bundle))["barcode"] == barcode

    await eventually(labelled)
    await a_point(story)
    handover = await in_batch(story, barcode)
    await story.post("rdr-dsk", f"/api/reader/handovers/{handover}/scans", barcode=barcode)
    await story.post("rdr-dsk", f"/api/reader/handovers/{handover}/confirm")
    assert (await the_bundle(story, bundle))["state"] == "returned"
    await form(
        story, "rdr-stk", f"/reader/backissues/bundles/{bundle}/shelve", barcode=barcode, call_number=bound["call_number"], room="过刊阅览室", rack="8-1",
        labelled="1", stripped="1",
    )
    assert (await the_bundle(story, bundle))["state"] == "shelved"
    assert (await story.item(barcode))["available"]
    assert (await the_set(story, bundle, "bound", batch))["price_cents"] == 1800

    wanted = ["reader.serial.binding-sent", "resources.binding.received", "resources.binding.completed", "reader.serial.binding-returned", "reader.serial.volume-shelved"]

    async def told() -> list[str]:
        events = (await story.get("rdr-stk", "/api/timeline", case=bundle, limit=200))["items"]
        names = [one["event"] for one in sorted(events, key=lambda one: one["at"])]
        return names if all(one in names for one in wanted) else []

    names = await eventually(told)
    assert [name for name in names if name in wanted][-5:] == wanted


async def the_claim(story: Story, title: str, state: str) -> dict[str, Any]:
    async def found() -> dict[str, Any]:
        page = await story.get("res-acq", "/api/resources/serial-claims", q=title, size=50)
        return next((one for one in page["items"] if one["state"] == state), {})

    return dict(await eventually(found))


async def test_a_gap_is_claimed_seen_at_the_racks_and_closed_by_the_late_issue(story: Story, suite: Suite) -> None:
    name = f"迟到月刊{next(_serial)}"
    day = today() - timedelta(days=40)
    title = await a_title(story, name, since=day)
    await form(
        story, "rdr-cir", f"/reader/serials/titles/{title}/pattern", which="keep", frequency="monthly", first=day.isoformat(), days=str(day.day),
        style="year_number", number="1", restart="year", lag="0",
    )
    # The morning's look at what is missing, as the clock would begin it.
    with psycopg.connect(suite.database_url("reader"), autocommit=True) as link:
        link.execute("UPDATE schedule SET next_at = now() WHERE name = 'reader.serials.missing'")
    claim = await the_claim(story, title, "open")
    assert claim["title"] == name
    url = f"/api/resources/serial-claims/{claim['no']}"
    gaps = f"/reader/serials/gaps?view=asked&q={title}"
    await story.post("res-acq", f"{url}/claim")

    async def asked() -> bool:
        return str(claim["no"]) in await shown(story, "rdr-cir", gaps)

    await eventually(asked)
    await story.post("res-acq", f"{url}/promise", promised_on=(today() + timedelta(days=9)).isoformat(), answer="下周补寄")

    async def answered() -> bool:
        return "下周补寄" in await shown(story, "rdr-cir", gaps)

    await eventually(answered)
    await story.post("res-acq", f"{url}/deliver")

    async def awaited_again() -> list[str]:
        return ISSUE.findall(await shown(story, "rdr-cir", f"/reader/serials/gaps?view=coming&q={title}"))

    (issue, *_more) = await eventually(awaited_again)
    await form(story, "rdr-cir", f"/reader/serials/issues/{issue}/arrive", back="/reader/serials/gaps")
    await the_claim(story, title, "arrived")
    wanted = ["reader.serial.missing", "resources.serial.claimed", "resources.serial.delivered", "reader.serial.gap-closed"]

    async def told() -> bool:
        events = (await story.get("rdr-cir", "/api/timeline", case=title, limit=200))["items"]
        return set(wanted) <= {one["event"] for one in events}

    await eventually(told)
