"""Passwords and keys of one installation: made at the first start, each in a file only its owner can read."""

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nkeys


@dataclass(frozen=True)
class Secrets:
    """A folder with one secret per file."""

    folder: Path
    # Containers read them under user ids of their own; then the folder alone keeps others out.
    mode: int = 0o600

    def password(self, name: str) -> str:
        """Password of a database role or a person; the same at every start."""
        return self.kept(name, lambda: secrets.token_urlsafe(24))

    def demo_password(self) -> str:
        """The one password of all demonstration accounts, short enough to be typed from a terminal."""
        alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
        groups = ("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(3))
        return self.kept("demo", lambda: "-".join(groups))

    def nkey_seed(self, name: str) -> str:
        """Private half of a NATS user's key."""
        return self.kept(f"{name}.nk", lambda: nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER).decode())

    def nkey_public(self, name: str) -> str:
        """Public half, which is all the NATS server is told."""
        return str(nkeys.from_seed(bytearray(self.nkey_seed(name).encode())).public_key.decode())

    def kept(self, name: str, make: Callable[[], str]) -> str:
        """Content of a file, made when there is none."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self.folder / name
        try:
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            os.fchmod(file, self.mode)
        except FileExistsError:
            return path.read_text().strip()
        with os.fdopen(file, "w") as out:
            out.write(f"{make()}\n")
        return path.read_text().strip()
