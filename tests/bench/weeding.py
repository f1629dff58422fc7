"""A weeding batch of 20,000 copies (10,000 with `--quick`): the rule, the preview, the sending, the expert's pages and word.

`python -m tests.bench weeding` starts the department alone with the demonstration library, fills the stock as `holdings` does, makes the
copies older than the rule asks, and takes the time of the commands and pages the screens call. `--quick` stocks 25,000 items instead of
200,000; about 10,000 of them are lent stock and make the batch.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import psycopg
from sqlalchemy import text

from services.resources.app import service
from services.resources.collections.batches import commands
from services.resources.collections.batches.register import batches
from services.resources.collections.weeding.model import View
from shared.identity import Actor
from shared.service import Kit
from shared.testing.tokens import headers
from tests.bench.alone import resources_alone
from tests.bench.holdings import fill
from tests.bench.oai import multiply

MANY, FEW, LINES = 200_000, 25_000, 20_000
PAGES = 15
MAKER = Actor(id="B001", name="Bench", posts=("RES-MGT",), dept="resources")
EXPERT = Actor(id="B002", name="Bench too", posts=("RES-MGT",), dept="resources")
# A page of any batch, and the pick of the whole house.
BAR_PAGE_MS, BAR_BUILD_S = 500, 30


async def measure() -> dict[str, Any]:
    """The figures of this part."""
    count = FEW if "--quick" in sys.argv else MANY
    with resources_alone("weeding") as (_suite, settings):
        with psycopg.connect(settings.database_url, autocommit=True) as link:
            multiply(link, max(count // 5, 500))
            fill(link, count, 1)
            _age(link)
        app = service.app(settings)
        kit: Kit = app.state.kit
        try:
            found = await _times(app, kit)
        finally:
            await kit.engine.dispose()
    return {"items": count, **found, "bar_page_ms": BAR_PAGE_MS, "bar_build_s": BAR_BUILD_S}


def _age(link: psycopg.Connection[Any]) -> None:
    """The copies to be weeded stood there for twelve years; everything else is new. All of them are with the desk and may be lent."""
    link.execute("SET statement_timeout = 0")
    link.execute(
        "CREATE TEMP TABLE old AS SELECT i.id FROM item i JOIN location l ON l.no = i.location "
        "WHERE i.barcode LIKE 'Q%%' AND NOT l.special AND l.use = 'loan' ORDER BY i.barcode LIMIT %s", (LINES,),
    )
    link.execute("UPDATE item SET use = 'loan', created_at = now() - interval '12 years' WHERE id IN (SELECT id FROM old)")
    # The book of the stock is never changed in life; here it is written twelve years back.
    link.execute("ALTER TABLE holding_move DISABLE TRIGGER USER")
    link.execute("UPDATE holding_move SET day = current_date - 4400 WHERE item_id IN (SELECT id FROM old)")
    link.execute("ALTER TABLE holding_move ENABLE TRIGGER USER")
    link.execute("DELETE FROM item_use WHERE item_id IN (SELECT id FROM old)")
    for table in ("item", "holding_move"):
        link.execute(f"VACUUM ANALYZE {table}")


async def _took(what: Callable[[], Awaitable[Any]]) -> float:
    began = time.monotonic()
    await what()
    return time.monotonic() - began


async def _times(app: Any, kit: Kit) -> dict[str, Any]:
    async with kit.works.open(MAKER) as work:
        number = (await batches.open(work, title="Bench", grounds=["zero_use"], years=10, include_last=True)).no

    async def act(action: str) -> None:
        async with kit.works.open(MAKER) as work:
            await batches.move(work, number, action)

    build = await _took(lambda: act("build"))
    url = f"/resources/weeding-lists/{number}"
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://resources.test", headers=headers(EXPERT, "resources"), timeout=120,
    ) as web:
        async def pages(path: str) -> dict[str, float]:
            """The first page (its templates compiled in it), median and worst of the pages after it, in milliseconds."""
            took = []
            for n in range(PAGES):
                began = time.monotonic()
                answer = await web.get(f"{path}{'&' if '?' in path else '?'}page={1 + n * 40}")
                assert answer.status_code == 200, answer.text[:300]
                took.append((time.monotonic() - began) * 1000)
            first, *rest = took
            return {"first_ms": round(first), "median_ms": round(sorted(rest)[len(rest) // 2]), "worst_ms": round(max(rest))}

        case, picks = await pages(url), await pages(f"{url}/picks")
        send = await _took(lambda: act("send"))
        async with kit.works.open(MAKER) as work:
            codes = [row[0] for row in await work.session.execute(text("SELECT barcode FROM weeding_line WHERE list_no = :no"), {"no": number})]

        async def pull() -> None:
            for at in range(0, len(codes), 500):
                async with kit.works.open() as work:
                    await commands.pulled(work, number, found=codes[at:at + 500], others=())

        pulled = await _took(pull)
        lines = await pages(f"{url}/lines")

        async def word() -> None:
            async with kit.works.open(EXPERT) as work:
                await commands.view(work, number, [], view=View.withdraw, opinion="", everything=True)

        viewed = await _took(word)
    return {
        "lines": len(codes), "build_s": round(build, 1), "send_s": round(send, 1), "pulled_s": round(pulled, 1), "view_all_s": round(viewed, 1),
        "case_page": case, "picks_page": picks, "lines_page": lines,
    }
