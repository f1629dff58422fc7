"""Throw-away installations for the tests of what runs the suite."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest

from deploy.local.ports import free_port
from deploy.local.postgres import Postgres
from deploy.local.suite import Suite

STAND_IN = """
import http.server, os
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200), self.end_headers(), self.wfile.write(os.environ["GUANWU_SERVICE"].encode())
    def log_message(self, *words): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["GUANWU_PORT"])), Answer).serve_forever()
"""


@pytest.fixture
def var(run_folder: Path) -> Path:
    """Folder for one installation, open to PostgreSQL's own user; cleared with the run."""
    folder = Path(mkdtemp(dir=run_folder))
    folder.chmod(0o711)
    return folder


@pytest.fixture
def a_cluster(var: Path) -> Iterator[Callable[[], Postgres]]:
    """Make a PostgreSQL in the test's folder; each call is a new supervisor over the same data."""
    made: list[Postgres] = []
    port = free_port()

    def make() -> Postgres:
        made.append(Postgres(var / "postgres", port, "a-secret", var / "run", var / "postgres.log", say=lambda _: None))
        return made[-1]

    yield make
    for server in made:
        server.stop()


@pytest.fixture
def a_suite(var: Path) -> Iterator[Callable[..., Suite]]:
    """Make a suite whose services only answer; everything else about it is real."""
    made: list[Suite] = []
    port = free_port()

    def make(**changes: object) -> Suite:
        said: list[str] = []
        suite = Suite(
            var, port, demo=False, durable=False, say=said.append,
            command=lambda _: [sys.executable, "-S", "-c", STAND_IN],
            **{"services": ("reader", "tech", "gateway")} | changes,  # type: ignore[arg-type]
        )  # fmt: skip
        suite.said = said  # type: ignore[attr-defined]
        made.append(suite)
        return suite

    yield make
    for suite in made:
        suite.stop()
