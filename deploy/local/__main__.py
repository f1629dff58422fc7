"""`python -m deploy.local <verb>`: what the Makefile's habits call."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Event
from types import FrameType

from deploy.local import accounts, backup
from deploy.local.locks import FolderLock
from deploy.local.ports import is_free
from deploy.local.processes import NotStarted, Record, end, end_all, wait_until
from deploy.local.suite import ROOT, Stopped, Suite
from deploy.rights import SERVICES

VERBS = ("run", "stop", "status", "reset", "backup", "restore", "migrate", "baseline", "replay", "verify")


def say(line: str) -> None:
    """One short line for the terminal and for a log alike."""
    print(f"{time.strftime('%H:%M:%S')}  {line}", flush=True)


def main() -> int:
    """Read the command line and do one thing."""
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__)
    parser.add_argument("verb", choices=VERBS)
    parser.add_argument("--var", type=Path, default=Path("var"), help="folder that keeps everything")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--detach", action="store_true", help="come back as soon as everything is ready")
    parser.add_argument("--empty", action="store_true", help="without the demonstration library")
    parser.add_argument("--service", choices=SERVICES, help="whose migration or replay")
    parser.add_argument("--file", type=Path, help="archive to write or to restore from")
    parser.add_argument("--source", choices=SERVICES, help="whose events are replayed")
    asked = parser.parse_args()
    try:
        return globals()[f"_{asked.verb}"](asked) or 0
    except NotStarted as reason:
        say(str(reason))
        return 1


def _run(asked: argparse.Namespace) -> int:
    if asked.detach:
        return _run_detached(asked)
    enough = Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        enough.set()
        suite.ask_to_stop()

    suite = Suite(asked.var, asked.port, host=asked.host, demo=not asked.empty, sip2=_sip2_port(asked.host), say=say)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    begun = time.monotonic()
    say(f"starting in {suite.var} (Ctrl-C stops)")
    try:
        suite.start()
    except Stopped:
        say("stopped before it was ready")
        return 0
    say(f"ready after {time.monotonic() - begun:.1f} s")
    print(_welcome(suite), flush=True)
    try:
        if suite.demo and suite.await_demo():
            say(f"the demonstration library is loaded; patrons: {'  '.join(_patrons(suite)) or 'none yet'}")
    except NotStarted as reason:
        say(str(reason))  # the suite itself is fine
    enough.wait()
    say("stopping")
    suite.stop()
    say("stopped")
    return 0


def _sip2_port(host: str) -> int | None:
    """`SIP2_PORT` as asked; unasked 6001, or any free port where another suite has that one."""
    said = os.environ.get("SIP2_PORT")
    if said is None:
        return 6001 if is_free(6001, host) else None
    if said.strip() and not (said.strip().isdecimal() and int(said) < 65536):
        raise NotStarted(f"SIP2_PORT must be a port number, or 0 for none, not {said}")
    return int(said.strip() or 0)


def _patrons(suite: Suite) -> list[str]:
    """Patrons who can sign in; the gateway hears of them a moment after they are registered."""
    url = suite.database_url("gateway")
    found: list[str] = []

    def known() -> bool:
        found[:] = accounts.patrons(url)
        return bool(found) or suite.stopping

    wait_until(known, within=30, pause=0.5)
    return found


def _run_detached(asked: argparse.Namespace) -> int:
    var = asked.var.absolute()
    (var / "log").mkdir(parents=True, exist_ok=True)
    said = var / "log/suite.log"
    said.write_text("")
    again = [word for word in sys.argv[1:] if word != "--detach"]
    with said.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "deploy.local", *again], cwd=ROOT, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def settled() -> bool:
        found = Record.read(var / "run/suite.json")
        return process.poll() is not None or bool(found and found.pid == process.pid)

    wait_until(settled, within=300, pause=0.1)
    # The supervisor writes its welcome right after its record.
    wait_until(lambda: process.poll() is not None or "stops it" in said.read_text(), within=5)
    print(said.read_text(), end="")
    return 0 if process.poll() is None else 1


def _stop(asked: argparse.Namespace) -> int:
    var = asked.var.absolute()
    record = Record.read(var / "run/suite.json")
    if record and end(record, within=90):
        say(f"stopped process {record.pid} and everything it ran")
        return 0
    lock = FolderLock(var / "suite.lock", f"The suite in {var} is still starting: it")
    if not var.exists():
        say("nothing runs here")
        return 0
    lock.take()
    left = end_all(var / "run")
    lock.give_back()
    say(f"stopped what a killed run had left: {', '.join(left)}" if left else "nothing runs here")
    return 0


def _status(asked: argparse.Namespace) -> int:
    record = Record.read(asked.var.absolute() / "run/suite.json")
    running = bool(record and record.alive)
    say(f"runs at {record.note} (process {record.pid})" if record and running else "does not run")
    return 0 if running else 3


def _reset(asked: argparse.Namespace) -> None:
    """Empty the folder, so that the next start loads the demonstration library anew."""
    _stop(asked)
    var = asked.var.absolute()
    for note in var.glob("*.elsewhere"):
        shutil.rmtree(note.read_text().strip(), ignore_errors=True)
        note.unlink()
    for part in ("postgres", "nats", "files"):
        shutil.rmtree(var / part, ignore_errors=True)
    say("emptied; make run loads the demonstration library anew")


def _backup(asked: argparse.Namespace) -> None:
    from deploy.local import upkeep

    began = time.monotonic()
    written = backup.write(asked.var.absolute(), asked.file, say)
    say(f"backup in {written} ({written.stat().st_size / 1e6:.1f} MB)")
    upkeep.tell_of_backup(asked.var.absolute(), written, time.monotonic() - began, say)


def _restore(asked: argparse.Namespace) -> None:
    if asked.file is None:
        raise NotStarted("Say which archive: make restore FILE=var/backups/….tar")
    backup.restore(asked.var.absolute(), asked.file, say)
    say("restored; make run starts the suite with it")


def _migrate(asked: argparse.Namespace) -> None:
    from deploy.local import upkeep

    upkeep.migrate(asked.var.absolute(), [asked.service] if asked.service else SERVICES, say)


def _baseline(asked: argparse.Namespace) -> None:
    from deploy.local import upkeep

    upkeep.baseline(_service_of(asked), say)


def _replay(asked: argparse.Namespace) -> int:
    from deploy.local import upkeep

    if asked.source is None:
        raise NotStarted(f"Say whose events: SOURCE={'|'.join(SERVICES)}")
    return upkeep.replay(asked.var.absolute(), _service_of(asked), asked.source, say)


def _verify(asked: argparse.Namespace) -> int:
    from deploy.local import upkeep

    return upkeep.verify(asked.var.absolute(), say)


def _service_of(asked: argparse.Namespace) -> str:
    if asked.service is None:
        raise NotStarted(f"Say for whom: SERVICE={'|'.join(SERVICES)}")
    return str(asked.service)


def _welcome(suite: Suite) -> str:
    lines = ["", f"  馆务通 Guanwu   {suite.base_url}", f"  logs            {_shown(suite.log)}"]
    if suite.sip2_port:
        lines.append(f"  self-check      {suite.host}:{suite.sip2_port} (SIP2)" + (
            ", terminal kiosk, password as below" if suite.demo else ""
        ))
    if suite.demo:
        lines += ["", f"  password of every demonstration account: {suite.password}", *accounts.lines()]
    return "\n".join([*lines, "", f"  make stop VAR={_shown(suite.var)} (or Ctrl-C in the foreground) stops it", ""])


def _shown(path: Path) -> Path:
    """Path as people here would type it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


if __name__ == "__main__":
    sys.exit(main())
