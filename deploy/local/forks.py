"""The suite's programs begin as forks of one process that has read the kit: what all of them import is read once, and kept in memory once.

Linux only, where forking after imports is sound; elsewhere, and under compose, each program starts by itself.
The standard library's fork server does the forking, tells how a child ended, and ends with its parent.
"""

import contextlib
import gc
import multiprocessing
import os
import runpy
import subprocess
import sys
from collections.abc import Mapping, Sequence
from multiprocessing import forkserver
from multiprocessing.connection import wait
from pathlib import Path
from threading import Lock

USABLE = sys.platform == "linux"
# What every program imports sooner or later: the kit, the events' words, the server uvicorn picks by name.
PRELOAD = "deploy.local.forks_preload"


def begin(env: Mapping[str, str]) -> None:
    """Let the fork server read the kit, while the databases start."""
    for key in ("MALLOC_ARENA_MAX", "PYTHONUNBUFFERED"):  # read when a process starts, not when it is forked
        if key in env:
            os.environ.setdefault(key, env[key])
    multiprocessing.get_context("forkserver").set_forkserver_preload([PRELOAD])
    forkserver.ensure_running()


class Fork:
    """One forked program, with the part of `subprocess.Popen` that the suite uses; safe to ask from several threads."""

    def __init__(self, name: str, argv: Sequence[str], *, env: Mapping[str, str], cwd: Path, log: Path) -> None:
        begin(env)
        # A daemon to the library: a parent that fails ends it instead of waiting for it.
        self._process = multiprocessing.get_context("forkserver").Process(
            target=_become, args=(name, list(argv), dict(env), str(cwd), str(log)), daemon=True
        )
        self._process.start()
        self._lock = Lock()
        self.pid: int = self._process.pid or 0

    def poll(self) -> int | None:
        """How it ended, as a negative signal where one ended it; None while it runs."""
        with self._lock:
            return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Until it ends; `subprocess.TimeoutExpired` when it does not in time."""
        wait([self._process.sentinel], timeout)
        if (code := self.poll()) is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal if it still runs."""
        if self.poll() is None:
            os.kill(self.pid, number)


def _become(name: str, argv: Sequence[str], env: Mapping[str, str], cwd: str, log: str) -> None:
    """In the child: be `python -m <module> <words…>`, with a session, a log and an environment of its own."""
    os.setsid()
    with open(log, "ab") as out:
        os.dup2(out.fileno(), 1)
        os.dup2(out.fileno(), 2)
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    with contextlib.suppress(OSError):  # the name `ps` and `top` show
        Path("/proc/self/comm").write_text(f"guanwu-{name}"[:15])
    module = argv[argv.index("-m") + 1]
    sys.argv = [module, *argv[argv.index("-m") + 2 :]]
    gc.enable()
    runpy.run_module(module, run_name="__main__", alter_sys=True)
