"""What ops do with the shipped suite: a new version, a backup and the drill of its return, three nodes of the bus."""

import asyncio
import json
import tarfile
from pathlib import Path

import pytest

from deploy.ship import archive, rolling
from deploy.ship.engine import service_of
from deploy.ship.place import Refused
from tests.containers.conftest import a_place
from tests.containers.load import Desks
from tests.containers.shipped import Shipped
from tests.flows.conftest import Story

pytestmark = [pytest.mark.container, pytest.mark.timeout(900)]


async def test_a_new_version_comes_without_an_interruption(shipped: Shipped, story: Story) -> None:
    before = {one.id for one in shipped.engine.containers()}
    desks = Desks(story)
    await desks.open(2)
    try:
        await asyncio.to_thread(rolling.upgrade, shipped.place, "test-next")
    finally:
        count = await desks.close()
    print(f"upgrade: {count}")
    assert count.lost == []
    now = {service_of(one): one for one in shipped.engine.containers()}
    assert {name for name, one in now.items() if one.id in before} == {"postgres", "nats", "caddy"}
    assert now["reader"].attrs["Config"]["Image"] == "guanwu-reader:test-next"
    assert shipped.place.settings["TAG"] == "test-next"


def test_a_backup_of_the_running_suite_is_proved_by_restoring_it_beside(shipped: Shipped, tmp_path: Path) -> None:
    kept = tmp_path / "kept.tar"
    archive.backup(shipped.place, kept)
    with tarfile.open(kept) as packed:
        sums = json.load(packed.extractfile("manifest.json"))["sha256"]
    assert len(sums) == 18
    assert archive.drill(shipped.place, kept) == 0
    spoiled = tmp_path / "spoiled.tar"
    spoiled.write_bytes(kept.read_bytes().replace(b"office_owner", b"office_0wner", 1))
    with pytest.raises(Refused, match="is damaged"):
        archive.drill(shipped.place, spoiled)


def test_three_nodes_of_the_bus_keep_every_stream_three_times(shipped: Shipped, tmp_path: Path) -> None:
    from deploy.ship import state
    from deploy.ship.engine import Engine

    tag = shipped.place.settings["TAG"]
    place = a_place(tmp_path, "guanwu-test-nats3", "compose.yaml:compose.dev.yaml:compose.nats3.yaml", TAG=tag)
    state.prepare(place.state)
    place.compose("down", "--volumes", "--timeout", "5")
    try:
        place.compose("up", "-d", "--no-build", "--wait", "--wait-timeout", "120", *state.NODES)
        place.compose("run", "--rm", "--no-deps", "-T", "streams", captured=True)
        node = Shipped(place, Engine.at(place))
        told = json.loads(node.inside("nats-2", "wget", "-q", "-O", "-", "http://127.0.0.1:8222/jsz?streams=1&config=1")[1])
        streams = told["account_details"][0]["stream_detail"]
        assert sorted(one["name"] for one in streams) == ["GATEWAY", "INSTITUTE", "OFFICE", "READER", "RESOURCES", "TECH"]
        assert {one["config"]["num_replicas"] for one in streams} == {3}
    finally:
        place.compose("down", "--volumes", "--timeout", "5")
