"""A real NATS server with JetStream from its wheel; who may say what comes from `deploy/rights.py`."""

import contextlib
import json
import shutil
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deploy.local.locks import FolderLock
from deploy.local.place import nats_program
from deploy.local.processes import Child, NotStarted, Record, end, wait_until
from deploy.rights import rights


def configuration(store: Path, port: int, keys: Mapping[str, str], *, durable: bool = True) -> dict[str, Any]:
    """Whole configuration of the server; `keys` are the users' public keys, empty for an open server in tests."""
    found: dict[str, Any] = {
        "server_name": "guanwu-local",
        "listen": f"127.0.0.1:{port}",
        "jetstream": {
            "store_dir": str(store),
            "max_memory_store": 64 << 20,
            "max_file_store": 4 << 30,
            # The default syncs every two minutes: a power cut would take acknowledged events with it.
            "sync_interval": "always" if durable else "2m",
        },
        "max_payload": 1 << 20,
        "logtime": True,
    }
    if keys:
        found |= rights(keys)
    return found


@dataclass
class Nats:
    """One server with one store."""

    home: Path
    port: int
    run: Path
    log: Path
    keys: Mapping[str, str] = field(default_factory=dict)
    durable: bool = True
    child: Child | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.store = self.home / "jetstream"
        self._lock = FolderLock(self.run / "nats.lock", f"The NATS store {self.store}")

    @property
    def url(self) -> str:
        """Address for clients."""
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Write the configuration and start; return when clients are greeted."""
        self._lock.take()
        if record := Record.read(self.run / "nats.json"):
            end(record)
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        written = self.home / "nats.conf"
        # NATS reads JSON as its own format, so nothing has to be quoted by hand.
        written.write_text(json.dumps(configuration(self.store, self.port, self.keys, durable=self.durable), indent=1))
        self.child = Child("nats", [str(nats_program()), "-c", str(written)], log=self.log, run=self.run, grace=15)
        self.child.start()
        if not wait_until(self._ended_or_greets(self.child), within=60) or self.child.exit_code is not None:
            words = self.child.last_words()
            self.stop()
            raise NotStarted(f"NATS did not start:\n{words}")

    def stop(self) -> None:
        """Orderly stop."""
        if self.child:
            self.child.stop()
            self.child = None
        self._lock.give_back()

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.child:
            self.child.kill()
            self.child = None
        self._lock.give_back()

    def wipe(self) -> None:
        """Lose everything the server ever stored; only while it is stopped."""
        shutil.rmtree(self.store, ignore_errors=True)

    def _ended_or_greets(self, child: Child) -> Callable[[], bool]:
        def done() -> bool:
            if child.exit_code is not None:
                return True
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1) as line:
                line.settimeout(1)
                return line.recv(5) == b"INFO "
            return False

        return done
