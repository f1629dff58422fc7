"""The bus may die, forget, or come back older; databases may break off: nothing is lost or doubled."""

import asyncio
import shutil
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from deploy.local.nats import Nats
from shared.messaging.client import connect
from shared.messaging.ddl import STATEMENTS
from tests.shared.messaging.rig import (
    Department,
    arrived,
    crash,
    effects,
    forget_streams,
    shelved,
    until,
)


async def connected(*places: Department, is_so: bool = True) -> None:
    async def all_are() -> bool:
        return all(bus.connected is is_so for place in places for bus in place.buses)

    await until(all_are)


async def test_a_department_works_and_starts_while_the_bus_is_down(
    own_nats: Nats, reader: Department, office: Department
) -> None:
    own_nats.stop()
    bus = await reader.bus()
    await office.bus(effects())
    await reader.state(*(shelved(n) for n in range(5)))
    assert not bus.connected

    async def seen() -> bool:
        return bus.metrics()["guanwu_outbox_unpublished"] == 5

    await until(seen)
    assert bus.metrics()["guanwu_nats_connected"] == 0
    own_nats.start()
    await arrived(office, range(5), within=20)
    await connected(reader, office)


async def test_a_bus_that_comes_back_empty_is_filled_again(
    own_nats: Nats, reader: Department, office: Department
) -> None:
    await reader.bus()
    await office.bus(effects())
    await reader.state(*(shelved(n) for n in range(20)))
    await arrived(office, range(20))
    own_nats.kill()
    own_nats.wipe()
    await reader.state(*(shelved(n) for n in range(20, 30)))
    own_nats.start()
    await reader.state(*(shelved(n) for n in range(30, 40)))
    await arrived(office, range(40), within=20)


async def test_a_bus_that_comes_back_older_gets_its_end_again(
    own_nats: Nats, reader: Department, office: Department, tmp_path: Path
) -> None:
    await reader.bus()
    await office.bus(effects())
    await reader.state(*(shelved(n) for n in range(10)))
    await arrived(office, range(10))
    own_nats.kill()
    shutil.copytree(own_nats.store, tmp_path / "kept")
    own_nats.start()
    await connected(reader, office)
    await reader.state(*(shelved(n) for n in range(10, 20)))
    await arrived(office, range(20), within=20)
    own_nats.kill()
    own_nats.wipe()
    shutil.copytree(tmp_path / "kept", own_nats.store)
    own_nats.start()
    await connected(reader, office)
    await reader.state(*(shelved(n) for n in range(20, 30)))
    await arrived(office, range(30), within=20)
    await reader.published(30)


async def test_what_vanished_from_the_stream_is_read_from_the_log(
    reader: Department, office: Department
) -> None:
    await reader.bus()
    first = await office.bus(effects())
    await reader.state(*(shelved(n) for n in range(5)))
    await arrived(office, range(5))
    office.buses.remove(first)
    await first.stop()
    await reader.state(*(shelved(n) for n in range(5, 25)))
    await reader.published(25)
    client = await connect("tests", reader.settings.nats_url)
    for number in (7, 8, 15):
        await client.jetstream().delete_msg("READER", number)
    await client.close()
    again = await office.bus(effects())
    await arrived(office, range(25))
    assert again.metrics()["guanwu_consumer_gap_total:reader"] >= 1
    assert again.metrics()["guanwu_log_reads_total:reader"] >= 3


async def test_streams_and_consumers_deleted_under_it_are_made_again(
    reader: Department, office: Department
) -> None:
    await reader.bus()
    await office.bus(effects())
    await reader.state(*(shelved(n) for n in range(5)))
    await arrived(office, range(5))
    client = await connect("tests", reader.settings.nats_url)
    await client.jetstream().delete_consumer("READER", "office")
    await reader.state(*(shelved(n) for n in range(5, 10)))
    await arrived(office, range(10))
    await client.jetstream().delete_stream("READER")
    await reader.state(*(shelved(n) for n in range(10, 15)))
    await arrived(office, range(15), within=25)
    await client.close()


async def test_the_last_facts_are_found_even_if_the_stream_lost_them_silently(
    reader: Department, office: Department
) -> None:
    await reader.bus()
    await reader.state(shelved(0), shelved(1))
    await reader.published(2)
    client = await connect("tests", reader.settings.nats_url)
    await client.jetstream().purge_stream("READER")
    await client.close()
    await office.bus(effects())
    await arrived(office, [0, 1])


async def test_broken_database_connections_are_survived(
    reader: Department, office: Department
) -> None:
    await reader.bus()
    await office.bus(effects())

    async def write() -> None:
        for n in range(60):
            while True:
                try:
                    await reader.state(shelved(n))
                    break
                except Exception:
                    await asyncio.sleep(0.05)
            await asyncio.sleep(0.02)

    writing = asyncio.create_task(write())
    for _ in range(4):
        await asyncio.sleep(0.3)
        for place in (reader, office):
            with psycopg.connect(place.settings.database_url, autocommit=True) as link:
                # Waits for each to be gone: none may die later, under the counting below.
                link.execute(
                    "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
    await writing
    await until(lambda: enough(office, 60), within=25)
    found = await office.effects()
    # A command whose answer was cut off may have been committed and be given again by its user.
    assert sorted(set(found)) == list(range(60))
    assert [row.seq for row in await office.rows("SELECT seq FROM effects ORDER BY id")] == list(
        range(1, len(found) + 1)
    )


async def enough(office: Department, number: int) -> bool:
    try:
        return len(set(await office.effects())) >= number
    except OperationalError:  # the pool still held a connection that had been cut
        return False


async def restore(reader: Department, upto: int) -> None:
    """Put the producer's database back to an older state."""
    await reader.rows("DELETE FROM outbox WHERE seq > :upto OR seq IS NULL", upto=upto)
    await reader.rows("UPDATE outbox_state SET seq = :upto", upto=upto)
    await reader.rows("UPDATE outbox_state SET js_seq = :upto WHERE name = 'publish'", upto=upto)


async def epoch(reader: Department) -> str:
    return str(await reader.one("SELECT epoch FROM outbox_state WHERE name = 'assign'"))


@pytest.mark.parametrize("stream_lost", [False, True])
async def test_a_restored_producer_reuses_no_position_others_have_read(
    reader: Department, office: Department, *, stream_lost: bool
) -> None:
    await reader.bus()
    await office.bus(effects())
    await reader.state(*(shelved(n) for n in range(10)))
    await arrived(office, range(10))
    before = await epoch(reader)
    await reader.stop()
    await restore(reader, 6)
    if stream_lost:
        await forget_streams(reader.settings.nats_url)
    # Committed before anybody could notice that the database is an older one.
    await reader.state(shelved(100))
    await reader.bus()
    await reader.state(shelved(101), shelved(102))
    await arrived(office, [*range(10), 100, 101, 102], within=20)
    assert await epoch(reader) != before
    cursor = await office.rows("SELECT seq, epoch FROM inbox_cursor WHERE source = 'reader'")
    assert cursor[0].seq > 1_000_000
    assert str(cursor[0].epoch) == await epoch(reader)


async def test_a_reader_that_knows_more_than_the_log_makes_it_begin_a_new_epoch(
    reader: Department, office: Department
) -> None:
    await reader.bus()
    await office.bus(effects())
    await reader.state(*(shelved(n) for n in range(3)))
    await arrived(office, range(3))
    before = await epoch(reader)
    await office.stop()
    await office.rows("UPDATE inbox_cursor SET seq = 50 WHERE source = 'reader'")
    await office.bus(effects())

    async def changed() -> bool:
        return await epoch(reader) != before

    await until(changed)
    await reader.state(shelved(3))
    await arrived(office, range(4))


async def test_a_reader_restored_from_an_older_copy_catches_up_from_the_log(
    reader: Department, office: Department
) -> None:
    await reader.bus()
    await office.bus(effects())
    await reader.state(*(shelved(n) for n in range(10)))
    await arrived(office, range(10))
    await office.stop()
    await office.rows("DELETE FROM effects WHERE seq > 4")
    await office.rows("DELETE FROM inbox WHERE seq > 4")
    await office.rows("UPDATE inbox_cursor SET seq = 4 WHERE source = 'reader'")
    await office.bus(effects())
    await arrived(office, range(10))


async def test_a_killed_relay_leaves_its_work_to_the_next(
    reader: Department, office: Department
) -> None:
    await office.bus(effects())
    for start in range(0, 100, 20):
        bus = await reader.bus()
        await reader.state(*(shelved(n) for n in range(start, start + 20)))
        reader.buses.remove(bus)
        await crash(bus)
    await reader.bus()
    await arrived(office, range(100), within=60)


async def test_the_kit_may_be_laid_over_itself_again(reader: Department) -> None:
    await reader.state(shelved(1))
    for statement in STATEMENTS:
        await reader.rows(statement)
    assert await reader.one("SELECT outbox_assign(10)") == 1
    assert await reader.one("SELECT outbox_assign(10)") == 0
    assert await reader.one("SELECT seq FROM outbox_state WHERE name = 'assign'") == 1
