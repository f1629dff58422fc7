"""Half a minute of everything that can go wrong, with a hundred facts a second going through it."""

import asyncio
import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from deploy.local.nats import Nats
from shared.messaging.client import connect
from tests.shared.messaging.rig import Department, crash, shelved, until

SECONDS, RATE = 21, 100


class Writer:
    """States a fact every hundredth of a second, whatever happens around it."""

    def __init__(self, reader: Department) -> None:
        self.reader, self.stated = reader, 0

    async def run(self) -> None:
        begun = time.monotonic()
        while time.monotonic() - begun < SECONDS:
            await self.reader.state(shelved(self.stated))
            self.stated += 1
            await asyncio.sleep(max(0, begun + self.stated / RATE - time.monotonic()))


def listen(office: Department) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.shared.messaging.listener"]
    where = [office.settings.database_url, office.settings.nats_url]
    return subprocess.Popen(
        [*command, *where],
        stdout=subprocess.PIPE,
        text=True,
    )


@asynccontextmanager
async def at(second: float, begun: float) -> AsyncIterator[None]:
    await asyncio.sleep(max(0, begun + second - time.monotonic()))
    yield


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_nothing_is_lost_doubled_or_reordered_while_everything_breaks(
    own_nats: Nats, reader: Department, office: Department, tmp_path: Path
) -> None:
    relay = await reader.bus()
    listener = listen(office)
    writer = Writer(reader)
    begun = time.monotonic()
    writing = asyncio.create_task(writer.run())
    try:
        async with at(3, begun):  # the server dies and its store is gone
            own_nats.kill()
            own_nats.wipe()
            await asyncio.sleep(0.5)
            own_nats.start()
        async with at(7, begun):
            own_nats.kill()
            shutil.copytree(own_nats.store, tmp_path / "kept")
            own_nats.start()
        async with at(10, begun):  # it comes back three seconds older
            own_nats.kill()
            own_nats.wipe()
            shutil.copytree(tmp_path / "kept", own_nats.store)
            own_nats.start()
        async with at(13, begun):  # the reader is killed; what it has not read loses its middle
            listener.kill()
            listener.communicate()
            await asyncio.sleep(1)
            client = await connect("tests", own_nats.url)
            js = client.jetstream()
            while (last := (await js.stream_info("READER")).state.last_seq) <= 60:  # the relay is on its way back
                await asyncio.sleep(0.1)
            for number in range(last - 60, last - 30):
                await js.delete_msg("READER", number)
            await client.close()
            listener = listen(office)
        async with at(17, begun):  # killed again in the middle of its work
            listener.kill()
            listener.communicate()
            listener = listen(office)
        async with at(18, begun):  # a second relay races the first, which then dies
            await reader.bus()
            await asyncio.sleep(1)
            reader.buses.remove(relay)
            await crash(relay)
        await writing

        async def all_there() -> bool:
            return bool(await office.one("SELECT count(*) FROM inbox") >= writer.stated)

        await until(all_there, within=120)
    finally:
        writing.cancel()
        listener.send_signal(signal.SIGTERM)
        said, _ = listener.communicate(timeout=20)
    found = await office.effects()
    outbox = await reader.rows(
        "SELECT seq, lag(seq, 1, 0::bigint) OVER (ORDER BY seq) AS prev FROM outbox ORDER BY seq"
    )
    figures = {
        "stated": writer.stated,
        "outbox": len(outbox),
        "inbox": await office.one("SELECT count(*) FROM inbox"),
        "effects": len(found),
        "missing": len(set(range(writer.stated)) - set(found)),
        "doubled": len(found) - len(set(found)),
        "out of order": sum(a > b for a, b in pairwise(found)),
        "epochs": 1 + sum(row.seq != row.prev + 1 for row in outbox),
        "from the log in the last phase": json.loads(said.splitlines()[-1])[
            "guanwu_log_reads_total:reader"
        ],
        "seconds": round(time.monotonic() - begun, 1),
    }
    print(figures)
    assert figures["outbox"] == figures["inbox"] == writer.stated
    assert found == list(range(writer.stated))
    assert figures["epochs"] == 2  # the lost store began the second
