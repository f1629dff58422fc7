"""Records are found by what people type, items can be added and moved, places are a list.

covers: RES-MGT-01, RES-MGT-04
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from services.resources.cataloguing.items.register import locations
from services.resources.cataloguing.marc.isbn import isbn13_to_10
from shared.barcodes import is_barcode
from shared.testing.registers import han_in, keeps_its_promises
from tests.resources.conftest import BINDER, CLERK, RECORDS, House


@pytest.fixture
async def stocked(house: House) -> House:
    await house.places()
    for name in ("classics.mrc", "foreign.mrc"):
        await house.read(RECORDS / name)
    return house


async def found(house: House, q: str, **more: Any) -> list[dict[str, Any]]:
    async with house.client(CLERK) as client:
        answer = await client.get("/api/resources/instances", params={"q": q, **more})
    assert answer.status_code == 200
    return answer.json()["items"]


async def test_chinese_titles_pinyin_initials_and_traditional_forms_find_the_same_work(stocked: House):
    by_title = await found(stocked, "红楼梦")
    assert by_title
    number = by_title[0]["number"]
    for typed in ("紅樓夢", "hlm", "HLM"):
        assert number in {r["number"] for r in await found(stocked, typed)}, typed


async def test_every_form_of_an_isbn_finds_the_book(stocked: House):
    rows = await stocked.rows(
        "SELECT number, projection->'isbns'->0->>'isbn13' FROM instance "
        "WHERE projection->'isbns'->0->>'isbn13' LIKE '978%' LIMIT 3"
    )
    assert rows
    for number, isbn in rows:
        ten = isbn13_to_10(isbn)
        for typed in (isbn, ten, f"{isbn[:3]}-{isbn[3]}-{isbn[4:8]}-{isbn[8:12]}-{isbn[12]}"):
            assert number in {r["number"] for r in await found(stocked, typed)}, typed


async def test_a_barcode_finds_its_record_and_its_item(stocked: House):
    barcode, number = (await stocked.rows(
        "SELECT i.barcode, r.number FROM item i JOIN instance r ON r.id = i.instance_id LIMIT 1"
    ))[0]
    assert [r["number"] for r in await found(stocked, barcode)] == [number]
    async with stocked.client(CLERK) as client:
        item = (await client.get(f"/api/resources/items/{barcode}")).json()
        groups = (await client.get("/api/resources/search", params={"q": barcode})).json()["groups"]
        page = await client.get(f"/resources/items/{barcode}")
    assert item["record"] == number
    assert {g["label"] for g in groups} >= {"书目记录", "单册"}
    assert page.headers["location"].startswith(f"/resources/records/{number}#")


async def test_whatever_is_typed_is_answered(stocked: House):
    for typed in ("'", "\\", "a & b | !c", ":*", "(", "%", "\u0000", "🐼", "x" * 200, "AND OR NOT"):
        assert isinstance(await found(stocked, typed), list), typed


async def test_lists_page_without_gaps(stocked: House):
    seen: list[str] = []
    for offset in range(0, 60, 20):
        seen += [r["number"] for r in await found(stocked, "", limit=20, offset=offset)]
    assert len(set(seen)) == 60


async def test_pages_show_records_in_both_languages(stocked: House):
    numbers = [r[0] for r in await stocked.rows("SELECT number FROM instance ORDER BY random() LIMIT 6")]
    job = (await stocked.rows("SELECT no FROM import_job LIMIT 1"))[0][0]
    urls = ["/resources/records", "/resources/records?q=hlm", "/resources/records?q=%E4%B8%8D%E5%AD%98%E5%9C%A8%E7%9A%84",
            *(f"/resources/records/{n}" for n in numbers), "/resources/imports", "/resources/imports/new",
            f"/resources/imports/{job}", f"/resources/imports/{job}?outcome=added&page=2", "/resources/locations"]
    barcode = (await stocked.rows("SELECT barcode FROM item LIMIT 1"))[0][0]
    urls.append(f"/resources/items/{barcode}/relocate")
    for lang in ("zh", "en"):
        async with stocked.client(lang=lang) as client:
            for url in urls:
                answer = await client.get(url)
                assert answer.status_code == 200, url
                if lang == "en":
                    assert not han_in(answer.text), f"{url}: {han_in(answer.text)}"
    async with stocked.client() as client:
        for form in ("marc", "marcxml", "original"):
            assert (await client.get(f"/resources/records/{numbers[0]}/{form}")).content
        assert (await client.get(f"/resources/imports/{job}/lines.csv")).text.startswith("\ufeff")
        assert (await client.get(f"/resources/imports/{job}/lines.xlsx")).content[:2] == b"PK"


async def test_a_copy_is_added_by_a_program_once(stocked: House):
    record = (await found(stocked, "红楼梦"))[0]
    body = {"instance_id": record["id"], "barcode": "a 009-0001", "location": "wy-2f", "call_number": "I242", "price_cents": 3000}
    async with stocked.client() as client:
        made = await client.post("/api/resources/items", json=body)
        assert made.status_code == 201
        assert made.json()["barcode"] == "A009-0001"
        again = await client.post("/api/resources/items", json=body)
        assert (again.status_code, again.json()["code"]) == (409, "item.barcode-taken")
        for wrong in ({"location": "nowhere"}, {"barcode": "条码"}, {"price_cents": -1}):
            answer = await client.post("/api/resources/items", json={**body, "barcode": "A77", **wrong})
            assert answer.status_code == 422
        moved = await client.post("/api/resources/items/A009-0001/relocate", json={"location": "mj-b1"})
        assert moved.json()["location"] == "mj-b1"
    for person in (CLERK, BINDER):
        async with stocked.client(person) as client:
            assert (await client.post("/api/resources/items", json=body)).status_code == 403
    facts = [fact for name, fact in await stocked.said("resources.item.relocated")]
    assert [f["location_name"] for f in facts] == ["地下一层密集书库"]


async def test_the_form_for_a_copy_proposes_the_next_barcode_and_keeps_what_was_typed(stocked: House):
    record = (await found(stocked, "红楼梦"))[0]
    url = f"/resources/records/{record['number']}/items"
    async with stocked.client() as client:
        page = (await client.get(f"/resources/records/{record['number']}")).text





        values = re.findall(r'value="([A-Z]\d{9})"', page)
        assert values
        assert all(is_barcode(v) for v in values)
        bad = await client.post(url, data={"barcode": "!", "location": "wy-2f", "price_cents": "12.345"})
        assert bad.status_code == 422
        good = await client.post(url, data={"barcode": values[0], "location": "wy-2f", "price_cents": "45.00"})
        assert good.status_code == 303
        item = (await client.get(f"/api/resources/items/{values[0]}")).json()
        assert item["price_cents"] == 4500
        following = re.findall(r'value="([A-Z]\d{9})"', (await client.get(f"/resources/records/{record['number']}")).text)
        assert values[0] not in following


async def test_places_keep_the_promises_of_a_register(house: House):
    count = iter(range(1000))
    await keeps_its_promises(
        locations, house.app, lambda: {"no": f"p{next(count)}", "name": "Stacks", "use": "loan"}
    )
