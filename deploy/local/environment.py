"""Make `.venv` from the hashed lock; runs on a bare Python, so it may import nothing but the standard library."""

import fcntl
import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
OLDEST = (3, 11)


def main() -> None:
    """Install every lock named on the command line that changed since it was last installed."""
    if sys.version_info < OLDEST:
        sys.exit(f"Guanwu needs Python 3.11 or newer; this is {sys.version.split()[0]}. Try make PYTHON=python3.11 …")
    locks = [ROOT / name for name in sys.argv[1:]]
    if all(_stamp(lock).exists() and _stamp(lock).read_text() == _digest(lock) for lock in locks):
        return
    turn = os.open(ROOT, os.O_RDONLY)  # two makes in one checkout: one installs, the other finds it done
    fcntl.flock(turn, fcntl.LOCK_EX)
    for lock in locks:
        if not _stamp(lock).exists() or _stamp(lock).read_text() != _digest(lock):
            _install(lock)
    os.close(turn)


def _install(lock: Path) -> None:
    if not (VENV / "bin/python").exists():
        print("making .venv", flush=True)
        try:
            venv.create(VENV, with_pip=True)
        except subprocess.CalledProcessError:
            sys.exit("This Python comes without pip. On Debian and Ubuntu: apt-get install python3-venv")
    print(f"installing {lock.name} (once; a minute or two)", flush=True)
    pip = [str(VENV / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run([*pip, "--require-hashes", "-r", str(lock)], stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        sys.exit(f"{lock.name} could not be installed; see above.")
    _stamp(lock).write_text(_digest(lock))


def _stamp(lock: Path) -> Path:
    return VENV / f".{lock.stem}.installed"


def _digest(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
