"""One archive with every department's database and files, and the way back from it.

The departments exchange events, so their databases must be caught at one moment: a reader that remembers an event
its producer has forgotten would later take a new event for an old one. While all inbox cursors are locked, for
milliseconds, nobody can remember anything new; the snapshots taken then fit together. The JetStream store is not
kept: the outboxes hold every event and fill an empty store again.
"""

import hashlib
import json
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from deploy.local.databases import Roles, at, close_to_others, provide
from deploy.local.locks import FolderLock
from deploy.local.place import postgres_programs
from deploy.local.ports import Ports
from deploy.local.postgres import Postgres
from deploy.local.processes import NotStarted, Record, clean_environment, end_all
from deploy.local.secrets import Secrets
from deploy.rights import SERVICES

Say = Callable[[str], None]


def write(var: Path, target: Path | None, say: Say) -> Path:
    """Write an archive, from a running suite or a stopped one."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    target = (target or var / "backups" / f"guanwu-{stamp}.tar").absolute()
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with running_server(var, say) as admin, tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        folder = Path(scratch)
        _dump(admin, folder, say)
        # After the databases: files are only ever added, so every row finds its file in here.
        if (var / "files").exists():
            shutil.copytree(var / "files", folder / "files")
        kept = sorted(path for path in folder.rglob("*") if path.is_file())
        sums = {str(path.relative_to(folder)): _digest(path) for path in kept}
        manifest = {"made_at": datetime.now(UTC).isoformat(timespec="seconds"), "sha256": sums}
        (folder / "manifest.json").write_text(json.dumps(manifest, indent=1))
        draft = target.with_name(f".{target.name}")
        draft.touch(mode=0o600)
        with tarfile.open(draft, mode="w") as archive:
            for path in sorted(folder.iterdir()):
                archive.add(path, arcname=path.name)
        draft.replace(target)
    return target


def restore(var: Path, archive: Path, say: Say) -> None:
    """Put an archive in the place of what is there; nothing is replaced before all of it has been read."""
    lock = FolderLock(var / "suite.lock", f"Stop the suite first (make stop): {var}")
    lock.take()
    try:
        end_all(var / "run")
        with tempfile.TemporaryDirectory(dir=var) as scratch, running_server(var, say) as admin:
            folder = Path(scratch)
            _unpack(archive, folder)
            _check(folder)
            secrets = Secrets(var / "secrets")
            for service in SERVICES:
                say(f"restoring {service}")
                provide(admin, service, Roles(*(secrets.password(f"{service}_{role}") for role in ("owner", "app"))))
                _load(admin, service, folder / f"{service}.dump")
            with psycopg.connect(admin, autocommit=True) as link:
                for service in SERVICES:
                    now, then = sql.Identifier(service), sql.Identifier(f"{service}_restored")
                    link.execute(sql.SQL("drop database {} with (force)").format(now))
                    link.execute(sql.SQL("alter database {} rename to {}").format(then, now))
            shutil.rmtree(var / "files", ignore_errors=True)
            if (folder / "files").exists():
                (folder / "files").rename(var / "files")
        # Its messages may be younger than the databases; the outboxes fill it again.
        shutil.rmtree(var / "nats/jetstream", ignore_errors=True)
    finally:
        lock.give_back()


@contextmanager
def running_server(var: Path, say: Say) -> Iterator[str]:
    """Address of the running PostgreSQL, or of one started for the moment."""
    password = Secrets(var / "secrets").password("postgres")
    port = Ports(var / "ports.json")
    record = Record.read(var / "run/postgres.json")
    if record and record.alive:
        yield f"postgresql://postgres:{password}@127.0.0.1:{port.known['postgres']}/postgres"
        return
    if not (var / "postgres").exists() and not (var / "postgres.elsewhere").exists():
        raise NotStarted(f"There is no database in {var} yet; make run makes one.")
    server = Postgres(var / "postgres", port.of("postgres"), password, var / "run", var / "log/postgres.log", say=say)
    server.start()
    try:
        yield server.url()
    finally:
        server.stop()


def _dump(admin: str, folder: Path, say: Say) -> None:
    with ExitStack() as open_links:
        links = {
            service: open_links.enter_context(psycopg.connect(at(admin, service))) for service in SERVICES
        }
        with ExitStack() as locks:
            for service in SERVICES:
                lock = locks.enter_context(psycopg.connect(at(admin, service)))
                if lock.execute("select to_regclass('inbox_cursor')").fetchone() != (None,):
                    lock.execute("lock table inbox_cursor in exclusive mode")
            snapshots = {}
            for service, link in links.items():
                link.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
                row = link.execute("select pg_export_snapshot()").fetchone()
                snapshots[service] = row[0] if row else ""
        for service, snapshot in snapshots.items():
            say(f"saving {service}")
            _client("pg_dump", at(admin, service), "-Fc", f"--snapshot={snapshot}", "-f", str(folder / f"{service}.dump"))


def _load(admin: str, service: str, dump: Path) -> None:
    """Read a dump into a database beside the present one."""
    beside, owner = sql.Identifier(f"{service}_restored"), sql.Identifier(f"{service}_owner")
    with psycopg.connect(admin, autocommit=True) as link:
        link.execute(sql.SQL("drop database if exists {} with (force)").format(beside))
        link.execute(sql.SQL("create database {} owner {} template template0").format(beside, owner))
    close_to_others(admin, f"{service}_restored", service)
    _client("pg_restore", at(admin, f"{service}_restored"), "--exit-on-error", "--single-transaction", str(dump))


def _client(name: str, url: str, *arguments: str) -> None:
    """Run a client program of the wheel; the password goes in by the environment, where others cannot list it."""
    parts = conninfo_to_dict(url)
    password = str(parts.pop("password"))
    target = " ".join(f"{key}={value}" for key, value in parts.items())
    command = [str(postgres_programs(None) / name), "-d", target, *arguments]
    done = subprocess.run(
        command, env=clean_environment() | {"PGPASSWORD": password}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise NotStarted(f"{name} failed: {done.stderr.strip()}")


def _unpack(archive: Path, folder: Path) -> None:
    """Take out plain files only, and none that points outside: early 3.11 has no extraction filter."""
    try:
        with tarfile.open(archive) as packed:
            for member in packed:
                target = (folder / member.name).resolve()
                if not member.isfile() or not target.is_relative_to(folder.resolve()):
                    continue
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("wb") as out:
                    shutil.copyfileobj(packed.extractfile(member) or BytesIO(), out)
    except (OSError, tarfile.TarError) as reason:
        raise NotStarted(f"{archive} cannot be read: {reason}") from None


def _check(folder: Path) -> None:
    """Compare every member with the archive's own list before anything is replaced."""
    try:
        sums = json.loads((folder / "manifest.json").read_text())["sha256"]
    except (OSError, ValueError, KeyError):
        raise NotStarted("This is not an archive of make backup.") from None
    for name, digest in sums.items():
        if not (folder / name).is_file() or _digest(folder / name) != digest:
            raise NotStarted(f"The archive is damaged: {name} is not what was saved.")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
