"""With users on the bus, only `provision` makes streams and nobody speaks for another department."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from nats.errors import Error as NatsError

from deploy.local.nats import Nats
from deploy.local.ports import free_port
from deploy.local.secrets import Secrets
from shared.messaging.client import connect
from shared.messaging.handlers import SOURCES
from shared.messaging.provision import PROVISIONER, provision
from tests.shared.messaging.rig import Department, arrived, effects, shelved


@pytest.fixture
def guarded(
    run_folder: Path, worker: str, clean: dict[str, Department], tmp_path: Path
) -> Iterator[tuple[Nats, Secrets]]:
    home = run_folder / f"guarded-nats-{worker}"
    secrets = Secrets(tmp_path / "keys")
    keys = {name: secrets.nkey_public(name) for name in (*SOURCES, PROVISIONER)}
    nats = Nats(home, free_port(), home / "run", home / "nats.log", keys, durable=False)
    nats.wipe()
    nats.start()
    for place in clean.values():
        changes = {"nats_url": nats.url, "nats_seed": secrets.nkey_seed(place.name)}
        place.settings = place.settings.model_copy(update=changes)
    yield nats, secrets
    nats.stop()
    for place in clean.values():
        place.settings = place.settings.model_copy(update={"nats_seed": ""})


async def test_facts_travel_between_services_that_may_only_read_and_publish(
    guarded: tuple[Nats, Secrets], reader: Department, office: Department
) -> None:
    nats, secrets = guarded
    await provision(nats.url, secrets.nkey_seed(PROVISIONER))
    await provision(nats.url, secrets.nkey_seed(PROVISIONER))
    await reader.bus()
    first = await office.bus(effects())
    await reader.state(*(shelved(n) for n in range(20)))
    await arrived(office, range(20))
    office.buses.remove(first)
    await first.stop()
    await reader.state(*(shelved(n) for n in range(20, 30)))
    admin = await connect(PROVISIONER, nats.url, secrets.nkey_seed(PROVISIONER))
    await admin.jetstream().purge_stream("READER")
    await admin.close()
    await office.bus(effects())
    await arrived(office, range(30))


async def test_services_wait_for_streams_they_may_not_make(
    guarded: tuple[Nats, Secrets], reader: Department, office: Department
) -> None:
    nats, secrets = guarded
    await reader.bus()
    await office.bus(effects())
    await reader.state(shelved(0))
    await provision(nats.url, secrets.nkey_seed(PROVISIONER))
    await arrived(office, [0], within=25)


async def test_nobody_speaks_in_another_departments_name(guarded: tuple[Nats, Secrets]) -> None:
    nats, secrets = guarded
    await provision(nats.url, secrets.nkey_seed(PROVISIONER))
    client = await connect("office", nats.url, secrets.nkey_seed("office"))
    js = client.jetstream(timeout=1)
    with pytest.raises((NatsError, TimeoutError)):
        await js.publish("guanwu.reader.item.shelved.v1", b"{}", timeout=1)
    with pytest.raises((NatsError, TimeoutError)):
        await js.delete_stream("READER")
    info = await js.consumer_info("READER", "office")
    assert info.num_pending == 0
    await client.close()
