"""A day of a university of 40,000 patrons in minutes: open loop, so that a slow answer delays nobody's arrival.

`python -m tests.bench day` drives the embedded suite; `--url https://… --password …` drives any other, such as the
shipped one with one or three replicas. Every number that is an assumption stands in `Campus`, with its reason.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tests.bench.day_load import Arrival, Figures, Place, Street, meter_of, prepared, walk
from tests.bench.load import spread
from tests.bench.stage import Stage

SEED = 40_000
# The day is looked at in stretches of its hours, this much faster than it is.
DAY_FASTER = 3.0
STEPS = (1.0, 3.0, 6.0, 9.0, 12.0, 16.0, 20.0, 25.0, 30.0)
SIGN_INS = (1.0, 2.0, 4.0, 8.0, 12.0)
# An hour is carried when nobody waited longer than this and nothing failed.
P95_BAR_MS, SIGN_IN_BAR_MS, LATE_BAR_MS = 500.0, 2_000.0, 500.0


@dataclass(frozen=True)
class Campus:
    """What a busy day looks like: the first teaching day after the orientation, which is the busiest of the year."""

    patrons: int = 40_000
    # Six loans a patron and year over 300 open days; the busiest day brings two and a half times as many.
    loans: int = 2_000
    # Of loans and returns so many go over the self-check machines.
    self_check_share: float = 0.6
    renewals: int = 800
    holds: int = 200
    # Two of five patrons look something up that day, five questions and two records each.
    searches: int = 80_000
    records: int = 32_000
    # What is at home, whether it may be renewed: every eighth patron.
    own_loans: int = 5_000
    # Forty colleagues, each opening a page of work every two minutes for eight hours.
    staff_pages: int = 9_600
    # A year of 9,000 freshmen signs in between ten and twelve of one morning, each with a password to be proven (with the
    # university's own sign-in nothing is proven here). Measured by itself.
    freshmen: int = 9_000

    # Shares of the day's traffic from 7 to 22 o'clock; the sum is one.
    hours: tuple[float, ...] = (.01, .05, .09, .11, .10, .07, .06, .08, .10, .11, .08, .04, .05, .03, .02)
    first_hour: int = 7


def arrivals(campus: Campus, faster: float, hours: Iterable[int], seconds: float, seed: int = SEED) -> list[Arrival]:
    """Of each hour a stretch of so many seconds, so many times faster: Poisson by the clock, the same for the same seed."""
    chance, found, begun = random.Random(seed), list[Arrival](), 0.0
    for hour in hours:
        for kind, number in a_day(campus).items():
            rate = faster * number * campus.hours[hour] / 3600
            at = chance.expovariate(rate)
            while at < seconds:
                found.append(Arrival(begun + at, kind, hour + campus.first_hour))
                at += chance.expovariate(rate)
        begun += seconds
    return sorted(found, key=lambda one: one.at)


def freshmen(campus: Campus, faster: float, seconds: float, seed: int = SEED) -> list[Arrival]:
    """The morning on which a year of freshmen signs in, each reading what is at home afterwards."""
    chance, found = random.Random(seed), list[Arrival]()
    rate = faster * campus.freshmen / (2 * 3600)
    at = chance.expovariate(rate)
    while at < seconds:
        found += [Arrival(at, "sign in", 10), Arrival(at, "own loans", 10)]
        at += chance.expovariate(rate)
    return found


def a_day(campus: Campus) -> dict[str, int]:
    """How often each thing is done on that day."""
    machines = round(campus.loans * campus.self_check_share)
    desks = campus.loans - machines
    return {
        "loan": desks, "return": desks, "self-check loan": machines, "self-check return": machines, "renewal": campus.renewals,
        "hold": campus.holds, "search": campus.searches, "record": campus.records, "own loans": campus.own_loans,
        "staff page": campus.staff_pages,
    }


async def measure(stage: Stage) -> dict[str, Any]:
    """The whole day, then its busiest hour faster and faster until it is not carried any more."""
    return await _measure(Place.embedded(stage), quick=stage.quick)


async def elsewhere(url: str, password: str, *, sip2: str = "", quick: bool = False) -> dict[str, Any]:
    """The same against a suite that runs somewhere else; what it uses is not seen from here."""
    async with Place.at(url, password, sip2=sip2) as place:
        return await _measure(place, quick=quick)


async def _measure(place: Place, *, quick: bool) -> dict[str, Any]:
    campus = Campus()
    stretch = 4.0 if quick else 10.0
    street = await prepared(place, random.Random(SEED), copies=120 if quick else 240, patrons=40 if quick else 80)
    try:
        day = told(await walk(street, arrivals(campus, DAY_FASTER, range(len(campus.hours)), stretch)))
        night = await _night(street)
        busiest = max(range(len(campus.hours)), key=lambda hour: campus.hours[hour])
        hour = await _steps(lambda faster: arrivals(campus, faster, [busiest], 2 * stretch), street, STEPS[::2] if quick else STEPS)
        morning = await _steps(lambda faster: freshmen(campus, faster, 2 * stretch), street, SIGN_INS[::2] if quick else SIGN_INS)
    finally:
        await street.leave()
    return {
        "campus": asdict(campus), "day_faster": DAY_FASTER, "seconds_of_each_hour": stretch, "day": day, "night": night,
        "busiest_hour": busiest + campus.first_hour, "steps": hour, "carries_busiest_hour_times": _carried(hour),
        "freshmen": morning, "carries_freshmen_times": _carried(morning),
    }


async def _steps(plan: Callable[[float], list[Arrival]], street: Street, speeds: Sequence[float]) -> list[dict[str, Any]]:
    """Faster and faster until it is not carried any more."""
    found: list[dict[str, Any]] = []
    for faster in speeds:
        one = told(await walk(street, plan(faster)))
        found.append({"times_faster": faster, **one})
        if not one["carried"]:
            break
    return found


def _carried(steps: list[dict[str, Any]]) -> float:
    return max((step["times_faster"] for step in steps if step["carried"]), default=0)


def told(seen: Figures) -> dict[str, Any]:
    """Percentiles by kind, what failed, how late people were let in, and who used the machine."""
    kinds = {kind: spread(spent) for kind, spent in sorted(seen.seconds.items()) if spent}
    late = spread(seen.late) if seen.late else {"p50_ms": 0.0, "p95_ms": 0.0, "p99_ms": 0.0, "n": 0}
    bars = {"sign in": SIGN_IN_BAR_MS}  # proving a password is slow on purpose
    failed = sum(seen.failed.values())
    carried = not failed and late["p95_ms"] <= LATE_BAR_MS and all(one["p95_ms"] <= bars.get(kind, P95_BAR_MS) for kind, one in kinds.items())
    loans = len(seen.seconds.get("loan", ())) + len(seen.seconds.get("self-check loan", ()))
    return {
        "seconds": round(seen.took, 1), "requests": sum(one["n"] for one in kinds.values()), "per_second": round(sum(one["n"] for one in kinds.values()) / seen.took, 1),
        "kinds": kinds, "late": late, "failed": dict(seen.failed), "not_possible": dict(seen.skipped), "carried": carried, "loans": loans,
        "by_hour": {hour: spread(spent) for hour, spent in sorted(seen.hours.items())}, **meter_of(seen, loans),
    }


async def _night(street: Street) -> dict[str, Any]:
    """Everything that is done by the clock at once, as after a night switched off; how long until all of it is done."""
    if street.place.stage is None:
        return {}
    begun = asyncio.get_running_loop().time()
    links = street.place.stage.rows
    for link in links.values():
        await link.execute("UPDATE schedule SET next_at = now() - interval '1 minute'")
    query = "SELECT count(*) FROM schedule WHERE next_at <= now()"
    jobs = 0
    for link in links.values():
        row = await (await link.execute("SELECT count(*) FROM schedule")).fetchone()
        jobs += row[0] if row else 0
        while (row := await (await link.execute(query)).fetchone()) and row[0]:
            await asyncio.sleep(0.2)
    heard = await street.place.stage.quiet()
    return {"jobs": jobs, "seconds": round(asyncio.get_running_loop().time() - begun, 1), "of_which_until_heard": round(heard, 1)}
