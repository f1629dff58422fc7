"""A day of a university of 40,000 patrons, hour by hour, squeezed into minutes: open loop, so that a slow answer delays nobody's arrival.

`python -m tests.bench day` drives the embedded suite; `--url https://… --password …` drives any other, such as the
shipped one with one or three replicas. Every number that is an assumption stands in `Campus`, with its reason.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from tests.bench.day_load import Figures, Place, Street, meter_of, prepared, walk
from tests.bench.load import spread
from tests.bench.stage import Stage

SEED = 40_000
# An hour is carried when nobody waited longer than this and nothing failed.
P95_BAR_MS, LATE_BAR_MS = 500.0, 500.0


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
    # A year of 9,000 freshmen signs in between ten and twelve, each with a password to be proven.
    freshmen: int = 9_000

    # Shares of the day's traffic from 7 to 22 o'clock; the sum is one.
    hours: tuple[float, ...] = (.01, .05, .09, .11, .10, .07, .06, .08, .10, .11, .08, .04, .05, .03, .02)
    first_hour: int = 7


@dataclass(frozen=True)
class Arrival:
    """Something somebody begins at this second of the squeezed day."""

    at: float
    kind: str
    hour: int


def arrivals(campus: Campus, squeeze: float, hours: Iterator[int] | range, seed: int = SEED) -> list[Arrival]:
    """Everybody's arrivals by the clock: Poisson within the hour, the same for the same seed."""
    chance, found, begun = random.Random(seed), list[Arrival](), 0.0
    length = 3600 / squeeze
    for hour in hours:
        for kind, number in a_day(campus).items():
            share = _freshmen(hour, campus) if kind == "sign in" else campus.hours[hour]
            rate = number * share / length
            at = chance.expovariate(rate) if rate else length
            while at < length:
                found.append(Arrival(begun + at, kind, hour + campus.first_hour))
                at += chance.expovariate(rate)
        begun += length
    return sorted(found, key=lambda one: one.at)


def a_day(campus: Campus) -> dict[str, int]:
    """How often each thing is done on that day."""
    machines = round(campus.loans * campus.self_check_share)
    desks = campus.loans - machines
    return {
        "loan": desks, "return": desks, "self-check loan": machines, "self-check return": machines, "renewal": campus.renewals,
        "hold": campus.holds, "search": campus.searches, "record": campus.records, "own loans": campus.own_loans,
        "staff page": campus.staff_pages, "sign in": campus.freshmen,
    }


def _freshmen(hour: int, campus: Campus) -> float:
    return 0.5 if hour + campus.first_hour in {10, 11} else 0.0


async def measure(stage: Stage) -> dict[str, Any]:
    """The whole day, then its busiest hour faster and faster until it is not carried any more."""
    return await _measure(Place.embedded(stage), quick=stage.quick)


async def elsewhere(url: str, password: str, *, sip2: str = "", quick: bool = False) -> dict[str, Any]:
    """The same against a suite that runs somewhere else; what it uses is not seen from here."""
    async with Place.at(url, password, sip2=sip2) as place:
        return await _measure(place, quick=quick)


async def _measure(place: Place, *, quick: bool) -> dict[str, Any]:
    campus, squeeze = Campus(), 1200.0 if quick else 360.0
    street = await prepared(place, random.Random(SEED), copies=120 if quick else 240, patrons=40 if quick else 80)
    day = await _stretch(street, campus, squeeze, range(len(campus.hours)))
    night = await _night(street)
    busiest = max(range(len(campus.hours)), key=lambda hour: campus.hours[hour] + _freshmen(hour, campus))
    steps = []
    for faster in ((60, 180) if quick else (60, 120, 180, 240, 300, 420)):
        length = 10.0 if quick else 20.0
        # So many seconds of the hour as fit at that speed.
        one = await _stretch(street, campus, float(faster), [busiest], seconds=length)
        steps.append({"times_faster": faster, **one})
        if not one["carried"]:
            break
    await street.leave()
    carried = [step["times_faster"] for step in steps if step["carried"]]
    return {
        "campus": asdict(campus), "squeezed": squeeze, "day": day, "night": night, "busiest_hour": busiest + campus.first_hour,
        "steps": steps, "carries_busiest_hour_times": max(carried, default=0),
    }


async def _stretch(street: Street, campus: Campus, squeeze: float, hours: Any, *, seconds: float | None = None) -> dict[str, Any]:
    """Hours at that speed; what came of them."""
    plan = [one for one in arrivals(campus, squeeze, hours) if seconds is None or one.at < seconds]
    seen = await walk(street, [(one.at, one.kind, one.hour) for one in plan])
    return told(seen)


def told(seen: Figures) -> dict[str, Any]:
    """Percentiles by kind, what failed, how late people were let in, and who used the machine."""
    kinds = {kind: spread(spent) for kind, spent in sorted(seen.seconds.items()) if spent}
    late = spread(seen.late) if seen.late else {"p50_ms": 0.0, "p95_ms": 0.0, "p99_ms": 0.0, "n": 0}
    quiet = {kind: one for kind, one in kinds.items() if kind != "sign in"}  # proving a password is slow on purpose
    failed = sum(seen.failed.values())
    carried = not failed and late["p95_ms"] <= LATE_BAR_MS and all(one["p95_ms"] <= P95_BAR_MS for one in quiet.values())
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
