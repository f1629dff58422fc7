"""Ports that stay the same from one start to the next, so that bookmarks, logs and open psql sessions stay true."""

import contextlib
import json
import random
import socket
from pathlib import Path
from threading import Lock

# Below the range systems hand out for outgoing connections, so that none of those can sit on a port
# between the stop of a server and its next start.
FIRST, LAST = 18_000, 32_000
_handed_out: set[int] = set()
_one_at_a_time = Lock()


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Say whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):
            probe.bind((host, port))
            return True
    return False


def answers(host: str, port: int) -> bool:
    """Say whether a server listens there."""
    with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=3):
        return True
    return False


def free_port() -> int:
    """Pick a free port that this process has not handed out yet."""
    with _one_at_a_time:
        while True:
            port = random.randint(FIRST, LAST)
            if port not in _handed_out and is_free(port):
                _handed_out.add(port)
                return port


class Ports:
    """Ports of one installation, kept in a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.known: dict[str, int] = json.loads(path.read_text())
        except (OSError, ValueError):
            self.known = {}

    def of(self, name: str) -> int:
        """Port kept for this part; another one when a stranger took it meanwhile."""
        if name not in self.known or not is_free(self.known[name]):
            self.known[name] = free_port()
            self.path.write_text(json.dumps(self.known, indent=1) + "\n")
        return self.known[name]
