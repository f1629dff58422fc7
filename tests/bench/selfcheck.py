"""Self-check machines over SIP2: rate, latency and processor time, and what lost answers do.

The path Koha's published-nowhere figure was measured on: one connection a machine, each waits for its
answer. Loans and returns run with every rule, hold, fine and event; none goes through the gateway.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from typing import Any

from tests.bench.load import Round, Watch, Window, best, calmest, closed_loop, spread
from tests.bench.stage import Stage, Unexpected, few_at_once

LEVELS = (1, 8, 200)
COPIES = 3
# Of a hundred answers so many never reach the machine; it comes back and asks again. At least so many must be lost.
LOST, CUTS = 20, 100
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
    """Levels of machines, then all of them with answers lost at random."""
    everyone = await machines(stage, 40 if stage.quick else LEVELS[-1])
    await stage.quiet()
    levels = []
    for number in LEVELS:
        some = everyone[: min(number, len(everyone))]
        await few_at_once([one.connect() for one in some if one.reader is None], most=8)
        levels.append(await _level(stage, some))
    return {"levels": levels, "lost_answers": await _bad_lines(stage, everyone)}


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


class Lossy(Machine):
    """A terminal whose line is bad: of loans and returns alike it hangs up before some answers, comes back and asks again."""

    def __init__(self, of: Machine, chance: random.Random) -> None:
        super().__init__(of.stage, of.account, of.card, of.copies)
        self.chance, self.cut, self.rounds = chance, 0, 0
        # From the first asking to the answer, of what was lost at least once.
        self.recovered: list[float] = []

    async def __call__(self, watch: Watch) -> None:
        """Lend one copy and take it back, however often the answers are lost."""
        if self.reader is None:
            await self.connect()
        barcode = self.copies[self.turn % len(self.copies)]
        self.turn += 1
        await self.insist(watch, "loan", self.lending(barcode), "121")
        await self.insist(watch, "return", f"09N{STAMP}{STAMP}AP|AO|AB{barcode}|AC|", "101")
        self.rounds += 1

    async def insist(self, watch: Watch, name: str, line: str, good: str) -> None:
        """Send until an answer came; only the answered sending is timed as an operation."""
        begun, lost = time.perf_counter(), False
        while self.chance.randrange(100) < LOST:
            assert self.writer is not None
            self.writer.write(line.encode() + b"\r")
            await self.writer.drain()
            await asyncio.sleep(self.chance.random() * 0.1)  # before, while or after it is dealt with
            self.leave()
            await self.connect()
            self.cut, lost = self.cut + 1, True
        with watch(name):
            answer = await self.say(line)
        if not answer.startswith(good):
            raise Unexpected(f"{name}: {answer}")
        if lost:
            self.recovered.append(time.perf_counter() - begun)


async def _bad_lines(stage: Stage, machines_: list[Machine]) -> dict[str, Any]:
    """All terminals at once on bad lines, until enough answers were lost; then the loans are counted."""
    for one in machines_:
        one.leave()
    clients = [Lossy(one, random.Random(11 + n)) for n, one in enumerate(machines_)]
    await few_at_once([one.connect() for one in clients], most=8)
    before = await _made(stage, clients)
    wanted_cuts = 10 if stage.quick else CUTS
    seen: list[Window] = []
    for _again in range(10):
        windows, seconds, warm_up = (1, 3.0, 0.0) if stage.quick else (3, 5.0, 0.0 if seen else 2.0)
        rounds: list[Round] = list(clients)
        seen += await closed_loop(rounds, stage.meter, windows=windows, seconds=seconds, warm_up=warm_up)
        if sum(one.cut for one in clients) >= wanted_cuts:
            break
    await stage.quiet()
    made = {name: count - before[name] for name, count in (await _made(stage, clients)).items()}
    for one in clients:
        one.leave()
    rounds_done, calm = sum(one.rounds for one in clients), calmest(seen)
    return {
        "machines": len(clients), "lost_percent": LOST, "answers_cut": sum(one.cut for one in clients),
        "per_second": round(best(seen).rate, 1), "loan": spread(calm.seconds["loan"]), "return": spread(calm.seconds["return"]),
        "until_answered_after_a_loss": spread([spent for one in clients for spent in one.recovered]),
        "foreign_cpu_percent": calm.used.foreign_percent, "loans_wanted": rounds_done, "loans_made": made["loans"],
        "double_loans": made["loans"] - rounds_done, "not_returned": made["loans"] - made["returns"],
        "renewed_by_mistake": made["renewals"],
    }


async def _made(stage: Stage, clients: Sequence[Machine]) -> dict[str, int]:
    """Loans, returns and renewals of the copies of these terminals, of all time."""
    codes = [barcode for one in clients for barcode in one.copies]
    row = await (await stage.rows["reader"].execute(
        "SELECT count(*), count(returned_at), coalesce(sum(renewals), 0) FROM loan WHERE barcode = ANY(%s)", [codes],
    )).fetchone() or (0, 0, 0)
    return {"loans": int(row[0]), "returns": int(row[1]), "renewals": int(row[2])}
