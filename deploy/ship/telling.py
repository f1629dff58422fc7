"""Backups and drills are written into the register of the department that keeps the systems (tech/backups), if it runs: they are good without it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from docker.errors import DockerException

from deploy.ship.engine import Engine
from deploy.ship.place import Refused

PROGRAM = ("python", "-m", "services.tech.systems.backups.told")


@contextmanager
def told(engine: Engine, kind: str, archive: Path) -> Iterator[None]:
    """What happens inside, with its time and the size of the archive; a failure is told, and goes on."""
    began = time.monotonic()
    try:
        yield
    except Exception as reason:
        _tell(engine, kind, archive, began, failed=(str(reason).splitlines() or [type(reason).__name__])[0][:300])
        raise
    _tell(engine, kind, archive, began)


def _tell(engine: Engine, kind: str, archive: Path, began: float, failed: str = "") -> None:
    about = ["--kind", kind, "--seconds", str(round(time.monotonic() - began)), "--archive", archive.name]
    about += ["--bytes", str(archive.stat().st_size)] if archive.exists() else []
    about += ["--failed", failed] if failed else []
    try:
        code, said = engine.one("tech").exec_run([*PROGRAM, *about])
    except (Refused, DockerException) as reason:
        code, said = 1, str(reason).encode()
    line = (said.decode(errors="replace").strip().splitlines() or [""])[-1]
    engine.place.say(f"written into the register as {line}" if code == 0 else f"not written into the register of tech: {line}")
