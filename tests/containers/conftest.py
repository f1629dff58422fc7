"""The shipped suite itself, built and started once for all tests of this folder; looked at from outside, as ops would."""

import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from deploy.local.ports import free_port
from deploy.local.processes import wait_until
from deploy.ship import running
from deploy.ship.engine import Engine
from deploy.ship.place import ROOT, Place, Refused
from tests.containers.shipped import Shipped
from tests.flows.conftest import Story
from tests.support.people import People

HERE = Path(__file__).parent
PROJECT = "guanwu-test"
# Machines that reach no registry have a script beside the checkout that makes stand-ins for the official images.
BASE_IMAGES = ROOT.parent / "shared/tools/base-images"
IMAGES = ("python:3.11-slim-bookworm", "postgres:18", "nats:2.15-alpine", "caddy:2-alpine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get("GUANWU_CONTAINERS") == "1":
        return
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.skip(reason="the suite in containers is tested by make test-containers (or GUANWU_CONTAINERS=1)"))


@pytest.fixture(scope="session")
def docker_engine() -> None:
    """An engine with the base images, or the reason why these tests cannot run."""
    if BASE_IMAGES.exists():
        subprocess.run(["bash", str(BASE_IMAGES), *IMAGES], check=True)
    try:
        Engine.at(Place(Path("unused")))
    except Refused as reason:
        pytest.skip(f"the suite in containers was not tested: {reason}")


@pytest.fixture(scope="session")
def shipped(docker_engine: None, run_folder: Path) -> Iterator[Shipped]:
    """The suite with its demonstration library, ready and quiet; gone with the session, volumes and all."""
    place = a_place(
        run_folder / "shipped", PROJECT, "compose.yaml:compose.dev.yaml:compose.z3950.yaml", DEMO="1", TAG="test", POSTGRES_ARCHIVE="on",
    )
    place.compose("down", "--volumes", "--remove-orphans", "--timeout", "10")
    try:
        running.up(place, {})
        found = Shipped(place, Engine.at(place))
        assert wait_until(lambda: not found.still_loading(), within=300, pause=1), found.still_loading()
        found.settle(within=180)
        yield found
    finally:
        place.compose("down", "--volumes", "--remove-orphans", "--timeout", "10")


def a_place(folder: Path, project: str, files: str = "compose.yaml:compose.dev.yaml", **more: str) -> Place:
    """Settings of an installation of its own, with ports nobody uses."""
    place = Place(folder / "env", print)
    ports = {name: str(free_port()) for name in ("HTTPS_PORT", "HTTP_PORT", "SIP2_PORT", "Z3950_PORT")}
    place.begin({"COMPOSE_PROJECT_NAME": project, "COMPOSE_FILE": files, "STATE": str(folder / "state"), **ports, **more})
    return place


@pytest.fixture
async def people(shipped: Shipped) -> AsyncIterator[People]:
    """`await people("rdr-dsk")`: a client that comes in by the front door and trusts our own authority only."""
    found = People(shipped.base_url, shipped.password, shipped.trust)
    yield found
    await found.leave()


@pytest.fixture
async def story(people: People) -> Story:
    return Story(people)
