"""Child processes that can always be found again: own group, a record on disk, stopped by pid and never by name."""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.forks import Fork
from deploy.local.place import Account


class NotStarted(Exception):
    """A part of the suite cannot run; the message is for the person at the terminal."""


def birth(pid: int) -> str | None:
    """Tell one process from a later one that was given the same number; None when it is gone."""
    with contextlib.suppress(OSError):
        state, *rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return None if state in "ZX" else f"{boot[:8]}-{rest[18]}"
    if Path("/proc/self/stat").exists():
        return None
    listed = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.split(maxsplit=1)
    return listed[1].strip() if len(listed) == 2 and not listed[0].startswith("Z") else None


@dataclass(frozen=True)
class Record:
    """What is needed to find a child again after its parent was killed."""

    name: str
    pid: int
    born: str
    signal: int = signal.SIGTERM
    note: str = ""

    @classmethod
    def read(cls, path: Path) -> "Record | None":
        """Read one record; a half-written file counts as none."""
        try:
            return cls(**json.loads(path.read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def write(self, folder: Path) -> None:
        """Keep the record where the next start looks for it, complete or not at all."""
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f".{self.name}.{os.getpid()}"
        draft.write_text(json.dumps(self.__dict__))
        draft.replace(folder / f"{self.name}.json")

    @property
    def alive(self) -> bool:
        """Say whether this very process still runs."""
        return birth(self.pid) == self.born


def records(folder: Path) -> list[Record]:
    """List what a run left behind, youngest first."""
    paths = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime, reverse=True)
    return [found for path in paths if (found := Record.read(path))]


def end(record: Record, *, within: float = 20.0) -> bool:
    """Stop a process that is not our child; kill it when it will not go. False when it was gone already."""
    if not record.alive:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(record.pid, record.signal)
    if not wait_until(lambda: not record.alive, within=within):
        with contextlib.suppress(ProcessLookupError):
            os.kill(record.pid, signal.SIGKILL)
        wait_until(lambda: not record.alive, within=5)
    return True


def end_all(folder: Path) -> list[str]:
    """Stop everything a killed parent left running, programs before the servers they use; name what was found."""
    found = [record for record in records(folder) if record.pid != os.getpid()]
    ended: list[str] = []
    for servers in (False, True):
        group = [record for record in found if (record.name in {"postgres", "nats"}) is servers]
        with ThreadPoolExecutor(max_workers=8) as pool:
            ended += [one.name for one, was in zip(group, pool.map(end, group), strict=True) if was]
    for record in found:
        (folder / f"{record.name}.json").unlink(missing_ok=True)
    return ended


def wait_until(done: Callable[[], bool], *, within: float, pause: float = 0.03) -> bool:
    """Poll until something holds or the time is over; say which."""
    deadline = time.monotonic() + within
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


@dataclass
class Child:
    """One program of the suite: how it is started, where it writes, how it wants to be stopped."""

    name: str
    argv: list[str]
    log: Path
    run: Path
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path = Path("/")
    account: Account | None = None
    stop_signal: int = signal.SIGTERM
    grace: float = 20.0
    forked: bool = False
    process: "subprocess.Popen[bytes] | Fork | None" = None

    def start(self) -> None:
        """Start it in a session of its own, so that Ctrl-C reaches only the supervisor."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        env = clean_environment() | dict(self.env)
        if self.forked:
            self.process = Fork(self.name, self.argv, env=env, cwd=self.cwd, log=self.log)
        else:
            who = self.account.as_popen() if self.account else {}
            with self.log.open("ab") as out:
                self.process = subprocess.Popen(
                    self.argv, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, cwd=self.cwd,
                    env=env, start_new_session=True, **who,
                )  # fmt: skip
        born = birth(self.process.pid) or ""
        Record(self.name, self.process.pid, born, int(self.stop_signal)).write(self.run)

    @property
    def pid(self) -> int | None:
        """Number of the running process, None when there is none."""
        return self.process.pid if self.process and self.process.poll() is None else None

    @property
    def exit_code(self) -> int | None:
        """How it ended; None while it runs or before it was started."""
        return self.process.poll() if self.process else None

    def signal(self, number: int) -> None:
        """Send a signal if it still runs."""
        if self.process and self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(number)

    def stop(self) -> None:
        """Ask it to finish, wait, kill what will not go, forget the record."""
        if self.process is None:
            return
        self.signal(self.stop_signal)
        try:
            self.process.wait(self.grace)
        except subprocess.TimeoutExpired:
            self.kill()
        (self.run / f"{self.name}.json").unlink(missing_ok=True)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.signal(signal.SIGKILL)
        if self.process:
            self.process.wait()

    def last_words(self, lines: int = 12) -> str:
        """End of its log, for the message that says why it did not start."""
        return "\n".join(f"    {line}" for line in tail(self.log, lines))


def tail(path: Path, lines: int) -> Iterator[str]:
    """Last lines of a log that may be large or absent."""
    with contextlib.suppress(OSError), path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 16_384))
        yield from file.read().decode(errors="replace").splitlines()[-lines:]


def clean_environment() -> dict[str, str]:
    """Our environment without what would redirect a child: libpq's PG… variables and settings of another suite."""
    return {key: value for key, value in os.environ.items() if not key.startswith(("PG", "GUANWU_"))}
