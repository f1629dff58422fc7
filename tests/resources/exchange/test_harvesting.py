"""Harvesters take every record, hear of every change and deletion, and get each error as the protocol has it.

covers: RES-ACQ-05, RES-MGT-01
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest

from services.resources.cataloguing.oai import commands, rules
from services.resources.cataloguing.oai.rules import Asked, Fault, Place
from services.resources.cataloguing.records.commands import suppress
from services.resources.cataloguing.records.queries import by_key
from shared.database import uuid7
from shared.identity import Actor
from shared.testing.registers import han_in
from tests.resources.conftest import CLERK, RECORDS, House
from tests.resources.exchange.harvester import (
    DC,
    OAI,
    SLIM,
    XCHANGE,
    error,
    harvest,
    headers,
    numbers,
    oai,
    text,
)

STRANGER = Actor("anonymous", kind="anonymous")


@pytest.fixture
async def stocked(house: House) -> House:
    """Five Chinese records with their copies, in pages of ten."""
    await house.places()
    await house.read(RECORDS / "bnu.mrc")
    return house


async def page_of(house: House, size: int) -> None:
    async with house.work() as work:
        await commands.save_settings(
            work, open=True, name="测试馆", mail="oai@lib.yunshan.edu.cn", domain="lib.yunshan.edu.cn", page_size=str(size),
        )


async def test_who_we_are(stocked: House):
    await page_of(stocked, 10)
    async with stocked.client(STRANGER) as client:
        root = await oai(client, verb="Identify")
        assert text(root, "Identify", "repositoryName") == "测试馆"
        assert text(root, "Identify", "baseURL") == "http://resources.test/oai"
        assert text(root, "request") == "http://resources.test/oai"
        assert text(root, "Identify", "deletedRecord") == "persistent"
        assert text(root, "Identify", "granularity") == "YYYY-MM-DDThh:mm:ssZ"
        assert text(root, "Identify", "adminEmail") == "oai@lib.yunshan.edu.cn"
        first = text(root, "Identify", "earliestDatestamp")
        found = await harvest(client, metadataPrefix="oai_dc")
        assert first == min(text(one, "datestamp") for one in found)
        formats = await oai(client, verb="ListMetadataFormats")
        assert [one.text for one in formats.iter(f"{OAI}metadataPrefix")] == ["oai_dc", "marcxml", "cnmarcxml"]
        large = await client.post("/oai", data={"verb": "Identify", "x": "x" * 100_000})
        assert error(ET.fromstring(large.content)) == "badVerb"
        posted = await client.post("/oai", data={"verb": "Identify"})
        assert text(ET.fromstring(posted.content), "Identify", "repositoryName") == "测试馆"


async def test_every_record_is_to_be_had_as_dublin_core_and_in_its_own_marc(stocked: House):
    async with stocked.client(STRANGER) as client:
        root = await oai(client, verb="ListRecords", metadataPrefix="oai_dc")
        rows = await stocked.rows("SELECT number, title FROM instance ORDER BY number")
        assert sorted(numbers(headers(root))) == [row.number for row in rows]
        titles = [one.text or "" for one in root.iter(f"{DC}title")]
        assert all(any(row.title in title or title in row.title for title in titles) for row in rows)
        own = await oai(client, verb="ListRecords", metadataPrefix="cnmarcxml")
        records = list(own.iter(f"{XCHANGE}record"))
        assert {one.attrib["format"] for one in records} == {"CNMARC"}
        assert len(records) == len(rows)
        # Lossless: every field and subfield of the stored record, in its order.
        kept = {row[0]: row[1] for row in await stocked.rows("SELECT number, fields FROM instance")}
        for whole in own.iter(f"{OAI}record"):
            marc = next(whole.iter(f"{XCHANGE}record"))
            sent = [
                (one.attrib["tag"], one.text) if one.tag.endswith("controlfield")
                else (one.attrib["tag"], [(sub.attrib["code"], sub.text or "") for sub in one])
                for one in marc if not one.tag.endswith("leader")
            ]
            stored = [
                (tag, body) if isinstance(body, str)
                else (tag, [pair for sub in body["subfields"] for pair in sub.items()])
                for entry in kept[numbers(headers(whole))[0]]["fields"] for tag, body in entry.items()
            ]
            assert sent == stored


async def test_a_format_a_record_has_not_is_refused_and_lists_leave_it_out(stocked: House):
    await stocked.read(RECORDS / "foreign.mrc")
    async with stocked.client(STRANGER) as client:
        slim = await harvest(client, metadataPrefix="marcxml")
        own = await harvest(client, metadataPrefix="cnmarcxml")
        both = await harvest(client, metadataPrefix="oai_dc")
        assert sorted(numbers(slim) + numbers(own)) == sorted(numbers(both))
        one = text(own[0], "identifier")
        assert error(await oai(client, verb="GetRecord", identifier=one, metadataPrefix="marcxml")) == "cannotDisseminateFormat"
        had = await oai(client, verb="ListMetadataFormats", identifier=one)
        assert [found.text for found in had.iter(f"{OAI}metadataPrefix")] == ["oai_dc", "cnmarcxml"]
        whole = await oai(client, verb="GetRecord", identifier=text(slim[0], "identifier"), metadataPrefix="marcxml")
        assert next(whole.iter(f"{SLIM}record")).find(f"{SLIM}leader") is not None


async def test_a_list_in_parts_gives_every_record_once(stocked: House):
    await stocked.read(RECORDS / "classics.mrc")
    await page_of(stocked, 10)
    async with stocked.client(STRANGER) as client:
        first = await oai(client, verb="ListRecords", metadataPrefix="oai_dc")
        token = first.find(f"{OAI}ListRecords/{OAI}resumptionToken")
        assert token is not None
        total = (await stocked.rows("SELECT count(*) FROM instance"))[0][0]
        assert token.attrib["completeListSize"] == str(total)
        assert token.attrib["cursor"] == "0"
        assert token.attrib["expirationDate"].endswith("Z")
        again = [numbers(headers(await oai(client, verb="ListRecords", resumptionToken=token.text or ""))) for _ in "ab"]
        assert again[0] == again[1]
        assert len(again[0]) == 10
        found = numbers(await harvest(client, metadataPrefix="oai_dc"))
        assert len(found) == len(set(found)) == total
        heads = numbers(await harvest(client, "ListIdentifiers", metadataPrefix="oai_dc"))
        assert heads == found
        # The end of a split list is said by an empty token, a list in one piece has none.
        last = first
        while (mark := last.find(f"{OAI}ListRecords/{OAI}resumptionToken")) is not None and mark.text:
            last = await oai(client, verb="ListRecords", resumptionToken=mark.text)
        assert mark is not None
        assert mark.text is None
        await page_of(stocked, 1000)
        whole = await oai(client, verb="ListRecords", metadataPrefix="oai_dc")
        assert whole.find(f"{OAI}ListRecords/{OAI}resumptionToken") is None


async def test_records_that_change_during_a_harvest_are_not_missed(stocked: House):
    await stocked.read(RECORDS / "classics.mrc")
    await page_of(stocked, 50)
    async with stocked.client(STRANGER) as client:
        root = await oai(client, verb="ListRecords", metadataPrefix="oai_dc")
        seen = numbers(headers(root))
        everything = {row.number for row in await stocked.rows("SELECT number FROM instance")}
        while token := root.findtext(f"{OAI}ListRecords/{OAI}resumptionToken"):
            # One already given and one still to come are corrected between two parts.
            coming = min(everything - set(seen), default="")
            async with stocked.work() as work:
                for number in filter(None, (seen[0], coming)):
                    record = await by_key(work.session, number)
                    record.projection = {**record.projection, "edition": f"{record.projection['edition']} rev."}
            root = await oai(client, verb="ListRecords", resumptionToken=token)
            seen += numbers(headers(root))
            if len(seen) > 10 * len(everything):
                pytest.fail("the harvest does not end")
            if len(set(seen)) == len(everything):
                break
        assert set(seen) == everything


async def test_a_deletion_is_told_for_ever_and_a_correction_with_its_own_stamp(stocked: House):
    async with stocked.client(STRANGER) as client:
        before = await oai(client, verb="ListRecords", metadataPrefix="oai_dc")
        stamps = dict(zip(numbers(headers(before)), [text(one, "datestamp") for one in headers(before)], strict=True))
        gone, kept = sorted(stamps)[:2]
        async with stocked.work() as work:
            await suppress(work, await by_key(work.session, gone), reason="剔旧")
        since = text(before, "responseDate")
        changed = await harvest(client, metadataPrefix="oai_dc", from_=since)
        found = {numbers([one])[0]: one for one in changed}
        assert found[gone].attrib["status"] == "deleted"
        assert text(found[gone], "datestamp") >= stamps[gone]
        if kept in found:
            assert "status" not in found[kept].attrib
        name = text(found[gone], "identifier")
        told = await oai(client, verb="GetRecord", identifier=name, metadataPrefix="oai_dc")
        assert told.find(f"{OAI}GetRecord/{OAI}record/{OAI}metadata") is None
        assert headers(told)[0].attrib["status"] == "deleted"
        # Even when the record itself is gone from the database.
        async with stocked.work() as work:
            for table in ("item", "instance_key"):
                await work.session.execute(_sql(f"DELETE FROM {table} WHERE instance_id = (SELECT id FROM instance WHERE number = :n)"), {"n": gone})
            await work.session.execute(_sql("DELETE FROM instance WHERE number = :n"), {"n": gone})
        told = await oai(client, verb="GetRecord", identifier=name, metadataPrefix="oai_dc")
        assert headers(told)[0].attrib["status"] == "deleted"
        sets = [one.text for one in headers(told)[0].iter(f"{OAI}setSpec")]
        assert any(spec.startswith("loc:") for spec in sets), "those who took it by place hear of it too"


def _sql(statement: str):
    from sqlalchemy import text as sql

    return sql(statement)


async def test_sets_follow_class_and_place(stocked: House):
    async with stocked.client(STRANGER) as client:
        listed = await oai(client, verb="ListSets")
        specs = [one.text for one in listed.iter(f"{OAI}setSpec")]
        assert {"clc", "clc:T:TP", "loc", "loc:sk-2f"} <= set(specs)
        rows = await stocked.rows(
            "SELECT i.number, i.projection->'clc'->>0 AS mark, array_agg(c.location) AS places FROM instance i "
            "JOIN item c ON c.instance_id = i.id GROUP BY i.id"
        )
        letter = rows[0].mark[0]
        by_class = numbers(await harvest(client, metadataPrefix="oai_dc", set=f"clc:{letter}"))
        assert sorted(by_class) == sorted(row.number for row in rows if row.mark.startswith(letter))
        place = rows[0].places[0]
        by_place = numbers(await harvest(client, metadataPrefix="oai_dc", set=f"loc:{place}"))
        assert sorted(by_place) == sorted(row.number for row in rows if place in row.places)
        assert error(await oai(client, verb="ListRecords", metadataPrefix="oai_dc", set="clc:QQ")) == "noRecordsMatch"
        # A copy that moves takes its record along.
        moved = rows[0]
        (barcode,) = [r[0] for r in await stocked.rows(
            "SELECT min(barcode) FROM item c JOIN instance i ON i.id = c.instance_id WHERE i.number = :n", n=moved.number
        )]
        await stocked.place("gc-9f", "九层过刊库")
        from services.resources.cataloguing.items.commands import relocate

        async with stocked.work() as work:
            await relocate(work, barcode, location="gc-9f")
        assert numbers(await harvest(client, metadataPrefix="oai_dc", set="loc:gc-9f")) == [moved.number]


async def test_spans_are_inclusive_and_days_are_whole(stocked: House):
    async with stocked.client(STRANGER) as client:
        found = await harvest(client, metadataPrefix="oai_dc")
        stamp = text(found[0], "datestamp")
        assert await harvest(client, metadataPrefix="oai_dc", from_=stamp, until=stamp)
        day = stamp[:10]
        assert len(await harvest(client, metadataPrefix="oai_dc", from_=day, until=day)) >= 1
        assert error(await oai(client, verb="ListRecords", metadataPrefix="oai_dc", until="2001-01-01")) == "noRecordsMatch"
        assert error(await oai(client, verb="ListRecords", metadataPrefix="oai_dc", from_="2999-01-01")) == "noRecordsMatch"


BAD = [
    ("badVerb", []), ("badVerb", [("verb", "Explode")]), ("badVerb", [("verb", "Identify"), ("verb", "Identify")]),
    ("badArgument", [("verb", "Identify"), ("x", "1")]), ("badArgument", [("verb", "ListRecords")]),
    ("badArgument", [("verb", "GetRecord"), ("identifier", "oai:library.local:B0000001")]),
    ("badArgument", [("verb", "ListRecords"), ("metadataPrefix", "oai_dc"), ("metadataPrefix", "oai_dc")]),
    ("badArgument", [("verb", "ListRecords"), ("metadataPrefix", "oai_dc"), ("from", "2026-13-01")]),
    ("badArgument", [("verb", "ListRecords"), ("metadataPrefix", "oai_dc"), ("from", "2026-01-01T00:00:00")]),
    ("badArgument", [("verb", "ListRecords"), ("metadataPrefix", "oai_dc"), ("from", "2026-02-01"), ("until", "2026-01-01")]),
    ("badArgument", [("verb", "ListRecords"), ("metadataPrefix", "oai_dc"), ("from", "2026-01-01"), ("until", "2026-02-01T00:00:00Z")]),
    ("badArgument", [("verb", "ListRecords"), ("metadataPrefix", "oai_dc"), ("set", "clc:")]),
    ("badArgument", [("verb", "ListRecords"), ("metadataPrefix", "oai_dc"), ("resumptionToken", "x")]),
    ("badResumptionToken", [("verb", "ListRecords"), ("resumptionToken", "x.y")]),
    ("badResumptionToken", [("verb", "ListRecords"), ("resumptionToken", "汉")]),
    ("badResumptionToken", [("verb", "ListSets"), ("resumptionToken", "x")]),
    ("cannotDisseminateFormat", [("verb", "ListRecords"), ("metadataPrefix", "mods")]),
    ("idDoesNotExist", [("verb", "GetRecord"), ("metadataPrefix", "oai_dc"), ("identifier", "oai:library.local:B9999999")]),
    ("idDoesNotExist", [("verb", "GetRecord"), ("metadataPrefix", "oai_dc"), ("identifier", "B0000001\x00'")]),
    ("idDoesNotExist", [("verb", "ListMetadataFormats"), ("identifier", "oai:elsewhere:B0000001")]),
]


async def test_each_error_of_the_protocol(house: House):
    async with house.client(STRANGER) as client:
        for code, pairs in BAD:
            root = await oai(client, *pairs)
            assert error(root) == code, pairs
            request = root.find(f"{OAI}request")
            assert request is not None
            assert bool(request.attrib) == (code not in ("badVerb", "badArgument")), pairs


async def test_an_empty_house_says_so(house: House):
    async with house.client(STRANGER) as client:
        assert error(await oai(client, verb="ListRecords", metadataPrefix="oai_dc")) == "noRecordsMatch"
        assert text(await oai(client, verb="Identify"), "Identify", "protocolVersion") == "2.0"


async def test_the_screen_says_who_came_and_keeps_what_was_typed(stocked: House):
    page = "/resources/oai"
    async with stocked.client() as client, stocked.client(CLERK) as clerk, stocked.client(STRANGER) as stranger:
        assert "还没有系统来收割" in (await client.get(page)).text
        bad = {"open": "true", "name": "测试馆", "mail": "nobody@example.com", "domain": "nowhere", "page_size": "5"}
        refused = await client.post(page, data=bad)
        assert refused.status_code == 422
        for said in ("请填真实可用的邮箱", "请填本馆的域名", "请填 10 到 1000 之间的整数", 'value="nobody@example.com"'):
            assert said in refused.text
        assert (await clerk.post(page, data=bad)).status_code == 403
        assert (await clerk.get(page)).status_code == 403
        good = {**bad, "mail": "oai@lib.yunshan.edu.cn", "domain": "Lib.Yunshan.edu.cn", "page_size": "100"}
        assert (await client.post(page, data=good)).status_code == 303
        await harvest(stranger, metadataPrefix="oai_dc", set="clc")
        agent = {"user-agent": "Harvester/2 (mailto:zhang@lib.edu.cn)", "x-forwarded-for": "203.0.113.77"}
        await stranger.get("/oai?verb=ListIdentifiers&metadataPrefix=cnmarcxml", headers=agent)
        shown = (await client.get(page)).text
        for said in ("Harvester/2", "203.0.113.0/24", "只取标识", "取完"):
            assert said in shown
        assert "zhang" not in shown
        assert "203.0.113.77" not in shown
        assert not han_in((await client.get(page, headers={"cookie": "lang=en"})).text)
        assert (await client.post(page, data={**good, "open": ""})).status_code == 303
        closed = await stranger.get("/oai?verb=Identify")
        assert (closed.status_code, closed.headers["retry-after"]) == (503, "3600")


def test_a_token_is_read_back_as_it_was_sealed_and_not_otherwise():
    now = datetime(2026, 11, 27, 4, 0, tzinfo=UTC)
    asked = Asked("ListRecords", "oai_dc", since=now - timedelta(days=3), set_spec="clc:T:TP")
    place = Place(uuid7(), now - timedelta(hours=1), uuid7(), 200, 512)
    sealed = rules.seal("secret", asked, place, now + timedelta(days=1))
    assert all(char.isalnum() or char in "-_." for char in sealed)
    resumed, where = rules.unseal("secret", Asked("ListRecords", token=sealed), now)
    assert (resumed.prefix, resumed.since, resumed.until, resumed.set_spec, where) == ("oai_dc", asked.since, None, "clc:T:TP", place)
    for spoiled in (sealed[:-1], "a" + sealed, sealed.upper(), sealed.replace(".", "")):
        with pytest.raises(Fault) as refused:
            rules.unseal("secret", Asked("ListRecords", token=spoiled), now)
        assert refused.value.code == "badResumptionToken"
    for verb, secret, at in (("ListIdentifiers", "secret", now), ("ListRecords", "other", now), ("ListRecords", "secret", now + timedelta(days=2))):
        with pytest.raises(Fault):
            rules.unseal(secret, Asked(verb, token=sealed), at)


def test_who_harvests_is_remembered_without_any_person():
    assert rules.shown_agent("Harvester/2 (mailto:zhang@lib.edu.cn; +http://x)") == "Harvester/2 (…; +http://x)"
    assert rules.network_of("203.0.113.77") == "203.0.113.0/24"
    assert rules.network_of("2001:db8:1:2::3") == "2001:db8:1::/48"
    assert not rules.network_of("somewhere")
