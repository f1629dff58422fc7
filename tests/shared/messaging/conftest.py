"""Departments `reader` (states facts) and `office` (hears them) with empty databases and an empty bus."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from deploy.local.nats import Nats
from deploy.local.ports import free_port
from tests.shared.messaging.rig import (
    Department,
    create_database,
    department,
    empty,
    forget_streams,
)
from tests.support.infra import Infra

PLACES = ("reader", "office")


@pytest.fixture(scope="session")
async def places(infra: Infra) -> AsyncIterator[dict[str, Department]]:
    """Databases are made once a session."""
    made = {}
    for name in PLACES:
        url = create_database(infra.pg_admin_dsn, f"messaging_{name}_{infra.worker}")
        made[name] = await department(name, url, infra.nats_url)
    yield made
    for place in made.values():
        await place.engine.dispose()


@pytest.fixture
async def clean(
    places: dict[str, Department], infra: Infra
) -> AsyncIterator[dict[str, Department]]:
    """Both departments as they were made."""
    for place in places.values():
        place.settings = place.settings.model_copy(update={"nats_url": infra.nats_url})
        await empty(place)
    await forget_streams(infra.nats_url)
    yield places
    for place in places.values():
        await place.stop()


@pytest.fixture
def reader(clean: dict[str, Department]) -> Department:
    """The department that states facts."""
    return clean["reader"]


@pytest.fixture
def office(clean: dict[str, Department]) -> Department:
    """The department that hears them."""
    return clean["office"]


@pytest.fixture
def own_nats(run_folder: Path, worker: str, clean: dict[str, Department]) -> Iterator[Nats]:
    """A NATS server the test may kill and rob; both departments talk to it."""
    home = run_folder / f"own-nats-{worker}"
    nats = Nats(home, free_port(), home / "run", home / "nats.log", durable=True)
    nats.wipe()
    nats.start()
    for place in clean.values():
        place.settings = place.settings.model_copy(update={"nats_url": nats.url})
    yield nats
    nats.stop()
