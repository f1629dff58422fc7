"""A real Chromium in front of the running suite; every test opens its own windows."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest

from deploy.local.suite import Suite
from tests.flows.conftest import Story
from tests.support import chromium
from tests.support.people import People
from tests.support.screens import AXE, Chromium, Screen

# The long look (every screen in every dress, scanning with parts dying, pages without script) is a habit of its
# own, `make test-browser`: it takes longer than everything else together. The story itself runs with every change.
LONG_LOOK = [
    "test_every_screen.py", "test_the_desk_as_a_person_does_it.py",
    "test_scanning_never_loses_a_scan.py", "test_without_scripts.py",
]
collect_ignore = [] if os.environ.get("GUANWU_LONG_LOOK") else LONG_LOOK


Open = Callable[..., Awaitable[Screen]]
FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Remember a failure, so that its screens are kept."""
    report = yield
    if report.when == "call":  # type: ignore[attr-defined]
        item.stash[FAILED] = report.failed  # type: ignore[attr-defined]
    return report


@pytest.fixture(scope="session")
async def browser(suite: Suite) -> AsyncIterator[Chromium]:
    """One Chromium for the session."""
    program = chromium.find()
    if program is None:
        pytest.skip("there is no Chromium on this machine (make browser may fetch one)")
    if not AXE.exists():
        pytest.skip("axe-core is not there (make assets fetches it)")
    found = Chromium(program, suite.base_url, suite.password)
    await found.start()
    yield found
    await found.close()


@pytest.fixture
async def window(browser: Chromium, request: pytest.FixtureRequest) -> AsyncIterator[Open]:
    """`await window("rdr-dsk", lang="en")`: a window of that person, closed after the test."""
    folder = request.path.stem.removeprefix("test_")
    opened: list[Screen] = []

    async def at_screen(person: str, **how: object) -> Screen:
        opened.append(await browser.open(person, folder, **how))  # type: ignore[arg-type]
        return opened[-1]

    yield at_screen
    for n, screen in enumerate(opened):
        if request.node.stash.get(FAILED, False) and not screen.page.is_closed():
            await screen.shot(f"failed-{n}-{screen.name}", whole=True)
        await screen.context.close()


@pytest.fixture
async def story(people: People) -> Story:
    """Hands behind the scenes: books and patrons a test needs before its first screen."""
    return Story(people)
