"""Whatever the stream does to the messages, each takes effect once and in the producer's order."""

import asyncio
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from shared.messaging.bus import Bus
from shared.messaging.consumer import Consumer
from shared.messaging.handlers import Handlers
from shared.messaging.logbook import read_log
from tests.shared.messaging.rig import Department, arrived, crash, effects, empty, shelved, until

TOTAL = 12

deliveries = st.lists(
    st.lists(st.integers(0, TOTAL - 1), min_size=1, max_size=TOTAL, unique=False), max_size=8
)


@pytest.fixture
async def producer(reader: Department) -> Department:
    await reader.bus()
    await reader.state(*(shelved(n) for n in range(TOTAL)))
    await reader.published(TOTAL)
    return reader


async def consumer_of(office: Department, handlers: Handlers) -> tuple[Bus, Consumer]:
    """A consumer that holds the lease and a line, but reads no stream by itself."""
    bus = Bus(office.settings, office.sessions, handlers, registry=CollectorRegistry())
    await bus.start()
    assert bus.line
    assert bus.leases
    await bus.line.ready(5)
    consumer = bus.consumers[0]
    for task in [*bus.tasks, *bus.reading]:
        task.cancel()
    await asyncio.gather(*bus.tasks, *bus.reading, return_exceptions=True)
    office.buses.append(bus)
    return bus, consumer


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(batches=deliveries)
async def test_duplicates_reorderings_and_holes_change_nothing(
    producer: Department, office: Department, batches: list[list[int]]
) -> None:
    await empty(office)
    bus, consumer = await consumer_of(office, effects())
    assert bus.leases
    assert bus.line
    await bus.leases.renew()
    consumer.known = True
    log = await read_log(bus.line, "reader", 0)
    assert [record.seq for record in log] == list(range(1, TOTAL + 1))
    for batch in batches:
        records = sorted((log[place] for place in batch), key=lambda record: record.seq)
        assert await consumer.take_in(records)
    assert (await office.effects()) == list(range(consumer.cursor))
    if batches:
        assert consumer.cursor > max(place for batch in batches for place in batch)
    await consumer.read_log()
    assert await office.effects() == list(range(TOTAL))
    await office.stop()


async def test_a_hole_stays_open_while_the_producer_is_away(
    producer: Department, office: Department
) -> None:
    bus, consumer = await consumer_of(office, effects())
    assert bus.leases
    assert bus.line
    await bus.leases.renew()
    log = await read_log(bus.line, "reader", 0)
    await producer.stop()
    with pytest.raises(Exception, match=r"no responders|timeout"):
        await consumer.take_in(log[4:6])
    assert await office.effects() == []
    assert await consumer.take_in(log[:6])
    assert await office.effects() == list(range(6))


async def test_an_event_that_comes_again_at_another_position_has_no_second_effect(
    producer: Department, office: Department
) -> None:
    bus, consumer = await consumer_of(office, effects())
    assert bus.leases
    assert bus.line
    await bus.leases.renew()
    log = await read_log(bus.line, "reader", 0)
    assert await consumer.take_in(log)
    again = replace(log[-1], seq=2000, prev=5)
    assert await consumer.take_in([again])
    assert consumer.cursor == 2000
    assert await office.effects() == list(range(TOTAL))
    assert await office.one("SELECT count(*) FROM inbox_parked") == 0


async def test_two_replicas_on_both_sides_lose_and_double_nothing(
    reader: Department, office: Department
) -> None:
    for _ in range(2):
        await reader.bus()
        await office.bus(effects())
    total = 400

    async def write(start: int) -> None:
        for n in range(start, total, 4):
            await reader.state(shelved(n, item=f"册{start}"))

    await asyncio.gather(*(write(start) for start in range(4)))

    async def all_there() -> bool:
        return len(await office.effects()) >= total

    await until(all_there)
    found = await office.rows("SELECT n, aggregate, seq FROM effects ORDER BY id")
    assert sorted(row.n for row in found) == list(range(total))
    assert [row.seq for row in found] == list(range(1, total + 1))
    for start in range(4):
        mine = [row.n for row in found if row.aggregate == f"item:册{start}"]
        assert mine == list(range(start, total, 4))


async def test_one_replica_reads_and_the_other_takes_over_when_it_is_killed(
    reader: Department, office: Department
) -> None:
    await reader.bus()
    first = await office.bus(effects())
    await reader.state(*(shelved(n) for n in range(10)))
    await arrived(office, range(10))
    second = await office.bus(effects())
    assert first.leases
    assert second.leases
    assert first.leases.holds("reader")
    assert not second.leases.holds("reader")
    office.buses.remove(first)
    await crash(first)
    await reader.state(*(shelved(n) for n in range(10, 20)))
    await arrived(office, range(20))
    assert second.leases.holds("reader")


async def test_a_replica_that_stops_orderly_hands_over_at_once(
    reader: Department, office: Department
) -> None:
    await reader.bus()
    first = await office.bus(effects())
    await reader.state(shelved(0))
    await arrived(office, [0])
    office.buses.remove(first)
    await first.stop()
    await office.bus(effects())
    await reader.state(shelved(1))
    await arrived(office, [0, 1], within=4)
