"""An order of 500 titles: put together, checked, and opened as a person opens it.

`python -m tests.bench order` starts the department alone with the demonstration library, types an order by the commands the screens
call and fetches its pages from the department's own application, signed in, without the gateway. Half of its titles are held already,
so that the check has something to find. `--quick` opens each page fewer times; the order stays as long as it is.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import httpx
from sqlalchemy import select

from services.resources.acquiring.funds import queries as funds
from services.resources.acquiring.orders import commands
from services.resources.acquiring.orders.commands import NewLine
from services.resources.acquiring.orders.queries import SIZE
from services.resources.acquiring.orders.register import orders
from services.resources.acquiring.suppliers.model import Supplier
from services.resources.app import service
from services.resources.cataloguing.records.model import Instance
from shared.identity import Actor
from shared.service import Kit
from shared.testing.tokens import headers
from tests.bench.alone import resources_alone

LINES = 500
OPENINGS, FEW = 20, 5
# What opening any page of the order may cost, in milliseconds.
BAR_MS = 2_000
BUYER = Actor("B001", "Bench", posts=("RES-ACQ",), dept="resources")


async def measure() -> dict[str, Any]:
    """The figures of this part."""
    turns = FEW if "--quick" in sys.argv else OPENINGS
    with resources_alone("order") as (_suite, settings):
        app = service.app(settings)
        kit: Kit = app.state.kit
        try:
            number, typed, checked = await _made(kit)
            found = await _opened(app, number, turns)
        finally:
            await kit.engine.dispose()
    return {"lines": LINES, "type_seconds": typed, "check_seconds": checked, **found, "bar_ms": BAR_MS}


async def _made(kit: Kit) -> tuple[str, float, float]:
    """The order's number, and how long it took to put its titles on it and to check them, in seconds."""
    async with kit.works.open(BUYER) as work:
        supplier = (await work.session.scalars(select(Supplier.no).order_by(Supplier.no).limit(1))).one()
        fund = (await funds.lines(work.session))[0].no
        known = (await work.session.execute(select(Instance.title, Instance.year).order_by(Instance.number).limit(LINES // 2))).all()
        number = str((await orders.open(work, supplier=supplier, fund=fund)).no)
    lines = [
        NewLine(known[n // 2][0], 4_800 + n, 2, year=str(known[n // 2][1] or "")) if n % 2 and n // 2 < len(known)
        else NewLine(f"Bench title {n}", 4_800 + n, 2, "Somebody", "A house", "2026", f"bench {n}")
        for n in range(LINES)
    ]
    begun = time.perf_counter()
    async with kit.works.open(BUYER) as work:
        await commands.add_lines(work, number, lines)
    typed = time.perf_counter() - begun
    begun = time.perf_counter()
    async with kit.works.open(BUYER) as work:
        await orders.move(work, number, "check", again_reason="bench")
    return number, round(typed, 2), round(time.perf_counter() - begun, 2)


async def _opened(app: Any, number: str, turns: int) -> dict[str, int]:
    """Median and worst of opening the order, the first and the last page of its titles; milliseconds."""
    last = -(-LINES // SIZE)
    pages = {"order": f"/resources/orders/{number}", "titles": f"/resources/orders/{number}/lines",
             "last_titles": f"/resources/orders/{number}/lines?page={last}"}
    found: dict[str, int] = {}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://resources.bench", headers=headers(BUYER, "resources"), timeout=60,
    ) as client:
        for name, url in pages.items():
            took = []
            for _turn in range(turns + 1):
                begun = time.perf_counter()
                answer = await client.get(url)
                took.append(round(1000 * (time.perf_counter() - begun)))
                answer.raise_for_status()
            # The first one compiles templates and statements.
            found[f"{name}_first_ms"], rest = took[0], sorted(took[1:])
            found[f"{name}_ms_median"], found[f"{name}_ms_worst"] = rest[len(rest) // 2], rest[-1]
    return found
