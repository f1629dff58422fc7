"""What ops do with the shipped suite: a new version, a backup and the drill of its return, three nodes of the bus."""

import asyncio
import json
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from deploy.ship import archive, rewind, rolling, running
from deploy.ship.engine import service_of
from deploy.ship.place import Refused
from tests.containers.conftest import a_place
from tests.containers.load import Desks
from tests.containers.shipped import Shipped, campus_certificate
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
    # Each with its time, in the register of the department that keeps the systems; that a restore proves something is a person's word.
    noted = shipped.ask("tech", "select kind, state, seconds > 0, archive from backup_run where plan = 'GUANWU' order by ended_at")
    assert noted[:2] == [["backup", "good", "t", "kept.tar"], ["test", "unproven", "t", "kept.tar"]]
    assert noted[2][:2] == ["test", "failed"]


async def test_the_suite_is_put_back_to_a_backup_and_to_a_moment(shipped: Shipped, story: Story, tmp_path: Path) -> None:
    """Each time what came later is gone, what was there is there, both ledgers are whole, and the desk works on."""
    kept = tmp_path / "kept.tar"

    async def lend(title: str) -> str:
        barcode, _instance = await story.a_book(title)
        await story.post("rdr-dsk", "/api/reader/loans", status=201, card=await story.a_patron(), barcode=barcode)
        return barcode

    async def lent(*barcodes: str) -> list[bool]:
        return [shipped.ask("reader", f"select count(*) from loan where barcode = '{one}'") == [["1"]] for one in barcodes]

    first = await lend("备份以前")
    await asyncio.to_thread(archive.backup, shipped.place, kept)
    after_backup = await lend("备份以后")
    assert await asyncio.to_thread(archive.restore, shipped.place, kept) == 0
    assert await lent(first, after_backup) == [True, False]

    await asyncio.to_thread(rewind.base, shipped.place)
    second = await lend("复制以后")
    moment = datetime.now(UTC)
    too_late = await lend("此刻以后")
    assert await asyncio.to_thread(rewind.rewind, shipped.place, moment.isoformat()) == 0
    assert await lent(first, second, too_late) == [True, True, False]
    shipped.settle(within=120)
    for service in ("office", "reader"):
        code, said = shipped.inside(service, "python", "-m", f"services.{service}.ledger_verify")
        assert code == 0, said
    await lend("回到此刻以后")
    for wrong, why in (("昨天", "must be a moment"), ("2999-01-01", "has not come"), ("2020-01-01", "old enough")):
        with pytest.raises(Refused, match=why):
            rewind.rewind(shipped.place, wrong)


def test_the_campus_brings_its_own_certificate(shipped: Shipped) -> None:
    own, trust = campus_certificate(shipped.place.state / "tls", shipped.place.settings["SITE"])
    try:
        assert running.up(shipped.place, {"TLS": "files"}) == 0
        with httpx.Client(base_url=shipped.base_url, verify=trust) as browser:
            assert browser.get("/login").status_code == 200
        with pytest.raises(httpx.ConnectError), httpx.Client(base_url=shipped.base_url, verify=shipped.trust) as browser:
            browser.get("/login")
    finally:
        own.unlink()
        assert running.up(shipped.place, {"TLS": "own"}) == 0


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
