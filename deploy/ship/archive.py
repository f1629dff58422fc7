"""One archive with every database, all files and the signing keys; the way back; and a drill that proves the way back.

The JetStream store is not kept: the outboxes hold every event and fill an empty store again. Passwords are not kept
either: an installation has its own, and the roles get them at every start.
"""

import hashlib
import json
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from deploy.local.ports import free_port
from deploy.rights import SERVICES
from deploy.ship import proof, running, state
from deploy.ship.engine import Engine
from deploy.ship.place import Place, Refused
from deploy.ship.telling import told

OWN_TAR = ["tar", "--create", "--directory", "/data", "--exclude", "./tmp/*", "."]


def backup(place: Place, target: Path | None) -> int:
    """Write an archive of the running suite; nobody has to stop working."""
    engine = Engine.at(place)
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    target = (target or place.state / "backups" / f"{place.project}-{stamp}.tar").absolute()
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with told(engine, "backup", target):
        _write(engine, target)
    place.say(f"backup in {target} ({target.stat().st_size / 1e6:.1f} MB)")
    return 0


def _write(engine: Engine, target: Path) -> None:
    place = engine.place
    postgres = engine.one("postgres").id
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        folder = Path(scratch)
        with _held(postgres) as snapshots:
            for service, snapshot in snapshots.items():
                place.say(f"saving {service}")
                dump = ["pg_dump", "-U", "postgres", "--format=custom", f"--snapshot={snapshot}", service]
                into(["docker", "exec", postgres, *dump], folder / f"{service}.dump")
                (folder / f"{service}.proof").write_text(proof.of(postgres, service, snapshot))
        # After the databases: files are only ever added, so every row finds its file in here.
        for service in SERVICES:
            into(["docker", "exec", engine.one(service).id, *OWN_TAR], folder / f"{service}.files.tar")
        kept = sorted(path for path in folder.iterdir() if path.is_file())
        manifest = {
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"), "version": place.settings["TAG"],
            "sha256": {path.name: _digest(path) for path in kept},
        }
        (folder / "manifest.json").write_text(json.dumps(manifest, indent=1))
        draft = target.with_name(f".{target.name}")
        draft.touch(mode=0o600)
        with tarfile.open(draft, mode="w") as archive:
            for path in sorted(folder.iterdir()):
                archive.add(path, arcname=path.name)
        draft.replace(target)


def restore(place: Place, archive: Path) -> int:
    """Put an archive in the place of what is there; nothing is replaced before all of it has been read and checked."""
    place.begin({})
    engine = Engine.at(place)
    with _opened(archive, place.state) as folder:
        state.prepare(place.state)
        running.build(place)
        _refill(engine, folder)
        forget_the_bus(engine)
    place.say("restored; starting")
    return running.up(place, {})


def drill(place: Place, archive: Path | None) -> int:
    """Restore an archive into a second project beside the running one, compare every table, and remove it again."""
    if archive is None:
        made = sorted((place.state / "backups").glob("*.tar"))
        if not made:
            raise Refused("There is no backup yet; make ship-backup makes one.")
        archive = made[-1]
    engine = Engine.at(place)
    with told(engine, "test", archive):
        _try(place, archive)
    place.say(f"{archive.name} can be restored: every table, every file and both ledgers are as they were")
    return 0


def _try(place: Place, archive: Path) -> None:
    with tempfile.TemporaryDirectory(dir=place.state, prefix="drill.") as scratch:
        other = Place(Path(scratch) / "env", place.say)
        shutil.copyfile(place.env, other.env)
        for name in ("HTTPS_PORT", "HTTP_PORT", "SIP2_PORT"):
            other.set(name, str(free_port()))
        other.set("COMPOSE_PROJECT_NAME", f"{place.project}-drill")
        other.set("STATE", str(Path(scratch) / "state"))
        state.prepare(other.state)
        other.compose("down", "--volumes", "--timeout", "5")
        try:
            with _opened(archive, other.state) as folder:
                engine = Engine.at(other)
                _refill(engine, folder)
                proof.compare(engine.one("postgres").id, folder)
            for service in SERVICES:
                said = other.compose("run", "--rm", "--no-deps", "-T", service, "python", "-m", "shared.sealing", service, captured=True)
                place.say(f"audit chain of {said.strip().splitlines()[-1]}")
            for service in ("office", "reader"):
                said = other.compose("run", "--rm", "--no-deps", "-T", service, "python", "-m", f"services.{service}.ledger_verify", captured=True)
                place.say(f"ledger of {service}: {said.strip().splitlines()[-1]}")
        finally:
            other.compose("down", "--volumes", "--timeout", "5")


def _refill(engine: Engine, folder: Path) -> None:
    """Databases and files from an opened archive, while nothing but PostgreSQL runs."""
    place = engine.place
    quiet(engine)
    place.compose("up", "-d", "--no-build", "--no-deps", "--wait", "postgres")
    place.compose("run", "--rm", "--no-deps", "-T", "databases", captured=True)
    postgres = engine.one("postgres").id
    for service in SERVICES:
        place.say(f"restoring {service}")
        beside = f"{service}_restored"
        sql(postgres, f"drop database if exists {beside} with (force)", f"create database {beside} owner {service}_owner template template0")
        load = ["pg_restore", "-U", "postgres", "--exit-on-error", "--single-transaction", "--dbname", beside]
        outof(["docker", "exec", "-i", postgres, *load], folder / f"{service}.dump")
    for service in SERVICES:
        sql(postgres, f"drop database {service} with (force)", f"alter database {service}_restored rename to {service}")
    place.compose("run", "--rm", "--no-deps", "-T", "databases", captured=True)  # who may enter stands on the database itself
    for service in SERVICES:
        # In the service's own image, so that everything belongs to the user the service runs as.
        empty_and_fill = "find /data -mindepth 1 -delete && exec tar --extract --directory /data"
        unpack = place.command("run", "--rm", "--no-deps", "-T", service, "sh", "-c", empty_and_fill)
        outof(unpack, folder / f"{service}.files.tar", place)


def quiet(engine: Engine) -> None:
    """Stop whatever works with the databases."""
    if busy := [name for name in (*SERVICES, "selfcheck", "caddy") if engine.containers(name)]:
        engine.place.compose("stop", *busy)


def forget_the_bus(engine: Engine) -> None:
    """Empty NATS: its messages may be younger than the databases, and the outboxes fill it again."""
    for volume in engine.client.volumes.list(filters={"label": f"com.docker.compose.project={engine.place.project}"}):
        if volume.attrs["Labels"].get("com.docker.compose.volume") in state.NODES:
            # Whatever holds on to it: the node itself, and what once prepared its folder.
            for one in engine.client.containers.list(all=True, filters={"volume": volume.name}):
                one.remove(force=True)
            volume.remove()


@contextmanager
def _held(postgres: str) -> Iterator[dict[str, str]]:
    """A snapshot of each database, all of one moment, for as long as the block lasts."""
    keeper = subprocess.Popen(
        ["docker", "exec", "-i", postgres, "/provide/hold.sh"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert keeper.stdin
    assert keeper.stdout
    assert keeper.stderr
    try:
        found: dict[str, str] = {}
        for line in keeper.stdout:
            if line.strip() == "held":
                break
            service, _, snapshot = line.strip().partition(" ")
            found[service] = snapshot
        if set(found) != set(SERVICES):
            raise Refused(f"the databases could not be caught at one moment: {keeper.stderr.read().strip()}")
        yield found
    finally:
        keeper.stdin.close()
        keeper.wait(30)
        keeper.stdout.close()
        keeper.stderr.close()


@contextmanager
def _opened(archive: Path, near: Path) -> Iterator[Path]:
    """The archive's parts in a folder, every one compared with the archive's own list."""
    near.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=near) as scratch:
        folder = Path(scratch)
        try:
            with tarfile.open(archive) as packed:
                for member in packed:
                    source = packed.extractfile(member) if member.isfile() and "/" not in member.name else None
                    if source:
                        with (folder / member.name).open("wb") as out:
                            shutil.copyfileobj(source, out)
            sums = json.loads((folder / "manifest.json").read_text())["sha256"]
        except (OSError, ValueError, KeyError, tarfile.TarError) as reason:
            raise Refused(f"{archive} is not an archive of make ship-backup: {reason}") from None
        wanted = {f"{service}{ending}" for service in SERVICES for ending in (".dump", ".proof", ".files.tar")}
        for name in sorted(wanted | set(sums)):
            if not (folder / name).is_file() or _digest(folder / name) != sums.get(name):
                raise Refused(f"The archive is damaged: {name} is not what was saved.")
        yield folder


def sql(postgres: str, *statements: str) -> None:
    """Statements as the administrator, each a transaction of its own."""
    words = [part for statement in statements for part in ("-c", statement)]
    run(["docker", "exec", postgres, "psql", "--no-psqlrc", "-q", "-U", "postgres", "-v", "ON_ERROR_STOP=1", *words])


def into(command: Sequence[str], target: Path) -> None:
    """What a command says, into a file."""
    with target.open("wb") as out:
        run(command, stdout=out)


def outof(command: Sequence[str], source: Path, place: Place | None = None) -> None:
    """A file, into a command."""
    with source.open("rb") as data:
        run(command, stdin=data, env=place.environment() if place else None)


def run(command: Sequence[str], *, stdin: IO[bytes] | None = None, stdout: IO[bytes] | None = None, env: dict[str, str] | None = None) -> None:
    """Run it, or refuse with its own words."""
    done = subprocess.run(command, stdin=stdin or subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, env=env, check=False)
    if done.returncode:
        raise Refused(f"{command[0]} {command[1]} … {command[-1]} failed: {done.stderr.decode(errors='replace').strip()[-2000:]}")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
