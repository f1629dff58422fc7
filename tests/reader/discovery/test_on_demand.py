"""Readers find titles the house does not own, ask for them, and are counted without being remembered.

covers: RES-ACQ-02
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import text

from services.reader.desk.patrons.model import Category
from services.reader.discovery.ondemand import rules
from shared.events.resources import (
    DemandMet,
    OfferedTitle,
    OffersClosed,
    SuggestionDecided,
    TitlesOffered,
)
from shared.testing.registers import han_in
from tests.reader.discovery.conftest import CLERK, Library

OFFERED = TitlesOffered(pool="AX2026-0001", ends_on=date(2027, 6, 30), offers=(
    OfferedTitle(number="AX2026-0001-1", title="Compilers: principles and techniques", author="Aho", publisher="Pearson", year="2025", isbn="9780321486813"),
    OfferedTitle(number="AX2026-0001-2", title="Reinforcement learning", author="Sutton", publisher="MIT Press", year="2024", isbn="9780262039246"),
))
ONE, HERE = "AX2026-0001-1", "/reader/on-demand/AX2026-0001-1"


async def rows(library: Library, sql: str) -> list[tuple[Any, ...]]:
    async with library.app.state.kit.sessions() as session:
        return [tuple(row) for row in await session.execute(text(sql))]


async def told(library: Library) -> list[tuple[Any, ...]]:
    found = await rows(library, "SELECT payload, headers FROM outbox WHERE subject LIKE '%demand.used%' ORDER BY id")
    return [(p["requests"], p["teachers"], bool(p["wish"]), p["withdrawn"], h["actor"]) for p, h in found]


def test_one_reader_is_the_same_for_one_title_and_another_for_the_next() -> None:
    assert rules.digest("a", "20230001") == rules.digest("a", "20230001")
    assert rules.digest("a", "20230001") != rules.digest("b", "20230001")


async def test_titles_on_demand_are_found_and_marked_as_not_ours(library: Library) -> None:
    await library.heed(OFFERED, OFFERED)  # heard twice
    await library.book("编译原理")
    found = await library.get("/reader/catalogue?q=compilers")
    assert HERE in found.text
    assert "本馆未藏" in found.text
    assert HERE not in (await library.get("/reader/catalogue?q=编译原理")).text
    english = {"cookie": "lang=en"}
    for url in ("/reader/on-demand", "/reader/on-demand?q=learning", "/reader/on-demand?q=nothing-like-it", HERE):
        shown = await library.client.get(url, headers=english)
        assert shown.status_code == 200
        assert not han_in(shown.text), url
    assert (await library.client.post(f"{HERE}/ask")).headers["location"].startswith("/login")
    assert (await library.post(f"{HERE}/ask", CLERK)).status_code == 403
    assert (await library.get("/reader/on-demand/AX9")).status_code == 404


async def test_each_reader_counts_once_by_reading_or_asking_and_nobody_is_named(library: Library) -> None:
    await library.heed(OFFERED)
    first, teacher = await library.patron(), await library.patron(category=Category.staff)
    assert f"{HERE}/read" in (await library.get(HERE, first)).text
    for _turn in range(2):
        assert (await library.post(f"{HERE}/read", first)).status_code == 204
    assert f"{HERE}/read" not in (await library.get(HERE, first)).text, "counted already"
    assert (await library.post(f"{HERE}/read", CLERK)).status_code == 403
    assert (await library.post(f"{HERE}/ask", teacher, data={"reason": "备课"})).status_code == 303
    assert await told(library) == [(1, 0, False, False, "system"), (2, 1, True, False, "system")]
    cards = {first.card, teacher.card}
    assert not cards & {row[0] for row in await rows(library, "SELECT who FROM on_demand_use")}
    assert not await rows(library, "SELECT 1 FROM outbox WHERE subject LIKE '%suggestion.submitted%'"), "nobody has to look at it"
    (wish,) = await rows(library, "SELECT no, case_no, state FROM suggestion")
    assert wish[1:] == (ONE, "submitted")
    assert (await library.post(f"{HERE}/ask", teacher)).status_code == 409, "one asks once"
    await library.post(f"/reader/my/suggestions/{wish[0]}/withdraw", teacher)
    assert (await told(library))[-1] == (1, 0, True, True, "system")


async def test_once_it_is_decided_the_digests_and_their_secret_are_gone(library: Library) -> None:
    await library.heed(OFFERED)
    reader = await library.patron()
    await library.post(f"{HERE}/ask", reader)
    ((number,),) = await rows(library, "SELECT no FROM suggestion")
    await library.heed(
        DemandMet(pool="AX2026-0001", offer=ONE, title="x", requests=1, outcome="bought", title_no="DG1"),
        SuggestionDecided(number=ONE, title="x", wishes=(number,), decision="accepted", title_no="DG1", progress="wanted"),
        OffersClosed(pool="AX2026-0001", offers=(ONE,), outcome="bought", outcome_label="已列入采购"),
    )
    assert await rows(library, "SELECT count(*) FROM on_demand_use") == [(0,)]
    assert await rows(library, "SELECT state, secret FROM on_demand_title ORDER BY number") == [("closed", ""), ("offered", (await rows(library, "SELECT secret FROM on_demand_title WHERE secret <> ''"))[0][0])]
    assert await rows(library, "SELECT state, title_no FROM suggestion") == [("accepted", "DG1")]
    late = await library.post(f"{HERE}/ask", reader)
    assert late.status_code == 409
    assert HERE not in (await library.get("/reader/on-demand")).text
