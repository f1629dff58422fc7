"""A stock of a million: the monthly report, a stock-take of the whole house, and a title with ten thousand items.

`python -m tests.bench holdings` starts the department alone with the demonstration library, fills the stock by statements of whole
sets (half of it before the month, half in it, so that the report has an opening and flows) and takes the time of the commands the
screens call. `--quick` takes 20,000 items and a title with 1,000.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

import psycopg
from sqlalchemy import text

from services.resources.app import service
from services.resources.cataloguing.marc.record import Field, Record
from services.resources.cataloguing.records.queries import by_key
from services.resources.cataloguing.versions import commands as versions
from services.resources.collections.monthly.register import holdings
from services.resources.collections.stocktake.register import stocktakes
from shared.identity import Actor
from shared.service import Kit
from tests.bench.alone import resources_alone
from tests.bench.oai import multiply

MANY, FEW = 1_000_000, 20_000
TITLE_MANY, TITLE_FEW = 10_000, 1_000
STEP = 50_000
SAVES = 10
# What saving a title may cost, in milliseconds, however many items it has.
BAR_MS = 100
MAKER = Actor("B001", "Bench", posts=("RES-MGT",), dept="resources")
CHECKER = Actor("B002", "Bench too", posts=("RES-MGT",), dept="resources")
PERIOD_DAY = "2026-09-15"
BEFORE_DAY = "2026-08-15"
PERIOD = "2026-09"


async def measure() -> dict[str, Any]:
    """The figures of this part."""
    quick = "--quick" in sys.argv
    count, of_title = (FEW, TITLE_FEW) if quick else (MANY, TITLE_MANY)
    with resources_alone("holdings") as (_suite, settings):
        made = time.monotonic()
        with psycopg.connect(settings.database_url, autocommit=True) as link:
            titles = multiply(link, max(count // 5, 500))
            number = fill(link, count, of_title)
        made = time.monotonic() - made
        kit: Kit = service.app(settings).state.kit
        try:
            found = await _times(kit, number)
        finally:
            await kit.engine.dispose()
    return {
        "items": count, "titles": titles, "seconds_to_make": round(made), **found, "items_of_the_title": of_title, "bar_ms": BAR_MS,
    }


def fill(link: psycopg.Connection[Any], count: int, of_title: int) -> str:
    """Items like one there is, spread over all titles and places; returns the number of the title that has the most."""
    link.execute("SET statement_timeout = 0")
    columns = [row[0] for row in link.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'item' AND is_generated = 'NEVER' ORDER BY ordinal_position"
    )]
    given = {
        "id": "gen_random_uuid()", "barcode": "'Q' || lpad(n::text, 9, '0')", "instance_id": "t.id", "call_number": "t.call_number",
        "shelf_key": "t.call_number", "copy_no": "n", "location": "p.no", "life": "'in_stock'", "custodian": "'reader'", "book_id": "NULL::uuid",
        "price_cents": "2000 + n %% 7000",
    }
    values = ", ".join(given.get(name, f"i.{name}") for name in columns)
    link.execute("CREATE TEMP TABLE bench_title AS SELECT row_number() OVER (ORDER BY number) - 1 AS at, id, number, call_number FROM instance")
    link.execute("CREATE TEMP TABLE bench_place AS SELECT row_number() OVER (ORDER BY no) - 1 AS at, no FROM location")
    link.execute("CREATE INDEX ON bench_title (at)")
    link.execute("ANALYZE bench_title")
    titles, places = (link.execute(f"SELECT count(*) FROM {name}").fetchone() or (1,) for name in ("bench_title", "bench_place"))
    statement = (
        f"INSERT INTO item ({', '.join(columns)}) SELECT {values} FROM generate_series(%(a)s::int, %(b)s::int) n "
        "JOIN bench_title t ON t.at = CASE WHEN n <= %(big)s THEN 0 ELSE n %% %(titles)s END "
        "JOIN bench_place p ON p.at = n %% %(places)s, (SELECT * FROM item WHERE life = 'in_stock' AND book_id IS NULL LIMIT 1) i"
    )
    for first in range(1, count + 1, STEP):
        link.execute("SELECT set_config('guanwu.day', %s, false)", [BEFORE_DAY if first <= count // 2 else PERIOD_DAY])
        link.execute(statement, {
            "a": first, "b": min(first + STEP - 1, count), "big": of_title, "titles": titles[0], "places": places[0],
        })
    link.execute("SELECT set_config('guanwu.day', '', false)")
    for table in ("item", "holding_move", "instance"):
        link.execute(f"VACUUM ANALYZE {table}")
    return str((link.execute("SELECT number FROM bench_title WHERE at = 0").fetchone() or ("",))[0])


async def _times(kit: Kit, number: str) -> dict[str, Any]:
    async with kit.works.open(MAKER) as work:
        places = [row[0] for row in await work.session.execute(text("SELECT no FROM location ORDER BY no"))]

    async def report() -> None:
        async with kit.works.open(MAKER) as work:
            number = (await holdings.open(work, period=PERIOD)).no
        # In a house of this size it is put off, to this.
        async with kit.works.open(MAKER) as work:
            await holdings.move(work, number, "compute")

    async def plan() -> str:
        async with kit.works.open(MAKER) as work:
            return str((await stocktakes.open(work, title="bench", places=places)).no)

    stocktake = await plan()

    async def freeze() -> None:
        async with kit.works.open(MAKER) as work:
            await stocktakes.move(work, stocktake, "open")

    found = {"month_report_seconds": await _took(report), "freeze_seconds": await _took(freeze)}
    saves = sorted([await _save(kit, number, turn) for turn in range(SAVES)])
    found["title_save_ms_median"], found["title_save_ms_worst"] = saves[SAVES // 2], saves[-1]
    return found


async def _save(kit: Kit, number: str, turn: int) -> int:
    """One version more of the title, and the second person's word that makes patrons see it."""
    async with kit.works.open(MAKER) as work:
        record = await by_key(work.session, number, whole=True)
        base, marc = record.revision, Record.from_json(record.fields)
    changed = Record(marc.leader, (*marc.fields, Field("500" if marc.dialect == "marc21" else "300", "  ", (("a", f"bench {turn}"),))), marc.dialect)
    begun = time.perf_counter()
    async with kit.works.open(MAKER) as work:
        await versions.save(work, number, changed, base=base)
    async with kit.works.open(CHECKER) as work:
        await versions.accept(work, number)
    return round(1000 * (time.perf_counter() - begun))


async def _took(do: Callable[[], Awaitable[None]]) -> float:
    begun = time.perf_counter()
    await do()
    return round(time.perf_counter() - begun, 2)

