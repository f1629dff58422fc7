"""Whether a restored database is the one that was saved: rows and contents of every table, compared line by line."""

import subprocess
from pathlib import Path

from deploy.rights import SERVICES
from deploy.ship.place import Refused


def of(postgres: str, service: str, snapshot: str = "") -> str:
    """One line per table: name, rows, sum over the contents."""
    at = ["--set", f"snapshot={snapshot}"] if snapshot else []
    command = [
        "docker", "exec", postgres, "psql", "--no-psqlrc", "-qAt", "-U", "postgres", "-d", service,
        "--set", "ON_ERROR_STOP=1", *at, "--file", "/provide/proof.sql",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise Refused(f"{service} could not be counted: {done.stderr.strip()}")
    return done.stdout


def compare(postgres: str, folder: Path) -> None:
    """Refuse unless every table of every department holds what the archive says."""
    wrong: list[str] = []
    for service in SERVICES:
        then, now = (folder / f"{service}.proof").read_text().splitlines(), of(postgres, service).splitlines()
        if not then:
            wrong.append(f"{service}: the archive proves nothing")
        wrong += [f"{service}: was {line}" for line in then if line not in now]
        wrong += [f"{service}: is {line}" for line in now if line not in then]
    if wrong:
        raise Refused("\n".join(["what was restored is not what was saved:", *wrong]))
