"""The street in front of the library: who comes when is fixed beforehand, and nobody waits for the one before."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import psycopg

from shared.barcodes import barcode
from tests.bench.machine import Reading, used
from tests.bench.selfcheck import STAMP, Machine, machines
from tests.bench.stage import CLERKS, Stage, Unexpected, few_at_once

READER_ACCOUNT = "20231001"
WORDS = ("图书馆", "经济", "历史", "数学", "文学", "計算機", "中国", "society", "history", "art", "science", "语言", "法", "教育", "江南", "poems")
# Pages of work, each opened by somebody who works there.
PAGES = (
    ("rdr-led", "/"), ("rdr-led", "/reader/holds"), ("rdr-dsk", "/reader/overdue"), ("rdr-dsk", "/reader/desk"),
    ("res-acq", "/resources/orders"), ("off-fin", "/office/vouchers"),
)
TERMINALS = 12


@dataclass(frozen=True)
class Arrival:
    """Something somebody begins at this second of the run."""

    at: float
    kind: str
    hour: int


@dataclass
class Figures:
    """What came of a stretch of the day."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    hours: dict[int, list[float]] = field(default_factory=dict)
    late: list[float] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    took: float = 0.0
    began: Reading | None = None
    ended: Reading | None = None
    sessions: int = 0
    busy_sessions: int = 0
    waiting_locks: int = 0
    unheard: int = 0


@dataclass
class Place:
    """Where the suite is: ours, with its databases and processes in sight, or any other by its address alone."""

    base: str
    password: str
    http: aiohttp.ClientSession
    stage: Stage | None = None
    sip2: tuple[str, int] | None = None
    tokens: dict[str, str] = field(default_factory=dict)

    @classmethod
    def embedded(cls, stage: Stage) -> Place:
        """The suite this benchmark has started."""
        sip2 = (stage.suite.host, stage.suite.sip2_port) if stage.suite.sip2_port else None
        return cls(stage.suite.base_url, stage.suite.password, stage.http, stage, sip2)

    @classmethod
    @asynccontextmanager
    async def at(cls, url: str, password: str, *, sip2: str = "") -> AsyncIterator[Place]:
        """A suite somewhere else; a certificate of its own making is taken as it is."""
        host, _, port = sip2.partition(":")
        async with aiohttp.ClientSession(
            url, connector=aiohttp.TCPConnector(limit=0, ssl=False), timeout=aiohttp.ClientTimeout(total=60),
            headers={"accept": "application/json"},
        ) as http:
            yield cls(url, password, http, None, (host, int(port)) if port else None)

    async def token(self, who: str) -> str:
        """This person's bearer token, kept for the run."""
        if who not in self.tokens:
            self.tokens[who] = await self.sign_in(who)
        return self.tokens[who]

    async def sign_in(self, who: str) -> str:
        """Prove the password."""
        async with self.http.post("/api/token", json={"username": who, "password": self.password}) as answer:
            if answer.status != 200:
                raise Unexpected(f"{who} cannot sign in: {answer.status}")
            return str((await answer.json())["access_token"])

    async def ask(self, who: str, method: str, path: str, body: Any = None, *, good: Sequence[int] = (200, 201), page: bool = False) -> Any:
        """One request as this person; nobody when `who` is empty."""
        headers = {"authorization": f"Bearer {await self.token(who)}"} if who else {}
        if page:
            headers["accept"] = "text/html"
        async with self.http.request(method, path, json=body, headers=headers) as answer:
            text = await answer.read()
            if answer.status not in good:
                raise Unexpected(f"{answer.status} {method} {path.partition('?')[0]}: {text[:150].decode(errors='replace')}")
            return None if page else await answer.json()


class Street:
    """Copies on the shelf and at home, patrons, records, machines: what arrivals need to do something real."""

    def __init__(self, place: Place, chance: random.Random) -> None:
        self.place, self.chance = place, chance
        self.shelf, self.home = deque[str](), deque[str]()
        self.titles: dict[str, str] = {}
        self.cards: list[str] = []
        self.numbers: list[str] = []
        self.terminals: asyncio.Queue[Machine] = asyncio.Queue()
        self.machines: list[Machine] = []

    async def leave(self) -> None:
        """Hang up."""
        for one in self.machines:
            one.leave()

    def does(self, kind: str) -> Callable[[], Awaitable[bool]]:
        """What somebody of this kind does; False when there was nothing to do it with."""
        if kind.startswith("self-check ") and not self.machines:
            kind = kind.removeprefix("self-check ")
        found: Callable[[], Awaitable[bool]] = getattr(self, "_" + kind.replace("-", "_").replace(" ", "_"))
        return found

    def _clerk(self) -> str:
        return self.chance.choice(CLERKS)

    async def _loan(self) -> bool:
        if not self.shelf:
            return False
        code = self.shelf.popleft()
        said = await self.place.ask(
            self._clerk(), "POST", "/api/reader/loans", {"card": self.chance.choice(self.cards), "barcode": code}, good=(201, 409),
        )
        if "loan_id" not in said:  # somebody waits for this title where we are only guests: it is left alone from now on
            return False
        self.home.append(code)
        return True

    async def _return(self) -> bool:
        if not self.home:
            return False
        code = self.home.popleft()
        await self.place.ask(self._clerk(), "POST", "/api/reader/returns", {"barcode": code})
        self.shelf.append(code)
        return True

    async def _self_check_loan(self) -> bool:
        return bool(self.shelf) and await self._at_machine(self.shelf, self.home, lambda machine, code: machine.lending(code), "121")

    async def _self_check_return(self) -> bool:
        return bool(self.home) and await self._at_machine(
            self.home, self.shelf, lambda _machine, code: f"09N{STAMP}{STAMP}AP|AO|AB{code}|AC|", "101"
        )

    async def _at_machine(self, source: deque[str], target: deque[str], line: Callable[[Machine, str], str], good: str) -> bool:
        code = source.popleft()
        machine = await self.terminals.get()  # a person before an occupied machine waits, and that is measured
        try:
            machine.card = self.chance.choice(self.cards)
            answer = await machine.say(line(machine, code))
        finally:
            self.terminals.put_nowait(machine)
        if not answer.startswith(good):
            raise Unexpected(answer[:120])
        target.append(code)
        return True

    async def _renewal(self) -> bool:
        if not self.home:
            return False
        # The second renewal of a loan is refused, and that is an answer too.
        code = self.chance.choice(self.home)
        await self.place.ask(self._clerk(), "POST", "/api/reader/renewals", {"barcode": code}, good=(200, 409))
        return True

    async def _hold(self) -> bool:
        """Queued and let go, so that the next patron finds the copy free."""
        code = self.chance.choice(list(self.titles))
        made = await self.place.ask("rdr-led", "POST", "/api/reader/holds", {
            "card": self.chance.choice(self.cards), "instance_id": self.titles[code], "override": True, "note": "测量",
        }, good=(200, 201, 409))
        if "id" in made:
            await self.place.ask("rdr-led", "POST", f"/api/reader/holds/{made['id']}/cancel", {"reason": ""}, good=(200, 409))
        return True

    async def _search(self) -> bool:
        await self.place.ask("", "GET", f"/reader/catalogue?q={self.chance.choice(WORDS)}", page=True)
        return True

    async def _record(self) -> bool:
        await self.place.ask("", "GET", f"/reader/catalogue/{self.chance.choice(self.numbers)}", page=True)
        return True

    async def _own_loans(self) -> bool:
        await self.place.ask(READER_ACCOUNT, "GET", f"/api/reader/patrons/{READER_ACCOUNT}/loans")
        return True

    async def _staff_page(self) -> bool:
        who, page = self.chance.choice(PAGES)
        await self.place.ask(who, "GET", page, page=True)
        return True

    async def _sign_in(self) -> bool:
        await self.place.sign_in(READER_ACCOUNT)
        return True


async def prepared(place: Place, chance: random.Random, *, copies: int, patrons: int) -> Street:
    """Copies and patrons of its own, a third of the copies at home already; everybody signed in."""
    street = Street(place, chance)
    for who in {*CLERKS, READER_ACCOUNT, "res-mgt", *(who for who, _page in PAGES)}:
        await place.token(who)
    first = random.SystemRandom().randrange(70_000_000, 89_000_000) if place.stage is None else next(place.stage.serials)
    found: list[dict[str, Any]] = []
    for word in WORDS:
        found += (await place.ask("", "GET", f"/api/reader/catalogue?q={word}&limit=20"))["items"]
    street.numbers = sorted({str(one["number"]) for one in found})
    records = await place.stage.titles(min(copies, 200)) if place.stage else sorted({str(one["instance_id"]) for one in found})
    codes = [barcode("A", (next(place.stage.serials) if place.stage else first + n)) for n in range(copies)]
    street.cards = [f"BN{next(place.stage.serials) if place.stage else first + copies + n}" for n in range(patrons)]
    street.titles = {code: records[n % len(records)] for n, code in enumerate(codes)}
    await few_at_once([place.ask("res-mgt", "POST", "/api/resources/items", {
        "instance_id": record, "barcode": code, "location": "sk-2f", "call_number": "B0/1", "price_cents": 5000,
    }) for code, record in street.titles.items()])
    await few_at_once([
        place.ask("rdr-dsk", "POST", "/api/reader/patrons", {"card": card, "name": "测试读者", "category": "staff"}) for card in street.cards
    ])
    for code in (codes[-1], codes[0]):
        await _known(place, code)
    street.shelf.extend(codes)
    for _ in range(copies // 3):
        await street._loan()
    if place.stage is not None and place.sip2:
        street.machines = await machines(place.stage, TERMINALS)
        await few_at_once([one.connect() for one in street.machines])
        for one in street.machines:
            street.terminals.put_nowait(one)
    return street


async def _known(place: Place, code: str, *, within: float = 90) -> None:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        with contextlib.suppress(Unexpected):
            await place.ask("rdr-dsk", "GET", f"/api/reader/items/{code}")
            return
        await asyncio.sleep(0.3)
    raise Unexpected(f"the desk has not heard of {code}")


async def walk(street: Street, plan: Sequence[Arrival]) -> Figures:
    """Everybody arrives by the clock; how long each took, and how late the clock itself was."""
    seen, over = Figures(), asyncio.Event()
    stage = street.place.stage
    seen.began = stage.meter.read() if stage else None
    watching = asyncio.create_task(_watch(street.place, seen, over))
    begun, under_way = time.perf_counter(), set[asyncio.Task[None]]()

    async def one(kind: str, hour: int, due: float) -> None:
        try:
            did = await street.does(kind)()
        except (Unexpected, aiohttp.ClientError, OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            # An answer by its status, anything else by its name: the same failure is one line.
            seen.failed[f"{kind}: {str(error)[:3] if isinstance(error, Unexpected) else type(error).__name__}"] += 1
            return
        if not did:
            seen.skipped[kind] += 1
            return
        # From when it was due: what waited before it began was waited for by a person.
        spent = time.perf_counter() - begun - due
        seen.seconds.setdefault(kind, []).append(spent)
        seen.hours.setdefault(hour, []).append(spent)

    for who in plan:
        await asyncio.sleep(max(0.0, who.at - (time.perf_counter() - begun)))
        seen.late.append(time.perf_counter() - begun - who.at)
        task = asyncio.create_task(one(who.kind, who.hour, who.at))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    if under_way:
        await asyncio.wait(under_way, timeout=60)
    seen.took = time.perf_counter() - begun
    over.set()
    await watching
    if stage:
        await stage.quiet()
        seen.ended = stage.meter.read()
    return seen


async def _watch(place: Place, seen: Figures, over: asyncio.Event) -> None:
    """The most that was seen of sessions, of those at work, of those waiting for a lock, of facts not yet heard."""
    if place.stage is None:
        return
    stage = place.stage
    async with AsyncExitStack() as until_the_end:
        link = await until_the_end.enter_async_context(
            await psycopg.AsyncConnection.connect(stage.suite.postgres.url(), autocommit=True)
        )
        while not over.is_set():
            row = await (await link.execute(
                "SELECT count(*), count(*) FILTER (WHERE state <> 'idle'), count(*) FILTER (WHERE wait_event_type = 'Lock') "
                "FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )).fetchone()
            if row:
                seen.sessions, seen.busy_sessions = max(seen.sessions, row[0]), max(seen.busy_sessions, row[1])
                seen.waiting_locks = max(seen.waiting_locks, row[2])
            seen.unheard = max(seen.unheard, await stage.unheard())
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), 1.0)


def meter_of(seen: Figures, loans: int) -> dict[str, Any]:
    """Who used the processors, in percent of one core; which part used most; what 1,000 loans cost, all else of the day with them."""
    if seen.began is None or seen.ended is None:
        return {}
    spent = used(seen.began, seen.ended)
    shares = {name: round(100 * cpu / spent.seconds) for name, cpu in sorted(spent.parts.items(), key=lambda pair: -pair[1])}
    return {
        "cpu_percent": shares, "most_used": next(iter(shares), ""), "suite_percent": round(100 * spent.suite / spent.seconds),
        "foreign_cpu_percent": spent.foreign_percent, "generator_cpu_percent": round(100 * spent.own / spent.seconds),
        "cpu_seconds_per_1000_loans": round(1000 * spent.suite / loans, 1) if loans else None,
        "cpu_ms_per_request": round(1000 * spent.suite / max(1, sum(map(len, seen.seconds.values()))), 1),
        "sessions_at_most": seen.sessions, "sessions_at_work_at_most": seen.busy_sessions, "waiting_for_locks_at_most": seen.waiting_locks,
        "facts_unheard_at_most": seen.unheard,
    }
