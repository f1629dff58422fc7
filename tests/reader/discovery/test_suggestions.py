"""A reader proposes a title, follows it to the shelf, and is the first to get it.

covers: RES-ACQ-02
"""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

from sqlalchemy import text

from services.reader.discovery.suggestions import commands, following, rules
from services.reader.discovery.suggestions.model import SuggestionState
from shared.database import uuid7
from shared.events.resources import (
    ItemCatalogued,
    RecordAdded,
    SuggestionChecked,
    SuggestionDecided,
    TitleProgressed,
)
from shared.identity import SYSTEM, Actor
from shared.testing.registers import han_in
from shared.testing.tokens import headers
from tests.reader.discovery.conftest import CLERK, Library

ISBN = "9787561722367"
WISH = {"title": "文学理论", "author": "韦勒克", "isbn": "7-5617-2236-2", "reason": "写论文要用"}
MINE = "/api/reader/my/suggestions"


async def rows(library: Library, sql: str) -> list[tuple[Any, ...]]:
    async with library.app.state.kit.sessions() as session:
        return [tuple(row) for row in await session.execute(text(sql))]


async def propose(library: Library, patron: Actor, **more: str) -> str:
    answer = await library.post(MINE, patron, json={**WISH, **more})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["number"])


async def one(library: Library, patron: Actor) -> dict[str, Any]:
    return (await library.get(MINE, patron)).json()["items"][0]


def progressed(progress: str, **more: str) -> TitleProgressed:
    return TitleProgressed(number="DG1", title="文学理论", progress=progress, origin="suggestion", origin_no="JG1", isbn=ISBN, **more)


async def accepted(library: Library, *wishes: str) -> None:
    await library.heed(
        *(SuggestionChecked(number="JG1", title="文学理论", wish=wish, votes=n, answer_by=date(2026, 12, 4)) for n, wish in enumerate(wishes, 1)),
        SuggestionDecided(number="JG1", title="文学理论", wishes=wishes, decision="accepted", title_no="DG1", progress="wanted"),
    )


async def test_a_fruitless_search_leads_to_a_prefilled_form_and_the_wish_is_kept(library: Library) -> None:
    patron = await library.patron()
    found = await library.get("/reader/catalogue?q=9787561722367", patron)
    assert "/reader/my/suggestions/new?q=9787561722367" in found.text
    assert "/login?next=/reader/my/suggestions/new" in (await library.get("/reader/catalogue?q=9787561722367")).text
    assert f'value="{ISBN}"' in (await library.get("/reader/my/suggestions/new?q=7-5617-2236-2", patron)).text
    bad = await library.post("/reader/my/suggestions", patron, data={"title": "", "isbn": "123", "reason": "急用"})
    assert bad.status_code == 422
    assert "请填题名" in bad.text
    assert "急用" in bad.text  # what was typed is not lost
    assert (await library.post("/reader/my/suggestions", patron, data=WISH)).status_code == 303
    fact = (await rows(library, "SELECT payload FROM outbox WHERE subject = 'guanwu.reader.suggestion.submitted.v1'"))[0][0]
    assert (fact["isbn"], fact["card"], fact["reason"]) == (ISBN, patron.card, "写论文要用")
    page = await library.get("/reader/my/suggestions", patron)
    assert "文学理论" in page.text
    english = await library.client.get("/reader/my/suggestions", headers={**headers(patron, "reader"), "cookie": "lang=en"})
    assert not han_in(english.text), han_in(english.text)


async def test_what_is_held_or_coming_is_said_before_anything_is_asked(library: Library) -> None:
    patron = await library.patron()
    book = await library.book("文学理论", copies=2, isbns=(ISBN,))
    shown = await library.post("/reader/my/suggestions", patron, data=WISH)
    assert shown.status_code == 200
    assert f"/reader/catalogue/{book.number}" in shown.text
    assert "共 2 册" in shown.text
    assert not await rows(library, "SELECT 1 FROM suggestion")
    await library.heed(TitleProgressed(number="DG9", title="旧制度与大革命", progress="ordered", origin="selection", isbn=""))
    coming = (await library.get(f"{MINE}/check?title=旧制度与大革命", patron)).json()["coming"]
    assert [one["label"] for one in coming] == ["已订购"]
    assert (await library.post("/reader/my/suggestions", patron, data={**WISH, "sure": "1"})).status_code == 303


async def test_each_stage_is_shown_and_told_and_the_first_holds_go_by_the_order_of_asking(library: Library) -> None:
    first, second = await library.patron(), await library.patron()
    wishes = [await propose(library, first), await propose(library, second)]
    await accepted(library, *wishes)
    assert (await one(library, first))["votes"] == 2
    await library.heed(progressed("funds"))
    assert (await one(library, second))["state_label"] == "等待经费"
    await library.heed(progressed("ordered"), progressed("received"))
    assert (await one(library, second))["state_label"] == "已到馆"
    instance = str(uuid7())
    await library.heed(RecordAdded(instance_id=instance, number="B9", title="文学理论"), progressed("catalogued", instance_id=instance))
    assert (await one(library, first))["hold"] == "due"  # no copy has come to us yet
    await library.heed(ItemCatalogued(
        item_id=str(uuid7()), barcode="A900001", title="文学理论", location="wy-2f", instance_id=instance, life="in_process",
    ))
    async with library.work(SYSTEM) as work:
        assert await following.keep_promises(work) == 2
        assert await following.keep_promises(work) == 0
    assert await rows(library, "SELECT card FROM hold ORDER BY turn") == [(first.card,), (second.card,)]
    await library.heed(progressed("on_shelf", instance_id=instance))
    mine = await one(library, first)
    assert (mine["state"], mine["hold"]) == ("done", "placed")
    assert [s["what"] for s in mine["steps"]] == [
        "submitted", "checked", "accepted", "funds", "ordered", "received", "catalogued", "hold", "on_shelf",
    ]
    told = await rows(library, f"SELECT count(*) FROM notice WHERE hook = 'suggestion' AND about = '{wishes[0]}'")
    assert told == [(7,)]


async def test_one_reader_asks_once_for_a_title_and_has_ten_wishes_open_at_most(library: Library) -> None:
    patron = await library.patron()
    both = await asyncio.gather(*(library.post(MINE, patron, json=WISH) for _ in range(2)))
    assert sorted(answer.status_code for answer in both) == [201, 409]
    for n in range(rules.OPEN_MAX - 1):
        await propose(library, patron, title=f"书 {n}", isbn="")
    refused = await library.post(MINE, patron, json={"title": "第十一种"})
    assert refused.json()["code"] == "suggestion-limit"


async def test_a_wish_is_taken_back_by_its_reader_alone_and_only_before_the_answer(library: Library) -> None:
    patron, other = await library.patron(), await library.patron()
    number = await propose(library, patron)
    assert (await library.post(f"{MINE}/{number}/withdraw", other)).status_code == 404
    assert (await library.post(f"{MINE}/{number}/withdraw", patron)).json()["state"] == "withdrawn"
    # An answer that crossed the withdrawal changes nothing.
    await accepted(library, number)
    assert (await one(library, patron))["state"] == "withdrawn"
    again = await propose(library, patron)
    await library.heed(SuggestionDecided(number="JG2", title="文学理论", wishes=(again,), decision="refused", reason="非馆藏范围"))
    assert (await library.post(f"{MINE}/{again}/withdraw", patron)).status_code == 409
    assert (await library.get(MINE)).status_code == 401
    assert (await library.post("/api/reader/suggestions", CLERK, json={"card": other.card, "title": "台上听来的书"})).status_code == 201


async def test_what_too_many_wait_for_is_told_once_and_again_when_it_grows(library: Library) -> None:
    book = await library.book("活着", isbns=(ISBN,))
    await library.lend(await library.patron(), book.barcodes[0])

    async def more_wait(n: int) -> int:
        for _ in range(n):
            assert (await library.post(f"/reader/catalogue/{book.number}/hold", await library.patron())).status_code == 303
        async with library.work(SYSTEM) as work:
            return await commands.tell_demand(work)

    assert await more_wait(rules.HOLDS_PER_COPY - 1) == 0
    assert await more_wait(1) == 1
    assert await more_wait(1) == 0
    assert await more_wait(rules.GROWN - 1) == 1
    facts = await rows(library, "SELECT payload FROM outbox WHERE subject = 'guanwu.reader.demand.unmet.v1' ORDER BY id")
    assert [(f["holds"], f["copies"], f["isbn"]) for (f,) in facts] == [(3, 1, ISBN), (6, 1, ISBN)]


def test_a_decided_wish_is_not_open_and_every_stage_has_a_word() -> None:
    assert {state for state, _action in rules.LIFE} == set(rules.OPEN)
    assert not set(rules.ENDS) - set(rules.STEPS)
    assert SuggestionState.done not in rules.OPEN
