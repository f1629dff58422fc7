"""A real PostgreSQL on loopback from the wheel's programs: passwords only, its own user, fast stop, patient recovery."""

import contextlib
import locale
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg

from deploy.local.locks import FolderLock
from deploy.local.place import home_for, postgres_programs, server_account
from deploy.local.processes import Child, NotStarted, Record, birth, clean_environment, end

ADMIN = "postgres"
RECOVERY = 600.0  # replaying the log after a crash may take minutes; giving up on it would lose the day

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "shared_buffers": "64MB",
    "max_connections": "160",
    "io_workers": "1",
    "max_parallel_workers_per_gather": "0",
    "max_wal_size": "512MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_lock_waits": "on",
    "jit": "off",
}
THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass
class Postgres:
    """One cluster in one folder."""

    home: Path
    port: int
    password: str
    run: Path
    log: Path
    durable: bool = True
    say: Callable[[str], None] = print
    go_on: Callable[[], None] = lambda: None  # raises when the wait for a recovery is no longer wanted
    child: Child | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.account = server_account()
        self.programs = postgres_programs(self.account)
        self.home = home_for(self.home, self.account)
        self.data = self.home / "data"
        self._lock = FolderLock(self.run / "postgres.lock", f"The PostgreSQL data folder {self.data}")

    def url(self, database: str = "postgres", user: str = ADMIN, password: str | None = None) -> str:
        """Address of a database for any libpq client."""
        return f"postgresql://{user}:{quote(password or self.password, safe='')}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start the server, making the cluster first if there is none; return when it answers."""
        self._lock.take()
        try:
            self._end_stranger()
            self._make_cluster()
            self._check_version()
            settings = SETTINGS | ({} if self.durable else THROW_AWAY) | {"port": str(self.port)}
            flags = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
            self.child = Child(
                "postgres", [str(self.programs / "postgres"), "-D", str(self.data), *flags],
                log=self.log, run=self.run, account=self.account, stop_signal=signal.SIGINT, grace=60,
            )  # fmt: skip
            self.child.start()
            self._wait_until_it_answers(self.child)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Fast stop: open transactions are rolled back, the log is flushed."""
        if self.child:
            self.child.stop()
            self.child = None
        self._lock.give_back()

    def kill(self) -> None:
        """End it as a power cut would; the next start recovers."""
        if self.child:
            self.child.kill()
            self.child = None
        self._lock.give_back()

    def program(self, name: str, *arguments: str) -> list[str]:
        """Command line of a client program of the same version, such as pg_dump."""
        return [str(self.programs / name), *arguments]

    def _make_cluster(self) -> None:
        if (self.data / "PG_VERSION").exists():
            return
        for path in self.home.glob("data.new*"):
            subprocess.run(["rm", "-rf", str(path)], check=True)
        draft, secret = self.home / "data.new", self.home / ".first-password"
        secret.touch(mode=0o600)
        secret.write_text(self.password)
        if self.account:
            os.chown(secret, self.account.uid, self.account.gid)
        command: list[str | Path] = [
            self.programs / "initdb", "-D", draft, "-U", ADMIN, "-E", "UTF8", "-A", "scram-sha-256",
            "--pwfile", secret, "--locale=C", f"--lc-ctype={_character_type()}", "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8", *([] if self.durable else ["--no-sync"]),
        ]  # fmt: skip
        who = self.account.as_popen() if self.account else {}
        try:
            made = subprocess.run(
                command, cwd="/", env=clean_environment(), capture_output=True, text=True, check=False, **who
            )
        finally:
            secret.unlink()
        if made.returncode:
            raise NotStarted(f"PostgreSQL could not make its data folder:\n{made.stderr or made.stdout}")
        draft.rename(self.data)  # only a finished cluster ever carries the real name

    def _check_version(self) -> None:
        has = (self.data / "PG_VERSION").read_text().strip()
        told = subprocess.run([self.programs / "postgres", "--version"], capture_output=True, text=True, check=True)
        runs = told.stdout.split()[-1].partition(".")[0]
        if has != runs:
            raise NotStarted(
                f"{self.data} was made by PostgreSQL {has}, this suite brings PostgreSQL {runs}. "
                f"Make a backup with the old release (make backup), move the folder away and restore (make restore)."
            )

    def _end_stranger(self) -> None:
        """Stop a server left in our folder by a killed parent: its records name it, or PostgreSQL's own pid file."""
        if record := Record.read(self.run / "postgres.json"):
            end(record, within=60)
        with contextlib.suppress(OSError, ValueError, IndexError):
            pid = int((self.data / "postmaster.pid").read_text().splitlines()[0])
            if str(self.data).encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                end(Record("postgres", pid, birth(pid) or "", signal.SIGINT), within=60)

    def _wait_until_it_answers(self, child: Child) -> None:
        begun = told = time.monotonic()
        while not self._answers():
            self.go_on()
            if child.exit_code is not None:
                # Sessions of a killed server need a moment to notice its death and let go of its memory.
                if "still in use" not in child.last_words(6) or time.monotonic() - begun > 20:
                    raise NotStarted(f"PostgreSQL ended at once:\n{child.last_words()}")
                time.sleep(0.2)
                child.start()
            if time.monotonic() - begun > RECOVERY:
                raise NotStarted(f"PostgreSQL does not answer:\n{child.last_words()}")
            if time.monotonic() - told > 10:
                told = time.monotonic()
                self.say(f"PostgreSQL is recovering after a crash ({told - begun:.0f} s so far)")
            time.sleep(0.03)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url(), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True


def _character_type() -> str:
    """A locale of this system that knows letters beyond ASCII: trigrams and word splitting ask for it."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in ("C.UTF-8", "C.utf8", "en_US.UTF-8", "zh_CN.UTF-8"):
            with contextlib.suppress(locale.Error):
                return locale.setlocale(locale.LC_CTYPE, name)
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    return "C"
