"""Real servers for tests: embedded by default, containers or given ones when asked for."""

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from deploy.local.nats import Nats
from deploy.local.ports import free_port
from deploy.local.postgres import Postgres
from deploy.local.processes import NotStarted, end_all, wait_until

# The run's PostgreSQL serves other workers beyond this one's end; the run's end stops it by its record.
_kept_alive: list[Postgres] = []
POSTGRES_IMAGE, NATS_IMAGE = "postgres:18", "nats:2.15-alpine"


@dataclass(frozen=True)
class Infra:
    """Addresses of a PostgreSQL (as its administrator) and of a NATS that belongs to this worker alone."""

    pg_admin_dsn: str
    nats_url: str
    folder: Path
    worker: str


@contextmanager
def provided(folder: Path, worker: str) -> Iterator[Infra]:
    """Servers of the kind GUANWU_TEST_INFRA asks for."""
    kinds: dict[str, Callable[[Path, str, ExitStack], tuple[str, str]]] = {
        "embedded": _embedded,
        "containers": _containers,
        "external": _external,
    }
    kind = os.environ.get("GUANWU_TEST_INFRA", "embedded")
    if kind not in kinds:
        raise pytest.UsageError(f"GUANWU_TEST_INFRA={kind}: choose one of {', '.join(kinds)}")
    with ExitStack() as until_the_end:
        postgres, nats = kinds[kind](folder, worker, until_the_end)
        yield Infra(postgres, nats, folder, worker)


def _embedded(folder: Path, worker: str, until_the_end: ExitStack) -> tuple[str, str]:
    """One PostgreSQL for all workers (its templates are dear), one NATS for each (it costs 20 ms)."""
    with one_at_a_time(folder / "postgres.turn"):
        kept = folder / "postgres.json"
        if not kept.exists():
            server = Postgres(
                folder / "postgres", free_port(), "tests-only", folder / "run", folder / "postgres.log", durable=False
            )
            server.start()
            _kept_alive.append(server)
            kept.write_text(json.dumps(server.url()))
        postgres = json.loads(kept.read_text())
    home = folder / f"nats-{worker}"
    nats = Nats(home, free_port(), home / "run", home / "nats.log", durable=False)
    nats.start()
    until_the_end.callback(nats.stop)
    return postgres, nats.url


def _containers(folder: Path, worker: str, until_the_end: ExitStack) -> tuple[str, str]:
    """Official images of what production runs."""
    # The reaper of testcontainers is an image of its own, which a machine without a registry cannot have; what we start we stop.
    os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")
    import docker
    from docker.errors import DockerException
    from testcontainers.community.nats import NatsContainer
    from testcontainers.community.postgres import PostgresContainer

    try:
        docker.from_env().ping()
    except DockerException as reason:
        pytest.skip(f"GUANWU_TEST_INFRA=containers, but no container engine answers: {reason}")
    try:
        postgres = until_the_end.enter_context(PostgresContainer(POSTGRES_IMAGE, driver=None))
        nats = until_the_end.enter_context(NatsContainer(NATS_IMAGE, jetstream=True))
    except DockerException as reason:
        pytest.skip(f"GUANWU_TEST_INFRA=containers, but the images cannot be had: {reason}")
    return postgres.get_connection_url(), nats.nats_uri()


def _external(folder: Path, worker: str, until_the_end: ExitStack) -> tuple[str, str]:
    """Servers somebody else runs: GUANWU_TEST_POSTGRES (an administrator's address) and GUANWU_TEST_NATS."""
    if worker != "main":
        raise pytest.UsageError("GUANWU_TEST_INFRA=external has one NATS: run without -n")
    try:
        return os.environ["GUANWU_TEST_POSTGRES"], os.environ["GUANWU_TEST_NATS"]
    except KeyError as missing:
        raise pytest.UsageError(f"GUANWU_TEST_INFRA=external needs {missing}") from None


@contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Let workers make shared things in turn."""
    with path.open("a") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


def session_folder() -> Path:
    """Folder of this test run; what killed runs left behind is stopped and removed first."""
    home = Path(tempfile.gettempdir()) / f"guanwu-tests-{os.geteuid()}"
    home.mkdir(mode=0o711, exist_ok=True)
    if home.stat().st_uid != os.geteuid():
        raise PermissionError(f"{home} belongs to somebody else")
    for left in home.iterdir():
        if left.name.isdecimal() and not _runs(int(left.name)):
            clear(left)
    folder = home / str(os.getpid())
    folder.mkdir(mode=0o711, exist_ok=True)
    return folder


def clear(folder: Path) -> None:
    """Stop whatever this run started and remove its files."""
    for run in folder.rglob("run"):
        end_all(run)
    for note in folder.rglob("*.elsewhere"):
        shutil.rmtree(note.read_text().strip(), ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def answers(url: str, *, within: float = 10) -> bool:
    """Say whether a PostgreSQL lets us in, waiting a moment for it."""

    def asked() -> bool:
        try:
            psycopg.connect(url, connect_timeout=3).close()
        except psycopg.OperationalError:
            return False
        return True

    return wait_until(asked, within=within)


__all__ = ["Infra", "NotStarted", "answers", "clear", "one_at_a_time", "provided", "session_folder"]
