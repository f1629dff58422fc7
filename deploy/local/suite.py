"""The whole suite on one machine, for people (`make run`) and for tests, benchmarks and chaos runs alike."""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

from deploy.local import forks
from deploy.local.databases import Roles, provide
from deploy.local.locks import FolderLock
from deploy.local.nats import Nats
from deploy.local.ports import Ports, answers, is_free
from deploy.local.postgres import Postgres
from deploy.local.processes import Child, NotStarted, Record, birth, clean_environment, end_all
from deploy.local.secrets import Secrets
from deploy.local.supervise import Watch
from deploy.rights import PROVISION, SERVICES

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN = 180.0
SELFCHECK = "selfcheck"
# Two arenas: threads here wait, and eight times the heap would only be fragments.
LEAN = {"PYTHONUNBUFFERED": "1", "MALLOC_ARENA_MAX": "2"}


class Stopped(Exception):
    """Somebody asked to stop while the suite was still starting."""


def program(name: str) -> list[str]:
    """Command line of one service."""
    return [sys.executable, "-m", {"gateway": "gateway", SELFCHECK: "services.reader.selfcheck"}.get(name, f"services.{name}")]


def folder_of(name: str) -> Path:
    """Where one service's code lies."""
    return ROOT / "gateway" if name == "gateway" else ROOT / "services" / name


class Suite:
    """PostgreSQL, NATS, the departments and the gateway, with everything they keep in one folder."""

    def __init__(
        self, var: Path, port: int = 8080, services: Sequence[str] = SERVICES, *, demo: bool = True,
        password: str | None = None, host: str = "127.0.0.1", durable: bool = True,
        sip2: int | None = 0, command: Callable[[str], list[str]] = program, say: Callable[[str], None] = print,
    ) -> None:  # fmt: skip
        self.var, self.port, self.host = Path(var).absolute(), port, host
        self.services, self.demo, self.durable = tuple(services), demo, durable
        self.run, self.log = self.var / "run", self.var / "log"
        self.secrets = Secrets(self.var / "secrets")
        self._sip2 = sip2  # 0 is off, None any that is free
        self._command, self._say, self._password = command, say, password
        self._children, self._log_began, self._addresses = dict[str, Child](), dict[str, int](), dict[str, int]()
        self._forked = forks.USABLE and command is program
        self._stopping = Event()
        self._watch = Watch(say)
        self._lock = FolderLock(self.var / "suite.lock", f"The suite in {self.var}")

    @property
    def base_url(self) -> str:
        """Address people type."""
        return f"http://{self.host}:{self.port}"

    @property
    def sip2_port(self) -> int:
        """Where self-check machines connect; 0 when they are not served."""
        return self._addresses.get(SELFCHECK, 0)

    @property
    def password(self) -> str:
        """Password of every demonstration account."""
        return self._password or os.environ.get("GUANWU_DEMO_PASSWORD") or self.secrets.demo_password()

    def start(self) -> None:
        """Start everything that does not run yet and return when all of it is ready."""
        self._prepare()
        if self._forked:
            forks.begin(LEAN)
        try:
            with ThreadPoolExecutor(max_workers=2) as pool:
                servers = [pool.submit(self._start_databases), pool.submit(self._start_bus)]
            for server in servers:
                server.result()
            programs = [*self.services, SELFCHECK] if self.sip2_port else self.services
            for name in programs:
                self._go_on()
                self._start_service(name)
            self._await_ready(programs)
        except BaseException:
            self.stop()
            raise
        self._watch.add("postgres", self.postgres.start, lambda: self.exit_code("postgres"))
        self._watch.add("nats", self.nats.start, lambda: self.exit_code("nats"))
        self._watch.begin()
        Record("suite", os.getpid(), birth(os.getpid()) or "", signal.SIGTERM, self.base_url).write(self.run)

    @property
    def stopping(self) -> bool:
        """Whether somebody asked it to stop."""
        return self._stopping.is_set()

    def ask_to_stop(self) -> None:
        """Let a start that is under way end with `Stopped`; safe in a signal handler."""
        self._stopping.set()

    def stop(self) -> None:
        """Stop everything in reverse order; safe to call at any moment and from a signal's thread."""
        self._stopping.set()
        self._watch.end()
        with ThreadPoolExecutor(max_workers=8) as pool:
            gateway = self._children.pop("gateway", None)
            if gateway:
                gateway.stop()
            list(pool.map(Child.stop, self._children.values()))
        self._children.clear()
        for server in ("nats", "postgres"):
            if running := getattr(self, server, None):
                running.stop()
        (self.run / "suite.json").unlink(missing_ok=True)
        self._lock.give_back()

    def kill(self, name: str) -> None:
        """End one part as a power cut would and leave it dead until `start_one`."""
        self._watch.drop(name)
        self._part(name).kill()

    def await_demo(self, *, within: float = 600) -> bool:
        """Wait until the demonstration library is loaded, which goes on behind the ready suite; False when asked to stop."""
        # A service that loads something says so in its table of contents.
        waiting = {name for name in self.services if "demo=" in (folder_of(name) / "app.py").read_text()}
        deadline = time.monotonic() + within
        while waiting and not self._stopping.wait(0.2):
            for name in list(waiting):
                said = (self.log / f"{name}.log").read_bytes()[self._log_began[name] :]
                if b"demonstration data failed" in said:
                    raise NotStarted(f"{name} could not load the demonstration library; see {self.log / name}.log")
                if b"demonstration data ready" in said:
                    waiting.remove(name)
            if time.monotonic() > deadline:
                raise NotStarted(f"The demonstration library is not loaded after {within:.0f} s: {', '.join(waiting)}")
        return not waiting

    def stop_one(self, name: str) -> None:
        """Stop one part in good order and leave it down until `start_one`."""
        self._watch.drop(name)
        self._part(name).stop()

    def start_one(self, name: str) -> None:
        """Bring one part back and wait until it is ready."""
        part = self._part(name)
        if not isinstance(part, Child):
            part.start()
            self._watch.add(name, part.start, lambda: self.exit_code(name))
            return
        self._start_service(name)
        self._await_ready([name])

    def wipe_nats(self) -> None:
        """Lose the whole JetStream store: kill the server, delete its files, start it empty."""
        self.kill("nats")
        self.nats.wipe()
        self.start_one("nats")
        self._provide_streams()

    def pid(self, name: str) -> int | None:
        """Process number of one part, None while it is down."""
        part = self._part(name)
        child = part if isinstance(part, Child) else part.child
        return child.pid if child else None

    def exit_code(self, name: str) -> int | None:
        """How a part ended, None while it runs."""
        part = self._part(name)
        child = part if isinstance(part, Child) else part.child
        return child.exit_code if child else None

    def url_of(self, name: str) -> str:
        """Address of one process, past the gateway."""
        return f"http://127.0.0.1:{self._addresses[name]}"

    def database_url(self, service: str, *, owner: bool = False) -> str:
        """Address of a service's database in its app role, or as the owner."""
        role = f"{service}_{'owner' if owner else 'app'}"
        return self.postgres.url(service, role, self.secrets.password(role))

    def _part(self, name: str) -> "Child | Postgres | Nats":
        return self.postgres if name == "postgres" else self.nats if name == "nats" else self._children[name]

    def _prepare(self) -> None:
        """Take the folder, clear what a killed run left, choose the ports."""
        self.var.mkdir(parents=True, exist_ok=True)
        self._lock.take()
        try:
            if left := end_all(self.run):
                self._say(f"A run that was killed had left {', '.join(left)}; stopped.")
            if "gateway" in self.services and not is_free(self.port, self.host):
                raise NotStarted(f"Port {self.port} is taken by another program; try make run PORT={self.port + 1}")
            if self._sip2 and not is_free(self._sip2, self.host):
                raise NotStarted(f"SIP2_PORT {self._sip2} is taken by another program; choose another, or 0 for none")
            self.log.mkdir(exist_ok=True)
            self.ports = Ports(self.var / "ports.json")
            self.postgres = Postgres(
                self.var / "postgres", self.ports.of("postgres"), self.secrets.password("postgres"), self.run, self.log / "postgres.log",
                durable=self.durable, say=self._say, go_on=self._go_on,
            )  # fmt: skip
            keys = {name: self.secrets.nkey_public(name) for name in (*SERVICES, PROVISION)}
            self.nats = Nats(
                self.var / "nats", self.ports.of("nats"), self.run, self.log / "nats.log", keys, durable=self.durable
            )
            self._addresses = {
                name: self.port if name == "gateway" else self.ports.of(name) for name in self.services
            }
            if self._sip2 != 0 and "reader" in self.services:
                self._addresses[SELFCHECK] = self._sip2 or self.ports.of(SELFCHECK)
        except BaseException:
            self._lock.give_back()
            raise

    def _start_databases(self) -> None:
        self.postgres.start()
        with ThreadPoolExecutor(max_workers=3) as pool:
            list(pool.map(self._provide_database, self.services))

    def _provide_database(self, service: str) -> None:
        provide(self.postgres.url(), service, Roles(*map(self.secrets.password, (f"{service}_owner", f"{service}_app"))))

    def _start_bus(self) -> None:
        self.nats.start()
        self._provide_streams()

    def _provide_streams(self) -> None:
        # In a process of its own: what it imports would stay with the supervisor all day (45 MB).
        done = subprocess.run(
            [sys.executable, "-m", "shared.messaging.provision"], cwd=ROOT, capture_output=True, text=True, check=False,
            env=clean_environment() | {
                "GUANWU_NATS_URL": self.nats.url, "GUANWU_NATS_SEED": self.secrets.nkey_seed(PROVISION),
            },
        )  # fmt: skip
        if done.returncode:
            raise NotStarted(f"No streams on {self.nats.url}:\n{done.stderr[-2000:]}")

    def _start_service(self, name: str) -> None:
        child = self._children.setdefault(
            name, Child(
                name, self._command(name), self.log / f"{name}.log", self.run, cwd=ROOT,
                forked=self._forked,
            ),
        )  # fmt: skip
        child.env = self._environment(name)
        self._log_began[name] = child.log.stat().st_size if child.log.exists() else 0
        child.start()
        self._watch.add(name, child.start, lambda: child.exit_code)

    def _environment(self, name: str) -> dict[str, str]:
        departments = [other for other in self.services if other != "gateway"]
        who = "reader" if name == SELFCHECK else name
        found = {
            "SERVICE": who,
            "HOST": self.host if name in {"gateway", SELFCHECK} else "127.0.0.1",
            "PORT": str(self._addresses[name]),
            "DATABASE_URL": self.database_url(who),
            "OWNER_DATABASE_URL": self.database_url(who, owner=True),
            "NATS_URL": self.nats.url,
            "NATS_SEED": self.secrets.nkey_seed(who),
            "DATA": str(self.var / "files"),
            "STATIC": str(ROOT / "dist/static"),
            "JWKS_URL": f"http://127.0.0.1:{self.port}/.well-known/jwks.json",
            "PUBLIC_URL": self.base_url,
            "SERVICES": ",".join(f"{other}={self.url_of(other)}" for other in departments),
            "DEMO": str(int(self.demo)),
            "DEMO_PASSWORD": self.password if self.demo else "",
            "LOG": os.environ.get("GUANWU_LOG", "console"),
        }
        return {f"GUANWU_{key}": value for key, value in found.items()} | LEAN | {"SIP2_PORT": str(self.sip2_port)}

    def _await_ready(self, names: Sequence[str]) -> None:
        waiting, deadline = list(names), time.monotonic() + READY_WITHIN
        while waiting:
            self._go_on()
            for name in list(waiting):
                if self._ready(name):
                    waiting.remove(name)
                elif self._children[name].exit_code is not None:
                    words = self._children[name].last_words()
                    raise NotStarted(f"{name} ended while starting ({self.log / name}.log):\n{words}")
            if time.monotonic() > deadline:
                raise NotStarted(f"Not ready after {READY_WITHIN:.0f} s: {', '.join(waiting)}; see {self.log}")
            time.sleep(0.05)

    def _ready(self, name: str) -> bool:
        if name == SELFCHECK:
            return answers(self.host, self.sip2_port)  # it speaks no HTTP
        line = http.client.HTTPConnection("127.0.0.1", self._addresses[name], timeout=3)
        try:
            line.request("GET", "/readyz")
            return line.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            line.close()

    def _go_on(self) -> None:
        if self._stopping.is_set():
            raise Stopped
