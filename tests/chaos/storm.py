"""One storm: people and faults at once on a running suite, then silence, then the verdict."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import psycopg

from deploy.local.suite import Suite
from shared.barcodes import barcode
from tests.bench.stage import Stage, Unexpected, few_at_once, stage
from tests.chaos import facts as reading
from tests.chaos.diary import Diary
from tests.chaos.facts import Facts
from tests.chaos.faults import Fault, Weather, plan
from tests.chaos.judge import Finding, judge
from tests.chaos.library import Book, Library
from tests.chaos.line import Line
from tests.chaos.people import Actor, Desk, Patron
from tests.chaos.stories import Bought, Counted, Damaged, Handed, Lost, Story

CLERKS = ("rdr-dsk", "rdr-dsk2", "rdr-cir")
PATRONS = ("20231001", "20231002")
STAFF = (
    *CLERKS, *PATRONS, "rdr-led", "head-reader", "res-dig", "res-mgt", "res-acq", "head-resources", "off-fin", "head-office", "director",
)
OWN, SHARED, CARDS = 8, 5, 4
CALM_WITHIN = 240.0


@dataclass
class Outcome:
    """What a storm came to."""

    seed: int
    minutes: float
    diary: Diary
    faults: list[Fault]
    findings: list[Finding]
    told: dict[str, int]
    cut: int
    calm_after: float
    facts: Facts = field(default_factory=Facts)

    def figures(self) -> dict[str, Any]:
        """Everything worth keeping, without a wall of rows."""
        deeds = self.diary.deeds
        failed = Counter(why for deed in deeds for _at, why in deed.tries)
        return {
            "seed": self.seed, "minutes": self.minutes, "actions": len(deeds),
            "answered_yes": sum(deed.done for deed in deeds), "answered_no": sum(deed.refused for deed in deeds),
            "never_answered": sum(not deed.status for deed in deeds), "repeated": sum(bool(deed.tries) for deed in deeds),
            "sendings_without_answer": dict(failed.most_common()), "answers_cut_off": self.cut,
            "by_verb": dict(Counter(deed.verb for deed in deeds if deed.done).most_common()), "stories_told": self.told,
            "events": {source: len(log) for source, log in self.facts.logs.items()},
            "taken_in": sum(len(heard) for heard in self.facts.heard.values()), "duties_credited": len(self.facts.credits),
            "copies_compared": {name: compared for name, compared, _differing, _trouble in self.facts.copies},
            "faults": self._by_kind(), "seconds_until_calm": round(self.calm_after, 1),
            "findings": [vars(one) for one in self.findings],
            "weather": [vars(fault) for fault in self.faults],
            "slowest": [
                {**deed.trace(), "body": {}, "answer": {}, "tries": [*deed.tries[:3], *deed.tries[-3:]]}
                for deed in sorted(deeds, key=lambda one: one.began - one.ended)[:40]
            ],
        }

    def _by_kind(self) -> dict[str, dict[str, Any]]:
        """How often each kind came, and the longest that a command had to wait that began in it or ran into it."""
        found: dict[str, dict[str, Any]] = {}
        for fault in sorted(self.faults, key=lambda one: one.begun):
            one = found.setdefault(fault.kind, {"times": 0, "not_done": 0, "longest_wait": 0.0, "of": ""})
            one["times"] += 1
            one["not_done"] += fault.note.startswith(("not done", "was down"))
            for deed in self.diary.deeds:
                if deed.ended >= fault.begun and deed.began <= fault.lifted + 1.0 and deed.ended - deed.began > one["longest_wait"]:
                    one["longest_wait"], one["of"] = round(deed.ended - deed.began, 1), deed.verb
        return found


async def storm(suite: Suite, *, seed: int, minutes: float, kinds: tuple[str, ...] = (), say: Any = print) -> Outcome:
    """People act, things break, everything calms down, the judge speaks."""
    diary, library, over = Diary(), Library(), asyncio.Event()
    async with stage(suite, quick=True) as ready:
        say("registering books and patrons")
        actors, line = await _cast(ready, diary, library, seed, over)
        before = await reading.look_around(suite)
        line.began = time.monotonic()
        weather = Weather(suite, line, plan(seed, minutes, kinds))
        say(f"storm of {minutes:g} minutes, seed {seed}, {len(weather.faults)} faults")
        people = [asyncio.create_task(actor.run(), name=actor.name) for actor in actors]
        try:
            await asyncio.gather(weather.run(), asyncio.sleep(minutes * 60))
        finally:
            over.set()
        ended = time.monotonic()
        say("the storm is over; everybody finishes what they began")
        # A program that ended for good would be a finding of its own: stories wait no longer than this.
        await asyncio.gather(*people)
    stories = [actor for actor in actors if isinstance(actor, Story)]
    told = {type(one).__name__: one.told for one in stories}
    stopped = [broken for one in stories for broken in one.broken]
    found, calm_after, trouble = Facts(), 0.0, ""
    try:
        await _back(suite)
        async with stage(suite, quick=True) as ready:  # waits until everybody has heard everything
            await ready.quiet(within=CALM_WITHIN)
            calm_after = time.monotonic() - ended
            say("all has been said and heard; judging")
            found = await reading.gather(suite, ready, before)
    except (Unexpected, TimeoutError, psycopg.Error) as error:
        trouble = f"{type(error).__name__}: {error}"
    findings = [Finding("no calm after the storm", trouble)] if trouble else judge(diary, library, found, stopped)
    return Outcome(seed, minutes, diary, weather.done, findings, told, line.cut, calm_after, found)


async def _back(suite: Suite) -> None:
    """Every program is there again and ready."""
    async with asyncio.timeout(CALM_WITHIN), aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as http:
        for name in suite.services:
            while not await _ready(http, suite.url_of(name)):
                await asyncio.sleep(0.5)


async def _ready(http: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with http.get(f"{url}/readyz") as answer:
            return answer.status == 200
    except (aiohttp.ClientError, OSError, TimeoutError):
        return False


async def _cast(ready: Stage, diary: Diary, library: Library, seed: int, over: asyncio.Event) -> tuple[list[Actor], Line]:
    line = Line(ready, diary, time.monotonic())
    await few_at_once([ready.token(who) for who in STAFF], most=1)
    titles = await ready.titles(len(CLERKS) * OWN + SHARED + 12)
    codes = await _stock(ready, titles)
    cards = await ready.patrons(len(CLERKS) * CARDS + CARDS)
    piles = iter(zip(codes, titles, strict=True))
    shared = [Book(code, title, shared=True) for code, title in itertools.islice(piles, SHARED)]
    actors: list[Actor] = []
    for n, who in enumerate(CLERKS):
        own = [Book(code, title) for code, title in itertools.islice(piles, OWN)]
        library.books |= {book.barcode: book for book in (*own, *shared)}
        actors.append(Desk(
            f"desk {who}", seed, line, over, who=who, library=library, books=[*own, *shared], cards=cards[n * CARDS : (n + 1) * CARDS],
        ))
    actors += [Patron(card, seed, line, over, books=shared) for card in PATRONS]
    rest, others = [code for code, _title in piles], cards[-CARDS:]
    new = (barcode("A", serial) for serial in ready.serials)
    actors += [
        Damaged("workshop", seed, line, over, stock=rest[:4], cards=others), Lost("losses", seed, line, over, stock=rest[4:8], cards=others),
        Bought("buyers", seed, line, over, stock=[], cards=[]), Counted("counters", seed, line, over, stock=rest[8:], cards=[]),
        Handed("newcomers", seed, line, over, stock=[], cards=[], record=titles[-1], codes=new),
    ]
    return actors, line


async def _stock(ready: Stage, titles: list[str]) -> list[str]:
    """One copy of each title, in the order of the titles."""
    codes = [barcode("A", next(ready.serials)) for _ in titles]
    await few_at_once([
        ready.ask("res-mgt", "POST", "/api/resources/items", {
            "instance_id": title, "barcode": code, "location": "sk-2f", "call_number": "B0/1", "price_cents": 5000,
        }, status=201)
        for code, title in zip(codes, titles, strict=True)
    ])
    with contextlib.suppress(TimeoutError):
        await ready.known(codes)
    return codes
