"""One owner per data folder, held by the kernel: a lock of a killed process is gone with it and never goes stale."""

import fcntl
import os
from pathlib import Path

from deploy.local.processes import NotStarted


class FolderLock:
    """An exclusive lock beside a folder, with the owner's number in it for the message."""

    def __init__(self, path: Path, what: str) -> None:
        self.path, self.what = path, what
        self._file: int | None = None

    def take(self) -> None:
        """Take it or say who has it; taking it twice is the same as once."""
        if self._file is not None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            owner = os.read(file, 32).decode().strip() or "unknown"
            os.close(file)
            raise NotStarted(f"{self.what} is in use by process {owner}; make stop stops it.") from None
        os.ftruncate(file, 0)
        os.write(file, f"{os.getpid()}\n".encode())
        self._file = file

    def give_back(self) -> None:
        """Let the next one in."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
