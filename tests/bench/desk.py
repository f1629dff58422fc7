"""The desk at full speed: loans and returns through the gateway, with every rule, fine, hold and event on.

Of ten copies a client lends and takes back, one comes back late (the fine is paid at once) and one
is waited for (it goes to the hold shelf and from there to whoever waited). Lateness is written into
the loan beforehand; everything else goes through the doors.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterator
from typing import Any

from tests.bench.load import Round, Watch, best, calmest, closed_loop, spread
from tests.bench.machine import used
from tests.bench.stage import CLERKS, Stage, few_at_once

LEVELS = (1, 8, 20, 30)
# A quick clerk scans once a second; twenty desks that do so are a full hall at the beginning of term.
PACED, PACE = 20, 1.0
COPIES = 10
_LATE = (
    "update loan set due_on = due_on - 120 where returned_at is null "
    "and item_id = (select id from item where barcode = %s)"
)


class Clerk:
    """One client: a signed-in librarian with a pile of books and two patrons."""

    def __init__(self, stage: Stage, who: str, copies: list[str], patrons: tuple[str, str]) -> None:
        self.stage, self.who = stage, who
        self.card, self.other = patrons
        self.turns: Iterator[tuple[int, str]] = itertools.cycle(enumerate(copies))
        self.instances: dict[str, str] = {}

    async def __call__(self, watch: Watch) -> None:
        """Lend and take back one copy; the tenth part late, the tenth part waited for."""
        n, code = next(self.turns)
        waited = n == 7
        await self.lend(watch, self.card, code)
        if waited:
            with watch("hold"):
                # Another copy stands on the shelf, so only a head of the point may queue somebody.
                await self.stage.ask("rdr-led", "POST", "/api/reader/holds", {
                    "card": self.other, "instance_id": self.instances[code], "override": True, "note": "测量",
                }, status=201)
        if n == 3:
            await self.stage.rows["reader"].execute(_LATE, [code])
        back = await self.give_back(watch, code, "hold_shelf" if waited else "shelve")
        if n == 3:
            assert back["fine_cents"] > 0, back
            with watch("payment"):
                await self._post("payments", {"card": self.card}, 201)
        if waited:
            await self.lend(watch, self.other, code)
            await self.give_back(watch, code, "shelve")

    async def lend(self, watch: Watch, card: str, code: str) -> None:
        """One loan."""
        with watch("loan"):
            answer = await self._post("loans", {"card": card, "barcode": code}, 201)
        self.instances[code] = answer["item"]["instance_id"]

    async def give_back(self, watch: Watch, code: str, goes: str) -> dict[str, Any]:
        """One return, and where the copy goes."""
        with watch("return"):
            answer: dict[str, Any] = await self._post("returns", {"barcode": code}, 200)
        assert answer["loan"], answer
        assert answer["next"] == goes, answer
        return answer

    async def _post(self, door: str, body: dict[str, Any], status: int) -> Any:
        return await self.stage.ask(self.who, "POST", f"/api/reader/{door}", body, status=status)


async def clerks(stage: Stage, number: int) -> list[Round]:
    """So many clients with books and patrons of their own; each waited-for title belongs to one alone."""
    copies = await stage.stock(number * COPIES, spread=number * COPIES)
    cards = await stage.patrons(number * 2)
    # Sign in before the clock runs: proving a password is slow on purpose.
    await few_at_once([stage.token(name) for name in CLERKS], most=1)
    return [
        Clerk(stage, CLERKS[n % len(CLERKS)], copies[n * COPIES : (n + 1) * COPIES], (cards[2 * n], cards[2 * n + 1]))
        for n in range(number)
    ]


async def measure(stage: Stage) -> dict[str, Any]:
    """Latency, rate and processor time per operation at 1, 8, 20 and 30 clients."""
    everyone = await clerks(stage, LEVELS[-1])
    await stage.quiet()
    before = stage.meter.read()
    await asyncio.sleep(1 if stage.quick else 3)
    idle = used(before, stage.meter.read())
    return {
        "idle_cpu_percent": round(100 * idle.suite / idle.seconds, 1),
        "levels": [await _level(stage, everyone[:number]) for number in LEVELS],
        "paced": await _paced(stage, everyone[:PACED]),
    }


async def _paced(stage: Stage, clients: list[Round]) -> dict[str, Any]:
    """The same rounds, but each client waits for its next second, as people do who hand over books."""
    windows, seconds, warm_up = (1, 3.0, 1.0) if stage.quick else (3, 10.0, 2.0)

    def calm(client: Round, first: float) -> Round:
        at = time.monotonic() + first

        async def go(watch: Watch) -> None:
            nonlocal at
            at = max(at + 2 * PACE, time.monotonic())  # a round is two scans
            await asyncio.sleep(at - time.monotonic())
            await client(watch)

        return go

    people = [calm(client, 2 * PACE * n / len(clients) - 2 * PACE) for n, client in enumerate(clients)]
    seen = await closed_loop(people, stage.meter, windows=windows, seconds=seconds, warm_up=warm_up)
    await stage.quiet()
    quiet = calmest(seen)
    return {
        "clients": len(clients), "per_second": round(best(seen).rate, 1), "foreign_cpu_percent": quiet.used.foreign_percent,
        "loan": spread(quiet.seconds["loan"]), "return": spread(quiet.seconds["return"]),
    }


async def _level(stage: Stage, clients: list[Round]) -> dict[str, Any]:
    windows, seconds, warm_up = (1, 2.0, 0.5) if stage.quick else (3, 4.0, 1.5)
    done_before = await _done(stage)
    before = stage.meter.read()
    seen = await closed_loop(clients, stage.meter, windows=windows, seconds=seconds, warm_up=warm_up)
    behind = await stage.quiet()
    # What an operation costs includes what it sets off elsewhere: count until everybody has heard.
    after = stage.meter.read()
    operations = await _done(stage) - done_before
    parts = {name: after.parts[name] - spent for name, spent in before.parts.items()}
    named = {name: parts.pop(name) for name in ("reader", "postgres", "gateway", "nats")}
    calm = calmest(seen)
    return {
        "clients": len(clients), "per_second": round(best(seen).rate, 1),
        "loan": spread(calm.seconds["loan"]), "return": spread(calm.seconds["return"]),
        "foreign_cpu_percent": calm.used.foreign_percent, "seconds_until_all_heard": round(behind, 1),
        "cpu_ms_per_operation": {
            name: round(1000 * spent / operations, 2)
            for name, spent in {**named, "others": sum(parts.values()), "all": sum(named.values()) + sum(parts.values())}.items()
        },
        "generator_cpu_percent": round(100 * calm.used.own / calm.used.seconds),
        "windows": [window.as_json() for window in seen],
    }


async def _done(stage: Stage) -> int:
    """Loans, returns, holds and payments so far, as the desk's database counts them."""
    row = await (await stage.rows["reader"].execute(
        "select (select count(*) + count(returned_at) from loan) + (select count(*) from hold)"
        " + (select count(*) from ledger where receipt <> '')"
    )).fetchone()
    return int(row[0]) if row else 0
