"""Fixtures of every tier; servers start only when a selected test asks for them."""

import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from hypothesis import HealthCheck, settings

from deploy.local.ports import free_port
from deploy.local.suite import Suite
from tests.support.bus import empty_bus
from tests.support.databases import Database, Databases
from tests.support.infra import Infra, clear, provided, session_folder
from tests.support.people import People, signed_in
from tests.support.quiet import settle

FOLDER = pytest.StashKey[Path]()
# A busy machine draws examples slowly; that says nothing about the code.
settings.register_profile("guanwu", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("guanwu")


def pytest_configure(config: pytest.Config) -> None:
    """Give the run one folder; workers of xdist share it."""
    given = getattr(config, "workerinput", {}).get("guanwu_folder")
    config.stash[FOLDER] = Path(given) if given else session_folder()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: pytest.Item) -> None:
    """Tell a worker where the run's folder is."""
    node.workerinput["guanwu_folder"] = str(node.config.stash[FOLDER])  # type: ignore[attr-defined]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop whatever the run or one of its workers started."""
    if not hasattr(config, "workerinput") and FOLDER in config.stash:
        clear(config.stash[FOLDER])


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Name each test's tier by what it asks for, and put those that need the whole suite first."""
    for item in items:
        asks = set(getattr(item, "fixturenames", ()))
        tier = "browser" if "browser" in item.path.parts else "flow" if "suite" in asks else None
        tier = tier or ("service" if "infra" in asks else "rules")
        if not any(item.get_closest_marker(name) for name in ("rules", "service", "flow", "browser", "container")):
            item.add_marker(tier)
    items.sort(key=lambda item: "suite" not in getattr(item, "fixturenames", ()))


# Where tests ask for the whole suite: one worker starts it once.
ON_THE_SUITE = ("tests/browser/", "tests/flows/", "tests/deploy/test_the_whole_suite_runs_here.py")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Files stay together: their fixtures are made once, and a failure is read in its context.

    By hand, because the groups of xdist 3.8 are lost on the node ids of pytest 9.
    """
    from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

    class ByFile(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.split("::", 1)[0]
            if file.startswith("tests/containers/"):
                return "containers"
            return "suite" if file.startswith(ON_THE_SUITE) else file

    return ByFile(config, log)


SECOND_TRY = ("flow", "browser", "slow")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """A story across seven processes on a busy machine may miss a deadline once; missing it twice is a failure.

    The first failure is printed, so that a story that stumbles often is noticed.
    """
    if not any(item.get_closest_marker(name) for name in SECOND_TRY):
        return None
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    reports = runtestprotocol(item, nextitem=nextitem, log=False)
    if any(report.failed for report in reports):
        why = next(report.longreprtext for report in reports if report.failed)
        print(f"\nsecond try of {item.nodeid}:\n{why[-3000:]}")
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


@pytest.fixture(scope="session")
def worker() -> str:
    """Name of this xdist worker."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


@pytest.fixture(scope="session")
def run_folder(request: pytest.FixtureRequest) -> Path:
    """Folder of this test run, which PostgreSQL's own user can reach too."""
    return request.config.stash[FOLDER]


@pytest.fixture(scope="session")
def infra(run_folder: Path, worker: str) -> Iterator[Infra]:
    """Real PostgreSQL and NATS."""
    with provided(run_folder, worker) as found:
        yield found


@pytest.fixture(scope="session")
def _databases(infra: Infra) -> Iterator[Databases]:
    found = Databases(infra)
    yield found
    found.close()


@pytest.fixture
def database(_databases: Databases) -> Callable[[str], Database]:
    """`database("reader")`: that service's database, migrated and otherwise empty."""
    ready: dict[str, Database] = {}

    def of(service: str) -> Database:
        if service not in ready:
            ready[service] = _databases.fresh(service)
        return ready[service]

    return of


@pytest.fixture
async def bus(infra: Infra) -> str:
    """Address of the NATS, with every stream there and empty."""
    await empty_bus(infra.nats_url)
    return infra.nats_url


@pytest.fixture(scope="session")
def suite(run_folder: Path, worker: str) -> Iterator[Suite]:
    """All five departments and the gateway with the demonstration library."""
    said: list[str] = []
    found = Suite(
        run_folder / f"suite-{worker}", free_port(), demo=True, password="tests-only-password", durable=False,
        say=said.append,
    )  # fmt: skip
    found.start()
    found.await_demo()
    settle(found, within=120)
    yield found
    found.stop()


@pytest.fixture(scope="session")
def base_url(suite: Suite) -> str:
    """Address of the suite."""
    return suite.base_url


@pytest.fixture(scope="session")
async def people(suite: Suite) -> AsyncIterator[People]:
    """`await people("rdr-dsk")`: a client that acts as that person."""
    async for found in signed_in(suite.base_url, suite.password):
        yield found
