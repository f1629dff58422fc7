"""The list: its address says all, counts agree with rows, and many rows can be handled at once."""

from __future__ import annotations

import io
import json
import re
from datetime import date

from openpyxl import Workbook, load_workbook

from tests.shared.register.conftest import APPLICANT, HEAD, OTHER
from tests.shared.register.test_register_life import FILLED, act, opened


async def test_search_filters_and_tabs_agree_with_their_counts(client):
    me = client(APPLICANT)
    first = await opened(me, item="A4 复印纸")
    second = await opened(me, item="书立", dept="办公室")
    await act(me, second, "submit")

    async def asked(**query):
        return (await me.get("/api/office/requisitions", params=query)).json()

    assert (await asked(q="复印"))["total"] == 1
    assert (await asked(q=f"={first}"))["items"][0]["item"] == "A4 复印纸"
    assert (await asked(q="=A4"))["total"] == 0
    assert (await asked(q="%"))["total"] == 0
    assert (await asked(dept="办公室"))["total"] == 1
    assert (await asked(urgency="urgent"))["total"] == 0
    assert (await asked(urgency="nonsense"))["total"] == 0
    assert (await asked(needed_on_from="2099-01-01"))["total"] == 0
    assert (await asked(state="pending"))["items"][0]["no"] == second
    assert (await asked(dept=""))["total"] == 2
    page = await me.get("/office/requisitions?q=%E4%B9%A6%E7%AB%8B")
    assert "共 1 条" in page.text
    assert first not in page.text
    assert (await me.get("/api/office/todo")).json() == {"office.requisitions": 1}
    assert (await client(HEAD).get("/api/office/todo")).json() == {"office.requisitions": 1}
    assert (await client(OTHER).get("/api/office/todo")).json() == {}


async def test_pages_never_overlap_and_say_where_to_go_on(client):
    me = client(APPLICANT)
    for _ in range(5):
        await opened(me)
    seen, url = [], "/api/office/requisitions?size=2&sort=item"
    while url:
        found = (await me.get(url)).json()
        seen += [i["no"] for i in found["items"]]
        url = found["next"]
    assert len(seen) == len(set(seen)) == 5


async def test_global_search_finds_records_and_tells_where(client):
    no = await opened(client(APPLICANT))
    found = (await client(APPLICANT).get("/api/office/search", params={"q": "书立"})).json()
    assert found["groups"][0]["items"] == [
        {"title": "书立", "url": f"/office/requisitions/{no}", "icon": "package", "subtitle": f"{no} · 草稿"}
    ]


async def test_a_batch_does_what_it_can_and_says_what_it_left(client):
    me, head = client(APPLICANT), client(HEAD)
    numbers = [await opened(me) for _ in range(3)]
    for no in numbers:
        await act(me, no, "submit")
    await act(head, numbers[0], "approve")
    own = await opened(head)
    await act(head, own, "submit")
    answer = await head.post("/office/requisitions/batch/approve", data={"ids": [*numbers, own]})
    assert answer.status_code == 303
    from urllib.parse import unquote

    said = json.loads(unquote(answer.cookies["flash"]))["text"]
    assert said.startswith("2 项已办，1 项状态已变，跳过")
    assert own in said
    states = {i["no"]: i["state"] for i in (await me.get("/api/office/requisitions")).json()["items"]}
    assert [states[n] for n in (*numbers, own)] == ["approved", "approved", "approved", "pending"]


async def test_a_batch_that_asks_shows_its_form_first(client):
    me, head = client(APPLICANT), client(HEAD)
    numbers = [await opened(me) for _ in range(2)]
    for no in numbers:
        await act(me, no, "submit")
    form = await head.post("/office/requisitions/batch/reject", data={"ids": numbers})
    assert form.status_code == 200
    assert 'name="asked"' in form.text
    done = await head.post("/office/requisitions/batch/reject", data={"ids": numbers, "asked": "1", "reject_reason": "重复申领"})
    assert done.status_code == 303
    assert (await me.get("/api/office/requisitions?state=rejected")).json()["total"] == 2


async def test_the_export_holds_the_filtered_rows_and_no_formula(client):
    me = client(APPLICANT)
    await opened(me, item="=HYPERLINK(1)", amount_cents="1234.5")
    await opened(me, item="书立")
    answer = await me.get("/office/requisitions/export", params={"q": "HYPER"})
    assert "filename*=utf-8''" in answer.headers["content-disposition"]
    sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    assert len(rows) == 2
    assert "单号" in rows[0]
    item, money = sheet["B2"], sheet["D2"]
    assert item.value == "=HYPERLINK(1)"
    assert item.data_type == "s"
    assert item.quotePrefix
    assert money.value == 1234.5
    assert sheet["A1"].font.name == "微软雅黑"
    assert sheet.auto_filter.ref


def sheet_of(*rows) -> bytes:
    book, buffer = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(buffer)
    return buffer.getvalue()


async def test_an_import_shows_every_mistake_and_keeps_nothing_before_the_yes(client):
    head = client(HEAD)
    template = await head.get("/office/stock/import/template")
    heads = next(load_workbook(io.BytesIO(template.content)).worksheets[0].iter_rows(values_only=True))
    assert heads == ("编码 *", "名称 *", "库存", "单价")
    data = sheet_of(heads, ("A-1", "复印纸", 5, 25.5), ("a b", "坏编码", 1, 1), ("A-1", "重复", 1, 1), ("A-2", "书立", "3", "8"))
    shown = await head.post("/office/stock/import", files={"file": ("物资.xlsx", data)})
    assert shown.status_code == 200
    assert "格式不对" in shown.text
    assert "与前面的行重复" in shown.text
    assert (await head.get("/api/office/stock")).json()["total"] == 0
    digest = re.search(r'name="digest" value="(\w+)"', shown.text)[1]
    assert (await head.post("/office/stock/import/confirm", data={"digest": digest})).status_code == 303
    items = (await head.get("/api/office/stock")).json()["items"]
    assert [(i["code"], i["on_hand"], i["price_cents"]) for i in items] == [("A-1", 5, 2550), ("A-2", 3, 800)]
    # The same file again changes nothing; a changed row is updated in place.
    assert (await head.post("/office/stock/import/confirm", data={"digest": digest})).status_code == 303
    assert [i["version"] for i in (await head.get("/api/office/stock")).json()["items"]] == [1, 1]
    again = await head.post("/office/stock/import", files={"file": ("物资.xlsx", sheet_of(heads, ("A-1", "复印纸", 9, 25.5)))})
    digest = re.search(r'name="digest" value="(\w+)"', again.text)[1]
    await head.post("/office/stock/import/confirm", data={"digest": digest})
    assert (await head.get("/api/office/stock")).json()["items"][0]["on_hand"] == 9


async def test_a_file_that_is_no_sheet_is_refused_in_words(client):
    answer = await client(HEAD).post("/office/stock/import", files={"file": ("x.xlsx", b"nonsense")})
    assert answer.status_code == 422
    assert "读不出这个文件" in answer.text


async def test_views_are_kept_shared_and_chosen(client):
    me, colleague = client(APPLICANT), client(type(APPLICANT)("S003", "黄志强", posts=("RDR-DSK",)))
    assert (await me.post("/office/requisitions/views", data={"name": "加急", "urgency": "urgent"})).status_code == 303
    page = await me.get("/office/requisitions")
    assert "加急" in page.text
    assert "urgency=urgent" in page.text
    id = re.search(r"/views/([0-9a-f-]{36})/default", page.text)[1]
    assert (await me.post(f"/office/requisitions/views/{id}/default")).status_code == 303
    opened_ = await me.get("/office/requisitions")
    assert opened_.status_code == 303
    assert opened_.headers["location"].endswith("?urgency=urgent")
    assert "urgency=urgent" not in (await colleague.get("/office/requisitions?state=all")).text.split("</nav>")[-1].split("search")[0]
    assert (await me.post("/office/requisitions/views", data={"name": "本岗", "dept": "办公室", "shared_with": "RDR-DSK"})).status_code == 303
    assert "本岗" in (await colleague.get("/office/requisitions?state=all")).text
    assert (await colleague.post(f"/office/requisitions/views/{id}/delete")).status_code == 303
    assert (await me.get("/office/requisitions")).status_code == 303
    assert (await me.post(f"/office/requisitions/views/{id}/delete")).status_code == 303
    assert (await me.get("/office/requisitions")).status_code == 200


async def test_a_column_for_some_is_hidden_from_the_others_at_every_door(client):
    head, me = client(HEAD), client(APPLICANT)
    made = await head.post("/api/office/stock", json={"code": "X-1", "name": "书车", "price_cents": 88000})
    assert made.status_code == 201
    no = made.json()["no"]
    assert "price_cents" not in (await me.get(f"/api/office/stock/{no}")).json()
    for url in (f"/office/stock/{no}", "/office/stock"):
        assert "880.00" not in (await me.get(url)).text
        assert "880.00" in (await head.get(url)).text
    sheet = load_workbook(io.BytesIO((await me.get("/office/stock/export")).content)).worksheets[0]
    assert "单价" not in next(sheet.iter_rows(values_only=True))


async def test_a_duplicate_is_said_at_its_field(client):
    head = client(HEAD)
    await head.post("/api/office/stock", json={"code": "X-1", "name": "书车"})
    answer = await head.post("/api/office/stock", json={"code": "X-1", "name": "书车二"})
    assert answer.status_code == 422
    assert "编码" in answer.json()["errors"]["code"]
    form = await head.post("/office/stock", data={"code": "X-1", "name": "书车二"})
    assert form.status_code == 422
    assert "书车二" in form.text


async def test_json_amends_only_what_was_sent(client):
    head = client(HEAD)
    no = (await head.post("/api/office/stock", json={"code": "X-1", "name": "书车", "on_hand": 2})).json()["no"]
    changed = (await head.patch(f"/api/office/stock/{no}", json={"on_hand": 7, "version": 1})).json()
    assert (changed["name"], changed["on_hand"], changed["version"]) == ("书车", 7, 2)
    stale = await head.patch(f"/api/office/stock/{no}", json={"on_hand": 1, "version": 1})
    assert stale.status_code == 409
    assert stale.json()["code"] == "conflict"


async def test_suggestions_answer_for_a_field(client):
    found = await client(APPLICANT).get("/office/requisitions/lookup/item", params={"q": "复印"})
    assert found.json() == ["A4 复印纸 80g"]
    assert (await client(APPLICANT).get("/office/requisitions/lookup/nothing")).status_code == 404


async def test_an_overdue_case_is_marked(client, app):
    from sqlalchemy import text

    me = client(APPLICANT)
    no = await opened(me)
    assert "tone-warn" not in (await me.get("/office/requisitions?state=all")).text.split("<tbody>")[1].split("</tbody>")[0].split('class="chip')[0]
    async with app.state.kit.sessions() as session:
        await session.execute(text("update requisition set needed_on = :d where no = :no"), {"d": date(2020, 1, 1), "no": no})
        await session.commit()
    assert 'tr data-row class="tone-warn"' in (await me.get("/office/requisitions")).text


_ = FILLED
