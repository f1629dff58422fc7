"""Self-check machines over SIP2: rate, latency and processor time, and what lost answers do.

The path Koha's published-nowhere figure was measured on: one connection a machine, each waits for its
answer. Loans and returns run with every rule, hold, fine and event; none goes through the gateway.
"""

from __future__ import annotations

import asyncio
import random
from typing import Any

from tests.bench.load import Round, Watch, best, calmest, closed_loop, spread
from tests.bench.stage import Stage, Unexpected, few_at_once

LEVELS = (1, 8, 200)
COPIES = 3
# Of a hundred answers so many never reach the machine; it comes back and asks again.
LOST = 20
STAMP = "20261127    120000"
BLANK = " " * 18


class Machine:
    """One terminal: signs in with an account of its own, lends and takes back a few books again and again."""

    def __init__(self, stage: Stage, account: str, card: str, copies: list[str]) -> None:
        self.stage, self.account, self.card, self.copies = stage, account, card, copies
        self.turn = 0
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def connect(self) -> None:
        """A new connection, signed in."""
        self.reader, self.writer = await asyncio.open_connection(self.stage.suite.host, self.stage.suite.sip2_port)
        answer = await self.say(f"9300CN{self.account}|CO{self.stage.suite.password}|")
        if not answer.startswith("941"):
            raise Unexpected(f"{self.account} cannot sign in: {answer}")

    def leave(self) -> None:
        """Hang up."""
        if self.writer:
            self.writer.close()
        self.reader = self.writer = None

    async def say(self, line: str) -> str:
        """One message and its answer."""
        assert self.reader is not None
        assert self.writer is not None
        self.writer.write(line.encode() + b"\r")
        return (await self.reader.readuntil(b"\r")).decode().strip()

    async def __call__(self, watch: Watch) -> None:
        """Lend one copy and take it back."""
        if self.reader is None:
            await self.connect()
        barcode = self.copies[self.turn % len(self.copies)]
        self.turn += 1
        with watch("loan"):
            lent = await self.say(self.lending(barcode))
        if not lent.startswith("121"):
            raise Unexpected(lent)
        with watch("return"):
            back = await self.say(f"09N{STAMP}{STAMP}AP|AO|AB{barcode}|AC|")
        if not back.startswith("101"):
            raise Unexpected(back)

    def lending(self, barcode: str) -> str:
        """The checkout message."""
        return f"11YN{STAMP}{BLANK}AO|AA{self.card}|AB{barcode}|AC|"


async def machines(stage: Stage, number: int) -> list[Machine]:
    """So many terminals with accounts, patrons and books of their own; enlisted like the demonstration's."""
    first = next(stage.serials)
    rows = stage.rows["reader"]
    accounts = [f"bench{first}x{n}" for n in range(number)]
    for account in accounts:
        await rows.execute(
            "INSERT INTO terminal SELECT (jsonb_populate_record(t, jsonb_build_object('id', uuidv7(), 'account', %s::text))).* "
            "FROM terminal t WHERE t.account = 'kiosk'", [account],
        )
    cards = await stage.patrons(number)
    copies = await stage.stock(number * COPIES, spread=min(400, number * COPIES))
    return [
        Machine(stage, account, card, copies[n * COPIES : (n + 1) * COPIES])
        for n, (account, card) in enumerate(zip(accounts, cards, strict=True))
    ]


async def measure(stage: Stage) -> dict[str, Any]:
    """Levels of machines, then the same with answers cut off."""
    everyone = await machines(stage, 40 if stage.quick else LEVELS[-1])
    await stage.quiet()
    levels = []
    for number in LEVELS:
        some = everyone[: min(number, len(everyone))]
        await few_at_once([one.connect() for one in some if one.reader is None], most=8)
        levels.append(await _level(stage, some))
    return {"levels": levels, "lost_answers": await _cut_off(stage, everyone[:8])}


async def _level(stage: Stage, clients: list[Machine]) -> dict[str, Any]:
    windows, seconds, warm_up = (1, 3.0, 1.0) if stage.quick else (3, 5.0, 2.0)
    done_before, before = await _done(stage), stage.meter.read()
    rounds: list[Round] = list(clients)
    seen = await closed_loop(rounds, stage.meter, windows=windows, seconds=seconds, warm_up=warm_up)
    await stage.quiet()
    after = stage.meter.read()
    operations = await _done(stage) - done_before
    parts = {name: round(1000 * (after.parts[name] - spent) / operations, 2) for name, spent in before.parts.items()}
    calm = calmest(seen)
    return {
        "machines": len(clients), "per_second": round(best(seen).rate, 1),
        "loan": spread(calm.seconds["loan"]), "return": spread(calm.seconds["return"]),
        "foreign_cpu_percent": calm.used.foreign_percent,
        "generator_cpu_percent": round(100 * calm.used.own / calm.used.seconds),
        "cpu_ms_per_operation": {**parts, "all": round(sum(parts.values()), 2)},
    }


async def _done(stage: Stage) -> int:
    row = await (await stage.rows["reader"].execute("SELECT count(*) + count(returned_at) FROM loan")).fetchone()
    return int(row[0]) if row else 0


async def _cut_off(stage: Stage, clients: list[Machine]) -> dict[str, Any]:
    """Hang up after sending, before the answer; ask again on a new line; then count the loans."""
    chance, cut = random.Random(11), 0
    wanted = 0
    for one in clients:
        for barcode in one.copies:
            if one.reader is None:
                await one.connect()
            wanted += 1
            while chance.randrange(100) < LOST:
                assert one.writer is not None
                one.writer.write(one.lending(barcode).encode() + b"\r")
                await one.writer.drain()
                await asyncio.sleep(0.05)
                one.leave()
                await one.connect()
                cut += 1
            answer = await one.say(one.lending(barcode))
            if not answer.startswith("121"):
                raise Unexpected(answer)
    codes = [barcode for one in clients for barcode in one.copies]
    row = await (await stage.rows["reader"].execute(
        "SELECT count(*), coalesce(sum(renewals), 0) FROM loan WHERE barcode = ANY(%s) AND returned_at IS NULL", [codes],
    )).fetchone() or (0, 0)
    for one in clients:
        one.leave()
    return {"loans_wanted": wanted, "answers_cut": cut, "open_loans": row[0], "double_loans": row[0] - wanted, "renewed_by_mistake": int(row[1])}
