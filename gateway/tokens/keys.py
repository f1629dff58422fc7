"""The key ring: previous, current and next Ed25519 key, one file each, shared by all replicas.

Time alone decides which key signs: a key's file name is the moment from which it is used, so
replicas that see the same folder agree without talking, and `O_EXCL` settles who makes the next.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joserfc.jwk import OKPKey

from shared.identity import SKEW_SECONDS, TOKEN_SECONDS

PERIOD = 30 * 86400
# Services refetch the published keys at most every 30 s; the next key is out long before its use.
LEAD = 600
RETIRED_AFTER = TOKEN_SECONDS + SKEW_SECONDS + 600


@dataclass(frozen=True, slots=True)
class Key:
    """One signing key and the moment from which it signs."""

    active_from: int
    private: OKPKey

    @property
    def kid(self) -> str:
        """The id that tokens and the published set name."""
        return str(self.private.thumbprint())

    @property
    def published(self) -> dict[str, Any]:
        """The public half as it stands in the key set."""
        public = self.private.as_dict(private=False)
        return {**public, "kid": self.kid, "use": "sig", "alg": "Ed25519"}


class Ring:
    """The keys of one installation, read from their folder and turned by the clock."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.keys: list[Key] = []
        self._seen: frozenset[str] = frozenset()

    def turn(self, now: float | None = None) -> None:
        """Make what is missing, forget what is over, and write down the published set."""
        moment = int(now if now is not None else time.time())
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._read()
        if not any(key.active_from <= moment for key in self.keys):
            self._make(moment)
        if not any(key.active_from > moment for key in self.keys):
            self._make(max(self.current(moment).active_from + PERIOD, moment + LEAD))
        current = self.current(moment)
        for key in self.keys:
            if key.active_from < current.active_from <= moment - RETIRED_AFTER:
                self._path(key.active_from).unlink(missing_ok=True)
        self._read()
        self._publish()

    def current(self, now: float | None = None) -> Key:
        """The key that signs at this moment."""
        moment = now if now is not None else time.time()
        return max((k for k in self.keys if k.active_from <= moment), key=lambda k: k.active_from)

    @property
    def published(self) -> dict[str, Any]:
        """The key set services verify with: previous, current and next."""
        return {"keys": [key.published for key in self.keys]}

    def _path(self, active_from: int) -> Path:
        return self.folder / f"{active_from}.json"

    def _read(self) -> None:
        names = frozenset(path.name for path in self.folder.glob("[0-9]*.json"))
        if names == self._seen:
            return
        self.keys = sorted(
            (
                Key(int(name.removesuffix(".json")), OKPKey.import_key(json.loads((self.folder / name).read_text())))
                for name in names
            ),
            key=lambda key: key.active_from,
        )
        self._seen = names

    def _make(self, active_from: int) -> None:
        private = OKPKey.generate_key("Ed25519", private=True).as_dict(private=True)
        draft = self.folder / f".{active_from}.{os.getpid()}"
        file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(file, "w") as out:
            json.dump(private, out)
        # Another replica may have been quicker: then its key stands and ours is thrown away.
        with contextlib.suppress(FileExistsError):
            os.link(draft, self._path(active_from))
        draft.unlink()
        self._read()

    def _publish(self) -> None:
        target = self.folder / "jwks.json"
        body = json.dumps(self.published)
        if target.exists() and target.read_text() == body:
            return
        draft = self.folder / f".jwks.{os.getpid()}"
        draft.write_text(body)
        draft.replace(target)
